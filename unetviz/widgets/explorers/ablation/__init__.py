"""Ablation: its explorers."""
