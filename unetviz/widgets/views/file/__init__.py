"""File: its view part."""
