"""Upconvolution: its explorers."""
