"""Photos read from real files: every common format, its colours, and what EXIF says."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from depth_demo.formats.photos import load_photo
from tests.support.handmade_files import (
    BLUE,
    GREEN,
    GREY,
    RED,
    Pixels,
    encoded,
    exif,
    needs_avif,
    needs_heic,
    needs_jpeg_2000,
    noise,
    quadrants,
    saved,
)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.bmp", {}),
        ("a.tiff", {}),
        ("lzw.tiff", {"compression": "tiff_lzw"}),
        ("a.ppm", {}),
        ("a.webp", {"lossless": True}),
        pytest.param("a.jp2", {}, marks=needs_jpeg_2000),
    ],
)
def test_lossless_formats_keep_every_pixel(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    pixels = noise(40, 50, 3)
    photo = load_photo(saved(tmp_path / name, pixels, **options))
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert photo.pixels.dtype == np.uint8
    assert photo.focal_length_px is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {"quality": 95, "subsampling": 0}),
        ("progressive.jpg", {"quality": 95, "progressive": True}),
        ("a.webp", {"quality": 95}),
        pytest.param("a.avif", {"quality": 95}, marks=needs_avif),
        pytest.param("a.heic", {"quality": 95}, marks=needs_heic),
    ],
)
def test_lossy_formats_keep_the_colours(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    pixels = load_photo(str(saved(tmp_path / name, quadrants(), **options))).pixels
    assert pixels.shape == (48, 64, 3)
    assert corners(pixels) == [RED, GREEN, BLUE, GREY]


def corners(pixels: Pixels) -> list[tuple[int, int, int] | None]:
    """Which of the four colours the middles of the quadrants have, to 8 of 255; None for another."""
    height, width = pixels.shape[:2]
    middles = [pixels[y, x].astype(int) for y in (height // 4, -height // 4) for x in (width // 4, -width // 4)]
    return [next((c for c in (RED, GREEN, BLUE, GREY) if np.abs(m - c).max() <= 8), None) for m in middles]


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really-a-jpeg.png"
    path.write_bytes(encoded(quadrants(), format="JPEG", quality=95))
    assert corners(load_photo(path).pixels) == [RED, GREEN, BLUE, GREY]


def test_grey_becomes_rgb(tmp_path: Path) -> None:
    grey = noise(40, 50)
    np.testing.assert_array_equal(load_photo(saved(tmp_path / "a.png", grey)).pixels, np.dstack([grey] * 3))


def test_one_bit_becomes_black_and_white(tmp_path: Path) -> None:
    bits = noise(40, 50) > 127
    np.testing.assert_array_equal(load_photo(saved(tmp_path / "a.png", bits)).pixels, np.dstack([bits * np.uint8(255)] * 3))


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.tiff"])
def test_palettes_become_their_colours(tmp_path: Path, name: str) -> None:
    palette = Image.fromarray(quadrants()).quantize(4)
    np.testing.assert_array_equal(load_photo(saved(tmp_path / name, palette)).pixels, quadrants())


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    # Alpha 51 of 255 is 0.2, and 0.8 x 255 = 204: 200 becomes 40 + 204, 100 becomes 20 + 204.
    pixels = np.full((40, 50, 4), (200, 100, 0, 51), np.uint8)
    pixels[0, 0], pixels[0, 1] = (9, 8, 7, 0), (9, 8, 7, 255)
    composed = load_photo(saved(tmp_path / "a.png", pixels)).pixels
    assert composed.shape == (40, 50, 3)
    assert composed[0, :3].tolist() == [[255] * 3, [9, 8, 7], [244, 224, 204]]


def test_grey_with_alpha_lies_on_white(tmp_path: Path) -> None:
    grey = Image.new("LA", (50, 40), (100, 51))
    assert (load_photo(saved(tmp_path / "a.png", grey)).pixels == 224).all()  # 0.2 x 100 + 204


@pytest.mark.parametrize(
    ("name", "transparency", "expected"),
    [
        ("bytes.png", bytes([51, 0]), [(244, 224, 204), (255, 255, 255)]),
        ("index.png", 0, [(255, 255, 255), (50, 60, 70)]),
        ("index.gif", 0, [(255, 255, 255), (50, 60, 70)]),
    ],
)
def test_transparent_palette_entries_lie_on_white(
    tmp_path: Path, name: str, transparency: bytes | int, expected: list[tuple[int, int, int]]
) -> None:
    image = Image.fromarray(np.tile(np.array([0, 1], np.uint8), (40, 25)), "P")
    image.putpalette([200, 100, 0, 50, 60, 70])
    pixels = load_photo(saved(tmp_path / name, image, transparency=transparency)).pixels
    assert [tuple(pixel) for pixel in pixels[7, :2].tolist()] == expected


def test_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    photo = load_photo(saved(tmp_path / "a.jpg", Image.fromarray(quadrants()).convert("CMYK"), quality=95))
    assert corners(photo.pixels) == [RED, GREEN, BLUE, GREY]


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.pgm"])
def test_16_bit_grey_is_rounded_to_8(tmp_path: Path, name: str) -> None:
    # 65535 / 255 = 257: 128 / 257 = 0.498, 129 / 257 = 0.502; 65406 / 257 = 254.498, 65407 / 257 = 254.502.
    stored = np.zeros((40, 50), np.uint16)
    stored[0, :9] = 0, 128, 129, 256, 257, 32768, 65406, 65407, 65535
    pixels = load_photo(saved(tmp_path / name, stored)).pixels
    assert pixels.shape == (40, 50, 3)
    assert pixels[0, :9].tolist() == [[value] * 3 for value in (0, 0, 1, 1, 1, 128, 254, 255, 255)]


def test_16_bit_rgb_keeps_its_colours(tmp_path: Path) -> None:
    pixels = noise(40, 50, 3)
    assert cv2.imwrite(str(tmp_path / "a.png"), pixels[..., ::-1].astype(np.uint16) * 257)
    np.testing.assert_array_equal(load_photo(tmp_path / "a.png").pixels, pixels)


# Where the stored first row and first column belong (EXIF 2.32, tag 0x0112), hence how to turn what is stored.
UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda stored: stored,  # top, left
    2: lambda stored: stored[:, ::-1],  # top, right
    3: lambda stored: stored[::-1, ::-1],  # bottom, right
    4: lambda stored: stored[::-1],  # bottom, left
    5: lambda stored: stored.swapaxes(0, 1),  # left, top
    6: lambda stored: stored[::-1].swapaxes(0, 1),  # right, top: a quarter turn clockwise
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),  # right, bottom
    8: lambda stored: stored.swapaxes(0, 1)[::-1],  # left, bottom: a quarter turn anticlockwise
}


@pytest.mark.parametrize(("orientation", "name"), list(zip(UPRIGHT, cycle(["a.png", "a.tiff", "a.webp"]), strict=False)))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, name: str) -> None:
    stored = noise(36, 50, 3)
    pixels = load_photo(saved(tmp_path / name, stored, exif=exif(orientation), lossless=True)).pixels
    np.testing.assert_array_equal(pixels, UPRIGHT[orientation](stored))


@pytest.mark.parametrize(("orientation", "name"), [(5, "a.jpg"), pytest.param(6, "a.avif", marks=needs_avif)])
def test_exif_orientation_of_lossy_formats_is_applied(tmp_path: Path, orientation: int, name: str) -> None:
    pixels = load_photo(saved(tmp_path / name, quadrants(), exif=exif(orientation), quality=95)).pixels
    assert pixels.shape == UPRIGHT[orientation](quadrants()).shape
    assert corners(pixels) == corners(UPRIGHT[orientation](quadrants()))


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_unknown_orientation_changes_nothing(tmp_path: Path, orientation: int) -> None:
    pixels = noise(36, 50, 3)
    np.testing.assert_array_equal(load_photo(saved(tmp_path / "a.png", pixels, exif=exif(orientation))).pixels, pixels)


@pytest.mark.parametrize(
    ("name", "orientation"),
    [
        *(("a.jpg", 1), ("a.png", 6), ("a.webp", 1)),
        pytest.param("a.avif", 6, marks=needs_avif),
        pytest.param("a.heic", 1, marks=needs_heic),
    ],
)
def test_focal_length_comes_from_exif(tmp_path: Path, name: str, orientation: int) -> None:
    # 64x48 has a diagonal of 80 px, 36x24 mm one of 43.266615 mm: 28 mm are 28 x 80 / 43.266615 = 51.7720 px.
    photo = load_photo(saved(tmp_path / name, quadrants(), exif=exif(orientation, focal_35mm=28)))
    assert photo.focal_length_px == pytest.approx(51.7720, abs=1e-4)


@pytest.mark.parametrize("focal_35mm", [0, -1])
def test_a_senseless_focal_length_is_none(tmp_path: Path, focal_35mm: int) -> None:
    assert load_photo(saved(tmp_path / "a.jpg", quadrants(), exif=exif(focal_35mm=focal_35mm))).focal_length_px is None


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "block",
    [b"Exif\0\0", b"Exif\0\0garbage!garbage!", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12"],
    ids=["empty", "garbage", "pointer-outside", "cut"],
)
def test_broken_exif_does_not_hide_the_photo(tmp_path: Path, block: bytes) -> None:
    jpeg = encoded(quadrants(), format="JPEG", quality=95)
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:])
    assert corners(load_photo(path).pixels) == [RED, GREEN, BLUE, GREY]


def test_a_phones_second_frame_is_no_animation(tmp_path: Path) -> None:
    second = Image.fromarray(quadrants()[::-1].copy())
    path = saved(tmp_path / "a.jpg", quadrants(), format="MPO", save_all=True, append_images=[second], quality=95)
    assert corners(load_photo(path).pixels) == [RED, GREEN, BLUE, GREY]


@pytest.mark.parametrize(
    "content", [b"P1\n# bits\n40 40\n" + b"01" * 800, b"P4 40 40\n" + b"\x55" * 200], ids=["plain", "raw"]
)
def test_a_bitmap_is_black_where_it_has_ones(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pbm"
    path.write_bytes(content)
    pixels = load_photo(path).pixels
    assert pixels.shape == (40, 40, 3)
    assert (pixels[:, 0::2] == 255).all()
    assert (pixels[:, 1::2] == 0).all()


def test_a_pixmap_of_any_maximum_is_stretched_to_8_bits(tmp_path: Path) -> None:
    stored = np.arange(40 * 40 * 3).reshape(40, 40, 3) % 64
    path = tmp_path / "a.ppm"
    path.write_bytes(b"P6 40 40 63\n" + stored.astype(np.uint8).tobytes())
    np.testing.assert_array_equal(load_photo(path).pixels, np.rint(stored * 255 / 63).astype(np.uint8))
