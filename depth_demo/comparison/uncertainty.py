"""How sure each method is without any truth, and with one, whether it knows where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment import apply_alignment, fit_scale_shift
from depth_demo.evaluation.risk_coverage import RiskCoverage, risk_coverage
from depth_demo.geometry import DepthMap, RgbImage


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """How sure each method is, and whether that says where it is wrong.

    Attributes:
        stereo: (H, W) difference of left and right [px]; None when the pair was matched in one direction.
        monocular: (H, W) difference to the estimate of the mirrored image, turned back and fitted [px], or the spread of
            several answers of one model; None where nothing can estimate from a mirrored image, as for the phone's own map.
        stereo_curve, monocular_curve: Over the truth pixels where the method has an answer; None without truth.
        drawn: Whether `monocular` is the spread of several answers.
    """

    stereo: NDArray[np.float32] | None
    monocular: NDArray[np.float32] | None
    stereo_curve: RiskCoverage | None
    monocular_curve: RiskCoverage | None
    drawn: bool = False


def measure_uncertainty(comparison: Comparison, estimator: Callable[[RgbImage], DepthMap] | None) -> Uncertainty:
    """Run the estimator on the mirrored image and compare, unless the map tells how far several answers differed.

    Args:
        comparison: Of two views.
        estimator: What made the monocular map; None for a map that came with the photo, whose uncertainty is left out.

    Raises:
        ValueError: If there is one view, or the monocular map could not be anchored to pixels, or that of the mirrored image
            not to it.
    """
    match = comparison.matched
    stereo_curve = error_curve(match.disparity, comparison.truth, match.left_right_diff)
    if estimator is None:
        return Uncertainty(match.left_right_diff, None, stereo_curve, None)
    if comparison.fused is None:
        raise ValueError("The monocular map could not be anchored to stereo, so its uncertainty has no pixels.")
    fusion = comparison.fused.fusion
    estimated = comparison.estimate.depth_map
    pixels = apply_alignment(estimated, fusion.fit)
    if estimated.spread is not None:
        farther = DepthMap(estimated.values + estimated.spread, estimated.kind)
        difference = np.abs(apply_alignment(farther, fusion.fit).values - pixels.values)
        curve = error_curve(fusion.anchored, comparison.truth, difference)
        return Uncertainty(match.left_right_diff, difference, stereo_curve, curve, drawn=True)
    mirrored = estimator(np.ascontiguousarray(match.pair.left[:, ::-1]))
    turned = DepthMap(mirrored.values[:, ::-1], mirrored.kind)
    fit = fit_scale_shift(turned, pixels, calibration=match.pair.calibration)
    if fit.inverted:
        raise ValueError("The estimate of the mirrored image has near and far exchanged, so there is nothing to compare.")
    difference = np.abs(apply_alignment(turned, fit).values - pixels.values)
    return Uncertainty(
        stereo=match.left_right_diff,
        monocular=difference,
        stereo_curve=stereo_curve,
        monocular_curve=error_curve(fusion.anchored, comparison.truth, difference),
    )


def error_curve(predicted: DepthMap, truth: DepthMap | None, uncertainty: NDArray[np.float32] | None) -> RiskCoverage | None:
    """Return the errors of the pixels that an uncertainty keeps; None without truth, uncertainty or a pixel with both.

    Args:
        predicted: (H, W) of the kind of the truth.
        truth: (H, W).
        uncertainty: (H, W), larger is less certain, NaN where it is unknown.
    """
    if truth is None or uncertainty is None:
        return None
    known = predicted.valid & truth.valid & ~np.isnan(uncertainty)
    error = np.abs(predicted.values - truth.values)
    return risk_coverage(error[known], uncertainty[known]) if known.any() else None
