"""The grids of the microscope: the numbers that go in, the kernel, the products."""

from __future__ import annotations

import numpy as np

from unetviz.nets.running.microscope_parts import LayerCalculation

from ...views.grid.view import Grid, Link, weighted_sum
from .words import MOST, four, largest_first

Cell = tuple[int, int, int]
"""Row, column and channel in the piece."""


def grids_of(calculation: LayerCalculation, shown: int) -> tuple[list[Grid], list[Link], list[str]]:
    """Return the grids, their links, and a sentence for each cell of the last grid.

    Parameters
    ----------
    anatomy : LayerCalculation
        The number.
    shown : int
        Which channel of the piece is shown. Of a piece of a single pixel all channels are, as many
        as can be read.
    """
    if not calculation.patch.size:
        grid = Grid("out", "out: no input reaches it", np.array([[calculation.total]]))
        return [grid], [], [""]
    cells = _cells(calculation, shown)
    if calculation.rule == "sum":
        return _products(calculation, cells)
    return _taken(calculation, cells)


def _cells(calculation: LayerCalculation, shown: int) -> list[list[Cell]]:
    """The cells of the piece that are shown, in rows."""
    height, width, channels = calculation.patch.shape
    if (height, width) == (1, 1):
        order = list(range(channels))
        if calculation.rule == "sum":  # as in the table below
            order = largest_first(calculation)[:MOST].tolist()
        return [[(0, 0, channel)] for channel in order]
    sizes = np.abs(calculation.products[..., shown])
    rows, columns = (
        _readable(sizes.max(axis=1 - axis), calculation.padding.all(axis=1 - axis))
        for axis in (0, 1)
    )
    return [[(i, j, shown) for j in columns] for i in rows]


def _readable(sizes: np.ndarray, padded: np.ndarray) -> list[int]:
    """Indices along one side: all, or those around the largest number that are not padding."""
    if len(sizes) <= MOST:
        return list(range(len(sizes)))
    used = np.flatnonzero(~padded)
    peak = int(sizes[used].argmax())
    first = max(0, min(peak - MOST // 2, len(used) - MOST))
    return used[first : first + MOST].tolist()


def _values(numbers: np.ndarray, cells: list[list[Cell]]) -> np.ndarray:
    return np.array([[float(numbers[cell]) for cell in line] for line in cells])


def _outside(calculation: LayerCalculation, cells: list[list[Cell]]) -> np.ndarray:
    return np.array([[calculation.padding[cell[:2]] for cell in line] for line in cells])


def _title(calculation: LayerCalculation, cells: list[list[Cell]]) -> str:
    shown = {calculation.origins[cell[2]] for line in cells for cell in line}
    if len(shown) > 1:
        is_sum = calculation.rule == "sum"
        return "in, sorted" if is_sum else "in: one number of each"
    ((_, channel),) = shown
    return "in: channel {channel}".format(channel=channel)


def _said(calculation: LayerCalculation, cell: Cell, text: str) -> str:
    """A sentence about one number that goes in."""
    step, channel = calculation.origins[cell[2]]
    row, column = calculation.rows[cell[0]], calculation.columns[cell[1]]
    words = "{step}, channel {channel}, row {row}, column {column}: {text}"
    if calculation.padding[cell[:2]]:
        words = "Row {row}, column {column} is outside of {step}: {text}"
    return words.format(step=step, channel=channel, row=row, column=column, text=text)


def _products(
    calculation: LayerCalculation, cells: list[list[Cell]]
) -> tuple[list[Grid], list[Link], list[str]]:
    kernel, outside = calculation.kernel, _outside(calculation, cells)
    title = _title(calculation, cells) + (" (dashed: padding)" if outside.any() else "")
    patch, factors, products = (
        _values(numbers, cells)
        for numbers in (calculation.patch, kernel, calculation.products)  # type: ignore[arg-type]
    )
    grids = [
        Grid("in", title, patch, colours="diverging", marked=outside),
        Grid(
            "kernel",
            "kernel",
            factors,
            sign="x",
            colours="diverging",
        ),
        Grid(
            "products",
            "products",
            products,
            sign="=",
            colours="diverging",
        ),
    ]
    own = {place: ((place, ""),) for place in np.ndindex(*products.shape)}
    links = [Link(name, "products", own) for name in ("in", "kernel")]
    said = [
        _said(calculation, cell, weighted_sum([(factors[i, j], patch[i, j])], products[i, j]))
        for i, line in enumerate(cells)
        for j, cell in enumerate(line)
    ]
    return grids, links, said


def _taken(
    calculation: LayerCalculation, cells: list[list[Cell]]
) -> tuple[list[Grid], list[Link], list[str]]:
    """Numbers of which one is taken, or all are multiplied: they and what comes out."""
    outside, is_choice = _outside(calculation, cells), bool(calculation.winners)
    patch, title = _values(calculation.patch, cells), _title(calculation, cells)
    marked = np.array([[cell in calculation.winners for cell in line] for line in cells])
    values, colours = patch, "diverging"
    if is_choice:
        title += " (dashed: taken)"
        if outside.any():  # what takes no part has no number, and so no colour
            values, colours = patch.astype(object), ""
            values[outside] = "-"
    elif outside.any():
        title, marked = title + " (dashed: padding)", outside
    grids = [
        Grid("in", title, values, colours=colours, marked=marked),
        Grid(
            "out",
            "out",
            np.array([[calculation.value]]),
            sign="\u2192",
            colours="diverging",
        ),
    ]
    used = [
        (place, "")
        for place in np.ndindex(*patch.shape)
        if marked[place] or (not is_choice and not outside[place])
    ]
    taken = next((cells[i][j] for (i, j), _ in used), cells[0][0])
    said = _said(calculation, taken, four(calculation.value))
    return grids, [Link("in", "out", {(0, 0): tuple(used)})], [said if len(used) < 2 else ""]
