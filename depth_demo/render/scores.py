"""Scores as a table for people: a line each, with what it says."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from depth_demo.evaluation.failures import MIN_KNOWN
from depth_demo.evaluation.metrics import DepthErrors, DisparityErrors, Evaluation, varies, whole_windows
from depth_demo.evaluation.ssim import SSIM_WINDOW
from depth_demo.pipeline import Comparison

HEADERS = ("Score", "Monocular", "Stereo", "Fused", "What it says")
NONE = "-"
Row = tuple[str, str, str, str, str]


def score_table(comparison: Comparison) -> list[Row]:
    """Rows for `HEADERS`, *fair* first, then *report*. A monocular map that is inverted has no fair scores.

    The fused map has none when there is none, and no report scores: the written comparison had no such map. Without truth
    there are the monocular map's scores against confident stereo, and no report.
    """
    monocular, stereo, fused = comparison.monocular, comparison.stereo, comparison.fused
    judged = monocular.fair, stereo.fair if stereo else None, fused.fair if fused else None
    rows: list[Row] = []
    for name, pick, form, text in _FAIR:
        cells = [_fair_cell(evaluation, pick, form) for evaluation in judged]
        if cells[:2] != [NONE, NONE] and (stereo or name not in _OVER_ALL_TRUTH):
            rows.append((name, cells[0], cells[1], cells[2], text))
    if stereo is None:
        return rows
    disparity = [_ssim_cell(scores.report_disparity) for scores in (monocular, stereo)]
    depth = [_ssim_cell(scores.report_depth) for scores in (monocular, stereo)]
    said = "As in the written comparison: min-max scaled against raw."
    return [
        *rows,
        ("report: SSIM of disparity", disparity[0], disparity[1], NONE, said),
        ("report: SSIM of depth", depth[0], depth[1], NONE, "The same for depth in metres; needs a calibration."),
    ]


def ssim_in_words(comparison: Comparison) -> str:
    """How much of the picture fair SSIM rests on, and why there is none, or why there are no boxes."""
    pixels, known = comparison.reference.values.size, np.count_nonzero(whole_windows(comparison.reference.valid))
    windows = (comparison.stereo or comparison.monocular).fair.windows
    name = "truth" if comparison.truth else "confident stereo"
    if not varies(comparison.reference):
        return f"The {name} is the same number everywhere, of which SSIM says nothing."
    if not known:
        return f"The {name} is too sparse for SSIM and boxes: no {SSIM_WINDOW}x{SSIM_WINDOW} window is wholly known."
    words = f"Fair SSIM is over {windows:,} windows, {100 * windows / pixels:.1f} % of the picture."
    return words if known >= MIN_KNOWN * pixels else f"{words} The {name} is too sparse to draw boxes from."


def why_no_boxes(comparison: Comparison) -> str:
    """The rest of a sentence that begins with "No box: "."""
    reference, name = comparison.reference, "truth" if comparison.truth else "confident stereo"
    if not varies(reference):
        return f"the {name} is the same number everywhere"
    if np.count_nonzero(whole_windows(reference.valid)) < MIN_KNOWN * reference.values.size:
        return f"the {name} is too sparse"
    small = "nowhere is the loss of structure large enough"
    if comparison.aligned is None:
        return f"the monocular map is inverted or constant{f', and with stereo {small}' if comparison.stereo else ''}"
    return small


def _fair_cell(evaluation: Evaluation | None, pick: Callable[[Evaluation], float | None], form: str) -> str:
    if evaluation is None:
        return NONE
    if evaluation.inverted:
        return "inverted"
    value = pick(evaluation)
    return NONE if value is None or math.isnan(value) else form.format(value)


def _ssim_cell(evaluation: Evaluation | None) -> str:
    return NONE if evaluation is None or math.isnan(evaluation.ssim) else f"{evaluation.ssim:.4f}"


def _error(name: str, *, over_all: bool = False) -> Callable[[Evaluation], float | None]:
    def pick(evaluation: Evaluation) -> float | None:
        errors: DisparityErrors | None = evaluation.errors_all if over_all else evaluation.errors
        return None if errors is None else float(getattr(errors, name))

    return pick


def _metres(name: str) -> Callable[[Evaluation], float | None]:
    def pick(evaluation: Evaluation) -> float | None:
        errors: DepthErrors | None = evaluation.depth
        return None if errors is None else float(getattr(errors, name))

    return pick


_OVER_ALL_TRUTH = {"fair: SSIM, all truth", "coverage [%]", "EPE, all truth [px]", "bad-3, all truth [%]", "D1, all truth [%]"}
_FAIR: tuple[tuple[str, Callable[[Evaluation], float | None], str, str], ...] = (
    ("fair: SSIM", lambda e: e.ssim, "{:.4f}", "Likeness of structure where both have answers; 1 is identical."),
    ("fair: SSIM, all truth", lambda e: e.ssim_all, "{:.4f}", "The same over all windows of truth; a hole counts 0."),
    ("coverage [%]", lambda e: e.coverage, "{:.1f}", "Share of the pixels with truth that have an answer."),
    ("EPE [px]", _error("epe_px"), "{:.2f}", "Mean error of disparity, where both methods have an answer."),
    (
        "EPE, all truth [px]",
        _error("epe_px", over_all=True),
        "{:.2f}",
        "The same over all truth; a map with holes has none.",
    ),
    ("bad-1 [%]", _error("bad_1"), "{:.1f}", "Pixels more than 1 px wrong, where both have an answer."),
    ("bad-2 [%]", _error("bad_2"), "{:.1f}", "More than 2 px wrong."),
    ("bad-3 [%]", _error("bad_3"), "{:.1f}", "More than 3 px wrong."),
    ("D1 [%]", _error("d1"), "{:.1f}", "KITTI: more than 3 px and more than 5 % wrong."),
    (
        "bad-3, all truth [%]",
        _error("bad_3", over_all=True),
        "{:.1f}",
        "More than 3 px wrong over all truth; a hole counts as wrong.",
    ),
    ("D1, all truth [%]", _error("d1", over_all=True), "{:.1f}", "The same over all truth; a hole counts as wrong."),
    ("AbsRel", _metres("abs_rel"), "{:.3f}", "Mean error of depth, cut at the farthest truth, as a share of the true depth."),
    ("RMSE [m]", _metres("rmse_m"), "{:.2f}", "Root of the mean squared error of depth, cut the same way."),
    (
        "delta1 [%]",
        _metres("delta_1"),
        "{:.1f}",
        "Pixels whose depth, cut the same way, is within a factor of 1.25 of the truth.",
    ),
)
