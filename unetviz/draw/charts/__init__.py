"""Charts: training curves, gradient norms, the pixel budget."""
