"""Bring a map that belongs to a view to the view's size."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import size_text

T = TypeVar("T", bound=np.generic)
SAME_ASPECT = 0.01
NO_OTHER_SIZE = 0.02  # a row or a column more or less is no other resolution


def at_size(values: NDArray[T], size: tuple[int, int], what: str) -> NDArray[T]:
    """Return a copy of (H, W) values at the (height, width) of the left view, the nearest value for each pixel.

    Args:
        values: Of any type.
        size: Height and width [px].
        what: Names the values in a refusal, which begins with "The `what` must".

    Raises:
        ValueError: If the values have another shape than the view.
    """
    height, width = size
    factor = width / values.shape[1]
    is_nearly_as_large = values.shape != (height, width) and abs(factor - 1) < NO_OTHER_SIZE
    if abs(factor * values.shape[0] / height - 1) > SAME_ASPECT or is_nearly_as_large:
        raise ValueError(
            f"The {what} must have the shape of the left image, {width}x{height} pixels, but it is {size_text(values)}."
        )
    rows = (np.arange(height) * 2 + 1) * values.shape[0] // (2 * height)
    columns = (np.arange(width) * 2 + 1) * values.shape[1] // (2 * width)
    return values[np.ix_(rows, columns)]
