"""Hostile input for the readers of files."""
