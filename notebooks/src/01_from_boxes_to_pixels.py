# %% [markdown]
# # From boxes to pixels
#
# What is in this image? There are three ways to answer: one answer for the whole, a box around each object,
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

# %% [markdown] tags=["document-1-detection-boxes", "document-1-segmentation-outlines"]
# ## Classification, detection, segmentation
#
# A photograph of coins. All three answers below are computed from it, by classical means: the light is evened
# out, bright regions are found and counted. *Detection* (图像检测) frames objects in boxes; *segmentation*
# (图像分割) finds their exact outlines (轮廓).

# %%
# Question
found = uv.labs.find_objects(coins)
pixels, boxes = coins.size, 4 * found.count
uv.Question(
    f"An image of {coins.shape[0]} x {coins.shape[1]} pixels shows {found.count} coins. A box needs 4 numbers. How "
    f"many times as many numbers does a label for each pixel need as all boxes together?",
    answer=pixels // boxes,
    hint=f"{pixels:,} labels, and {found.count} boxes of 4 numbers each.",
    reason=f"{pixels:,} / {boxes} = {pixels // boxes}: exact outlines are much to ask for.",
)

# %%
uv.draw.draw_detection_and_segmentation(
    coins, found.boxes, found.outlines, uv.widgets.detection_sentences(found)
)

# %% [markdown] tags=["document-1-detection-boxes"]
# **What you should see.** The first answer is a single yes, the second is 96 numbers, the third a label for each
# pixel. The boxes hold a good share of pixels that belong to no coin.

# %% [markdown] tags=["document-2-dense-layers", "document-2-fixed-vector", "document-2-image-level-tasks", "document-2-one-description"]
# ## A CNN gives one answer
#
# A classical CNN ends in *dense* layers (全连接层): every number of the last feature map (特征图) is connected
# with every output. They turn the map into a **vector of fixed length** (特征向量). Read as scores of classes it
# serves for classification (分类); a single number serves for regression (回归), for example the size of an
# object. Either way there is one answer for the whole image.
#
# Here such a network is trained, in a few seconds, to say whether a small image shows nothing, a disc or a
# square. The images are made by the computer, so there are as many as one likes.

# %% tags=["document-2-dense-layers"]
trained = uv.nets.train_classifier(seed=0)
print(f"{trained.seconds:.0f} s, {trained.accuracy:.0%} of new images right")
for layer in trained.model.layers:
    print(f"{layer.name:13} {layer.output.shape[1:]}")

# %% [markdown] tags=["document-2-fixed-vector", "document-2-image-level-tasks"]
# Between the maps and the answer stands the vector: here 32 numbers, whatever the image shows. The network
# reads three scores off it, one for each class. Other things can be read off the very same vector, for instance
# a size: below a weighted sum of the 32 numbers is fitted, by least squares, to the number of bright pixels.

# %%
images, classes = uv.labs.synthetic_patches(600, seed=9)
vectors = uv.nets.feature_vectors(trained.model, images, "dense")
print(f"image 0: {np.round(vectors[0, :6], 1)} ..., {vectors.shape[1]} numbers")
# A pixel is bright above the middle between the darkest and the brightest of its image.
middle = (images.max(axis=(1, 2, 3)) + images.min(axis=(1, 2, 3))) / 2
sizes = (images > middle[:, None, None, None]).sum(axis=(1, 2, 3)) * (classes > 0)
# 400 images to fit the weights, the others to test them.
weights, *_ = np.linalg.lstsq(vectors[:400], sizes[:400], rcond=None)
wrong_by = np.abs(vectors[400:] @ weights - sizes[400:])[classes[400:] > 0]
print(f"new objects have {sizes[400:][classes[400:] > 0].mean():.0f} pixels on average;")
print(f"the estimates are wrong by {np.median(wrong_by):.0f} pixels (median)")

# %% [markdown] tags=["document-2-one-description", "document-2-dense-and-softmax"]
# The document calls such an answer "a numeric description (a probability)" of the whole image. The size is a
# number, but no probability. The scores of the classes become probabilities by a *softmax*: e to the power of each
# score, divided by the sum of all of these. *Dense layers + softmax* (全连接层 + softmax) is how a classical CNN
# ends. Here for the first four images:

# %% tags=["document-2-one-description"]
chances = uv.labs.softmax(trained.model.predict_on_batch(images[:4]))
rows = [(i, *map(float, row.round(4)), float(row.sum())) for i, row in enumerate(chances)]
uv.geometry.value_table(("image", "nothing", "disc", "square", "sum"), rows)

# %% [markdown] tags=["document-2-dense-replaced", "document-4-dense-to-convolution", "document-4-any-size", "document-4-same-as-dense"]
# ## Dense = convolution
#
# *Convolutionalization* (卷积化): a dense layer over a map of 5 x 5 numbers is a convolution whose window is just
# as large, 5 x 5, and which therefore has only one place to stand. The weights are **the same**, only
# rearranged. But a convolution does not mind a larger map: there it has more places, and gives an answer at
# each of them. That is the step from CNN to FCN (全卷积网络). The same network with its head turned:

# %% tags=["document-2-dense-replaced"]
window = trained.model.input_shape[1]
uv.trace_model(uv.nets.convolutionalize(trained.model), window)

# %%
# Question
larger = uv.trace_model(uv.nets.convolutionalize(trained.model), window + 16)
uv.Question(
    f"The network was trained on {window} x {window} pixels and pools twice by 2. How many answers a side does it "
    f"give for {window + 16} x {window + 16} pixels?",
    answer=larger.output_shape[0],
    hint="One at the start, and one more for every 4 pixels.",
    reason=f"1 + 16 / 4 = {larger.output_shape[0]}.",
)

# %% [markdown] tags=["document-2-deconvolution", "document-2-classify-upsampled", "document-2-labelled-image"]
# **Try:**
# - Begin with 128. In the middle is the map of answers, coarse, with a colour for each class. On the right
#   its scores were up-sampled (上采样) to the size of the image, bilinearly, and of each pixel the class with
#   the largest score was taken. (FCN lets the network learn this step: a deconvolution, lesson 06.)
# - Read what the dense network says to that size.
# - Look at 32, the size it was trained on. Then choose other sizes and images.

# %%
uv.widgets.ClassifierExplorer(trained.model)

# %% [markdown] tags=["document-2-any-size", "document-2-prediction-per-pixel", "document-4-any-size", "document-4-low-resolution", "document-4-same-as-dense", "document-4-dense-is-fixed"]
# **What you should have seen.** At the trained size both say the same, to rounding. At any other the dense network
# refuses: each of its outputs has exactly 5 * 5 * 16 = 400 weights, and a larger map has more numbers than that
# (Keras notices already at the input). The convolutional one takes any image of at least 32 x 32 and labels
# every pixel of it, coarsely: it answers every 4 pixels, and each answer has seen a whole window. So objects
# lose their shape, and discs get a rim of "square": there the window holds only part of a disc, which the
# network never learned. Fine outlines need what the skips bring: lesson 05, and 03 for FCN's own. (Half a
# window from the border there are no answers any more; the nearest is repeated, hence the stripes.)

# %% [markdown] tags=["document-4-every-connection-weighs", "document-4-learns-connections", "document-4-weak-ignored", "document-4-dense-does-not-filter", "document-4-useless-dropped"]
# ## Which connections there are, and which count
#
# Why make the dense layer a convolution at all? The document gives some reasons. In a dense layer, it says, every
# connection has its weight, and the pattern of connections stays as it is: it cannot *filter*. A convolution learns
# which pixels have to do with the object; weak ones are ignored; connections of no use fade, or are *dropped*. Is
# that so? Here are the weights of the layer in question, the same in both forms:

# %% tags=["document-4-every-connection-weighs", "document-4-weak-ignored"]
strengths = np.abs(trained.model.get_layer("dense").get_weights()[0])
print(f"{strengths.size:,} weights, of these exactly 0: {(strengths == 0).sum()}")
print(f"less than a hundredth of the largest: {(strengths < strengths.max() / 100).mean():.1%}")

# %% [markdown] tags=["document-4-learns-connections", "document-4-weak-ignored", "document-4-dense-does-not-filter", "document-4-useless-dropped"]
# **Read it like this.** No connection is dropped, and the weak ones are computed like all others: they just count
# little. Training changes weights, never the pattern of connections, in a dense layer as in a convolution. What
# differs is the pattern itself, and it is chosen beforehand: every input with every output, or a window. Which
# pixels matter, both learn in the same way. (*Dropout* is something else: random zeros while training, lesson 08.)

# %% [markdown] tags=["document-4-shared-weights", "document-4-less-work"]
# ## What a convolution shares
#
# So the gain lies elsewhere: a convolution has **one set of weights** (共用一套权重) for all places. And where windows
# overlap their maps are computed once, not once for each window. The answers stay the same. Measured on one scene
# (to see it, choose 96 and image number 1 in the panel above):

# %% tags=["document-4-less-work"]
scene, labels = uv.labs.synthetic_scene(96, 96, seed=1)
one_by_one = uv.nets.sliding_window(trained.model, scene, stride=4)
at_once = uv.nets.convolutionalize(trained.model).predict_on_batch(scene[None, ..., None])[0]
costs = uv.nets.sharing_cost(trained.model, 96, 96)
print(
    f"{costs.windows} windows one by one, or {at_once.shape[0]} x {at_once.shape[1]} answers at once:"
)
print(f"largest difference of their scores {np.abs(one_by_one - at_once).max():.1e}: rounding;")
print(f"one by one it is {costs.ratio:.1f} times the work")

# %% [markdown] tags=["document-4-simpler-model"]
# The document adds that the model gets *simpler* (降低模型复杂度). Turning the layer round changes no number of
# weights. But how many would a dense layer need that gives all these answers from the larger image at once?

# %% tags=["document-4-simpler-model"]
turned = uv.nets.convolutionalize(trained.model)
there = uv.trace_model(turned, 96)["dense"]
from_all, to_all = (int(np.prod(shape)) for shape in (there.in_shapes[0], there.out_shape))
print(f"weights before and after: {trained.model.count_params():,}, {turned.count_params():,}")
print(
    f"'dense' for 96 x 96: {there.params:,} as a convolution, {(from_all + 1) * to_all:,} as a dense layer"
)

# %% [markdown] tags=["document-2-pixel-classes", "document-2-semantic-segmentation"]
# ## A class for every pixel
#
# An FCN gives a class to every pixel. This is *semantic segmentation* (语义分割), and the document says that the FCN
# solves it. How well is the matter of the next lessons. And one thing it does not even ask: *which* object a pixel
# belongs to. These are the objects of the same scene, and the labels of its true label image:

# %% tags=["document-2-semantic-segmentation"]
print(
    "objects:", uv.labs.count_components(labels), " different labels:", np.unique(labels).tolist()
)

# %% [markdown] tags=["document-2-semantic-segmentation", "document-2-spatial-information"]
# Two discs get the same label, and where they touch nothing parts them. To tell them apart is *instance
# segmentation*; the U-Net's paper comes near to it with thin lines of background between cells (lesson 08).
#
# The document also says that the *spatial information* (空间信息) of the image is kept. The vector of the dense
# network has no rows and columns any more; in the map of answers a place is still a place. Move the image up by 4
# pixels, and by 2:

# %% tags=["document-2-spatial-information"]
for rows in (4, 2):
    moved = turned.predict_on_batch(scene[None, rows:, :, None])[0]
    further = np.abs(moved - at_once[1 : 1 + len(moved)]).max()
    print(
        f"up by {rows} pixels: the scores differ from those one row further by up to {further:.2g}"
    )

# %% [markdown] tags=["document-2-spatial-information"]
# **Read it like this.** Moved by 4 pixels, all answers move on by one row, and nothing else changes. There is no
# half of an answer: moved by 2 pixels, they are others. So *where* is kept, but only as finely as the poolings leave it, here to
# 4 pixels. What is finer has to come from somewhere else, and that is what skips are for.

# %% [markdown] tags=["document-2-softmax-loss", "document-2-pixel-is-sample"]
# ## Every pixel is a training sample
#
# How does a network learn from a label image? As for classification, but at every pixel: the scores of its
# classes become probabilities by the softmax, and the loss (损失) of the pixel is minus the logarithm (to base e)
# of the probability of its true class: *cross-entropy*. The loss of the image is the mean over its pixels:
# each of them counts as a training sample (训练样本) of its own. (It counts like one, but it is not independent:
# neighbouring pixels see nearly the same window.)
#
# Below is every 8th pixel of the same scene, in the middle of it.
#
# **Try:** go over the pixels on the right, with the pointer or the arrow keys. Find the one with the largest
# loss, and read why.

# %% tags=["document-2-softmax-loss", "document-2-pixel-is-sample"]
small = uv.labs.upsample_scores(at_once, (96, 96), window, 4)[20:84:8, 20:84:8]
uv.widgets.PixelLossExplorer(small, labels[20:84:8, 20:84:8])

# %% [markdown]
# **What you should have seen.** Most pixels are background, are recognised as such and cost next to nothing. The
# mean is made by a handful of pixels near the objects, where the network is sure and wrong.

# %%
# Question
uv.Question(
    "A network that knows nothing gives each of two classes the same score. What probability, in percent, does the "
    "softmax make of that?",
    answer=int(uv.labs.softmax(np.zeros(2))[0] * 100),
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
