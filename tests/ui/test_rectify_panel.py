"""When the panel "Rectify" is offered, what a click on it puts into the fields, and what a run makes of the pair then."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import cv2
import gradio as gr
import numpy as np
import pytest

from depth_demo.formats.cameras import read_camera
from depth_demo.formats.photos import load_pair_of_photos
from depth_demo.formats.writers import save_picture
from depth_demo.geometry import Calibration, RgbImage
from depth_demo.pipeline import match
from depth_demo.stereo.preflight import SearchRange, inspect_pair
from depth_demo.stereo.rectification.constant import Constant
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.calibration import FILE_TYPES, ReadFile, on_calibration_file
from depth_demo.ui.panels.families import match_files
from depth_demo.ui.panels.preflight import on_swap, on_views
from depth_demo.ui.panels.rectified_metres import on_fit, on_point
from depth_demo.ui.panels.rectify import save_pair
from depth_demo.ui.panels.rectify_offer import (
    DONE,
    FAR_APART,
    IDLE,
    IS_RIG,
    ROWS_DIFFER,
    SIZES_DIFFER,
    SWAPPED,
    offer,
    reason_for,
)
from depth_demo.ui.rectifying import WITHHELD, RectifiedPair, camera_of, current, note_on_infinity, reaching_infinity
from depth_demo.ui.rigs import AS_THE_FILE_SAYS, rig_of
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.stereo import StereoTab
from tests.support import rig_files
from tests.support.layout import laid_out
from tests.support.made_views import BASELINE, FOCAL, LEFT, LEFT_DEPTH, Viewer, right_viewer, see
from tests.support.made_views import turned as turn_of

ROLLED = see(right_viewer(0.8, 0.3, 0.5))[0]
FIELDS = dataclasses.astuple(SgbmSettings())
NO_CAMERA = (0, 0, 0)


@pytest.fixture(scope="module")
def tab() -> StereoTab:
    return laid_out(lambda: StereoTab([], Shared()))


@pytest.fixture
def photos(tmp_path: Path) -> tuple[str, str]:
    return saved(tmp_path, LEFT, ROLLED)


def saved(folder: Path, left: RgbImage, right: RgbImage) -> tuple[str, str]:
    first, second = (save_picture(folder, name, view) for name, view in (("a", left), ("b", right)))
    return str(first), str(second)


def click(
    tab: StereoTab,
    folder: Path,
    photos: tuple[str, str],
    file: str | list[str] | None = None,
    numbers: tuple[float, float, float] = (FOCAL, 0, 0),
    read: ReadFile | None = None,
    unit: str = AS_THE_FILE_SAYS,
) -> Mapping[Any, Any]:
    panel, views = tab.rectifying, tab.pair[:2]
    return panel.on_rectify(str(folder), views, tab.camera, *photos, file, unit, *numbers, read)


def made_by(tab: StereoTab, shown: Mapping[Any, Any]) -> RectifiedPair:
    return cast(RectifiedPair, shown[tab.rectifying.made])


def numbers_in(tab: StereoTab, shown: Mapping[Any, Any]) -> list[float]:
    return [shown[field] for field in tab.camera.numbers]


def checked(left: str, right: str) -> Any:
    return on_views([], inspect_pair, left, right, None, False, *FIELDS)[3]  # noqa: FBT003


def test_it_is_offered_where_rows_or_sizes_differ_or_a_file_holds_cameras_before_rectification(tmp_path: Path) -> None:
    differ = saved(tmp_path, LEFT, ROLLED)
    assert reason_for(*differ, checked(*differ)) == ROWS_DIFFER
    assert reason_for(*differ, checked(*differ), is_rig=True) == IS_RIG
    assert reason_for(None, differ[1], None, is_rig=True) == ""
    straight = str(save_picture(tmp_path, "c", see(right_viewer())[0]))
    assert reason_for(differ[0], straight, checked(differ[0], straight)) == ""
    assert reason_for(differ[0], straight, checked(differ[0], straight), is_rig=True, has_camera=True) == ""
    small = str(save_picture(tmp_path, "d", np.ascontiguousarray(ROLLED[::2, ::2])))
    assert reason_for(differ[0], small, checked(differ[0], small)) == SIZES_DIFFER.format("640x480", "320x240")
    fold, line, button, undo, *_ = offer(*differ, None, AS_THE_FILE_SAYS, None, checked(*differ), *NO_CAMERA)
    assert (fold.open, line, button.variant, undo.visible) == (True, ROWS_DIFFER, "primary", False)
    fold, line, button, *_ = offer(differ[0], straight, None, AS_THE_FILE_SAYS, None, None, *NO_CAMERA)
    assert (fold.open, line, button.visible) == (False, IDLE, True)


def test_it_is_offered_where_points_are_far_from_their_rows_as_of_one_camera_above_the_other(tmp_path: Path) -> None:
    above = saved(tmp_path, LEFT, see(Viewer((0, BASELINE, 0), turn_of(0.5)))[0])
    assert reason_for(*above, checked(*above)) == FAR_APART
    assert reason_for(*above, checked(*above), is_rig=True) == IS_RIG


def test_a_click_puts_the_turned_view_into_its_field_and_leaves_the_left_one(
    tab: StereoTab, photos: tuple[str, str], tmp_path: Path
) -> None:
    shown = click(tab, tmp_path / "cache", photos)
    made = made_by(tab, shown)
    left, right = tab.pair[:2]
    assert shown[left] == photos[0]
    assert made.files == (shown[left], shown[right])
    np.testing.assert_array_equal(load_pair_of_photos(*made.files)[1].pixels, made.found.pair.right)
    assert numbers_in(tab, shown) == [FOCAL, 0, 0]
    assert shown[tab.rectifying.line] == DONE
    report = shown[tab.rectifying.report]
    assert "The right view alone was turned" in report
    assert "**Before**, the rows differ by" in report
    assert "good enough to match" in report
    assert "**Free constant**" in report
    assert "Expected error" not in report  # nobody knows the baseline
    before, after = shown[tab.rectifying.lines]
    assert before.shape == after.shape
    assert (before != after).any()
    assert shown[tab.rectifying.metres.group].visible
    assert {"a_rectified_right.png", "a_rectified_left_mask.png", "a_rectified_camera.json", "a_rectified_camera.yaml"} < {
        path.name for path in save_pair(made, tmp_path)
    }


def test_undo_puts_back_the_photos_and_what_the_camera_was(tab: StereoTab, photos: tuple[str, str], tmp_path: Path) -> None:
    given = (FOCAL, BASELINE, 1.5)
    read = ReadFile("file", None, Calibration(*given), "Read.")
    made = made_by(tab, click(tab, tmp_path, photos, numbers=given, read=read))
    shown = tab.rectifying.on_undo(tab.pair[:2], tab.camera, made)
    assert [shown[view] for view in tab.pair[:2]] == [*photos]
    assert numbers_in(tab, shown) == [*given]
    assert shown[tab.camera.read] is read
    assert made_by(tab, shown) is None
    assert shown[tab.rectifying.lines] is None


def test_known_lengths_tell_the_error_of_depth_to_expect(tab: StereoTab, photos: tuple[str, str], tmp_path: Path) -> None:
    report = click(tab, tmp_path, photos, numbers=(FOCAL, BASELINE, 0))[tab.rectifying.report]
    assert "| Distance | 2 m | 5 m | 10 m | 20 m | 50 m |" in report
    errors = report.split("| Expected error | ")[1].split("|")
    assert len([error for error in errors if error.strip()]) == 5


def test_when_other_views_are_chosen_the_camera_of_the_rectified_pair_goes(
    tab: StereoTab, photos: tuple[str, str], tmp_path: Path
) -> None:
    made = made_by(tab, click(tab, tmp_path, photos, numbers=(FOCAL, BASELINE, 2)))
    assert current(made, *made.files) is made
    assert current(made, *photos) is None
    kept = offer(*made.files, None, AS_THE_FILE_SAYS, made, None, *made.numbers)
    assert (kept[1], kept[3].visible) == (DONE, True)
    gone = offer(*photos, None, AS_THE_FILE_SAYS, made, None, *made.numbers)
    assert gone[6:10] == (None, FOCAL, BASELINE, 2)
    typed = offer(*photos, None, AS_THE_FILE_SAYS, made, None, FOCAL, BASELINE, 7)
    assert typed[6] is None
    assert list(typed[7:10]) == [gr.skip()] * 3


def test_a_rectified_pair_that_is_swapped_is_put_back_as_the_photos_came_and_that_is_said(
    tab: StereoTab, photos: tuple[str, str], tmp_path: Path
) -> None:
    made = made_by(tab, click(tab, tmp_path, photos))
    swapped = on_swap(*made.files, made)
    assert swapped == photos[::-1]
    state = offer(*swapped, None, AS_THE_FILE_SAYS, made, checked(*swapped), *made.numbers)
    _, line, button, undo, *_ = state
    assert line == f"{SWAPPED} {ROWS_DIFFER}"
    assert (button.visible, undo.visible) == (True, False)
    assert state[6] == gr.skip()  # what was made stays, so that checks that end later say the same
    assert on_swap(*photos, made) == photos[::-1]
    assert on_swap("a", None, None) == (None, "a")


def test_the_files_of_a_pair_hold_the_constant_that_was_fitted(
    tab: StereoTab, photos: tuple[str, str], tmp_path: Path
) -> None:
    made = made_by(tab, click(tab, tmp_path, photos))
    distance = float(LEFT_DEPTH[180, 460])
    fitted, *numbers, _, _, _ = on_fit(match, *made.files, made, 460, 180, distance, FOCAL, BASELINE, *FIELDS)
    files = {file.suffix: file for file in save_pair(cast(RectifiedPair, fitted), tmp_path)}
    for suffix in (".json", ".yaml"):
        camera = read_camera(files[suffix]).calibration
        assert (camera.focal_length_px, camera.baseline_m, camera.doffs_px) == pytest.approx(numbers)


def rig_photos(folder: Path) -> tuple[str, str]:
    left = Viewer((0, 0, 0), np.eye(3), rig_files.K1, rig_files.D1)
    right = Viewer(tuple(rig_files.PLACE), rig_files.TURN, rig_files.K2, rig_files.D2)
    return saved(folder, see(left)[0], see(right)[0])


def test_a_typed_focal_length_that_the_matches_contradict_gives_way_to_theirs_until_undo(
    tab: StereoTab, tmp_path: Path
) -> None:
    photos = saved(tmp_path, LEFT, see(right_viewer(2, 0.5, 1))[0])
    shown = click(tab, tmp_path / "cache", photos, numbers=(1.15 * FOCAL, BASELINE, 0))
    made = made_by(tab, shown)
    assert numbers_in(tab, shown) == [made.found.focal_length_px, BASELINE, 0]
    assert made.found.focal_length_px == pytest.approx(FOCAL, rel=0.02)
    assert f"they say {made.found.focal_length_px:.1f} px; depth is computed with that" in shown[tab.rectifying.report]
    back = tab.rectifying.on_undo(tab.pair[:2], tab.camera, made)
    assert numbers_in(tab, back) == [1.15 * FOCAL, BASELINE, 0]


def test_a_file_with_both_cameras_gives_metres_at_once(tab: StereoTab, tmp_path: Path) -> None:
    file = tmp_path / "stereo.json"
    file.write_text(rig_files.json_text())
    *_, told, _ = on_calibration_file([str(file)], None)
    assert "**Rectify**, above, takes that step with this file." in cast(Any, told).value
    shown = click(tab, tmp_path / "cache", rig_photos(tmp_path), [str(file)])
    made = made_by(tab, shown)
    focal, baseline, doffs = numbers_in(tab, shown)
    assert baseline == pytest.approx(np.linalg.norm(rig_files.PLACE))
    assert (focal, doffs) == (made.found.focal_length_px, 0)
    assert not shown[tab.rectifying.metres.group].visible
    assert "| Expected error |" in shown[tab.rectifying.report]
    assert "**Before**, the rows differ by" in shown[tab.rectifying.report]
    camera = camera_of(made, focal, baseline, doffs, shown[tab.camera.read])
    assert camera == made.found.calibration  # with its principal point
    assert made.pair(camera).calibration == camera


def test_the_unit_is_asked_for_where_a_file_does_not_tell(tab: StereoTab, tmp_path: Path) -> None:
    file = tmp_path / "stereo.yaml"
    file.write_text(rig_files.opencv_yaml())
    photos = rig_photos(tmp_path)
    asked = click(tab, tmp_path / "cache", photos, [str(file)])
    assert set(asked) == {tab.rectifying.line, tab.rectifying.unit}
    assert asked[tab.rectifying.unit].visible
    shown = click(tab, tmp_path / "cache", photos, [str(file)], unit="mm")
    assert numbers_in(tab, shown)[1] == pytest.approx(np.linalg.norm(rig_files.PLACE))


def test_the_files_of_ros_are_taken_in_any_order(tmp_path: Path) -> None:
    paths = []
    for name, text in zip(("left", "right"), rig_files.ros(), strict=True):
        paths.append(str(tmp_path / f"{name}.yaml"))
        Path(paths[-1]).write_text(text)
    first, second = rig_of(paths, None), rig_of(paths[::-1], None)
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(first.translation_m, second.translation_m)
    assert first.translation_m[0] < 0
    assert rig_of([], None) is None
    assert ".yaml" in FILE_TYPES


def test_without_the_constant_there_are_no_metres_and_a_measured_point_gives_them(
    tab: StereoTab, photos: tuple[str, str], tmp_path: Path
) -> None:
    made = made_by(tab, click(tab, tmp_path, photos, numbers=(1.15 * FOCAL, BASELINE, 0)))
    camera = camera_of(made, 1.15 * FOCAL, BASELINE, 0, None)
    assert made.pair(camera).calibration is None
    assert WITHHELD in made.words(camera)
    asked: list[Any] = []

    def matching(pair: Any, settings: Any) -> Any:
        asked.append(pair)
        return match(pair, settings)

    column, row = 460, 180  # on the wall
    distance = float(LEFT_DEPTH[row, column])
    fitted, *numbers, said, _, _ = on_fit(matching, *made.files, made, column, row, distance, FOCAL, BASELINE, *FIELDS)
    assert "fitted to the distance of" in str(said)
    focal, length, doffs = cast(Any, numbers)
    known = camera_of(cast(RectifiedPair, fitted), focal, length, doffs, None)
    metres = match(cast(RectifiedPair, fitted).pair(known), SgbmSettings()).depth
    assert metres is not None
    there = metres.valid
    assert np.median(np.abs(metres.values[there] / LEFT_DEPTH[there] - 1)) < 0.02
    assert WITHHELD not in cast(RectifiedPair, fitted).words(known)
    assert asked[0].calibration is None
    with pytest.raises(ValueError, match="only with the baseline"):
        on_fit(matching, *made.files, made, column, row, distance, FOCAL, 0, *FIELDS)
    with pytest.raises(ValueError, match="Choose a point first"):
        on_fit(matching, *made.files, made, None, row, 0, FOCAL, 0, *FIELDS)
    with pytest.raises(ValueError, match="rectify the pair first"):
        on_fit(matching, *photos, made, column, row, 0, FOCAL, 0, *FIELDS)
    with pytest.raises(ValueError, match="outside the picture of 640x480 pixels"):
        on_fit(matching, *made.files, made, 640, row, 0, FOCAL, 0, *FIELDS)


def test_a_click_on_the_picture_gives_its_column_and_row(tab: StereoTab, photos: tuple[str, str], tmp_path: Path) -> None:
    made = made_by(tab, click(tab, tmp_path, photos))

    def clicked(index: object, pair: RectifiedPair | None = made) -> tuple[object, object]:
        return on_point(pair, gr.SelectData(None, {"index": index, "value": None}))

    assert clicked([460.7, 180]) == (460, 180)
    nothing = (gr.skip(), gr.skip())
    garbage: list[object] = [[640, 180], [-1, 0], [1e9, 2], "ab", None, [None, 1], [1]]
    assert [clicked(index) for index in garbage] == [nothing] * len(garbage)
    assert clicked([1, 2], None) == nothing


def test_a_far_point_is_given_disparity_0(tab: StereoTab, photos: tuple[str, str], tmp_path: Path) -> None:
    made = made_by(tab, click(tab, tmp_path, photos))
    fitted, focal, baseline, doffs, _, *search = on_fit(match, *made.files, made, 460, 180, 0, FOCAL, 0, *FIELDS)
    assert search == [0, 128]  # infinity lies inside
    disparity = match(made.pair(None), SgbmSettings()).disparity
    assert cast(float, doffs) == pytest.approx(-disparity.values[180, 460])
    assert (focal, baseline) == (FOCAL, 0)
    assert cast(RectifiedPair, fitted).constant is not None


def test_the_search_range_is_moved_down_until_it_holds_infinity() -> None:
    settings = SgbmSettings(min_disparity=0, num_disparities=64)
    assert reaching_infinity(settings, -3.7) == SearchRange(-16, 80)
    assert reaching_infinity(settings, -20) == SearchRange(-32, 96)
    assert reaching_infinity(settings, 5) == SearchRange(0, 64)
    far = Constant(3.7, "a truth", 1, 0.0)
    assert note_on_infinity(far, settings).startswith("Infinity is at -3.7 px, but the search range begins at 0 px")
    assert note_on_infinity(far, SgbmSettings(min_disparity=-4, num_disparities=64)) == ""


def test_black_is_no_disparity_and_is_not_filled(tab: StereoTab, tmp_path: Path) -> None:
    turned = see(Viewer((BASELINE, 0, 0), turn_of(roll=6)))[0]
    made = made_by(tab, click(tab, tmp_path / "cache", saved(tmp_path, LEFT, turned)))
    assert not made.found.right_valid.all()
    found = match(made.pair(None), SgbmSettings())
    rows, columns = np.nonzero(found.disparity.valid)
    other = np.rint(columns - found.disparity.values[rows, columns]).astype(int)
    assert made.found.right_valid[rows, other].all()


def test_a_pair_one_above_the_other_is_drawn_matched_and_saved_as_the_photos_lie(tab: StereoTab, tmp_path: Path) -> None:
    below = see(Viewer((0, BASELINE, 0), turn_of(0.5)))[0]
    shown = click(tab, tmp_path / "cache", saved(tmp_path, LEFT, below))
    made = made_by(tab, shown)
    assert made.found.is_turned
    report = shown[tab.rectifying.report]
    assert report.count("a quarter counterclockwise in their fields and files") == 1
    before, after = shown[tab.rectifying.lines]
    assert before.shape == after.shape
    assert before.shape[0] > before.shape[1]  # one view above the other, each wider than high
    assert (before != after).any()
    height, width = shown[tab.rectifying.arrows].shape[:2]
    assert width > 2 * height
    camera = Calibration(FOCAL, BASELINE, 0.001)
    result = tab._match(*made.files, camera, SgbmSettings(), gr.Progress(), made=made)
    np.testing.assert_array_equal(result.match.pair.left, LEFT)
    depth = result.depth("as matched")
    assert depth is not None
    assert np.nanmedian(np.abs(depth.values / LEFT_DEPTH - 1)) < 0.01
    assert result.disparity("filled").shape == LEFT_DEPTH.shape
    numbers = [np.load(file) for file in result.save("Turbo", tmp_path) if file.suffix == ".npy"]
    assert {values.shape for values in numbers} == {LEFT_DEPTH.shape}


def test_the_three_families_show_a_pair_one_above_the_other_as_the_photos_lie(tab: StereoTab, tmp_path: Path) -> None:
    below = see(Viewer((0, BASELINE, 0)))[0]
    made = made_by(tab, click(tab, tmp_path / "cache", saved(tmp_path, LEFT, below)))
    found, _ = match_files(*made.files, 0, 128, "SAD", 9, gr.Progress(), made)
    assert {one.disparity.shape for one in found.matches} == {LEFT_DEPTH.shape}
    errors = [np.nanmedian(np.abs(one.disparity.values - FOCAL * BASELINE / LEFT_DEPTH)) for one in found.matches]
    assert max(errors) < 1


def test_two_photos_that_cannot_be_rectified_are_refused_and_nothing_is_lost(tab: StereoTab, tmp_path: Path) -> None:
    mirrored = np.ascontiguousarray(cv2.flip(LEFT, 1))
    with pytest.raises(ValueError, match=r"\.$"):
        click(tab, tmp_path / "cache", saved(tmp_path, LEFT, mirrored))
    with pytest.raises(ValueError, match="add the missing one"):
        tab.rectifying.on_rectify(str(tmp_path), tab.pair[:2], tab.camera, "a", None, None, None, 0, 0, 0, None)
