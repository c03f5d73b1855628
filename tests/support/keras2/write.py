"""Write the files beside this one: networks as Keras 2 saved them, with an image and its output.

Run once, with the package `tf_keras`, which is Keras 2; the tests only read the files.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras as keras

HERE = Path(__file__).parent
layers = keras.layers


def unet():
    def block(x, filters):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        return layers.Activation("relu")(layers.BatchNormalization()(x))

    image = layers.Input((8, 8, 3))
    first = block(image, 2)
    x = layers.Dropout(0.5)(block(layers.MaxPooling2D()(first), 4))
    x = layers.Conv2DTranspose(2, 2, strides=2, padding="same")(x)
    x = block(layers.concatenate([first, x], axis=3), 2)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))


def many_layers():
    image = layers.Input((8, 8, 3))
    normalization = layers.Normalization()
    normalization.adapt(np.random.default_rng(1).normal(3, 2, (4, 8, 8, 3)))
    x = layers.Rescaling(1 / 255)(normalization(image))
    x = layers.SeparableConv2D(4, 3, padding="same")(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.LeakyReLU(alpha=0.1)(layers.ReLU(6.0)(x))
    x = layers.ELU(alpha=0.5)(layers.PReLU(shared_axes=[1, 2])(x))
    x = layers.ThresholdedReLU(0.01)(layers.SpatialDropout2D(0.1)(layers.LayerNormalization()(x)))
    x = layers.AlphaDropout(0.1)(layers.GaussianDropout(0.1)(layers.GaussianNoise(0.1)(x)))
    x = layers.UpSampling2D(interpolation="bilinear")(layers.AveragePooling2D()(x))
    x = layers.Cropping2D(1)(layers.ZeroPadding2D(1)(x))
    return keras.Model(image, layers.Softmax()(layers.Conv2D(2, 1)(x)))


def nested():
    image = layers.Input((8, 8, 3))
    smooth = keras.Sequential([layers.Conv2D(3, 3, padding="same"), layers.ReLU()])
    inner = layers.Input((8, 8, 3))
    up = layers.Conv2DTranspose(2, 2, strides=2)(layers.MaxPooling2D()(inner))
    return keras.Model(image, layers.Conv2D(1, 1)(keras.Model(inner, up)(smooth(image))))


def chain():
    return keras.Sequential(
        [
            layers.Conv2D(2, 3, padding="same", input_shape=(8, 8, 3)),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(1, 1),
        ]
    )


def operations():
    image = layers.Input((8, 8, 3))
    x = layers.Conv2D(2, 3, padding="same")(1.0 - image / 255.0)
    return keras.Model(image, tf.nn.relu(x) + 2.0 * tf.sigmoid(layers.Conv2D(2, 1)(x)))


def half():
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = unet()
    keras.mixed_precision.set_global_policy("float32")
    return model


def resized():
    image = layers.Input((8, 8, 3))
    return keras.Model(image, tf.image.resize(layers.Conv2D(2, 1)(image), (16, 16)))


def main():
    image = np.random.default_rng(0).random((1, 8, 8, 3), "float32")
    outputs = {}
    for make in (unet, many_layers, nested, chain, operations, half, resized):
        keras.backend.clear_session()
        model = make()
        for i, weight in enumerate(model.weights):
            if weight.dtype == tf.float32:
                numbers = np.random.default_rng(i).uniform(-0.4, 0.4, weight.shape)
                weight.assign(numbers + ("variance" in weight.name))
        for layer in model.layers:
            if isinstance(layer, layers.Normalization):
                layer.finalize_state()
        outputs[make.__name__] = model.predict(image, verbose=0).astype("float32")
        for ending in (".h5", ".keras"):
            model.save(HERE / f"{make.__name__}{ending}")
    np.savez_compressed(HERE / "outputs.npz", image=image, **outputs)


if __name__ == "__main__":
    main()
