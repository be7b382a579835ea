"""Depth from one camera and from two, and how far each can be trusted."""

__version__ = "0.1.0"
