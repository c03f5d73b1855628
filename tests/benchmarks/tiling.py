"""How long tiles take beside plain passes of the same tile, and how much memory an image takes.

``python tests/benchmarks/tiling.py`` prints two tables, in some minutes; with sizes behind it, such
as ``python tests/benchmarks/tiling.py 1024 2048``, only these images are predicted. Machines are
noisy: compare the ratios, not the times. The network is the paper's with 16 base filters.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median

ROUNDS = 9
SIDE = 384 + 388
"""Height and width of the image that is timed: two tiles a side."""

SIZES = (1024, 2048, 4096)
STARTUP = 12
"""Seconds until a process has imported everything, built the network and used it once."""

MODEL = "uv.build(uv.PAPER.replace(base_filters=16))"
MEMORY = f"""
import json, resource, sys
import numpy as np
import unetviz as uv

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

side = int(sys.argv[1])
model = {MODEL}
model.predict_on_batch(np.zeros((1, 572, 572, 1), np.float32))
before = peak()
image = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
found = uv.predict_tiled(model, image, progress=False)
print(json.dumps([len(found.plan), peak() - before, image.nbytes, found.probabilities.nbytes]))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    help_ = "height and width of the images, in pixels"
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help=help_)
    sizes = parser.parse_args().sizes
    tiled, plain = interleaved_passes()
    print_times(tiled, plain)
    print_duration(sizes, median(tiled))
    print_memory(sizes)


def interleaved_passes() -> tuple[list[float], list[float]]:
    """Seconds a tile of each prediction in tiles, and of as many plain passes of one tile."""
    import numpy as np

    import unetviz as uv

    model = uv.build(uv.PAPER.replace(base_filters=16))
    image = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    batch = (image[np.newaxis, :572, :572, np.newaxis] / 255).astype("float32")
    count = len(uv.labs.plan_tiles(SIDE, uv.PAPER))

    def tiles() -> None:
        uv.predict_tiled(model, image, progress=False)

    def passes() -> None:
        for _ in range(count):
            model.predict_on_batch(batch)

    times = {tiles: [], passes: []}
    tiles()
    passes()
    for _ in range(ROUNDS):
        for call, found in times.items():
            start = time.perf_counter()
            call()
            found.append((time.perf_counter() - start) / count)
    return times[tiles], times[passes]


def memory(side: int) -> tuple[int, int, int, int]:
    """Tiles of an image, bytes that the process has grown by at its peak, bytes of its arrays."""
    command = [sys.executable, "-c", MEMORY, str(side)]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return json.loads(printed.splitlines()[-1])


def print_times(tiled: list[float], plain: list[float]) -> None:
    """Print the time of a tile beside that of a plain pass."""
    ratios = [a / b for a, b in zip(tiled, plain, strict=True)]
    rows = [
        ("a tile of predict_tiled, median", f"{median(tiled) * 1e3:.0f} ms"),
        ("the same tile by predict_on_batch, median", f"{median(plain) * 1e3:.0f} ms"),
        ("ratio of the medians", f"{median(tiled) / median(plain):.2f}"),
        ("ratios of the rounds, lowest to highest", f"{min(ratios):.2f} to {max(ratios):.2f}"),
    ]
    for name, value in rows:
        print(f"{name:45} {value:>12}")


def print_duration(sizes: list[int], tile: float) -> None:
    """Say how long the rest will take."""
    import unetviz as uv

    tiles = sum(len(uv.labs.plan_tiles(side, uv.PAPER)) for side in sizes)
    minutes = (tiles * tile + len(sizes) * STARTUP) / 60
    print(f"\nmemory: {tiles} tiles, about {minutes:.1f} minutes", flush=True)


def print_memory(sizes: list[int]) -> None:
    """Print what each image takes beside the bytes of its own input and output.

    A ratio under 1 means that the arrays found room that the first pass had left.
    """
    print(f"{'pixels':>13}{'tiles':>7}{'growth':>12}{'input':>10}{'output':>10}{'ratio':>8}")
    for side in sizes:
        tiles, growth, *own = memory(side)
        numbers = [f"{number / 1e6:.1f} MB" for number in (growth, *own)]
        row = [f"{side} x {side}", tiles, *numbers, growth / sum(own)]
        print("{:>13}{:>7}{:>12}{:>10}{:>10}{:8.2f}".format(*row), flush=True)


if __name__ == "__main__":
    main()
