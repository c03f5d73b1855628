# %% [markdown]
# # Overlap-tile: a picture of any size
#
# Medical pictures are large: thousands of pixels a side, more than any memory takes at once. The
# document says what to do: cut them into small pieces (切图, *patches* or *tiles*), and let the pieces
# **overlap**, so that each brings along the surroundings that its border needs, with their texture
# (纹理). Here you do it, and measure whether the pieces fit each other.
#
# It follows *features (2)* of the document, section 8.
#
# Previous: [05_crops_and_skips](05_crops_and_skips.ipynb), what the border loses.

# %%
import keras
from skimage import data

import unetviz as uv

picture = data.retina()
paper = uv.trace(uv.PAPER)
picture.shape

# %% [markdown]
# ## Tiles
#
# The paper's network takes 572 x 572 pixels and labels the 388 x 388 in the middle. To label the next
# 388 columns, the window is moved on; the two input windows overlap.

# %%
# Question
plan = uv.plan_tiles(picture.shape[:2], uv.PAPER)
overlap = plan.tile[1] - plan.stride[1]
uv.Question(
    f"Two neighbouring tiles lie {plan.stride[1]} pixels apart. By how many columns do their inputs of "
    f"{plan.tile[1]} overlap?",
    answer=overlap,
    hint=f"{plan.tile[1]} - {plan.stride[1]}.",
    reason=f"{plan.tile[1]} - {plan.stride[1]} = {overlap}: so much is computed twice. That is the price.",
)

# %% [markdown]
# **Try:**
# - Move the pointer over the picture. Orange is what goes into the network for the tile under it, blue
#   is what that tile writes.
# - Go to the edge. There the orange window reaches beyond the picture, and what is missing is mirrored.
# - Choose zeros instead of the mirror image. Which of the two looks more like a retina?
# - Choose the padded network, *256, same*: only the clean middle of each tile is used.

# %%
uv.TileExplorer(picture)

# %% [markdown]
# **What you should have seen.** Every pixel of the picture is written by exactly one tile. The padded
# networks keep so little of each tile that the picture is computed many times over: the last line says
# how often. In this the paper's network without padding is at its best.

# %% [markdown]
# ## Why 384, and not 388?
#
# Each tile labels 388 x 388 pixels, and yet the tiles above lie 384 apart. Would 388 not do?

# %%
# Question
candidates = [388, 386, 384, 380]
fits = [n for n in candidates if uv.plan_tiles(picture.shape[:2], uv.PAPER, n).seamless]
uv.Question(
    f"Tiles {', '.join(map(str, candidates))} pixels apart: for which of these four is the result the same "
    "as if the whole picture had gone through the network at once?",
    answer=fits[0],
    hint="Poolings see the picture in blocks: 2, then 4, 8 and 16 pixels wide. The next tile must begin "
    "where a block begins.",
    reason=f"{fits[0]} = {fits[0] // 16} * 16. Every output of this network has 4 pixels more than a "
    "multiple of 16, so tiles laid side by side always miss the blocks.",
)

# %% [markdown]
# ## The seam meter
#
# Now measure it. A piece of the picture, small enough for one pass, goes through the network in tiles
# and at once, and the two are compared pixel by pixel. The networks here have 4 channels at their
# first level, and their weights are **random**: seams do not care what was learned.
#
# **Try:**
# - Set the stride to 388. Where does the difference begin, and how large is it?
# - Set it to 384 again, and shift the grid by 8. Then by 16.
# - Choose *256, same*: set the stride to 160, then the margin to 0 and the stride to 256. That is what
#   most code does: tiles side by side, nothing thrown away.

# %%
window = picture[300:1000, 300:1000, 1]  # the green channel shows the vessels best
keras.utils.set_random_seed(3)
valid = uv.build(uv.PAPER.replace(base_filters=4))
same = uv.build(uv.PAPER.replace(base_filters=4, input_size=256, padding="same"))
uv.SeamMeter(window, {"572, valid": valid, "256, same": same})

# %% [markdown]
# **What you should have seen.** 384 apart, the difference is nothing but rounding. 388 apart, the first
# tile still agrees and all others differ everywhere: their poolings have cut the picture into other
# blocks. Shifted by 8 all of them do, shifted by 16 none. In the padded network the difference sits
# along the seams: where a tile ends, its zeros begin. The *margin* is what is thrown away of each tile;
# with enough of it, and multiples of 16, the seams are gone.

# %%
# Question
padded = uv.trace(uv.PAPER.replace(input_size=256, padding="same"))
free, best = uv.padding_free(padded), uv.plan_tiles(1000, padded).stride[0]
uv.Question(
    f"In the padded network rows {free.top} to {free.bottom - 1} of a tile never see a zero. A window in "
    "them that begins and ends at multiples of 16: how many rows has the largest?",
    answer=best,
    hint=f"The first multiple of 16 from {free.top} on, and the last one up to {free.bottom}.",
    reason=f"From 96 to 160: {best} rows. So that is its largest seamless stride.",
)

# %% [markdown]
# ## Use it
#
# `uv.predict_tiled` does all this for any Keras U-Net and any picture. Without a stride it takes the
# largest that is seamless, and if there is none it says why. Here for the whole picture:

# %%
result = uv.predict_tiled(valid, picture[..., 1])
print(result)
print(f"{len(result.plan)} tiles; output pixel (0, 0) lies over pixel (0, 0) of the picture")

# %% [markdown]
# A network whose tiles have no clean middle is refused, with a size that works:

# %%
small = uv.build(uv.PAPER.replace(base_filters=4, input_size=192, padding="same"))
try:
    uv.predict_tiled(small, window)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Training patches
#
# The same plan cuts a large picture and its mask into pairs to train with. A smaller stride gives more
# of them, and more overlap; seams play no part here. The mask of a patch is smaller than its picture:
# it covers what comes out. The mask below is made by a threshold, to have one at all.

# %%
green = picture[..., 1]
patches = uv.cut_patches(green, green > 60, uv.plan_tiles(green.shape, uv.PAPER, 192))
uv.draw_patches(patches.images, patches.masks)

# %% [markdown]
# **What you should see.** The upper row goes into the network, the lower row is what it should say about
# the middle. At the edge of the picture both are mirrored.

# %% [markdown]
# ---
# **Next:** 08, the Keras code, is to come. All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
