"""A truth beside its pair: which reading the pair agrees with, and what is asked where it agrees with none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.truth import GroundTruthFile, load_ground_truth
from depth_demo.geometry import Calibration, DepthKind, StereoPair

HEIGHT, WIDTH = 240, 320
CAMERA = Calibration(320.0, 0.25)
Map = NDArray[np.float32]


def scene() -> tuple[Map, StereoPair]:
    """Return disparity [px] and a pair: a slanted floor, boxes before it, and texture everywhere."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    disparity = 8 + 0.06 * rows + 0.03 * columns
    for number in range(9):  # boxes whose nearness changes from one to the next
        top, left_edge = 20 + 70 * (number // 3), 40 + 90 * (number % 3) - 15 * (number // 3)
        disparity[top : top + 50, left_edge : left_edge + 45] = 14 + 11 * (number * 5 % 9 % 4)
    noise = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH + 80, 3)).astype(np.uint8)
    texture = cv2.GaussianBlur(noise, (0, 0), 0.8)
    texture = cv2.convertScaleAbs(texture, alpha=2.2, beta=-150)
    left = texture[:, 40 : 40 + WIDTH]
    right = np.zeros_like(left)
    for near_to_far in np.argsort(disparity, axis=None):
        row, column = divmod(int(near_to_far), WIDTH)
        target = column - round(float(disparity[row, column]))
        if 0 <= target < WIDTH:
            right[row, target] = left[row, column]
    holes = (right == 0).all(axis=2)
    right[holes] = texture[:, :WIDTH][holes]
    return np.rint(disparity).astype(np.float32), StereoPair(left.copy(), right, CAMERA)


DISPARITY, PAIR = scene()
DEPTH = CAMERA.focal_length_px * CAMERA.baseline_m / DISPARITY  # 1.7 to 10 m


def read(
    folder: Path, content: NDArray[Any], name: str = "truth.npy", pair: StereoPair = PAIR, **options: Any
) -> GroundTruthFile:
    path = folder / name
    if name.endswith(".npy"):
        np.save(path, content)
    else:
        path.write_bytes(cv2.imencode(path.suffix, content)[1].tobytes())
    return load_ground_truth(path, pair=pair, **options)


def as_16_bits(values: Map) -> NDArray[np.uint16]:
    return np.rint(values).astype(np.uint16)


def rotated(millimetres: NDArray[np.uint16]) -> NDArray[np.uint16]:
    return ((millimetres << 3) | (millimetres >> 13)).astype(np.uint16)


def carla() -> NDArray[np.uint8]:
    numbers = np.rint(DEPTH / 1000 * (2**24 - 1)).astype(np.uint32)
    return np.stack([numbers >> 16, numbers >> 8, numbers], axis=2).astype(np.uint8)  # OpenCV writes the last one as red


CASES: dict[str, tuple[Callable[[], NDArray[Any]], str, DepthKind]] = {
    "kitti": (lambda: as_16_bits(DISPARITY * 256), "disparity = value / 256 px", DepthKind.DISPARITY),
    "millimetres": (lambda: as_16_bits(DEPTH * 1000), "depth = value / 1000 m", DepthKind.METRIC_DEPTH),
    "tum": (lambda: as_16_bits(DEPTH * 5000), "depth = value / 5000 m", DepthKind.METRIC_DEPTH),
    "centimetres": (lambda: as_16_bits(DEPTH * 100), "depth = value / 100 m", DepthKind.METRIC_DEPTH),
    "sunrgbd": (lambda: rotated(as_16_bits(DEPTH * 1000)), "turned value / 1000 m", DepthKind.METRIC_DEPTH),
    "midair": (lambda: DEPTH.astype(np.float16).view(np.uint16), "float16 of the bits m", DepthKind.METRIC_DEPTH),
    "instereo2k": (lambda: as_16_bits(DISPARITY * 100), "disparity = value / 100 px", DepthKind.DISPARITY),
    "nerf": (lambda: as_16_bits(DISPARITY * 64), "disparity = value / 64 px", DepthKind.DISPARITY),
    "oak": (lambda: as_16_bits(DISPARITY * 8), "disparity = value / 8 px", DepthKind.DISPARITY),
    "opencv": (lambda: (DISPARITY * 16).astype(np.int16), "disparity = value / 16 px", DepthKind.DISPARITY),
    "middlebury": (lambda: (DISPARITY * 4).astype(np.uint8), "disparity = value / 4 px", DepthKind.DISPARITY),
    "carla": (carla, "(R + 256 G + 65536 B) / 16777.2 m", DepthKind.METRIC_DEPTH),
    "depth-in-float": (lambda: DEPTH, "depth = value m", DepthKind.METRIC_DEPTH),
    "millimetres-in-float": (lambda: DEPTH * 1000, "depth = value / 1000 m", DepthKind.METRIC_DEPTH),
    "sign-turned": (lambda: -DISPARITY, "disparity = value / -1 px", DepthKind.DISPARITY),
    "share-of-the-width": (lambda: DISPARITY / WIDTH, "disparity = value / 0.003125 px", DepthKind.DISPARITY),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reading_that_the_pair_agrees_with_is_taken_and_told(tmp_path: Path, case: str) -> None:
    stored, formula, kind = CASES[case]
    truth = read(tmp_path, stored(), "truth.png" if case == "carla" else "truth.npy")
    assert truth.question is None
    assert truth.depth_map.kind is kind
    assert formula in truth.description
    assert "The pair agrees on" in truth.description
    expected = DISPARITY if kind is DepthKind.DISPARITY else DEPTH
    np.testing.assert_allclose(truth.depth_map.values, expected, rtol=0.04)


def test_midair_gives_distances_along_the_ray(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    stretch = np.sqrt(1 + ((columns - (WIDTH - 1) / 2) / 320) ** 2 + ((rows - (HEIGHT - 1) / 2) / 320) ** 2)
    stored = (DEPTH * stretch).astype(np.float16).view(np.uint16)
    for encoding in (None, "midair_depth"):
        truth = read(tmp_path, stored, encoding=encoding)
        assert truth.question is None
        assert "float16 of the bits m" in truth.description
        assert "Distances along the ray are converted" in truth.description
        np.testing.assert_allclose(truth.depth_map.values, DEPTH, rtol=2e-3)


def test_a_mask_of_which_the_pair_sees_too_little_is_refused(tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:3, :3] = 255
    with pytest.raises(ValueError, match="holds only 255: that is a mask"):
        read(tmp_path, mask)


def test_a_chosen_reading_stays_and_is_doubted_with_others_to_choose(tmp_path: Path) -> None:
    truth = read(tmp_path, as_16_bits(DEPTH * 1000), kind="disparity")
    assert truth.depth_map.kind is DepthKind.DISPARITY
    assert truth.question is not None
    assert "Another reading fits better: depth = value / 1000 m" in truth.question.text
    best = truth.question.choices[0]
    again = read(tmp_path, as_16_bits(DEPTH * 1000), kind=best.kind, scale=best.scale, encoding=best.encoding)
    assert again.question is None
    np.testing.assert_allclose(again.depth_map.values, DEPTH, rtol=0.01)


def rays() -> Map:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    x, y = ((columns - (WIDTH - 1) / 2) / 320, (rows - (HEIGHT - 1) / 2) / 320)
    return (DEPTH * np.sqrt(1 + x * x + y * y)).astype(np.float32)


def test_distances_along_the_ray_become_depth_by_choice_or_by_encoding(tmp_path: Path) -> None:
    for kind, encoding in (("ray distance", None), ("recognised", "hypersim")):
        truth = read(tmp_path, rays(), kind=kind, encoding=encoding)
        assert "Distances along the ray are converted" in truth.description
        np.testing.assert_allclose(truth.depth_map.values, DEPTH, rtol=1e-5)
    with pytest.raises(ValueError, match="need the focal length"):
        read(tmp_path, rays(), kind="ray distance", pair=StereoPair(PAIR.left, PAIR.right))


@pytest.mark.parametrize("name", ["truth.npy", "depth.npy"])
def test_distances_along_the_ray_are_told_from_depth_by_the_pair(tmp_path: Path, name: str) -> None:
    np.testing.assert_allclose(read(tmp_path, rays(), name).depth_map.values, DEPTH, rtol=1e-5)
    np.testing.assert_array_equal(read(tmp_path, DEPTH, name).depth_map.values, DEPTH)


WRONG: dict[str, tuple[Callable[[], NDArray[Any]], str]] = {
    "upside-down": (lambda: as_16_bits(DISPARITY[::-1] * 256), "The truth is upside down"),
    "mirrored": (lambda: DISPARITY[:, ::-1], "The truth is mirrored"),
    "the-view-itself": (lambda: cv2.cvtColor(PAIR.left, cv2.COLOR_RGB2GRAY), "looks like the left view itself"),
    "another-scene": (
        lambda: 5 + 30 * np.random.default_rng(0).random((HEIGHT, WIDTH), np.float32),
        "does not resemble what the pair shows",
    ),
    "labels": (lambda: np.random.default_rng(0).integers(1, 19, (HEIGHT, WIDTH), np.uint8), "a mask or a map of labels"),
    "constant": (lambda: np.full((HEIGHT, WIDTH), 70, np.float32), "The ground truth holds only 70: that is a mask"),
    "mask": (lambda: np.where(DISPARITY > 20, 128, 255).astype(np.uint8), "holds only 128 and 255: that is a mask"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_truth_that_disagrees_with_the_pair_is_asked_about_or_refused(tmp_path: Path, case: str) -> None:
    stored, said = WRONG[case]
    try:
        question = read(tmp_path, stored()).question
        told = question.text if question else "nothing"
    except ValueError as error:
        told = str(error)
    assert said in told


def test_an_upside_down_map_as_airsim_writes_it_is_turned_and_told(tmp_path: Path) -> None:
    truth = read(tmp_path, DISPARITY[::-1])
    assert truth.question is None
    assert "with disparity = value px on" in truth.description
    np.testing.assert_array_equal(truth.depth_map.values, DISPARITY)
    np.testing.assert_array_equal(read(tmp_path, DISPARITY[::-1], encoding="airsim").depth_map.values, DISPARITY)


@pytest.mark.parametrize(("stored", "scale"), [(DISPARITY / 40, 0.025), (DISPARITY * 1.3, 1.3)])
def test_a_truth_that_is_off_by_a_factor_is_asked_about_with_the_factor(tmp_path: Path, stored: Map, scale: float) -> None:
    question = read(tmp_path, stored).question
    assert question is not None
    assert f"The truth is about {scale:g} times the disparity that the pair shows on" in question.text
    (choice,) = question.choices
    again = read(tmp_path, stored, kind=choice.kind, scale=choice.scale, encoding=choice.encoding)
    assert again.question is None
    np.testing.assert_allclose(again.depth_map.values, DISPARITY, rtol=0.01)


def test_no_data_beside_disparities_whose_sign_is_turned_is_unknown(tmp_path: Path) -> None:
    stored = -DISPARITY
    stored[::7] = -9999
    truth = read(tmp_path, stored)
    assert np.isnan(truth.depth_map.values[::7]).all()
    np.testing.assert_array_equal(truth.depth_map.values[1], DISPARITY[1])


def test_the_truth_of_the_right_view_is_named(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    right_truth = np.full((HEIGHT, WIDTH), np.nan, np.float32)
    for far_to_near in np.argsort(DISPARITY, axis=None):
        row, column = rows.flat[far_to_near], columns.flat[far_to_near]
        target = column - int(DISPARITY[row, column])
        if target >= 0:
            right_truth[row, target] = DISPARITY[row, column]
    question = read(tmp_path, right_truth).question
    assert question is not None
    assert "looks like the truth of the right view" in question.text


@pytest.mark.parametrize(("encoding", "factor"), [(None, 2.0), ("spring", 1.0)])
def test_a_truth_of_twice_the_size_is_brought_to_the_views(tmp_path: Path, encoding: str | None, factor: float) -> None:
    large = np.repeat(np.repeat(DISPARITY, 2, axis=0), 2, axis=1) * np.float32(factor)
    truth = read(tmp_path, large, encoding=encoding)
    np.testing.assert_allclose(truth.depth_map.values, DISPARITY)
    assert "The truth is 640x480 pixels: each pixel of the views takes the nearest value" in truth.description
    assert ("disparities are multiplied by 0.5" in truth.description) == (encoding is None)


def test_a_truth_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must have the shape of the left image, 320x240 pixels, but it is 320x200"):
        read(tmp_path, DISPARITY[:200])


@pytest.mark.parametrize("sky", [1e10, 65504.0, 10_000.0, 1000.0, 655.35])
def test_the_number_of_the_sky_is_unknown(tmp_path: Path, sky: float) -> None:
    stored = DEPTH.copy()
    stored[:8] = sky
    stored += np.linspace(0, 0.01, WIDTH, dtype=np.float32) * (stored < 100)
    truth = read(tmp_path, stored, "depth.npy")
    assert np.isnan(truth.depth_map.values[:8]).all()
    assert not np.isnan(truth.depth_map.values[8:]).any()
    assert "(sky)" in truth.description


def test_a_number_far_below_all_others_is_no_data_even_among_both_signs(tmp_path: Path) -> None:
    stored = DISPARITY - 20
    stored[::7] = -9999
    truth = load_ground_truth(_saved(tmp_path, stored))
    assert np.isnan(truth.depth_map.values[::7]).all()
    assert truth.depth_map.values[1, 0] == stored[1, 0]
    assert "-9999" in truth.description


def _saved(folder: Path, stored: Map) -> Path:
    np.save(folder / "d.npy", stored)
    return folder / "d.npy"


def test_depth_in_16_bits_without_a_pair_is_asked_about(tmp_path: Path) -> None:
    np.save(tmp_path / "depth.npy", as_16_bits(DEPTH * 1000))
    question = load_ground_truth(tmp_path / "depth.npy").question
    assert question is not None
    assert [choice.encoding for choice in question.choices] == ["millimetres", "tum", "vkitti"]
