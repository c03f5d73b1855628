"""The microscope: one number of one feature map of a Keras model, taken apart.

No kind of layer has a rule of its own here. The index maps of the geometry say which pixels feed a
number; the layer itself, without its activation, is run on these alone. The gradient of the number
is what each input is multiplied by, and a run on zeros gives the bias. Whether that is all that
happens is asked of the layer too: it is run on other inputs, and what it makes of them tells a sum
of products from the largest number, from a product, and from anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.index_maps import AxisMap, Gather

from .._tensorflow import keras, tf
from ..reading.model_graph import nodes
from ..reading.settings import keep_statistics
from ..reading.trace_model import trace_model
from .feature_maps import feature_maps
from .inputs import check_weights, plain_for

Place = tuple[int, int, int]
"""Row, column and channel."""
Channels = Sequence[Sequence[int]]
"""For each input those of its channels that take part."""
_FAR = 10.0
"""How far from the numbers at hand the layer is tried, in units of the largest of them."""
_ROUNDING = 1e-6
"""What float32 leaves of a sum: bilinear up-sampling has no other precision in TensorFlow."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerCalculation:
    """One number of one map, taken apart.

    Attributes
    ----------
    step : str
        Name of the step.
    layer : str
        Name of the Keras layer's class, such as ``"Conv2D"``.
    place : (int, int, int)
        Row, column and channel of the number.
    origins : tuple of (str, int)
        What goes in is called the piece. For each of its channels: the step whose map it is from,
        and which channel there.
    rows, columns : tuple of int
        Where the piece lies in those maps; what is outside of them is padding.
    taps : (tuple of int, tuple of int)
        Rows and columns of the layer's kernel that meet them.
    patch : array of shape (h, w, c), float32
        The numbers of the piece; zeros for padding.
    padding : array of shape (h, w), bool
        Which of them lie outside of the map.
    rule : str
        ``"sum"`` of products and a bias, ``"copy"`` of one number, the ``"largest"`` or the
        ``"smallest"``, the ``"product"`` of all, or another ``"function"`` of them.
    gradient : array of shape (h, w, c)
        By how much `total` grows with each number of the piece, for one unit.
    bias : float
        What is added to the products; 0 for none.
    total : float
        The number before the activation.
    totals : tuple of float
        The same for all channels of this pixel where the activation needs them; else empty.
    activation : str
        Name of the activation that follows; ``"linear"`` for none.
    value : float
        The number that comes out.
    keras : float
        The number in the feature map that Keras computed, in float32.
    """

    step: str
    layer: str
    place: Place
    origins: tuple[tuple[str, int], ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    taps: tuple[tuple[int, ...], tuple[int, ...]]
    patch: np.ndarray
    padding: np.ndarray
    rule: str
    gradient: np.ndarray
    bias: float
    total: float
    totals: tuple[float, ...]
    activation: str
    value: float
    keras: float

    @property
    def kernel(self) -> np.ndarray | None:
        """What each number of the piece is multiplied by; None unless the rule is a sum."""
        return self.gradient if self.rule == "sum" else None

    @property
    def products(self) -> np.ndarray:
        """What is added; where nothing is multiplied the numbers of the piece."""
        numbers = self.patch.astype(float)
        return numbers * self.gradient if self.rule == "sum" else numbers

    @property
    def sums(self) -> np.ndarray:
        """Sum of the products of each channel of the piece, shape (c,)."""
        return self.products.sum(axis=(0, 1))

    @property
    def winners(self) -> tuple[Place, ...]:
        """Row, column and channel in the piece of the largest or smallest, or of all equal ones."""
        if self.rule not in ("largest", "smallest"):
            return ()
        found = np.argwhere((self.patch == self.total) & ~self.padding[..., np.newaxis])
        return tuple((row, column, channel) for row, column, channel in found.tolist())

    @property
    def exponentials(self) -> np.ndarray:
        """What a softmax divides, e to the power of each total minus the largest; shape (c,)."""
        totals = np.array(self.totals)
        return np.exp(totals - totals.max(initial=-np.inf))

    @property
    def largest(self) -> float:
        """The largest absolute number on the way: rounding errors are measured by it."""
        parts = (self.patch * self.gradient).ravel()
        met = [self.bias, self.total, self.value, *self.totals, *parts.cumsum(), *parts]
        return float(np.abs([*met, *self.patch.ravel()] if self.rule == "function" else met).max())

    @property
    def difference(self) -> float:
        """How far it is from Keras' number, as a part of the largest number met on the way."""
        return abs(self.value - self.keras) / (self.largest or 1.0)


def explain_value(
    model: keras.Model, image: Any, step: str, row: int, column: int, channel: int = 0
) -> LayerCalculation:
    """Take one number of one feature map apart, with the model's own weights and numbers.

    Parameters
    ----------
    model : keras.Model
        A functional model.
    image : array of shape (h, w) or (h, w, c)
        An image of just its size, as for `feature_maps`.
    step : str
        Name of the step, as `trace_model` has it.
    row, column, channel : int
        Which number of its map, from 0.

    Returns
    -------
    LayerCalculation
        What goes in, what it is multiplied by, all sums, and the number that Keras computed.

    Raises
    ------
    KeyError
        If the model has no such step; the steps are named.
    ValueError
        If the map has no such number, the image has not the model's size, or weights of the model
        are NaN.

    See Also
    --------
    feature_maps : All numbers of the maps.
    """
    return Specimen(model, image, step).at(row, column, channel)


class Specimen:
    """A step under the microscope: its weights, and the maps that go in and come out.

    They are taken once, so that many numbers of a map cost one pass through the model.

    Parameters
    ----------
    model, image, step
        As for `explain_value`, and so are the errors.

    Attributes
    ----------
    step : Step
        The step of the trace.
    maps : dict of str to array of shape (h, w, c), float32
        What goes in and what comes out, by the names of the steps.
    """

    def __init__(self, model: keras.Model, image: Any, step: str):
        model = plain_for(model, image)
        check_weights(model)
        self.step = trace_model(model)[step]
        self._layer = next(node.layer for node in nodes(model) if node.name == step)
        self._weights, self._config = self._layer.get_weights(), self._layer.get_config()
        self._in_float64: dict[str, Any] = {}
        # The image is made of nothing; it is shown as a copy of itself.
        self._inputs = self.step.inputs or (step,)
        self.maps = feature_maps(model, image, list(dict.fromkeys((*self._inputs, step))))
        self._given = [self.maps[name] for name in self._inputs]

    def at(self, row: int, column: int, channel: int = 0) -> LayerCalculation:
        """Take one number apart, without another pass through the model.

        Raises
        ------
        ValueError
            If the map has no such number; the message names the range.
        """
        height, width, depth = self.step.out_shape
        place = (
            integer("row", row, 0, height - 1),
            integer("column", column, 0, width - 1),
            integer("channel", channel, 0, depth - 1),
        )
        rows, columns = (
            _Side.of(rule, place[axis], n, "pool_size" in self._config)
            for axis, n in enumerate(self._given[0].shape[:2])
            for rule in [self.step.operation.axis_map(axis, n)]
        )
        name, needs_all, activate = self._activation(
            getattr(self._layer, "activation", None), place
        )
        if self.step.inputs:
            found = self._arithmetic(rows, columns, place, needs_all)
        is_activation = self.step.operation.kind == "activation" and found.rule == "function"
        if is_activation:  # and nothing else: what comes before it is a copy
            name, needs_all, activate = self._activation(self._layer, place)
        if is_activation or not self.step.inputs:
            pixel = self._given[0][place[:2]].astype(float)
            found = _Arithmetic("copy", [[place[2]]], np.ones((1, 1, 1)), 0.0, pixel, place[2])
        cuts = [_cut(one, rows.shown, columns.shown) for one in self._given]
        patches = [cut[..., part] for (cut, _), part in zip(cuts, found.channels, strict=True)]
        return LayerCalculation(
            step=self.step.name,
            layer=type(self._layer).__name__,
            place=place,
            origins=tuple(
                (given, one)
                for given, part in zip(self._inputs, found.channels, strict=True)
                for one in part
            ),
            rows=rows.shown,
            columns=columns.shown,
            taps=(rows.taps, columns.taps),
            patch=np.concatenate(patches, axis=-1),
            padding=cuts[0][1],
            rule=found.rule,
            gradient=np.pad(found.gradient, ((0, 1), (0, 1), (0, 0)))[
                np.ix_(rows.indices, columns.indices)
            ],
            bias=found.bias,
            total=float(found.totals[found.at]),
            totals=tuple(found.totals.tolist()) if needs_all else (),
            activation=name,
            value=float(activate(found.totals[np.newaxis])[0, found.at]),
            keras=float(self.maps[self.step.name][place]),
        )

    def _arithmetic(
        self, rows: _Side, columns: _Side, place: Place, all_filters: bool
    ) -> _Arithmetic:
        """Run the layer without its activation on what feeds one number, and see what it does."""
        config, settings, at = self._config, _settings(self._config, rows, columns), place[2]
        channels: Channels = [range(one.shape[2]) for one in self._given]
        run_on = channels
        if "groups" in config:
            seen = len(channels[0]) // config["groups"]
            first = at // (config["filters"] // config["groups"]) * seen
            channels = [range(first, first + seen)]
        alone = "filters" in config and not all_filters
        if alone:
            # One filter is run, on the channels of its group: the others would only cost time.
            settings |= {key: 1 for key in ("filters", "groups") if key in config}
            run_on, at = channels, 0
        pieces = [
            _cut(one, rows.run, columns.run)[0][..., part].astype(float)
            for one, part in zip(self._given, run_on, strict=True)
        ]
        trials = _trials(pieces)
        given = [tf.constant(one) for one in trials]
        with tf.GradientTape() as tape:
            tape.watch(given)
            pixels = self._run(self._layer, given, place, settings)[:, rows.at, columns.at]
            totals = pixels[:, at]
        slopes = [one.numpy() for one in tape.gradient(totals, given, unconnected_gradients="zero")]
        if "filters" not in config:
            channels = _that_count(slopes, at, pixels.shape[1])
        parts = [slice(None)] if alone else channels
        numbers, gradients = (
            np.concatenate([one[..., part] for one, part in zip(ones, parts, strict=True)], axis=-1)
            for ones in (trials, slopes)
        )
        rule = _rule_of(totals.numpy(), numbers, gradients[0])
        pixel, bias = pixels[0].numpy(), float(totals[1]) if rule == "sum" else 0.0
        if rule == "sum":
            pixel[at] = (numbers[0] * gradients[0]).sum() + bias
        return _Arithmetic(rule, channels, gradients[0], bias, pixel, at)

    def _activation(
        self, function: Any, place: Place
    ) -> tuple[str, bool, Callable[[np.ndarray], np.ndarray]]:
        """Name what follows, say whether it needs all channels, and let it act on pixels (n, c)."""
        function = function or keras.activations.linear
        name = getattr(function, "__name__", type(function).__name__)
        is_layer = isinstance(function, keras.layers.Layer)
        name = "softmax" if isinstance(function, keras.layers.Softmax) else name

        def values(pixels: np.ndarray) -> np.ndarray:
            given = tf.constant(pixels[:, np.newaxis, np.newaxis])
            made = self._run(function, [given], place, {}) if is_layer else function(given)
            return keras.ops.convert_to_numpy(made)[:, 0, 0]

        # Two pixels that agree in one channel: does it come out the same, whatever the others are?
        pixels = np.random.default_rng(0).normal(size=(2, self.step.out_shape[2]))
        pixels[:, 0] = pixels[0, 0]
        needs_all = name == "softmax" or not np.allclose(*values(pixels)[:, 0])
        return name, needs_all, values

    def _run(
        self, layer: Any, given: list[tf.Tensor], place: Place, settings: dict[str, Any]
    ) -> tf.Tensor:
        """Run a layer with other settings, in float64.

        Of weights that are larger than these settings need, the part of the place is taken: of
        filters that of its channel; of slopes that differ from pixel to pixel (PReLU) its own.
        """
        shapes = [(None, *one.shape[1:]) for one in given]
        key = f"{id(layer)} {settings} {shapes}"
        used = self._in_float64.get(key)
        if used is None:
            neutral = {"initializer": "zeros", "regularizer": None, "constraint": None, "seed": 0}
            config = layer.get_config() | settings | {"dtype": "float64"}
            config |= {
                name: neutral[end] for name in config if (end := name.split("_")[-1]) in neutral
            }
            used = self._in_float64[key] = type(layer).from_config(config)
            used.build(shapes if len(shapes) > 1 else shapes[0])
        weights = self._weights if layer is self._layer else layer.get_weights()
        pairs = zip(weights, used.weights, strict=False)  # of a layer within it, its own come last
        used.set_weights([_part(own, tuple(new.shape), place) for own, new in pairs])
        keep_statistics(layer, used)
        return used(given if len(given) > 1 else given[0], training=False)


class _Arithmetic(NamedTuple):
    """How a total is made; the other attributes are those of `LayerCalculation`.

    `channels` are those of each input that take part, and `gradient` is that in all numbers on
    which the layer was run. Of the `totals` that it made, the one in question stands `at` an index.
    """

    rule: str
    channels: Channels
    gradient: np.ndarray
    bias: float
    totals: np.ndarray
    at: int


@dataclass(frozen=True)
class _Side:
    """What feeds a number along one axis.

    Attributes
    ----------
    run : range
        Inputs on which the layer is run, without gaps.
    at : int
        Where the number then is in what comes out.
    shown : tuple of int
        The inputs that take part, and the padding.
    taps : tuple of int
        Indices in the kernel that meet them.
    is_window : bool
        Whether it is a window, which has its padding with it, and not a stamp.
    """

    run: range
    at: int
    shown: tuple[int, ...]
    taps: tuple[int, ...]
    is_window: bool

    @property
    def indices(self) -> list[int]:
        """Where each of those that are shown is in `run`; -1 for a pool's padding."""
        return [self.run.index(j) if j in self.run else -1 for j in self.shown]

    @classmethod
    def of(cls, rule: AxisMap, index: int, n: int, is_pool: bool) -> _Side:
        """Read the index map of an output; the padding of a pool takes no part."""
        if isinstance(rule, Gather):
            first = index * rule.stride - rule.before
            window = range(first, first + rule.span)
            run = range(max(first, 0), min(window.stop, n)) if is_pool else window
            return cls(run, 0, tuple(window[:: rule.dilation]), tuple(range(rule.kernel)), True)
        stamp, shown = rule.window, tuple(rule.inputs(index, n))
        # In a gap between the stamps any input will do, for none is shown.
        first = shown[0] if shown else min(index // stamp.stride, n - 1)
        taps = tuple(index + stamp.before - j * stamp.stride for j in shown)
        run = range(first, first + max(len(shown), 1))
        return cls(run, index - first * stamp.stride, shown, taps, False)


def _cut(
    values: np.ndarray, rows: Sequence[int], columns: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return some rows and columns of a map, zeros for those outside, and which are outside."""
    sides = [(np.array(rows, int), values.shape[0]), (np.array(columns, int), values.shape[1])]
    outside = ~np.outer(*((j >= 0) & (j < n) for j, n in sides))
    numbers = values[np.ix_(*(j.clip(0, n - 1) for j, n in sides))]
    numbers[outside] = 0
    return numbers, outside


def _settings(config: Mapping[str, Any], rows: _Side, columns: _Side) -> dict[str, Any]:
    """Settings with which a layer does to a cut what it does to a map, but for the activation."""
    settings: dict[str, Any] = {}
    if "activation" in config:
        settings["activation"] = "linear"
    if "cropping" in config:
        settings["cropping"] = 0  # it is cut already
    if "pool_size" in config:
        settings |= {"pool_size": (len(rows.run), len(columns.run)), "padding": "valid"}
    elif "padding" in config and rows.is_window:
        settings["padding"] = "valid" if isinstance(config["padding"], str) else 0
    return settings


def _trials(pieces: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Numbers to run a layer on, shape (n, h, w, c): its own, zeros, and random ones.

    Their signs are turned, and each piece in turn is made the largest and the smallest.
    """
    generator, size = np.random.default_rng(0), 1.0
    for piece in pieces:
        size = max(size, float(np.abs(piece[np.isfinite(piece)]).max(initial=0)))
    noise = [generator.normal(scale=size, size=piece.shape) for piece in pieces]
    trials = []
    for i, (piece, random) in enumerate(zip(pieces, noise, strict=True)):
        moved = [_FAR * size * (i == j) * sign for j in range(len(pieces)) for sign in (1, -1)]
        trials.append(
            np.stack([piece, 0 * random, random, -random, *(random + step for step in moved)])
        )
    return trials


def _that_count(slopes: Sequence[np.ndarray], channel: int, made: int) -> Channels:
    """Channels of each input in which any of the trials has a slope; else that of the place."""
    counts = [np.flatnonzero((one != 0).any(axis=(0, 1, 2))).tolist() for one in slopes]
    if any(counts):
        return counts
    return [[channel * one.shape[-1] // made] for one in slopes]


def _rule_of(totals: np.ndarray, numbers: np.ndarray, gradient: np.ndarray) -> str:
    """Tell what a layer does from what it made of trials, of which the second is zeros.

    Parameters
    ----------
    totals : array of shape (n,)
        What came out.
    numbers : array of shape (n, h, w, c)
        What went in.
    gradient : array of shape (h, w, c)
        The slopes at the first trial.
    """
    numbers = numbers.reshape(len(numbers), -1)
    products = numbers * gradient.ravel()
    errors = np.abs(totals - totals[1] - products.sum(axis=1))
    room = _ROUNDING * (np.abs(totals[1]) + np.abs(products).sum(axis=1))
    # Weights that are not numbers are no reason to doubt that it is a sum.
    if not (errors > room)[1:].any():
        return "copy" if gradient.tolist() == [[[1]]] and not totals[1] else "sum"
    results = {
        "largest": numbers.max(axis=1),
        "smallest": numbers.min(axis=1),
        "product": numbers.prod(axis=1),
    }
    for rule, expected in results.items():
        if np.allclose(totals[1:], expected[1:], rtol=_ROUNDING, atol=0):
            return rule
    return "function"


def _part(weights: np.ndarray, shape: tuple[int, ...], place: Place) -> np.ndarray:
    """Cut weights to a shape: along an axis that is too long at the place."""
    by_axis = place if weights.ndim == 3 else (place[2],) * weights.ndim
    return weights[
        tuple(
            slice(None) if n == wanted else slice(index, index + wanted)
            for n, wanted, index in zip(weights.shape, shape, by_axis, strict=True)
        )
    ]
