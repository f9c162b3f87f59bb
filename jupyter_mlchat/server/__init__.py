"""Jupyter's doors to the service: thin, no decisions."""
