"""What the bundled pairs promise, proved on their files: truth, views, labels and camera agree with each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.cameras import load_calibration
from depth_demo.geometry import StereoPair
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.settings import SgbmSettings

EXAMPLES = Path(__file__).parents[1] / "examples"
SCENES = ("466", "515")
LEGEND = {name: int(label) for label, name in json.loads((EXAMPLES / "labels.json").read_text()).items()}
MATTE = ("road", "marking", "pavement", "building")  # their colour does not depend on where one stands
# Where SGBM must leave at least twice as many wrong pixels as elsewhere: bare road, the fence's holes, what shows through
# windows, leaves, wires.
HARDER = {
    "466": (("road", "building"), ("fence", "pole"), ("fence", "object")),
    "515": (("road", "building"), ("glass", "building"), ("vegetation", "building"), ("pole", "object")),
}
FAR_CLIP_M = 250.0
UNIT = 256  # stored values per px and m

pytestmark = pytest.mark.parametrize("name", SCENES)


@dataclass(frozen=True)
class Scene:
    """One folder, decoded: views as float grey, disparities [px] and depth [m], 0 = none, labels."""

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    disparity: NDArray[np.float32]
    disparity_right: NDArray[np.float32]
    depth: NDArray[np.float32]
    labels: NDArray[np.uint8]

    def seen_on_the_right(self) -> NDArray[np.bool_]:
        """Known, and the right view's own truth at x - d is the same point, to 1 px."""
        there = sample(self.disparity_right, self.disparity, cv2.INTER_NEAREST)
        return (self.disparity > 0) & (np.abs(there - self.disparity) <= 1)

    def inside_the_right_view(self) -> NDArray[np.bool_]:
        return (self.disparity > 0) & (np.arange(self.disparity.shape[1]) >= self.disparity)

    def labelled(self, *names: str) -> NDArray[np.bool_]:
        return np.isin(self.labels, [LEGEND[name] for name in names])

    def mismatch(self, shift_px: float = 0.0) -> NDArray[np.float32]:
        """|left(x) - right(x - d + shift)| in grey values."""
        shifted = sample(self.right, self.disparity - np.float32(shift_px), cv2.INTER_CUBIC)
        return np.asarray(np.abs(self.left - shifted), dtype=np.float32)


def sample(image: NDArray[np.float32], disparity: NDArray[np.float32], interpolation: int) -> NDArray[np.float32]:
    """`image` at (x - disparity, y)."""
    y, x = np.indices(disparity.shape, dtype=np.float32)
    return np.asarray(cv2.remap(image, x - disparity, y, interpolation, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def read(name: str, file: str) -> NDArray[np.generic]:
    image = cv2.imread(str(EXAMPLES / name / file), cv2.IMREAD_UNCHANGED)
    assert image is not None, f"{file} of {name} cannot be read"
    return image


@cache
def scene(name: str) -> Scene:
    def grey(file: str) -> NDArray[np.float32]:
        return np.asarray(cv2.cvtColor(np.asarray(read(name, file)), cv2.COLOR_BGR2GRAY), dtype=np.float32)

    def stored(file: str) -> NDArray[np.float32]:
        return np.asarray(np.asarray(read(name, file)) / UNIT, dtype=np.float32)

    labels = np.asarray(read(name, "labels.png"), dtype=np.uint8)
    views = grey("left.png"), grey("right.png")
    return Scene(*views, stored("disparity.png"), stored("disparity_right.png"), stored("depth.png"), labels)


def test_camera_and_sizes_are_those_of_the_original_set(name: str) -> None:
    camera = load_calibration(EXAMPLES / name / "calib.txt")
    assert (camera.focal_length_px, camera.baseline_m, camera.doffs_px) == (658.557, 0.4, 0)
    kinds = {
        ("left.png", "right.png"): ((1200, 1920, 3), "uint8"),
        ("disparity.png", "disparity_right.png", "depth.png"): ((1200, 1920), "uint16"),
        ("disparity_8bit.png", "depth_8bit.png", "labels.png"): ((1200, 1920), "uint8"),
    }
    for files, kind in kinds.items():
        for file in files:
            image = read(name, file)
            assert (image.shape, str(image.dtype)) == kind


def test_disparity_times_depth_is_focal_length_times_baseline(name: str) -> None:
    camera, s = load_calibration(EXAMPLES / name / "calib.txt"), scene(name)
    known = s.depth > 0
    assert np.array_equal(known, s.disparity > 0)
    disparity, depth = s.disparity[known].astype(np.float64), s.depth[known].astype(np.float64)
    # Each is off by at most half a step, so the product by half a step of one times the other.
    rounding = (disparity + depth + 1 / UNIT) * 0.5 / UNIT
    assert (np.abs(disparity * depth - camera.focal_length_px * camera.baseline_m) <= rounding + 1e-3).all()


def test_depth_reaches_from_the_bumper_to_the_horizon(name: str) -> None:
    s = scene(name)
    known = s.depth[s.depth > 0]
    assert known.min() < 2
    assert 150 < known.max() <= FAR_CLIP_M
    assert not (s.depth[s.labels == LEGEND["sky"]] > 0).any()
    assert s.disparity.max() < 160  # the range that calib.txt gives


def test_coarse_truth_is_the_exact_one_in_whole_pixels_and_metres(name: str) -> None:
    s = scene(name)
    half = 0.5 + 0.5 / UNIT + 1e-4
    assert np.abs(np.asarray(read(name, "disparity_8bit.png"), dtype=np.float32) - s.disparity).max() <= half
    coarse = np.asarray(read(name, "depth_8bit.png"), dtype=np.float32)
    known = s.depth > 0
    assert np.abs(coarse[known] - s.depth[known]).max() <= half
    assert (coarse[~known] == 255).all()  # the sky of the original set: as far as 8 bits go


@pytest.mark.parametrize("label", MATTE)
def test_the_right_view_continues_the_left_one(name: str, label: str) -> None:
    s = scene(name)
    seen = s.seen_on_the_right() & s.labelled(label) & s.inside_the_right_view()
    exact, left, right = (float(s.mismatch(shift)[seen].mean()) for shift in (0, -1, 1))
    assert exact < min(left, right)
    assert exact < 6  # of 255


def test_what_the_right_camera_cannot_see_does_not_match(name: str) -> None:
    s = scene(name)
    inside = s.inside_the_right_view()
    hidden = inside & ~s.seen_on_the_right() & (sample(s.disparity_right, s.disparity, cv2.INTER_NEAREST) > s.disparity + 2)
    assert hidden.mean() > 0.005
    mismatch = s.mismatch()
    assert mismatch[hidden].mean() > 3 * mismatch[inside & s.seen_on_the_right()].mean()


def test_hidden_pixels_follow_from_either_truth(name: str) -> None:
    """Forward-mapping the left truth with a z-buffer finds what the right truth says, apart from the edges."""
    s = scene(name)
    height, width = s.disparity.shape
    y, x = np.indices((height, width))
    target = np.rint(x - s.disparity).astype(np.intp)
    inside = s.inside_the_right_view() & (target >= 0)
    nearest = np.zeros((height, width), np.float32)
    np.maximum.at(nearest, (y[inside], target[inside]), s.disparity[inside])
    in_front = inside & (nearest[y, np.clip(target, 0, None)] > s.disparity + 1)
    hidden = inside & (sample(s.disparity_right, s.disparity, cv2.INTER_NEAREST) > s.disparity + 1)
    overlap = (hidden & in_front).sum() / (hidden | in_front).sum()
    assert overlap > 0.6  # rounding to whole pixels moves every border by up to one
    assert (hidden == in_front)[inside].mean() > 0.97


def test_sgbm_fails_where_the_written_comparison_says(name: str) -> None:
    s = scene(name)
    left, right = (np.asarray(read(name, file), dtype=np.uint8)[..., ::-1] for file in ("left.png", "right.png"))
    found = compute_disparity(StereoPair(left, right), SgbmSettings(num_disparities=160)).values
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(found - s.disparity) <= 3)
    reachable = (s.disparity > 0) & (np.arange(wrong.shape[1]) >= 160)

    def bad_3(label: str) -> float:
        return 100 * float(wrong[reachable & s.labelled(label)].mean())

    for hard, easy in HARDER[name]:
        assert bad_3(hard) > 2 * bad_3(easy), f"{hard} {bad_3(hard):.1f} %, {easy} {bad_3(easy):.1f} %"


def test_the_files_are_small_enough_to_bundle(name: str) -> None:
    assert sum(path.stat().st_size for path in (EXAMPLES / name).iterdir()) <= 15_000_000
    assert (EXAMPLES / name / "preview.jpg").stat().st_size <= 40_000


def test_every_label_is_seen_in_one_of_the_frames(name: str) -> None:
    shares = {label: max((scene(n).labels == number).mean() for n in SCENES) for label, number in LEGEND.items()}
    assert set(np.unique(scene(name).labels)) <= set(LEGEND.values())
    assert all(share >= 0.002 for share in shares.values()), shares
