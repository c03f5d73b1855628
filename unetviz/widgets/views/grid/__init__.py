"""Grid: its view part."""
