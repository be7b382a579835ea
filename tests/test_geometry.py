"""The vocabulary: conversions against values worked out by hand, and refusals that say what is accepted."""

from __future__ import annotations

import math
from itertools import zip_longest

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.geometry import (
    Calibration,
    DepthKind,
    DepthMap,
    Labels,
    StereoPair,
    back_project,
    choose_focal_length,
    depth_to_disparity,
    disparity_to_depth,
    focal_length_px_from_35mm,
    size_text,
)
from depth_demo.render.shape import percentiles, shape_depth, surface_depth
from tests.conftest import disparity_map

RELATIVE, DISPARITY, DEPTH = DepthKind.RELATIVE_INVERSE_DEPTH, DepthKind.DISPARITY, DepthKind.METRIC_DEPTH
CAMERA = Calibration(700.0, 0.5)  # f B = 350 px m
OFFSET_CAMERA = Calibration(1000.0, 0.2, 30.0)  # f B = 200 px m


def depth_map(values: NDArray[np.generic] | list[list[float]], kind: DepthKind = DEPTH) -> DepthMap:
    return DepthMap(np.asarray(values, np.float32), kind)


def views(height: int = 4, width: int = 6) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("camera", "disparity", "depth"),
    [
        pytest.param(CAMERA, 70.0, 5.0, id="350/70"),
        pytest.param(CAMERA, 0.0, math.nan, id="at-infinity"),
        pytest.param(CAMERA, math.nan, math.nan, id="unmatched"),
        pytest.param(OFFSET_CAMERA, 20.0, 4.0, id="200/(20+30)"),
        pytest.param(OFFSET_CAMERA, -10.0, 10.0, id="200/(-10+30)"),
        pytest.param(OFFSET_CAMERA, -30.0, math.nan, id="offset-at-infinity"),
        pytest.param(OFFSET_CAMERA, -30.5, math.nan, id="offset-behind-infinity"),
        pytest.param(CAMERA, 1e-40, math.nan, id="farther-than-float32-goes"),
    ],
)
def test_disparity_becomes_metres(camera: Calibration, disparity: float, depth: float) -> None:
    result = disparity_to_depth(disparity_map([[disparity]]), camera)
    assert result.kind is DEPTH
    assert result.values[0, 0] == pytest.approx(depth, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("camera", "depth", "disparity"),
    [
        pytest.param(CAMERA, 5.0, 70.0, id="350/5"),
        pytest.param(OFFSET_CAMERA, 10.0, -10.0, id="200/10-30"),
        pytest.param(CAMERA, math.nan, math.nan, id="unknown"),
        pytest.param(CAMERA, 1e-40, math.nan, id="more-than-float32-holds"),
    ],
)
def test_metres_become_disparity(camera: Calibration, depth: float, disparity: float) -> None:
    result = depth_to_disparity(depth_map([[depth]]), camera)
    assert result.kind is DISPARITY
    assert result.values[0, 0] == pytest.approx(disparity, rel=1e-6, nan_ok=True)


def test_the_two_conversions_are_inverse(random: np.random.Generator) -> None:
    disparity = disparity_map(random.uniform(1, 200, (20, 30)))
    there_and_back = depth_to_disparity(disparity_to_depth(disparity, OFFSET_CAMERA), OFFSET_CAMERA)
    np.testing.assert_allclose(there_and_back.values, disparity.values, rtol=1e-4)


@pytest.mark.parametrize("factor", [0.5, 1.3])
def test_a_scaled_camera_sees_the_same_metres(factor: float) -> None:
    original = disparity_to_depth(disparity_map([[12.0, 40.0]]), OFFSET_CAMERA)
    resized = disparity_to_depth(disparity_map([[12.0 * factor, 40.0 * factor]]), OFFSET_CAMERA.scaled(factor))
    np.testing.assert_allclose(resized.values, original.values, rtol=1e-6)


def test_scaling_leaves_the_baseline() -> None:
    assert OFFSET_CAMERA.scaled(0.5) == Calibration(500.0, 0.2, 15.0)


@pytest.mark.parametrize(
    ("name", "value"), [("Focal length", 0.0), ("Focal length", math.nan), ("Baseline", -3.5), ("Baseline", math.inf)]
)
def test_lengths_of_a_camera_are_larger_than_zero(name: str, value: float) -> None:
    focal, baseline = (value, 0.5) if name == "Focal length" else (700.0, value)
    with pytest.raises(ValueError, match=f"^{name} must be a number larger than 0, not {value:g}\\.$"):
        Calibration(focal, baseline)


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_doffs_are_finite(value: float) -> None:
    with pytest.raises(ValueError, match=f"^doffs must be a finite number of pixels, not {value:g}\\.$"):
        Calibration(700.0, 0.5, value)


def test_a_camera_cannot_be_scaled_to_nothing() -> None:
    with pytest.raises(ValueError, match="Focal length must be a number larger than 0"):
        CAMERA.scaled(0)


def test_a_map_is_a_read_only_copy() -> None:
    source = np.ones((2, 3), np.float32)
    held = DepthMap(source, DISPARITY)
    source[0, 0] = 9
    assert held.values[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        held.values[0, 0] = 2
    with pytest.raises(AttributeError):
        held.kind = DEPTH  # type: ignore[misc]


def test_only_values_that_nobody_can_change_are_not_copied() -> None:
    frozen, source = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    frozen.flags.writeable = False
    view = source[:]
    view.flags.writeable = False
    assert DepthMap(frozen, DISPARITY).values is frozen
    held = DepthMap(view, DISPARITY)
    source[0, 0] = 9
    assert held.values[0, 0] == 1


@pytest.mark.parametrize(("values", "is_empty"), [([[math.nan] * 2] * 2, True), ([[math.nan] * 2, [math.nan, 0]], False)])
def test_a_map_is_empty_without_a_measurement(values: list[list[float]], is_empty: bool) -> None:  # noqa: FBT001
    assert disparity_map(values).is_empty is is_empty


def test_a_map_knows_its_size_and_where_it_is_known() -> None:
    held = disparity_map([[1, math.nan, 0], [math.nan, -2, 3]])
    assert held.shape == (2, 3)
    assert held.values.dtype == np.float32
    assert held.valid.tolist() == [[True, False, True], [False, True, True]]
    assert size_text(held.values) == "3x2"


@pytest.mark.parametrize("dtype", [np.uint16, np.int64, np.float16, np.float64])
def test_any_numbers_become_float32(dtype: type[np.generic]) -> None:
    held = DepthMap(np.array([[3, 7]], dtype), DISPARITY)
    assert held.values.dtype == np.float32
    assert held.values.tolist() == [[3, 7]]


@pytest.mark.parametrize("shape", [(), (5,), (0, 5), (2, 3, 1)])
def test_a_map_has_two_dimensions(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"A depth map has shape \(H, W\), this one has") as caught:
        DepthMap(np.ones(shape, np.float32), DISPARITY)
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize(("kind", "value"), list(zip_longest(DepthKind, (math.inf, -math.inf), fillvalue=1e300)))
def test_a_map_is_finite(kind: DepthKind, value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        DepthMap(np.array([[1.0, value]]), kind)


@pytest.mark.parametrize("value", [0.0, -0.25])
def test_metric_depth_is_larger_than_zero(value: float) -> None:
    with pytest.raises(ValueError, match=f"larger than 0 m; the smallest value here is {value:g}\\."):
        depth_map([[3.0, math.nan, value]])


@pytest.mark.parametrize("kind", [RELATIVE, DISPARITY])
def test_the_other_kinds_may_be_negative(kind: DepthKind) -> None:
    assert depth_map([[-1.0, 0.0]], kind).values.tolist() == [[-1, 0]]


@pytest.mark.parametrize(
    ("kind", "label", "nearer_is_larger"),
    [
        (RELATIVE, "relative inverse depth (no unit)", True),
        (DISPARITY, "disparity [px]", True),
        (DEPTH, "depth [m]", False),
    ],
)
def test_what_a_kind_means(kind: DepthKind, label: str, nearer_is_larger: bool) -> None:  # noqa: FBT001
    assert (kind.label, kind.nearer_is_larger) == (label, nearer_is_larger)


def test_a_wrong_kind_is_refused_by_both_names() -> None:
    relative = depth_map([[1.0]], RELATIVE)
    with pytest.raises(ValueError, match=r"^This needs disparity, but the map holds relative inverse depth\.$"):
        disparity_to_depth(relative, CAMERA)
    with pytest.raises(ValueError, match=r"^This needs depth, but the map holds disparity\.$"):
        depth_to_disparity(disparity_map([[1.0]]), CAMERA)
    with pytest.raises(ValueError, match=r"^This needs disparity or depth, but the map holds relative inverse depth\.$"):
        relative.require(DISPARITY, DEPTH)


def test_a_pair_holds_what_it_is_given() -> None:
    truth = disparity_map(np.ones((4, 6)))
    pair = StereoPair(views(), views(), CAMERA, truth, "street")
    assert (pair.calibration, pair.ground_truth, pair.name) == (CAMERA, truth, "street")


def test_views_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="same size, but left is 6x4 and right is 7x4 pixels"):
        StereoPair(views(4, 6), views(4, 7))


@pytest.mark.parametrize(
    ("side", "image", "description"),
    [
        pytest.param("left", np.zeros((4, 6), np.uint8), r"\(4, 6\) uint8", id="grey"),
        pytest.param("right", np.zeros((4, 6, 4), np.uint8), r"\(4, 6, 4\) uint8", id="alpha"),
        pytest.param("left", np.zeros((4, 6, 3), np.float32), r"\(4, 6, 3\) float32", id="float"),
    ],
)
def test_views_are_8_bit_rgb(side: str, image: NDArray[np.uint8], description: str) -> None:
    sides = (image, views()) if side == "left" else (views(), image)
    with pytest.raises(ValueError, match=rf"^The {side} image must be \(H, W, 3\) uint8 RGB, not {description}\.$"):
        StereoPair(*sides)


def test_truth_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="size of the left image, 6x4 pixels, but it is 4x6"):
        StereoPair(views(), views(), ground_truth=disparity_map(np.ones((6, 4))))


def test_labels_of_another_size_are_refused() -> None:
    labels = Labels(np.zeros((6, 4), np.uint8), {0: "sky"})
    with pytest.raises(ValueError, match="The label map must have the size of the left image, 6x4 pixels, but it is 4x6"):
        StereoPair(views(), views(), labels=labels)


def test_back_projection_by_hand() -> None:
    # Centre of 5x3 pixels: column 2, row 1. Pixel (row 0, column 4) at z = 6 with f = 3: x = (4-2)*6/3, y = (0-1)*6/3.
    depth = np.full((3, 5), np.nan, np.float32)
    depth[0, 4], depth[1, 2] = 6, 8
    points = back_project(depth, 3.0)
    assert points.dtype == np.float32
    assert points[0, 4].tolist() == [4, -2, 6]
    assert points[1, 2].tolist() == [0, 0, 8]
    assert np.isnan(points).all(axis=-1).sum() == 13  # all 15 but those two


def test_back_projection_centres_even_sizes_between_pixels() -> None:
    points = back_project(np.full((2, 2), 4, np.float32), 2.0)  # half a pixel off the centre: 0.5 * 4 / 2
    assert points[..., 0].tolist() == [[-1, 1], [-1, 1]]
    assert points[..., 1].tolist() == [[-1, -1], [1, 1]]


def test_back_projection_by_the_real_camera() -> None:
    # Column 3, row 1, fx 2, fy 4: pixel (row 2, column 0) at z = 8 lies at x = (0 - 3) * 8 / 2, y = (2 - 1) * 8 / 4.
    camera = Calibration(2.0, 0.1, focal_length_y_px=4.0, principal_point_px=(3.0, 1.0))
    points = back_project(np.full((3, 5), 8, np.float32), 2.0, camera=camera)
    assert points[2, 0].tolist() == [-12, 2, 8]
    assert points[1, 3].tolist() == [0, 0, 8]


def test_a_scaled_camera_sees_the_same_rays() -> None:
    # The edge of the first pixel, at -0.5, stays where it is.
    camera = Calibration(400.0, 0.2, 10.0, 404.0, (199.5, 99.5)).scaled(0.5)
    assert camera == Calibration(200.0, 0.2, 5.0, 202.0, (99.5, 49.5))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, 1e300])
def test_a_principal_point_is_finite(wrong: float) -> None:
    with pytest.raises(ValueError, match="principal point must be a finite number of pixels, not"):
        Calibration(700.0, 0.5, principal_point_px=(320.0, wrong))
    with pytest.raises(ValueError, match="Vertical focal length must be a number larger than 0, not"):
        Calibration(700.0, 0.5, focal_length_y_px=-wrong)


def test_projection_returns_to_the_pixel(random: np.random.Generator) -> None:
    x, y, z = np.moveaxis(back_project(random.uniform(1, 50, (7, 9)).astype(np.float32), 12.0), -1, 0)
    rows, columns = np.mgrid[:7, :9]
    np.testing.assert_allclose(12 * x / z + 4, columns, atol=1e-5)  # (9 - 1) / 2 = 4
    np.testing.assert_allclose(12 * y / z + 3, rows, atol=1e-5)  # (7 - 1) / 2 = 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 5.0),  # farther than the farthest 1 %: at its distance
        (50, 1 / 0.6),  # half way between 1 and 99: 1 / (0.2 + 0.8 / 2)
        (100, 1 / (0.2 + 0.8 * 99 / 98)),  # nearer than the nearest 1 %: goes on
    ],
)
def test_the_shape_of_relative_inverse_depth(value: int, expected: float) -> None:
    values = np.arange(101.0)[np.newaxis]  # its 1st and 99th percentiles are 1 and 99
    assert shape_depth(depth_map(values, RELATIVE))[0, value] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("scale", "shift"), [(1, 100), (0.01, -3)])
def test_the_shape_does_not_depend_on_scale_and_shift(random: np.random.Generator, scale: float, shift: float) -> None:
    values = random.uniform(0, 1, (20, 30))
    one, other = (shape_depth(depth_map(v, RELATIVE)) for v in (values, scale * values + shift))
    np.testing.assert_allclose(one, other, rtol=1e-2 if shift == 100 else 1e-3)  # 100 + [0, 1] leaves 17 bits of the 24


@pytest.mark.parametrize("kind", [RELATIVE, DISPARITY])
def test_nearer_stays_nearer_and_holes_stay_holes(random: np.random.Generator, kind: DepthKind) -> None:
    values = np.sort(random.uniform(1, 90, 300))
    values[::7] = np.nan
    shape = shape_depth(depth_map(values[np.newaxis], kind))[0]
    assert shape.dtype == np.float32
    assert np.isnan(shape).tolist() == np.isnan(values).tolist()
    known = shape[~np.isnan(shape)]
    assert (np.diff(known) <= 0).all()
    assert known[0] > 4.9 * known[-1]


def test_the_shape_of_disparity_is_its_inverse() -> None:
    values = np.full((10, 20), 40.0)  # so that the 99th percentile is 40, which comes to lie at 1
    values[0, :4] = 20, 10, 0, -5
    shape = shape_depth(disparity_map(values))
    np.testing.assert_allclose(shape[0, :5], [2, 4, math.nan, math.nan, 1], rtol=1e-6)


def test_disparity_too_small_to_invert_is_a_hole() -> None:
    assert np.isnan(shape_depth(disparity_map([[100.0] * 200 + [1e-40]]))[0, -1])


def test_a_flat_map_has_a_flat_shape() -> None:
    assert np.ptp(shape_depth(depth_map(np.full((4, 5), 3.0), RELATIVE))) == 0


@pytest.mark.parametrize("kind", [RELATIVE, DISPARITY])
def test_a_map_of_holes_has_no_shape(kind: DepthKind) -> None:
    assert np.isnan(shape_depth(depth_map([[math.nan] * 3], kind))).all()


def test_metres_need_no_made_up_shape() -> None:
    with pytest.raises(ValueError, match="needs relative inverse depth, relative depth or disparity, but the map holds depth"):
        shape_depth(depth_map([[1.0]]))


@pytest.mark.parametrize(
    ("kind", "camera", "expected", "unit"),
    [
        pytest.param(DEPTH, None, 70.0, "m", id="depth"),
        pytest.param(DISPARITY, CAMERA, 5.0, "m", id="disparity-and-camera"),  # 350 / 70
        pytest.param(DISPARITY, None, 1.0, "", id="disparity-alone"),  # in units of the nearest
        pytest.param(RELATIVE, CAMERA, 5.0, "", id="relative"),  # flat: all as far as the farthest
    ],
)
def test_what_a_surface_draws(kind: DepthKind, camera: Calibration | None, expected: float, unit: str) -> None:
    distances, drawn_unit = surface_depth(depth_map([[70.0, 70.0]], kind), camera)
    assert distances[0].tolist() == pytest.approx([expected, expected])
    assert drawn_unit == unit


@pytest.mark.parametrize(
    ("focal_35mm", "height", "width", "expected"),
    [
        (50, 24, 36, 50.0),  # a sensor of 36x24 px of 1 mm
        (26, 3000, 4000, 26 * 5000 / 43.266615),  # diagonal 5000 px over hypot(24, 36) mm
        (26, 4000, 3000, 26 * 5000 / 43.266615),  # upright: the same
    ],
)
def test_focal_length_from_the_35_mm_equivalent(focal_35mm: float, height: int, width: int, expected: float) -> None:
    assert focal_length_px_from_35mm(focal_35mm, height, width) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("typed", "exif", "pixels", "source"),
    [
        pytest.param(700.0, 500.0, 700.0, "as given", id="typed-wins"),
        pytest.param(0.0, 500.0, 500.0, "EXIF", id="zero-means-not-typed"),
        pytest.param(None, None, 2800.0, "assumed: a 28 mm lens", id="assumed"),  # 3600x2400: 100 px per mm
        pytest.param(0.0, 0.0, 2800.0, "assumed: a 28 mm lens", id="assumed-for-zeros"),
    ],
)
def test_which_focal_length_is_taken(typed: float | None, exif: float | None, pixels: float, source: str) -> None:
    image = np.broadcast_to(np.uint8(0), (2400, 3600, 3))
    chosen = choose_focal_length(typed, exif, image)
    assert chosen.pixels == pytest.approx(pixels)
    assert source in chosen.source


@pytest.mark.parametrize("typed", [-1.0, math.nan])
def test_a_typed_focal_length_is_checked(typed: float) -> None:
    with pytest.raises(ValueError, match=f"Focal length must be a number larger than 0, not {typed:g}"):
        choose_focal_length(typed, 500.0, views())


def test_percentiles_of_a_ramp_and_of_a_sparse_map() -> None:
    ramp = np.tile(np.linspace(0, 100, 2000, dtype=np.float32), (1000, 1))  # two million: every third row and column
    assert percentiles(ramp, 1, 50, 99) == pytest.approx((1, 50, 99), abs=0.2)
    sparse = np.full((1000, 2000), np.nan, np.float32)
    sparse[1, 1:4] = 7, np.inf, 9  # none of them in a third row
    assert percentiles(sparse, 0, 50, 100) == (7, 8, 9)
    with pytest.raises(ValueError, match="no finite value"):
        percentiles(np.full((2, 2), np.nan, np.float32), 50)
