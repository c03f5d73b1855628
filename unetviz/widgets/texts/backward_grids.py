"""Words of the small examples that show how a gradient goes back through each kind of step."""

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

BACKWARD_GRID_OF_OUTPUT = "gradient of its output"
BACKWARD_GRID_OF_INPUT = "gradient of its input"
BACKWARD_GRID_ARROW = "\u2192"
BACKWARD_GRID_TIMES = "*"
BACKWARD_GRID_MINUS = "-"
BACKWARD_GRID_CELL = "Row {row}, column {column}: "
BACKWARD_GRID_ENTRY = "Pixel {row}, channel {column}: "

BACKWARD_GRID_PROBABILITIES = "probabilities (rows: {count} pixels)"
BACKWARD_GRID_RIGHT = "1 for the right class"
BACKWARD_GRID_SCORES = "gradient of the scores"
BACKWARD_GRID_SCORE_PLACE = "Pixel {row}, class {column}: "
BACKWARD_GRID_SCORE = "({probability} - {right}) / {count} = {value}."

BACKWARD_GRID_OUTPUT = "its output (dashed: 0)"
BACKWARD_GRID_OPEN = "the output is {output}, so the gate is open: {gradient} passes."
BACKWARD_GRID_SHUT = "the output is 0, so the gate is shut: {gradient} becomes 0."

BACKWARD_GRID_KEPT = "1: kept (dashed: dropped)"
BACKWARD_GRID_PASSES = "it was kept: {gradient} / (1 - {rate}) = {value}."
BACKWARD_GRID_DROPPED = "it was dropped: {gradient} becomes 0."

BACKWARD_GRID_CHANNELS = "gradient of its output (rows: pixels, columns: channels)"
BACKWARD_GRID_PARTS = {"skip": "gradient of the skip", "below": "gradient of the map from below"}
BACKWARD_GRID_SPLIT = {
    "skip": "{value} goes back to the skip, whose channel {channel} this is.",
    "below": "{value} goes back to the map from below, whose channel {channel} this is.",
}
BACKWARD_GRID_BOTH = "{value} goes back to both, unchanged."

BACKWARD_GRID_PADDED = "gradient of its input (dashed: cut off)"
BACKWARD_GRID_LEFT = "it was kept and gets its gradient back, {value}."
BACKWARD_GRID_CUT = "it was cut off: 0."

BACKWARD_GRID_POOLED = "its input (dashed: largest)"
BACKWARD_GRID_LARGEST = (
    "{number} was the largest of its window and gets the whole gradient, {gradient}."
)
BACKWARD_GRID_FIRST = (
    "{number} was the largest of its window, of equal ones the first, and gets the whole "
    "gradient, {gradient}."
)
BACKWARD_GRID_LATER = "{number} is as large as the largest of its window, but not the first: 0."
BACKWARD_GRID_SMALLER = "the largest of its window was {largest}, not this {number}: 0."

BACKWARD_GRID_KERNEL = "kernel"
BACKWARD_GRID_TURNED = "kernel, turned round"
BACKWARD_GRID_FULL = "full convolution (dashed: on the padding)"
BACKWARD_GRID_BLOCK = "the sum of its copies' {parts} = {value}."

BACKWARD_GRID_OF_SCORES = "gradient of the scores (rows: pixels)"
BACKWARD_GRID_WEIGHTS = "weights (rows: channels)"
BACKWARD_GRID_OF_CHANNELS = "gradient of the channels"
