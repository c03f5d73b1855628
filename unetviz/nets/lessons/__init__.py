"""Experiments that a single lesson runs."""
