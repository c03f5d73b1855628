# %% [markdown]
# # Resampling: fewer pixels, more pixels
#
# A U-Net makes maps small and large again. Before any learning comes in, this lesson does both by hand,
# on matrices whose every number you can read: down by means, up by four kinds of interpolation, and
# pooling, which is the network's own way down.
#
# It follows section 6 and section 8 (3) of the document. TensorFlow is not needed here.
#
# Previous: [01_from_boxes_to_pixels](01_from_boxes_to_pixels.ipynb).

# %%
import numpy as np
from skimage import data

import unetviz as uv

rng = np.random.default_rng(4)

# %% [markdown] tags=["document-6-down-size", "document-6-common-divisor", "document-6-window-to-pixel", "document-6-mean"]
# ## Down-sampling: the mean of s x s pixels
#
# Down-sampling (下采样) an image of M x N pixels by s gives M/s x N/s pixels: each window of s x s pixels
# becomes one, their mean (均值). The document adds that s should be a common divisor (公约数) of M and N.

# %% tags=["document-6-common-divisor"]
# Question
height, width = 12, 18
divisors = uv.labs.common_divisors(height, width)
uv.Question(
    f"An image of {height} x {width} pixels: how many numbers s larger than 1 divide both sides?",
    answer=len(divisors),
    hint=f"Which numbers divide {height}? Which of them divide {width} as well?",
    reason=f"By {', '.join(map(str, divisors))}: they divide both.",
)

# %% [markdown]
# **Try:** move the pointer over the right matrix, or click on it and press the arrow keys. On the left the
# window lights up, with the weight of each number. Then choose another s.

# %% tags=["document-6-window-to-pixel"]
uv.widgets.DownsamplingExplorer(rng.integers(0, 10, (12, 6)))

# %% [markdown] tags=["document-6-common-divisor", "document-6-mean"]
# **What you should have seen.** Every number on the left is used exactly once, with the weight 1 / (s * s).
# An s that does not divide both sides would leave rows or columns without a window.

# %% [markdown] tags=["document-4-upsampling", "document-4-resampling", "document-4-rescale", "document-4-interpolated-points", "document-6-interpolation", "document-6-nearest", "document-6-bilinear", "document-6-mean-interpolation", "document-6-median-interpolation"]
# ## Up-sampling: new pixels between old ones
#
# Up-sampling (上采样) is any technique that gives an image a higher resolution, says section 4 of the document. That
# means more pixels, not more detail. The simplest way is *resampling* (重采样) with interpolation (插值): the image
# is rescaled to the size that is wanted, and the value of each new pixel is computed from the old ones around it.
# "Almost all" up-sampling is of this kind, says section 6. Of images that is true; FCN and U-Net mostly *learn*
# their way up (lesson 06).
#
# The document names four kinds of interpolation. Two are standard: *nearest* (最近邻) copies one pixel, *bilinear*
# (双线性) takes a weighted mean of up to four. *Mean* (均值) and *median* (中值) it does not define. Here they are
# taken to be the plain mean and the median of the same pixels that bilinear uses.
#
# One more thing has to be settled: *where* the new pixels lie. If pixels are little **squares**, the squares
# of the small image and of the large one cover the same area; so do Keras, TensorFlow and scikit-image
# count today. If they are **points**, the first and the last new one lie on the first and the last old one.

# %% tags=["document-4-interpolated-points"]
# Question
small = np.array([[0.0, 8.0], [4.0, 4.0]])
first_new = uv.labs.upsample(small, 2, "bilinear")[0, 1]
uv.Question(
    "A row begins with 0, 8. Made twice as wide by bilinear interpolation, with pixels as squares, its second "
    "new pixel lies a quarter of the way from the 0 to the 8. What is its value? (It is the top row, so only these two "
    "count.)",
    answer=int(first_new),
    hint="Three quarters of the 0 and one quarter of the 8.",
    reason=f"0.75 * 0 + 0.25 * 8 = {int(first_new)}.",
)

# %% [markdown]
# **Try:**
# - Move over a new pixel, on the right: the old ones that it is made of light up, with their weights. Move
#   over an old one, on the left: all new ones in which it takes part light up.
# - Change the method, and look at the sentences below. Change what pixels are, and look at the corners.

# %%
uv.widgets.UpsamplingExplorer(np.array([[0, 8, 4, 2], [4, 4, 9, 1], [7, 2, 5, 3], [1, 6, 0, 8]]))

# %% [markdown] tags=["document-6-inserted", "document-6-nearest", "document-6-bilinear", "document-6-mean-interpolation", "document-6-median-interpolation"]
# **What you should have seen.** *Nearest* makes blocks. *Bilinear* changes evenly from pixel to pixel, with
# weights such as 9/16, 3/16, 3/16, 1/16 that always add up to 1. *Mean* forgets which of them is nearer.
# *Median* is no weighted sum at all: one large number among small ones does not count. With pixels as points
# the corners of the large matrix are those of the small one; with pixels as squares they lie outside the
# centres of all old pixels, and there the nearest one counts alone.
#
# Up-sampling *inserts* new elements between the old ones, says the document. Do the old ones stay? A row of 0, 8, 4:

# %% tags=["document-6-inserted"]
for method in ("nearest", "bilinear", "mean", "median"):
    print(f"{method:9}", *uv.labs.upsample(np.array([[0.0, 8.0, 4.0]]), 2, method)[0])

# %% [markdown] tags=["document-6-inserted"]
# *Nearest* keeps the old numbers, twice each. *Bilinear* has lost the 8: with pixels as squares every new one lies
# beside the old ones, not on them. So most of a row is computed anew, and little is inserted.

# %% [markdown]
# ## Down and up again: what is lost
#
# What down-sampling threw away no interpolation brings back. How large the error is depends on the method.

# %%
# Question
uv.Question(
    "Reduced with windows of 4 x 4: of every 16 numbers, how many are gone for good, whatever is done afterwards?",
    answer=4 * 4 - 1,
    hint="One is left of them, the mean.",
    reason="16 numbers became 1. Interpolation makes 16 of it again, but it can only guess.",
)

# %% [markdown]
# **Try:** choose a window of 16 x 16, then one method after the other. The last image shows the error at
# each pixel.

# %%
uv.widgets.RoundTripExplorer(data.camera())

# %% [markdown]
# **What you should have seen.** Which method is best depends on the measure. By the mean absolute error *nearest*
# loses a hair less: in flat regions a block is already what it should be. By the root mean square, which counts
# large errors more, *bilinear* loses less. Whatever the method, the error sits at the edges, because there
# neighbouring pixels differ. It is why FCN and U-Net do not stop at interpolation: they bring the edges back from
# earlier maps, through skips.

# %% [markdown] tags=["document-8.3-valid", "document-8.3-valid-leaves-out"]
# ## Pooling, and odd sizes
#
# A U-Net does not go down by means but by *max pooling* (最大池化): of each window the largest number goes on.
# Windows lie side by side, and if the size is odd, the last row and column fill no window. With *valid*
# padding they are left out; with *same* they get windows of their own.

# %% tags=["document-8.3-odd-loses"]
# Question
toy = -np.array(
    [[9, 4, 7, 3, 8], [2, 6, 5, 9, 1], [8, 3, 9, 7, 6], [5, 9, 4, 8, 2], [7, 5, 8, 6, 4]]
)
uv.Question(
    "A 5 x 5 matrix of negative numbers. Max pooling with windows of 2 x 2 and valid padding: how many of its "
    "25 numbers are never looked at?",
    answer=toy.size - 16,
    hint="Two windows a side cover 4 x 4 numbers.",
    reason="5 * 5 - 4 * 4 = 9: the last row and the last column.",
)

# %% [markdown]
# **Try:** move over the right matrix; the largest number of each window is marked *max*. Choose *same*, and
# find out whether the padding wins against negative numbers; the document says that it is filled with zeros.

# %%
uv.widgets.PoolingExplorer(toy)

# %% [markdown] tags=["document-8.3-same-fills-zeros", "document-8.3-same-uses-every-value"]
# **What you should have seen.** *Valid* gives 2 x 2 numbers and leaves the dashed cells out, the largest of all
# among them. *Same* gives 3 x 3 and uses everything, and no zero wins: in Keras the padding of a pooling
# takes no part at all.

# %% [markdown]
# ---
# **Next:** [03_fcn_to_unet](03_fcn_to_unet.ipynb), from coarse outlines to fine ones in single edits.
# All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
