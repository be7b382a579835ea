"""What SGBM, with the app's defaults, makes of the bundled pairs: `python -m benchmarks.bundled_pairs`.

Prints SSIM under both protocols beside the written comparison's own, errors by label, and how well the right view
continues the left one when the truth, or the truth moved by one pixel, says where to look.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.datasets import open_dataset
from depth_demo.evaluation.metrics import evaluate
from depth_demo.examples import ROOT
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import DepthMap, Mask, RgbImage, disparity_to_depth
from depth_demo.pipeline import Match, match
from depth_demo.stereo.settings import SgbmSettings

WRITTEN = {"disparity": 0.5836, "depth": 0.5744}  # SGBM on the original 466


def main() -> None:
    for sample in open_dataset(ROOT):
        pair = sample.load()
        truth, labels = pair.ground_truth, pair.labels
        assert truth is not None  # noqa: S101 - the bundled ones have both
        assert labels is not None  # noqa: S101
        matched = match(pair, SgbmSettings(num_disparities=160))
        print(f"\n{sample.name}: {matched.seconds:.1f} s, {matched.coverage:.1f} % matched")
        print_scores(matched, truth, sample.left.parent)
        print(f"{'':14}{'share %':>8}{'bad-3 %':>9}{'found %':>9}{'exact':>8}{'-1 px':>7}{'+1 px':>7}  (grey values)")
        for number, name in labels.names.items():
            here = (labels.ids == number) & truth.valid
            if here.any():
                print_label(name, here, matched, truth)


def print_scores(matched: Match, truth: DepthMap, folder: Path) -> None:
    assert matched.pair.calibration is not None  # noqa: S101 - the bundled ones have it
    raw_depth = disparity_to_depth(matched.raw, matched.pair.calibration)
    fair = evaluate(matched.disparity, truth, "fair")
    print(f"  fair SSIM {fair.ssim:.4f} where matched, {fair.ssim_all:.4f} over all truth")
    for kind, raw in (("disparity", matched.raw), ("depth", raw_depth)):
        coarse = load_ground_truth(folder / f"{kind}_8bit.png", kind).depth_map  # type: ignore[arg-type]
        report = evaluate(raw, coarse, "report", hole_value=-1.0 if kind == "disparity" else 0.0)
        print(f"  report SSIM of {kind} {report.ssim:.4f}; written comparison, original 466: {WRITTEN[kind]}")


def print_label(name: str, here: Mask, matched: Match, truth: DepthMap) -> None:
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(matched.disparity.values - truth.values) <= 3)
    shifted = [mismatch(matched.pair.left, matched.pair.right, truth.values + shift)[here].mean() for shift in (0, -1, 1)]
    share, bad, found = 100 * here.mean(), 100 * wrong[here].mean(), 100 * matched.disparity.valid[here].mean()
    print(f"  {name:12}{share:8.2f}{bad:9.1f}{found:9.1f}{shifted[0]:8.2f}{shifted[1]:7.2f}{shifted[2]:7.2f}")


def mismatch(left: RgbImage, right: RgbImage, disparity: NDArray[np.float32]) -> NDArray[np.float32]:
    """|left(x) - right(x - d)|, mean of the colours."""
    y, x = np.indices(disparity.shape, dtype=np.float32)
    column = x - np.nan_to_num(disparity)
    warped = cv2.remap(right, column, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.absdiff(left, warped).mean(axis=2), dtype=np.float32)


if __name__ == "__main__":
    main()
