"""Resampling: its explorers."""
