"""Words of the explorer that follows one score of the output back to the input."""

PIXEL_GRADIENT_CLASS = "Score of class"
PIXEL_GRADIENT_COLOURS = "Shown"
PIXEL_GRADIENT_MODES = {
    "gradient, by powers of ten": "powers",
    "gradient, in proportion": "linear",
    "where the gradient is not 0": "support",
    "the image itself": "image",
}
PIXEL_GRADIENT_BOXES = "boxes of the paths"
PIXEL_GRADIENT_OUTPUT_LABEL = (
    "The output: the probability of a class. A click or arrow keys choose the pixel whose score is "
    "followed back; with Shift the keys move by 16; Escape lets it go."
)
PIXEL_GRADIENT_INPUT_LABEL = (
    "Shown are rows {top} to {bottom}, columns {left} to {right}, and the boxes of the paths."
)
PIXEL_GRADIENT_WORDS = {
    "point": "Pointer: row {row}, column {column}",
    "help": "A click follows a pixel back; then arrow keys go to its neighbours.",
    "held": "Held. Arrow keys move it by one, with Shift by 16; Escape or a click lets it go.",
    "none": "-",
}
PIXEL_GRADIENT_OUTPUT = "out: probability of class {number}, black 0, white 1"
PIXEL_GRADIENT_CHOSEN = "chosen: row {row}, column {column}, probability {value:.3f}"
PIXEL_GRADIENT_SCALES = {
    "powers": "in: red raises the score, blue lowers it; a sixth paler for each power of ten",
    "linear": "in: red raises the score, blue lowers it; in proportion, 0 is white",
    "support": "in: white where the gradient is not 0, black where it is exactly 0",
    "image": "in: this part of the image",
}
PIXEL_GRADIENT_SHARE = "{path}: {share}"
PIXEL_GRADIENT_WHOLE = "{path}, as all paths"
PIXEL_GRADIENT_BOX = "all paths"

PIXEL_GRADIENT_CAPTION = (
    "Gradient of the score of class {number} at output row {row}, column {column}, over the input."
)
PIXEL_GRADIENT_INSIDE = (
    "Output row {row}, column {column}: the gradient of its score is not 0 at {count:,} pixels of "
    "the input. Inside the predicted box of {size}: {inside:,}; outside: {outside:,}."
)
PIXEL_GRADIENT_NOTHING = (
    "Output row {row}, column {column}: the gradient of its score is 0 at every pixel of the "
    "input. No way back is open: each meets a closed ReLU."
)
PIXEL_GRADIENT_ZEROS = {
    False: "{zeros:,} of the {area:,} pixels of the box have a gradient of exactly 0: in each way "
    "from there stands a closed ReLU, or a larger number in a max pooling.",
    True: "None of the {area:,} pixels of the box has a gradient of exactly 0.",
}
PIXEL_GRADIENT_MIDDLE = (
    "Half of the gradient (of the sum of its absolute values) lies within {half} x {half} pixels "
    "around the chosen one, 95 % within {most} x {most}; the box has {size}. What counts in "
    "practice, the effective receptive field, is smaller than what can count."
)
PIXEL_GRADIENT_LARGEST = (
    "The largest, {value:+.3g}, is at input row {row}, column {column}: with that pixel brighter "
    "by {step}, the score would change by about {change:+.2g}."
)
PIXEL_GRADIENT_PATHS = (
    "A share is that of a box, not of a path: what lies in the small box of a high skip comes back "
    "through the deeper paths as well."
)
PIXEL_GRADIENT_HEADINGS = ("box", "size", "share of the pixels", "share of the gradient")
