"""What rectification regains, and what it costs: `python -m benchmarks.rectify [--only PART]`.

Bundled pairs whose right view is turned by known angles: the share of wrong or missing pixels (no disparity within 3 px of the
truth), over the pixels whose match is still in the turned view, for the untouched pair and after rectification. Made
matches: the row gap that is left, beside the fundamental matrix with stereoRectifyUncalibrated. Times, side by side.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.paired import describe_machine, interleave, print_table
from benchmarks.rectify_scenes import CENTRE, FOCAL, KINDS, SHAPE, make_matches
from depth_demo import pipeline
from depth_demo.datasets import open_dataset
from depth_demo.examples import Example, list_examples
from depth_demo.geometry import DepthMap, Mask, RgbImage, StereoPair
from depth_demo.serving.malloc import keep_memory_together
from depth_demo.stereo.features import SparseMatches, match_features
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.rectification.constant import constant_from_truth
from depth_demo.stereo.rectification.matched import ASSUMED_FOCAL, GIVEN_FOCAL, choose_views
from depth_demo.stereo.rectification.row_fit import BOTH_VIEWS, RIGHT_ALONE, fit_rows
from depth_demo.stereo.rectification.turns import Homographies, camera_matrix, is_upright, rotation
from depth_demo.stereo.rectify import rectify
from depth_demo.stereo.settings import SgbmSettings

ANGLES = ((0.3, 0.1, 0.2), (0.8, 0.3, 0.5), (2.0, 0.5, 1.0))  # roll, pitch, yaw [degrees]
SEEDS = 25
DATA = Path(__file__).parents[2] / "shared" / "data" / "stereo"
_WRONG_PX = 3


def main() -> None:
    parts: dict[str, Callable[[], None]] = {
        "turned": print_turned,
        "made": print_made,
        "real": print_real,
        "times": print_times,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=parts)
    only = parser.parse_args().only
    keep_memory_together()  # as the app does
    print(describe_machine(["opencv-python-headless", "numpy"]))
    for name, run in parts.items():
        if only in {None, name}:
            print()
            run()


def turned_view(view: RgbImage, focal: float, angles: tuple[float, float, float]) -> tuple[RgbImage, NDArray[np.float64]]:
    """The view of a camera that is turned by these angles, and the homography that turns it; black outside."""
    height, width = view.shape[:2]
    k = camera_matrix(focal, ((width - 1) / 2, (height - 1) / 2))
    roll, pitch, yaw = np.radians(angles)
    turn = k @ rotation(pitch, yaw, roll) @ np.linalg.inv(k)
    return np.asarray(cv2.warpPerspective(view, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8), turn


def print_turned() -> None:
    """The focal length is known, 15 % too long, or not given at all; then the constant is fitted to the truth."""
    print("Wrong or missing [%], over pixels whose match the turned view still shows")
    heads = ("untouched", "not rectified", "f known", "f + 15 %, fitted", "no f, fitted", "the constants [px]")
    print("{:22}{:>10}{:>15}{:>9}{:>18}{:>14}{:>24}".format("", *heads))
    for example in list_examples():
        for angles in ANGLES:
            print_turned_by(example, angles)


def print_turned_by(example: Example, angles: tuple[float, float, float]) -> None:
    pair, settings = example.load(), SgbmSettings(num_disparities=example.num_disparities)
    truth, focal = pair.ground_truth, example.calibration.focal_length_px
    assert truth is not None  # noqa: S101 - the bundled ones have it
    right, turn = turned_view(pair.right, focal, angles)
    counted = still_seen(truth, turn)
    shares = [wrong(match_views(each, settings).disparity, truth, counted) for each in (pair, StereoPair(pair.left, right))]
    constants = []
    for given in (focal, 1.15 * focal, None):
        found = rectify(pair.left, right, focal_length_px=given)
        disparity = found.keep(match_views(found.pair, settings).disparity)
        constant = constant_from_truth(disparity, truth).doffs_px
        constants.append(constant)
        shares.append(wrong(disparity, truth, counted, 0 if given == focal else constant))
    name = f"{example.name} {' '.join(map(str, angles))}"
    added = ", ".join(f"{constant:+.2f}" for constant in constants)
    figures = "{:>10.1f}{:>15.1f}{:>9.1f}{:>18.1f}{:>14.1f}".format(*shares)
    print(f"{name:22}{figures}{added:>24}", flush=True)


def still_seen(truth: DepthMap, turn: NDArray[np.float64]) -> Mask:
    """Where there is truth whose match the turned view still shows, or the pair never did: the rest cannot come back."""
    height, width = truth.shape
    there = cv2.warpPerspective(np.ones((height, width), np.uint8), turn, (width, height))
    back = cv2.warpPerspective(there, np.linalg.inv(turn), (width, height)) > 0
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    other = np.rint(columns - np.nan_to_num(truth.values)).astype(np.intp)
    return np.asarray(truth.valid & ((other < 0) | back[rows, np.clip(other, 0, width - 1)]))


def wrong(disparity: DepthMap, truth: DepthMap, counted: Mask, constant: float = 0) -> float:
    """Share of the counted pixels without a disparity within 3 px of the truth [%]."""
    with np.errstate(invalid="ignore"):
        right = np.abs(disparity.values + np.float32(constant) - truth.values) <= _WRONG_PX
    return 100 * float(np.mean(~right[counted]))


def print_made() -> None:
    """Median over the scenes of the median and the 95th percentile of the row gap, on points without noise."""
    print(
        f"Made matches, {SEEDS} scenes each: row gap that is left [px], and views that came out mirrored, torn or not at all"
    )
    for kind in KINDS:
        scenes = [make_matches(kind, seed) for seed in range(SEEDS)]
        print(f"{kind:26}{'median':>8}{'95 %':>8}{'worst 95 %':>12}{'flips':>8}")
        for name, route in ROUTES.items():
            found = [route(scene.given) for scene in scenes]
            good = [turns if turns and upright(turns) else None for turns in found]
            gaps = [np.percentile(np.abs(g.row_gap(s.exact)), (50, 95)) for g, s in zip(good, scenes, strict=True) if g]
            middle, high = np.median(gaps, axis=0) if gaps else (np.nan, np.nan)
            worst = np.max(gaps, axis=0)[1] if gaps else np.nan
            print(f"  {name:24}{middle:>8.3f}{high:>8.3f}{worst:>12.3f}{good.count(None):>8}", flush=True)


def upright(turns: Homographies) -> bool:
    return is_upright(turns.left, SHAPE) and is_upright(turns.right, SHAPE)


def fitted(matches: SparseMatches, factor: float) -> Homographies:
    """The app's fit, with a focal length off by this factor."""
    prior = GIVEN_FOCAL if factor == 1 else ASSUMED_FOCAL
    alone, both = (fit_rows(matches, factor * FOCAL, CENTRE, free, prior) for free in (RIGHT_ALONE, BOTH_VIEWS))
    return choose_views(alone, both, matches)[2]


def uncalibrated(matches: SparseMatches, method: int) -> Homographies | None:
    """The textbook's route: a fundamental matrix, then Hartley's rectification."""
    fundamental, mask = cv2.findFundamentalMat(matches.left, matches.right, method, 1.0, 0.999)
    if fundamental is None or fundamental.shape != (3, 3):
        return None
    kept = mask.ravel() == 1
    done, left, right = cv2.stereoRectifyUncalibrated(matches.left[kept], matches.right[kept], fundamental, SHAPE[::-1])
    return Homographies(left, right) if done else None


ROUTES: dict[str, Callable[[SparseMatches], Homographies | None]] = {
    "fit, f known": partial(fitted, factor=1.0),
    "fit, f + 10 %": partial(fitted, factor=1.1),
    "FM_MAGSAC, uncalibrated": partial(uncalibrated, method=cv2.USAC_MAGSAC),
    "FM_RANSAC, uncalibrated": partial(uncalibrated, method=cv2.FM_RANSAC),
}


def print_real() -> None:
    """The bundled pairs and the published ones beside the checkout, turned by each of the angles."""
    samples = {example.name: example.load for example in list_examples()}
    if DATA.is_dir():
        samples |= {sample.name: sample.load for sample in open_dataset(DATA, "folder")}
    else:
        print(f"No published pairs at {DATA}.")
    print("Median row gap [px]: of the pair as it is, then turned and rectified; the largest difference must be below 0.3")
    print(f"{'':36}{'untouched':>10}{'':>3}" + "".join(f"{'turned by ' + ' '.join(map(str, a)):>24}" for a in ANGLES))
    largest = -np.inf
    for name, load in samples.items():
        pair = load()
        focal = 0.9 * pair.left.shape[1]
        before = median_gap(pair)
        cells = []
        for angles in ANGLES:
            right, _ = turned_view(pair.right, focal, angles)
            found = rectify(pair.left, right, focal_length_px=focal)
            after = median_gap(found.pair)
            largest = max(largest, after - before)
            cells.append(f"{median_gap(StereoPair(pair.left, right)):>16.2f} ->{after:>5.2f}")
        print(f"{name:36}{before:>10.2f}{'':>3}{''.join(cells)}", flush=True)
    print(f"Largest difference: {largest:+.2f} px")


def median_gap(pair: StereoPair) -> float:
    return float(np.median(np.abs(match_features(pair).row_gap)))


def print_times(rounds: int = 9) -> None:
    """The fit of 600 matches, and the whole step beside one match of SGBM_3WAY at 1920x1200."""
    matches = make_matches("handheld", 0).given
    runs = {"fit, right view alone": RIGHT_ALONE, "fit, both views": BOTH_VIEWS}
    for name, free in runs.items():
        (timing,) = interleave({name: partial(fit_rows, matches, FOCAL, CENTRE, free)}, 15).values()
        print(f"{name}: {1000 * float(np.median(timing.wall)):.1f} ms for {len(matches)} matches")
    example = list_examples()[0]
    pair, focal = example.load(), example.calibration.focal_length_px
    right, _ = turned_view(pair.right, focal, ANGLES[1])
    settings = SgbmSettings("SGBM_3WAY", num_disparities=example.num_disparities)
    timings = interleave(
        {"SGBM_3WAY": partial(pipeline.match, pair, settings), "rectify": partial(rectify, pair.left, right, None, focal)},
        rounds,
    )
    print_table(timings, "SGBM_3WAY")
    ratios = [a / b for a, b in zip(timings["rectify"].wall, timings["SGBM_3WAY"].wall, strict=True)]
    print(f"rectify takes {np.median(ratios):.2f} of one match ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
