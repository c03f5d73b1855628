"""Words of the walk through the document's code."""

CODE_LIST_LABEL = "Lines of the code; a click chooses one."
CODE_COLUMNS = ("line", "code", "steps", "in \u2192 out", "parameters")
CODE_SHAPES = "{incoming} \u2192 {out}"
CODE_TOTAL = "all"

LINE_MAKES = "Line {number} computes {steps}."
LINE_MAKES_NOTHING = "Line {number} computes no map."
LINE_STEP = "{step}, {label}: {reason} {incoming} \u2192 {out}; {params:,} parameters."
LINE_SOURCE = "{step}, {label}: {reason} {params:,} parameters."
LINE_AND = " and "
LINE_TAKES = "It takes the maps of {names}."
LINE_PRINTED = "The document prints {printed} here. {why}"
LINE_IMPORTED = "The document does not print this line. {why}"

LINE_EMPTY = "An empty line: it only parts what belongs together."
LINE_COMMENT = "A comment: Python skips it."
LINE_OTHER = "It prepares what other lines use."
LINE_IMPORT = "It fetches names from Keras: model, layers, optimizer."
LINE_DEF = (
    "The function takes a file of trained weights, or none, and the shape of one image: height, "
    "width, channels. How many images come at a time stays open."
)
LINE_INPUT = (
    "No image yet: a placeholder that knows only its shape. Each layer that is called below "
    "notes what it was given; so the network becomes known without computing a number."
)
LINE_MODEL = (
    "It names the two ends. Keras follows the notes of each map back from the output to the input "
    "and so finds every layer in between."
)
LINE_COMPILE = "It computes nothing yet: it says how the network is to be trained."
LINE_ADAM = (
    "Adam is gradient descent with a step of its own for each weight, from running means of its "
    "gradients and of their squares. The learning rate, 1e-4, is roughly how far a weight moves in "
    "one step. The paper used gradient descent with momentum 0.99."
)
LINE_CROSS_ENTROPY = (
    "The loss of a pixel with probability p is -log p where the mask is 1 and -log(1 - p) where it "
    "is 0; the loss is the mean over all pixels. A softmax over two classes with cross-entropy "
    "gives the same."
)
LINE_ACCURACY = (
    "Accuracy is the share of pixels on the right side of 0.5. It can mislead: where 9 of 10 "
    "pixels are background, an empty mask reaches 0.9."
)
LINE_IF = "Only where a file of weights was given does the next line run."
LINE_LOAD = (
    "It replaces the random first weights by trained ones from a file. They must come from a "
    "network with the same layers."
)
LINE_RETURN = "The compiled network is handed to whoever called the function."

LINE_HE_NORMAL = (
    "he_normal: the first weights are random, with mean 0 and standard deviation sqrt(2 / n). Each "
    "filter sums n = {inputs:,} numbers here, so {deviation:.3f}. Then the maps keep their scale "
    "through many ReLUs. The biases begin at 0."
)
LINE_DROPOUT = (
    "While training the numbers that stay are divided by {kept:g}, so that their mean stays the "
    "same; each number is drawn on its own, not whole channels. In use the layer changes nothing."
)
LINE_POOL = "It has no weights. Half the height and width: a quarter of the numbers."
LINE_UPSAMPLE = (
    "Two layers in one line, the inner one first. The paper has one transposed convolution here. "
    "A 2x2 window has no middle: its one row and column of zeros are at the bottom and right."
)
LINE_CONCATENATE = (
    "axis = 3 are the channels; 0 counts images, 1 rows, 2 columns. This is the skip. Nothing is "
    "cropped, because with same padding both maps have the same size."
)
LINE_NARROW = (
    "Only 2 filters, with ReLU: all that is learned must pass through 2 maps. A filter whose map "
    "is 0 everywhere passes nothing on. If both are like that, the layers before learn nothing. "
    "The paper has no such layer."
)
LINE_SIGMOID = (
    "The sigmoid, 1 / (1 + exp(-x)), gives one map: the probability of foreground. The paper has "
    "two maps and a softmax. For two classes that is the same: the softmax of scores a and b gives "
    "the second class the sigmoid of b - a. Without kernel_initializer Keras takes glorot_uniform."
)
