"""What a click of the microscope costs, on the network `cells` at its own size.

``python tests/benchmarks/microscope.py`` prints a table: for some steps the median time from a
click to all that the panel shows of it, and how many plain passes of the network that is. With a
folder that holds another version of the package, such as a checkout of an older one, that version
is measured in turn with this one, each in processes of its own, and the ratio is printed too.
Machines are noisy, so compare the ratios.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[2]
STEPS = ("enc1_conv2", "enc1_pool", "bottleneck_conv2", "dec1_up", "dec1_concat", "head")
CLICKS = 15
TURNS = 3
PASS = "a plain pass"


def main() -> None:
    """Measure and print; as a child only measure, and print that as JSON."""
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measured()))
        return
    folders = {"this version": HERE} | {folder: Path(folder) for folder in sys.argv[1:2]}
    seconds = {name: {what: [] for what in (*STEPS, PASS)} for name in folders}
    for _ in range(TURNS):
        for name, folder in folders.items():
            for what, taken in child(folder).items():
                seconds[name][what] += taken
    medians = {name: {w: median(t) for w, t in whats.items()} for name, whats in seconds.items()}
    print(f"milliseconds from a click to what is shown, medians of {TURNS * CLICKS}")
    for name, found in medians.items():
        print(f"{name} (a plain pass: {1e3 * found[PASS]:.0f} ms)")
        for step in STEPS:
            ratio = f"{found[step] / found[PASS]:.2f} plain passes"
            others = [other[step] for other in medians.values() if other is not found]
            ratio += "".join(f", {found[step] / other:.2f} times the other" for other in others)
            print(f"  {step}: {1e3 * found[step]:.0f} ms, {ratio}")


def child(folder: Path) -> dict[str, list[float]]:
    """Measure the version of the package in a folder, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, __file__, "--measure"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def measured() -> dict[str, list[float]]:
    """Return the seconds of each click, and of plain passes."""
    import numpy as np
    import tensorflow as tf

    import unetviz as uv

    try:
        panel_of = uv.widgets.Microscope
    except AttributeError:  # version 1.0
        panel_of = uv.Microscope
    model, generator = uv.load_pretrained("cells"), np.random.default_rng(0)
    image = generator.random(model.input_shape[1:3], np.float32)
    panel, found = panel_of(model, image), {}
    for step in STEPS:
        panel.step = step
        height, width = panel.trace[step].out_shape[:2]
        places = generator.integers((height, width), size=(CLICKS + 2, 2)).tolist()
        found[step] = [timed(lambda at=at: setattr(panel, "point", tuple(at))) for at in places][2:]
    batch = tf.constant(image[np.newaxis, ..., np.newaxis])
    plain = tf.function(lambda images: model(images, training=False))
    found[PASS] = [timed(lambda: plain(batch).numpy()) for _ in range(CLICKS + 2)][2:]
    return found


def timed(run) -> float:
    """Return how many seconds a function takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
