"""Skips: its explorers."""
