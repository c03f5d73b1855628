"""What Python sends to the views, as files that the tests of their JavaScript begin with.

``python tests/support/view_states.py`` writes them; a test says when that is due.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anywidget
import numpy as np

import unetviz as uv
from unetviz.geometry.box import Box
from unetviz.widgets.views.file.view import FilePicker

FOLDER = Path(__file__).parents[1] / "js" / "states"
PIXELS = [(0, 0), (195, 195), (195, 196), (0, 387), (100, 37)]
_BASE = set(anywidget.AnyWidget.class_trait_names()) | {"_esm", "_css", "_anywidget_id"}


def states() -> dict[str, Any]:
    """Return the content of each file by its name."""
    paper = uv.UNetExplorer()
    field = uv.widgets.ReceptiveFieldExplorer(np.zeros((572, 572)))
    drawing = {"svg": "<svg></svg>", "names": []}  # what the maps show needs their places only
    sources = {"image": state(field.view), "u": state(field.drawing) | drawing}
    field.direction.value = "targets"
    targets = {"image": state(field.view), "u": state(field.drawing) | drawing}
    transposed = uv.widgets.TransposedExplorer([[1, 2], [3, -1]])
    return {
        "steps": state(paper.steps),
        "steps_lossy": state(uv.UNetExplorer(uv.UNetSpec((573, 572))).steps),
        "steps_failing": state(uv.UNetExplorer(uv.UNetSpec((1364, 659), padding="same")).steps),
        "steps_plain": state(transposed.steps),
        "u": state(paper.view),
        "sources": sources | {"expected": [_sources(*pixel) for pixel in PIXELS]},
        "targets": targets | {"expected": [_targets(*pixel) for pixel in PIXELS]},
        "grids": state(transposed.zeros),
        "grids_editable": state(transposed.stamps),
        "file": state(FilePicker(accept=".png,.tif")),
    }


def state(widget: anywidget.AnyWidget) -> dict[str, Any]:
    """Return the traits of a view as the browser gets them, without what is made of bytes."""
    values = {name: getattr(widget, name) for name in own_traits(widget)}
    return {n: "" if isinstance(v, bytes) or n == "_channel" else v for n, v in values.items()}


def own_traits(widget: anywidget.AnyWidget) -> list[str]:
    """Return the names of the traits that a view adds to those of every widget."""
    return sorted(set(widget.keys) - _BASE)


def _sources(row: int, column: int) -> dict[str, Any]:
    found = uv.receptive_field(uv.trace(uv.PAPER), row, column)
    boxes = {name: _corners(box) for name, box in found.boxes.items()}
    paths = {name: _corners(box) for name, box in found.paths.items()}
    return {"pixel": [row, column], "boxes": boxes, "paths": paths}


def _targets(row: int, column: int) -> dict[str, Any]:
    found = uv.projective_field(uv.trace(uv.PAPER), row, column)
    boxes = {name: _corners(box) for name, box in found.boxes.items()}
    return {"pixel": [row, column], "boxes": boxes}


def _corners(box: Box | None) -> list[int] | None:
    return [box.top, box.left, box.bottom, box.right] if box else None


def text(content: Any) -> str:
    """Write a file: one line for each entry, so that changes can be read."""
    lines = (f"{json.dumps(n)}: {json.dumps(v, ensure_ascii=False)}" for n, v in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in states().items():
        (FOLDER / f"{name}.json").write_text(text(content), "utf-8")
