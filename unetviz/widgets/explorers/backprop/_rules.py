"""What each kind of step does to a gradient, in one sentence."""

EXAMPLE_LABEL = "Small example of a rule, with whole numbers; point at a result"

RULES: dict[str, str] = {
    "loss": (
        "Each score gets its probability, minus 1 for the right class, divided by the pixel count."
    ),
    "head": (
        "A 1x1 convolution works pixel by pixel: each channel sums the gradients of all scores, "
        "each times the weight that led there."
    ),
    "conv": "A convolution is run backwards by a full convolution with the kernel turned round.",
    "same": (
        "With same padding the full convolution reaches one rim too far: what lies on the padding "
        "is dropped."
    ),
    "pool": (
        "Max pooling routes each gradient to the largest number of its window; the others get 0."
    ),
    "average": "Average pooling spreads each gradient evenly over the pixels of its window.",
    "crop": ("A crop pads the gradient with zeros: what was cut off goes no further on this way."),
    "pad": "Zero padding crops the gradient: what lies on the padding is dropped.",
    "concat": ("A concatenation splits the gradient: each input gets the channels that it gave."),
    "add": "An addition passes the gradient on unchanged to each of its inputs.",
    "fork": "A map that goes two ways gets two gradients back, and they are added.",
    "upconv": (
        "A transposed convolution is run backwards by a convolution with its kernel and stride."
    ),
    "upsample": (
        "Copying pixels is run backwards by sums: each pixel gets the sum over the block of its "
        "copies."
    ),
    "dropout": (
        "Dropout lets gradients back only where numbers were kept, "
        "divided by 1 - rate as they were."
    ),
    "relu": (
        "ReLU is a gate: the gradient passes where the output is above 0, elsewhere it becomes 0."
    ),
    "activation": (
        "An activation works number by number: the gradient is multiplied by its slope there."
    ),
}
"""What each kind of step does to a gradient that comes back through it, in one sentence."""
