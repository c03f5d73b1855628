"""The explorers, a folder a topic."""
