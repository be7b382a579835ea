"""Photos read from real files: every common format, and every way in which a file can be wrong."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from depth_demo.formats.photos import load_photo, load_views
from depth_demo.formats.truth import load_ground_truth
from tests.conftest import PAIRS
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
    png,
    quadrants,
    quiet_pillow,
    refusal,
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


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("name", "options"), [("a.png", {}), ("a.tiff", {}), ("a.webp", {"lossless": True})])
def test_exif_orientation_is_applied(tmp_path: Path, name: str, options: dict[str, Any], orientation: int) -> None:
    stored = noise(36, 50, 3)
    pixels = load_photo(saved(tmp_path / name, stored, exif=exif(orientation), **options)).pixels
    np.testing.assert_array_equal(pixels, UPRIGHT[orientation](stored))


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("name", ["a.jpg", pytest.param("a.avif", marks=needs_avif)])
def test_exif_orientation_of_lossy_formats_is_applied(tmp_path: Path, name: str, orientation: int) -> None:
    pixels = load_photo(saved(tmp_path / name, quadrants(), exif=exif(orientation), quality=95)).pixels
    assert pixels.shape == UPRIGHT[orientation](quadrants()).shape
    assert corners(pixels) == corners(UPRIGHT[orientation](quadrants()))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_unknown_orientation_changes_nothing(tmp_path: Path, orientation: int) -> None:
    pixels = noise(36, 50, 3)
    np.testing.assert_array_equal(load_photo(saved(tmp_path / "a.png", pixels, exif=exif(orientation))).pixels, pixels)


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "a.png", "a.webp", pytest.param("a.avif", marks=needs_avif), pytest.param("a.heic", marks=needs_heic)],
)
@pytest.mark.parametrize("orientation", [1, 6])
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


@pytest.mark.parametrize(("width", "height"), [(32, 32), (3200, 32), (32, 3200)], ids=["smallest", "widest", "tallest"])
def test_the_bounds_themselves_are_accepted(tmp_path: Path, width: int, height: int) -> None:
    assert load_photo(saved(tmp_path / "a.png", noise(height, width))).pixels.shape == (height, width, 3)


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (16, 16, "The image is 16x16 pixels; each side needs 32 pixels or more."),
        (400, 31, "The image is 400x31 pixels; each side needs 32 pixels or more."),
        (31, 400, "The image is 31x400 pixels; each side needs 32 pixels or more."),
        (3201, 32, "The image is 3201x32 pixels; up to 100:1 in shape is accepted."),
        (32, 3201, "The image is 32x3201 pixels; up to 100:1 in shape is accepted."),
        (1, 1, "The image is 1x1 pixels; each side needs 32 pixels or more."),
    ],
)
def test_sizes_out_of_bounds_are_refused(tmp_path: Path, width: int, height: int, said: str) -> None:
    assert refusal(load_photo, saved(tmp_path / "a.png", noise(height, width))) == said


@quiet_pillow
@pytest.mark.parametrize("read", [load_photo, load_ground_truth])
@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (8000, 7000, "The image is 8000x7000 pixels, 56 megapixels; up to 50 are accepted."),
        (60_000, 60_000, "The image has more than the 50 megapixels that are accepted."),
    ],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(
    tmp_path: Path, read: Callable[[Path], object], width: int, height: int, said: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(width, height))  # nothing to decode: a decoder would call it damaged
    assert refusal(read, path) == said


@pytest.mark.parametrize("read", [load_photo, load_ground_truth])
def test_too_many_pixels_are_refused_where_warnings_are_errors(tmp_path: Path, read: Callable[[Path], object]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(8000, 7000))
    assert "more than the 50 megapixels" in refusal(read, path)


def test_fifty_megapixels_are_not_too_many(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(10_000, 5000))
    assert "damaged" in refusal(load_photo, path)  # so the decoder was asked


def test_nothing_chosen_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^No image yet: choose, drop or paste one first\.$"):
        load_photo(None)


def test_a_refused_view_is_named(tmp_path: Path) -> None:
    photo, text = tmp_path / "a.png", tmp_path / "b.png"
    photo.write_bytes(png(40, 30))
    text.write_text("no picture")
    with pytest.raises(ValueError, match=r"^Left view: "):
        load_views(text, None)
    with pytest.raises(ValueError, match=r"^Right view: No image yet"):
        load_views(PAIRS[0].left, None)


@pytest.mark.parametrize("read", [load_photo, load_ground_truth])
def test_a_file_that_is_gone_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    assert refusal(read, tmp_path / "gone.png") == "The file 'gone.png' is not there any more: choose it again."
    assert "is not there any more" in refusal(read, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("empty.png", b"", "The file is empty (0 bytes).", id="empty"),
        pytest.param("text.png", b"Dear diary, this is no picture.\n", "must be PNG, JPEG", id="text"),
        pytest.param("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>', "not SVG", id="svg"),
        pytest.param("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "PDF", id="pdf"),
        pytest.param("a.zip", b"PK\x03\x04" + bytes(60), "must be PNG, JPEG", id="zip"),
        pytest.param("a.ppm", b"P6\nforty 40\n255\n", "damaged", id="ppm-with-words"),
        pytest.param("a.png", b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x04IHDR" + bytes(8), "damaged", id="png-with-short-header"),
        pytest.param("a.png", png(64, 64, (b"IDAT", b"not zlib")), "damaged", id="png-without-pixels"),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert said in refusal(load_photo, path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(
    "form",
    [
        "JPEG",
        "PNG",
        "WEBP",
        "TIFF",
        "BMP",
        "PPM",
        "GIF",
        pytest.param("JPEG2000", marks=needs_jpeg_2000),
        pytest.param("AVIF", marks=needs_avif),
        pytest.param("HEIF", marks=needs_heic),
    ],
)
def test_a_cut_file_is_refused(tmp_path: Path, form: str, share: float) -> None:
    whole = encoded(noise(64, 64, 3), format=form)
    path = tmp_path / f"cut.{form.lower()}"
    path.write_bytes(whole[: int(share * len(whole))])
    message = refusal(load_photo, path)
    assert "damaged" in message or "must be PNG, JPEG" in message  # the second where the cut took the index of the file


@pytest.mark.parametrize(("form", "frames"), [("GIF", 3), ("PNG", 4), ("WEBP", 5), ("TIFF", 2)])
def test_animations_are_refused(tmp_path: Path, form: str, frames: int) -> None:
    others = [Image.fromarray(noise(40, 40, 3) // (n + 2)) for n in range(frames - 1)]
    path = saved(tmp_path / "a.bin", noise(40, 40, 3), format=form, save_all=True, append_images=others)
    assert refusal(load_photo, path) == "The file is an animation; give a single image."


def test_a_cut_animation_is_refused(tmp_path: Path) -> None:
    frames = [Image.fromarray(noise(40, 40, 3) // (n + 1)).quantize(16) for n in range(3)]
    whole = encoded(frames[0], format="GIF", save_all=True, append_images=frames[1:])
    for length in range(100, len(whole), 97):
        path = tmp_path / f"{length}.gif"
        path.write_bytes(whole[:length])
        assert refusal(load_photo, path).startswith("The ")


@quiet_pillow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed under /proc on Linux only")
@pytest.mark.parametrize(
    "content", [png(8000, 7000), png(16, 16), png(64, 64), b"text"], ids=["huge", "tiny", "damaged", "text"]
)
def test_a_refused_file_is_closed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:  # holds the traceback, and with it whatever was left open
        load_photo(path)
    assert str(path) not in {os.path.realpath(descriptor) for descriptor in Path("/proc/self/fd").iterdir()}
    assert caught.tb is not None


@pytest.mark.parametrize("name", ["a.tiff", "a.pfm"])
def test_floating_point_pixels_are_no_photo(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, np.ones((40, 40), np.float32))
    assert refusal(load_photo, path) == "The image has floating-point pixels; a photo has 8 or 16 bits per channel."


def test_a_tiff_of_16_bits_in_planes_is_refused_and_one_in_pixels_is_read(tmp_path: Path) -> None:
    pixels = np.stack([np.full((40, 50), value, np.uint16) for value in (0, 25700, 65535)], axis=2)
    path = tmp_path / "photo.tiff"
    tifffile.imwrite(path, pixels, photometric="rgb")
    assert np.abs(load_photo(path).pixels.astype(int) - (0, 100, 255)).max() <= 1
    tifffile.imwrite(path, np.moveaxis(pixels, 2, 0), photometric="rgb", planarconfig="separate")
    assert "save it as PNG" in refusal(load_photo, path)
