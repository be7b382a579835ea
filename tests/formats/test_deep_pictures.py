"""Pictures of 10 to 14 bits and thermal counts in files of 16 bits: stretched, and both views of a pair alike."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.pairs import load_two_views
from depth_demo.formats.photos import load_pair_of_photos, load_photo, load_views
from tests.support.handmade_files import exif, noise, saved

GREY = np.linspace(0, 255, 60 * 80).reshape(60, 80)


def deep(bits: int, offset: int = 0) -> NDArray[np.uint16]:
    return (GREY / 255 * (2**bits - 1) + offset).astype(np.uint16)


@pytest.mark.parametrize(("bits", "offset"), [(10, 0), (12, 0), (13, 0), (10, 29_000), (11, 60_000)])
@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.pgm"])
def test_few_bits_in_sixteen_fill_all_levels(tmp_path: Path, name: str, bits: int, offset: int) -> None:
    photo = load_photo(saved(tmp_path / name, deep(bits, offset)))
    assert np.abs(photo.pixels[..., 1] - GREY).max() <= 2
    assert photo.note.startswith("The picture holds numbers from about ")
    assert photo.note.endswith(" of 65535, stretched to 0 to 255.")


def test_a_hot_pixel_changes_nothing(tmp_path: Path) -> None:
    values = deep(12)
    values[5, 5] = 65535
    assert np.abs(np.delete(load_photo(saved(tmp_path / "a.png", values)).pixels[..., 0] - GREY, 5, axis=0)).max() <= 2


@pytest.mark.parametrize("bits", [15, 16])
def test_a_picture_that_fills_its_range_is_only_rounded(tmp_path: Path, bits: int) -> None:
    photo = load_photo(saved(tmp_path / "a.png", deep(bits)))
    assert photo.note == ""
    assert abs(int(photo.pixels.max()) - (2**bits - 1) / 257) <= 1


def test_one_grey_stays_that_grey(tmp_path: Path) -> None:
    photo = load_photo(saved(tmp_path / "a.png", np.full((40, 50), 514, np.uint16)))
    assert (photo.pixels == 2).all()
    assert photo.note == ""


def test_both_views_are_stretched_by_one_range(tmp_path: Path) -> None:
    left, right = deep(12), deep(10)  # one is darker, and stays darker
    first, second = load_pair_of_photos(saved(tmp_path / "l.png", left), saved(tmp_path / "r.png", right))
    levels = dict(zip(left.ravel().tolist(), first.pixels[..., 0].ravel().tolist(), strict=True))
    others = zip(right.ravel().tolist(), second.pixels[..., 0].ravel().tolist(), strict=True)
    shared = [(value, level) for value, level in others if value in levels]
    assert len(shared) > 100
    assert all(levels[value] == level for value, level in shared)
    assert 60 <= second.pixels.max() <= 68
    assert first.note == second.note
    assert first.note.startswith("The pair holds")


def test_a_view_that_fills_its_range_keeps_the_other_from_being_stretched(tmp_path: Path) -> None:
    bright = saved(tmp_path / "l.png", deep(16))
    first, second = load_views(bright, saved(tmp_path / "r.png", deep(12)))
    assert first.max() == 255
    assert second.max() == 16


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_deep_colours_are_stretched_with_all_their_bits(tmp_path: Path, bits: int) -> None:
    pixels = noise(40, 50, 3)
    stored = (pixels / 255 * (2**bits - 1)).round().astype(np.uint16)
    assert cv2.imwrite(str(tmp_path / "a.png"), stored[..., ::-1])
    photo = load_photo(tmp_path / "a.png")
    assert np.abs(photo.pixels.astype(int) - pixels).max() <= 1
    assert "stretched" in photo.note


WAYS = {
    "plain": {"compression": 1},
    "LZW with a predictor": {"compression": 5, "predictor": 2},
    "deflate": {"compression": 8},
}


def deep_tiff(path: Path, stored: NDArray[np.uint16], compression: int = 5, predictor: int = 1) -> Path:
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
    assert cv2.imwrite(str(path), stored[..., ::-1], options)
    return path


def big_endian_tiff(path: Path, stored: NDArray[np.uint16], orientation: int = 1) -> Path:
    """One strip of three colours of 16 bits, in the byte order of old Macs and of many microscopes."""
    height, width, _ = stored.shape
    data = stored.astype(">u2").tobytes()
    after = 8 + 2 + 12 * 10 + 4
    tags = [
        (256, 3, width), (257, 3, height), (259, 3, 1), (262, 3, 2), (273, 4, after + 6), (274, 3, orientation), (277, 3, 3),
        (278, 3, height), (279, 4, len(data)),
    ]  # fmt: skip
    rows = [struct.pack(">HHIHH", tag, kind, 1, value, 0) if kind == 3 else struct.pack(">HHII", tag, kind, 1, value)
            for tag, kind, value in tags]  # fmt: skip
    rows.insert(2, struct.pack(">HHII", 258, 3, 3, after))
    path.write_bytes(b"MM\0*" + struct.pack(">IH", 8, 10) + b"".join(rows) + bytes(4) + struct.pack(">3H", 16, 16, 16) + data)
    return path


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("way", WAYS)
def test_deep_colours_of_a_tiff_are_stretched_with_all_their_bits(tmp_path: Path, bits: int, way: str) -> None:
    pixels = noise(40, 50, 3)
    stored = (pixels / 255 * (2**bits - 1)).round().astype(np.uint16)
    photo = load_photo(deep_tiff(tmp_path / "a.tif", stored, **WAYS[way]))
    assert np.abs(photo.pixels.astype(int) - pixels).max() <= 1
    assert photo.note.endswith(" of 65535, stretched to 0 to 255.")


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_big_endian_tiff_is_stretched_and_turned(tmp_path: Path, orientation: int) -> None:
    pixels = noise(40, 50, 3)
    stored = (pixels / 255 * 4095).round().astype(np.uint16)
    photo = load_photo(big_endian_tiff(tmp_path / "a.tif", stored, orientation))
    expected = np.rot90(pixels, {1: 0, 3: 2, 6: -1}[orientation])
    assert np.abs(photo.pixels.astype(int) - expected).max() <= 1


def test_colours_of_a_tiff_that_fill_their_range_are_only_rounded(tmp_path: Path) -> None:
    pixels = noise(40, 50, 3)
    photo = load_photo(deep_tiff(tmp_path / "a.tif", pixels.astype(np.uint16) * 257))
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert photo.note == ""


def test_views_with_deep_colours_are_stretched_by_one_range_and_that_is_said(tmp_path: Path) -> None:
    pixels = noise(40, 50, 3)
    left = deep_tiff(tmp_path / "l.tif", (pixels / 255 * 4095).round().astype(np.uint16))
    right = tmp_path / "r.png"
    assert cv2.imwrite(str(right), (pixels[..., ::-1] / 255 * 1023).round().astype(np.uint16))
    views = load_two_views(left, right)
    assert np.abs(views.left.astype(int) - pixels).max() <= 1
    assert 60 <= views.right.max() <= 68
    assert views.said.startswith("The pair holds numbers from about ")


def test_deep_grey_is_turned_by_exif(tmp_path: Path) -> None:
    photo = load_photo(saved(tmp_path / "a.png", deep(12), exif=exif(6)))
    assert photo.pixels.shape == (80, 60, 3)
    assert np.abs(photo.pixels[..., 0] - np.rot90(GREY, -1)).max() <= 2
