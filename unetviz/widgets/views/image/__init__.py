"""Image: its view part."""
