"""What several tests use: networks written independently, random specifications, the browser."""
