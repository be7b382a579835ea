"""The phone's own map in the tab "Photo": when it is offered, and what it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.geometry import DepthKind
from depth_demo.ui.panels.phone_map import offer
from depth_demo.ui.tabs.photo_runs import take_phone_map
from tests.support.handmade_files import noise, saved
from tests.support.handmade_portraits import PHOTO, gdepth, with_xmp


def portrait(folder: Path, photo: bytes = PHOTO, near: str = "2.0") -> str:
    path = folder / "portrait.jpg"
    path.write_bytes(with_xmp(photo, *gdepth(near=near)))
    return str(path)


def test_a_map_is_offered_only_where_the_photo_has_one(tmp_path: Path) -> None:
    line, wanted = offer(portrait(tmp_path))
    assert "The phone's own depth map, 52x40 pixels" in str(line.value).replace("&#x27;", "'")
    assert (line.visible, wanted.visible, wanted.value) == (True, True, False)
    for path in (None, str(saved(tmp_path / "a.png", noise(40, 50, 3)))):
        line, wanted = offer(path)
        assert (line.visible, wanted.visible, wanted.value) == (False, False, False)


def test_a_map_that_is_none_is_explained_and_not_offered(tmp_path: Path) -> None:
    line, wanted = offer(portrait(tmp_path, near="0"))
    assert "does not tell its range" in str(line.value)
    assert (line.visible, wanted.visible) == (True, False)


def test_the_phones_map_takes_the_place_of_an_estimate(tmp_path: Path) -> None:
    result = take_phone_map(portrait(tmp_path), 0)
    assert result.estimate.depth_map.shape == (80, 104)
    assert result.estimate.depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert "No network ran." in result.summary
    assert result.name == "portrait"
    folder = tmp_path / "files"
    folder.mkdir()
    names = [path.name for path in result.save("Inferno", folder)]
    assert names[0] == "portrait_depth_coloured.png"
    assert "portrait_relative_inverse_depth.npy" in names


def test_a_photo_without_a_map_is_refused(tmp_path: Path) -> None:
    plain = str(saved(tmp_path / "a.png", noise(40, 50, 3)))
    with pytest.raises(ValueError, match="holds no depth map of its own"):
        take_phone_map(plain, 0)
