# %% [markdown]
# # Crops and skips: where a pixel comes from
#
# A U-Net goes down to understand and up to draw, and at every level a copy is carried across: the
# *skip*. Here you carry a real image through the network, watch each copy being cut to measure,
# and then ask any pixel of the output which pixels of the input it has seen.
#
# It follows section 8 (5) and *features (1)* of the document.
#
# Previous: [04_shapes_572_to_388](04_shapes_572_to_388.ipynb), every step with its size.

# %%
from skimage import data

import unetviz as uv

paper = uv.trace(uv.PAPER)
image = data.retina()[240:1170, 240:1170]  # the inside of an eye, without its black border

# %% [markdown] tags=["document-8-features-1-built-on-fcn", "document-8-features-1-like-vgg", "document-8-features-1-scale-per-pooling"]
# ## An encoder like VGG, and the letter U
#
# Many networks for segmentation build on the FCN, says the document, and the U-Net is one of them: it too
# goes down, comes up and has skips, but where FCN *adds* coarse answers, the U-Net *joins* whole maps. The
# first half, the *encoder*, does the *feature extraction* (特征提取). It is built much like VGG, the classic
# classifier: 3x3 convolutions, then a pooling, and more channels after each. (VGG pads its maps, this
# network does not.) Every pooling begins a new *scale* (尺度).

# %% tags=["document-8-features-1-five-scales"]
# Question
scales = len({step.level for step in paper})
uv.Question(
    "Counting the scale of the original image, how many scales does the paper's network have?",
    answer=scales,
    hint="Count the rows of the drawing below: each pooling leads down to a new one.",
    reason=f"{scales - 1} poolings, so {scales} scales, as the document says.",
)

# %% [markdown] tags=["document-8-features-1-up-sampling-part", "document-8-features-1-merge-same-channels", "document-8-features-1-crop-first", "document-8-features-1-concatenation"]
# The second half goes back up. After each up-sampling the map is merged (融合) with the last map of the encoder
# *that has just as many channels* (通道数), and for that the encoder's map has to be cropped. "Merging is
# concatenation (拼接) here too", says the document; it is in the U-Net, while an FCN adds (lesson 03).

# %%
uv.draw_unet(paper)

# %% tags=["document-8.5-left-is-larger", "document-8-features-1-five-scales"]
uv.geometry.skip_table(paper)

# %% [markdown] tags=["document-8.5-output-is-centre", "document-8-features-1-u-shape", "document-8-features-1-merge-same-channels", "document-8-features-1-crop-first"]
# **What you should see.** Read a line from the left: the level and how many input pixels one of its pixels
# stands for, a side; the encoder's last map (at the lowest level, the bottleneck's); what is cut; what is
# left of it; the up-sampled map; and both behind each other. The two that are joined have the same size,
# thanks to the crop, and as many channels, because each up-convolution halves them. Down on one side and
# up on the other, level beside level, it draws the letter **U**; that is all there is to the name.
#
# The document says that the crops are why the output is a middle part of the input. They only make two
# maps fit each other; what used the border up are the convolutions, before any crop.

# %% [markdown]
# ## An image on its way
#
# The same with a network that has **learned** to find cells (lesson [08](08_keras_unet.ipynb) trains one),
# on a synthetic image of some. It has 16 channels at its first level instead of 64, and else the sizes of the
# figure.
#
# **Try:**
# - On the left is one channel of the encoder's last map, and on it, to scale, what the crop keeps. Beside it
#   stand the piece that was kept, and the up-sampled map that it is joined with.
# - Below are all channels of the joined map, those of the skip first, those from below under them. Click
#   on one.
# - Choose another level: 1 is the top of the U, 4 lies above the bottleneck.

# %% tags=["document-8.5-shallow-needs-crop"]
model = uv.load_pretrained("cells")
uv.widgets.SkipExplorer(model, uv.synthetic_cells(572, seed=1).image)

# %% [markdown] tags=["document-8-features-1-concatenation"]
# **What you should have seen.** The skip shows outlines and texture as sharply as pixels of that size can; the
# up-sampled map is coarser still. What came up from below was pooled once more and has lost
# *where* things are, but each of its pixels has seen more of the image. Concatenation (拼接) keeps
# both; the next convolution may use either. The chequered pattern comes from the up-convolution, which
# writes every 2 x 2 block with four weights of its own; lesson 06 takes it apart.

# %% [markdown]
# ## Ask a pixel where it came from
#
# One pixel of the output is computed from a square of the input, its *receptive field* (感受野). But
# there are several ways up: through each skip, and through the bottleneck. Each way sees a square of
# its own.

# %%
# Question
row = column = paper.output_shape[0] // 2 // 16 * 16 + 3
paths = uv.receptive_field(paper, row, column).paths
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
beside = uv.receptive_field(paper, row, column + 1).paths["bottleneck"].width
uv.Question(
    f"Through the bottleneck the output pixel in column {column} sees {here} columns. How many does its "
    f"neighbour in column {column + 1} see? (It is not {here} again.)",
    answer=beside,
    hint=f"It needs one more column of the bottleneck's last map, and those lie "
    f"{2**uv.PAPER.depth} input pixels apart.",
    reason=f"{here} + {2**uv.PAPER.depth} = {beside}. Of 16 columns in a row, 4 see {here} and 12 see {beside}.",
)

# %% [markdown]
# And the other way round: which outputs does an input pixel take part in?

# %%
# Question
corner = uv.projective_field(paper, 0, 0).output
uv.Question(
    "The input pixel in the upper left corner: how many rows of the output does it reach at all?",
    answer=corner.height,
    hint="Only one bottleneck pixel sees the corner. How many output rows are drawn from that one?",
    reason=f"It reaches {corner.height} x {corner.width} outputs; a pixel in the middle reaches 188 or "
    "204 a side.",
)

# %% [markdown]
# **Try:**
# - Move the pointer over the image: the boxes show what the output pixel under it has seen, one colour
#   for each way.
# - Click to hold the pixel, then press the *Right* arrow key, again and again. Watch the second number,
#   the width, at *the bottleneck*.
# - Scroll down to the U while a pixel is held: in each of its maps the orange box shows all ways together.
# - Go to the edge of the white window: the boxes reach the edge of the image, and never beyond.
# - Turn it round: follow *an input pixel on to the output*. Go to a corner, then to the middle.

# %%
uv.widgets.ReceptiveFieldExplorer(image)

# %% [markdown]
# **What you should have seen.** The receptive field of this network has no single size. An output pixel
# reads 4 or 5 rows of the bottleneck's last map: of every 16 rows of the output 4 see 188 rows of the
# input, and 12 see 204. Rows and columns go independently. The skips see less and less, the nearer they
# are to the top: 124 or 132, then 60, 26 and 9 pixels. The other way round a corner of the input takes
# part in 16 x 16 outputs, a pixel in the middle in 188 or 204 a side.

# %% [markdown] tags=["document-8.1-not-the-whole"]
# ## What the border loses
#
# Now without the boxes: which part of the image gets a label at all? The white window is what comes
# out (输出的结果和原图不是完全对应的: the result does not cover the whole image).
#
# **Try:** change the size, with the buttons. Which number stays? Then change the number of poolings.

# %% tags=["document-8.1-not-the-whole"]
uv.widgets.BorderExplorer(image)

# %% [markdown]
# **What you should have seen.** For every size on the buttons four poolings lose 92 pixels a side; an image
# of 188 x 188 keeps 4 x 4. Each pooling more loses twice as much and 4 pixels more:

# %%
for depth in range(1, 6):
    spec = uv.PAPER.replace(depth=depth)
    size = uv.nearest_valid_sizes(spec, 600)[0]
    out = uv.trace(spec.replace(input_size=size)).output_shape[0]
    print(f"poolings {depth}: {size} in, {out} out, {(size - out) // 2} lost at each side")

# %% [markdown]
# ## "Same" loses nothing, and pays for it
#
# The document's code pads every map with zeros, and the output is as large as the input. So is the
# border free? Each zero is a pixel that is not in the image, and what is computed from it is tainted.

# %%
# Question
same = uv.PAPER.replace(input_size=256, padding="same")
free = uv.padding_free(uv.trace(same))
uv.Question(
    "A padded network of the paper's depth, 256 x 256 in and out. In rows 0 to "
    f"{free.top - 1} every output depends on zeros of the padding, and in as many rows at the bottom. How many "
    "rows are left?",
    answer=free.height,
    hint=f"Of 256 rows {free.top} at the top and {free.top} at the bottom do not count.",
    reason=f"Rows {free.top} to {free.bottom - 1}: {free.height} of 256, and {free.height} x {free.width} "
    f"pixels are {free.height * free.width / 256**2:.0%} of the output.",
)

# %% [markdown]
# **Try:** the green box is what never sees padding. Choose *copies, then 2x2* as the way up, as the
# document's code has it, and watch where the box goes. Make the image larger, or the network less deep.

# %%
uv.widgets.BorderExplorer(image, same)

# %% [markdown]
# **What you should have seen.** At 256 x 256 most of the output of a padded network depends on zeros that
# are not in the image; in a larger image the same border is a smaller part. With *copies, then 2x2*
# the clean part is smaller and not in the middle: that 2x2 convolution adds its zero at the bottom and on
# the right only. This does not make the labels wrong; networks learn to live with it. But the nearer to the
# border, the less you should trust them, and when a large image is cut into tiles it matters. That is
# lesson 07.
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
# **Next:** [06_up_convolution](06_up_convolution.ipynb), the green arrow taken apart. All lessons:
# [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
