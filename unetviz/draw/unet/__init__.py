"""The drawing of a U, from plan to SVG."""
