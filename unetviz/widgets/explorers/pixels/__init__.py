"""Pixels: its explorers."""
