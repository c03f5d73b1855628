"""Build the notebooks from their sources, and the lists of lessons from ``src/lessons.toml``.

``python notebooks/src/build.py`` runs every source in ``src`` and writes the notebook beside it, with
static outputs only. Names of lessons build those alone; ``--lists`` writes the lists, the table of
what is taught where, and the images, and nothing else.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
SOURCES = HERE / "src"
IMAGES = HERE / "images"
LARGEST = 500_000
PNG = "image/png"
STATIC = (PNG, "text/markdown", "text/plain")
"""Kinds of output that are kept: what any viewer shows without a kernel."""

WIDGET = "application/vnd.jupyter.widget-view+json"

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

_IMAGE = "image-"
"""What a tag of a cell begins with whose image the README shows."""

_BEGIN, _END = "<!-- lessons:begin -->", "<!-- lessons:end -->"


def lessons() -> list[dict[str, Any]]:
    """Return the list of lessons; ``ready`` says whether there is a source for it."""
    found = tomllib.loads((SOURCES / "lessons.toml").read_text(encoding="utf-8"))["lesson"]
    return [lesson | {"ready": source_of(lesson["name"]).exists()} for lesson in found]


def source_of(name: str) -> Path:
    """Return the path of a lesson's source."""
    return SOURCES / f"{name}.py"


def repository() -> str:
    """Return ``OWNER/unetviz`` from the one address in ``pyproject.toml``."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def binder_link(name: str) -> str:
    """Return the address that opens one lesson on Binder."""
    return f"https://mybinder.org/v2/gh/{repository()}/HEAD?urlpath=lab/tree/notebooks/{name}.ipynb"


def lesson_table(folder: str) -> str:
    """Return the lessons as a markdown table; `folder` leads from the page to the notebooks."""
    lines = ["| lesson | teaches | document | time | needs | Binder |", "|---|---|---|---|---|---|"]
    for lesson in lessons():
        name = lesson["name"]
        title, link = f"`{name}`", "to&nbsp;come"
        if lesson["ready"]:
            # No badge: an image from the net would be a broken one in a room without it.
            title, link = f"[`{name}`]({folder}{name}.ipynb)", f"[open]({binder_link(name)})"
        needs = "TensorFlow" if lesson["tensorflow"] else "-"
        time = f"{lesson['minutes']}&nbsp;min"
        cells = (title, lesson["teaches"], lesson["sections"], time, needs, link)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_lessons(text: str, folder: str, prefix: str = "") -> str:
    """Return `text` with the table between its two marks written anew.

    Parameters
    ----------
    text : str
        A page, or a notebook source, that holds the two marks.
    folder : str
        What leads from the page to the notebooks.
    prefix : str
        What every line of the table begins with, ``"# "`` in a source.
    """
    table = "\n".join(prefix + line for line in lesson_table(folder).splitlines())
    inside = f"{_BEGIN}\n{table}\n{prefix}{_END}"
    return re.sub(f"{_BEGIN}.*?{_END}", lambda _: inside, text, flags=re.DOTALL)


LISTS = (
    (HERE.parent / "README.md", "notebooks/", ""),
    (SOURCES / "00_start_here.py", "", "# "),
)
"""Pages that hold the table of lessons, with the arguments of `with_lessons`."""


def write_lists() -> None:
    """Write the table of lessons into every page that has it."""
    for path, folder, prefix in LISTS:
        path.write_text(with_lessons(path.read_text("utf-8"), folder, prefix), "utf-8")


def write_coverage() -> None:
    """Write the table of the document's statements and the cells that teach them."""
    import statements  # the module beside this one; found when this one is run as a script

    notebooks = {lesson["name"]: convert(lesson["name"]) for lesson in lessons() if lesson["ready"]}
    statements.PAGE.write_text(statements.page(notebooks), "utf-8")


def write_images() -> None:
    """Write the images that the README shows: the U, and some of those in the lessons."""
    import unetviz as uv

    IMAGES.mkdir(exist_ok=True)
    uv.draw_unet(uv.PAPER).save(IMAGES / "unet_572.svg")
    for name, content in tagged_images().items():
        (IMAGES / f"{name}.png").write_bytes(content)


def tagged_images() -> dict[str, bytes]:
    """Return the images of the built notebooks' cells with a tag such as ``image-tiles``."""
    found = {}
    for lesson in lessons():
        path = HERE / f"{lesson['name']}.ipynb"
        for cell in json.loads(path.read_text("utf-8"))["cells"] if path.exists() else []:
            tags = [tag for tag in cell["metadata"].get("tags", ()) if tag.startswith(_IMAGE)]
            images = [o["data"][PNG] for o in cell.get("outputs", ()) if PNG in o.get("data", {})]
            for tag in tags:
                found[tag.removeprefix(_IMAGE)] = base64.b64decode(images[0])
    return found


def convert(name: str) -> Any:
    """Return the notebook that a source stands for, without outputs."""
    import jupytext

    notebook = jupytext.read(source_of(name), fmt="py:percent")
    notebook.metadata = METADATA
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{name[:2]}-{number:03d}"
        if cell.source.startswith("# Question"):
            # Its code tells the answer; a click on the three dots shows it.
            cell.metadata["jupyter"] = {"source_hidden": True}
    return notebook


def run(notebook: Any) -> None:
    """Run a notebook from top to bottom and keep its static outputs."""
    from nbclient import NotebookClient

    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(HERE)}}).execute()
    notebook.metadata = METADATA  # a run adds the state of widgets and the version of Python
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            kept = [output for output in cell.outputs if is_kept(output)]
            cell.outputs = [part for output in kept for part in make_static(output)]


def is_kept(output: dict[str, Any]) -> bool:
    """Whether an output shows anything without a kernel; what goes to standard error does not."""
    if output["output_type"] == "stream":
        return output["name"] == "stdout"
    kinds = set(output["data"])
    if WIDGET in kinds and kinds <= {WIDGET, "text/plain"}:
        return False  # a bar that told how far the work was
    return bool(kinds & set(STATIC))


def make_static(output: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an output without what needs a kernel or a trusted notebook.

    A viewer shows one kind of each output, so an image with its table becomes two outputs.
    """
    if output["output_type"] == "stream":
        return [output]
    kept = [kind for kind in STATIC if kind in output["data"]]
    # Text is the last resort: an image or a table says the same better.
    if len(kept) > 1 and "text/plain" in kept:
        kept.remove("text/plain")
    parts = []
    for kind in kept:
        part = copy.deepcopy(output)
        part["data"] = {kind: output["data"][kind]}
        part["metadata"] = {k: v for k, v in output["metadata"].items() if k == kind}
        if "execution_count" in part:
            part["execution_count"] = None
        parts.append(part)
    return parts


def build(name: str) -> None:
    """Run one source and write its notebook, if nothing failed and it is small enough."""
    import nbformat

    notebook = convert(name)
    run(notebook)
    text = nbformat.writes(notebook) + "\n"
    if len(text.encode()) > LARGEST:
        raise SystemExit(f"{name} has {len(text.encode()):,} bytes; {LARGEST:,} are allowed")
    (HERE / f"{name}.ipynb").write_text(text, "utf-8")
    print(f"{name}: {len(text) / 1000:.0f} kB")


def main() -> None:
    """Build what the command line names, or everything."""
    names = [lesson["name"] for lesson in lessons() if lesson["ready"]]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="LESSON", help=f"of {', '.join(names)}")
    parser.add_argument("--lists", action="store_true", help="write only the lists and the images")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no source for {', '.join(sorted(unknown))}; there is {', '.join(names)}")
    write_lists()
    write_coverage()
    if not options.lists:
        for name in options.names or names:
            build(name)
    write_images()


if __name__ == "__main__":
    main()
