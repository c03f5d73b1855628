"""Activations: its explorers."""
