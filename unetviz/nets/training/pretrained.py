"""The weights that come with the package: loading, saving, and their cards."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from unetviz.geometry.tables.table import Table

from .._tensorflow import keras
from ..build import build
from .recipes import RECIPES

WEIGHTS = Path(__file__).parents[1] / "weights"
"""Folder of the weights and their cards."""


def load_pretrained(name: str, input_size: int | tuple[int, int] | None = None) -> keras.Model:
    """Build a network and give it the weights that come with the package.

    Parameters
    ----------
    name : str
        ``"cells"``, ``"cells_no_skip"``, ...
    input_size : int or (int, int), optional
        Input size in pixels; by default that of training. Any size that fits the network works,
        because convolutions do not depend on it.

    Returns
    -------
    keras.Model
        The network, not compiled; its layers have the names of the steps.

    Raises
    ------
    ValueError
        If there are no weights of this name, or the size is not allowed.

    See Also
    --------
    unetviz.nets.model_card : How a network was trained, and its scores.
    unetviz.build : The same networks with fresh weights.
    """
    spec = RECIPES[_known(name)].spec
    model = build(spec if input_size is None else spec.replace(input_size=input_size))
    with np.load(WEIGHTS / f"{name}.npz") as file:
        model.set_weights([file[path].astype(np.float32) for path in _paths(model)])
    return model


def save_pretrained(
    model: keras.Model, name: str, card: dict[str, Any], folder: str | PathLike[str] = WEIGHTS
) -> Path:
    """Write the weights of a model in half precision, and its card beside them.

    Parameters
    ----------
    model : keras.Model
        A trained model.
    name : str
        Name for `load_pretrained`.
    card : dict
        How it was trained and its scores, as plain data.
    folder : str or path
        An existing folder.

    Returns
    -------
    Path
        The file of the weights.
    """
    folder = Path(folder)
    arrays = {
        path: in_half_precision(weights)
        for path, weights in zip(_paths(model), model.get_weights(), strict=True)
    }
    target = folder / f"{name}.npz"
    # First written under another name: if the run is stopped, the old file is still complete.
    unfinished = folder / f"{name}.unfinished.npz"
    np.savez_compressed(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(target)
    (folder / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    return target


def in_half_precision(weights: np.ndarray) -> np.ndarray:
    """Return weights in 16 bits each: about three digits of each number."""
    return weights.astype(np.float16)


def model_card(name: str) -> Table:
    """Return how a network that comes with the package was trained, and its scores.

    Parameters
    ----------
    name : str
        As for `load_pretrained`.

    Returns
    -------
    Table
        One row for each entry of the card.

    Raises
    ------
    ValueError
        If there is no network of this name.
    """
    card = json.loads((WEIGHTS / f"{_known(name)}.json").read_text("utf-8"))
    rows = tuple(
        (key, f"{value:,}" if isinstance(value, int) else str(value)) for key, value in card.items()
    )
    return Table(("", name), rows)


def _known(name: str) -> str:
    if not isinstance(name, str) or name not in RECIPES:
        raise ValueError(f"there are no weights {name!r}; there are {', '.join(sorted(RECIPES))}")
    return name


def _paths(model: keras.Model) -> list[str]:
    """A name for each array of `model.get_weights()`: layer and variable."""
    return [variable.path.replace("/", ".") for variable in model.weights]
