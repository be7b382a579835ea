"""Photos and ground truth read from real files: every common format, and every way in which a file can be wrong."""

from __future__ import annotations

import io
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from depth_demo.calibration_files import load_calibration
from depth_demo.files import GroundTruthFile, TruthKind, load_ground_truth, load_photo
from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from tests.conftest import SHARED_DATA

Pixels = NDArray[np.uint8]
Values = NDArray[Any] | Sequence[Sequence[float]]
NAN = math.nan
DISPARITY, DEPTH = DepthKind.DISPARITY, DepthKind.METRIC_DEPTH
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (20, 40, 190), (120, 120, 120)
MAKE, ORIENTATION, EXIF_IFD, FOCAL_LENGTH_35MM = 0x010F, 0x0112, 0x8769, 0xA405

needs_heic = pytest.mark.skipif(not pillow_heif.libheif_info()["HEIF"], reason="this build of libheif has no HEIC encoder")
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this build of Pillow has no AVIF")
needs_jpeg_2000 = pytest.mark.skipif(not features.check("jpg_2000"), reason="this build of Pillow has no JPEG 2000")
# Pillow says the same as our refusal; without this mark its warning would be the error that is raised.
quiet_pillow = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")


def quadrants(height: int = 48, width: int = 64) -> Pixels:
    """Four flat colours on whole 8x8 blocks, so that even lossy formats hardly change them."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, GREY
    return pixels


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


def exif(orientation: int = 1, focal_35mm: float | None = None) -> Image.Exif:
    tags = Image.Exif()
    tags[MAKE], tags[ORIENTATION] = "Camera maker", orientation  # without the first Pillow drops the focal length from AVIF
    if focal_35mm is not None:
        tags.get_ifd(EXIF_IFD)[FOCAL_LENGTH_35MM] = focal_35mm
    return tags


def saved(path: Path, pixels: NDArray[Any] | Image.Image, **options: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def encoded(pixels: NDArray[Any] | Image.Image, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A grey 1-bit PNG of any declared size, with no more pixels behind it than `chunks` bring."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (header, *chunks, (b"IEND", b""))
    )


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """The message, after checking that it is one sentence which shows nothing of the server."""
    with pytest.raises(ValueError) as caught:
        read(path)
    message = str(caught.value)
    assert message[0].isupper()
    assert message.endswith(".")
    assert "\n" not in message
    assert str(path.parent) not in message
    assert len(message) < 200
    return message


# ---- photos ----------------------------------------------------------------------------------------------------------


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


# ---- ground truth ----------------------------------------------------------------------------------------------------

STORED = [[0, 50, 211], [4, 1, 100]]
QUARTERS = [[NAN, 12.5, 52.75], [1, 0.25, 25]]  # STORED / 4


def pfm(values: Values, order: str = "<", scale: str = "1", line: bytes = b"\n") -> bytes:
    """A grey portable float map: rows from the bottom up, a negative scale for little endian."""
    rows = np.asarray(values, np.float32)
    sign = "-" if order == "<" else ""
    lines = (b"Pf", f"{rows.shape[1]} {rows.shape[0]}".encode(), (sign + scale).encode(), b"")
    return line.join(lines) + rows[::-1].astype(f"{order}f4").tobytes()


def npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    padded = header.ljust(-(-(len(header) + 11) // 64) * 64 - 11).encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def npz(**members: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **members)  # type: ignore[arg-type]
    return stream.getvalue()


def archive(name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as members:
        members.writestr(name, content)
    return stream.getvalue()


def truth_of(folder: Path, content: bytes, name: str = "truth.bin", **options: Any) -> GroundTruthFile:
    path = folder / name
    path.write_bytes(content)
    return load_ground_truth(path, **options)


def assert_holds(truth: GroundTruthFile, values: Values, kind: DepthKind = DISPARITY) -> None:
    np.testing.assert_allclose(truth.depth_map.values, np.asarray(values, np.float64), rtol=1e-6)
    assert truth.depth_map.kind is kind


@pytest.mark.parametrize("form", ["PNG", "PPM", "BMP", "TIFF"])
def test_8_bit_truth_with_its_scale(tmp_path: Path, form: str) -> None:
    truth = truth_of(tmp_path, encoded(np.array(STORED, np.uint8), format=form), scale=4)
    assert_holds(truth, QUARTERS)
    assert "8-bit" in truth.description
    assert "disparity = value / 4 px, with 0, NaN and infinity unknown" in truth.description
    assert "83.3 % of the pixels have truth, from 0.25 to 52.75 px." in truth.description  # 5 of 6


def test_8_bit_truth_without_a_scale_is_in_whole_pixels(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, encoded(np.array(STORED, np.uint8), format="PNG"))
    assert_holds(truth, [[NAN, 50, 211], [4, 1, 100]])
    assert "disparity = value px, with 0, NaN and infinity unknown" in truth.description


@pytest.mark.parametrize("form", ["PNG", "PPM", "TIFF"])
def test_16_bit_truth_is_kittis(tmp_path: Path, form: str) -> None:
    content = encoded(np.array([[0, 256, 384], [1, 65535, 25600]], np.uint16), format=form)
    truth = truth_of(tmp_path, content)
    assert_holds(truth, [[NAN, 1, 1.5], [1 / 256, 65535 / 256, 100]])
    assert "16-bit" in truth.description
    assert "value / 256 px" in truth.description
    assert_holds(truth_of(tmp_path, content, scale=100), [[NAN, 2.56, 3.84], [0.01, 655.35, 256]])


@pytest.mark.parametrize(
    ("content", "scale"),
    [
        pytest.param(b"P5\n3 2\n63\n\x00\x05\x3f\x01\x02\x20", 1, id="8-bit-raw"),
        pytest.param(b"P2\n# a comment\n3 2\n63\n0 5 63\n1 2 32\n", 1, id="8-bit-plain"),
        pytest.param(b"P5\n3 2\n1023\n" + struct.pack(">6H", 0, 5, 63, 1, 2, 32), 1, id="16-bit-raw"),
        pytest.param(b"P2 3 2 1023 0 5 63 1 2 32", 1, id="16-bit-plain"),
    ],
)
def test_a_pgm_keeps_its_numbers_whatever_maximum_it_declares(tmp_path: Path, content: bytes, scale: float) -> None:
    assert_holds(truth_of(tmp_path, content, "a.pgm", scale=scale), [[NAN, 5, 63], [1, 2, 32]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"P2 2 1 9 4 300", "a number from 0 to 9 for every pixel", id="above-the-maximum"),
        pytest.param(b"P2 2 1 9 4", "a number from 0 to 9 for every pixel", id="one-short"),
        pytest.param(b"P2 2 1 9 4 -1", "a number from 0 to 9 for every pixel", id="negative"),
        pytest.param(b"P1 2 1 1 7", "a number from 0 to 1 for every pixel", id="no-bit"),
        pytest.param(b"P5 2 2 255 abc", "is cut short, 3 of 4 bytes are there", id="cut-raw"),
        pytest.param(b"P5 2 2 0 abcd", "its largest value is 0, not 1 to 65535", id="no-values"),
        pytest.param(b"P5 2 2 65536 abcd", "its largest value is 65536, not 1 to 65535", id="too-many-bits"),
        pytest.param(b"P5 99999 99999 255 abcd", "up to 50 megapixels are accepted", id="gigapixels"),
        pytest.param(b"P2 2 2 255 " + b" " * 10_000_000, "in text of more than 10 MB", id="long-text"),
    ],
)
def test_pgm_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


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


def test_every_number_of_a_pgm_survives(tmp_path: Path) -> None:
    for maximum in (1, 2, 100, 254, 256, 4095, 65534):
        stored = np.arange(maximum + 1)
        raw = stored.astype(np.uint8 if maximum < 256 else ">u2").tobytes()
        truth = truth_of(tmp_path, f"P5 {maximum + 1} 1 {maximum}\n".encode() + raw, scale=1)
        np.testing.assert_array_equal(truth.depth_map.values[0, 1:], stored[1:])


@pytest.mark.parametrize("order", ["<", ">"])
def test_pfm_of_either_byte_order_is_read_from_the_bottom_up(tmp_path: Path, order: str) -> None:
    content = pfm([[1, 2, 3], [4, 5, math.inf]], order)
    first = struct.unpack_from(f"{order}f", content, len(content) - 24)
    assert first == (4.0,)  # the lower row comes first in the file
    truth = truth_of(tmp_path, content, "disp0.pfm")
    assert_holds(truth, [[1, 2, 3], [4, 5, NAN]])
    assert truth.description.startswith("PFM, ")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pfm([[1, 2], [3, 4]], scale="0.003922"), id="middlebury-scale"),
        pytest.param(pfm([[1, 2], [3, 4]], line=b"\r\n"), id="windows-lines"),
        pytest.param(b"Pf \n2 2 \n-1.0\n" + struct.pack("<4f", 3, 4, 1, 2), id="sceneflow-blanks"),
        pytest.param(b"Pf 2 2 1e+00 " + struct.pack(">4f", 3, 4, 1, 2), id="one-line"),
        pytest.param(pfm([[1, 2], [3, 4]]) + b"more", id="more-bytes"),
    ],
)
def test_pfm_as_programs_write_it(tmp_path: Path, content: bytes) -> None:
    assert_holds(truth_of(tmp_path, content), [[1, 2], [3, 4]])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", ">f8", "i2", "u1", "i8", "u4"])
def test_npy_of_any_real_type(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray([[0, 7, 2], [3, 4, 100]], dtype)
    content = npy(np.asfortranarray(array) if order == "F" else array)
    assert (b"'fortran_order': True" in content) == (order == "F")
    truth = truth_of(tmp_path, content)
    assert_holds(truth, [[NAN, 7, 2], [3, 4, 100]])
    assert truth.description.startswith(f"NPY ({np.dtype(dtype)}), ")


def test_npy_of_16_bits_is_kittis(tmp_path: Path) -> None:
    assert_holds(truth_of(tmp_path, npy(np.array([[0, 256], [640, 1]], np.uint16))), [[NAN, 1], [2.5, 1 / 256]])


def test_unknown_is_unknown_in_every_writing(tmp_path: Path) -> None:
    stored = np.array([[NAN, math.inf, -math.inf, 0, -2.5, 1e300, 3]])
    assert_holds(truth_of(tmp_path, npy(stored)), [[NAN] * 4 + [-2.5, NAN, 3]])
    assert_holds(truth_of(tmp_path, npy(stored), kind="depth"), [[NAN] * 6 + [3]], DEPTH)


def test_of_an_npz_the_largest_map_is_taken(tmp_path: Path) -> None:
    disparity = np.arange(1.0, 21).reshape(4, 5)
    content = npz(note=np.array("hello"), shape=np.array([4, 5]), K=np.eye(3), volume=np.ones((9, 9, 9)), disparity=disparity)
    truth = truth_of(tmp_path, content)
    assert_holds(truth, disparity)
    assert "NPZ member 'disparity' (float64)" in truth.description


def test_of_maps_of_one_size_the_first_is_taken(tmp_path: Path) -> None:
    assert "NPZ member 'b'" in truth_of(tmp_path, npz(b=np.ones((2, 3)), a=np.ones((3, 2)))).description


def test_other_files_in_an_npz_are_passed_over(tmp_path: Path) -> None:
    stream = io.BytesIO(npz(disparity=np.full((2, 2), 7.0)))
    with zipfile.ZipFile(stream, "a") as members:
        members.writestr("README.txt", "not an array")
        members.writestr("folder/", "")
    assert_holds(truth_of(tmp_path, stream.getvalue()), [[7, 7], [7, 7]])


def test_npz_without_compression(tmp_path: Path) -> None:
    assert_holds(truth_of(tmp_path, archive("a.npy", npy(np.ones((2, 2))), zipfile.ZIP_STORED)), [[1, 1], [1, 1]])


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_compressed_as_numpy_never_does_is_refused(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(archive("a.npy", npy(np.ones((2, 2))), compression))
    assert "compressed in a way that NumPy does not write" in refusal(load_ground_truth, path)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("disp0.npy", "recognised", DISPARITY),
        ("truth.npy", "recognised", DISPARITY),
        ("gt_depth.npy", "recognised", DEPTH),
        ("depth_anything_disparity.npy", "recognised", DISPARITY),
        ("466_Depth_left.npy", "recognised", DEPTH),
        ("gt_depth.npy", "disparity", DISPARITY),
        ("disp0.npy", "depth", DEPTH),
    ],
)
def test_the_name_or_the_choice_says_what_a_file_holds(
    tmp_path: Path, name: str, kind: TruthKind, expected: DepthKind
) -> None:
    folder = tmp_path / "depth"  # the name of the folder says nothing
    folder.mkdir()
    truth = truth_of(folder, npy(np.full((2, 2), 3.0)), name, kind=kind)
    assert_holds(truth, [[3, 3], [3, 3]], expected)
    assert f"read as {expected.value} = value {expected.unit}" in truth.description


@pytest.mark.parametrize(("member", "expected"), [("depth_map", DEPTH), ("disparity", DISPARITY)])
def test_the_member_of_an_npz_says_what_it_holds(tmp_path: Path, member: str, expected: DepthKind) -> None:
    assert_holds(truth_of(tmp_path, npz(**{member: np.ones((2, 2))})), [[1, 1], [1, 1]], expected)


def test_a_grey_map_in_any_kind_of_picture(tmp_path: Path) -> None:
    grey = Image.fromarray(np.array(STORED, np.uint8))
    palette = grey.copy()
    palette.putpalette([level for level in range(256) for _ in range(3)])
    for image in (grey.convert("RGB"), grey.convert("RGBA"), grey.convert("LA"), palette):
        assert_holds(truth_of(tmp_path, encoded(image, format="PNG"), scale=4), QUARTERS)
    assert_holds(truth_of(tmp_path, encoded(palette, format="PNG", transparency=b"\x00\x80"), scale=4), QUARTERS)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(np.array([[1.5, 0]], np.float32), [[1.5, NAN]], id="float"),
        pytest.param(np.array([[100_000, 0]], np.int32), [[100_000, NAN]], id="32-bit"),
    ],
)
def test_tiff_of_32_bits_keeps_its_numbers(tmp_path: Path, array: NDArray[Any], expected: Values) -> None:
    assert_holds(truth_of(tmp_path, encoded(array, format="TIFF")), expected)


def colour_palette() -> Image.Image:
    image = Image.fromarray(np.array(STORED, np.uint8))
    image.putpalette([channel for level in range(256) for channel in (level, 0, 255 - level)])
    return image


class Touch:
    """Unpickling this creates the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self.path,)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    array = np.array([[Touch(trap)]], dtype=object)
    for content in (npy(array), npz(disparity=array)):
        path = tmp_path / "a.bin"
        path.write_bytes(content)
        refusal(load_ground_truth, path)
        assert not trap.exists()
    np.load(io.BytesIO(npy(array)), allow_pickle=True)
    assert trap.exists()  # it was a real trap


def header(shape: str, dtype: str = "<f8") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "The file is empty (0 bytes).", id="empty"),
        pytest.param(b"disparity: 12.5\n", "must be PNG or PGM (8 or 16 bits), PFM, NPY or NPZ", id="text"),
        pytest.param(npy(np.full((4, 5), np.nan)), "holds no value at all: every pixel is 0, NaN or infinite", id="nan-only"),
        pytest.param(npy(np.zeros((4, 5))), "holds no value at all", id="all-zero-npy"),
        pytest.param(pfm(np.full((2, 2), math.inf)), "holds no value at all", id="all-infinite"),
        pytest.param(encoded(np.zeros((4, 5), np.uint8), format="PNG"), "holds no value at all", id="all-zero-png"),
        pytest.param(encoded(noise(4, 5, 3), format="PNG"), "is a colour picture", id="colour-png"),
        pytest.param(encoded(colour_palette(), format="PNG"), "is a colour picture", id="colour-palette"),
        pytest.param(encoded(noise(40, 50, 3), format="JPEG"), "is a colour picture", id="colour-jpeg"),
        pytest.param(encoded(noise(64, 64), format="PNG")[:2000], "The ground truth is damaged", id="cut-png"),
        pytest.param(pfm([[1, 2]]).replace(b"Pf", b"PF", 1), "is in colour ('PF')", id="colour-pfm"),
        pytest.param(pfm([[1, 2], [3, 4]])[:-1], "cut short: 2x2 pixels need 16 bytes", id="cut-pfm"),
        pytest.param(b"Pf\n-2 2\n-1\n" + bytes(16), "header cannot be read", id="negative-pfm"),
        pytest.param(b"Pf\n2 2\n", "header cannot be read", id="headless-pfm"),
        pytest.param(b"Pf\n0 2\n-1\n" + bytes(16), "The map is 0x2", id="pfm-without-pixels"),
        pytest.param(b"Pf\n999999 999999\n-1\n", "up to 50 megapixels are accepted", id="terabytes-of-pfm"),
        pytest.param(npy(np.ones((4, 5)))[:-1], "cut short: 159 of 160 bytes are there", id="cut-npy"),
        pytest.param(npy(np.ones((4, 5)))[:40], "NPY header cannot be read", id="npy-cut-in-the-header"),
        pytest.param(npy(np.ones((2, 3, 4))), "has shape (2, 3, 4) and type float64", id="three-dimensions"),
        pytest.param(npy(np.ones(5)), "has shape (5,) and type float64", id="one-dimension"),
        pytest.param(npy(np.ones((2, 2), complex)), "type complex128; a map is (H, W) of real numbers", id="complex"),
        pytest.param(npy(np.ones((2, 2), bool)), "type bool", id="booleans"),
        pytest.param(npy(np.ones((2, 2), "U3")), "type str96", id="strings"),
        pytest.param(npy(np.ones((2, 2), [("d", "f4")])), "a map is (H, W) of real numbers", id="records"),
        pytest.param(npy(np.array([[None]])), "type object", id="pickled-objects"),
        pytest.param(npy(np.ones((0, 5))), "The map is 5x0", id="no-rows"),
        pytest.param(npy_with_header(header("(-4, 5)"), bytes(64)), "The map is 5x-4", id="negative-npy"),
        pytest.param(b"\x93NUMPY\x09\x00" + bytes(100), "NPY header cannot be read", id="npy-of-the-future"),
    ],
)
def test_truth_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "truth.bin"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(header("(1000000, 1000000)"), "up to 50 megapixels are accepted", id="terabytes"),
        pytest.param(header("(6000, 6000)"), "cut short: 6000x6000 values of float64 need 288000000 bytes", id="megabytes"),
        pytest.param(header("(2.0, 5)"), "NPY header cannot be read", id="float-shape"),
        pytest.param(header("(2, 2)", "rubbish"), "NPY header cannot be read", id="unknown-type"),
        pytest.param("{'descr': '<f8'}", "NPY header cannot be read", id="missing-keys"),
        pytest.param("(" * 5000, "NPY header cannot be read", id="brackets"),
        pytest.param("{'descr': " + "[" * 3000 + "]" * 3000, "NPY header cannot be read", id="nested"),
        pytest.param("__import__('os').abort()", "NPY header cannot be read", id="code"),
        pytest.param("\x00\xff", "NPY header cannot be read", id="binary"),
    ],
)
@pytest.mark.parametrize("wrap", [bytes, lambda content: archive("a.npy", content)], ids=["npy", "npz"])
def test_npy_headers_are_not_believed(tmp_path: Path, wrap: Callable[[bytes], bytes], text: str, said: str) -> None:
    path = tmp_path / "truth.bin"
    path.write_bytes(wrap(npy_with_header(text, bytes(64))))
    assert said in refusal(load_ground_truth, path)


WHOLE_NPZ = npz(disparity=noise(60, 60).astype(float))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(npz(), "holds no two-dimensional array of real numbers", id="empty"),
        pytest.param(archive("a.txt", b"hello"), "holds no two-dimensional array of real numbers", id="no-array"),
        pytest.param(npz(a=np.ones(5), b=np.array("x")), "holds no two-dimensional array", id="no-map"),
        pytest.param(npz(a=np.array([[{}]])), "holds no two-dimensional array", id="pickled-objects"),
        pytest.param(WHOLE_NPZ[: len(WHOLE_NPZ) // 2], "NPZ archive cannot be read", id="cut"),
        pytest.param(WHOLE_NPZ[:1000] + bytes(64) + WHOLE_NPZ[1064:], "NPZ archive cannot be read", id="overwritten"),
        pytest.param(b"PK\x03\x04" + bytes(100), "NPZ archive cannot be read", id="zeros"),
        pytest.param(archive("ä.npy", npy(np.ones((2, 2)))).replace(b"\xc3\xa4", b"\xff\xff"), "NPZ", id="broken-name"),
    ],
)
def test_npz_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "truth.npz"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


@pytest.mark.parametrize("scale", [0.0, -4.0, NAN, math.inf])
def test_the_scale_is_larger_than_zero(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match=f"^The scale of the ground truth must be larger than 0, not {scale:g}\\.$"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


@pytest.mark.parametrize("scale", [1e-50, 1e-44, 1e50])
def test_a_scale_that_leaves_no_number_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match="holds no value at all"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


def test_no_truth_chosen_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^No ground truth yet: choose a file first \(PNG or PGM"):
        load_ground_truth(None)


# ---- real pairs ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RealPair:
    """What is published about a pair, or follows from the stored integers: 50 / 4 = 12.5, 1127 / 256 = 4.4023."""

    name: str
    width: int
    height: int
    lowest: float
    highest: float
    scale: float | None = None
    suffix: str = "png"

    @property
    def folder(self) -> Path:
        return SHARED_DATA / "stereo" / self.name


REAL_PAIRS = [
    RealPair("kitti2012_000000_10", 1226, 370, 1127 / 256, 17873 / 256),
    RealPair("kitti2012_000002_10", 1241, 376, 1158 / 256, 37352 / 256),
    RealPair("kitti2012_000051_10", 1242, 375, 1213 / 256, 21705 / 256),
    RealPair("kitti2015_colour_000046_10", 1242, 375, 1247 / 256, 16829 / 256),
    RealPair("middlebury2001_tsukuba", 384, 288, 10, 28, 8, "pgm"),
    RealPair("middlebury2003q_cones", 450, 375, 5.5, 55, 4),
    RealPair("middlebury2003q_teddy", 450, 375, 12.5, 52.75, 4),
    RealPair("middlebury2014_motorcycle_skimage", 741, 500, 7.1914, 59.909, None, "npz"),
    RealPair("middlebury2014q_Piano", 707, 481, 10.129, 51.441, None, "pfm"),  # calib.txt: vmin 9, vmax 55
    RealPair("sceneflow_flyingthings_0", 960, 540, 1.154, 75.883, None, "pfm"),
]


def stored_by_another_reader(path: Path) -> NDArray[np.float64]:
    """The numbers in the file through OpenCV or NumPy; PFM by splitting its three lines off."""
    if path.suffix == ".npz":
        return np.asarray(np.load(path)["arr_0"], np.float64)
    if path.suffix == ".pfm":
        _, size, _, data = path.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        return np.frombuffer(data, "<f4").reshape(height, width)[::-1].astype(np.float64)
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.float64)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"the real pairs are not at {SHARED_DATA}")
@pytest.mark.parametrize("real", REAL_PAIRS, ids=lambda real: real.name)
class TestRealPairs:
    def test_photos(self, real: RealPair) -> None:
        for view in ("left", "right"):
            path = next(real.folder.glob(f"{view}.p?[gm]"))
            pixels = load_photo(path).pixels
            assert pixels.shape == (real.height, real.width, 3)
            np.testing.assert_array_equal(pixels[..., ::-1], cv2.imread(str(path), cv2.IMREAD_COLOR))

    def test_truth(self, real: RealPair) -> None:
        path = real.folder / f"disparity.{real.suffix}"
        truth = load_ground_truth(path, scale=real.scale).depth_map
        stored = stored_by_another_reader(path)
        scale = real.scale or (256 if real.name.startswith("kitti") else 1)
        np.testing.assert_array_equal(truth.valid, np.isfinite(stored) & (stored != 0))
        np.testing.assert_allclose(truth.values[truth.valid], (stored / scale)[truth.valid], rtol=1e-6)
        assert truth.shape == (real.height, real.width)
        assert truth.kind is DISPARITY
        assert np.nanmin(truth.values) == pytest.approx(real.lowest, abs=1e-3)
        assert np.nanmax(truth.values) == pytest.approx(real.highest, abs=1e-3)

    def test_they_fit_together(self, real: RealPair) -> None:
        left, right = (load_photo(next(real.folder.glob(f"{view}.p?[gm]"))).pixels for view in ("left", "right"))
        truth = load_ground_truth(real.folder / f"disparity.{real.suffix}", scale=real.scale).depth_map
        camera = next((load_calibration(path) for path in real.folder.glob("calib.*")), None)
        pair = StereoPair(left, right, camera, truth, real.name)
        assert mean_difference(pair, truth) < 0.5 * mean_difference(pair, DepthMap(0 * truth.values, DISPARITY))


def mean_difference(pair: StereoPair, disparity: DepthMap) -> float:
    """How far the left view is from the right one taken at x - d, over the pixels with truth that stay inside."""
    rows, columns = np.nonzero(disparity.valid)
    sources = np.rint(columns - disparity.values[rows, columns]).astype(int)
    inside = (sources >= 0) & (sources < pair.right.shape[1])
    left = pair.left[rows[inside], columns[inside]].astype(float)
    return float(np.abs(left - pair.right[rows[inside], sources[inside]]).mean())
