"""Tiles: its explorers."""
