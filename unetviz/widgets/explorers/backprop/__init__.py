"""Backprop: its explorers."""
