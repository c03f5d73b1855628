"""Layers of Keras and gradients of TensorFlow, with which small experiments are compared.

Both are imported where they are used: who runs only tests without Keras does not wait for them.
"""

import numpy as np


def apply_layer(layer, image, kernel):
    """What a layer without bias makes of one image."""
    layer.build((None, *image.shape))
    layer.set_weights([kernel])
    return np.asarray(layer(image[None].astype("float32")))[0]


def up_layer(kernel, stride, padding="valid"):
    import keras

    return keras.layers.Conv2DTranspose(
        kernel.shape[2], len(kernel), stride, padding=padding, use_bias=False
    )


def down_layer(kernel, stride, padding="valid"):
    import keras

    return keras.layers.Conv2D(
        kernel.shape[3], len(kernel), stride, padding=padding, use_bias=False
    )


def tape_gradient(function, at, gradient):
    """Gradient, as TensorFlow finds it in float64, of sum(function(at) * gradient)."""
    import tensorflow as tf

    at = tf.constant(at, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(at)
        total = tf.reduce_sum(function(at[None])[0] * gradient)
    return tape.gradient(total, at).numpy()
