# %% [markdown]
# # Crops and skips: where a pixel comes from
#
# A U-Net goes down to understand and up to draw, and at every level a copy is carried across: the
# *skip*. Here you carry a real picture through the network, watch each copy being cut to measure,
# and then ask any pixel of the output which pixels of the input it has seen.
#
# It follows section 8 (5) and *features (1)* of the document.
#
# Previous: [04_shapes_572_to_388](04_shapes_572_to_388.ipynb), every step with its size.

# %%
import keras
from skimage import data

import unetviz as uv

paper = uv.trace(uv.PAPER)
picture = data.camera()

# %% [markdown]
# ## An encoder like VGG, and its name
#
# The first half, *feature extraction* (特征提取), is built like VGG, the classic classifier: 3x3
# convolutions two by two, then a pooling, and twice as many channels after each. (VGG pads its maps,
# this network does not.) Every pooling begins a new *scale* (尺度).

# %%
# Question
scales = len({step.level for step in paper})
uv.Question(
    "Counting the scale of the original picture, how many scales does the paper's network have?",
    answer=scales,
    hint="One more than there are poolings. Look at the rows of the drawing in lesson 04.",
    reason=f"{scales - 1} poolings, so {scales} scales, as the document says.",
)

# %% [markdown]
# The second half goes back up. After each up-sampling the map is joined (融合, 拼接) with the last map of
# the encoder *that has just as many channels* (通道数), and for that the encoder's map has to be cropped.

# %%
uv.draw_unet(paper)

# %%
uv.skip_table(paper)

# %% [markdown]
# **What you should see.** Read a line from the left: the encoder's last map, what is cut, what is left
# of it, the up-sampled map, and both behind each other. The two that are joined always have the same
# size and the same number of channels. Down on one side and up on the other, level beside level, it
# draws the letter **U**; that is all there is to the name.

# %% [markdown]
# ## A picture on its way
#
# The same on a real photograph. The weights here are **random** (drawn with a seed, nothing is
# learned), and the network has 16 channels at its first level instead of 64. Even so its maps show
# the picture: a random convolution is still a convolution.
#
# **Try:**
# - Choose a level. On the left is the encoder's last map, and on it, to scale, what the crop keeps.
# - Beside it stands the piece that was kept, and the up-sampled map that it is joined with.
# - Below are all channels of the joined map. Click on one.

# %%
keras.utils.set_random_seed(5)
model = uv.build(uv.PAPER.replace(base_filters=16))
uv.SkipExplorer(model, picture)

# %% [markdown]
# **What you should have seen.** The skip is sharp and the up-sampled map is coarse: what came up from
# below was pooled up to four times and has lost *where* things are, but each of its pixels has seen far
# more of the picture. Concatenation (拼接) keeps both; the next convolution may use either. The
# deeper the level, the smaller the crop in pixels, and the larger each pixel.

# %% [markdown]
# ## Ask a pixel where it came from
#
# One pixel of the output is computed from a square of the input. But there are several ways up: through
# each skip, and through the bottleneck. Each way sees a square of its own.

# %%
# Question
row = column = paper.output_shape[0] // 2 // 16 * 16 + 3
paths = uv.ancestry(paper, row, column).paths
uv.Question(
    "Through the skip of level 1 alone there are only the 3x3 convolutions of level 1: two on the way down "
    "and two on the way up. How many pixels wide is what an output pixel sees through it?",
    answer=paths["skip1"].width,
    hint="One 3x3 convolution sees 3 pixels, two see 5, three see 7.",
    reason=f"1 + 4 * 2 = {paths['skip1'].width}: each convolution adds one pixel on each side.",
)

# %%
# Question
here = paths["bottleneck"].width
beside = uv.ancestry(paper, row, column + 1).paths["bottleneck"].width
uv.Question(
    f"Through the bottleneck the output pixel in column {column} sees {here} columns. How many does its "
    f"neighbour in column {column + 1} see? Not {here}.",
    answer=beside,
    hint=f"It needs one more column of the bottleneck's last map, and those lie "
    f"{2**uv.PAPER.depth} input pixels apart.",
    reason=f"{here} + {2**uv.PAPER.depth} = {beside}. Which of the two it is depends on the column alone.",
)

# %% [markdown]
# **Try:**
# - Move the pointer over the picture: the boxes show what the output pixel under it has seen, one
#   colour a way. The maps of the U below show the same, map by map.
# - Click to hold the pixel, then press the *Right* arrow key, again and again. Watch the width.
# - Go to the edge of the white window: the boxes reach the edge of the picture, and never beyond.
# - Turn it round: follow *an input pixel on to the output*. Go to a corner, then to the middle.

# %%
uv.AncestryExplorer(picture)

# %% [markdown]
# **What you should have seen.** There is no such thing as *the* receptive field of this network. An
# output pixel reads 4 or 5 rows of the bottleneck's last map, by its position among its 16 neighbours,
# and so sees 188 or 204 rows; for columns the same, each on its own. The skips see less and less, the
# nearer they are to the top: 124 or 132, then 60, 26 and 9 pixels.
#
# Backwards, a pixel in the corner of the input takes part in very few outputs:

# %%
# Question
corner = uv.influence(paper, 0, 0).output
uv.Question(
    "The input pixel in the upper left corner: how many rows of the output does it reach at all?",
    answer=corner.height,
    hint="Only one bottleneck pixel sees the corner. How many output rows are drawn from that one?",
    reason=f"It reaches {corner.height} x {corner.width} outputs; a pixel in the middle reaches 188 or "
    "204 a side.",
)

# %% [markdown]
# ## What the border loses
#
# Now without the boxes: which part of the picture gets a label at all? The white window is what comes
# out (输出的结果和原图不是完全对应的: the result does not cover the whole picture).
#
# **Try:** change the number of poolings, then the size. What is lost at each side depends on the depth
# only; how much that is of the whole depends on the size.

# %%
uv.BorderExplorer(picture)

# %% [markdown]
# **What you should have seen.** With four poolings 92 pixels are lost at every side, whatever the size; a
# picture of 188 pixels keeps 4 of them. One pooling less loses not half as many.

# %% [markdown]
# ## "Same" loses nothing, and pays for it
#
# The document's code pads every map with zeros, and the output is as large as the input. So is the
# border free? Each zero is a pixel that is not in the picture, and what is computed from it is tainted.

# %%
# Question
same = uv.PAPER.replace(input_size=256, padding="same")
free = uv.padding_free(uv.trace(same))
uv.Question(
    "A padded network of the paper's depth, 256 x 256 in and out. An output pixel sees about 94 pixels to "
    "each side. How many rows of the output never see a zero?",
    answer=free.height,
    hint=f"The first that is free of zeros is row {free.top}, and the last is as far from the other side.",
    reason=f"Rows {free.top} to {free.bottom - 1}: {free.height} of 256, and {free.height} x {free.width} "
    f"pixels are {free.height * free.width / 256**2:.0%} of the output.",
)

# %% [markdown]
# **Try:** the green box is what never sees padding. Choose *copies, then 2x2* as the way up, as the
# document's code has it, and watch where the box goes. Make the picture larger, or the network less deep.

# %%
uv.BorderExplorer(picture, same)

# %% [markdown]
# **What you should have seen.** In a padded network most of the output depends on zeros that are not in
# the picture, and with *copies, then 2x2* the clean part is smaller and not in the middle: that 2x2
# convolution adds its zero at the bottom and on the right only. This does not make the labels wrong;
# networks learn to live with it. But the nearer to the border, the less you should trust them, and when
# a large picture is cut into tiles it matters. That is lesson 07.
#
# The document's code itself, with one more convolution before its output:

# %%
code = uv.trace(uv.DOCUMENT)
box = uv.padding_free(code)
print(
    f"{box.height} x {box.width} of {code.output_shape[0]} x {code.output_shape[1]} never see padding:"
)
print(f"rows {box.top} to {box.bottom - 1}, columns {box.left} to {box.right - 1}.")

# %% [markdown]
# ---
# **Next:** [07_overlap_tile](07_overlap_tile.ipynb), large pictures in tiles. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
