"""Photos of two cameras are paired by the names that people and programs give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.stereo.boards.names import pair_photos


def made(folder: Path, names: str) -> Path:
    for name in names.split():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        ("left01.jpg right01.jpg left02.jpg right02.jpg", ["01", "02"]),
        ("left/a.png left/b.png right/a.png right/b.png", ["a", "b"]),
        ("Left/IMG_1.JPG Right/IMG_1.JPG", ["img_1"]),
        ("board_l.png board_r.png", ["board"]),
        ("1_L.png 1_R.png 2_L.png 2_R.png", ["1", "2"]),
        ("cam0/000.png cam1/000.png", ["cam/000"]),
        ("cam1/7.png cam2/7.png", ["cam/7"]),
        ("camera_0/7.png camera_1/7.png", ["camera_/7"]),
        ("image_0/7.png image_1/7.png", ["image_/7"]),
        ("left/left1.png right/right1.png", ["1"]),
        ("calib-left-3.tif calib-right-3.tif notes.txt", ["calib--3"]),
    ],
)
def test_a_folder(names: str, pairs: list[str], tmp_path: Path) -> None:
    found = pair_photos(made(tmp_path, names))
    assert [name for name, _, _ in found.pairs] == pairs
    assert all(left.name != right.name or left.parent != right.parent for _, left, right in found.pairs)
    firsts = [left.relative_to(tmp_path).as_posix().lower() for _, left, _ in found.pairs]
    assert not any("right" in first or "_r." in first for first in firsts)
    assert found.alone == ()
    assert not found.by_order


def test_a_photo_without_its_other_side_is_named(tmp_path: Path) -> None:
    found = pair_photos(made(tmp_path, "left1.png right1.png left2.png"))
    assert [path.name for path in found.alone] == ["left2.png"]


def test_folders_whose_names_do_not_match_are_paired_in_order(tmp_path: Path) -> None:
    found = pair_photos(made(tmp_path, "left/P1.jpg left/P2.jpg right/P8.jpg right/P9.jpg"))
    assert found.by_order
    assert [(left.name, right.name) for _, left, right in found.pairs] == [("P1.jpg", "P8.jpg"), ("P2.jpg", "P9.jpg")]


def test_two_folders(tmp_path: Path) -> None:
    made(tmp_path, "a/1.png a/2.png b/1.png b/2.png b/3.png")
    found = pair_photos(tmp_path / "a", tmp_path / "b")
    assert [name for name, _, _ in found.pairs] == ["1", "2"]
    assert [path.name for path in found.alone] == ["3.png"]


@pytest.mark.parametrize(
    ("names", "right", "sentence"),
    [
        (
            "1.png 2.png",
            None,
            "No two of the 2 photos belong together by their names: keep them in the folders left and right",
        ),
        ("readme.txt", None, "No two of the 0 photos belong together"),
        ("a/1.png b/2.png b/3.png", "b", "The folders hold 1 and 2 photos whose names do not match"),
        ("a/1.png", "c", "There is no folder at '.*c'"),
    ],
)
def test_what_cannot_be_paired(names: str, right: str | None, sentence: str, tmp_path: Path) -> None:
    made(tmp_path, names)
    with pytest.raises(ValueError, match=sentence):
        pair_photos(tmp_path / "a" if right else tmp_path, tmp_path / right if right else None)
