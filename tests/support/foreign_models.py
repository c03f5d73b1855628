"""U-Nets as other people write them, in plain Keras: small widths, small images.

Each function takes the size of the image, builds one model and returns it. `MODELS` holds all.
"""

import keras
import pytest
from keras import layers

MODELS = {}


def foreign(builder):
    MODELS[builder.__name__] = builder
    return builder


def foreign_models(*quick, without=()):
    """A decorator: run a test with the `name` of each model, those that are not `quick` if slow."""
    names = [name for name in MODELS if name not in without]
    assert set(quick) <= set(names)
    return pytest.mark.parametrize(
        "name",
        [pytest.param(n, marks=() if n in quick else pytest.mark.slow) for n in names],
    )


def relu_block(x, filters, times=2, **settings):
    """Convolution, batch normalization and activation as three layers."""
    for _ in range(times):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, **settings)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
    return x


def plain_block(x, filters):
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)


def scores(source, x, activation="sigmoid"):
    return keras.Model(source, layers.Conv2D(1, 1, activation=activation)(x))


@foreign
def batch_normalized(size=(64, 64), pool="valid"):
    source = x = keras.Input((*size, 3))
    skips = []
    for filters in (4, 8):
        x = relu_block(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D(2, padding=pool)(x)
    x = relu_block(x, 16)
    for filters in (8, 4):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = layers.concatenate([x, skips.pop()])
        x = relu_block(x, filters)
    return scores(source, x)


@foreign
def padded_by_hand(size=(64, 48)):
    """The way of PyTorch: padding is a number of zeros, also in front of a strided convolution."""

    def conv(x, filters, stride=1):
        x = layers.ZeroPadding2D(1)(x)
        return layers.Conv2D(filters, 3, strides=stride, activation="relu")(x)

    source = keras.Input((*size, 1))
    first = conv(source, 4)
    second = conv(conv(first, 8, stride=2), 8)
    x = conv(conv(second, 16, stride=2), 16)
    x = layers.concatenate([layers.Conv2DTranspose(8, 2, strides=2)(x), second])
    x = layers.concatenate([layers.Conv2DTranspose(4, 2, strides=2)(conv(x, 8)), first])
    return scores(source, conv(x, 4))


@foreign
def bilinear(size=(64, 64)):
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    second = plain_block(layers.MaxPooling2D()(first), 8)
    x = plain_block(layers.MaxPooling2D()(second), 16)
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    x = plain_block(layers.Concatenate()([x, second]), 8)
    x = layers.UpSampling2D((2, 2), interpolation="bilinear")(x)
    x = plain_block(layers.Concatenate(axis=3)([x, first]), 4)
    return scores(source, x)


@foreign
def strided(size=(64, 64)):
    """The image translation kind: no pools, window 4, a normalization behind everything."""
    source = x = keras.Input((*size, 3))
    skips = [source]
    for filters in (4, 8, 8):
        x = layers.Conv2D(filters, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
        skips.append(x)
    skips.pop()
    for filters in (8, 4, 4):
        x = layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.Dropout(0.5)(layers.BatchNormalization()(x)))
        x = layers.Concatenate()([x, skips.pop()])
    return scores(source, x, "tanh")


@foreign
def residual(size=(64, 64)):
    def block(x, filters, stride=1):
        short = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Conv2D(filters, 3, strides=stride, padding="same")(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Conv2D(filters, 3, padding="same")(x)
        return layers.Add()([x, short])

    source = keras.Input((*size, 3))
    first = block(source, 4)
    second = block(first, 8, stride=2)
    x = block(second, 16, stride=2)
    x = block(layers.concatenate([layers.UpSampling2D(2)(x), second]), 8)
    x = block(layers.concatenate([layers.UpSampling2D(2)(x), first]), 4)
    return scores(source, x)


@foreign
def attention(size=(64, 64)):
    """The gate has one channel and weighs all channels of the skip."""

    def gate(skip, signal, filters):
        both = layers.Add()([layers.Conv2D(filters, 1)(skip), layers.Conv2D(filters, 1)(signal)])
        weight = layers.Conv2D(1, 1, activation="sigmoid")(layers.ReLU()(both))
        return layers.Multiply()([skip, weight])

    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    second = plain_block(layers.MaxPooling2D()(first), 8)
    x = plain_block(layers.MaxPooling2D()(second), 16)
    for skip, filters in ((second, 8), (first, 4)):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = plain_block(layers.concatenate([gate(skip, x, filters), x]), filters)
    return scores(source, x)


@foreign
def coarse_gate(size=(64, 64)):
    """The gate is computed on the coarser map: the skip is strided first, then up-sampled."""
    source = keras.Input((*size, 1))
    skip = plain_block(source, 4)
    x = plain_block(layers.MaxPooling2D()(skip), 8)
    both = layers.add([layers.Conv2D(4, 2, strides=2)(skip), layers.Conv2D(4, 1)(x)])
    weight = layers.Conv2D(4, 1, activation="sigmoid")(layers.ReLU()(both))
    gated = layers.multiply([skip, layers.UpSampling2D()(weight)])
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    return scores(source, plain_block(layers.concatenate([x, gated]), 4))


@foreign
def mobile(size=(64, 64)):
    """Depthwise and separable convolutions, strides in the depthwise ones."""

    def inverted(x, filters, stride=1):
        y = layers.Conv2D(2 * x.shape[-1], 1, use_bias=False)(x)
        y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
        if stride == 2:
            y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
        padding = "valid" if stride == 2 else "same"
        y = layers.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False)(y)
        y = layers.Conv2D(filters, 1, use_bias=False)(layers.BatchNormalization()(y))
        return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == filters else y

    source = keras.Input((*size, 3))
    first = inverted(layers.SeparableConv2D(4, 3, padding="same")(source), 4)
    second = inverted(inverted(first, 8, stride=2), 8)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(inverted(second, 8, stride=2))
    for skip, filters in ((second, 8), (first, 4)):
        x = layers.concatenate([layers.UpSampling2D()(x), skip])
        x = layers.SeparableConv2D(filters, 3, depth_multiplier=2, padding="same")(x)
    return scores(source, x)


@foreign
def pixel_by_pixel(size=(48, 64)):
    """All the layers that look at one pixel only, and pools that take the mean."""
    source = keras.Input((*size, 2))
    x = layers.GaussianNoise(0.1)(layers.Rescaling(1 / 255)(source))
    first = layers.LeakyReLU()(layers.Conv2D(4, 3, padding="same")(x))
    x = layers.SpatialDropout2D(0.2)(layers.AveragePooling2D(2)(first))
    second = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(8, 3, padding="same")(x))
    x = layers.LayerNormalization()(layers.AveragePooling2D(3, 2, padding="same")(second))
    x = layers.ELU()(layers.Conv2D(8, 5, padding="same")(x))
    x = layers.GaussianDropout(0.1)(layers.UnitNormalization()(x))
    x = layers.PReLU()(layers.Conv2DTranspose(8, 2, strides=2)(x))
    x = plain_block(layers.concatenate([second, layers.AlphaDropout(0.1)(x)]), 8)
    x = layers.concatenate([first, layers.Identity()(layers.UpSampling2D()(x))])
    x = layers.Conv2D(3, 1)(plain_block(x, 4))
    return keras.Model(source, layers.Softmax()(x))


@foreign
def dilated(size=(64, 64)):
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    x = layers.MaxPooling2D()(first)
    pyramid = [
        layers.Conv2D(4, 3, padding="same", dilation_rate=rate, activation="relu")(x)
        for rate in (1, 2, 4)
    ]
    x = layers.Conv2D(8, 3, dilation_rate=(3, 1), groups=2)(layers.add(pyramid))
    x = layers.ZeroPadding2D((3, 1))(x)
    x = layers.Conv2DTranspose(4, 2, strides=2)(x)
    return scores(source, plain_block(layers.concatenate([first, x]), 4))


@foreign
def transposed_3_same(size=(64, 64)):
    return _transposed(size, 3, "same")


@foreign
def transposed_4_same(size=(64, 64)):
    return _transposed(size, 4, "same")


@foreign
def transposed_3_cropped(size=(64, 64)):
    return _transposed(size, 3, "valid", ((0, 1), (0, 1)))


@foreign
def transposed_5_3_same(size=(63, 63)):
    return _transposed(size, 5, "same", stride=3)


def _transposed(size, kernel, padding, crop=None, stride=2):
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    x = plain_block(layers.MaxPooling2D(stride)(first), 8)
    x = layers.Conv2DTranspose(4, kernel, strides=stride, padding=padding, activation="relu")(x)
    x = layers.Cropping2D(crop)(x) if crop else x
    return scores(source, plain_block(layers.concatenate([x, first]), 4))


@foreign
def aligned_by_padding(size=(45, 53)):
    """Sizes that do not fit: what the pools lose is filled up with zeros."""
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    second = plain_block(layers.MaxPooling2D()(first), 8)
    x = plain_block(layers.MaxPooling2D()(second), 16)
    for skip, filters in ((second, 8), (first, 4)):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        missing = [(0, skip.shape[axis] - x.shape[axis]) for axis in (1, 2)]
        x = layers.concatenate([skip, layers.ZeroPadding2D(missing)(x)])
    return scores(source, x)


@foreign
def lossy(size=(43, 46)):
    """Pools that lose the last rows, and no windows through which these would be seen."""
    source = keras.Input((*size, 1))
    first = layers.Conv2D(4, 1, activation="relu")(source)
    x = layers.Conv2D(8, 1, activation="relu")(layers.MaxPooling2D(4)(first))
    x = layers.Conv2DTranspose(4, 4, strides=4)(x)
    missing = [(1, first.shape[axis] - x.shape[axis] - 1) for axis in (1, 2)]
    return scores(source, layers.concatenate([first, layers.ZeroPadding2D(missing)(x)]))


@foreign
def blind_spot(size=(32, 48)):
    """A map moved down by one row, so that no pixel sees itself; the first row sees nothing."""
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    x = plain_block(layers.MaxPooling2D()(first), 8)
    x = plain_block(layers.concatenate([layers.UpSampling2D()(x), first]), 4)
    x = layers.Cropping2D(((0, 1), (0, 0)))(layers.ZeroPadding2D(((1, 0), (0, 0)))(x))
    return scores(source, layers.concatenate([x, layers.Conv2D(2, 1)(source)]))


@foreign
def original(size=(92, 76)):
    """Convolutions without padding, skips that are cut."""

    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal")(x)
        return x

    source = x = keras.Input((*size, 1))
    skips = []
    for filters in (4, 8):
        skips.append(block(x, filters))
        x = layers.MaxPooling2D()(skips[-1])
    x = block(x, 16)
    for filters, cut in ((8, 4), (4, 16)):
        x = layers.Conv2DTranspose(filters, 2, strides=2, activation="relu")(x)
        x = block(layers.concatenate([layers.Cropping2D(cut)(skips.pop()), x]), filters)
    return scores(source, x)


@foreign
def nested(size=(64, 64)):
    """Models as layers: a functional one with a model inside, and a Sequential."""
    inner = keras.Input((size[0] // 2, size[1] // 2, 8))
    smooth = keras.Sequential([layers.Conv2D(8, 3, padding="same"), layers.ReLU()], name="smooth")
    encoder = keras.Model(inner, layers.MaxPooling2D()(smooth(inner)), name="encoder")
    bottom = keras.Sequential(
        [
            keras.Input((size[0] // 4, size[1] // 4, 8)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(8, 2, strides=2),
        ],
        name="bottom",
    )
    source = keras.Input((*size, 3))
    first = plain_block(source, 4)
    second = plain_block(layers.MaxPooling2D()(first), 8)
    x = plain_block(layers.concatenate([second, bottom(encoder(second))]), 8)
    x = layers.concatenate([first, layers.Conv2DTranspose(4, 2, strides=2)(x)])
    return scores(source, plain_block(x, 4))


@foreign
def dense_skips(size=(64, 64)):
    """UNet++ of depth 2: between the two sides more maps, each made of all before it."""
    source = keras.Input((*size, 1))
    x00 = plain_block(source, 4)
    x10 = plain_block(layers.MaxPooling2D()(x00), 8)
    x20 = plain_block(layers.MaxPooling2D()(x10), 16)
    x01 = plain_block(layers.concatenate([x00, layers.UpSampling2D()(x10)]), 4)
    x11 = layers.concatenate([x10, layers.Conv2DTranspose(8, 2, strides=2)(x20)])
    x11 = plain_block(x11, 8)
    x02 = layers.Conv2DTranspose(4, 2, strides=2)(x11)
    return scores(source, plain_block(layers.concatenate([x00, x01, x02]), 4))


@foreign
def called_twice(size=(64, 64)):
    """A recurrent block: the same convolution again and again, on the sum with its first input."""
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    again = layers.Conv2D(4, 3, padding="same", activation="relu", name="again")
    x = again(first)
    x = again(layers.add([first, x]))
    x = layers.MaxPooling2D()(again(layers.add([first, x])))
    shrink = keras.Sequential([layers.Conv2D(4, 3, padding="same", name="conv")], name="shared")
    x = layers.UpSampling2D()(shrink(shrink(x)))
    return scores(source, layers.add([first, x]))


@foreign
def oblong(size=(48, 60)):
    """Nothing is square: windows, strides, poolings and factors."""
    source = keras.Input((*size, 1))
    first = layers.Conv2D(4, (1, 5), padding="same")(source)
    x = layers.MaxPooling2D((2, 1))(layers.Conv2D(4, (3, 1), padding="same")(first))
    second = layers.Conv2D(8, (3, 2), strides=(1, 3), padding="same")(x)
    x = plain_block(layers.MaxPooling2D((3, 2), strides=(3, 1), padding="same")(second), 8)
    x = layers.UpSampling2D((3, 1))(x)
    x = layers.Conv2DTranspose(4, (2, 3), strides=(1, 3), padding="same")(layers.add([x, second]))
    x = layers.UpSampling2D((2, 1), interpolation="bilinear")(x)
    return scores(source, layers.concatenate([first, x]))


@foreign
def other_sums(size=(64, 64)):
    """Maps that are joined number by number in other ways; one channel meets several."""
    source = keras.Input((*size, 1))
    first = plain_block(source, 4)
    second = plain_block(layers.MaxPooling2D()(first), 4)
    x = layers.Conv2DTranspose(4, 2, strides=2)(plain_block(layers.MaxPooling2D()(second), 4))
    largest = layers.Maximum()([second, x])
    x = layers.Average()([largest, layers.Conv2D(4, (3, 1), padding="same")(x)])
    x = layers.Subtract()([layers.UpSampling2D()(x), first])
    return scores(source, layers.Minimum()([x, plain_block(x, 1)]))


@foreign
def image_added(size=(64, 64)):
    """The way of V-Net: the image of one channel is added to all channels of a map."""
    source = keras.Input((*size, 1))
    first = layers.Add()([source, plain_block(source, 4)])
    x = plain_block(layers.Conv2D(8, 2, strides=2)(first), 8)
    x = layers.Conv2DTranspose(4, 2, strides=2)(x)
    return scores(source, plain_block(layers.concatenate([first, x]), 4))


@foreign
def residual_backbone(size=(64, 64)):
    """The stem of a classifier in front: a wide strided window, and pools that overlap."""
    source = keras.Input((*size, 3))
    x = layers.ZeroPadding2D(3)(source)
    first = layers.Conv2D(4, 7, strides=2, use_bias=False)(x)
    first = layers.Activation("relu")(layers.BatchNormalization()(first))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(first))
    second = layers.add([x, plain_block(plain_block(x, 4), 4)])
    x = plain_block(layers.MaxPooling2D(3, strides=2, padding="same")(second), 8)
    for skip in (second, first):
        x = plain_block(layers.concatenate([layers.UpSampling2D()(x), skip]), 4)
    return scores(source, layers.UpSampling2D(interpolation="bilinear")(x))
