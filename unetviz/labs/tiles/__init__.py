"""Overlap-tile: where tiles lie, which sizes they can have, patches to train with."""
