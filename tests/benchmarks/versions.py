"""Measure this version of the package in turn with another one, each in processes of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[2]
TURNS = 3


def compare(script: str, measured, title: str, reference: str) -> None:
    """Measure and print a table; as a child only measure, and print that as JSON.

    A folder on the command line holds another version of the package, such as a checkout of an
    older one. `measured` returns the seconds of each call, by what was called; the medians of all
    others are told in times of that of `reference`.
    """
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measured()))
        return
    folders = {"this version": HERE} | {folder: Path(folder) for folder in sys.argv[1:2]}
    seconds = {name: {} for name in folders}
    for _ in range(TURNS):
        for name, folder in folders.items():
            for what, taken in child(script, folder).items():
                seconds[name].setdefault(what, []).extend(taken)
    medians = {name: {w: median(t) for w, t in whats.items()} for name, whats in seconds.items()}
    print(f"milliseconds {title}, medians of {TURNS} processes")
    for name, found in medians.items():
        print(f"{name} ({reference}: {1e3 * found[reference]:.0f} ms)")
        for what in [what for what in found if what != reference]:
            ratio = f"{found[what] / found[reference]:.2f} times {reference}"
            others = [other[what] for other in medians.values() if other is not found]
            ratio += "".join(f", {found[what] / other:.2f} times the other" for other in others)
            print(f"  {what}: {1e3 * found[what]:.0f} ms, {ratio}")


def child(script: str, folder: Path) -> dict[str, list[float]]:
    """Measure the version of the package in a folder, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, script, "--measure"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def panel_class(name: str):
    """Return a panel of the version that is measured; in version 1.0 it stands at the top."""
    import unetviz as uv

    return getattr(getattr(uv, "widgets", None), name, None) or getattr(uv, name)


def timed(run) -> float:
    """Return how many seconds a function takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
