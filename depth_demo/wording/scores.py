"""Scores as a table for people: a line each, with what it says; and in words what they rest on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from depth_demo.comparison.fused import Fused
from depth_demo.comparison.results import Comparison
from depth_demo.comparison.written import WrittenScores
from depth_demo.evaluation.errors import BAD_PX, DepthErrors, DisparityErrors
from depth_demo.evaluation.failures import MIN_KNOWN
from depth_demo.evaluation.metrics import FairScores, ReportScores, varies, whole_windows
from depth_demo.evaluation.ssim import SSIM_WINDOW
from depth_demo.geometry import DepthKind

HEADERS = ("Score", "Monocular", "Stereo", "Fused", "What it says")
WIDTHS = ("136px", "114px", "78px", "78px", "300px")
_OF_ONE_VIEW = (0, 1, 4)  # the columns that one view fills
NONE, LATER = "-", "\N{HORIZONTAL ELLIPSIS}"
Cells = tuple[str, str, str, str, str]
BOTH_ANSWER, IT_ANSWERS = "where both methods have", "where the map has"


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
             f"Likeness of structure {BOTH_ANSWER} answers; 1 is identical."),
    ScoreRow("ssim_all", "fair: SSIM, all truth", lambda s: s.ssim_all, "{:.4f}",
             "The same over all windows of truth; a hole counts 0.", over_all=True),
    ScoreRow("coverage", "coverage [%]", lambda s: s.coverage, "{:.1f}",
             "Share of the pixels with truth that have an answer.", over_all=True),
    ScoreRow("epe", "EPE [px]", _error(lambda e: e.epe_px), "{:.2f}",
             f"Mean error of disparity {BOTH_ANSWER} an answer."),
    ScoreRow("epe_all", "EPE, all truth [px]", _error_all(lambda e: e.epe_px), "{:.2f}",
             "The same over all truth; a map with holes has none.", over_all=True),
    ScoreRow("bad_1", "bad-1 [%]", _error(lambda e: e.bad_1), "{:.1f}",
             f"Pixels more than 1 px wrong {BOTH_ANSWER} an answer."),
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
METRE_KEYS = ("abs_rel", "rmse", "delta_1", "silog")
NON_OCCLUDED_ROWS = (
    ScoreRow("ssim", "non-occluded: SSIM", lambda s: s.ssim, "{:.4f}",
             f"Likeness of structure in windows that the mask counts, {BOTH_ANSWER} answers."),
    ScoreRow("coverage", "non-occluded: coverage [%]", lambda s: s.coverage, "{:.1f}",
             "Share of the pixels with truth that the mask counts and that have an answer."),
    ScoreRow("epe", "non-occluded: EPE [px]", _error(lambda e: e.epe_px), "{:.2f}",
             f"Mean error of disparity in pixels that the mask counts, {BOTH_ANSWER} an answer."),
    ScoreRow("bad_half", "non-occluded: bad-0.5 [%]", _error(lambda e: e.bad_half), "{:.1f}",
             "More than 0.5 px wrong on the same pixels: at quarter size, Middlebury's bad-2.0."),
    ScoreRow("bad_1", "non-occluded: bad-1 [%]", _error(lambda e: e.bad_1), "{:.1f}",
             "The same for more than 1 px: at half size, Middlebury's bad-2.0."),
    ScoreRow("bad_2", "non-occluded: bad-2 [%]", _error(lambda e: e.bad_2), "{:.1f}",
             "The same for more than 2 px of these views. Middlebury's own bad-2.0 is in pixels of full resolution, which "
             "correspond to 1 px at half size and to 0.5 px at quarter size."),
    ScoreRow("bad_3", "non-occluded: bad-3 [%]", _error(lambda e: e.bad_3), "{:.1f}",
             f"The same for more than {BAD_PX:g} px."),
    ScoreRow("d1", "non-occluded: D1 [%]", _error(lambda e: e.d1), "{:.1f}",
             f"KITTI: more than {BAD_PX:g} px and more than 5 % wrong, on the same pixels."),
    ScoreRow("bad_3_all", "non-occluded: bad-3 with holes [%]", _error_all(lambda e: e.bad_3), "{:.1f}",
             f"More than {BAD_PX:g} px wrong of all truth that the mask counts; a hole counts as wrong."),
    ScoreRow("d1_all", "non-occluded: D1 with holes [%]", _error_all(lambda e: e.d1), "{:.1f}",
             "D1 of all truth that the mask counts; a hole counts as wrong."),
)
# fmt: on


def score_table(comparison: Comparison) -> list[Cells]:
    """Return rows for `HEADERS`: where a mask counts, then *fair*, then *report*.

    An inverted monocular map has no fair scores. The fused map has no report scores, as the written comparison had no such
    map. Without truth there are the monocular map's scores against confident stereo, and no report.
    """
    return [*fair_rows(comparison, comparison.fused), *report_rows(comparison)]


def quick_table(comparison: Comparison) -> list[Cells]:
    """Return the rows of the *fair* protocol; those of the fused map, which take a second, are left open."""
    return [(name, monocular, stereo, LATER, meaning) for name, monocular, stereo, _, meaning in fair_rows(comparison, None)]


def fair_rows(comparison: Comparison, fused: Fused | None) -> list[Cells]:
    """Return the rows of the *fair* protocol that hold a score of monocular or stereo, those where a mask counts first."""
    judged = comparison.monocular, comparison.stereo, fused
    over_truth = [row for row in _said_of(comparison, FAIR_ROWS) if comparison.truth or not row.over_all]
    rows = [
        *_rows(_said_of(comparison, NON_OCCLUDED_ROWS), [scores.non_occluded if scores else None for scores in judged]),
        *_rows(over_truth, [scores.fair if scores else None for scores in judged]),
    ]
    if comparison.match:
        return rows
    of_one = [(name, one, two, both, said.replace(BOTH_ANSWER, IT_ANSWERS)) for name, one, two, both, said in rows]
    return [*of_one, *_unfitted_rows(comparison)]


def _said_of(comparison: Comparison, rows: Sequence[ScoreRow]) -> Sequence[ScoreRow]:
    """Return the rows that can be said: where there are no pixels of disparity, those without a unit or in metres."""
    if comparison.reference.kind is not DepthKind.METRIC_DEPTH:
        return rows
    return [row for row in rows if row.key in {"ssim", "ssim_all", "coverage", *METRE_KEYS}]


def _unfitted_rows(comparison: Comparison) -> list[Cells]:
    """Return the scores of a metric model's map as it came; none for another map."""
    unfitted = comparison.monocular.unfitted
    if unfitted is None:
        return []
    as_it_came = FairScores(math.nan, comparison.monocular.fair.ssim_map, math.nan, math.nan, 0, depth=unfitted)
    rows = [replace(row, name=f"without a fit: {row.name}") for row in FAIR_ROWS if row.key in METRE_KEYS]
    return _rows(rows, (as_it_came, None, None))


def headers_of(comparison: Comparison) -> tuple[str, ...]:
    """Return the headers of the columns that are shown: all, or of one view those without stereo."""
    return shown_columns(comparison, HEADERS)


def shown_columns(comparison: Comparison, cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of a row, or what belongs to each column, for the columns that are shown."""
    return tuple(cells) if comparison.match else tuple(cells[column] for column in _OF_ONE_VIEW)


def _rows(rows: Sequence[ScoreRow], judged: Sequence[FairScores | None]) -> list[Cells]:
    """Return a line for each row in which the monocular map or stereo has a score."""
    lines: list[Cells] = []
    for row in rows:
        monocular, stereo, fused = (_fair_cell(scores, row) for scores in judged)
        if (monocular, stereo) != (NONE, NONE):
            lines.append((row.name, monocular, stereo, fused, row.meaning))
    return lines


def report_rows(comparison: Comparison) -> list[Cells]:
    """Return the rows of the *report* protocol that hold a score; none without truth."""
    written = comparison.as_written
    scores = [written.get("monocular"), written.get("stereo")]
    picks: tuple[tuple[str, Callable[[WrittenScores], ReportScores | None], str], ...] = (
        ("report: SSIM of disparity", lambda s: s.disparity, "As in the written comparison: min-max scaled against raw."),
        ("report: SSIM of depth", lambda s: s.depth, "The same for depth in metres; disparity needs a calibration."),
    )
    rows: list[Cells] = []
    for name, pick, said in picks:
        monocular, stereo = (_report_cell(pick(each) if each else None) for each in scores)
        if (monocular, stereo) != (NONE, NONE):
            rows.append((name, monocular, stereo, NONE, said))
    return rows


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


def metres_in_words(comparison: Comparison) -> str:
    """Say why there are no scores in metres though there is a camera; "" where there are some, or nothing was scored."""
    fair = (comparison.stereo or comparison.monocular).fair
    has_metres = comparison.views.calibration is not None or comparison.reference.kind is DepthKind.METRIC_DEPTH
    if not has_metres or fair.inverted or fair.coverage == 0 or fair.depth is not None:
        return ""
    return (
        f"There are no scores in metres: where there is something to judge, the {comparison.judge} is equally far everywhere "
        "or without a depth, and depth is cut at the farthest truth."
    )


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
