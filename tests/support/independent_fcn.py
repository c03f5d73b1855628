"""A second FCN, written in plain Keras from the description, without any help of the trace."""

import keras
from keras import layers


def build_fcn_independently(
    spec,
    activation="relu",
    convolution=layers.Conv2D,
    transposed=layers.Conv2DTranspose,
    pooling=layers.MaxPooling2D,
    gate=None,
    final_activation="softmax",
):
    """Return (model, tensors by name).

    The keyword arguments change what is computed, never the shapes. `gate(tensor, level, branch)`
    may change both tensors of a sum, the branches "skip" and "up".
    """
    tensors = {}

    def keep(name, tensor):
        tensors[name] = tensor
        return tensor

    def scores(x, name):
        return keep(name, convolution(spec.classes, 1, activation="linear", padding="same")(x))

    def enlarged(x, times, target, names):
        """Spread by `times` and cut to the size of `target`, `times / 2` pixels at the top left."""
        x = keep(names[0], transposed(spec.classes, 2 * times, strides=times)(x))
        cuts = []
        for axis in (1, 2):
            total = x.shape[axis] - target.shape[axis]
            first = min(times // 2, total)
            cuts.append((first, total - first))
        return keep(names[1], layers.Cropping2D(cuts)(x))

    x = source = keep("input", keras.Input((*spec.input_size, spec.input_channels)))
    pools = {}
    widths = [1, 2, 4, 8, 8]
    for level, (count, width) in enumerate(zip([2, 2, 3, 3, 3], widths, strict=True), start=1):
        for i in range(count):
            filters = width * spec.base_filters
            layer = convolution(filters, 3, activation=activation, padding="same")
            x = keep(f"enc{level}_conv{i + 1}", layer(x))
        x = pools[level] = keep(f"enc{level}_pool", pooling(2)(x))
    x = scores(x, "score")
    for pooled in {32: (), 16: (4,), 8: (4, 3)}[spec.stride]:
        level = pooled + 1  # where the maps are as small as that pooling makes them
        pool = pools[pooled]
        x = enlarged(x, 2, pool, (f"dec{level}_up", f"dec{level}_crop"))
        finer = scores(pool, f"dec{level}_score")
        if gate:
            x, finer = gate(x, level, "up"), gate(finer, level, "skip")
        x = keep(f"dec{level}_add", layers.Add()([x, finer]))
    x = enlarged(x, spec.stride, source, ("up", "crop"))
    x = keep("softmax", layers.Activation(final_activation)(x))
    return keras.Model(source, x), tensors
