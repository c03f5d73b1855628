# %% [markdown]
# # The U runs backwards
#
# So far everything went forward: from 572 pixels to 388. A network *learns* on the way back. The document says that
# convolutions, poolings, up-sampling and deconvolution can all be run backwards (features 3); here you walk that
# way, arrow by arrow, with the real gradients of a trained network on a real image of its kind.
#
# *Backpropagation* (反向传播) finds for every number in the network how much the loss would change if that number
# changed a little: its *gradient* (梯度). Training then moves every weight a little against its gradient.
#
# It follows *features (3)* of the document, section 8.
#
# Previous: [09_learned_activations](09_learned_activations.ipynb), inside a network that has learned.

# %%
import numpy as np

import unetviz as uv

cells = uv.load_pretrained("cells")
image = uv.labs.validation_images(572, 1)[0]

# %% [markdown]
# ## There and back
#
# **Try:**
# - It opens at the turning point, the loss. Press *Back*, then *Next*: the arrows turn round. Go on with *Next*, or
#   press *Play*. *Left* and *Right* work in the drawing, too, and a click goes to a map.
# - On the way back: what does each arrow do to the gradient? One sentence says it, and the small example below the
#   drawing does it with whole numbers. Point at its results.
# - Click on the third map of level 4, on the left (*enc4_conv2*): two arrows lead to it. Where do they come from?
# - Watch the norm, the length of the gradient, from the output to the input. Does it grow or shrink?

# %% tags=["image-backward"]
uv.widgets.BackwardExplorer(cells, image, step=len(uv.trace_model(cells)))

# %% [markdown] tags=["document-8-features-3-known-backward"]
# **What you should have seen.** It begins with the mistakes: each score gets its probability, for the right class minus
# 1, divided by the number of pixels. Where the network is sure and right there is next to nothing to learn. From there
# every arrow brings the gradient back to the numbers that it was made from, each times the weight that it had:
#
# - a concatenation *splits* it, and a crop *puts zeros around* it;
# - a convolution becomes a *full* convolution with the kernel turned round, an up-convolution a convolution with a stride;
# - a pooling *routes* each number to the pixel that was the largest;
# - ReLU lets nothing through where it was closed. (Its zeros are hardly seen here: right behind the gate a convolution
#   mixes them with their neighbours.)
#
# At the end of each level of the encoder two gradients meet, from the skip and from below, and are added. The norm
# grows on the way: many small gradients add up in each pixel.

# %%
# Question
trace = uv.trace_model(cells)
crop = trace["dec1_crop"]
rows = crop.in_shapes[0][0] - crop.out_shape[0]
uv.Question(
    f"The crop of skip 1 cuts {crop.in_shapes[0][0]} rows to {crop.out_shape[0]}. On the way back, how many rows "
    "of zeros does it put at the top?",
    answer=rows // 2,
    hint="As many as it cut there.",
    reason=f"({crop.in_shapes[0][0]} - {crop.out_shape[0]}) / 2 = {rows // 2}.",
)

# %%
# Question
uv.Question(
    "A 2x2 max pooling with 100 different numbers coming in. How many of them can get a gradient other than 0?",
    answer=25,
    hint="One in each window.",
    reason="25 windows, and the largest of each.",
)

# %% [markdown] tags=["document-8-features-3-two-ways-up"]
# ## Every rule by itself
#
# The document's code has arrows that the paper's network lacks: up-sampling by copies, *same* padding, and dropout
# (随机失活). Here are all rules, each with a few whole numbers.
#
# **Try:** predict a result before you point at it: *up-sampling by copies*, then *dropout*, then *3x3 convolution with
# same padding*. Draw other numbers and try again.

# %%
uv.widgets.BackwardRuleExplorer("upsample")

# %% [markdown] tags=["document-8-features-3-both-backward"]
# **What you should have seen.** Copies are *added up*, block by block. Dropout lets the gradient through where it let
# the number through, made larger by the same factor. With *same* padding, what lands on the padding is dropped.
#
# The same in a real network, the one with copies that was trained for lesson 03. It opens where the first copies are
# run backwards; press *Next* for the rest:

# %%
small = uv.load_pretrained("unet_concat")
uv.widgets.BackwardExplorer(
    small, uv.labs.validation_images(256, 1)[0], step=len(uv.trace_model(small)) + 7
)

# %% [markdown]
# ## Is it true? One weight, two ways
#
# The gradient says how much the loss changes with a weight. So change the weight, a little up and a little down, and
# look: (L(w + e) - L(w - e)) / 2e. This is slow, two passes for a single weight, but nobody can argue with it.
#
# **Try:**
# - Click on a weight. How many digits agree?
# - Take another layer: near the input, at the bottom, near the output. Where are the gradients larger?
# - Change the step e: 0.1, then 1e-8, then 1e-12. And why 64 bits? Look at what 32 bits make of it.

# %%
checked = uv.load_pretrained("unet_transposed", input_size=64)
uv.widgets.GradientCheckExplorer(checked, uv.labs.validation_images(64, 1)[0])

# %% [markdown]
# **What you should have seen.** With 64 bits both ways agree to 4 digits at the first weights, and to more in most
# layers: a step that is too long meets the kinks of ReLU and of the poolings, one that is too short meets rounding. With
# 32 bits the two losses agree in nearly all of their digits, so little is left after the subtraction, for a small
# gradient nothing. Backpropagation needs no such subtraction, and one way back gives the gradients of *all* weights at
# once. In this network the gradients are largest near the input and near the output.

# %%
# Question
count = cells.count_params()
uv.Question(
    f"{count:,} weights. How many forward passes would the numeric way take for all of them, in millions, rounded to "
    "a whole number?",
    answer=round(2 * count / 1e6),
    hint="Two for each weight.",
    reason=f"2 x {count:,} = {2 * count:,}. Backpropagation takes one pass forward and one back.",
)

# %% [markdown]
# ## One pixel of the output, and what it hangs on
#
# Lesson 05 drew a box around everything that one output pixel can have seen. A gradient shows what it really hangs on:
# how much would this one score change with each pixel of the image?
#
# **Try:** click in the middle of a white area, at the edge of one, and in a corner. Does anything lie outside the box?
# Does the gradient fill it? Look at it *in proportion*, too, and at *the image itself*.

# %%
uv.widgets.PixelGradientExplorer(
    uv.load_pretrained("cells", input_size=300), uv.synthetic_cells(300, seed=3)
)

# %% [markdown]
# **What you should have seen.** Nothing lies outside the box, not a single pixel; the box of lesson 05 is right. Inside
# nearly every pixel counts a little, but half of the gradient lies within a few dozen pixels of the middle: a network
# *can* see 188 or 204 pixels, and uses far fewer.

# %% [markdown]
# ## What skips do for training
#
# A gradient that must go all the way down and up again passes 18 convolutions. A skip is a short cut. Here is how long
# the gradient of each kernel is (its norm), at the start and after training, with skips and without. The gradient of a
# weight is what comes back to it times what went in. Means over four images of 300 x 300:

# %%
images = uv.labs.validation_images(300, 4)
norms = {}
for name, merge in (("with skips", "concat"), ("without skips", "none")):
    start = uv.build(uv.PAPER.replace(input_size=300, base_filters=16, merge=merge), seed=0)
    norms[f"{name}, at the start"] = uv.nets.gradient_norms(start, images)
for name, words in (("cells", "with skips"), ("cells_no_skip", "without skips")):
    norms[f"{words}, trained"] = uv.nets.gradient_norms(
        uv.load_pretrained(name, input_size=300), images
    )

# %%
uv.draw.draw_norms(norms, "Norm of the gradient of each kernel, from the input to the output.")

# %%
# Question
first = [norms[f"{name}, at the start"]["enc1_conv1"] for name in ("with skips", "without skips")]
first = [round(float(norm), 4) for norm in first]  # as they are told
ratio = round(first[0] / first[1])
uv.Question(
    f"At the start the gradient of the first kernel, enc1_conv1, has the norm {first[0]:.4f} with skips and "
    f"{first[1]:.4f} without. How many times as long is it, rounded to a whole number?",
    answer=ratio,
    hint="Divide.",
    reason=f"{first[0]:.4f} / {first[1]:.4f} = {ratio}, among other things because there is a short cut.",
)

# %% [markdown]
# **Read it like this.** At the start all kernels of the network without skips have small gradients. With skips both ends
# of the U get far more, and the bottom gets less: the outer levels begin to learn at once. On the left the reason is the
# short cut back; on the right it lies on the way forward, because a skip brings large numbers to the last
# convolutions. That fits what was seen in lesson 09: without skips the network did not learn at the rate of its twin.
# After training both have their longest gradients near the input, and they differ most at the bottom, where without skips
# everything must pass. A long gradient says that the loss is steep there, not that a network is good or bad.

# %% [markdown] tags=["document-8-features-3-matrices", "document-8-features-3-transposed-backward"]
# ## The transposed convolution, backwards, as a matrix
#
# Lesson 06 wrote a transposed convolution as a matrix. Then its way back is the transposed matrix, and that is the
# matrix of an ordinary convolution. "反卷积也可以表示为两个矩阵乘积", says the document: a deconvolution is a product of
# matrices, so it can be run backwards.

# %% tags=["document-8-features-3-transposed-backward"]
kernel = np.array([[1.0, 2.0], [3.0, 4.0]])
forward = uv.labs.convolution_matrix((4, 4), kernel, 2).toarray().T
gradient = np.arange(16.0)
back = (forward.T @ gradient).reshape(2, 2)
print(back)
print(uv.labs.convolve(gradient.reshape(4, 4), kernel, 2))

# %% [markdown]
# The same numbers: one by the transposed matrix, the other by a convolution with the same kernel and a stride of 2.
#
# ---
# **Next:** this was the last lesson. All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the memory is free.
