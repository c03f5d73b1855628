"""Drawings and worksheets to print."""
