"""How fast the explorer answers in JupyterLab, beside plotly and matplotlib doing less.

``python tests/benchmarks/explorer_change.py`` prints two tables. Machines are noisy: compare the
ratios, not the times. The others draw one bar chart of the output heights, no U, no table.
"""

import contextlib
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.browser.lab import NARROW, Opened, browser_flags, browser_path, running_lab

NAME = "change"
FIRST_DRAWINGS = 3
STEPS = 30
WARM_UPS = 3
ROUNDS = 15
SIZES = ("572", "588")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

EXPLORER = "import unetviz as uv\nuv.UNetExplorer()"
PLOTLY = """import ipywidgets
import plotly.graph_objects as go
def heights(n):
    return {step.name: step.out_shape[0] for step in uv.trace(uv.PAPER.replace(input_size=n))}

def change(change):
    figure.data[0].y = list(heights(change.new).values())

found = heights(572)
figure = go.FigureWidget(go.Bar(x=list(found), y=list(found.values())))
box = ipywidgets.BoundedIntText(572, max=4096, description="Plotly height")
box.observe(change, names="value")
ipywidgets.VBox([box, figure])
"""
MATPLOTLIB = """import matplotlib.pyplot as plt
def draw(n):
    found = heights(n)
    plt.bar(list(found), list(found.values()))
    plt.xticks(rotation=90)
    plt.show()

number = ipywidgets.BoundedIntText(572, max=4096, description="Interactive height")
ipywidgets.interactive(draw, n=number)
"""

BARS = "[...root.querySelectorAll('.bars path')].map((bar) => bar.getAttribute('d')).join()"
IMAGE = "root.querySelector('img')?.src"
# Name of each way to change the height: label of its box, what holds the image, and what in
# there is another as soon as the new image is in place.
WAYS = {
    "explorer": ("Height", ".unetviz-view", "root.querySelector('svg')"),
    "plotly FigureWidget": ("Plotly height", ".js-plotly-plot", BARS),
    "interactive + matplotlib": ("Interactive height", ".widget-interact", IMAGE),
}
# The explorer takes every second turn, so that machine noise hits all alike.
TURNS = ("explorer", "plotly FigureWidget", "explorer", "interactive + matplotlib")

RUN_CELL = """(index) => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  document.dispatchEvent(new Event("change"));
  return window.jupyterapp.commands.execute("notebook:run-cell").then(() => 0);
}"""
STEP = """async (count) => {
  const view = document.querySelector(".unetviz-view");
  view.focus();
  const times = [];
  for (let i = 0; i < count; i++) {
    await new Promise(requestAnimationFrame);
    const press = new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true });
    const start = performance.now();
    view.dispatchEvent(press);
    times.push(performance.now() - start);
  }
  return times;
}"""
# The clock starts at the next change of a box and stops once LOOK is another.
WATCH = """(selector) => {
  const root = document.querySelector(selector);
  const look = () => LOOK;
  const before = look();
  let start = null;
  window.spent = null;
  const once = { capture: true, once: true };
  document.addEventListener("change", () => { start = performance.now(); }, once);
  const observer = new MutationObserver(() => {
    const end = performance.now();
    const now = look();
    if (start === null || !now || now === before) return;
    observer.disconnect();
    window.spent = end - start;
  });
  observer.observe(root, { childList: true, subtree: true, attributes: true });
}"""
# The kernel answers in order, so its answer comes after everything it was asked before.
SETTLE = """async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  await kernel.info;
  for (let i = 0; i < 2; i++) {
    await kernel.requestKernelInfo();
    await new Promise(requestAnimationFrame);
  }
}"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home, notebook(Path(home)) as (lab, browser):
        firsts = [first_drawing(lab, browser) for _ in range(FIRST_DRAWINGS)]
        opened, frames = new_page(lab, browser)
        run_cell(opened.page, 0, ".unetviz-view svg")
        steps = opened.page.evaluate(STEP, STEPS)
        opened.page.evaluate(SETTLE)
        run_cell(opened.page, 1, ".js-plotly-plot .bars path")
        run_cell(opened.page, 2, ".widget-interact img")
        times, sizes = interleaved_changes(opened.page, frames)
    print_answers(firsts, steps, times["explorer"], sizes["explorer"])
    print_comparison(times, sizes)
    for complaint in opened.complaints:
        print(f"went wrong: {complaint}")


@contextlib.contextmanager
def notebook(home: Path):
    """A server with the notebook of this benchmark, and a browser."""
    cells = [nbformat.v4.new_code_cell(code) for code in (EXPLORER, PLOTLY, MATPLOTLIB)]
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    (home / "made").mkdir()
    nbformat.write(made, home / "made" / f"{NAME}.ipynb")
    with running_lab(home, home / "made") as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=browser_flags(), headless=True
        )
        yield lab, browser
        browser.close()


def new_page(lab, browser) -> tuple[Opened, list[int]]:
    """The notebook in a page of its own, not yet run, and the bytes of its frames."""
    opened = Opened(lab, browser.new_context(viewport=NARROW).new_page(), NAME)
    opened.watch()
    frames = count_frames(opened.page)
    opened.open()
    opened.page.evaluate(SETTLE)
    return opened, frames


def first_drawing(lab, browser) -> tuple[float, float]:
    """Milliseconds and kB until a fresh kernel shows the explorer."""
    opened, frames = new_page(lab, browser)
    frames.clear()
    took = run_cell(opened.page, 0, ".unetviz-view svg")
    opened.page.evaluate(SETTLE)
    size = sum(frames) / 1e3
    opened.command("kernelmenu:shutdown")
    opened.page.context.close()
    return took, size


def run_cell(page, index: int, awaited: str) -> float:
    """Milliseconds from running a cell until there is what is awaited."""
    page.evaluate(WATCH.replace("LOOK", f"root.querySelector('{awaited}')"), "body")
    page.evaluate(RUN_CELL, index)
    return spent(page)


def spent(page) -> float:
    """Milliseconds that the clock of the page shows once it has stopped."""
    return page.wait_for_function("() => window.spent").json_value()


def count_frames(page) -> list[int]:
    """Bytes of each websocket frame of a page from now on, both ways."""
    sizes = []

    def count(frame: str | bytes) -> None:
        data = frame.encode("utf-8") if isinstance(frame, str) else frame
        # What SETTLE asks, and what it is answered, is no part of what is measured.
        if b"kernel_info_re" not in data:
            sizes.append(len(data))

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.on("websocket", lambda socket: socket.on("framesent", count))
    return sizes


def interleaved_changes(page, frames: list[int]) -> tuple[dict, dict]:
    """Milliseconds and kB of each change, for each way to change the height."""
    times, sizes = {way: [] for way in WAYS}, {way: [] for way in WAYS}
    for way in [*WAYS] * WARM_UPS:
        change(page, way)
    for way in TURNS * ROUNDS:
        frames.clear()
        times[way].append(change(page, way))
        sizes[way].append(sum(frames) / 1e3)
    return times, sizes


def change(page, way: str) -> float:
    """Milliseconds from the change of a box until the new image is in place."""
    label, root, look = WAYS[way]
    box = page.get_by_label(label, exact=True)
    box.fill(SIZES[box.input_value() == SIZES[0]])
    page.evaluate(WATCH.replace("LOOK", look), root)
    box.press("Enter")
    took = spent(page)
    page.evaluate(SETTLE)
    return took


def high(values: list[float]) -> float:
    """Value below which 95 of 100 lie."""
    return quantiles(values, n=20, method="inclusive")[-1]


def print_answers(firsts, steps, times, sizes) -> None:
    """Print what the explorer takes, with its targets."""
    first, shown = zip(*firsts, strict=True)
    rows = [
        ("first drawing in a fresh kernel, slowest", f"{max(first) / 1e3:.2f} s", "2 s"),
        ("both ways until it is shown, median", f"{median(shown):.0f} kB", ""),
        ("script time of a step, median", f"{median(steps):.1f} ms", ""),
        ("script time of a step, slowest", f"{max(steps):.1f} ms", "16 ms"),
        ("change of the height, 95th percentile", f"{high(times):.0f} ms", "100 ms"),
        ("both ways for a change, largest", f"{max(sizes):.1f} kB", "40 kB"),
    ]
    for name, value, target in rows:
        print(f"{name:45} {value:>12}   {'target under ' * bool(target)}{target}".rstrip())


def print_comparison(times: dict, sizes: dict) -> None:
    """Print all ways beside each other; ratios above 1 say how much more than the explorer."""
    print(f"\n{'the same change':26}{'median':>9}{'p95':>9}{'kB':>9}   ratios to the explorer")
    rows = {way: (median(times[way]), high(times[way]), median(sizes[way])) for way in WAYS}
    for way, row in rows.items():
        ratios = "".join(f"{a / b:8.2f}" for a, b in zip(row, rows["explorer"], strict=True))
        print(f"{way:26}{row[0]:6.0f} ms{row[1]:6.0f} ms{row[2]:9.1f}{ratios}")


if __name__ == "__main__":
    main()
