"""Swapped views are refused, and no real pair is refused by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.examples import list_examples
from depth_demo.files import load_photo
from depth_demo.geometry import StereoPair
from depth_demo.stereo.preflight import check_not_swapped
from tests.conftest import PAIRS, SHARED_DATA

FOLDERS = [example.left.parent for example in (*PAIRS, *list_examples())]
if (SHARED_DATA / "stereo").is_dir():
    FOLDERS += sorted((SHARED_DATA / "stereo").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_only_swapped_views_are_refused(folder: Path) -> None:
    left, right = (load_photo(next(folder.glob(f"{side}.*"))).pixels for side in ("left", "right"))
    check_not_swapped(StereoPair(left, right))
    with pytest.raises(ValueError, match="Left and right look swapped"):
        check_not_swapped(StereoPair(right, left))


def test_the_same_image_twice_is_not_called_swapped() -> None:
    image = load_photo(PAIRS[0].left).pixels
    check_not_swapped(StereoPair(image, image))
