"""A network that runs: its feature maps, its numbers, its skips changed."""
