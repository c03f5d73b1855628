"""Microscope: its explorers."""
