"""What a network is: specifications field by field, read from a model, or changed one at a time."""
