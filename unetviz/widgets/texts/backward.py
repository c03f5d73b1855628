"""Words of the explorer that runs forward, then backward."""

BACKWARD_LABEL = (
    "Drawing of the network; arrow keys go on and back, across the turn at the output too"
)
BACKWARD_FORWARD = "forward, {name}"
BACKWARD_LOSS_NAME = "loss"
BACKWARD_BACK = "backward, {name}"
BACKWARD_LOSS = (
    "The loss is {loss:.4f}: the mean over the {size} pixels that come out of -log p(right class). "
    "From here the gradient goes back: by how much the loss would grow if a number grew by 1."
)
BACKWARD_TURN = "Here the arrows turn round. Back leads into the network, Next begins the way back."
BACKWARD_ARRIVES = "Through {name}: {rule}"
BACKWARD_ENDS = "{rule} What is shown here is the gradient of the scores, before the softmax."
BACKWARD_TOGETHER = "{count} ways lead here; what they bring is added."
BACKWARD_INPUT = (
    "This is the image itself: how each of its pixels would change the loss. Training stops at "
    "the weights and does not need it."
)
BACKWARD_FACTS = (
    "Gradient with respect to {name}, {shape}: length (norm) {norm:.2e}, largest number "
    "{largest:.2e}, exactly 0 at {zeros:.1%} of its numbers."
)
BACKWARD_CHANNEL = (
    "Large: channel {channel}, the liveliest of the first {looked}; red above 0, blue below, "
    "white is 0; from {low:.2g} to {high:.2g}; one number in a hundred lies beyond, in the last "
    "colour."
)
BACKWARD_FORWARD_FACTS = (
    "Large: channel {channel} of {name}, the liveliest of the first {looked}; {shape}."
)
BACKWARD_MAP = "The map or gradient in hand"
BACKWARD_EXAMPLE = "In small: {rule}"
BACKWARD_EXAMPLE_LABEL = "Small example of a rule, with whole numbers; point at a result"
BACKWARD_HEADINGS = ("gradient of", "shape", "through", "norm", "zeros")
BACKWARD_MASK = "the image must have a mask, as those of synthetic_cells have"
BACKWARD_RULE_ARROW = "Arrow"
BACKWARD_RULE_AGAIN = "Other numbers"
BACKWARD_RULE_NAMES = {
    "loss": "softmax and loss",
    "relu": "ReLU",
    "conv_valid": "3x3 convolution without padding",
    "conv_same": "3x3 convolution with same padding",
    "pointwise_conv": "1x1 convolution",
    "pool": "max pooling",
    "upconv": "up-convolution (transposed)",
    "upsample": "up-sampling by copies",
    "crop": "crop",
    "concat": "concatenation",
    "add": "sum",
    "dropout": "dropout",
}
