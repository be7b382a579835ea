"""Matching costs and matchers of our own, written to be read."""
