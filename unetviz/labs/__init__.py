"""Small numeric experiments, each by the same index maps as the trace."""
