"""Words of the panels that show small matrices: resampling, up-convolution, pixel losses."""

CELL = "row {row}, column {column}"
IN_GRID = "in"
OUT_GRID = "out"
ARROW = "\u2192"
GRID_LABEL = (
    "Two matrices of numbers, in and out. Arrow keys go from cell to cell of the result, Home and "
    "End to its ends."
)
FACTOR = "Factor"
WINDOW = "Window s"
WINDOW_WORDS = "{s} x {s}"
METHOD = "Method"
METHODS = {"nearest": "nearest", "bilinear": "bilinear", "mean": "mean", "median": "median"}
CONVENTION = "Pixels are"
CONVENTIONS = {
    "squares, aligned at their centres": "centres",
    "points, aligned at the corners": "corners",
}
DIVIDES = "{s} divides {height} and {width}: every pixel is the mean of {s} x {s} others."
LEFT_OUT = "Not offered: s = {others}, because they do not divide both {height} and {width}."
NONE_LEFT_OUT = "Nothing is left out here."
MEAN_OF = "out {cell}: the mean of {parts} = {value}"
MANY = "{count} numbers"
SUM_OF = "out {cell}: {parts}"
MEDIAN_OF = "out {cell}: the median of {parts} = {value}"
MAX_OF = "out {cell}: the largest of {parts} = {value}"
POOL_PADDINGS = {"same (padded, never the largest)": "same", "valid (no padding)": "valid"}
POOL_SAME = "same: {count} a side; padding is never the largest."
POOL_WINDOWS = {1: "1 window"}
POOL_MANY = "{count} windows"
POOL_VALID = "valid: {count} a side; {lost} (dashed) are in none."
POOL_LOST = {1: "the last row and column", 2: "the last two rows and columns"}
POOL_ALL = "valid: {count} a side; every number is in one."
WEIGHTED = {
    "nearest": "Each new pixel copies the one old pixel that is nearest to it.",
    "bilinear": "Each new pixel is a weighted mean of the (up to four) old ones around it.",
    "mean": "Each new pixel is the plain mean of the (up to four) old ones around it.",
    "median": "Each new pixel is the median of the (up to four) old ones around it, not a sum.",
}
TRIP_SMALL = "made small by {s}: means of {s} x {s}"
TRIP_BACK = "and large again: {method}"
TRIP_ERROR = "what is lost: 0 (dark) to {largest:.2g} (bright)"
TRIP_NOTE = "{method}: a mean absolute error of {error:.4f}, a root mean square of {square:.4f}."
TRIP_ALL = "All four, {name}: {errors}."
TRIP_MEASURES = ("mean absolute error", "root mean square (large errors count more)")

KERNEL_STRIDE = "Kernel / stride"
FCN_KERNEL = {"64 / 32 (FCN's, bilinear)": (64, 32)}
KERNELS = {
    "2 / 2 (the U-Net's)": (2, 2),
    "3 / 2 (overlaps unevenly)": (3, 2),
    "4 / 2 (overlaps evenly)": (4, 2),
    "3 / 1": (3, 1),
}
STAMP_TITLES = ("in", "kernel", "out: stamps, added")
ZERO_TITLES = (
    "in, zeros put between and around",
    "kernel, turned round",
    "out: an ordinary convolution",
)
MATRIX_TITLES = ("C transposed", "in", "out")
STAMP_HEAD = "1. Stamp and add"
ZERO_HEAD = "2. Put zeros in, then convolve"
MATRIX_HEAD = "3. One sparse matrix"
STAMP_LABEL = "Transposed convolution as stamps. Arrow keys go from cell to cell of the result."
ZERO_LABEL = "The same as a convolution with zeros put in. Arrow keys go from cell to cell."
MATRIX_LABEL = "The same as a matrix times a column. Arrow keys go from cell to cell."
OUT_CELL = "out {row}, {column}"
WRITTEN = "{count} stamps reach it: {parts}."
WRITTEN_ONCE = "One stamp reaches it: {parts}."
NOT_WRITTEN = "No stamp reaches it: 0."
NOT_A_NUMBER = (
    "{text!r} is no number from -99 to 99; type one such as 3 or -0.5. Nothing was changed."
)
COVERED_EVENLY = "{kernel} / {stride}: away from the border every output is written {times}."
TIMES = {1: "once", 2: "twice"}
MANY_TIMES = "{times} times"
COVERED_UNEVENLY = (
    "{kernel} / {stride}: outputs are written {times} times, in a chequered pattern, "
    "because {stride} does not divide {kernel}."
)

COVERAGE_TITLE = "how many stamps reach each output"
BILINEAR_TITLE = "its weights (means of 8 x 8 of the 64 x 64)"
COVERAGE_LABEL = "Matrix of counts. Arrow keys go from cell to cell."
COVERAGE_CELL = "out {row}, {column}: {count}"
STAMPS = {1: "1 stamp"}
MANY_STAMPS = "{count} stamps"
COVERAGE_IMAGE = "the image after a kernel of equal weights"
BILINEAR_IMAGE = "its middle after the bilinear kernel"
COVERAGE_CAPTION = (
    "An image after a transposed convolution with a flat kernel, {kernel} / {stride}."
)

ANSWER_WHOLE = "one answer, yes or no: {answer}"
ANSWER_BOXES = (
    "{count} boxes, {numbers} numbers; {excess:.0%} of the pixels in them belong to no object"
)
ANSWER_OUTLINES = "{count} outlines, a label for each of {pixels:,} pixels"
CONTAINS = {True: "there are objects", False: "there is nothing"}

SCENE_SIDE = "Height = width"
SCENE_IMAGE = "the image"
SEED = "PlacedImage number"
COLOURS_OF_CLASSES = "Dark: nothing; green: a disc; yellow: a square."
COARSE = "map of answers"
FINE = "label of each pixel"
SHARES = (
    "{objects:.0%} of the pixels of objects get their class; of all pixels {share:.0%} are right, "
    "where 'nothing' everywhere would be right for {nothing:.0%}."
)
SAME_ANSWER = "The dense network says {scores}."
SAME_WEIGHTS = "As a convolution it says the same; the largest difference is {difference:.1g}."
REFUSES = "The dense network refuses an image of {size}: {error}"
TAKES = "Turned into a convolution, the same weights give {size} answers at once."
COSTS = (
    "Sliding the dense network over it takes {windows} windows and {ratio:.1f} times the "
    "multiply-accumulates: overlapping windows compute the same maps again and again."
)
CLASSIFIER_CAPTION = "An image of {size}, classified in every place by the same weights."

PIXEL_TITLES = ("true label", "loss of each pixel")
PIXEL_LABEL = "Losses of a small image, pixel by pixel. Arrow keys go from pixel to pixel."
PIXEL_WORDS = (
    "row {row}, column {column}: scores {scores}; e to their power: {exponentials}; by their "
    "sum, the probabilities {probabilities}. True label {label}: loss = -log {probability} "
    "= {loss}"
)
PIXEL_MEAN = "The loss of the image is the mean over its {count} pixels: {loss:.3f}."
PIXEL_CLASSES = "Labels: 0 nothing, 1 disc, 2 square. The scores stand in the same order."
