"""The grids of the microscope: the numbers that go in, the kernel, the products."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.nets.running.microscope import LayerCalculation

from ...parts.grid_explorer import GridExample
from ...parts.readable import MOST, readable_range
from ...views.grid.view import Grid, Link, weighted_sum
from .words import four, largest_first, origin_of

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Row, column and channel in the piece of each cell of a grid."""


def grids_of(calculation: LayerCalculation, shown: int) -> GridExample:
    """Return the grids, their links, and a sentence for each cell of the last grid, the main one.

    Parameters
    ----------
    calculation : LayerCalculation
        The number.
    shown : int
        Which channel of the piece is shown. Of a piece of a single pixel all channels are, as many
        as can be read.
    """
    if not calculation.patch.size:
        grid = Grid("out", "out: no input reaches it", np.array([[calculation.total]]))
        return GridExample([grid], [], [""], [])
    cells = _cells(calculation, shown)
    shown_as = _products if calculation.rule == "sum" else _taken
    return shown_as(calculation, cells, calculation.patch[cells], calculation.padding[cells[:2]])


def _cells(calculation: LayerCalculation, shown: int) -> Cells:
    """The cells of the piece that are shown."""
    height, width, channels = calculation.patch.shape
    if (height, width) == (1, 1):
        order = np.arange(channels)
        if calculation.rule in ("sum", "function"):  # as in the table below
            order = largest_first(calculation)[:MOST]
        rows, columns, order = np.broadcast_arrays(0, 0, order[:, np.newaxis])
        return rows, columns, order
    sizes, padding = np.abs(calculation.products[..., shown]), calculation.padding
    sides = [
        _readable(sizes.max(axis=across), np.asarray(padding.all(axis=across))) for across in (1, 0)
    ]
    rows, columns = np.meshgrid(*sides, indexing="ij")
    return rows, columns, np.full_like(rows, shown)


def _readable(sizes: np.ndarray, padded: np.ndarray) -> np.ndarray:
    """Indices along one side: all, or those around the largest number that are not padding."""
    if len(sizes) <= MOST:
        return np.arange(len(sizes))
    used = np.flatnonzero(~padded)
    return used[readable_range(int(sizes[used].argmax()), len(used))]


def _title(calculation: LayerCalculation, cells: Cells) -> str:
    shown = {calculation.origins[channel] for channel in cells[2].flat}
    if len(shown) > 1:
        is_sorted = calculation.rule in ("sum", "function")
        return "in, sorted" if is_sorted else "in: one number of each"
    ((_, channel),) = shown
    return "in: channel {channel}".format(channel=channel)


def _said(calculation: LayerCalculation, cells: Cells, place: tuple[int, int], text: str) -> str:
    """A sentence about one number that goes in."""
    cell = tuple(one[place] for one in cells)
    words = "{step}, channel {channel}, row {row}, column {column}: {text}"
    if calculation.padding[cell[:2]]:
        words = "Row {row}, column {column} is outside of {step}: {text}"
    return words.format(text=text, **origin_of(calculation, cell))


def _matrix(name: str, title: str, values: Any, sign: str = "", **settings: Any) -> Grid:
    return Grid(name, title, values, **({"sign": sign, "colours": "diverging"} | settings))


def _products(
    calculation: LayerCalculation, cells: Cells, patch: np.ndarray, outside: np.ndarray
) -> GridExample:
    title = _title(calculation, cells) + (" (dashed: padding)" if outside.any() else "")
    factors, products = calculation.gradient[cells], calculation.products[cells]
    grids = [
        _matrix("in", title, patch, marked=outside),
        _matrix("kernel", "kernel", factors, "x"),
        _matrix("products", "products", products, "="),
    ]
    own = {place: ((place, ""),) for place in np.ndindex(*products.shape)}
    said = [
        _said(calculation, cells, at, weighted_sum([(factors[at], patch[at])], products[at]))
        for at in own
    ]
    links = [Link(name, "products", own) for name in ("in", "kernel")]
    return GridExample(grids, links, said, [], "products")


def _taken(
    calculation: LayerCalculation, cells: Cells, patch: np.ndarray, outside: np.ndarray
) -> GridExample:
    """Numbers of which one is taken, or all are used: they and what comes out."""
    title, taken = _title(calculation, cells), np.zeros(calculation.patch.shape, bool)
    for cell in calculation.winners:
        taken[cell] = True
    is_choice, values = taken.any(), patch
    settings: dict[str, Any] = {"marked": outside}
    if is_choice:
        title, settings = title + " (dashed: taken)", {"marked": taken[cells]}
        if outside.any():  # what takes no part has no number, and so no colour
            values, settings["colours"] = patch.astype(object), ""
            values[outside] = "-"
    elif outside.any():
        title += " (dashed: padding)"
    grids = [_matrix("in", title, values, **settings)]
    if calculation.rule == "function":
        grids.append(_matrix("gradient", "gradient", calculation.gradient[cells]))
    used = [at for at in np.ndindex(*patch.shape) if taken[cells][at] or not is_choice]
    links = [Link(grid.name, "out", {(0, 0): [(at, "") for at in used]}) for grid in grids]
    grids.append(_matrix("out", "out", np.array([[calculation.value]]), "\u2192"))
    said = _said(calculation, cells, used[0], four(calculation.value))
    return GridExample(grids, links, [said if len(used) < 2 else ""], [])
