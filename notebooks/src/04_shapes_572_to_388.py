# %% [markdown]
# # From 572 to 388, one arrow at a time
#
# An image goes into the U-Net of the paper, a smaller image of labels comes out, and between
# the two lie a few dozen steps. Here you walk through every one of them. Each has a size, and each
# size has a reason that fits into one line. After this lesson you can take any U-Net, any image,
# and say what comes out before you run it.
#
# It follows section 8, (1) to (6), of *U-net基本原理*, the Chinese text that is called *the document*
# in these lessons.
#
# Previous: [00_start_here](00_start_here.ipynb), the map of all lessons.

# %%
import unetviz as uv

paper = uv.trace(uv.PAPER)
side, result = paper["input"].out_shape[0], paper.output_shape[0]

# %% [markdown]
# ## The walk
#
# **Try:**
# - Press *Next* a few times. The step in hand is orange, what comes later is faint, and the words
#   above the drawing say what happens and why.
# - Click any map or any arrow to go there. Now the keys work, too: *Left*, *Right*, *Home*, *End*, and
#   *Space* to play.
# - Below the drawing, change the height by one (*square* is ticked, so the width follows). Click the
#   drawing, press *End*, and look where the red edges appear.

# %% tags=["document-8-figure", "document-8.1-572-to-388"]
uv.UNetExplorer()

# %% [markdown] tags=["document-8-figure", "document-8.2-convolution-3x3", "document-8.2-two-fewer", "document-8.3-odd-loses"]
# **What you should have seen.** Only four kinds of arrow change a size. A blue 3x3 convolution takes
# 2 pixels from height and from width, one at each side; a red pooling halves, a green up-convolution
# doubles, a grey crop cuts to measure, and the dashed square shows what it keeps. With one more pixel
# the first pooling loses a row and a column, at the red edges, and the crop takes one more at the bottom
# and at the right. At *Sizes that fit* neither happens. *Reset* brings the paper's network back.

# %% [markdown] tags=["document-8.1-not-the-whole"]
# ## (1) What comes out is smaller than what went in
#
# The output (输出) does not cover the whole input (输入): it is the label image of the *middle*
# of what went in.

# %% tags=["document-8.1-572-to-388", "document-8.1-not-the-whole"]
# Question
uv.Question(
    f"{side} rows go in and {result} come out, from the middle. How many rows are missing at the top?",
    answer=(side - result) // 2,
    hint=f"{side} - {result} rows are missing, half of them at the top and half at the bottom.",
    reason=f"({side} - {result}) / 2 = {(side - result) // 2}, at each of the four sides.",
)

# %% [markdown]
# Where do they go? Into the convolutions: each takes 2 rows, one at the top and one at the bottom. Count
# them in rows *of the input*: at level 2 one pixel of a map stands for 2 of the input, at level 3 for 4,
# and so on.

# %%
uv.geometry.pixel_budget_table(paper)

# %% [markdown]
# **What you should see.** The deeper the level, the more input two rows are; the bottleneck alone takes a
# little more than the whole encoder.
#
# And the costs? *Parameters* are the numbers that are learned; *multiply-accumulates*, one weight times one
# number each, are the work of one pass; *memory* is that of all maps of one image, with 4 bytes a number.
# (In the explorer: *Where it goes*.)

# %%
uv.draw.draw_pixel_budget(paper)

# %% [markdown]
# **What you should see.** Parameters sit at the bottom, memory at the top, and work is everywhere. The same
# as a chart; move over a bar for its number:

# %%
uv.draw.pixel_budget_figure(paper)

# %% [markdown] tags=["document-8.2-convolution-3x3", "document-8.2-stride-1", "document-8.2-valid", "document-8.2-two-fewer"]
# ## (2) The blue arrow: a 3x3 convolution without padding
#
# Stride (步长) 1, padding (填充) *valid*: the window of 3 x 3 pixels is moved over the map, pixel by pixel, and
# makes one output wherever it lies inside completely. In a row of n pixels it has n - 3 + 1 places: 2 fewer.
# The *ReLU* that follows turns negative numbers into 0; it changes no size.

# %%
# Question
five = uv.trace(uv.PAPER.replace(kernel_size=5))["enc1_conv1"]
uv.Question(
    f"With a window of 5 x 5 instead of 3 x 3: what does the first convolution make of {side}?",
    answer=five.out_shape[0],
    hint="n - 5 + 1.",
    reason=f"{five.why}: a wider window uses up a wider border.",
)

# %% [markdown] tags=["document-8.3-max-pooling-2x2", "document-8.3-valid-leaves-out", "document-8.3-odd-loses"]
# ## (3) The red arrow: max pooling, and what an odd size loses
#
# 2x2 max pooling (最大池化) takes the largest number of each 2 x 2 block. If the number of rows is
# odd, the last row fills no block. With *valid* padding it is left out; with *same* padding it gets
# a block of its own. Here are 5 x 5 negative numbers below a line that numbers the columns; what *valid*
# loses is in brackets. (They are those of lesson 02; if you have seen them there, go on with (4).)

# %%
import numpy as np

toy = -np.array(
    [[9, 4, 7, 3, 8], [2, 6, 5, 9, 1], [8, 3, 9, 7, 6], [5, 9, 4, 8, 2], [7, 5, 8, 6, 4]]
)
uv.geometry.number_table(toy, lost=(1, 1))

# %% tags=["document-8.3-same-fills-zeros"]
# Question
kept = uv.labs.max_pool(toy, 2, padding="same")
uv.Question(
    f"With same padding the last block holds only one real number, {toy[-1, -1]}; the rest is padding. "
    "What is its maximum? (A number below zero, with its sign.)",
    answer=int(kept[-1, -1]),
    hint="Does the padding compete? The document says that it is zeros; Keras does otherwise.",
    reason="In Keras the padding takes no part in a maximum, so no zero can win.",
)

# %%
uv.geometry.number_table(uv.labs.max_pool(toy, 2, padding="valid"))

# %%
uv.geometry.number_table(uv.labs.max_pool(toy, 2, padding="same"))

# %% [markdown] tags=["document-8.3-valid", "document-8.3-same-fills-zeros", "document-8.3-same-uses-every-value", "document-8.3-odd-loses"]
# **What you should see.** *Valid* gives 2 x 2 numbers and never looks at the last row and column,
# where the largest number of all stands. *Same* gives 3 x 3 numbers and uses everything. The
# document says that *same* padding fills in zeros; for a convolution that is so, but a zero that won
# against negative numbers would be an invention, and Keras does not let it. A U-Net pools with
# *valid*, whatever its convolutions do.

# %% [markdown] tags=["document-8.4-deconvolution-2x2", "document-8.4-doubles"]
# ## (4) The green arrow: the up-convolution
#
# The 2x2 up-convolution (反卷积) does to sizes the opposite of the pooling: each pixel writes a block of
# 2 x 2, side by side, and so the size doubles. What it writes is learned; lesson 06 takes it apart.

# %%
# Question
up = paper["dec1_up"]
uv.Question(
    f"The last up-convolution is fed with {up.in_shapes[0][0]} x {up.in_shapes[0][0]}. How many pixels a side come out?",
    answer=up.out_shape[0],
    hint="Each pixel becomes two in a row.",
    reason=f"{up.reason}",
)

# %% [markdown] tags=["document-8.5-copy-and-crop", "document-8.5-left-is-larger", "document-8.5-shallow-needs-crop"]
# ## (5) The grey arrow: copy and crop
#
# On the way up each level is joined with the last map of the same level on the way down. That map is
# larger, because the way through the deeper levels has used up a border. So only its middle is
# copied (复制和剪切).

# %%
# Question
crops = [step.crop[0][0] for step in paper if step.kind == "crop"]
uv.Question(
    f"From the deepest level up, {crops[0]}, {crops[1]} and {crops[2]} pixels are cut at each side. "
    "How many at the top level?",
    answer=crops[3],
    hint=f"{crops[0]}, {crops[1]}, {crops[2]}: each is twice the one before, and a few pixels more. How many?",
    reason=f"2 * {crops[2]} + 8 = {crops[3]}. A pixel one level down is two here, so its cut counts double; "
    "and the four convolutions down there take 4 pixels at each side, 8 here.",
)

# %% [markdown] tags=["document-8.6-convolution-1x1"]
# ## (6) The teal arrow: the 1x1 convolution
#
# The last layer looks at one pixel at a time. It multiplies each of its channels by a weight and adds them
# up, one sum for each class, and adds a *bias*, a number of its own. It changes no size.

# %%
# Question
head = paper["head"]
channels, classes = head.in_shapes[0][2], head.out_shape[2]
uv.Question(
    f"It turns {channels} channels into {classes} classes. How many numbers, weights and biases, does it "
    "learn?",
    answer=head.params,
    hint=f"For each class one weight a channel, and one bias: {channels} + 1.",
    reason=f"({channels} + 1) * {classes} = {head.params}, of {paper.params:,} in the whole network.",
)

# %% [markdown]
# ## Now you
#
# A smaller U-Net, and every size is hidden until you type it.
#
# **Try:** type the size that comes out of the next step and press Enter. A wrong answer gets the rule,
# a second one a hint. *Skip* shows it. If you think that the step cannot work, press *It does not fit*.

# %%
small = uv.UNetSpec(depth=2, base_filters=8)
uv.UNetExplorer(small.replace(input_size=uv.nearest_valid_sizes(small, 60)[1]), predict=True)

# %% [markdown]
# **What you should have seen.** The same few rules, in the same order, for any size. If your score
# pleases you, choose *a size that fails* as the network, and find the step that does not fit.

# %% [markdown]
# ## Windows with gaps: dilation
#
# This is not in the document, but other networks do it (DeepLab, for one): the 3 x 3 pixels that a window
# reads, its *taps*, are moved apart. With *dilation* 2 it reads every second pixel, with 3 every third. It
# reaches further, and still learns 9 weights.

# %%
# Question
gaps = uv.PAPER.replace(dilation=2)
first = uv.trace(gaps)["enc1_conv1"]
reach = side - first.out_shape[0] + 1
uv.Question(
    "Three taps in a row, every second pixel: from the first to the last, how many pixels wide is the window?",
    answer=reach,
    hint="Two gaps of one pixel each lie between the three taps.",
    reason=f"{first.why}: for its size a window with gaps counts like one of {reach} x {reach}.",
)

# %% [markdown]
# **Try:** in the explorer at the top of this lesson choose *Dilation* 2 and press *Next* once; then choose one of
# the sizes that fit. Here the paper's network and the same with dilation 2, at the next size that fits:

# %%
gaps = gaps.replace(input_size=uv.nearest_valid_sizes(gaps, side + 1)[1])
pair = uv.PAPER, gaps
for spec in pair:
    middle = uv.trace(spec).output_shape[0] // 2
    seen = uv.receptive_field(uv.trace(spec), middle, middle).input
    print(
        f"dilation {spec.dilation}: an output pixel sees {seen.height} x {seen.width} of the input"
    )
uv.geometry.difference_table(("without gaps", "with gaps"), pair)

# %% [markdown]
# **What you should have seen.** Every window reaches further (the arrows say *d2*), and so does every output
# pixel; the number of parameters stays. The price: twice as many rows are lost, because every window uses up
# twice the border.

# %% [markdown]
# ## The figure and the code are two networks
#
# The document explains the paper's figure (section 8) and then prints Keras code (section 9). The
# code builds another network. Side by side:

# %%
uv.geometry.difference_table(("the figure", "the document's code"), (uv.PAPER, uv.DOCUMENT))

# %% [markdown]
# **What you should see.** With *same* padding every convolution keeps its size, so nothing has to be
# cropped, and the output is as large as the input: its size is halved and doubled equally often, if it
# is a multiple of 16 at all. That is why 256 comes out as 256. The price: near
# the border the code's network computes with zeros that are not in the image. Its way up is no
# transposed convolution but copies followed by a 2x2 convolution, and before the last layer it has
# one more 3x3 convolution. Lesson 08 goes through it line by line.
#
# The same in the explorer at the top of this lesson: choose *the document's code* as the network. Or change
# one thing of the paper's network at a time, and watch the numbers.

# %% [markdown]
# ---
# **Next:** [05_crops_and_skips](05_crops_and_skips.ipynb), a real image on its way through the U.
# All lessons: [00_start_here](00_start_here.ipynb).
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
