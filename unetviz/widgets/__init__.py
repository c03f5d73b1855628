"""Explorers: traits in, pure functions of the other layers, traits out."""
