"""What a view of small matrices holds, read back."""

import numpy as np


def rows(view, name):
    return next(grid["rows"] for grid in view.grids if grid["name"] == name)


def numbers(view, name):
    return np.array(rows(view, name), float)


def linked(view, source="in", target="out"):
    """For every cell of the target the cells of the source and their weights, as sent."""
    return next(
        link["cells"] for link in view.links if (link["from"], link["to"]) == (source, target)
    )
