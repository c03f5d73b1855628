"""A trace as tables: steps, levels, the pixel budget, skips, two networks side by side."""
