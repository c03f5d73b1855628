"""Kernels and strides to choose from."""

KERNELS = {
    "2 / 2 (the U-Net's)": (2, 2),
    "3 / 2 (overlaps unevenly)": (3, 2),
    "4 / 2 (overlaps evenly)": (4, 2),
    "3 / 1": (3, 1),
}
