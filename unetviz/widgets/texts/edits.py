"""Words of the explorer of single edits."""

EDIT_NAMES = {
    "fcn_32s": "FCN-32s",
    "fcn_16s": "FCN-16s",
    "fcn_8s": "FCN-8s",
    "unet_add": "U-Net, skips added",
    "unet_concat": "U-Net, skips concatenated",
    "unet_transposed": "U-Net, up-convolutions",
    "unet_valid": "U-Net, no padding",
}
EDIT_WHAT = {
    "fcn_32s": (
        "Convolutions and five poolings, then one score for each class in every 32nd row and "
        "column. They are up-sampled 32 times at once."
    ),
    "fcn_16s": (
        "The scores go up by 2 only. There, scores of the fourth pooling are added: a skip. What "
        "is left to up-sample is 16 times."
    ),
    "fcn_8s": (
        "Once more by 2, and scores of the third pooling are added. What is left is 8 times."
    ),
    "unet_add": (
        "Another network: each level goes up by 2 and adds a skip of whole feature maps, not of "
        "scores, and convolutions follow. Classes are told apart at the very end."
    ),
    "unet_concat": (
        "One field: the skip and the map from below are laid side by side, not added. The "
        "convolution behind them sees both."
    ),
    "unet_transposed": (
        "One field: a 2x2 up-convolution with stride 2 takes the place of copies and a 2x2 "
        "convolution."
    ),
    "unet_valid": (
        "One field: no zeros are added around the maps. They shrink, skips must be cropped, and "
        "the output is smaller than the input."
    ),
}
EDIT_DRAWING = "Drawing of the network in hand; what the edit changed is framed"
EDIT_IMAGE = "PlacedImage"
EDIT_BUTTONS = ("\u25c0 Edit before", "Next edit \u25b6")
EDIT_IMAGE_NAME = "image {number}: Dice {low:.2f} to {high:.2f}"
EDIT_VIEWS = {
    "image": "The image, and the window that is enlarged",
    "before": "Before: {name}",
    "after": "After: {name}",
}
EDIT_FIRST_VIEW = "There is nothing before it"
EDIT_POINT_WORDS = {
    "point": "",
    "help": "Click, or use the arrow keys, to look elsewhere.",
    "held": "Click, or use the arrow keys, to look elsewhere.",
    "none": "-",
}
EDIT_WINDOW = "enlarged (white)"
EDIT_LINES = {
    "kept": "true outline (blue)",
    "tile": "outline of the network (orange)",
    "window": "both (white)",
}
EDIT_SCORE = "this image: Dice {score.dice:.3f}, boundary {score.boundary_words}"
EDIT_HEADINGS = (
    "network",
    "edit",
    "in and out",
    "parameters",
    "multiply-accumulates",
    "Dice",
    "boundary error, pixels",
)
EDIT_FIELD = "{field}: {before} \u2192 {after}"
EDIT_NO_FIELD = "another network"
EDIT_START = "-"
EDIT_UNKNOWN = "?"
EDIT_CELLS = ("{score.dice:.3f}", "{score.boundary_error:.2f}")
EDIT_FIRST = (
    "{name}: Dice {after.dice:.3f}, boundary error {after.boundary_words}, means over {count} "
    "images that no network was trained with."
)
EDIT_EFFECT = (
    "{name}: Dice {before.dice:.3f} \u2192 {after.dice:.3f}, boundary error "
    "{before.boundary_words} \u2192 {after.boundary_words} (means over {count} "
    "images). A better Dice on {better} of {count} images, a smaller boundary error on "
    "{closer}."
)
EDIT_VERDICTS = {
    "helps": "The edit helps here.",
    "hurts": "The edit does not help here: these networks were better without it.",
    "even": "That is little; another training could turn it round.",
}
EDIT_COSTS = "Parameters {before:,} \u2192 {after:,}, steps that are new or changed: {count}."
EDIT_LOSES = (
    "Size {size} does not fit this network: {warning} It was trained, and is judged, with {used} "
    "pixels that go in: each image with its mirrored border around it."
)
EDIT_ONE_TRAINING = (
    "Every network was trained once, with the same images, steps and rate. Differences of one "
    "or two hundredths say little."
)
EDIT_RESULTS = "give results of measure_ablation, at least two, and the images that were measured"
EDIT_SIZE = (
    "image {number} has {given} pixels, but what was measured has {found}; give the images "
    "that measure_ablation got"
)
EDIT_COUNT = "{name} was measured on {found} images, but {given} are given; take the same ones"
