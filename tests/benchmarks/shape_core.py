"""How fast the trace is, as ratios against Keras doing the same in the same run.

``python tests/benchmarks/shape_core.py`` prints a table. Machines are noisy: compare the ratios,
not the times.
"""

import json
import os
import subprocess
import sys
import time
from statistics import median

RUNS = 15
BARE = "pass"
TRACE = "import unetviz as uv; uv.trace(uv.PAPER)"
HEAVY = ("numpy", "keras", "tensorflow", "matplotlib", "plotly", "ipywidgets", "anywidget")


def main() -> None:
    """Measure and print."""
    bare, traced = interleaved_processes()
    one_trace, one_build = interleaved_calls()
    loaded = loaded_modules()
    rows = [
        ("bare interpreter", f"{bare * 1e3:.1f} ms", ""),
        ("import unetviz and trace(PAPER), beyond it", f"{(traced - bare) * 1e3:.1f} ms", "50 ms"),
        ("trace(PAPER) alone", f"{one_trace * 1e3:.3f} ms", "1 ms"),
        ("build(PAPER): the same network in Keras", f"{one_build * 1e3:.0f} ms", ""),
        ("build / trace", f"{one_build / one_trace:,.0f} times", ""),
        ("build / (import + trace)", f"{one_build / (traced - bare):,.0f} times", ""),
        ("heavy packages loaded by the import", ", ".join(loaded) or "none", "none"),
    ]
    for name, value, target in rows:
        print(f"{name:45} {value:>12}   {'target under ' * (target[:1].isdigit())}{target}")


def interleaved_processes() -> tuple[float, float]:
    """Median seconds of a bare interpreter and of one that imports and traces."""
    times = {BARE: [], TRACE: []}
    # As in any installation, modules are compiled once and not at every start.
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", TRACE], check=True, env=compiled)
    for _ in range(RUNS):
        for code, found in times.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=compiled)
            found.append(time.perf_counter() - start)
    return median(times[BARE]), median(times[TRACE])


def interleaved_calls() -> tuple[float, float]:
    """Median seconds of one trace and of building the same model in Keras."""
    import unetviz as uv

    calls = {uv.trace: [], uv.build: []}
    uv.build(uv.PAPER)
    for _ in range(RUNS):
        for call, found in calls.items():
            start = time.perf_counter()
            call(uv.PAPER)
            found.append(time.perf_counter() - start)
    return median(calls[uv.trace]), median(calls[uv.build])


def loaded_modules() -> list[str]:
    """Heavy packages that an import and a trace load."""
    code = f"import json, sys; {TRACE}; print(json.dumps(list(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return [name for name in HEAVY if name in json.loads(result.stdout)]


if __name__ == "__main__":
    main()
