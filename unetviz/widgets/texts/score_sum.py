"""Words of the explorer that takes the skips of an FCN apart."""

SUM_IMAGE = "PlacedImage"
SUM_STEP = "Sum"
SUM_STEP_NAME = "level {level}: sizes {size}, one score for {pixels} pixels"

SUM_FEATURES = (
    "{step} adds feature maps of {channels} channels, not a score for each of {classes} classes; "
    'take an FCN with skips, such as load_pretrained("fcn_8s")'
)

SUM_GUIDE = (
    "{score} Red is above 0, blue below, in one scale for all maps. Click a square, or use arrow "
    "keys."
)
SUM_SCORES = (
    "Score: that of the one class.",
    "Score: foreground minus background.",
    "Score: last class minus first class.",
)
SUM_SIGNS = {"finer": "+", "total": "="}
SUM_MAPS = {
    "coarse": "1. Coarse: up-sampled",
    "finer": "2. Finer: from the skip",
    "total": "3. Sum",
}
SUM_MASKS = {
    "coarse": "4. Mask of coarse alone",
    "finer": "5. Mask of finer alone",
    "total": "6. Mask of the sum",
}
SUM_MAP_LABEL = "{title}. A click or arrow keys choose a pixel."
SUM_MASK_LABEL = "{title}"
SUM_SCALE = "one scale: {low:.3g} blue, {high:.3g} red"
SUM_VALUE = "chosen (yellow): {value}"

SUM_PIXEL = (
    "At row {row}, column {column} (input pixels {top}-{bottom} x {left}-{right}): coarse {coarse} "
    "+ finer {finer} = {total}: {verdict}."
)
SUM_VERDICTS = (
    {1: "foreground", -1: "background", 0: "neither, it is 0"},
    {1: "more for the last class", -1: "more for the first class", 0: "neither, it is 0"},
)
SUM_DECIDES = {
    "coarse": "The sum has the sign of the coarse score, against the finer one: coarse decides.",
    "finer": "The sum has the sign of the finer score, against the coarse one: finer decides.",
    "both": "Both scores have the sign of the sum: they agree.",
    "neither": "The sum has the sign of neither score: nobody decides.",
}
SUM_ALONE = (
    "Dice on this image: coarse alone {coarse:.3f}, finer alone {finer:.3f}, the sum "
    "{total:.3f}. Best: {best}."
)
SUM_NEAREST = "Nearest to the true outline, on the whole: {nearest}."
SUM_BEST = {"coarse": "coarse alone", "finer": "finer alone", "total": "the sum"}
SUM_AND = " and "
SUM_DISAGREE = (
    "In {count:,} of {all:,} pixels of the map coarse and finer have opposite signs; in {wins:,} "
    "of these the finer score wins."
)
SUM_AGREE = "In none of the {all:,} pixels of the map have coarse and finer opposite signs."
SUM_EARLIER = "What comes from below holds the sum of level {level} already."
SUM_LATER = (
    "The finer scores of level {level} are still to be added: all three masks include that sum."
)
SUM_LAST = "No other sum follows."
SUM_EXPERIMENT = (
    "For a mask of one part alone the other part is 0. The network was trained with the sum, never "
    "with one part: nothing keeps the 0 of a part alone in a useful place."
)
SUM_WHERE = "{image}; {step}"
SUM_HEADINGS = (
    "part",
    "Dice",
    "boundary error (pixels)",
    "pixels with positive score, of {all:,}",
)
SUM_ROWS = {"coarse": "coarse alone", "finer": "finer alone", "total": "sum"}
