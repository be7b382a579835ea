"""A comparison as a part of a row: the names of scores.json, and what a data set is ranked by besides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from depth_demo.comparison.results import Comparison
from depth_demo.comparison.uncertainty import Uncertainty
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.risk_coverage import RiskCoverage
from depth_demo.render.report.scores_file import fair_record, fit_record, report_record, row_record
from depth_demo.wording.scores import NON_OCCLUDED_ROWS

Record = dict[str, Any]
KEPT = np.arange(5, 101, 5) / 100  # shares of the pixels at which risk is written down


def record_comparison(comparison: Comparison, alignments: Sequence[AlignedScores], doubt: Uncertainty) -> Record:
    """Return the scores of a comparison with truth under both protocols, the fits, the regions and the curves."""
    judged = {"monocular": comparison.monocular, "stereo": comparison.stereo, "fused": comparison.fused}
    written = comparison.as_written
    match = comparison.matched
    return {
        "fit": fit_record(comparison.monocular.fair.alignment),
        "matched_percent": match.coverage,
        "unsearched_percent": match.band_share,
        "ran": match.settings.method,
        "scores": {
            "fair": {name: fair_record(scores.fair if scores else None) for name, scores in judged.items()},
            "non_occluded": {
                name: fair_record(scores.non_occluded if scores else None, NON_OCCLUDED_ROWS)
                for name, scores in judged.items()
            },
            "report": {method: report_record(written.get(method)) for method in ("monocular", "stereo")},
        },
        "alignments": {row.mode: _aligned(row) for row in alignments},
        "regions": {
            method: {
                row.name: {key: value for key, value in row_record(row).items() if value is not None and key != "definition"}
                for row in scores.regions
            }
            for method, scores in comparison.judged
        },
        "risk_px": {"stereo": _curve(doubt.stereo_curve), "monocular": _curve(doubt.monocular_curve)},
    }


def _aligned(row: AlignedScores) -> Record:
    errors, whole, depth = row.errors, row.errors_all, row.depth
    return {
        "inverted": bool(row.fit.inverted),
        "ssim": _number(row.ssim),
        "epe_px": errors and _number(errors.epe_px),
        "bad_3_percent": errors and _number(errors.bad_3),
        "bad_3_all_percent": whole and _number(whole.bad_3),
        "abs_rel": depth and _number(depth.abs_rel),
        "delta_1_percent": depth and _number(depth.delta_1),
    }


def _curve(curve: RiskCoverage | None) -> Record | None:
    """Return the risk at `KEPT`, by the method's uncertainty and by an oracle; None where there is none."""
    if curve is None:
        return None
    by = {"risk": curve.risk, "oracle": curve.oracle}
    return {name: np.interp(KEPT, curve.coverage, values).tolist() for name, values in by.items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
