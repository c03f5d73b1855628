"""Receptive field: its explorers."""
