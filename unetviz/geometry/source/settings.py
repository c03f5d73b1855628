"""A Keras layer as plain data, and one call of a model inside a model: what a reader keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LayerSettings:
    """All that makes a layer again, but for its weights.

    Attributes
    ----------
    class_name : str
        A class of ``keras.layers``.
    arguments : mapping of str to object
        What the class is called with, as numbers, texts, tuples and dictionaries; defaults are left
        out.
    name : str
        Name of the layer.
    call : mapping of str to object
        What the layer is given at its call beside the maps, such as ``training=True``.
    stored : tuple of (list or number)
        Numbers that a layer holds fixed, such as the mean and variance of an adapted
        normalization, in the order of its variables.
    first : str
        Step of its first call, for a layer that is called again.
    refusal : str
        Why it cannot be written as plain data: a clause to follow its name; empty if it can.
    """

    class_name: str
    arguments: Mapping[str, object]
    name: str
    call: Mapping[str, object] = field(default_factory=dict)
    stored: tuple[object, ...] = ()
    first: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class ModelCall:
    """One call of a model that is a layer of another model.

    Attributes
    ----------
    name : str
        Names of the models around it and its own, such as ``"encoder/block"``, with the number of
        the call if it is called more than once.
    model : str
        Name of the model.
    first : str
        `name` of the first call of the same model.
    parent : str
        `name` of the call of the model around it; empty for the outermost.
    sources : tuple of str
        The steps whose maps it is given.
    outputs : tuple of str
        The steps whose maps it returns.
    steps : tuple of str
        Its own steps, without those of models inside it.
    dtypes : tuple of str
        Types of the numbers that it takes, by source.
    call : mapping of str to object
        What it is given at its call beside the map, such as ``training=False``.
    """

    name: str
    model: str
    first: str
    parent: str
    sources: tuple[str, ...]
    outputs: tuple[str, ...]
    steps: tuple[str, ...]
    dtypes: tuple[str, ...]
    call: Mapping[str, object] = field(default_factory=dict)
