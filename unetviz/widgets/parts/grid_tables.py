"""Small matrices as tables, for where no kernel runs."""

from __future__ import annotations

from collections.abc import Iterable

from unetviz.geometry.tables.table import escaped

from ..views.grid.view import Grid


def grid_tables(grids: Iterable[Grid]) -> str:
    """Return matrices as tables in markdown, each below its title.

    Examples
    --------
    >>> import numpy as np
    >>> print(grid_tables([Grid("out", "out", np.array([[1, 2]]))]))
    **out**
    <BLANKLINE>
    | 0 | 1 |
    |---:|---:|
    | 1 | 2 |
    """
    parts = (f"**{escaped(grid.title)}**\n\n{grid.table().as_markdown()}" for grid in grids)
    return "\n\n".join(parts)
