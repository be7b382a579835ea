"""Depth from two images: semi-global matching and what surrounds it."""
