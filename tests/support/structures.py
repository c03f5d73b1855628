"""One small U-Net in many structures: what goes around, before and after the same layers."""

import keras
from keras import layers

SIZE = (32, 32)
STRUCTURES = {}
SAME = set()
"""Structures whose numbers are those of the plain model."""


def structure(same=False):
    def register(function):
        STRUCTURES[function.__name__] = function
        if same:
            SAME.add(function.__name__)
        return function

    return register


def build(name):
    """Build a model, with the weights that a model of this kind always gets."""
    keras.utils.set_random_seed(0)
    return STRUCTURES[name]()


def source(size=SIZE, **settings):
    return keras.Input((*size, 1), name="image", **settings)


def body(x, classes=1, activation="sigmoid"):
    first = layers.Conv2D(3, 3, padding="same", activation="relu", name="first")(x)
    below = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.MaxPooling2D()(first))
    up = layers.Conv2DTranspose(3, 2, strides=2)(below)
    both = layers.Concatenate()([first, up])
    return layers.Conv2D(classes, 1, activation=activation, name="scores")(both)


@structure(same=True)
def plain():
    i = source()
    return keras.Model(i, body(i))


@structure(same=True)
def lists():
    i = source()
    return keras.Model([i], [body(i)])


@structure(same=True)
def dict_of_outputs():
    i = source()
    return keras.Model(i, {"mask": body(i)})


@structure(same=True)
def dict_of_inputs():
    i = source()
    return keras.Model({"image": i}, body(i))


@structure(same=True)
def nested_structures():
    i = source()
    return keras.Model({"a": [i]}, {"b": {"c": (body(i),)}})


@structure(same=True)
def batch_of_one():
    i = source(batch_size=1)
    return keras.Model(i, body(i))


@structure(same=True)
def open_size():
    i = source((None, None))
    return keras.Model(i, body(i))


@structure(same=True)
def open_width():
    i = source((32, None))
    return keras.Model(i, body(i))


@structure(same=True)
def open_lists():
    i = source((None, None))
    return keras.Model([i], {"mask": body(i)})


@structure(same=True)
def linear_at_the_end():
    i = source()
    return keras.Model(i, layers.Activation("linear", dtype="float32")(body(i)))


@structure(same=True)
def activation_at_the_end():
    i = source()
    return keras.Model(i, layers.Activation("sigmoid")(body(i, activation=None)))


@structure(same=True)
def dropout_in_use():
    i = source()
    x = body(i)  # first, because the dropout draws a seed too
    return keras.Model(i, layers.Dropout(0.5)(x, training=True))


@structure(same=True)
def a_model_inside():
    i, inner = source(), source()
    return keras.Model(i, keras.Model(inner, body(inner), name="inner")(i))


@structure(same=True)
def a_sequential_around():
    i = source()
    return keras.Sequential([source(), keras.Model(i, body(i), name="inner")])


@structure()
def softmax_layer():
    i = source()
    return keras.Model(i, layers.Softmax()(body(i, 2, None)))


@structure()
def softmax_activation_layer():
    i = source()
    return keras.Model(i, layers.Activation("softmax")(body(i, 2, None)))


@structure()
def softmax_over_one():
    i = source()
    return keras.Model(i, body(i, activation="softmax"))


@structure()
def uint8_input():
    i = source(dtype="uint8")
    return keras.Model(i, body(layers.Rescaling(1 / 255)(i)))


@structure()
def int32_input():
    i = source(dtype="int32")
    return keras.Model(i, body(layers.Rescaling(1 / 127.5, offset=-1)(i)))


@structure()
def own_rescaling():
    i = source()
    return keras.Model(i, body(layers.Rescaling(1 / 255)(i)))


@structure()
def mixed_precision():
    i = source()
    policy = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    try:
        return keras.Model(i, layers.Activation("linear", dtype="float32")(body(i)))
    finally:
        keras.mixed_precision.set_dtype_policy(policy)


@structure()
def two_outputs():
    i = source()
    x = body(i)
    return keras.Model(i, [x, layers.Conv2D(1, 1, activation="sigmoid")(x)])


@structure()
def two_inputs():
    i, j = source(), keras.Input((*SIZE, 1), name="other")
    return keras.Model([i, j], body(layers.Concatenate()([i, j])))


@structure()
def two_inputs_apart():
    i, j = source(), keras.Input((*SIZE, 1), name="other")
    return keras.Model([i, j], [layers.Conv2D(1, 1)(j), body(i)])


@structure()
def volumes():
    i = keras.Input((8, 8, 8, 1))
    return keras.Model(i, layers.Conv3D(1, 1, activation="sigmoid")(i))


@structure()
def signals():
    i = keras.Input((32, 1))
    return keras.Model(i, layers.Conv1D(1, 1, activation="sigmoid")(i))


@structure()
def vectors():
    i = keras.Input((32,))
    return keras.Model(i, layers.Dense(1, activation="sigmoid")(i))


@structure()
def channels_first():
    i = keras.Input((1, *SIZE))
    return keras.Model(i, layers.Conv2D(1, 1, data_format="channels_first")(i))


@structure()
def sequential():
    return keras.Sequential(
        [source(), layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="first")]
    )


@structure()
def sequential_without_input():
    return keras.Sequential([layers.Conv2D(1, 1, activation="sigmoid")])


@structure()
def subclassed():
    class Own(keras.Model):
        def call(self, x):
            return x

    return Own()


@structure()
def dense_head():
    i = source()
    x = layers.Conv2D(2, 3, activation="relu", name="first")(i)
    return keras.Model(i, layers.Dense(2, activation="softmax")(layers.Flatten()(x)))


@structure()
def weights_that_are_nan():
    model = plain()
    model.get_layer("first").kernel.assign(model.get_layer("first").kernel * float("nan"))
    return model
