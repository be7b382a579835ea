"""What is refused of a file that should hold a picture: sizes out of bounds, damage, animations, other files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from depth_demo.formats.photos import load_photo, load_views
from depth_demo.formats.truth import load_ground_truth
from tests.conftest import PAIRS
from tests.support.handmade_files import (
    encoded,
    needs_avif,
    needs_heic,
    needs_jpeg_2000,
    noise,
    png,
    quiet_pillow,
    refusal,
    saved,
)


@pytest.mark.parametrize(("width", "height"), [(32, 32), (3200, 32), (32, 3200)], ids=["smallest", "widest", "tallest"])
def test_the_bounds_themselves_are_accepted(tmp_path: Path, width: int, height: int) -> None:
    assert load_photo(saved(tmp_path / "a.png", noise(height, width))).pixels.shape == (height, width, 3)


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
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
@pytest.mark.parametrize(
    ("read", "width", "height", "said"),
    [
        (load_photo, 8000, 7000, "The image is 8000x7000 pixels, 56 megapixels; up to 50 are accepted."),
        (load_ground_truth, 60_000, 60_000, "The image has more than the 50 megapixels that are accepted."),
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


@pytest.mark.parametrize(
    ("form", "share"),
    [
        *(("JPEG", 0.3), ("PNG", 0.6), ("WEBP", 0.95), ("TIFF", 0.3), ("BMP", 0.6), ("PPM", 0.95), ("GIF", 0.3)),
        pytest.param("JPEG2000", 0.6, marks=needs_jpeg_2000),
        pytest.param("AVIF", 0.95, marks=needs_avif),
        pytest.param("HEIF", 0.3, marks=needs_heic),
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
