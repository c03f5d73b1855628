"""Words of the panels that show images: ancestry, border, skips, tiles."""

SIDE = "Height = width (at most {largest})"
FOLLOW = "Follow"
DIRECTIONS = {
    "an output pixel back to the input": "sources",
    "an input pixel on to the output": "targets",
}
PATHS = {"skip": "through skip {level}", "bottleneck": "the bottleneck"}
BOTTLENECK_SIGN = "B"
OUTPUT_WINDOW = "what comes out"
PADDING_FREE = "never sees padding"
IMAGE_FRAME = "the image; beyond it, its mirror image"
OUTPUTS_REACHED = "outputs that it reaches"
NO_FIT = "{problem} The image still shows the network before."
IMAGE_HELP = "Move the pointer over the image. A click holds a pixel, arrow keys move it by one."
IMAGE_HELD = "Held. Arrow keys move it by one, with Shift by 16; Escape or a click lets it go."
SOURCES_WORDS = {
    "point": "Output pixel: row {row}, column {column}",
    "none": "nothing",
    "help": IMAGE_HELP,
    "held": IMAGE_HELD,
}
SOURCES_REMARK = (
    "It reads {{rows:{step}}} x {{columns:{step}}} pixels of {step}, the last map of the "
    "bottleneck; they lie {stride} input pixels apart, so one more makes the box {stride} larger."
)
TARGETS_WORDS = {
    "point": "Input pixel: row {row}, column {column}",
    "none": "none",
    "help": IMAGE_HELP,
    "held": IMAGE_HELD,
}
ANCESTRY_LABEL = (
    "The image with the boxes that belong to one pixel. Arrow keys move the pixel by one, with "
    "Shift by 16; Home and End go to the ends of its row; Escape lets it go."
)
ANCESTRY_CAPTION = (
    "What output pixel ({row}, {column}) depends on: {height} x {width} pixels of the input, "
    "through each path a part of it."
)
INFLUENCE_CAPTION = "What input pixel ({row}, {column}) reaches: {size} output pixels."
BORDER_LABEL = "The image with the window that comes out of the network."
BORDER_VALID = "{output} come out of {input}: {share} of the pixels."
LESS = "less than 1%"
BORDER_LOST = (
    "{top} rows at the top and {bottom} at the bottom, {left} columns on the left and {right} on "
    "the right go in and get no label."
)
BORDER_FREE = "All {output} outputs were computed without padding."
BORDER_SAME = (
    "{free} of the {output} that come out never see padding: rows {top} to {bottom}, columns "
    "{left} to {right} of the output, {share} of it."
)
BORDER_NONE = "Not one of the {output} pixels that come out is free of padding."
BORDER_TRUST = "All others were computed with zeros that are not in the image; trust them less."
BORDER_ALL = "All were computed with zeros that are not in the image; trust them less."
BORDER_EVEN_HERE = "(The 2x2 convolution of this way up pads even where the others do not.)"
BORDER_CAPTION = "What the border costs an image of {size} pixels."

STRIDE = "Stride"
MARGIN = "Margin"
SHIFT = "Shift"
BORDER = "Beyond the border"
PADS = {"the image mirrored": "mirror", "its last pixels": "edge", "zeros": "zero"}
BEST = "Seamless settings"
STOP = "Stop"
STOPPED = "Stopped. What is shown is the result before."
TILE_NETWORKS = {
    "the paper's: 572, valid": "paper",
    "576, same": "large",
    "256, same": "same",
    "the document's code: 256, same": "document",
}
TILE_LABEL = (
    "The image in its tiles. Arrow keys move the pixel by one, with Shift by 16; Home and End go "
    "to the ends of its row; Escape lets it go."
)
TILE_WORDS = {
    "point": "Pixel: row {row}, column {column}",
    "none": "-",
    "help": IMAGE_HELP,
    "held": IMAGE_HELD,
}
TILE_INPUT = "goes into the network"
TILE_OUTPUT = "is written by it"
TILE_IMAGE = "the image itself"
TILE_PLAN = "{count} tiles ({rows} x {columns}), {stride} apart."
TILE_COST = (
    "Each takes {tile} pixels in; together {factor:.1f} times the pixels of the image, because "
    "they overlap."
)
TILE_SEAMLESS = "Seamless: the result equals one pass over the whole image, to rounding."
TILE_SEAMS = "With seams: {reason}."
TILE_CAPTION = (
    "An image of {size} pixels in {count} tiles, and the tile of pixel ({row}, {column})."
)
REFUSED = "This does not work: {error}. The images still show the result before."

MEASURED = "The largest difference to one pass is {largest:.2g}, at row {row}, column {column}."
ROUNDING = "The largest difference to one pass is {largest:.1e}: rounding."
NO_DIFFERENCE = "There is no difference to one pass, not in a single bit."
SCALE = (
    "The colours of the difference go from 0 (dark) to {largest:.2g} (bright), by its square root, "
    "so that small ones can be seen."
)
PREDICTED = "class {name} in tiles, {low:.2f} (black) to {high:.2f} (white)"
DIFFERENCE = "its difference to one pass"
MEASURING = "Tile {done} of {total}"
MEASURING_NOW = "Measuring. The images still show the result before."
ONE_PASS = "One pass over the whole"

LEVEL = "Level"
CHANNEL = "Channel of each half"
SKIP_PARTS = {
    "encoder": "{step}, the encoder's last map",
    "kept": "{step}, what the skip keeps of it",
    "up": "{step}, up-sampled from below",
}
KEPT_WINDOW = "what the crop keeps"
STRIP_LABEL = "The channels of the joined map. A click chooses one."
STRIP_HALF = "{step} (in the joined map: channels {first} to {last})"
STRIP_CLICK = "A click on a channel shows it above."
STRIP_WORDS = {"help": STRIP_CLICK, "held": STRIP_CLICK, "none": "-"}
SKIP_CUT = "{why}: {top} rows are cut at the top and {bottom} at the bottom, columns alike."
SKIP_JOIN = "{skip} + {up} = {both} channels go on, {size} pixels each."
SKIP_SCALE = (
    "Every channel has a scale of its own, dark at 0 and bright at its largest number; where there "
    "are negative numbers 0 is white, red above and blue below. So brightness cannot be compared "
    "between channels. A channel that is dark everywhere was negative everywhere; the ReLU made it "
    "0."
)
