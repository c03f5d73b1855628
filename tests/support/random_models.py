"""Random models as other people write them: layers of every kind that can be read."""

import keras
import numpy as np
from hypothesis import strategies as st
from keras import layers, ops

ACTIVATIONS = (
    *("relu", "linear", "elu", "gelu", "swish", "leaky_relu", "softplus", "hard_sigmoid"),
    *("tanh", "relu6", "mish", "softmax", "sigmoid", "log_softmax"),
    *(keras.activations.silu, keras.activations.selu, ops.relu, ops.tanh),
)


class Model:
    """Draws one model; `refused` is the name of a layer with code of its own, if it has one."""

    def __init__(self, draw, size=10):
        self._draw, self._size = draw, size
        self.refused = ""
        self._shared = {}
        self._inner = {}

    def pick(self, *options):
        return self._draw(st.sampled_from(options))

    def number(self, low, high):
        return round(self._draw(st.floats(low, high, allow_nan=False)), 3)

    def activation(self):
        if self.pick(*range(8)):
            return self.pick(*ACTIVATIONS)
        return self.pick(
            layers.LeakyReLU(self.number(0, 1)),
            layers.ReLU(max_value=self.number(1, 6), negative_slope=self.number(0, 1)),
            layers.ELU(alpha=self.number(0.1, 2)),
        )

    def convolution(self, filters, **more):
        return layers.Conv2D(
            filters,
            self.pick(1, 2, 3, (1, 3)),
            padding="same",
            activation=self.activation(),
            use_bias=self.pick(True, False),
            **more,
        )

    def layer(self, channels):
        """One layer that keeps the size of a map."""
        same = {"padding": "same", "use_bias": self.pick(True, False)}
        rate = self.pick(0, 0.3)
        return self.pick(
            lambda: self.convolution(self.pick(2, 4), dilation_rate=self.pick(1, 2)),
            lambda: self.convolution(2 * channels, groups=channels),
            lambda: self.convolution(
                3,
                kernel_initializer=self.pick("he_normal", keras.initializers.Constant(0.1)),
                kernel_regularizer=self.pick(None, "l2", keras.regularizers.L1(0.3)),
                kernel_constraint=self.pick(None, keras.constraints.MaxNorm(2.0)),
            ),
            lambda: layers.SeparableConv2D(
                3, 3, depth_multiplier=self.pick(1, 2), activation=self.activation(), **same
            ),
            lambda: layers.DepthwiseConv2D(
                3, depth_multiplier=self.pick(1, 2), activation=self.activation(), **same
            ),
            lambda: layers.Conv2DTranspose(3, 3, activation=self.activation(), **same),
            lambda: layers.BatchNormalization(
                momentum=self.number(0, 0.99),
                epsilon=self.number(0.001, 2),
                center=self.pick(True, False),
                scale=self.pick(True, False),
            ),
            lambda: layers.LayerNormalization(
                epsilon=self.number(0.001, 2), center=self.pick(True, False)
            ),
            lambda: self.pick(layers.UnitNormalization, layers.RMSNormalization)(),
            lambda: layers.Normalization(
                axis=self.pick(-1, 3, None), mean=self.number(-1, 1), variance=self.number(0.5, 2)
            ),
            self.adapted,
            lambda: layers.ReLU(
                max_value=self.pick(None, 6.0, 0.5),
                negative_slope=self.number(0, 1),
                threshold=self.number(0, 1),
            ),
            lambda: layers.LeakyReLU(negative_slope=self.number(0, 1)),
            lambda: layers.PReLU(shared_axes=self.pick(None, [1, 2])),
            lambda: layers.ELU(alpha=self.number(0.1, 2)),
            lambda: layers.Softmax(),
            lambda: layers.Activation(self.activation()),
            lambda: layers.Rescaling(
                self.pick(1 / 255, [0.5] * channels, np.full(channels, 2.0)), self.number(-1, 1)
            ),
            lambda: self.pick(layers.Dropout, layers.SpatialDropout2D, layers.AlphaDropout)(rate),
            lambda: self.pick(layers.GaussianNoise, layers.GaussianDropout)(0.1),
            lambda: layers.ActivityRegularization(l2=0.1),
            layers.Identity,
        )()

    def adapted(self):
        layer = layers.Normalization()
        layer.is_adapted = True
        return layer

    def operator(self, x):
        number = self.number(0.5, 3)
        return self.pick(
            lambda: x / number,
            lambda: number - x,
            lambda: -x * number,
            lambda: x + np.arange(x.shape[-1], dtype="float32"),
            lambda: ops.sigmoid(x),
            lambda: ops.leaky_relu(x, number / 10),
            lambda: ops.elu(x, alpha=number),
            lambda: keras.activations.relu(x, max_value=number),
            lambda: ops.cast(x, "float32"),
        )()

    def called(self, layer, x):
        y = layer(x)
        if getattr(layer, "is_adapted", False):
            numbers = np.random.default_rng(x.shape[-1]).normal(1, 2, (5, *x.shape[1:]))
            layer.adapt(numbers)
        return y

    def block(self, x, deep):
        """A layer, a detour, or several maps joined; it may change the channels."""
        channels = x.shape[-1]

        def again():
            if channels not in self._shared:
                self._shared[channels] = self.convolution(channels)
            layer = self._shared[channels]
            return layer(layers.LeakyReLU(0.3)(layer(x)))

        def joined():
            kind = self.pick("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
            return getattr(layers, kind)()([x, self.convolution(self.pick(1, channels))(x)])

        def resized():
            pool = self.pick(layers.MaxPooling2D, layers.AveragePooling2D)(
                2, strides=self.pick(None, 2), padding=self.pick("valid", "same")
            )
            how = self.pick("nearest", "bilinear")
            return layers.UpSampling2D(2, interpolation=how)(
                self.called(self.layer(channels), pool(x))
            )

        def inside():
            key = channels if self.pick(True, False) else (channels, len(self._inner))
            if key not in self._inner:
                source = keras.Input(x.shape[1:])
                y = self.block(self.block(source, False), False)
                outputs = [y, self.convolution(1)(y)] if self.pick(True, False) else y
                self._inner[key] = keras.Model(source, outputs)
            given = self._inner[key](x, training=self.pick(None, False))
            return layers.Concatenate()(given[::-1]) if isinstance(given, list) else given

        def training():
            return self.pick(layers.Dropout(0.4), layers.BatchNormalization())(
                x, training=self.pick(True, False)
            )

        plain = [lambda: self.called(self.layer(channels), x) for _ in range(4)]
        blocks = [
            *plain,
            again,
            joined,
            lambda: layers.concatenate([self.convolution(2)(x), x]),
            lambda: layers.Cropping2D(((1, 0), (0, 2)))(layers.ZeroPadding2D(((0, 1), (2, 0)))(x)),
            lambda: self.operator(x),
            resized,
            training,
        ]
        return self.pick(*blocks, *([inside, inside, self.own_code(x)] if deep else []))()

    def own_code(self, x):
        def make():
            if self.refused:  # the first is named, one is enough
                return x
            self.refused = "own"
            return self.pick(
                lambda: layers.Activation(lambda numbers: numbers * 2, name="own"),
                lambda: OwnConvolution(2, 3, padding="same", name="own"),
                lambda: layers.Conv2D(2, 1, kernel_regularizer=own_penalty, name="own"),
                lambda: layers.Conv2D(2, 1, activation=layers.PReLU(), name="own"),
            )()(x)

        return make

    def draw(self):
        source = x = keras.Input((self._size, self._size, self.pick(1, 3)))
        for _ in range(self.pick(1, 2, 3, 4, 5)):
            x = self.block(x, True)
        return keras.Model(
            source, layers.Conv2D(2, 1, name=self.pick("class", "my layer", "3d"))(x)
        )


class OwnConvolution(layers.Conv2D):
    """A class that Keras does not have."""


def own_penalty(weights):
    return ops.sum(ops.abs(weights))


@st.composite
def random_models(draw):
    """Draw a model, and the name of a layer with code of its own, empty if there is none."""
    keras.backend.clear_session()
    made = Model(draw)
    model = made.draw()
    numbers = np.random.default_rng(0)
    adapted = {
        id(w) for one in flat(model) if isinstance(one, layers.Normalization) for w in one.weights
    }
    for weight in model.weights:
        if id(weight) not in adapted and keras.backend.is_float_dtype(weight.dtype):
            weight.assign(numbers.uniform(-0.5, 0.5, weight.shape) + ("variance" in weight.path))
    return model, made.refused


def flat(model):
    for layer in model.layers:
        yield from flat(layer) if isinstance(layer, keras.Model) else (layer,)
