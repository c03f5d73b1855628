"""Steps: its view part."""
