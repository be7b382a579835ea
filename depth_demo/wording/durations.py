"""Durations in words."""

from __future__ import annotations


def about(seconds: float) -> str:
    """Say a duration for people, who need no more than one digit or two."""
    if seconds < 1:
        return "less than 1 s"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
