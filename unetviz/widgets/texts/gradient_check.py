"""Words of the panel that checks the gradient of one weight."""

GRADIENT_CHECK_LAYER = "Layer"
GRADIENT_CHECK_SOURCE = "Input channel"
GRADIENT_CHECK_FILTER = "Filter"
GRADIENT_CHECK_STEP = "Step e"
GRADIENT_CHECK_LABEL = (
    "A kernel and the gradient of the loss for each of its weights. Arrow keys, the pointer or a "
    "click choose the weight that is checked."
)
GRADIENT_CHECK_WEIGHTS = "weights w"
GRADIENT_CHECK_GRADIENTS = "gradient{scale}"
GRADIENT_CHECK_SCALE = ", x 10^{power}"
GRADIENT_CHECK_SOME = ", rows {top} to {bottom} and columns {left} to {right} of {size}"
GRADIENT_CHECK_SIGN = "\u2192"
GRADIENT_CHECK_CELL = "Row {row}, column {column}: w = {weight:.4g}, gradient {gradient:.4g}"

GRADIENT_CHECK_HEADINGS = ("gradient of the loss for this weight", "value", "relative difference")
GRADIENT_CHECK_ROWS = {
    "analytic": "analytic: one backward pass, float32",
    "analytic64": "analytic: one backward pass, float64",
    "numeric64": "numeric: (L(w + e) - L(w - e)) / 2e, float64",
    "numeric32": "numeric: the same in float32",
}
GRADIENT_CHECK_REFERENCE = "what the others are compared with"

GRADIENT_CHECK_AGREE = (
    "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: analytic "
    "{analytic:.6g}, numeric {numeric:.6g}, in float64: the same to {relative}."
)
GRADIENT_CHECK_DIFFER = (
    "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: analytic "
    "{analytic:.6g}, numeric {numeric:.6g}, in float64: they differ by {relative}."
)
GRADIENT_CHECK_ZERO = (
    "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: analytic and "
    "numeric are both exactly 0. On this image the weight changes nothing: what it adds to is "
    "cut off by closed ReLUs, or it is multiplied by zeros only."
)
GRADIENT_CHECK_LOSSES = (
    "w = {value:.8g} and e = {step:g}, in float64: L(w + e) = {higher:.12g}, "
    "L(w - e) = {lower:.12g}. Their difference, {difference:.6g}, divided by 2e is the numeric "
    "gradient."
)
GRADIENT_CHECK_FLOAT32 = (
    "In float32 a loss has about 7 digits: {higher:.8g} and {lower:.8g}. {verdict}"
)
GRADIENT_CHECK_SAME32 = "They are the same number, so the numeric gradient is 0."
GRADIENT_CHECK_WORSE32 = (
    "Their difference has few right digits left: divided by 2e it is off by {relative}."
)
GRADIENT_CHECK_GOOD32 = "With so large a step enough digits of the difference are left."
GRADIENT_CHECK_ANALYTIC32 = (
    "The backward pass in float32 is off by {relative}: so small a gradient is what is left of "
    "many numbers that nearly cancel, each of about 7 digits."
)
GRADIENT_CHECK_LARGE = (
    "The step is large: between w - e and w + e the loss bends, and ReLUs or max poolings switch. "
    "Try a smaller e."
)
GRADIENT_CHECK_SMALL = (
    "The step is so small that even in float64 few digits of the difference are left. Try a "
    "larger e."
)
GRADIENT_CHECK_KINK = (
    "Either a ReLU or a max pooling switches between w - e and w + e (there the loss has a kink), "
    "or the gradient is too small for the digits of the loss. Try another e."
)
GRADIENT_CHECK_COST = (
    "The numeric way takes two forward passes for each weight: for the {count:,} weights of this "
    "kernel {passes:,}. One backward pass gives them all."
)
GRADIENT_CHECK_CAPTION = (
    "The gradient of the loss for one weight of {layer}, from a backward pass and from differences."
)
GRADIENT_CHECK_NO_MASK = (
    "the panel needs an image with its mask, such as synthetic_cells(64, seed=3), not {kind}"
)
GRADIENT_CHECK_NO_KERNEL = (
    "this model has no layer with a kernel of four axes, as convolutions have; take a network such "
    "as build(UNetSpec(64))"
)
