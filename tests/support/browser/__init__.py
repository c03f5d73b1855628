"""A JupyterLab of its own in a real browser, and what random actions do to each panel."""
