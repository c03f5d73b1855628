# %% [markdown] tags=["document-8-features-3-transposed"]
# # The up-convolution, three times the same
#
# The green arrow of the U makes a map twice as large, and it *learns* how. It goes by many names:
# transposed convolution (转置卷积), up-convolution, deconvolution (反卷积). Here you see it in three ways that
# look different and give the same numbers, run it backwards, and find out where checkerboards come from.
#
# It follows section 8 (4) and *features (3)* of the document. TensorFlow is not needed here.
#
# Previous: [05_crops_and_skips](05_crops_and_skips.ipynb).

# %%
import numpy as np
from skimage import data

import unetviz as uv

# %% [markdown]
# ## Every pixel writes a stamp
#
# An ordinary convolution *gathers*: each output reads a window. A transposed convolution *spreads*: each
# input pixel writes a *stamp*, the *kernel* (the weights) times its own value, and where stamps overlap they
# are added. The *stride* (步长) is the distance from one stamp to the next.

# %% tags=["document-8.4-doubles"]
# Question
uv.Question(
    "The U-Net's up-convolution has a kernel of 2 x 2 and a stride of 2. A map of 28 x 28 goes in. How many "
    "pixels a side come out?",
    answer=uv.labs.stamp_and_add(np.ones((28, 28)), np.ones((2, 2)), 2).shape[0],
    hint="28 stamps in a row, each 2 wide, side by side.",
    reason="28 * 2 = 56: with kernel = stride the stamps neither overlap nor leave gaps.",
)

# %% [markdown]
# ## Three views
#
# The third view needs a word first: an ordinary convolution can be written as a matrix **C**, with a row for each
# of its outputs and mostly zeros in it (it is *sparse*). In the panel its rows and columns have changed places:
# *C transposed*.
#
# **Try:**
# - Press *Next*, or *Play*. All three views go to the next output at once; what makes it lights up.
# - Type another number into *in* or *kernel* of the first view. All three follow.
# - Choose 3 / 2 as kernel and stride, and step on: do all outputs get equally many stamps?

# %%
uv.widgets.TransposedExplorer(np.array([[1, 2], [3, -1]]))

# %% [markdown] tags=["document-8-features-3-transposed", "document-8-features-3-is-a-convolution"]
# **What you should have seen.** Three ways, one result, at every step. *Stamp and add* is how to think of it.
# *Zeros put in, then an ordinary convolution with the kernel turned round* explains the old name "convolution
# with a fractional stride". And the *matrix* explains the new name: it is the matrix of an ordinary
# convolution, **transposed**. That is all that "transposed" means; it is not an inverse, and brings no lost
# number back.

# %%
# Question
cover = uv.labs.stamp_counts((4, 4), 3, 2)
uv.Question(
    "With a kernel of 3 x 3 and a stride of 2, how many stamps reach the outputs that are reached by most?",
    answer=int(cover.max()),
    hint="In a row each stamp overlaps the next in one column, so two meet there. Rows do the same.",
    reason="Two in a row and two in a column: 2 * 2 = 4. Others are reached by 2 or by 1 only.",
)

# %% [markdown] tags=["document-8-features-3-small-to-large", "document-8-features-3-matrices"]
# ## The matrix, and the way back
#
# A convolution with stride turns a large map into a small one. Its matrix C is multiplied by the image,
# written as one long column. Transposed, it turns a small map into a large one: a transposed convolution is a
# product of two matrices, as the document says. Here is C; `C.T` is C transposed, and the line on top
# numbers the columns:

# %% tags=["document-8-features-3-small-to-large"]
kernel = np.array([[1.0, 2.0], [3.0, 4.0]])
C = np.asarray(uv.labs.convolution_matrix((4, 4), kernel, 2).todense())
print(
    f"C: {C.shape[0]} x {C.shape[1]}, turns 16 pixels into 4; "
    f"C.T: {C.T.shape[0]} x {C.T.shape[1]}, turns 4 into 16"
)
uv.geometry.number_table(C.astype(int))

# %% [markdown] tags=["document-8-features-3-transposed-backward"]
# Each row holds the four weights, where the window lies for that output.
#
# *The backward pass of one is the forward pass of the other.* When a network learns, gradients (how much the
# loss changes with each number) travel backwards. Through an ordinary convolution they travel by C
# transposed, that is by a transposed convolution; through a transposed convolution by C itself. So
# gradients get through both, and backpropagation (反向传播) works, as the document says. Compared with *numeric*
# gradients, which know no rule but change each number a little and see what happens (1e-11 is 0.00000000001):

# %% tags=["document-8-features-3-both-backward"]
rng = np.random.default_rng(0)
large, gradient = rng.random((6, 6)), rng.random((3, 3))
convolve, by_trying = uv.labs.convolve, uv.labs.numeric_gradient
by_rule = uv.labs.forward_backward(large, kernel, 2, gradient)
tried_out = by_trying(lambda at: (convolve(at, kernel, 2) * gradient).sum(), large)
print(f"convolution: largest difference {np.abs(by_rule - tried_out).max():.1e}")

small, up_gradient = rng.random((3, 3)), rng.random((6, 6))
by_rule = convolve(up_gradient, kernel, 2)
stamped = uv.labs.stamp_and_add
tried_out = by_trying(lambda at: (stamped(at, kernel, 2) * up_gradient).sum(), small)
print(f"transposed convolution: largest difference {np.abs(by_rule - tried_out).max():.1e}")

# %% [markdown]
# What is *learned* is the kernel. Each of its numbers has taken part in every stamp, times the input there. So
# its gradient is a sum over all stamps: that input times the gradient where the number was written.

# %%
by_rule = np.zeros((2, 2))
for i, j in np.ndindex(small.shape):
    by_rule += small[i, j] * up_gradient[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
tried_out = uv.labs.numeric_gradient(
    lambda at: (uv.labs.stamp_and_add(small, at, 2) * up_gradient).sum(), kernel
)
print(f"its kernel: largest difference {np.abs(by_rule - tried_out).max():.1e}")

# %% [markdown] tags=["document-8-features-3-known-backward"]
# Equal, to rounding. (A max pooling sends its gradient back to the number that won, and 0 to the others; lesson
# 10 will run the whole U backwards.) With many channels nothing new happens: there is one kernel for each pair
# of an input and an output channel, and the results are added. The U-Net's green arrow also halves the number
# of channels that way.

# %% [markdown]
# ## How often is each output written?
#
# If the stride does not divide the kernel, stamps overlap unevenly.
#
# **Try:** compare 2 / 2, 3 / 2 and 4 / 2. What happens to the image?

# %%
uv.widgets.CheckerboardExplorer(data.camera()[::8, ::8])

# %% [markdown]
# **What you should have seen.** 2 / 2 writes every output once, 4 / 2 four times (away from the border), and 3 / 2
# one, two or four times, in a *checkerboard*. All weights of the kernel are equal, so the image should only
# become larger, but with 3 / 2 it gets a grid that nobody put in, even where it is flat. A network can learn to
# even it out; better is a kernel that the stride divides.

# %% [markdown]
# ## FCN's way: a kernel of 64, a stride of 32
#
# FCN-32s makes its last map 32 times as large in one step. (FCN-16s and FCN-8s go in smaller steps.) It begins
# with weights that do bilinear interpolation (lesson 02), and learns from there. In the panel above it is the
# last choice; here are all of its weights:

# %%
uv.draw.draw_map(
    uv.labs.bilinear_kernel(64),
    "The 64 x 64 weights with which FCN-32s begins to go up.",
    "sequential",
)

# %% [markdown] tags=["document-8-features-3-two-ways-up", "document-9-up-convolution"]
# ## What the document's code does instead
#
# It has no transposed convolution: `UpSampling2D` copies every pixel into a block of 2 x 2, and then a 2 x 2
# convolution with *same* padding looks at it. That convolution has no middle pixel, and its zero is added at
# the bottom and right only. With equal weights it shifts. How far? A single 1 in the middle of a map goes in,
# and the centre of mass of what comes out is measured (minus means up, or left):

# %% tags=["document-9-up-convolution"]
flat = np.full((2, 2), 0.25)
document = uv.labs.measured_shift(lambda at: uv.labs.upsample_convolve(at, flat))
paper = uv.labs.measured_shift(lambda at: uv.labs.stamp_and_add(at, flat, 2))
print(f"the document's code: {document[0]:+.2f} rows, {document[1]:+.2f} columns of the output")
print(f"a transposed convolution: {paper[0]:+.2f} rows, {paper[1]:+.2f} columns")

# %% [markdown]
# Half a pixel, up and to the left. Training may choose other weights, and so a shift of anything from 0 to 1
# pixel.

# %%
# Question
whole = uv.DOCUMENT.input_size[0]
scale = whole // uv.trace(uv.DOCUMENT)["dec4_up"].out_shape[0]
uv.Question(
    f"The first up-step of the document's network makes a map of {whole // scale} pixels a side; the output has "
    f"{whole}. A shift by half a pixel of that map: how many output pixels is that?",
    answer=scale // 2,
    hint=f"One pixel of that map stands for {whole} / {whole // scale} = {scale} pixels of the output.",
    reason=f"{scale} / 2 = {scale // 2}. The skips are not shifted, so the two maps that are joined lie apart, "
    "and the network has to learn around it.",
)

# %% [markdown] tags=["document-8-features-3-both-backward"]
# And backwards? Copies are undone by a sum: the gradient of each pixel is the sum over the block that was
# copied from it. A gradient of 4 x 4, and what becomes of it:

# %%
behind = np.arange(16).reshape(4, 4)
uv.geometry.number_table(behind)

# %%
uv.geometry.number_table(uv.labs.sum_of_blocks(behind, 2))

# %% [markdown]
# Each number is the sum of four: the first one of 0, 1, 4 and 5.

# %% [markdown]
# ---
# **Next:** [07_overlap_tile](07_overlap_tile.ipynb), large images in tiles. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
