"""Words of skip surgery."""

SURGERY_IMAGE = "PlacedImage"
SURGERY_SKIP = "Skip {level}"
SURGERY_KINDS = {
    "as it is": "keep",
    "zeros": "zero",
    "pixels shuffled": "shuffle",
    "shifted": "shift",
    "other image's": "other",
}
SURGERY_SHIFT = ("Shift down", "Shift right")
SURGERY_ALL = {"keep": "All as they are", "zero": "All zeros"}

SURGERY_NO_IMAGES = "images must hold at least one image, such as {'cells': array}"
SURGERY_FIT = (
    "the image {name!r} has the size {image} and its mask {mask}, but the network takes {size}; "
    "cut a window of that size out of both"
)
SURGERY_SIZES = (
    "the network without skips turns {its[0]} into {its[1]}, the other one {own[0]} into {own[1]}; "
    "these sizes must be equal"
)

SURGERY_VIEWS = {
    "image": "1. The image",
    "untouched": "2. All skips as they are",
    "changed": "3. Skips changed",
    "without": "4. Trained without skips",
}
SURGERY_OUTLINE = "true outline (yellow)"
SURGERY_NO_TRUTH = "The true mask is not known, so there is no score."
SURGERY_SCORE = "Dice {score.dice:.3f}, boundary error {score.boundary_error:.2f} pixels"
SURGERY_TO_TRUTH = (
    "right (white): {count:,}",
    "missed (blue): {count:,}",
    "false (orange): {count:,}",
)
SURGERY_TO_UNTOUCHED = (
    "as in 2 (white): {count:,}",
    "gone (blue): {count:,}",
    "new (orange): {count:,}",
)
SURGERY_FOREGROUND = "foreground (white): {count:,}"

SURGERY_WHAT = {
    "zero": "skip {level} is zeros",
    "shuffle": "skip {level} has its pixels shuffled",
    "shift": "skip {level} is shifted by {change.rows} down and {change.columns} right",
    "other": "skip {level} comes from {other}",
}
SURGERY_NOTHING = "All skips are as they are."
SURGERY_CHANGE = "Changed: {what}."
SURGERY_EFFECT = (
    "Dice {untouched.dice:.3f} \u2192 {changed.dice:.3f}, boundary error "
    "{untouched.boundary_error:.2f} \u2192 {changed.boundary_error:.2f} pixels."
)
SURGERY_NOW = (
    "Dice {untouched.dice:.3f}, boundary error {untouched.boundary_error:.2f} pixels. Change a "
    "skip to see what it brings."
)
SURGERY_MOVED = (
    "{count:,} of {total:,} pixels changed their class ({share:.2%}): {gone:,} are foreground no "
    "more, {new:,} are new foreground."
)
SURGERY_SMALL = (
    "That is little. On this image this network hardly leans on what was changed; other images "
    "may need it more."
)
SURGERY_SHIFT_UNIT = (
    "A shift counts in pixels of the skip's own map: at level 3 one is 4 pixels of the input where "
    "every pooling halves. Zeros come in at the side."
)
SURGERY_WITHOUT = (
    "Trained without skips: Dice {without.dice:.3f}, boundary error {without.boundary_error:.2f} "
    "pixels; trained with skips, all as they are: {untouched.dice:.3f} and "
    "{untouched.boundary_error:.2f}."
)
SURGERY_WITHOUT_NEAR = "On this image their Dice scores are nearly the same."
SURGERY_INFINITE = "A boundary error of inf: one of the two masks has no outline."
SURGERY_EXPERIMENTS = (
    "To change a skip and to train without skips are two experiments. A network that was trained "
    "with its skips never saw one replaced by zeros or mixed up, so its decoder was not fitted to "
    "that: what it loses tells how much it relies on the skip. A network that is trained without "
    "skips learned to do without: what it lacks tells what skips are worth."
)
SURGERY_HEADINGS = (
    "variant",
    "Dice",
    "boundary error (pixels)",
    "pixels whose class differs from untouched",
)
SURGERY_ROWS = {
    "untouched": "untouched",
    "changed": "changed: {what}",
    "without": "trained without skips",
}
SURGERY_UNCHANGED = "nothing"
SURGERY_CELLS = ("{score.dice:.3f}", "{score.boundary_error:.2f}")
SURGERY_UNKNOWN = ("-", "-")
