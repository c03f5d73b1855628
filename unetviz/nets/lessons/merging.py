"""Sum or concatenation: what can be recovered from each, and a concatenation that is a sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from unetviz.geometry.joins import find_joins
from unetviz.geometry.specs.unet import UNetSpec
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace, trace
from unetviz.labs.merging import explained_variance

from .._tensorflow import keras
from ..build import build
from ..reading.trace_model import trace_model
from ..running.feature_maps import feature_maps
from ..running.inputs import plain_for


def explained_variance_table(models: Mapping[str, keras.Model], image: Any) -> Table:
    """Return how much of the merged maps can be recovered after the merge, at each level.

    Parameters
    ----------
    models : dict of str to keras.Model
        Networks with skips, by name.
    image : array of shape (h, w) or (h, w, c)
        An image of their size.

    Returns
    -------
    Table
        For every merge the share of the variance of the skip, and of the map from below, that the
        best 1x1 convolution recovers from the output (see `explained_variance`).

    See Also
    --------
    unetviz.labs.merging.explained_variance : The share for one map.
    """
    rows = [
        (name, *row)
        for name, model in ((name, plain_for(model, image)) for name, model in models.items())
        for row in _rows(model, trace_model(model), image)
    ]
    headings = ("variance had back", "join", "of the skip", "of the map from below")
    return Table(headings, tuple(rows), frozenset({2, 3}))


def _rows(model: keras.Model, found: Trace, image: Any) -> list[tuple[str, str, str]]:
    joins = [join for join in find_joins(found) if len(join.step.inputs) == 2]
    wanted = {name for join in joins for name in (join.step.name, *join.step.inputs)}
    maps = feature_maps(model, image, names=sorted(wanted))
    rows = []
    for join in joins:
        of_skip, of_below = (
            f"{explained_variance(maps[join.step.name], maps[name]):.1%}"
            for name in (*join.skips, *join.below)
        )
        rows.append((join.step.name, of_skip, of_below))
    return rows


def as_concatenation(model: keras.Model, spec: UNetSpec) -> keras.Model:
    """Return a network that concatenates its skips and computes the same as one that adds them.

    The convolution after a concatenation has weights for both maps. Here both sets are the weights
    of the convolution after the sum: w * (a + b) = w * a + w * b.

    Parameters
    ----------
    model : keras.Model
        A U-Net that adds its skips.
    spec : UNetSpec
        Its specification.

    Returns
    -------
    keras.Model
        A model of ``spec.replace(merge="concat")``.

    Raises
    ------
    ValueError
        If the specification does not add its skips, or does not belong to the model.
    """
    if getattr(spec, "merge", None) != "add":
        raise ValueError(f'a U-Net with merge="add" is needed, not {spec!r}')
    own, given = ([step.out_shape for step in found] for found in (trace_model(model), trace(spec)))
    if own != given:
        raise ValueError(f"{spec!r} is not the specification of this model: their maps differ")
    concatenating = build(spec.replace(merge="concat"))
    for variable, known in zip(concatenating.weights, model.get_weights(), strict=True):
        # Twice as many input channels: those of the skip, then those from below.
        both = variable.shape != known.shape
        variable.assign(np.concatenate([known, known], axis=2) if both else known)
    return concatenating
