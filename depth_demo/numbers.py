"""Numbers that people and programs hand in: which are meant, and how they are repeated in a sentence."""

from __future__ import annotations

import numpy as np

LARGEST = 1e12  # of lengths in pixels and metres: products of two still fit into float32


def is_real_number(value: object) -> bool:
    """Whether this is a real number of a size that can be meant, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(-LARGEST <= value <= LARGEST)


def number_text(value: object) -> str:
    """A number in six digits, anything else in a few characters, for a sentence about it."""
    return f"{value:g}" if isinstance(value, float | np.floating) else f"{value!r:.40}"
