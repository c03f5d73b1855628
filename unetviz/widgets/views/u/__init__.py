"""U: its view part."""
