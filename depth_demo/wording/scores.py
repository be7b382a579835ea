"""Scores as a table for people: a line each, with what it says; and in words what they rest on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from depth_demo.comparison.fused import Fused
from depth_demo.comparison.results import Comparison
from depth_demo.comparison.written import WrittenScores
from depth_demo.evaluation.errors import BAD_PX, DepthErrors, DisparityErrors
from depth_demo.evaluation.failures import MIN_KNOWN
from depth_demo.evaluation.metrics import FairScores, ReportScores, varies, whole_windows
from depth_demo.evaluation.ssim import SSIM_WINDOW

HEADERS = ("Score", "Monocular", "Stereo", "Fused", "What it says")
NONE, LATER = "-", "\N{HORIZONTAL ELLIPSIS}"
Cells = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of the *fair* protocol.

    Attributes:
        key: Its name for programs.
        name: Its name for people, with the unit.
        value: Takes the number from a method's scores; None or NaN where there is none.
        form: How the number is written.
        meaning: One sentence.
        over_all: Whether the score is over all truth; without truth there is none.
    """

    key: str
    name: str
    value: Callable[[FairScores], float | None]
    form: str
    meaning: str
    over_all: bool = False


def _error(pick: Callable[[DisparityErrors], float]) -> Callable[[FairScores], float | None]:
    return lambda scores: pick(scores.errors) if scores.errors else None


def _error_all(pick: Callable[[DisparityErrors], float]) -> Callable[[FairScores], float | None]:
    return lambda scores: pick(scores.errors_all) if scores.errors_all else None


def _metres(pick: Callable[[DepthErrors], float]) -> Callable[[FairScores], float | None]:
    return lambda scores: pick(scores.depth) if scores.depth else None


# fmt: off
FAIR_ROWS = (
    ScoreRow("ssim", "fair: SSIM", lambda s: s.ssim, "{:.4f}",
             "Likeness of structure where both methods have answers; 1 is identical."),
    ScoreRow("ssim_all", "fair: SSIM, all truth", lambda s: s.ssim_all, "{:.4f}",
             "The same over all windows of truth; a hole counts 0.", over_all=True),
    ScoreRow("coverage", "coverage [%]", lambda s: s.coverage, "{:.1f}",
             "Share of the pixels with truth that have an answer.", over_all=True),
    ScoreRow("epe", "EPE [px]", _error(lambda e: e.epe_px), "{:.2f}",
             "Mean error of disparity where both methods have an answer."),
    ScoreRow("epe_all", "EPE, all truth [px]", _error_all(lambda e: e.epe_px), "{:.2f}",
             "The same over all truth; a map with holes has none.", over_all=True),
    ScoreRow("bad_1", "bad-1 [%]", _error(lambda e: e.bad_1), "{:.1f}",
             "Pixels more than 1 px wrong where both methods have an answer."),
    ScoreRow("bad_2", "bad-2 [%]", _error(lambda e: e.bad_2), "{:.1f}", "The same for more than 2 px."),
    ScoreRow("bad_3", "bad-3 [%]", _error(lambda e: e.bad_3), "{:.1f}", f"The same for more than {BAD_PX:g} px."),
    ScoreRow("d1", "D1 [%]", _error(lambda e: e.d1), "{:.1f}", f"KITTI: more than {BAD_PX:g} px and more than 5 % wrong."),
    ScoreRow("bad_3_all", "bad-3, all truth [%]", _error_all(lambda e: e.bad_3), "{:.1f}",
             f"More than {BAD_PX:g} px wrong over all truth; a hole counts as wrong.", over_all=True),
    ScoreRow("d1_all", "D1, all truth [%]", _error_all(lambda e: e.d1), "{:.1f}",
             "D1 over all truth; a hole counts as wrong.", over_all=True),
    ScoreRow("abs_rel", "AbsRel", _metres(lambda e: e.abs_rel), "{:.3f}",
             "Mean error of depth as a share of the true depth. Depth is cut at the farthest truth."),
    ScoreRow("rmse", "RMSE [m]", _metres(lambda e: e.rmse_m), "{:.2f}",
             "Root of the mean squared error of depth, cut the same way."),
    ScoreRow("delta_1", "delta1 [%]", _metres(lambda e: e.delta_1), "{:.1f}",
             "Pixels whose depth, cut the same way, is within a factor of 1.25 of the truth."),
    ScoreRow("silog", "SILog", _metres(lambda e: e.silog), "{:.1f}",
             "KITTI: spread of the logarithm of depth over true depth, times 100. A wrong scale alone costs nothing."),
)
# fmt: on


def score_table(comparison: Comparison) -> list[Cells]:
    """Return rows for `HEADERS`: *fair* first, then *report*.

    An inverted monocular map has no fair scores. The fused map has no report scores, as the written comparison had no such
    map. Without truth there are the monocular map's scores against confident stereo, and no report.
    """
    return [*fair_rows(comparison, comparison.fused), *report_rows(comparison)]


def quick_table(comparison: Comparison) -> list[Cells]:
    """Return the rows of the *fair* protocol; those of the fused map, which take a second, are left open."""
    return [(name, monocular, stereo, LATER, meaning) for name, monocular, stereo, _, meaning in fair_rows(comparison, None)]


def fair_rows(comparison: Comparison, fused: Fused | None) -> list[Cells]:
    """Return the rows of the *fair* protocol that hold a score of monocular or stereo."""
    stereo = comparison.stereo
    judged = comparison.monocular.fair, stereo.fair if stereo else None, fused.fair if fused else None
    rows: list[Cells] = []
    for row in FAIR_ROWS:
        if row.over_all and comparison.truth is None:
            continue
        cells = [_fair_cell(scores, row) for scores in judged]
        if cells[:2] != [NONE, NONE]:
            rows.append((row.name, cells[0], cells[1], cells[2], row.meaning))
    return rows


def report_rows(comparison: Comparison) -> list[Cells]:
    """Return the rows of the *report* protocol; none without truth."""
    if comparison.truth is None:
        return []
    scores = [comparison.as_written[method] for method in ("monocular", "stereo")]
    picks: tuple[tuple[str, Callable[[WrittenScores], ReportScores | None], str], ...] = (
        ("report: SSIM of disparity", lambda s: s.disparity, "As in the written comparison: min-max scaled against raw."),
        ("report: SSIM of depth", lambda s: s.depth, "The same for depth in metres; needs a calibration."),
    )
    return [(name, *[_report_cell(pick(each)) for each in scores], NONE, said) for name, pick, said in picks]  # type: ignore[misc]


def _fair_cell(scores: FairScores | None, row: ScoreRow) -> str:
    if scores is None:
        return NONE
    if scores.inverted:
        return "inverted"
    value = row.value(scores)
    return NONE if value is None or math.isnan(value) else row.form.format(value)


def _report_cell(scores: ReportScores | None) -> str:
    return NONE if scores is None or math.isnan(scores.ssim) else f"{scores.ssim:.4f}"


def ssim_in_words(comparison: Comparison) -> str:
    """Say how much of the picture fair SSIM rests on, why there is none, or why there are no boxes."""
    pixels, known = comparison.reference.values.size, np.count_nonzero(whole_windows(comparison.reference.valid))
    windows = (comparison.stereo or comparison.monocular).fair.windows
    if not varies(comparison.reference):
        return f"The {comparison.judge} has the same value everywhere, so SSIM is undefined."
    if not known:
        return (
            f"The {comparison.judge} is too sparse for SSIM and boxes: no {SSIM_WINDOW}x{SSIM_WINDOW} window is wholly known."
        )
    words = f"Fair SSIM is over {windows:,} windows, {100 * windows / pixels:.1f} % of the picture."
    return words if known >= MIN_KNOWN * pixels else f"{words} The {comparison.judge} is too sparse to draw boxes from."


def why_no_boxes(comparison: Comparison) -> str:
    """Return the rest of a sentence that begins with "No box: "."""
    reference = comparison.reference
    if not varies(reference):
        return f"the {comparison.judge} has the same value everywhere"
    if np.count_nonzero(whole_windows(reference.valid)) < MIN_KNOWN * reference.values.size:
        return f"the {comparison.judge} is too sparse"
    small = "nowhere is the loss of structure large enough"
    if comparison.aligned is None:
        return f"the monocular map is inverted or constant{f', and with stereo {small}' if comparison.stereo else ''}"
    return small
