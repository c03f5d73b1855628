"""Training: its explorers."""
