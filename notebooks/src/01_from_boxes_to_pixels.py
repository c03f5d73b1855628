# %% [markdown]
# # From boxes to pixels
#
# What is in this picture? There are three ways to answer: one answer for the whole, a box around each object,
# or the exact outline of each. A U-Net gives the third kind. This lesson shows the three side by side, then how a
# network that gives one answer becomes one that gives an answer for every pixel.
#
# It follows sections 1, 2 and 4 of the document.
#
# Previous: [00_start_here](00_start_here.ipynb), the map of all lessons.

# %%
import numpy as np
from skimage import data

import unetviz as uv

coins = data.coins()

# %% [markdown]
# ## Classification, detection, segmentation
#
# A photograph of coins. All three answers below are computed from it, by classical means: the light is evened
# out, bright regions are found and counted. *Detection* (图像检测) frames objects in boxes; *segmentation*
# (图像分割) finds their exact outlines (轮廓).

# %%
# Question
found = uv.find_objects(coins)
pixels, boxes = coins.size, 4 * found.count
uv.Question(
    f"A picture of {coins.shape[0]} x {coins.shape[1]} pixels shows {found.count} coins. A box needs 4 numbers. How "
    f"many times as many numbers does a label for each pixel need as all boxes together? (Whole number.)",
    answer=pixels // boxes,
    hint=f"{pixels:,} labels, and {found.count} boxes of 4 numbers each.",
    reason=f"{pixels:,} / {boxes} = {pixels / boxes:.1f}: exact outlines are much to ask for.",
)

# %%
uv.draw_answers(coins, found.boxes, found.outlines, uv.answer_words(found))

# %% [markdown]
# **What you should see.** The first answer is a single yes, the second is 96 numbers, the third a label for each
# pixel. The boxes hold a good share of pixels that belong to no coin.

# %% [markdown]
# ## A CNN gives one answer
#
# A classical CNN ends in *dense* layers (全连接层): every number of the last feature map (特征图) is connected
# with every output. They turn the map into a **vector of fixed length** (特征向量). Read as scores of classes it
# serves for classification (分类); a single number serves for regression (回归), for example the size of an
# object. Either way there is one answer for the whole picture.
#
# Here such a network is trained, in a few seconds, to say whether a small picture shows nothing, a disc or a
# square. The pictures are made.

# %%
trained = uv.train_classifier(seed=0)
print(f"{trained.seconds:.0f} s, {trained.accuracy:.0%} of new pictures right")
for layer in trained.model.layers:
    print(f"{layer.name:13} {layer.output.shape[1:]}")

# %% [markdown]
# Between the maps and the answer stands the vector: here 32 numbers, whatever the picture shows. The network
# reads three scores off it, one a class. Other things can be read off the very same vector, for instance a
# size: below a weighted sum of the 32 numbers is fitted, by least squares, to the number of bright pixels.

# %%
images, classes = uv.made_patches(600, seed=9)
vectors = uv.feature_vectors(trained.model, images, "dense")
print(f"picture 0: {np.round(vectors[0, :6], 1)} ..., {vectors.shape[1]} numbers")
middle = (images.max(axis=(1, 2, 3)) + images.min(axis=(1, 2, 3))) / 2
sizes = (images > middle[:, None, None, None]).sum(axis=(1, 2, 3)) * (classes > 0)
weights, *_ = np.linalg.lstsq(vectors[:400], sizes[:400], rcond=None)
wrong_by = np.abs(vectors[400:] @ weights - sizes[400:])[classes[400:] > 0]
print(f"new objects have {sizes[400:][classes[400:] > 0].mean():.0f} pixels on average;")
print(f"the estimates are wrong by {np.median(wrong_by):.0f} pixels (median)")

# %% [markdown]
# ## Dense = convolution
#
# *Convolutionalization* (卷积化): a dense layer over a map of 5 x 5 numbers is a convolution whose window is just
# as large, 5 x 5, and which therefore has only one place to stand. The weights are **the same**, only
# rearranged. But a convolution does not mind a larger map: there it has more places, and gives an answer at
# each of them. That is the step from CNN to FCN (全卷积网络). The same network with its head turned:

# %%
window = trained.model.input_shape[1]
uv.trace_model(uv.convolutionalize(trained.model), window)

# %%
# Question
larger = uv.trace_model(uv.convolutionalize(trained.model), window + 16)
uv.Question(
    f"The network was trained on {window} x {window} pixels and pools twice by 2. How many answers a side does it "
    f"give for {window + 16} x {window + 16} pixels?",
    answer=larger.output_shape[0],
    hint="One at the start, and one more for every 4 pixels.",
    reason=f"1 + 16 / 4 = {larger.output_shape[0]}.",
)

# %% [markdown]
# **Try:** change the size of the picture. Read what the dense network says to it. In the middle is the map of
# answers, coarse, with a colour for each class; on the right its scores were up-sampled (上采样) to the size of
# the picture, bilinearly, and of each pixel the class with the largest score was taken. (FCN lets the network
# learn this step: a deconvolution, lesson 06.) Begin with 128, then look at 32, the size it was trained on.

# %%
uv.ClassifierExplorer(trained.model)

# %% [markdown]
# **What you should have seen.** At the trained size both say the same, to rounding. At any other the dense network
# refuses: each of its outputs has exactly 5 * 5 * 16 = 400 weights, and a larger map has more numbers than that
# (Keras notices already at the input). The convolutional one takes any picture of at least 32 x 32 and labels
# every pixel of it, coarsely: it answers every 4 pixels, and each answer has seen a whole window. So objects
# lose their shape, and discs get a rim of "square": there the window holds only part of a disc, which the
# network never learned. Fine outlines need what the skips bring: lesson 05, and 03 for FCN's own. (Half a
# window from the border there are no answers any more; the nearest is repeated, hence the stripes.)
#
# The document says that a convolution learns which connections matter and *drops* weak ones. It does not: no
# connection is dropped, small weights just count little, in a dense layer as in a convolution. What a
# convolution saves is work and weights that are **shared** between places. Equal answers, measured:

# %%
scene, labels = uv.made_scene(96, 96, seed=1)
one_by_one = uv.slide(trained.model, scene, stride=4)
at_once = uv.convolutionalize(trained.model).predict_on_batch(scene[None, ..., None])[0]
costs = uv.sharing(trained.model, 96, 96)
print(
    f"{costs.windows} windows one by one or {at_once.shape[0]} x {at_once.shape[1]} answers at once:"
)
print(
    f"largest difference {np.abs(one_by_one - at_once).max():.1e}, {costs.ratio:.1f} times the work"
)

# %% [markdown]
# ## Every pixel is a training sample
#
# How does a network learn from a label picture? As for classification, but at every pixel: the scores of its
# classes go through a *softmax* and become probabilities (each e to the power of its score, divided by their
# sum), and the loss (损失) of the pixel is minus the logarithm
# of the probability of its true class (*cross-entropy*). The loss of the picture is the mean over its pixels:
# each of them counts as a training sample (训练样本) of its own.
#
# Below is every 8th pixel of the scene above, in the middle of it; the scores come in the order nothing, disc,
# square.
#
# **Try:** go over the pixels on the right. Find the one with the largest loss, and read why.

# %%
small = uv.to_picture(at_once, (96, 96), window, 4)[20:84:8, 20:84:8]
uv.PixelLossExplorer(small, labels[20:84:8, 20:84:8])

# %% [markdown]
# **What you should have seen.** Most pixels are background, are recognised as such and cost next to nothing. The
# mean is made by a handful of pixels near the objects, where the network is sure and wrong.

# %%
# Question
uv.Question(
    "A network that knows nothing gives each of two classes the same score. What probability, in percent, does the "
    "softmax make of that?",
    answer=int(uv.softmax(np.zeros(2))[0] * 100),
    hint="Equal scores, equal probabilities, and together they are 100 percent.",
    reason="50 percent each, and the loss is -log 0.5 = 0.69 at every pixel: where training begins. With three "
    "classes it is -log 1/3 = 1.10.",
)

# %% [markdown]
# ---
# **Next:** [02_resampling](02_resampling.ipynb), fewer pixels and more pixels. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
