"""Words of the microscope."""

MICROSCOPE_STEP = "Step"
MICROSCOPE_CHANNEL = "Output channel"
MICROSCOPE_SOURCE = "Input channel shown"
MICROSCOPE_LARGEST = "the one with the largest sum"
MICROSCOPE_LABEL = (
    "One channel of the map. A click or arrow keys choose the number that is taken apart; with "
    "Shift the keys move by 16; Escape lets it go."
)
MICROSCOPE_HELP = "A click takes a number apart; then arrow keys go to its neighbours."
MICROSCOPE_HELD = "Held. Arrow keys move it by one, with Shift by 16; Escape or a click lets it go."
MICROSCOPE_WORDS = {
    "point": "Pointer: row {row}, column {column}",
    "help": MICROSCOPE_HELP,
    "held": MICROSCOPE_HELD,
    "none": "-",
}
MICROSCOPE_MAP = "{step}, channel {channel}; {colours}"
MICROSCOPE_COLOURS = {
    "diverging": "0 is white, red above, blue below",
    "sequential": "dark is 0, bright is the largest",
}
MICROSCOPE_PIXEL = "row {row}, column {column}: {value}"
MICROSCOPE_GRIDS = (
    "The numbers that go in, what they are multiplied by, and the products. Arrow keys go through "
    "the products."
)
MICROSCOPE_PATCH = "in: channel {channel}"
MICROSCOPE_PATCHES = "in: one number of each"
MICROSCOPE_SORTED = "in, sorted"
MICROSCOPE_DASHED = " (dashed: padding)"
MICROSCOPE_WINNER = " (dashed: taken)"
MICROSCOPE_KERNEL = "kernel"
MICROSCOPE_PRODUCTS = "products"
MICROSCOPE_OUT = "out"
MICROSCOPE_NONE = "out: no input reaches it"
MICROSCOPE_TIMES = "x"
MICROSCOPE_EQUALS = "="
MICROSCOPE_ARROW = "\u2192"
MICROSCOPE_OUTSIDE = "-"
MICROSCOPE_CELL = "{step}, channel {channel}, row {row}, column {column}: {text}"
MICROSCOPE_CELL_OUTSIDE = "Row {row}, column {column} is outside of {step}: {text}"
MICROSCOPE_NO_PART = "it takes no part"

MICROSCOPE_PARTS = ("part", "number")
MICROSCOPE_ORIGIN = "{step}, channel {channel}"
MICROSCOPE_OTHERS = "the other {count} together"
MICROSCOPE_BIAS = "bias"
MICROSCOPE_TOTAL = "sum"
MICROSCOPE_AFTER = "after {activation}"
MICROSCOPE_RESULT = "number that comes out"
MICROSCOPE_KERAS = "Keras has"
MICROSCOPE_DIFFERENCE = "difference / largest number on the way"
MICROSCOPE_CLASSES = ("class", "sum", "e^(sum - largest sum)", "share of all")
MICROSCOPE_EVERY = "all classes"

MICROSCOPE_SUM = "{each} for {channels}; they add up to {sum}."
MICROSCOPE_SUM_BIAS = "{each} for {channels}; they and the bias {bias} add up to {sum}."
MICROSCOPE_PRODUCT_COUNTS = ("1 product", "{count} products")
MICROSCOPE_CHANNEL_COUNTS = ("the 1 input channel", "each of {count} input channels")
MICROSCOPE_NO_INPUT = "No stamp of an input reaches this pixel: only the bias {bias} is left."
MICROSCOPE_FACTORS = "Each number has its factor; the sum is {sum}."
MICROSCOPE_SCALED = "The number is multiplied by {factor}, then {bias} is added: {sum}."
MICROSCOPE_ONE_OF = (
    "The {rule} of {count} numbers is {value}: row {row}, column {column} of {step}."
)
MICROSCOPE_SEVERAL = "{many} of the {count} numbers are equally {rule}: {value}."
MICROSCOPE_MULTIPLIED = "{count} numbers are multiplied with each other: {value}."
MICROSCOPE_COPY = "Copied from {step}: row {row}, column {column}, channel {channel}."
MICROSCOPE_COPY_ZERO = "Row {row}, column {column} is outside of {step}: a zero of the padding."
MICROSCOPE_IMAGE = "This is a number of the image itself."
MICROSCOPE_IN_USE = "The layer {layer} changes numbers only while training; in use it copies them."
MICROSCOPE_PADDED = "{padded} of the {count} pixels of the window are outside of the map: {what}."
MICROSCOPE_ZEROS = "zeros"
MICROSCOPE_TAPS = "Of the {kernel} kernel this pixel meets rows {rows} and columns {columns}."
MICROSCOPE_NO_TAPS = "none"
MICROSCOPE_PART = "The grids show {shown} of {all} numbers, those around the largest; all count."
MICROSCOPE_SOME = "The grids show the {shown} largest of {all} products; all count."
MICROSCOPE_ACTIVATIONS = {
    "linear": "There is no activation.",
    "relu": "ReLU leaves a positive number as it is.",
    "dead": "ReLU makes a negative number 0.",
    "zero": "ReLU leaves a 0 as it is.",
    "sigmoid": "Sigmoid, 1 / (1 + e^-sum), makes {value} of it, between 0 and 1.",
    "softmax": (
        "Softmax divides e^sum by the total over all {count} classes: {value}. The largest sum is "
        "subtracted from all first, which changes nothing."
    ),
    "other": "The activation {name} makes {value} of it.",
}
MICROSCOPE_AGREES = "Keras has {keras}, the same to rounding."
MICROSCOPE_DISAGREES = "Keras has {keras}, which is more than rounding: please report this model."
MICROSCOPE_REFUSED = "{error} What was shown before is still shown."
MICROSCOPE_CAPTION = (
    "Channel {channel} of {step}, and the number in row {row}, column {column}: {value}."
)
