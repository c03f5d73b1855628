"""What looking at all feature maps costs, on the paper's network at full width.

``python tests/benchmarks/feature_maps.py`` prints two tables, in some minutes. Times are medians of
passes taken in turn in one process; machines are noisy, so compare the ratios. Memory is the peak
of a process of its own.
"""

import resource
import subprocess
import sys
import time
from statistics import median

ROUNDS = 9
WAYS = {
    "plain": "a plain pass",
    "reduced": "all maps, 16 channels each, 64 pixels wide",
    "everything": "all maps, everything kept",
}


def main() -> None:
    """Measure and print; with the name of a way, only its memory in this very process."""
    if len(sys.argv) > 1:
        passes()[sys.argv[1]]()
        unit = 1 if sys.platform == "darwin" else 1024
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
        return
    # First, while this process is small: a child's peak counts what its parent had.
    print_memory()
    print_times()


def passes():
    """Return the ways of running the network by name, each a function that takes nothing."""
    import numpy as np
    import tensorflow as tf

    import unetviz as uv

    model = uv.build(uv.PAPER, seed=0)
    image = np.random.default_rng(0).random((572, 572), np.float32)
    batch = tf.constant(image[np.newaxis, ..., np.newaxis])
    plain = tf.function(lambda images: model(images, training=False))
    convolutions = [step.name for step in uv.trace(uv.PAPER) if step.params]
    return {
        "plain": lambda: plain(batch).numpy(),
        "reduced": lambda: uv.feature_maps(model, image, convolutions, channels=16, size=64),
        "everything": lambda: uv.feature_maps(model, image),
    }


def print_times() -> None:
    """Print how long the reduced maps take beside a plain pass, both in turn."""
    ways = passes()
    seconds = {name: [] for name in ("plain", "reduced")}
    for name in seconds:
        ways[name]()
    for _ in range(ROUNDS):
        for name, taken in seconds.items():
            start = time.perf_counter()
            ways[name]()
            taken.append(time.perf_counter() - start)
    medians = {name: median(taken) for name, taken in seconds.items()}
    print(f"seconds a pass, median of {ROUNDS} taken in turn")
    for name, taken in medians.items():
        print(f"  {WAYS[name]}: {taken:.2f}, {taken / medians['plain']:.2f} times a plain pass")


def print_memory() -> None:
    """Print the peak memory of each way, each in a process of its own."""
    print("peak memory of a process")
    for name, words in WAYS.items():
        command = [sys.executable, __file__, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"  {words}: {int(done.stdout) / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
