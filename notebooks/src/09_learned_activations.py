# %% [markdown]
# # Inside a network that has learned
#
# In lesson 08 you saw a small network learn to find cells. This one is larger and has learned longer; you met
# it in lessons 05 and 07. Now you look inside: what each of its maps has become, single numbers taken apart
# until nothing is left to explain, its skips switched off, and an image of your own.
#
# It follows sections 8 and 9 of the document.
#
# Previous: [08_keras_unet](08_keras_unet.ipynb), the code, and how a network learns.

# %%
import numpy as np
from skimage import data

import unetviz as uv

cells = uv.load_pretrained("cells")
without_skips = uv.load_pretrained("cells_no_skip")

# %%
images = {
    "synthetic cells": uv.synthetic_cells(572, seed=1),
    "small synthetic cells": uv.synthetic_cells(572, seed=3),
    "made membranes": uv.synthetic_cells(572, seed=10, look="membranes"),
    "coins (a photograph)": data.coins(),
    "cell (a micrograph)": data.cell(),
}

# %% [markdown]
# Both are the paper's network, 572 -> 388, with 16 filters at the first level instead of 64; the second one
# has no skips. They were trained with synthetic images only. Their cards say how, and what they reached on
# images that were kept apart:

# %%
names = ("cells", "cells_no_skip")
cards = [dict(uv.nets.model_card(name).rows) for name in names]
uv.geometry.value_table(("", *names), [(key, *(card[key] for card in cards)) for key in cards[0]])
# %% [markdown]
# ## A real map in every sheet of the U
#
# **Try:**
# - Follow the image down: what is left of it at level 2, 3, 4? Then follow it up.
# - Click on a map: below are all its channels (通道), and one of them large. Point at it to read its numbers.
# - Change the colours to *one scale for all channels*: which channels are loud, which are faint?
# - Choose the network with random weights, and the image of coins. What differs at the far end?
# - **Your own image:** pick a file, or drop one into the file panel on the left, press *Look for files*,
#   and choose it from the list. PNG, JPEG and TIFF work. A `.keras` file in the folder appears in the list of
#   networks.

# %% tags=["image-activations"]
networks = {
    "cells, trained": cells,
    "cells, trained without skips": without_skips,
    "the same network, random weights": uv.build(uv.PAPER.replace(base_filters=16), seed=5),
}
uv.widgets.ActivationExplorer(networks, images)

# %% [markdown]
# **What you should have seen.** The first maps still look like the image: edges, bright spots, its
# negative. Further down they are coarse, and they no longer tell what the image looks like but where
# something *is*. On the way up this comes back into focus, because each skip brings the fine maps across.
# With random weights all maps show the image too, even the last one: shades of grey, and no decision.
#
# A channel that is 0 at every pixel is *dead* (死神经元) for this image: its ReLU never opens. It may live for another one.

# %%
# Question
maps = uv.feature_maps(cells, images["synthetic cells"].image, names=["bottleneck_conv2"])[
    "bottleneck_conv2"
]
dead = int((maps.max(axis=(0, 1)) == 0).sum())
uv.Question(
    "Choose the trained network, the synthetic cells, and the map bottleneck_conv2. How many of its "
    f"{maps.shape[2]} channels are dead for this image?",
    answer=dead,
    hint="The explorer says it below the channels.",
    reason=f"{dead} of {maps.shape[2]}. They cost as much time as the others.",
)

# %% [markdown]
# ## What it does to images that are not made
#
# It has never seen a photograph. Bright things on a darker ground are all it knows. Each photograph stands on the left,
# and on the right how likely each of its pixels is a cell, white for likely:

# %%
photograph = images["coins (a photograph)"]
likely = uv.predict_tiled(cells, photograph).probabilities[..., 1]
uv.draw.draw_map(np.hstack([photograph / 255, likely]), "Coins.")

# %%
photograph = images["cell (a micrograph)"]
likely = uv.predict_tiled(cells, photograph).probabilities[..., 1]
uv.draw.draw_map(np.hstack([photograph / 255, likely]), "A real cell under the microscope.")

# %% [markdown]
# **What you should see.** All 24 coins are found, though no coin was ever shown to it. Dark lines stamped on a
# coin become cracks, and light patches at the right edge are called cells: bright on dark is all it knows. The
# one round cell of the micrograph is found whole. Such images have no true mask here, so there is no
# score: judge with your eyes.

# %% [markdown]
# ## The microscope: one number, taken apart
#
# Every number in every map is computed from a few others. Nothing is hidden:
#
# **Try:**
# - Choose a convolution, and click on a pixel of its map. Point at a product to see its two factors.
# - Choose a pooling, such as `enc1_pool`: which of the four numbers went on?
# - An up-convolution, such as `dec2_up`: from how many pixels is one of its pixels made?
# - The head: how do two numbers become a probability? (Click on an outline: inside a cell it is all but certain.)

# %%
uv.widgets.Microscope(cells, images["synthetic cells"].image, step="dec2_conv1")

# %% [markdown] tags=["document-8.3-max-pooling-2x2", "document-8.6-convolution-1x1", "document-9-relu"]
# **What you should have seen.** A convolution adds up products and one bias. ReLU keeps the sum if it is
# positive, and makes it 0 if not. A pooling passes the largest of four numbers on. A pixel of an up-convolution
# is made of a single pixel below, with one weight for each of its channels. The head has one sum for each
# class, and softmax divides: e to the power of one sum, over both together. The results are what Keras
# computes, to rounding.

# %%
# Question
step = uv.trace_model(cells)["dec1_conv1"]
uv.Question(
    f"How many products are added up for one pixel of one channel of dec1_conv1? It reads {step.in_shapes[0][2]} "
    "channels with a 3x3 window.",
    answer=9 * step.in_shapes[0][2],
    hint="Nine for each channel that comes in.",
    reason=f"9 x {step.in_shapes[0][2]} = {9 * step.in_shapes[0][2]}: {step.in_shapes[0][2] // 2} channels from the "
    "skip, and as many from below.",
)

# %% [markdown]
# ## Skip surgery
#
# What are the skips good for? Switch them off, one after the other, in the trained network. Every mask below
# is a real pass through it.
#
# **Try:**
# - Put *zeros* into skip 1 alone, then into each of the others. Guess before which one is missed most.
# - *All zeros*: what is left?
# - *Shuffle* a skip: all its numbers are still there, but not where they belong. Is that better than zeros?
# - *Shift* skip 1 by 4 pixels down. What happens to the outlines?
# - Take all skips from the *other image*: whose cells do you see?
# - Choose the *small synthetic cells*, and compare with the network trained without skips.

# %%
uv.widgets.SurgeryExplorer(cells, images, without_skips)

# %% [markdown]
# **What you should have seen.** Perhaps less than you expected: without one skip most cells are still found,
# but the outlines suffer. Shuffled is about as bad as zeros, or worse: wrong places mislead. A shift by 4 pixels
# moves the outlines, and with all skips of another image you see a mixture of both. Without all four only
# blobs are left. One image says little; here are the means over four that were kept apart:

# %%
validation_images, surgery = uv.labs.validation_images(572, 4), uv.nets.SkipSurgery(cells)
cases = {"none": (), **{f"skip {level}": (level,) for level in (1, 2, 3, 4)}, "all": (1, 2, 3, 4)}
rows = []
for name, levels in cases.items():
    changes = {level: uv.nets.SkipChange("zero") for level in levels}
    score = uv.labs.mean_score(
        uv.labs.evaluate(lambda image, c=changes: surgery.predict(image, c), validation_images)
    )
    rows.append((name, score.dice, score.boundary_error))
uv.geometry.value_table(("zeros in", "Dice", "boundary error, pixels"), rows)

# %% [markdown]
# That is measured in this one network; another may lean on other skips. What skips are worth is the
# difference between the two **trained** networks, on the same four images (the cards used others) and on the
# image of small cells:

# %%
scores, rows = {}, []
for name, network in (("with skips", cells), ("without skips", without_skips)):
    scores[name] = uv.nets.score_model(network, validation_images)
    small = uv.nets.score_model(network, [images["small synthetic cells"]])
    rows.append((name, scores[name].dice, scores[name].boundary_error, small.dice))
uv.geometry.value_table(("trained", "Dice", "boundary error, pixels", "Dice, small cells"), rows)

# %%
# Question
one, other = (float(f"{score.boundary_error:.4g}") for score in scores.values())  # as in the table
better = round(100 * other / one)
uv.Question(
    "The boundary error without skips is how many percent of the one with skips? (100 would be the same)",
    answer=better,
    hint="Divide the two boundary errors in the table, and multiply by 100.",
    reason=f"{other} / {one} is {better} %.",
)

# %% [markdown]
# The difference is largest where things are small and thin: without skips, lines of two pixels between cells
# cannot come back from a map in which a pixel stands for sixteen. Without skips the network was harder to
# train, too: at the learning rate of its twin its loss stayed at that of a coin, so it got a gentler rate and
# half as many steps more (both are on its card).

# %% [markdown]
# ## Any Keras model
#
# All this works for other models too: everything reads the model itself. Here one of a different make, not
# trained, saved to a file and read again. Press *Look for files* in the first explorer, and it appears in its
# list of networks.

# %%
other = uv.build(uv.UNetSpec(128, depth=2, base_filters=8, padding="same", merge="add"), seed=3)
other.save("my_model.keras")
uv.widgets.Microscope(
    uv.nets.load_model("my_model.keras"), images["synthetic cells"].image, step="enc2_conv1"
)

# %% [markdown]
# ## All 23 convolutions of the full width
#
# The maps of the paper's network, 64 filters wide, are 0.8 GB. A plain pass needs not all of them at once, and
# 1 GB is enough; keeping them all takes the process to well over 2 GB, more than Binder has.
# `uv.feature_maps` makes them small, by means, while the pass goes on, and so stays near a plain pass. The
# next cell needs 1.2 GB for itself: shut other kernels down, set `RUN = True`, and run it.

# %%
RUN = False
if RUN:
    full = uv.build(uv.PAPER, seed=1)
    maps = uv.feature_maps(full, images["synthetic cells"].image, size=64, channels=16)
    convolutions = [step.name for step in uv.trace(uv.PAPER) if step.params]
    print(len(convolutions), "maps,", sum(maps[name].nbytes for name in convolutions) / 1e6, "MB")

# %% [markdown]
# ---
# **Next:** [10_backpropagation](10_backpropagation.ipynb), the U run backwards. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
