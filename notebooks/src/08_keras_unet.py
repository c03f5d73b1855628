# %% [markdown] tags=["document-9-function"]
# # The Keras code, and a network that learns
#
# Section 9 of the document is a function of some fifty lines that builds a U-Net. Here you mend it for today's Keras,
# read it line by line beside the U that it builds, see where it differs from the figure, and then train (训练) a small
# U-Net before your eyes. (Short of time? *What the words in the code do* can be looked up later.)
#
# It follows section 9 of the document.
#
# Previous: [07_overlap_tile](07_overlap_tile.ipynb), images of any size.

# %%
import textwrap

import numpy as np
from skimage import data
from skimage.filters import sato

import unetviz as uv

# %% [markdown]
# ## The code as it is printed does not run any more
#
# Below, the printed function is really run, and mended each time Python stops. The first error is there
# because the document leaves out its imports; the others come from a newer Keras.

# %% tags=["document-9-model", "document-9-adam"]
rows = [
    (f"{one.error}: {one.message[:70]}", one.fix.why) for one in uv.nets.errors_of_printed_code()
]
uv.geometry.value_table(("Python says", "why, and the mend"), rows)

# %% [markdown]
# Three small mends, and it runs. `uv.nets.fixed_code()` is its text. `uv.unet` builds the same network; its
# further argument `base_filters` makes it narrower.

# %% [markdown]
# ## Line by line
#
# **Try:**
# - Choose a line of the code: the map that it computes is marked in the U, and below stands what the line
#   does, with its sizes and its parameters.
# - The other way round: click on a map, and the line that computes it is chosen.
# - Find the lines that compute *two* steps. Find the lines that compute none.

# %% tags=["document-9-function", "document-9-input-layer"]
uv.widgets.CodeExplorer()

# %% [markdown] tags=["document-9-up-convolution", "document-9-up-sampling", "document-9-concatenate"]
# **What you should have seen.** Every convolution is one line, with its activation inside. The four lines
# `up6` to `up9` hold two steps each: the copies of `UpSampling2D`, then a 2x2 convolution. The skips are
# nothing but names: `drop4`, `conv3`, `conv2`, `conv1` are kept and used again in `concatenate`. And
# `conv9` is written three times: the name always means the last one.

# %%
# Question
found = uv.trace(uv.DOCUMENT)
deepest = max(found, key=lambda step: step.params)
code = uv.nets.walk_code(uv.nets.fixed_code())
line = next(one.number for one in code if deepest.name in one.steps)
uv.Question(
    "Which line of the code computes the convolution with the most parameters? Type the number of the line.",
    answer=line,
    hint="Parameters grow with the channels that come in times those that go out.",
    reason=f"Line {line}, the second convolution of the bottleneck: 3 x 3 x {deepest.in_shapes[0][2]} x {deepest.out_shape[2]} + {deepest.out_shape[2]} = "
    f"{deepest.params:,}: {deepest.params / found.params:.0%} of the whole network.",
)

# %% [markdown]
# ## The text and the code are two networks
#
# The text of the document explains the network of the figure; its code builds another (lesson
# [04](04_shapes_572_to_388.ipynb) has both side by side). The table changes **one** field at a time in the network
# of the figure, and says what that alone does:

# %% tags=["document-9-padding-same"]
uv.geometry.ablation_table(uv.PAPER, uv.DOCUMENT)

# %% [markdown] tags=["document-9-padding-same"]
# **What you should see.** Two fields do not work alone: with an image of 256 pixels, or with `padding='same'` at 572,
# poolings drop rows. Together they fit, and with `padding='same'` nothing shrinks, so nothing has to be cropped: the
# code has no crops, though section 8 explains them. Its output is as large as its input, but most of it has seen
# zeros of the padding: at 256 x 256 only 51 x 51 pixels have not (lesson [05](05_crops_and_skips.ipynb)). The way
# up copies pixels and then convolves, where the figure has a transposed convolution (lesson
# [06](06_up_convolution.ipynb)). Neither is wrong; they are two networks, and only one of them can be the figure.

# %% [markdown]
# Here it is in Keras, at its full width of 64 filters:

# %% tags=["document-9-function", "document-9-return"]
full = uv.unet()
print(f"{full.count_params():,} parameters, {full.input_shape[1:]} in, {full.output_shape[1:]} out")
print(f"its weights alone take {4 * full.count_params() / 1e6:.0f} MB")
del full

# %% [markdown] tags=["document-9-input"]
# ## What the words in the code do
#
# ### `input_size = (256,256,1)`
# Rows, columns, channels: a grey image, 256 pixels a side. The batch, how many images at once, is left open.
# Other sizes work if four poolings halve them without a rest. Which are next to 300?

# %% tags=["document-9-input"]
below, above = uv.nearest_valid_sizes(uv.DOCUMENT, 300)
print(f"{below} and {above}, both multiples of {2**uv.DOCUMENT.depth}")

# %% [markdown] tags=["document-9-convolution-3x3", "document-9-max-pooling", "document-9-level-2", "document-9-level-3", "document-9-level-4", "document-9-bottleneck"]
# ### `Conv2D(64, 3)`, `MaxPooling2D(pool_size=(2, 2))`
# 64 filters, each with a window of 3 x 3. Every level of the encoder has two such convolutions and then, but for the
# last, a pooling that halves height and width. The filters double with each level:

# %% tags=["document-9-convolution-3x3", "document-9-max-pooling", "document-9-level-2", "document-9-level-3", "document-9-level-4", "document-9-bottleneck"]
rows = []
for part in ("enc1", "enc2", "enc3", "enc4", "bottleneck"):
    names = (f"{part}_conv1", f"{part}_conv2", f"{part}_pool")
    shapes = (found[name].out_shape if name in found else "-" for name in names)
    rows.append((part, *(" x ".join(map(str, shape)) for shape in shapes)))
uv.geometry.value_table(("part of the network", "conv1", "conv2", "pooling"), rows)

# %% [markdown] tags=["document-9-he-normal"]
# ### `kernel_initializer = 'he_normal'`
# The first weights (初始化) are drawn at random, with a spread (standard deviation) of the square root of
# 2 / n, where n is how many numbers one output pixel reads, such as 3 x 3 x 8 = 72. So numbers neither grow
# nor fade on the way through many ReLUs. Measured in a fresh network:

# %% tags=["document-9-he-normal"]
fresh = uv.unet(base_filters=8)
rows = []
for name in ("enc1_conv2", "enc3_conv1", "bottleneck_conv2", "dec1_conv1"):
    kernel = fresh.get_layer(name).kernel.numpy()
    inputs = int(np.prod(kernel.shape[:3]))
    rows.append((name, inputs, kernel.std(), (2 / inputs) ** 0.5))
uv.geometry.value_table(
    ("layer", "numbers read (n)", "measured spread", "square root of 2 / n"), rows
)

# %% [markdown] tags=["document-9-dropout-level-4", "document-9-dropout-bottleneck"]
# ### `Dropout(0.5)`
# It stands behind level 4 and behind the bottleneck, the two deepest of the encoder. While training, half of the
# numbers become 0, others each time, and the rest is doubled (随机失活). In use nothing happens:

# %% tags=["document-9-dropout-level-4"]
sample = uv.synthetic_cells(256, seed=4)
batch = sample.image[np.newaxis, ..., np.newaxis]
training = [fresh(batch, training=True).numpy() for _ in range(2)]
in_use = [fresh(batch, training=False).numpy() for _ in range(2)]
print("two passes while training differ by up to", abs(training[0] - training[1]).max())
print("two passes in use differ by up to", abs(in_use[0] - in_use[1]).max())

# %% [markdown] tags=["document-9-relu"]
# ### `activation = 'relu'`
# After its sum a convolution keeps what is positive and puts 0 for the rest. Without it two convolutions in a row
# could do no more than a single larger one. The first maps of the fresh network:

# %% tags=["document-9-relu"]
first_maps = uv.feature_maps(fresh, sample.image, names=["enc1_conv1"])["enc1_conv1"]
print(f"smallest number: {first_maps.min()}, zeros: {(first_maps == 0).mean():.0%} of all numbers")

# %% [markdown] tags=["document-9-up-convolution", "document-9-up-sampling", "document-9-concatenate", "document-9-decoder-level-4"]
# ### `UpSampling2D(size = (2,2))`, `Conv2D(512, 2)`, `concatenate([drop4,up6], axis = 3)`
# On the way up every pixel is copied into a block of 2 x 2, and a 2x2 convolution halves the number of channels. Then
# the skip and this map are laid one behind the other. Axes are counted from 0: image of the batch, row, column,
# channel; so axis 3 means the channels. Two 3x3 convolutions follow, as in the encoder. The first skip is `drop4`,
# not `conv4`: it is taken behind the dropout.

# %% tags=["document-9-concatenate", "document-9-decoder-level-3", "document-9-decoder-level-2", "document-9-decoder-level-1"]
rows = []
for level in (4, 3, 2, 1):
    kinds = ("upsample", "up", "concat", "conv1", "conv2")
    shapes = [found[f"dec{level}_{kind}"].out_shape for kind in kinds]
    rows.append((level, *(" x ".join(map(str, shape)) for shape in shapes)))
uv.geometry.value_table(
    ("level", "copies", "2x2 convolution", "concatenated", "conv1", "conv2"), rows
)

# %% [markdown] tags=["document-9-head", "document-9-binary-crossentropy"]
# ### `sigmoid` and `binary_crossentropy`
# The figure ends in two channels and a softmax; the code in one channel and a sigmoid. For two classes
# that is the same: a sigmoid of z is a softmax over (0, z), and so are the losses.

# %% tags=["document-9-head", "document-9-binary-crossentropy"]
z = 1.3
both = uv.labs.softmax(np.array([0.0, z]))
print(f"softmax over (0, {z}): {both[1]:.6f};  sigmoid of {z}: {1 / (1 + np.exp(-z)):.6f}")
print(f"cross-entropy: {-np.log(both[1]):.6f};  binary: {np.log1p(np.exp(-z)):.6f}")

# %% [markdown] tags=["document-9-head", "document-9-model", "document-9-return"]
# `Conv2D(1, 1, activation = 'sigmoid')`, the last line of the network, is the 1x1 convolution of the figure with one
# filter instead of two. `Model` takes the two ends, `compile` says how to train, and the function returns the network.

# %% [markdown] tags=["document-9-adam"]
# ### `Adam(lr = 1e-4)`
# How each weight is moved to make the loss smaller. Plain steps downhill are as long as the gradient times the
# *learning rate* (学习率), so where gradients are large they are long. Adam divides by the size of the gradients that
# a weight has had, so in the first step no weight moves by more than the rate. A narrow network, measured:

# %% tags=["document-9-adam"]
learner = uv.unet(input_size=(64, 64, 1), base_filters=4)
learner.run_eagerly = True  # one step needs no graph
before, example = learner.get_weights(), uv.synthetic_cells(64, seed=4)
learner.train_on_batch(example.image[None, ..., None], example.mask[None, ..., None] * 1.0)
moves = [np.abs(new - old).max() for new, old in zip(learner.get_weights(), before, strict=True)]
print(f"learning rate {float(learner.optimizer.learning_rate):.6f}, longest move {max(moves):.6f}")

# %% [markdown]
# The paper does not use Adam but stochastic gradient descent with a strong *momentum* (0.99): each step goes on in
# the direction of those before it.

# %% [markdown] tags=["document-9-accuracy"]
# ### `metrics = ['accuracy']`
# Accuracy (准确率) is the share of pixels that are right. When most pixels are background it says little.
# Two better numbers: **Dice**, twice the common area of guess and truth over the sum of both areas, 1 for a
# perfect guess and 0 for no overlap; and the **boundary error**, how far the two outlines are apart, in
# pixels, on average. Take the vessels of an eye, found by a filter for thin dark lines:

# %%
eye = data.retina()[240:1170, 240:1170, 1]
vessels = (sato(eye, sigmas=[3, 5]) > 4).astype(np.uint8)
print(f"{vessels.mean():.0%} of the pixels are vessel")

# %%
# Question
share = round(100 * float(1 - vessels.mean()))
uv.Question(
    f"Vessels cover {vessels.mean():.0%} of this image. How many percent of its pixels are right if a network "
    "calls every pixel background?",
    answer=share,
    hint="Every pixel that really is background is then right.",
    reason=f"{share} %, without having found a single vessel. Dice is 0: twice the common area over the sum of both.",
)

# %% tags=["document-9-accuracy"]
guesses = {
    "all background": vessels * 0,
    "all vessels": vessels * 0 + 1,
    "vessels, shifted by 4 pixels": np.roll(vessels, 4, axis=1),
}
uv.labs.score_table(guesses, vessels)

# %% [markdown] tags=["document-9-extra-convolution"]
# ### `Conv2D(2, 3, activation = 'relu')` before the output
# All that the network learns from goes through these 2 maps. A ReLU whose map is 0 at every pixel passes
# nothing on, in either direction: it is *dead*. How do the two filters stand at the start, over ten seeds?

# %% tags=["document-9-extra-convolution"]
starts = uv.nets.measure_dead_relus(range(10))
count = len(starts.networks)
print(f"both filters dead: {starts.counts['dead']} of {count} networks")
print(f"one of them: {starts.counts['half dead']} of {count}")
print(f"a filter that is open on less than 1 % of the pixels: {starts.nearly} of {count}")
starts

# %% [markdown]
# A filter that is open on few pixels learns little, and a step that is too large closes it for good. Here are
# ten small networks (one pooling, 8 filters) after 20 steps with a learning rate of 1e-2, a hundred times
# the code's, so that the effect shows in few steps; with that layer and without it, on the same images:

# %%
with_layer, without = (uv.nets.early_losses(head, range(10)) for head in ((2,), ()))
states = [network.state for network in with_layer.ends.networks]
rows = list(zip(with_layer.seeds, states, with_layer.after, without.after, strict=True))
rows.append(("mean", "", np.mean(with_layer.after), np.mean(without.after)))
uv.geometry.value_table(
    ("seed", "the two filters then", "loss with the layer", "loss without it"), rows
)

# %% [markdown] tags=["document-9-extra-convolution"]
# **What you should see.** A coin has a loss of 0.693. Where both filters are dead, the network says the same
# everywhere, hardly better than a coin, and no gradient will ever reach a weight before them: it cannot
# recover. In most rows, and on average, the loss is lower without the layer. If a training "learns nothing",
# try another seed, or leave the layer out: it is in the code only, not in the figure.

# %% [markdown]
# ## Images to learn from
#
# A network needs images and their masks (标注). Here they are *made*, with uneven light, texture and noise,
# and whatever is on them is known exactly. They have two *looks*: cells that lie apart or touch, and cells
# side by side, parted by thin *membranes*.

# %%
images = [
    uv.synthetic_cells(188, seed, look) for seed, look in enumerate(("cells", "membranes") * 3)
]
uv.draw.draw_patches(
    np.stack([one.image for one in images])[..., np.newaxis],
    np.stack([one.mask for one in images]),
)

# %% [markdown]
# Cells that touch are parted by a thin line, and that line is what is hardest to learn: a few pixels among
# thousands. The paper lets pixels between two cells count more: with w_c for the class of the pixel, and d1 and
# d2 for its distances to the two nearest cells, a line one pixel wide counts some nine more.

# %%
weights = uv.labs.weight_map(images[0].cells, border_weight=10, sigma=5)
uv.draw.draw_map(
    weights, "How much each pixel counts: w_c + 10 exp(-(d1 + d2)^2 / (2 * 5^2)).", "sequential"
)

# %%
# Question
gap = np.zeros((1, 4), int)
gap[0, 0], gap[0, 3] = 1, 2
weight = float(uv.labs.weight_map(gap, balance=False)[0, 1])
uv.Question(
    "A background pixel is 1 pixel away from one cell and 2 from another. With w_c = 1 it counts 1 + 10 exp(-(1 + "
    "2)^2 / 50). How much is that, as a whole number? (exp(-0.18) is 0.835)",
    answer=round(weight),
    hint="10 times 0.835, and 1 for its class.",
    reason=f"1 + 8.35 = {weight:.2f}: it counts as much as nine ordinary pixels.",
)

# %% [markdown]
# ## Training, live
#
# Now a small U-Net: 128 x 128 pixels, three poolings, 8 filters at its first level, `same` padding. Why so
# small? So that a step takes less than a tenth of a second on two cores without a graphics card. A step is:
# predict four images, measure the loss, and let Adam move every weight a little. The code's network, 64 filters
# wide, takes seconds and 1.6 GB for one step; it is built in this lesson, but not trained.
#
# It is judged by *held-out* images, which it never trains with, and compared with a *threshold*, which
# calls every pixel above one brightness a cell. All pixels count alike here, thin lines too; the network of
# the next lesson was trained with a border weight of 1, less than the paper's 10.
#
# **Try:**
# - Press *Train*, and watch the masks: what comes first, where the cells are, or where they touch?
# - *Stop* in between, and go on.
# - Begin anew with another seed. Does it take the same way?

# %%
uv.widgets.TrainingPanel()

# %% [markdown]
# **What you should have seen.** It finds that brighter is likelier, which any threshold knows; then it passes
# the threshold's Dice, because it learns to look past uneven light. Lines of one or two pixels between cells
# come last, if at all. The curves go up and down, because each step sees only four images. A Dice of 0.7 at
# the very beginning is no skill: calling everything a cell reaches about that much.
#
# The same in code, for 250 steps of the 600:

# %%
run = uv.nets.LiveTraining(seed=1)
moments = list(run.steps(250))
uv.draw.draw_training(moments, threshold=uv.nets.threshold_score(run.images).dice)

# %%
said = [uv.nets.predict_image(run.model, one.image)[..., 1] for one in run.images[:6]]
images = np.stack([one.image for one in run.images[:6]])[..., np.newaxis]
uv.draw.draw_patches(images, np.stack([said_here > 0.5 for said_here in said]).astype(np.uint8))

# %% [markdown] tags=["document-9-pretrained-weights"]
# ## Keep what is learned: `pretrained_weights`
#
# The function's first argument is a file with weights. Here with a narrow twin of the code's network, so
# that saving and loading takes no time:

# %%
small = uv.synthetic_cells(64, seed=4)
image, mask = (
    small.image[np.newaxis, ..., np.newaxis],
    small.mask[np.newaxis, ..., np.newaxis] * 1.0,
)
narrow = uv.unet(input_size=(64, 64, 1), base_filters=4)
narrow.run_eagerly = True  # a few steps need no graph, and a graph takes memory
narrow.fit(image, mask, epochs=3, verbose=0)
narrow.save_weights("narrow.weights.h5")

# %% tags=["document-9-pretrained-weights"]
again = uv.unet(pretrained_weights="narrow.weights.h5", input_size=(64, 64, 1), base_filters=4)
again.run_eagerly = True
same = narrow.predict(image, verbose=0) == again.predict(image, verbose=0)
print("the loaded network says the same at every pixel:", bool(same.all()))
went_on = again.fit(image, mask, epochs=5, verbose=0).history["loss"]
print(f"it goes on learning from there: loss {went_on[0]:.4f}, then {went_on[-1]:.4f}")

# %% [markdown]
# A file of another network is refused, with what to do:

# %%
try:
    uv.unet(pretrained_weights="narrow.weights.h5", input_size=(64, 64, 1), base_filters=8)
except ValueError as error:
    print(textwrap.fill(str(error), 90))

# %% [markdown]
# ## Your own images
#
# `uv.labs.load_pairs("folder")` reads images and masks: PNG, JPEG or TIFF, also two TIFF files of many pages,
# as the challenge of 2012 gives its cells. If a mask does not tell what is foreground, it asks, and you answer
# with `foreground=1`; images that use few bits of their type are stretched, and it says so. `uv.labs.cut_patches` (lesson [07](07_overlap_tile.ipynb)) cuts them to
# size. `python -m unetviz train cells` in a terminal trains the network of the next lesson anew, in some
# ten minutes.

# %% [markdown]
# ---
# **Next:** [09_learned_activations](09_learned_activations.ipynb) looks inside a network that has learned.
# All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
