"""Training: steps, recipes, shipped weights and what they reach."""
