# %% [markdown] tags=["document-8-features-1-u-shape"]
# # Start here: the U at a glance
#
# A **U-Net** takes an image and gives every pixel of it a label: cell or background, road or
# field. It was drawn for microscopy in 2015 and is still the first network to try when outlines
# matter. Its drawing looks like the letter U, and that is where the name comes from.
#
# These lessons let you walk through it with your own hands. **Every number and every pixel that
# you see is computed here**, by the small package `unetviz`, and tested against Keras, NumPy or
# the published figure. Nothing is drawn from memory.
#
# The lessons go with a Chinese text, *U-net基本原理* (the basics of U-Net). It is called *the document*
# here; the table of lessons says which of its sections each lesson teaches.
#
# **How to use this page.** Choose *Run > Run All Cells* in the menu above, then read from the top.
# Where a question comes before an image, answer first: a guess that turns out wrong is remembered
# better than a fact that was only read.

# %%
import unetviz as uv

paper = uv.trace(uv.PAPER)

# %% [markdown]
# ## What goes in, what comes out
#
# The network of the paper is fed with a square image and turns it into *maps*: grids of numbers, as
# images are. Most of its steps are *convolutions*: a window of 3 x 3 pixels moves over a map, and from
# each place it makes one number. It stays inside the map (no zeros are added around it: *valid* padding).
#
# **Try:** type your guess and press Enter. After a wrong answer you get a hint, after a second one the
# answer.

# %%
# Question
side, result = paper["input"].out_shape[0], paper.output_shape[0]
uv.Question(
    f"An image of {side} x {side} pixels goes in. How many pixels a side come out?",
    answer=result,
    hint="It is less than what went in. Find the last map in the next drawing, top right.",
    reason=f"{side} x {side} go in and {result} x {result} come out: the border is used up.",
)

# %% [markdown]
# ## The U
#
# **Try:** look at the whole U first. Then click on its first map, top left, and press *Next* a few times:
# the words above the drawing say what each arrow does. The arrow keys do the same.

# %% tags=["document-8-figure", "document-8.1-572-to-388"]
uv.UNetExplorer(step=len(paper) - 1)

# %% [markdown] tags=["document-8-figure"]
# **What you should have seen.** Every stack of sheets is one *feature map*: the bold number above it
# counts its sheets, the *channels*; the number below it is its height and width in pixels. The left
# side, the *encoder*, halves the size again and again; the bottom is the *bottleneck*; the right side,
# the *decoder*, doubles it back. At each level a grey arrow carries a copy across: the *skip*. The
# dashed square shows which part of the encoder's map is copied, to scale.
#
# *Table*, above the drawing, unfolds into one line for each step. It begins with the sums: the
# *parameters* are the numbers that the network learns. In a terminal: `python -m unetviz trace 572`.
#
# Lesson [04_shapes_572_to_388](04_shapes_572_to_388.ipynb) walks through all of it with you, and says what
# the controls below the drawing do.

# %% [markdown]
# ## Cut to measure
#
# The decoder's map is smaller than the encoder's map at the same level, so the copy is cropped.

# %%
# Question
crop = paper["dec1_crop"]
skip_size, kept_size = crop.in_shapes[0][0], crop.out_shape[0]
uv.Question(
    f"At the top level a map of {skip_size} pixels a side is cropped to {kept_size}, around its "
    "middle. How many pixels are cut off at each side?",
    answer=crop.crop[0][0],
    hint=f"Left and right together: {skip_size} - {kept_size}.",
    reason=f"{crop.why}: the same number at the top, the bottom, the left and the right.",
)

# %% [markdown]
# ## Another size
#
# The border that is lost does not depend on the size of the image.

# %%
# Question
larger = uv.PAPER.replace(input_size=uv.nearest_valid_sizes(uv.PAPER, side + 1)[1])
bigger, its_result = larger.input_size[0], uv.trace(larger).output_shape[0]
uv.Question(
    f"{side} gives {result}. The next size that works as well is {bigger}. What does it give?",
    answer=its_result,
    hint=f"How many pixels are lost from {side} to {result}? Just as many are lost here.",
    reason=f"{side} - {result} = {side - result}, and {bigger} - {side - result} = {its_result}.",
)

# %% [markdown]
# ## Is my size fine?
#
# Images are seldom made for a network. Most code that is passed around adds zeros around every map
# (*same* padding) and crops nothing. There, when a map has an odd number of rows, a pooling (a red arrow)
# loses the last one; on the way up the two maps of a skip no longer agree, and Keras stops with *inputs
# with matching shapes*, an error that is often asked about. The paper's network crops, so it goes on, but
# what is lost is lost.
#
# **Try:** read what such a network does with the size that is typed in. Then type the size of an image of
# your own, height first. Choose *valid* instead of *same*, and fewer poolings.

# %%
uv.widgets.SizeCheck("1364 x 659")

# %% [markdown]
# **What you should have seen.** With *same* padding a size either fits or fails: every pooling
# must divide evenly, so with four poolings height and width are multiples of 16. With *valid*
# padding an odd size is legal, but rows are lost, and the note says where; only an image that is too
# small fails. The note always names the nearest sizes that fit.
#
# In a terminal: `python -m unetviz sizes 500 600` lists the sizes that fit.

# %% [markdown]
# ## The lessons
#
# Each has its time, what it needs, and leads to the one before and the one after. Those that need
# TensorFlow use up to 1.2 GB of memory each: one at a time is best, two are the most.
#
# <!-- lessons:begin -->
# | lesson | teaches | document | time | needs | Binder |
# |---|---|---|---|---|---|
# | [`00_start_here`](00_start_here.ipynb) | what this is, the map of lessons, how to use Binder, the U at a glance | 8 | 10&nbsp;min | - | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/00_start_here.ipynb) |
# | [`01_from_boxes_to_pixels`](01_from_boxes_to_pixels.ipynb) | detection and segmentation, CNN and FCN, dense = convolution, per-pixel softmax loss | 1, 2, 4 | 25&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/01_from_boxes_to_pixels.ipynb) |
# | [`02_resampling`](02_resampling.ipynb) | s x s means, nearest, bilinear, mean and median interpolation, pooling of odd sizes | 6, 8.3 | 20&nbsp;min | - | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/02_resampling.ipynb) |
# | [`03_fcn_to_unet`](03_fcn_to_unet.ipynb) | FCN-32s, 16s and 8s, what skips bring, then a U-Net in single edits | 3, 4, 5, 7 | 25&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/03_fcn_to_unet.ipynb) |
# | [`04_shapes_572_to_388`](04_shapes_572_to_388.ipynb) | every step of the U with its reason, other sizes, valid and same | 8.1-8.6 | 30&nbsp;min | - | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/04_shapes_572_to_388.ipynb) |
# | [`05_crops_and_skips`](05_crops_and_skips.ipynb) | crop, copy, concatenation, five scales, pixel ancestry, what the border loses | 8.5, features 1 | 25&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/05_crops_and_skips.ipynb) |
# | [`06_up_convolution`](06_up_convolution.ipynb) | transposed convolution as a stamp, as zero-insertion, as a matrix, and backwards | 8.4, features 3 | 25&nbsp;min | - | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/06_up_convolution.ipynb) |
# | [`07_overlap_tile`](07_overlap_tile.ipynb) | large images in tiles, mirrored borders, seams measured | features 2 | 20&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/07_overlap_tile.ipynb) |
# | [`08_keras_unet`](08_keras_unet.ipynb) | the document's code line by line, where it differs from its figure, training live | 9 | 30&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/08_keras_unet.ipynb) |
# | [`09_learned_activations`](09_learned_activations.ipynb) | feature maps inside the U, one number taken apart, skips switched off, your own image | 8, 9 | 30&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/09_learned_activations.ipynb) |
# | [`10_backpropagation`](10_backpropagation.ipynb) | the same U run backwards | features 3 | 25&nbsp;min | TensorFlow | [open](https://mybinder.org/v2/gh/OWNER/unetviz/HEAD?urlpath=lab/tree/notebooks/10_backpropagation.ipynb) |
# <!-- lessons:end -->
#
# For teachers: [TEACHING.md](TEACHING.md) has plans for 45 and 90 minutes, questions with their answers,
# and drawings to print. [COVERAGE.md](COVERAGE.md) says which cell teaches which sentence of the
# document. How to use an image or a network of your own stands in lesson
# [09](09_learned_activations.ipynb) and in the [README](../README.md).

# %% [markdown]
# ## On Binder
#
# Binder gives you a computer of its own for a while, free of charge and without an account.
#
# - **Starting** takes a minute or two, longer after the lessons have changed. Leave the tab open.
# - **Memory**: every open notebook is a kernel and keeps what it has loaded. Binder restarts a
#   kernel at 2 GB. When you are done with a lesson choose *Kernel > Shut Down Kernel*.
# - **After ten minutes** without a click everything is thrown away. *File > Download* keeps your
#   notebook; nothing else is saved.
# - **Panels need a kernel.** If a panel does not answer choose *Run > Run All Cells* again.
# - **Nothing is downloaded** while you work; all images come with the packages or are made.
#
# On your own computer two lines do the same; they are in the `README`.

# %% [markdown]
# ## Words
#
# The words of the document, in the order in which they appear there:
#
# | Chinese | English | in short | lesson |
# |---|---|---|---|
# | 图像检测 | object detection | a box around each object | 01 |
# | 图像分割 | image segmentation | the exact outline of each object | 01 |
# | 轮廓 | outline, contour | the border between an object and the rest | 01 |
# | 卷积层 | convolution layer | one small window of weights, moved over the whole map | 01, 04 |
# | 全连接层 | dense (fully connected) layer | a weight from every input to every output | 01 |
# | 特征图 | feature map | what a layer makes of the image: rows, columns, channels | 04, 09 |
# | 特征向量 | feature vector | a list of numbers of fixed length | 01 |
# | 分类、回归 | classification, regression | choosing a class; estimating a number | 01 |
# | 语义分割 | semantic segmentation | a class for every pixel | 01 |
# | 像素 | pixel | one point of an image | 01 |
# | 反卷积、转置卷积 | transposed convolution, up-convolution | each input writes a stamp | 06 |
# | 上采样 | up-sampling | making a map larger | 02, 06 |
# | 下采样 | down-sampling | making a map smaller | 02 |
# | 损失 | loss | the number that training makes small | 01, 08 |
# | 训练样本 | training sample | one example to learn from; here, every pixel | 01 |
# | 全卷积部分、反卷积部分 | convolutional part, deconvolution part | an FCN's way down, and its way up | 03 |
# | 热点图 | heat map | where a network sees a class, coarsely | 03 |
# | 卷积化 | convolutionalization | a dense layer turned into a convolution | 01 |
# | 权重 | weight | a number that is learned | 01 |
# | 插值 | interpolation | new pixels between the old ones | 02 |
# | 最近邻、双线性 | nearest, bilinear | two kinds of interpolation | 02 |
# | 均值、中值 | mean, median | two more | 02 |
# | 跳跃结构 | skip | early, fine maps joined with late, coarse ones | 03, 05 |
# | 端到端 | end to end | trained as one piece, from pixels to labels | 03 |
# | 公约数 | common divisor | a number that divides both height and width | 02 |
# | 矩阵 | matrix | a table of numbers | 02, 06 |
# | 池化 | pooling | each window becomes one number | 02, 04 |
# | 最大池化 (max pooling) | max pooling | the largest number of each window | 02, 04 |
# | 填充 (padding) | padding | zeros around a map: *same*; none: *valid* | 04 |
# | 步长 (stride) | stride | how far a window moves | 04 |
# | 复制和剪切 | copy and crop | the skip's map, cut to size | 05 |
# | 特征提取 | feature extraction | the encoder's work | 05 |
# | 尺度 | scale | a level of the U | 05 |
# | 通道数 | number of channels | sheets of a feature map | 04 |
# | 融合、拼接 | merging, concatenation | two maps put one behind the other | 05 |
# | 切图 (patch, overlap) | tiles with overlap | large images in pieces | 07 |
# | 纹理 | texture | the fine pattern of a surface | 07 |
# | 训练 | training | moving weights until the loss is small | 08 |
# | 初始化 | initialisation | the first, random weights | 08 |
# | 随机失活 (dropout) | dropout | random zeros while training | 08 |
# | 准确率 | accuracy | the share of pixels that are right | 08 |
# | 标注 | annotation, mask | the right answer for every pixel | 08 |
# | 死神经元 | dead channel | a ReLU that is 0 everywhere | 08, 09 |
# | 反向传播 | backpropagation | how errors travel back to the weights | 10 |
# | 梯度 | gradient | how much the loss changes with a number | 10 |

# %% [markdown]
# ---
# **Next:** [01_from_boxes_to_pixels](01_from_boxes_to_pixels.ipynb), what a U-Net is for. In a hurry:
# [04_shapes_572_to_388](04_shapes_572_to_388.ipynb), the walk through the U.
#
# **Done with this page?** Choose *Kernel > Shut Down Kernel* in the menu, so that the next lesson
# has the memory.
