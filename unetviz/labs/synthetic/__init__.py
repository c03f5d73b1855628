"""Synthetic images with their masks, and weights for training."""
