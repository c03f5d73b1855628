"""View part: small matrices side by side, whose cells are linked through an index map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from unetviz.draw.images.colours import coloured, limits_of
from unetviz.geometry.tables.table import Table, escaped

from ..shared._bundle import script, style

_HERE = Path(__file__).parent
_SIMPLEST = 64
"""Largest denominator of a fraction that is easier to read than a decimal number."""
Weights = Mapping[tuple[int, int], Sequence[tuple[tuple[int, int], Any]]]
"""For every cell of one grid the cells of another that make it, each with its weight."""


@dataclass(frozen=True)
class Grid:
    """One matrix of numbers.

    Attributes
    ----------
    name : str
        What links call it.
    title : str
        What stands above it.
    values : array of shape (rows, columns)
        The numbers.
    sign : str
        What stands in front of it, such as an arrow.
    editable : bool
        Whether its numbers can be changed by typing.
    colours : str
        Colours of the cells as in `coloured`; empty for none.
    marked : array of bool, optional
        Cells with a dashed frame.
    """

    name: str
    title: str
    values: np.ndarray
    sign: str = ""
    editable: bool = False
    colours: str = ""
    marked: np.ndarray | None = field(default=None, compare=False)

    def sent(self) -> dict[str, Any]:
        """Return the grid as the browser takes it."""
        data: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "rows": [[number_text(value) for value in row] for row in self.values],
            "sign": self.sign,
            "editable": self.editable,
        }
        if self.colours:
            shades = coloured(
                np.asarray(self.values, float),
                self.colours,
                limits_of(np.asarray(self.values, float), self.colours),
            )
            data["shades"] = [[f"#{bytes(cell).hex()}" for cell in row] for row in shades]
            data["dark"] = (shades.mean(axis=-1) < 120).tolist()
        if self.marked is not None:
            data["marked"] = np.asarray(self.marked, bool).tolist()
        return data

    def as_markdown(self) -> str:
        """Return the grid as a table below its title.

        Examples
        --------
        >>> print(Grid("out", "out", np.array([[1, 2]])).as_markdown())
        **out**
        <BLANKLINE>
        | 0 | 1 |
        |---:|---:|
        | 1 | 2 |
        """
        return f"**{escaped(self.title)}**\n\n{self.table().as_markdown()}"

    def table(self) -> Table:
        """Return the grid as a table, for where no kernel runs."""
        rows = tuple(tuple(number_text(value) for value in row) for row in self.values)
        return Table(tuple(map(str, range(len(rows[0])))), rows, frozenset(range(len(rows[0]))))


@dataclass(frozen=True)
class Link:
    """What makes the cells of one grid: cells of another, with weights.

    Attributes
    ----------
    source, target : str
        Names of the two grids.
    weights : mapping
        By cell (row, column) of the target.
    """

    source: str
    target: str
    weights: Weights

    def sent(self, grids: Mapping[str, Grid]) -> dict[str, Any]:
        """Return the link as the browser takes it: cells counted along the rows."""
        height, width = np.shape(grids[self.target].values)
        columns = np.shape(grids[self.source].values)[1]
        cells = [
            [
                [row * columns + column, weight_text(weight)]
                for (row, column), weight in self.weights.get((i, j), ())
            ]
            for i in range(height)
            for j in range(width)
        ]
        return {"from": self.source, "to": self.target, "cells": cells}


class GridView(anywidget.AnyWidget):
    """Matrices of numbers; the current cell shows which others make it.

    Attributes
    ----------
    grids, links : list of dict
        What is shown, as `Grid.sent` and `Link.sent` write it.
    main : str
        The grid whose cells are stepped through.
    step : int
        The current cell, counted along the rows of that grid.
    sentences : list of str
        What is said about each of its cells.
    edited : list
        Grid, row, column and text of the last number that was typed.
    playing : bool
        Turned by the space bar; whoever links to it decides what it means.
    label : str
        What a screen reader says.
    shown : tuple of Grid
        The matrices that are shown.
    """

    shown: tuple[Grid, ...] = ()

    _esm = script(_HERE / "grid.js")
    _css = style(_HERE / "grid.css")
    grids = traitlets.List(traitlets.Dict()).tag(sync=True)
    links = traitlets.List(traitlets.Dict()).tag(sync=True)
    main = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    sentences = traitlets.List(traitlets.Unicode()).tag(sync=True)
    edited: traitlets.List[Any] = traitlets.List().tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)

    @traitlets.validate("step")
    def _in_matrix(self, proposal: Any) -> int:
        """A cell that was chosen just before the matrices changed may be gone."""
        rows = [row for grid in self.grids if grid["name"] == self.main for row in grid["rows"]]
        last = sum(map(len, rows)) - 1
        return max(0, min(proposal["value"], last)) if rows else proposal["value"]

    def show(
        self,
        grids: Sequence[Grid],
        links: Sequence[Link],
        main: str,
        sentences: Sequence[str] = (),
    ) -> None:
        """Show other matrices."""
        self.shown, named = tuple(grids), {grid.name: grid for grid in grids}
        with self.hold_sync():
            self.main = main
            self.links = [link.sent(named) for link in links]
            self.sentences = list(sentences)
            self.grids = [grid.sent() for grid in grids]
            self.step = min(self.step, int(np.size(named[main].values)) - 1)

    def as_markdown(self) -> str:
        """Return the matrices as tables, each below its title."""
        return "\n\n".join(grid.as_markdown() for grid in self.shown)


def number_text(value: Any) -> str:
    """Write a number as short as a small cell allows: at most three digits of it.

    Examples
    --------
    >>> number_text(4.0), number_text(-0.1875), number_text(1 / 3), number_text("w")
    ('4', '-0.188', '0.333', 'w')
    """
    if isinstance(value, str):
        return value
    return f"{int(value)}" if float(value).is_integer() else f"{float(value):.3g}"


def weight_text(weight: Any) -> str:
    """Write a weight as a fraction where it is a simple one.

    Examples
    --------
    >>> weight_text(9 / 16), weight_text(2.0), weight_text(0.123456), weight_text("max")
    ('9/16', '2', '0.123', 'max')
    """
    if isinstance(weight, str):
        return weight
    simple = Fraction(float(weight)).limit_denominator(_SIMPLEST)
    is_exact = abs(float(simple) - float(weight)) < 1e-9
    return str(simple) if is_exact else number_text(weight)


def weighted_sum(parts: Sequence[tuple[Any, Any]], total: Any) -> str:
    """Write a sum of products with its result.

    Parameters
    ----------
    parts : sequence of (weight, value)
        What is multiplied and added.
    total : number
        What comes out.

    Examples
    --------
    >>> weighted_sum([(0.75, 4), (0.25, -8)], 1)
    '3/4 x 4 + 1/4 x (-8) = 1'
    """
    products = [
        f"{_in_brackets(weight_text(weight))} x {_in_brackets(value)}" for weight, value in parts
    ]
    return f"{' + '.join(products) or 'nothing'} = {number_text(total)}"


def _in_brackets(value: Any) -> str:
    text = number_text(value)
    return f"({text})" if text.startswith("-") else text
