"""Words of the training panel."""

TRAIN = "Train"
GO_ON = "Go on"
ANEW = "Begin anew"
TRAINING_SEED = "Seed"
READY = (
    "A U-Net of {depth} poolings with {filters} filters at its first level, {params} parameters, "
    "{size} pixels in and out: small enough for {steps} steps in about a minute on two cores. "
    "Press Train."
)
BUILDING = "building the first step"
BUILDING_NOTE = "Building the network and its first step; Stop waits until that is done."
TRAINING_NOTE = "It learns. Curves, scores and masks are drawn anew every {every} steps."
GOING_ON = "Training goes on from where it was."
TRAINING = "step {step} of {steps}, {seconds:.0f} s, loss {loss:.2f}"
TRAINED = (
    "After {step} steps and {seconds:.0f} seconds: Dice {dice:.3f} on {count} validation images, "
    "boundary error {error}."
)
TRAINED_MORE = (
    "A threshold after smoothing, which learns nothing, reaches {threshold:.2f} on them; calling "
    "every pixel background is right for {background:.0%} of the pixels, and its Dice is 0."
)
TRAINING_STOPPED = "Stopped. What is learned so far is kept; Go on continues from here."
TRAINED_ALL = "All {steps} steps are done. Begin anew, perhaps with another seed."
MASKS_LABEL = (
    "Held-out images in columns: the image, its true mask, what the network says, brighter for "
    "likelier."
)
MASK_ROWS = ("images it has never trained with", "their true masks", "what the network says")
CURVE_COLUMNS = ("step", "loss", "Dice", "boundary error", "accuracy", "seconds")
