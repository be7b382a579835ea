"""Both views from one file: how cameras, phones and people keep them, and what only looks like a pair."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depth_demo.formats.heif_boxes import camera_x_um
from depth_demo.formats.heif_pairs import stereo_group
from depth_demo.formats.likeness import NoPairError
from depth_demo.formats.pairs import PairFile, load_pair, load_two_views
from depth_demo.formats.phone_depth import load_phone_depth
from depth_demo.formats.photos import load_photo
from tests.conftest import PAIRS
from tests.support.handmade_files import Pixels, encoded, exif, needs_heic, quadrants, refusal, saved
from tests.support.handmade_pairs import (
    LARGE_THUMBNAIL,
    PANORAMA,
    PRIMARY,
    UNDEFINED,
    UNKNOWN,
    heic,
    jps,
    mpo,
    views,
    with_stereo_group,
)

LEFT, RIGHT = views()
MERELY_HALVES = "The file holds no pair that could be found: no two halves show one scene from two places."


def jpegs(*pictures: Pixels) -> list[bytes]:
    return [encoded(picture, format="JPEG", quality=95) for picture in pictures]


def pair_of(folder: Path, content: bytes, name: str = "pair.bin") -> PairFile:
    path = folder / name
    path.write_bytes(content)
    return load_pair(path)


def refused(folder: Path, content: bytes, name: str = "pair.bin") -> str:
    path = folder / name
    path.write_bytes(content)
    return refusal(load_pair, path)


def assert_views(pair: PairFile, left: Pixels = LEFT, right: Pixels = RIGHT, tolerance: float = 12) -> None:
    """Check that the views are these, apart from what JPEG does to random dots."""
    assert pair.left.shape == left.shape
    assert np.abs(pair.left.astype(int) - left).mean() < tolerance
    assert np.abs(pair.right.astype(int) - right).mean() < tolerance


# ---- MPO -------------------------------------------------------------------------------------------------------------


def test_the_frames_of_a_stereo_camera_are_its_views_with_the_baseline(tmp_path: Path) -> None:
    pair = pair_of(tmp_path, mpo(jpegs(LEFT, RIGHT), baseline=(77, 1000)))
    assert_views(pair)
    assert pair.baseline_m == pytest.approx(0.077)
    assert pair.focal_length_px is None
    assert "first frame is taken as the left view" in pair.description
    assert "77 mm" in pair.description


@pytest.mark.parametrize("baseline", [None, UNKNOWN, (0, 1), (1, 0)], ids=["none", "unknown", "zero", "no-fraction"])
def test_an_unknown_baseline_is_none_and_never_one_metre(tmp_path: Path, baseline: tuple[int, int] | None) -> None:
    assert pair_of(tmp_path, mpo(jpegs(LEFT, RIGHT), baseline=baseline)).baseline_m is None


def test_frames_without_a_type_are_a_pair_if_they_look_like_one(tmp_path: Path) -> None:
    pair = pair_of(tmp_path, mpo(jpegs(LEFT, RIGHT), (PRIMARY, UNDEFINED)))
    assert_views(pair)
    assert "though unmarked" in pair.description
    others = jpegs(LEFT, np.ascontiguousarray(RIGHT[::-1]))
    assert "do not show one scene" in refused(tmp_path, mpo(others, (PRIMARY, UNDEFINED)))
    assert "same picture" in refused(tmp_path, mpo(jpegs(LEFT, LEFT)))


def test_what_pillow_saves_as_mpo_is_a_pair(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.mpo", LEFT, save_all=True, append_images=[Image.fromarray(RIGHT)], quality=95)
    assert_views(load_pair(path))


@pytest.mark.parametrize(
    ("second", "types"),
    [
        (LEFT[::2, ::2, 0], (PRIMARY, UNDEFINED)),  # as a gain map
        (LEFT[..., 0], (PRIMARY, UNDEFINED)),
        (LEFT[::2, ::2], (PRIMARY, LARGE_THUMBNAIL)),
        (RIGHT, (PRIMARY, LARGE_THUMBNAIL)),
        (RIGHT, (PANORAMA, PANORAMA)),
    ],
    ids=["small-gain-map", "gain-map", "thumbnail", "large-thumbnail", "panorama"],
)
def test_a_frame_that_belongs_to_the_photo_makes_no_pair(tmp_path: Path, second: Pixels, types: tuple[int, int]) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(mpo(jpegs(LEFT, second), types))
    assert refusal(load_pair, path).startswith("The file holds no pair")
    photo = load_photo(path)
    assert photo.pixels.shape == LEFT.shape
    assert photo.note == ""


def test_each_frame_is_turned_by_its_own_exif(tmp_path: Path) -> None:
    def turned(view: Pixels) -> bytes:
        return encoded(np.ascontiguousarray(view[::-1, ::-1]), format="JPEG", quality=95, exif=exif(3))

    plain = jpegs(LEFT, RIGHT)
    for frames in ([turned(LEFT), plain[1]], [plain[0], turned(RIGHT)], [turned(LEFT), turned(RIGHT)]):
        assert_views(pair_of(tmp_path, mpo(frames)))


def test_a_stereo_file_given_as_a_photo_is_its_left_view(tmp_path: Path) -> None:
    path = tmp_path / "a.mpo"
    path.write_bytes(mpo(jpegs(LEFT, RIGHT)))
    photo = load_photo(path)
    assert np.abs(photo.pixels.astype(int) - LEFT).mean() < 12
    assert photo.note == "The file holds both views of a stereo camera; this is the left one."


def test_a_second_frame_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    frames = jpegs(LEFT, RIGHT)
    whole = mpo(frames)
    assert "damaged" in refused(tmp_path, whole[: len(whole) - len(frames[1]) // 2])
    assert "damaged" in refused(tmp_path, whole[: len(whole) - len(frames[1]) - 100])


# ---- halves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "left_first", "half"),
    [(2, True, "left half"), (2, False, "right half"), (3, True, "upper half"), (3, False, "lower half")],
)
def test_a_jps_marker_says_where_the_views_are(tmp_path: Path, layout: int, left_first: bool, half: str) -> None:  # noqa: FBT001
    first, second = (LEFT, RIGHT) if left_first else (RIGHT, LEFT)
    whole = np.hstack([first, second]) if layout == 2 else np.vstack([first, second])
    pair = pair_of(tmp_path, jps(whole, 4 if left_first else 0, layout), "a.jps")
    assert_views(pair)
    assert f"The {half} is taken as the left view." in pair.description
    photo = load_photo(tmp_path / "a.jps")
    np.testing.assert_array_equal(photo.pixels, pair.left)
    assert f"the {half} was taken as the left one" in photo.note


@pytest.mark.parametrize(("layout", "flags"), [(2, 2 | 4), (3, 1 | 4)])
def test_squeezed_halves_are_stretched_by_the_marker(tmp_path: Path, layout: int, flags: int) -> None:
    smooth = [np.repeat(np.repeat(view[::2, ::2], 2, axis=0), 2, axis=1) for view in (LEFT, RIGHT)]
    halves = [view[:, ::2] if layout == 2 else view[::2] for view in smooth]
    pair = pair_of(tmp_path, jps(np.hstack(halves) if layout == 2 else np.vstack(halves), flags, layout))
    assert pair.left.shape == LEFT.shape
    assert np.abs(pair.left.astype(int) - smooth[0]).mean() < 30  # interpolated between random dots


@pytest.mark.parametrize(
    ("layout", "media", "said"),
    [
        (2, 0, "The JPS marker says that the file holds no pair (type 0; 1 is stereo)."),
        (1, 1, "The file interleaves both views row by row"),
        (4, 1, "The file holds both views as an anaglyph"),
        (9, 1, "The file has layout 9"),
    ],
)
def test_a_marker_of_something_else_is_refused_and_the_photo_stays_whole(
    tmp_path: Path, layout: int, media: int, said: str
) -> None:
    whole = np.hstack([LEFT, RIGHT])
    assert refused(tmp_path, jps(whole, 4, layout, media), "a.jps").startswith(said)
    photo = load_photo(tmp_path / "a.jps")
    assert photo.pixels.shape == whole.shape
    assert photo.note == ""


def test_a_jps_without_a_marker_has_the_right_view_first(tmp_path: Path) -> None:
    pair = load_pair(saved(tmp_path / "a.jps", np.hstack([RIGHT, LEFT]), format="JPEG", quality=95))
    assert_views(pair)
    assert "right view first" in pair.description


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tiff"])
def test_halves_that_look_alike_are_views_with_the_left_one_first(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, np.hstack([LEFT, RIGHT]), **({"quality": 95} if name == "a.jpg" else {}))
    pair = load_pair(path)
    assert_views(pair)
    assert "The left half is taken as the left view." in pair.description


def test_views_one_above_the_other_are_found(tmp_path: Path) -> None:
    pair = load_pair(saved(tmp_path / "a.png", np.vstack([LEFT, RIGHT])))
    assert_views(pair, tolerance=1)
    assert "The upper half is taken as the left view." in pair.description


def test_halves_of_a_picture_in_the_shape_of_a_screen_are_stretched(tmp_path: Path) -> None:
    halves = [view[:270, :240] for view in (LEFT, RIGHT)]  # 480x270 as a whole
    pair = load_pair(saved(tmp_path / "a.png", np.hstack(halves)))
    assert pair.left.shape == (270, 480, 3)
    assert "stretched to twice their width" in str(pair.question)
    narrow = load_pair(saved(tmp_path / "b.png", np.hstack([view[:, :240] for view in (LEFT, RIGHT)])))
    assert narrow.left.shape == (360, 240, 3)
    assert str(narrow.question).startswith("Are the halves squeezed? Each half is 240x360 pixels, an unusual shape")
    assert "They are taken as not squeezed." in str(narrow.question)


def test_an_answer_on_squeezed_halves_settles_the_question(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", np.hstack([view[:270, :240] for view in (LEFT, RIGHT)]))
    for squeezed, width in ((True, 480), (False, 240)):
        pair = load_pair(path, squeezed=squeezed)
        assert pair.left.shape == pair.right.shape == (270, width, 3)
        assert pair.question is None
        assert "as was answered" in pair.description


@pytest.mark.parametrize("shape", [(240, 240), (240, 320), (240, 300)], ids=str)
def test_halves_of_a_usual_shape_are_not_asked_about(tmp_path: Path, shape: tuple[int, int]) -> None:
    height, width = shape
    pair = load_pair(saved(tmp_path / "a.png", np.hstack([view[:height, :width] for view in (LEFT, RIGHT)])))
    assert pair.left.shape == (height, width, 3)
    assert pair.question is None


def test_very_wide_halves_one_above_the_other_are_asked_about(tmp_path: Path) -> None:
    pair = load_pair(saved(tmp_path / "a.png", np.vstack([view[:160] for view in (LEFT, RIGHT)])))
    assert pair.left.shape[0] == 320
    assert "stretched to twice their height" in str(pair.question)


def test_the_word_of_a_marker_is_not_doubted_but_an_answer_overrules_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jps"
    path.write_bytes(jps(np.hstack([LEFT[:, ::2], RIGHT[:, ::2]]), flags=4 | 2))
    height, width = LEFT.shape[:2]
    marked = load_pair(path)
    assert marked.question is None
    assert marked.left.shape == (height, width, 3)
    assert load_pair(path, squeezed=False).left.shape == (height, width // 2, 3)


def test_the_right_view_may_be_left_out_where_the_left_file_holds_both(tmp_path: Path) -> None:
    path = tmp_path / "a.mpo"
    path.write_bytes(mpo(jpegs(LEFT, RIGHT)))
    found = load_two_views(path)
    assert found.said.startswith("Both views are from one file. Two frames of a stereo camera")
    np.testing.assert_array_equal(found.right, load_pair(path).right)
    single = saved(tmp_path / "a.png", LEFT)
    assert load_two_views(single, saved(tmp_path / "b.png", RIGHT)).said == ""
    with pytest.raises(NoPairError, match=r"^There is no right view: add one, or give one file with both views \(MPO"):
        load_two_views(single)
    with pytest.raises(ValueError, match=r"^Left view: No image yet"):
        load_two_views(None)


@needs_heic
def test_a_spatial_photo_brings_its_camera_only_with_both_lengths(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(with_stereo_group(heic([LEFT, RIGHT]), x_um=(None, 64_000)))
    assert load_two_views(path).camera is None


@pytest.mark.parametrize("swapped", [False, True])
def test_nothing_is_swapped_by_matching_but_a_hint_is_given(tmp_path: Path, swapped: bool) -> None:  # noqa: FBT001
    height, width = 240, 320
    scene = np.random.default_rng(3).integers(0, 256, (height // 4, width // 4 + 20, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    left, right = scene[:, 40 : 40 + width], np.empty((height, width, 3), np.uint8)
    for row in range(height):  # nearer the lower it is: 0 px at the top, 24 px at the bottom
        shift = 40 + 8 * (3 * row // height) + 8
        right[row] = scene[row, shift : shift + width]
    first, second = (right, left) if swapped else (left, right)
    pair = load_pair(saved(tmp_path / "a.png", np.hstack([first, second])))
    np.testing.assert_array_equal(pair.left, first)
    assert ("A hint against this order" in pair.description) == swapped
    assert ("if this order is right" in pair.description) != swapped


PHOTOS = {
    "left": LEFT,
    "flat": quadrants(200, 400),
    "checks": np.kron(np.indices((10, 20)).sum(0) % 2, np.ones((20, 20)))[..., np.newaxis].repeat(3, 2).astype(np.uint8) * 255,
}


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(
    "arranged",
    [
        lambda photo: photo,
        lambda photo: np.hstack([photo, photo]),
        lambda photo: np.vstack([photo, photo]),
        lambda photo: np.hstack([photo] * 3),
        lambda photo: np.tile(photo, (2, 2, 1)),
        lambda photo: np.hstack([photo, photo[:, ::-1]]),
        lambda photo: np.vstack([photo, photo[::-1]]),
        lambda photo: np.hstack([photo, 255 - photo]),
    ],
    ids=["photo", "twice", "twice-above", "three-times", "tiled", "mirrored", "reflected", "negative"],
)
def test_photos_and_pictures_made_of_one_photo_are_no_pairs(
    tmp_path: Path, name: str, arranged: Callable[[Pixels], Pixels]
) -> None:
    whole = np.ascontiguousarray(arranged(PHOTOS[name]))
    path = saved(tmp_path / "a.png", whole)
    assert refusal(load_pair, path) == MERELY_HALVES
    assert load_photo(path).pixels.shape == whole.shape


def test_the_bundled_views_are_photos() -> None:
    for folder in ("466", "515"):
        path = Path(__file__).parents[2] / "examples" / folder / "left.png"
        assert refusal(load_pair, path) == MERELY_HALVES


def test_a_wide_panorama_is_no_pair(tmp_path: Path) -> None:
    wide = np.hstack([load_photo(PAIRS[0].left).pixels, load_photo(PAIRS[1].left).pixels])
    assert refusal(load_pair, saved(tmp_path / "a.png", wide)) == MERELY_HALVES


# ---- HEIC ------------------------------------------------------------------------------------------------------------


@needs_heic
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_spatial_photo_has_its_left_view_first_in_its_group(tmp_path: Path, order: tuple[int, int]) -> None:
    pictures = [LEFT, RIGHT] if order == (0, 1) else [RIGHT, LEFT]
    content = with_stereo_group(heic(pictures), order, (None, 63_807))
    pair = pair_of(tmp_path, content, "a.heic")
    assert_views(pair, tolerance=25)
    assert pair.baseline_m == pytest.approx(0.063807)
    photo = load_photo(tmp_path / "a.heic")
    assert np.abs(photo.pixels.astype(int) - pictures[0]).mean() < 25
    assert f"its main picture, the {'left' if order == (0, 1) else 'right'} one" in photo.note


@needs_heic
def test_the_baseline_of_a_spatial_photo_is_the_distance_of_its_cameras(tmp_path: Path) -> None:
    content = with_stereo_group(heic([LEFT, RIGHT]), x_um=(-10_000, 54_000))
    assert (camera_x_um(content, 1), camera_x_um(content, 2), camera_x_um(content, 3)) == (-10_000, 54_000, 0)
    assert pair_of(tmp_path, content).baseline_m == pytest.approx(0.064)
    assert pair_of(tmp_path, with_stereo_group(heic([LEFT, RIGHT]))).baseline_m is None


@needs_heic
def test_a_burst_is_its_main_picture_and_no_pair(tmp_path: Path) -> None:
    content = heic([RIGHT, LEFT, RIGHT], primary=1)
    assert "the file declares none" in refused(tmp_path, content, "burst.heic")
    photo = load_photo(tmp_path / "burst.heic")
    assert np.abs(photo.pixels.astype(int) - LEFT).mean() < 25
    assert photo.note == "The file holds 3 pictures; this is the main one."


@needs_heic
def test_a_heic_without_a_picture_to_show_is_refused(tmp_path: Path) -> None:
    hidden = heic([LEFT]).replace(b"infe\x02\0\0\0", b"infe\x02\0\0\1")
    path = tmp_path / "hidden.heic"
    path.write_bytes(hidden)
    for read in (load_pair, load_photo):
        refusal(read, path)
    assert load_phone_depth(path) is None


def test_only_a_stereo_group_of_two_pictures_of_one_size_is_a_pair() -> None:
    def ster(*images: int | None) -> dict[str, object]:
        return {"id": 1, "type": "ster", "entities": [10 + n for n, _ in enumerate(images)], "images": list(images)}

    sizes = [(64, 48), (64, 48), (32, 24)]
    assert stereo_group([ster(1, 0)], sizes).frames == (1, 0)
    assert stereo_group([ster(None, None), ster(0, 1)], sizes).frames == (0, 1)
    for groups, said in (
        ([], "declares none"),
        ([{**ster(0, 1), "type": "altr"}], "declares none"),
        ([ster(0, None)], "cannot be decoded"),
        ([ster(0, 1, 2)], "3 pictures"),
        ([ster(0, 2)], "64x48 and 32x24"),
        ([ster(0, 0)], "not there"),
        ([ster(0, 7)], "not there"),
    ):
        with pytest.raises(ValueError, match=said):
            stereo_group(groups, sizes)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 40, b"\0\0\0\x0cmeta\0\0\0\0", b"\0\0\0\x01meta" + b"\xff" * 30, b"\xff" * 64]
)
def test_damaged_boxes_tell_no_camera(content: bytes) -> None:
    assert camera_x_um(content, 1) == 0


def test_a_text_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert "it must be MPO, JPS" in refused(tmp_path, b"no picture at all")
    assert "not there any more" in refusal(load_pair, tmp_path / "gone.mpo")
