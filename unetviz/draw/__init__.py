"""Drawings as values: a trace goes in, an SVG string or PNG bytes come out."""
