"""Shared: its view part."""
