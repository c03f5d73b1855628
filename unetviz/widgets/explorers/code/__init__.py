"""Code: its explorers."""
