"""Gradients of a network: of its maps, of one pixel, of one weight."""
