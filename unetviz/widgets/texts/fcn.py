"""Words of the explorer of an FCN."""

FCN_STRIDES = {"FCN-32s": 32, "FCN-16s": 16, "FCN-8s": 8}
FCN_KIND = "Network"
FCN_FITS = "{size} fits: the poolings leave {score} scores. Up-sampled and cropped, {out} come out."
FCN_LOSES = (
    "{sides} no multiple of {step}. The network still works: {score} scores, {out} come out, "
    "because the crop makes up the size. But rows or columns are lost on the way:"
)
FCN_SIDES = ("height {n} is", "width {n} is")
FCN_FAILS = "{size} is too small: {problem}"
FCN_MOVED = (
    "So much is lost at the bottom or right that the crop must cut less at the top or left: the "
    "coarse scores lie {how_far}."
)
FCN_HOW_FAR = ("{n} rows too far down", "{n} columns too far right")
FCN_AND = " and "
FCN_STAYS = "All scores still lie over the pixels that they were computed from."
FCN_ADVICE = "Pad or cut the image to a size that fits: {fixes}."
