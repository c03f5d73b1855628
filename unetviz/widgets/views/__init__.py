"""The view parts: each its Python, JavaScript and CSS together."""
