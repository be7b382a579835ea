"""Depth from one image: Depth Anything V1 and V2, and a small bundled model."""
