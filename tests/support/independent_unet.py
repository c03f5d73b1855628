"""A second U-Net, written in plain Keras from the description, without any help of the trace."""

import keras
from keras import layers


def build_independently(
    spec,
    activation="relu",
    convolution=layers.Conv2D,
    transposed=layers.Conv2DTranspose,
    pooling=layers.MaxPooling2D,
    gate=None,
):
    """Return (model, tensors by name); raises whatever Keras raises for a size that fails.

    The keyword arguments change what is computed, never the shapes. `gate(tensor, level, branch)`
    may change both tensors that a merge is going to join, the branches "skip" and "up".
    """
    tensors = {}

    def keep(name, tensor):
        tensors[name] = tensor
        return tensor

    def conv(x, filters, kernel, name, activation=activation, padding=None, dilation=1):
        spread = {"dilation_rate": dilation} if dilation > 1 else {}
        padding = padding or spec.padding
        layer = convolution(filters, kernel, activation=activation, padding=padding, **spread)
        return keep(name, layer(x))

    def block(x, filters, prefix):
        for i in range(spec.convs_per_block):
            x = conv(x, filters, spec.kernel_size, f"{prefix}_conv{i + 1}", dilation=spec.dilation)
        return x

    x = source = keep("input", keras.Input((*spec.input_size, spec.input_channels)))
    skips = []
    for i in range(spec.depth):
        x = block(x, spec.base_filters << i, f"enc{i + 1}")
        if i == spec.depth - 1 and spec.dropout:
            x = keep(f"enc{i + 1}_dropout", layers.Dropout(spec.dropout)(x))
        skips.append(x)
        x = keep(f"enc{i + 1}_pool", pooling(spec.pool_size)(x))
    x = block(x, spec.base_filters << spec.depth, "bottleneck")
    if spec.dropout:
        x = keep("bottleneck_dropout", layers.Dropout(spec.dropout)(x))
    for i in reversed(range(spec.depth)):
        filters, prefix = spec.base_filters << i, f"dec{i + 1}"
        if spec.upsampling == "transposed":
            up = transposed(filters, spec.pool_size, strides=spec.pool_size)
            x = keep(f"{prefix}_up", up(x))
        else:
            x = keep(f"{prefix}_upsample", layers.UpSampling2D(spec.pool_size)(x))
            x = conv(x, filters, 2, f"{prefix}_up", padding="same")
        if spec.merge != "none":
            skip = skips[i]
            if spec.padding == "valid":
                cut = [skip.shape[axis] - x.shape[axis] for axis in (1, 2)]
                crop = layers.Cropping2D([(c // 2, c - c // 2) for c in cut])
                skip = keep(f"{prefix}_crop", crop(skip))
            if gate:
                skip, x = gate(skip, i + 1, "skip"), gate(x, i + 1, "up")
            join = layers.Concatenate() if spec.merge == "concat" else layers.Add()
            x = keep(f"{prefix}_{spec.merge}", join([skip, x]))
        x = block(x, filters, prefix)
    for i, filters in enumerate(spec.head_filters):
        x = conv(x, filters, 3, f"head_conv{i + 1}")
    x = conv(x, spec.classes, 1, "head", activation=spec.final_activation)
    return keras.Model(source, x), tensors
