"""Shapes: its explorers."""
