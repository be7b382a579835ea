"""Depth maps inside portrait photos: where they lie, which way their numbers run, and what is no depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from depth_demo.formats.phone_depth import PhoneDepth, load_phone_depth, read_depth_image
from depth_demo.geometry import DepthKind
from tests.support.handmade_files import encoded, exif, needs_heic, noise, quadrants, refusal
from tests.support.handmade_pairs import segment
from tests.support.handmade_portraits import LEVELS, PHOTO, gdepth, with_xmp


def depth_in(folder: Path, content: bytes) -> PhoneDepth:
    path = folder / "portrait.jpg"
    path.write_bytes(content)
    found = load_phone_depth(path)
    assert found is not None
    return found


def refused(folder: Path, content: bytes) -> str:
    path = folder / "portrait.jpg"
    path.write_bytes(content)
    return refusal(load_phone_depth, path)


def expected(form: str) -> NDArray[np.float64]:
    """Inverse depth of the levels between 2 and 8."""
    share = LEVELS / 255
    return 1 / (2 + 6 * share) if form == "RangeLinear" else 1 / 2 - share * (1 / 2 - 1 / 8)


@pytest.mark.parametrize("form", ["RangeInverse", "RangeLinear"])
def test_a_gdepth_map_is_relative_and_dark_is_near(tmp_path: Path, form: str) -> None:
    found = depth_in(tmp_path, with_xmp(PHOTO, *gdepth(form)))
    assert found.depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    np.testing.assert_allclose(found.depth_map.values, expected(form), rtol=1e-5)
    assert found.depth_map.values[0, 0] > found.depth_map.values[0, -1]
    assert "its scale is not promised" in found.description


@pytest.mark.parametrize("units", ["m", "Meters", "metres"])
def test_a_map_with_units_of_metres_is_depth(tmp_path: Path, units: str) -> None:
    found = depth_in(tmp_path, with_xmp(PHOTO, *gdepth(units=units)))
    assert found.depth_map.kind is DepthKind.METRIC_DEPTH
    np.testing.assert_allclose(found.depth_map.values, 1 / expected("RangeInverse"), rtol=1e-5)
    assert "gives metres" in found.description


def test_a_map_is_turned_with_its_photo(tmp_path: Path) -> None:
    photo = encoded(quadrants(80, 104), format="JPEG", exif=exif(6))
    values = depth_in(tmp_path, with_xmp(photo, *gdepth())).depth_map.values
    np.testing.assert_allclose(values, np.rot90(expected("RangeInverse"), -1), rtol=1e-5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (gdepth(near="0"), "does not tell its range"),
        (gdepth(near="8", far="2"), "does not tell its range"),
        (gdepth(far="nan"), "does not tell its range"),
        (gdepth("Range<Odd>"), "has format 'Range?Odd?'"),
        (gdepth(data=b"not a picture"), "must be PNG or JPEG"),
        (gdepth(data=b""), "the map is not there"),
        (gdepth(data=encoded(np.full((40, 50), 7, np.uint8), format="PNG")), "one distance only"),
    ],
    ids=["near-0", "turned-round", "nan", "format", "no-picture", "empty", "flat"],
)
def test_a_gdepth_map_that_is_none_is_refused(tmp_path: Path, words: tuple[bytes, bytes], said: str) -> None:
    assert said in refused(tmp_path, with_xmp(PHOTO, *words))


def test_a_longer_part_counts_only_whole_and_by_its_name(tmp_path: Path) -> None:
    main, more = gdepth()
    assert "the map is not there" in refused(tmp_path, with_xmp(PHOTO, main, more, skip=1))
    assert "the map is not there" in refused(tmp_path, with_xmp(PHOTO, main, more, name="0" * 32))


def dynamic(meaning: str = "Depth", uri: str = "android/depthmap", primary: bytes = PHOTO) -> bytes:
    """A photo with an original and a map behind it, of which the XMP text tells the lengths."""
    original, picture = encoded(noise(40, 40, 3), format="JPEG"), encoded(LEVELS, format="PNG")
    directory = (
        f'<Container:Item Item:Mime="image/jpeg" Item:Length="0" Item:DataURI="primary_image"/>'
        f'<Container:Item Item:Length="{len(original)}" Item:Padding="3" Item:DataURI="android/original_image"/>'
        f'<Container:Item Item:Length="{len(picture)}" Item:DataURI="android/depthmap"/>'
        f'<Camera:DepthMap DepthMap:ItemSemantic="{meaning}" DepthMap:Format="RangeLinear" DepthMap:Units="None" '
        f'DepthMap:Near="2.0" DepthMap:Far="8.0" DepthMap:DepthURI="{uri}"/>'
    )
    return with_xmp(primary, b"", directory.encode()) + original + b"\0\0\0" + picture


def test_a_map_behind_the_photo_is_found_by_the_lengths_of_all_items(tmp_path: Path) -> None:
    thumbnail = PHOTO[:2] + segment(0xE5, PHOTO) + PHOTO[2:]  # with a mark of an end in it
    for primary in (PHOTO, thumbnail, encoded(quadrants(80, 104), format="JPEG", progressive=True)):
        found = depth_in(tmp_path, dynamic(primary=primary))
        assert found.depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
        np.testing.assert_allclose(found.depth_map.values, expected("RangeLinear"), rtol=1e-5)


def test_a_segmentation_is_no_depth(tmp_path: Path) -> None:
    assert "is a segmentation" in refused(tmp_path, dynamic("Segmentation"))
    assert "the map is not there" in refused(tmp_path, dynamic(uri="elsewhere"))


DISPARITIES = {"d_min": 0.5, "d_max": 3.0, "representation_type": 1}


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_depth_image_is_disparity_and_bright_is_near(is_absolute: bool) -> None:  # noqa: FBT001
    found = read_depth_image(Image.fromarray(LEVELS), DISPARITIES, is_absolute=is_absolute)
    inverse = 0.5 + 2.5 * LEVELS / 255
    kind = DepthKind.METRIC_DEPTH if is_absolute else DepthKind.RELATIVE_INVERSE_DEPTH
    assert found.depth_map.kind is kind
    np.testing.assert_allclose(found.depth_map.values, 1 / inverse if is_absolute else inverse, rtol=1e-5)


@pytest.mark.parametrize("metadata", [{}, {"d_min": 2.0, "d_max": 1.0}, {"d_min": None, "d_max": float("inf")}])
def test_a_depth_image_without_a_range_is_relative(metadata: dict[str, object]) -> None:
    found = read_depth_image(Image.fromarray(LEVELS), metadata, is_absolute=True)
    assert found.depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    np.testing.assert_allclose(found.depth_map.values, LEVELS / 255, rtol=1e-5)


@pytest.mark.parametrize("kind", [0, 2, 3])
def test_a_depth_image_of_another_representation_is_refused(kind: int) -> None:
    with pytest.raises(ValueError, match=f"has representation {kind}; 1, disparity, is read"):
        read_depth_image(Image.fromarray(LEVELS), DISPARITIES | {"representation_type": kind}, is_absolute=False)


@needs_heic
def test_a_heic_without_a_depth_image_has_none(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    pillow_heif.from_pillow(Image.fromarray(quadrants(80, 104))).save(path, quality=90)
    assert load_phone_depth(path) is None


@pytest.mark.parametrize("content", [PHOTO, encoded(quadrants(), format="PNG"), b"", b"\xff\xd8\xff", b"\0\0\0\x18ftypheic"])
def test_a_photo_without_a_map_has_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.bin"
    path.write_bytes(content)
    assert load_phone_depth(path) is None
