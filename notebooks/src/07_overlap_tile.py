# %% [markdown] tags=["document-8-features-2-large-images", "document-8-features-2-not-smaller", "document-8-features-2-patches", "document-8-features-2-surroundings", "document-8-features-2-texture"]
# # Overlap-tile: an image of any size
#
# Medical images are large: thousands of pixels a side, often too many for the memory of one pass. They
# should not be made smaller for that: a vessel that is 4 pixels wide would vanish. The document says what
# to do: cut them into small pieces (切图, *patches* or *tiles*), and let the pieces **overlap**, so that
# each brings along the surroundings that its border needs, with their texture (纹理). Here you do it, and
# measure whether the pieces fit each other.
#
# It follows *features (2)* of the document, section 8.
#
# Previous: [06_up_convolution](06_up_convolution.ipynb). What the border loses is lesson
# [05](05_crops_and_skips.ipynb).

# %% tags=["document-8-features-2-large-images"]
from skimage import data
from skimage.filters import sato

import unetviz as uv

eye = data.retina()
image = eye[240:1170, 240:1170]  # without the black border
print(f"the whole image has {eye.shape[0]} x {eye.shape[1]} pixels,")
print(f"this part {image.shape[0]} x {image.shape[1]}")

# %% [markdown] tags=["document-8-features-2-patches"]
# ## Whole, smaller, or in pieces?
#
# A large image "must be cut", says the document. What else could be done? Here are images of some sizes: the
# memory that the maps of one pass take (4 bytes a number; in training all are needed at once), and what would be
# left of a vessel 4 pixels wide if the image were made smaller, to 572 pixels a side.

# %% tags=["document-8-features-2-not-smaller"]
for side in (572, 930, 1411, 4000):
    fits = uv.nearest_valid_sizes(uv.PAPER, side - 1)[1]
    maps = uv.trace(uv.PAPER.replace(input_size=fits)).activation_bytes
    wide = 4 * 572 / side
    print(f"{side:4} a side: {maps / 1e9:4.1f} GB of maps; made smaller: {wide:.1f} pixels wide")

# %% [markdown] tags=["document-8-features-2-not-smaller", "document-8-features-2-patches"]
# **Read it like this.** What memory can hold may go through at once, and nothing has to be cut. Above that the
# choice is between pieces and a smaller image, and a smaller one has lost its thin vessels before the network
# begins. And pieces cost nothing but time: laid rightly they give the very result of one pass, as you will see below.

# %% [markdown] tags=["document-8-features-2-structure-suits-overlap", "document-8-features-2-surroundings"]
# ## Tiles
#
# The paper's network takes 572 x 572 pixels and labels the 388 x 388 in the middle. To label the next
# columns, the window is moved on, and the two input windows overlap. This is what the document means when it says
# that the *structure* of a U-Net suits overlapping pieces: without padding each piece must bring its surroundings
# along, and what comes out fits side by side. By how much the window is moved is the
# *stride*; why 384 here and not 388 comes below.

# %% tags=["document-8-features-2-structure-suits-overlap"]
# Question
plan = uv.labs.plan_tiles(image.shape[:2], uv.PAPER)
overlap = plan.tile[1] - plan.stride[1]
uv.Question(
    f"Two neighbouring tiles lie {plan.stride[1]} pixels apart. By how many columns do their inputs of "
    f"{plan.tile[1]} overlap?",
    answer=overlap,
    hint=f"The second window begins {plan.stride[1]} columns further. How far does the first still reach?",
    reason=f"{plan.tile[1]} - {plan.stride[1]} = {overlap}: so many columns are read twice. That is the price.",
)

# %% [markdown] tags=["document-8-features-2-surroundings"]
# **Try:**
# - Move the pointer over the image. Orange is what goes into the network for the tile under it, blue
#   is what that tile writes.
# - Go to the edge. There the orange window reaches beyond the image, and what is missing is mirrored.
# - Choose zeros instead of the mirror image. Which goes on like the tissue, and which puts an edge there
#   that no eye has?
# - Choose other networks. Of padded ones only the clean middle of each tile is used. Read what it costs.
# - Change the stride, then the *shift*, by which the whole grid is moved up and to the left. *Seamless
#   settings* brings back what fits.

# %% tags=["image-tiles", "document-8-features-2-texture"]
uv.widgets.TileExplorer(image)

# %% [markdown]
# **What you should have seen.** Every pixel of the image is written by exactly one tile. Small tiles are
# dear: most of each is border, padded or not, and so the image goes through the network many times. The
# two kinds differ in another way: the paper's network *cannot* give you the border, a padded one gives it
# without a word.

# %%
for size, padding in ((572, "valid"), (576, "same"), (252, "valid"), (256, "same")):
    spec = uv.PAPER.replace(input_size=size, padding=padding)
    small = uv.labs.plan_tiles(image.shape[:2], spec)
    times = len(small) * size**2 / (image.shape[0] * image.shape[1])
    print(
        f"{size}, {padding}: stride {small.stride[0]}, {len(small)} tiles, {times:.1f} times the image"
    )

# %% [markdown]
# ## Why 384, and not 388?
#
# Each tile labels 388 x 388 pixels, and yet the tiles above lie 384 apart. Would 388 not do?

# %%
# Question
candidates = [388, 386, 384, 380]
fits = [n for n in candidates if uv.labs.plan_tiles(image.shape[:2], uv.PAPER, n).seamless]
uv.Question(
    f"Tiles {', '.join(map(str, candidates))} pixels apart: for which of these four is the result the same "
    "as if the whole image had gone through the network at once?",
    answer=fits[0],
    hint="Poolings see the image in blocks: 2, then 4, 8 and 16 pixels wide. The next tile must begin "
    "where a block begins.",
    reason=f"{fits[0]} = {fits[0] // 16} * 16. Every output of this network has 4 pixels more than a "
    "multiple of 16, so tiles laid side by side always miss the blocks.",
)

# %% [markdown]
# ## The seam meter
#
# Now measure it, with a network that has learned to find cells (lesson [08](08_keras_unet.ipynb) trains
# one), on a made slide full of them. A piece of the slide, small enough for one pass, goes through the
# network in tiles and at once, and the two are compared pixel by pixel. *256, same* has the very same
# weights, but pads its maps with zeros.
#
# **Try:**
# - Set the stride to 388. Where does the difference begin? How large is it, when the result itself goes
#   from 0 to 1?
# - Set it to 384 again, and shift the grid by 8. Then by 16.
# - Choose *256, same*, and wait: these are many small tiles. The *margin* is how many rows and columns of
#   each tile are thrown away at its top and left. Set the margin to 48 and the stride to 160, then the margin
#   to 0 and the stride to 256. That last is what most code does: tiles side by side, nothing thrown away.

# %%
slide = uv.synthetic_cells((1000, 1300), seed=8)
window = slide.image[100:800, 100:800]
valid = uv.load_pretrained("cells")
same = uv.build(uv.PAPER.replace(base_filters=16, input_size=256, padding="same"))
same.set_weights(valid.get_weights())
uv.widgets.SeamMeter(window, {"572, valid": valid, "256, same": same})

# %% [markdown] tags=["document-8-features-2-texture"]
# **What you should have seen.** 384 apart there is no difference, or nothing but rounding (that depends on
# the computer). 388 apart, the first tile still agrees and all others differ everywhere: their poolings
# have cut the image into other blocks. Shifted by 8 all of them do, shifted by 16 none. In the padded
# network the difference sits along the seams: where a tile ends, its zeros begin. With a margin of 48 it is
# much smaller; with enough of it, at multiples of 16, it is gone.

# %%
# Question
padded = uv.trace(uv.PAPER.replace(input_size=576, padding="same"))
free, tiles = uv.padding_free(padded), uv.labs.plan_tiles(1000, padded)
first, best = tiles.margin[0], tiles.stride[0]
uv.Question(
    f"A larger padded network takes tiles of 576. Its rows {free.top} to {free.bottom - 1} never see a zero of "
    "the padding. A tile may keep rows from one multiple of 16 up to, but not including, another. How many at most?",
    answer=best,
    hint=f"The first multiple of 16 from {free.top} on is {first}. Which is the last that is at most {free.bottom}?",
    reason=f"Rows {first} to {first + best - 1}: {best} of them. So that is its largest seamless stride.",
)

# %% [markdown]
# ## Use it
#
# `uv.predict_tiled` does all this for Keras U-Nets and images of any size. Without a stride it takes the
# largest that is seamless, and if there is none it says why. Here for the whole slide, with its scores against
# the true mask (lesson [03](03_fcn_to_unet.ipynb) explains them):

# %%
result = uv.predict_tiled(valid, slide.image)
print(result.plan)
uv.draw.draw_map(result.probabilities[..., 1], "How likely each pixel of the slide is a cell.")

# %%
uv.labs.score_table({"in tiles": uv.labs.foreground(result.probabilities)}, slide.mask)

# %% [markdown]
# `result.probabilities` has a number for every pixel and class; its pixel (0, 0) lies over pixel (0, 0) of
# the image.
#
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
# The same plan cuts a large image and its mask into pairs to train with. A smaller stride gives more
# of them, and more overlap; seams play no part here. The mask of a patch is smaller than its image:
# it covers what comes out. The mask below is made by a filter for thin dark lines, to have one at all.

# %%
green = image[..., 1]
vessels = sato(green, sigmas=[3, 5]) > 4
patches = uv.labs.cut_patches(green, vessels, uv.labs.plan_tiles(green.shape, uv.PAPER, 192))
uv.draw.draw_patches(patches.images, patches.masks)

# %% [markdown]
# **What you should see.** The upper row goes into the network; the lower row, white for vessels, is what it
# should say about the middle. At the edge of the image both are mirrored.

# %% [markdown]
# ---
# **Next:** [08_keras_unet](08_keras_unet.ipynb), the code, and a network that learns. All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
