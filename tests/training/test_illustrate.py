"""The picture in docs/training.md is what the code does today."""

from __future__ import annotations

import numpy as np
from PIL import Image

from depth_demo.training.illustrate import PICTURE, draw


def test_the_committed_picture_is_up_to_date() -> None:
    committed = np.asarray(Image.open(PICTURE), dtype=float)
    drawn = draw()
    assert drawn.shape == committed.shape
    error = np.abs(drawn - committed).reshape(-1, 3)
    assert error.mean() < 5  # JPEG at quality 80; a panel drawn with another seed gives more
