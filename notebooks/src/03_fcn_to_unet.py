# %% [markdown]
# # From FCN-32s to U-Net in single edits
#
# An FCN (全卷积神经网络) says for every pixel what it shows, but its outlines are coarse. A U-Net's are fine.
# Between the two lie a few edits, and here you make them one at a time: what changes in the drawing, what it
# costs, and what it brings, measured with networks that were trained for this page.
#
# It follows sections 3, 4, 5 and 7 of *the document*.
#
# Previous: [02_resampling](02_resampling.ipynb), fewer pixels, and more.

# %%
import numpy as np

import unetviz as uv

fcn = uv.FCNSpec(512, base_filters=64, stride=32)
found = uv.trace(fcn)

# %% [markdown] tags=["document-3-figure", "document-3-two-parts", "document-3-borrowed", "document-3-dense-replaced", "document-3-heat-map", "document-3-heat-map-upsampled", "document-7-restored"]
# ## The whole of an FCN: down by convolutions, up by one
#
# Section 3 of the document parts it in two. The *convolutional part* (全卷积部分) is borrowed from a network that
# named whole images (here VGG: 13 convolutions and five poolings); it extracts *features*. Its dense layers became
# convolutions (lesson 01); here they are left out, and one 1x1 convolution makes a *heat map* (热点图) of them: coarse
# scores, one for each class. The *deconvolution part* (反卷积部分) makes them as large as the image again, by a
# *transposed convolution*: every score writes a square of weights, a *stamp* (more of it in lesson 06).
#
# **Try:**
# - Walk through it with *Next*, or let it walk with *Play*. How often is the size halved before the scores? What
#   does the long green arrow do? (The boxes are not to scale: small maps are drawn larger than they are.)
# - At the last step choose FCN-16s, then FCN-8s. What is added, and where?
# - Take another size: 500 x 512, then 520, then 31. Read what is said below the drawing.

# %% tags=["document-2-same-size", "document-3-figure", "document-7-up-32"]
uv.widgets.FCNExplorer(fcn)

# %% [markdown] tags=["document-2-deconvolution", "document-2-same-size", "document-7-five-poolings", "document-7-up-32", "document-7-restored"]
# **What you should have seen.**
# - Zero padding keeps the size at every convolution, so the poolings alone make it smaller: 2, 4, 8, 16 and 32
#   times. A teal 1x1 convolution gives two scores for each place that is left. One transposed convolution with
#   a kernel of 64 and a stride of 32 writes a stamp of 64 x 64 for each of them; stamps overlap by half,
#   stick out at the border, and a crop cuts that off.
# - FCN-16s goes up by 2 only, and there adds scores of the map behind the fourth pooling: a *skip*. FCN-8s does
#   it once more, behind the third. The last stamp is 32, then 16 pixels wide.
# - 500 is no multiple of 32: poolings drop rows, one row of scores less is left, the crop makes up the size, and all
#   scores lie 4 rows too low. With 520 eight rows are dropped, too, but nothing moves. 31 is too small for five
#   poolings.
#
# So "up 32 times gives the size of the image" (section 7) is not quite all: it takes a crop, too, and of a size that
# is no multiple of 32 the poolings lose rows first.

# %% tags=["document-7-five-poolings"]
# Question
small = uv.trace(fcn.replace(input_size=500))
uv.Question(
    "An image of 500 x 500 goes into FCN-32s. How many rows of scores are there after the five poolings?",
    answer=small["score"].out_shape[0],
    hint="Halve five times; what is left over is dropped each time.",
    reason=" -> ".join(str(s.out_shape[0]) for s in small if s.kind in ("input", "pool")) + ".",
)

# %% [markdown] tags=["document-3-borrowed"]
# Where its parameters, its work (*multiply-accumulates*: one weight times one number each) and its maps sit: nearly
# all of it in the part that was borrowed. The way up is next to nothing.

# %%
uv.draw.draw_pixel_budget(found)

# %% [markdown]
# How much of the image can change one pixel of the result? Each skip is a path of its own, and a shorter
# one. *bottleneck* is the path all the way down, *skip5* turns at level 5, behind the fourth pooling, and *skip4* at
# level 4, behind the third:

# %% tags=["document-4-global-deep", "document-4-local-shallow"]
rows = []
for stride in (32, 16, 8):
    paths = uv.receptive_field(uv.trace(fcn.replace(stride=stride)), 256, 256).paths
    rows += [(f"FCN-{stride}s", name, f"{b.height} x {b.width}") for name, b in paths.items()]
uv.geometry.value_table(("network", "path", "pixels of the image"), rows)

# %% [markdown] tags=["document-7-heat-map"]
# ## What a heat map looks like
#
# Section 7 of the document says that up-sampling *is* how the heat map comes about. To be exact, the heat map is
# there before, only small; up-sampling makes it as large as the image.
#
# An FCN-32s of this kind, only narrower, was trained for this page to find cells in images that a program draws.
# Here one of its images, and the score of *cell* minus the score of *ground* (red says cell, blue says ground): first
# as it comes out of the 1x1 convolution, then up-sampled.

# %%
fcn_32s, sample = uv.load_pretrained("fcn_32s"), uv.labs.validation_images(256, 1)[0]
maps = uv.feature_maps(fcn_32s, sample.image, names=["score", "crop"])
uv.draw.draw_map(sample.image[::2, ::2], "The image, every second row and column.")

# %% tags=["document-3-heat-map"]
score = maps["score"]
uv.draw.draw_map(score[..., 1] - score[..., 0], "The heat map: 8 x 8 scores.", "diverging")

# %% tags=["document-3-heat-map-upsampled", "document-7-heat-map"]
up = maps["crop"]
up = up[::2, ::2, 1] - up[::2, ::2, 0]
uv.draw.draw_map(up, "The same after the up-sampling, every second row and column.", "diverging")

# %% [markdown] tags=["document-7-deconvolution"]
# ## Up 32 times: bilinear interpolation is a transposed convolution
#
# Section 7 of the document: the way up is a *deconvolution* (反卷积). It begins as bilinear interpolation
# (双线性插值; section 4 calls all such ways *up-sampling*, 上采样, see lesson 02) and may learn something else. Its
# kernel is twice the stride, and is highest in the middle:

# %% tags=["document-7-deconvolution"]
uv.draw.draw_map(
    uv.labs.bilinear_kernel(64), "The first kernel of FCN-32s: 64 x 64 weights.", "sequential"
)

# %%
# Question
uv.Question(
    "FCN-8s ends in an up-sampling by 8. How many rows has its kernel?",
    answer=uv.trace(fcn.replace(stride=8))["up"].operation.kernel[0],
    hint="A stamp reaches to the middle of the next one, at both sides.",
    reason="Twice the stride, 2 * 8 = 16: between two scores the weights of both add up to 1.",
)

# %% [markdown]
# Where stamps overlap, their weights add up to 1. Nine scores of 1, stamped:

# %%
written = uv.labs.stamp_and_add(np.ones((3, 3)), uv.labs.bilinear_kernel(16), 8)
print(
    "inside:", written[8:-8, 8:-8].min(), "to", written[8:-8, 8:-8].max(), " corner:", written[0, 0]
)

# %% [markdown]
# Is that what a library calls bilinear? It depends on what is called the place of a pixel. Here a small image,
# up-sampled 8 times by such stamps, and how far other ways differ; the border are the outer 4 pixels:

# %%
small = uv.synthetic_cells(24, seed=3).image
uv.nets.bilinear_table(small, 8)

# %% [markdown]
# **Read it like this.** With *half-pixel centres* (a pixel is an area, and its value belongs to its middle) both
# are the same inside, to rounding. At the border they are not: the library repeats the last pixel, the stamps
# fade out, because beyond the border there is no pixel to write one. Continue the small image by one pixel,
# and they agree everywhere. Older functions put the corners, or the upper left pixels, on each other: those are
# other images, moved by up to half a pixel of the small one.

# %%
stamps = uv.nets.upsample_by_stamps(small, 8)
uv.draw.draw_map(
    stamps, "24 x 24 pixels up-sampled 8 times by stamps: they fade out at the border."
)

# %% [markdown] tags=["document-8-features-1-built-on-fcn"]
# ## Single edits: from FCN-32s to U-Net
#
# Seven networks of the same small width (`base_filters=8`), each trained for a few minutes: the same drawn images, 600
# steps (in each, all weights change a little; lesson 08 shows it live), the same learning rate. Each differs from the one
# before by one edit. Five of the six edits are one *field* of the specification; the one in the middle, from an FCN
# to a U-Net, changes several things at once:

# %%
for name, spec in uv.geometry.ABLATION.items():
    print(f"{name:16}", repr(spec).replace("input_size=(256, 256), base_filters=8", "..."))

# %% [markdown]
# They are judged by images that none of them was trained with, in two ways. *Dice* is twice the area that both
# masks have, over the sum of their areas: 1 is perfect. The *boundary error* is the mean distance between the two
# outlines, in pixels. A mask with holes loses little Dice; if the holes have short outlines, little of the other too.

# %%
truth = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
moved = np.roll(truth, 1, axis=1)
dice, boundary = uv.labs.dice(moved, truth), uv.labs.boundary_error(moved, truth)
print(f"moved by one pixel: Dice {dice:.2f}, boundary error {boundary:.2f} pixels")

# %% [markdown]
# Now all seven:

# %%
images = uv.labs.validation_images(256, 12)
results = uv.nets.measure_ablation(images)

# %% [markdown]
# **Try:**
# - Go through the edits with *Next*. What is new or changed is framed in the drawing.
# - Which edit brings most? Which brings little? Guess before you go on: the table fills as you go.
# - It begins with the image on which the first and the last network are furthest apart. Choose another one, and
#   click on the left one to enlarge another place. Follow one outline from the first
#   network to the last.
# - The last edit: why are there red edges? What comes out?

# %% tags=["image-single_edits"]
uv.widgets.AblationExplorer(results, images)

# %% [markdown] tags=["document-4-details-lost"]
# **What you should have seen.** With 32 rows between two scores the outlines are round blobs, and thin lines are
# lost. Each skip of the FCN brings them nearer. A U-Net takes whole feature maps across, at every level, and
# its outlines are closer still; but that edit brought a decoder with convolutions, too, so not all of the gain is the
# skips'. The last three edits bring little here, at this width, after so short a training. Without padding 256 does not
# fit: the red edges are rows that a pooling drops, and 68 x 68 come out. So that network gets 444 x 444 pixels,
# the image with its mirrored border, and returns 260 x 260.
#
# | edit | what it changes | what it costs |
# |---|---|---|
# | FCN-32s to 16s to 8s | scores of finer poolings are added | nothing: the last stamp gets smaller, 64, 32, 16 |
# | to a U-Net | maps are added at every level, and convolved | a decoder |
# | sum to concatenation | the next convolution sees both | twice as many weights behind each join |
# | copied pixels to up-convolution | the way up is learned in one step | as many weights, less work |
# | zero padding to none | no made-up zeros, smaller output | more pixels must go in, so more work |

# %%
# Question
gains = np.diff([result.mean.dice for result in results])
uv.Question(
    "Number the networks from 1 to 7. Which one gained most in mean Dice over the one before it?",
    answer=2 + int(np.argmax(gains)),
    hint="Compare each row of the table with the one above it.",
    reason=f"It rose by {max(gains):.3f}; the six changes are "
    + ", ".join(f"{gain:+.3f}" for gain in gains)
    + ".",
)

# %% [markdown] tags=["document-4-details-lost", "document-4-skips-join", "document-4-global-deep", "document-4-local-shallow", "document-4-local-obeys-global"]
# ## The skip of an FCN, taken apart
#
# The last map is so small that its scores, up-sampled alone, lose many details: the blobs above. So FCN's authors
# brought in the *skip layer* (跳跃结构), says section 4: the last prediction knows the whole, a shallower one knows
# the details, and together they predict locally while obeying the global prediction. In an FCN both are scores, and
# they are *added*. Does the finer one obey?
#
# **Try:**
# - Look at the coarse scores, the finer ones, and their sum. Red says cell (*foreground*), blue ground (*background*).
# - Click on a square of a map: which of the two decides?
# - Below: what would the mask be if only one of them were there?
# - Choose another image, and the other sum.

# %% tags=["document-4-skips-join", "document-4-local-obeys-global"]
fcn_8s = uv.load_pretrained("fcn_8s")
shown = {f"image {number + 1}": sample for number, sample in enumerate(images[:4])}
explorer = uv.widgets.ScoreSumExplorer(fcn_8s, shown)
explorer.step.value = "dec4_add"
explorer

# %% [markdown] tags=["document-4-local-obeys-global"]
# **What you should have seen.** At level 4 the coarse scores alone make swollen blobs, and the finer ones good
# outlines with holes inside. A sum is a vote: at each square the louder of the two wins. On these four images the
# mask of the sum has the best overlap, while the outline of the finer scores alone is mostly the closest. At level
# 5 coarse alone looks good already: the sum of level 4 is in all three masks.
#
# "Obeying the global prediction" is a wish, then, not a rule: where the two disagree, the finer scores often win (the
# explorer counts how often). Only training sees to it that they win where they are right.

# %% [markdown]
# ## Sum or concatenate
#
# A sum keeps one number of two: 3 + 1 and 1 + 3 are the same afterwards. Laid side by side, both are still there.
# How much can be had back behind the join, by the best 1x1 convolution there is? For real maps of the two
# trained U-Nets:

# %%
adding, beside = uv.load_pretrained("unet_add"), uv.load_pretrained("unet_concat")
uv.nets.explained_variance_table({"sum": adding, "concatenation": beside}, images[0].image)

# %% [markdown]
# (The share of the variance, R squared: 100 % means that the map itself comes back.) A concatenation loses nothing, by
# its nature. Behind these sums most can still be had back, but not all of it.
#
# Can a concatenation do what a sum does? Give both halves of its weights the values of the network that adds, and it
# is the same network:

# %%
twin = uv.nets.as_concatenation(adding, uv.geometry.ABLATION["unet_add"])
one, other = (uv.nets.predict_image(model, images[0].image) for model in (adding, twin))
print(f"largest difference of a probability: {np.abs(one - other).max():.1e}")
print(f"parameters: {adding.count_params():,} and {twin.count_params():,}")

# %% [markdown]
# Whatever a sum can do, a concatenation can do, and the other way round it cannot. It costs weights; whether they
# pay is a matter of measuring, as above.

# %%
# Question
uv.Question(
    "A skip and the map from below have 64 channels each, and a 3x3 convolution with 64 filters follows. How many "
    "weights (without biases) has it behind a concatenation?",
    answer=9 * 128 * 64,
    hint="9 weights for each pair of an input channel and a filter.",
    reason="9 * 128 * 64 = 73,728; behind a sum there are half as many, 9 * 64 * 64 = 36,864.",
)

# %% [markdown] tags=["document-5-end-to-end"]
# ## What is good about an FCN: end to end
#
# Section 5 of the document names it first: it is trained *end to end* (端到端), from pixels to labels, in one
# piece. Even the way up is learned. This is what training added to the bilinear kernel of FCN-8s: where it is red the
# stamp of *cell* became stronger, where it is blue weaker. It did not stay symmetric, and it did not change by much.

# %% tags=["document-5-end-to-end"]
kernel = fcn_8s.get_layer("up").get_weights()[0][:, :, 1, 1]
change = kernel - uv.labs.bilinear_kernel(16)
print(f"largest weight before: {uv.labs.bilinear_kernel(16).max():.3f}, after: {kernel.max():.3f}")
uv.draw.draw_map(
    change, "What training added to the bilinear kernel, from cell to cell.", "diverging"
)

# %% [markdown] tags=["document-2-any-size", "document-4-any-size"]
# And any size will do, because nothing but convolutions is in it (section 4, *convolutional*, 卷积化):

# %% tags=["document-2-any-size"]
for shape in ((96, 160), (256, 256), (352, 224)):
    model = uv.load_pretrained("fcn_8s", input_size=shape)
    score = uv.nets.score_model(model, uv.labs.validation_images(shape, 4))
    print(shape, "in,", model.output_shape[1:3], f"out, Dice {score.dice:.3f}")

# %% [markdown] tags=["document-5-coarse-details"]
# ## What is not so good: coarse details
#
# "The result is not fine enough", says the document. Where is it wrong? Near the true outline, mostly:

# %% tags=["document-5-coarse-details"]
masks = [sample.mask for sample in images]
uv.labs.distance_table({result.name: result.masks for result in results}, masks)

# %% [markdown]
# Within 2 pixels of an outline FCN-32s is nearly guessing (a coin is wrong in 50 %), and every skip helps. Far from
# outlines it is another matter: beyond 8 pixels the U-Nets are no better than FCN-8s, rather a little worse, and the one
# that adds is no better between 2 and 8 either. What skips bring is detail.

# %% [markdown] tags=["document-5-pixels-alone"]
# ## What is not so good: each pixel on its own
#
# "Each pixel is classified, and the relations between pixels are not considered." It is the *loss* that does so: it is
# a mean over pixels, so it cannot tell a mask from the same pixels in any other order.

# %% tags=["document-5-pixels-alone"]
said = uv.nets.predict_image(fcn_8s, images[1].image)
truth, order = images[1].mask, uv.labs.permuted_pixels(images[1].mask.shape)
mixed, mixed_truth = said.reshape(-1, 2)[order], truth.ravel()[order]
for name, chances, mask in (("in place", said, truth), ("mixed", mixed, mixed_truth)):
    loss = uv.labs.cross_entropy(np.log(chances), mask).mean()
    print(
        f"{name:9} loss {loss:.6f}, pieces: {uv.labs.count_components(uv.labs.foreground(chances))}"
    )

# %%
uv.draw.draw_map(mixed[:64, :64, 1], "The same probabilities, mixed: a corner of 64 x 64 pixels.")

# %% [markdown] tags=["document-5-pixels-alone"]
# The network is not as blind as its loss: neighbouring pixels see nearly the same part of the image. But nothing asks
# for whole cells. So cells run together, or come with crumbs. Counted over all twelve images:

# %%
count = uv.labs.count_components
rows = [("the truth", sum(map(count, masks)), sum(count(mask, 20) for mask in masks))]
for result in results:
    counts = (sum(count(mask, largest) for mask in result.masks) for largest in (np.inf, 20))
    rows.append((result.name, *counts))
uv.geometry.value_table(("masks of", "pieces", "of these at most 20 pixels"), rows)

# %% [markdown]
# **Read it like this.** The FCNs have far fewer pieces than there are: a thin line that is missed joins two cells. The
# U-Nets part more of them, but they have the same loss and the same weakness: many of their pieces are crumbs. The
# U-Net's paper answers with weights for the pixels between cells (lesson 08); these networks were trained without.
#
# ---
# **Next:** [04_shapes_572_to_388](04_shapes_572_to_388.ipynb), every step of the U with its reason. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
