"""A model run layer by layer, with all maps and the scores before its last activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from unetviz.geometry.ops import size_of
from unetviz.labs.images.arrays import centred_window

from .._tensorflow import keras, tf
from ..reading.model_graph import Node, last_changing, nodes
from ..reading.settings import keep_statistics
from ..reading.trace_model import trace_model
from ..training.steps import require_probabilities, weighted_loss
from .feature_maps import in_graph


class ForwardPass(NamedTuple):
    """The results of one run: maps by step, scores before the last activation, output."""

    maps: dict[str, tf.Tensor]
    scores: tf.Tensor
    output: tf.Tensor


class InstrumentedModel:
    """A model that is run layer by layer, with its weights as they are at each run.

    As in a prediction dropout is off, and batch normalization uses its moving averages.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size; `trace_model` must know its layers.
    dtype : str
        Precision of all numbers: ``"float32"``, for which the model's own layers are used, or
        ``"float64"``, for which they are copied.

    Attributes
    ----------
    kernels : dict of str to keras.layers.Layer
        The layers with a kernel, by the name of their first call.
    in_graph : bool
        Whether the names of all layers are allowed in a graph of TensorFlow.

    Raises
    ------
    TypeError, ValueError
        If it is not such a model; the message says why.
    """

    def __init__(self, model: keras.Model, dtype: str = "float32"):
        trace_model(model)  # raises a clear error for what cannot be followed
        self._nodes = nodes(model)
        self.kernels = _layers_with_kernels(self._nodes)
        self.in_graph = in_graph(self._nodes)
        self._names = {id(layer): name for name, layer in self.kernels.items()}
        shapes = {node.name: node.shape for node in self._nodes}
        last = last_changing(self._nodes)
        others = [node for node in self._nodes[1:] if node is not last]
        self._layers = {node.name: node.layer for node in others}
        if dtype != "float32":
            self._layers = {node.name: _copy(node, shapes, dtype=dtype) for node in others}
        self._scores = last.name
        self._activation = getattr(last.layer, "activation", None)
        if isinstance(last.layer, keras.layers.Softmax):
            # The layer itself would round the scores to its own precision.
            self._activation = _copy(last, shapes, dtype=dtype)
            linear = keras.layers.Identity(dtype=dtype)
        else:
            changes = {"activation": "linear"} if self._activation else {}
            linear = _copy(last, shapes, dtype=dtype, **changes)
        self._layers[last.name] = linear

    def __call__(
        self, images: tf.Tensor, kernels: Mapping[str, tf.Tensor] | None = None
    ) -> ForwardPass:
        """Run the model; kernels that are given are used instead of its own."""
        first, *others = self._nodes
        maps = {first.name: images}
        scores = images
        for node in others:
            layer = self._layers[node.name]
            # Nothing is assigned: within the scope the layer reads these weights.
            with keras.StatelessScope(self._weights(node.layer, layer, kernels or {})):
                result = node([maps[name] for name in node.inputs], layer)
            # A layer that returns its input unchanged would share its tensor, and so its gradient.
            maps[node.name] = tf.identity(result)
            if node.name == self._scores:
                scores = maps[node.name]
                if self._activation:
                    maps[node.name] = self._activation(scores)
        return ForwardPass(maps, scores, maps[others[-1].name])

    def _weights(
        self, own: Any, used: Any, kernels: Mapping[str, tf.Tensor]
    ) -> list[tuple[Any, tf.Tensor]]:
        """The variables of the layer that is used, and the tensor that replaces each."""
        kernel = kernels.get(self._names.get(id(own), ""))
        return [
            (place, variable.value if kernel is None or variable is not own.kernel else kernel)
            for place, variable in zip(used.variables, own.variables, strict=True)
        ]


@lru_cache(maxsize=8)
def instrumented(model: keras.Model, dtype: str = "float32") -> InstrumentedModel:
    """Return the `InstrumentedModel` of a model, created once."""
    return InstrumentedModel(model, dtype)


def loss_of(
    network: InstrumentedModel,
    images: tf.Tensor,
    masks: tf.Tensor,
    kernels: Mapping[str, tf.Tensor],
) -> tf.Tensor:
    """Return the loss of a run with these kernels, in the precision of the images."""
    return weighted_loss(network(images, kernels).output, masks)


def kernels_of(model: keras.Model, dtype: str = "float32") -> dict[str, tf.Tensor]:
    """Return the kernels of a model as they are now, by layer."""
    layers = instrumented(model).kernels
    return {name: tf.cast(layer.kernel.value, dtype) for name, layer in layers.items()}


def kernel_gradients(
    model: keras.Model, images: tf.Tensor, masks: tf.Tensor, dtype: str = "float32"
) -> dict[str, tf.Tensor]:
    """Return the gradient of the loss with respect to every kernel, by layer.

    Raises
    ------
    ValueError
        If the model has a 1x1 convolution with a stride.
    """
    for name, layer in instrumented(model).kernels.items():
        one_by_one = max(getattr(layer, "kernel_size", (2,))) == 1
        if one_by_one and max(layer.strides) > 1:
            # oneDNN, as of TensorFlow 2.21, writes outside its memory there: the process dies.
            raise ValueError(
                f"layer {name!r} is a 1x1 convolution with a stride; TensorFlow fails at the "
                "gradient of its kernel. Put the stride into a pool, or use a larger kernel"
            )
    return _compiled_gradients(model, dtype)(images, masks)


@lru_cache(maxsize=8)
def _compiled_gradients(model: keras.Model, dtype: str) -> Callable:
    network = instrumented(model, dtype)

    def run(images: tf.Tensor, masks: tf.Tensor) -> dict[str, tf.Tensor]:
        kernels = kernels_of(model, dtype)
        with tf.GradientTape() as tape:
            tape.watch(kernels)
            loss = loss_of(network, tf.cast(images, dtype), masks, kernels)
        return tape.gradient(loss, kernels, unconnected_gradients="zero")

    return compiled(model, run, images_of(model), masks_of(model))


def compiled(model: keras.Model, run: Callable, *signature: tf.TensorSpec) -> Callable:
    """Return a function of the model's tensors as one graph, for tensors of these shapes."""
    if not instrumented(model).in_graph:
        return run
    return tf.function(run, autograph=False).get_concrete_function(*signature)


def images_of(model: keras.Model) -> tf.TensorSpec:
    """Return shape and type of a batch of one image."""
    return tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)


def masks_of(model: keras.Model) -> tf.TensorSpec:
    """Return shape and type of a batch of one mask."""
    return tf.TensorSpec((1, *model.output_shape[1:3]), tf.int32)


def check_probabilities(model: keras.Model) -> None:
    """Raise `ValueError` if a model does not end in a softmax or a sigmoid."""
    if len(model.output_shape) != 4:
        raise ValueError(
            f"the model returns {model.output_shape}, not a map of probabilities; end it in a 1x1 "
            "convolution with a softmax or a sigmoid"
        )
    require_probabilities(last_changing(nodes(model)).layer)


def mask_batch(model: keras.Model, mask: Any) -> tf.Tensor:
    """Return a mask as a batch of one, of the size of the model's output.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    mask : array of shape (h, w)
        Number of the right class at each pixel, of the output or of the input; of a mask of the
        input the middle is used.

    Returns
    -------
    tensor of shape (1, h, w), int32

    Raises
    ------
    TypeError, ValueError
        If it is not a mask, has another size, or names a class that the network does not have.
    """
    array, classes = np.asarray(mask), max(2, model.output_shape[-1])
    before, after = model.input_shape[1:3], model.output_shape[1:3]
    if array.dtype.kind not in "bui":
        raise TypeError(
            f"a mask holds whole numbers, one class for each pixel, not {array.dtype}; try "
            "mask.astype(int)"
        )
    if array.shape not in (before, after):
        raise ValueError(
            f"the mask must have the size of the output, {size_of(after)} pixels, or of the input, "
            f"{size_of(before)}; its shape is {array.shape}"
        )
    if array.min() < 0 or array.max() >= classes:
        raise ValueError(
            f"the mask's numbers run from {array.min()} to {array.max()}, but the network has the "
            f"classes 0 to {classes - 1}"
        )
    array = array if array.shape == after else centred_window(array, after)
    return tf.constant(array.astype(np.int32)[np.newaxis])


def _layers_with_kernels(found: list[Node]) -> dict[str, Any]:
    layers: dict[int, tuple[str, Any]] = {}
    for node in found:
        if getattr(node.layer, "kernel", None) is not None:
            layers.setdefault(id(node.layer), (node.name, node.layer))
    return dict(layers.values())


def _copy(node: Node, shapes: Mapping[str, tuple], **changes: Any) -> Any:
    """A layer of the same kind with other settings; its own weights are never used."""
    copy = type(node.layer).from_config({**node.layer.get_config(), **changes})
    given = [shapes[name] for name in node.inputs]
    copy.build(given if len(given) > 1 else given[0])
    keep_statistics(node.layer, copy)
    return copy
