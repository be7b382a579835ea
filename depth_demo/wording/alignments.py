"""The scores of a monocular map under every alignment, beside stereo's, and what the choice turns round."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from depth_demo.evaluation.alignment import Alignment
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.metrics import FairScores

NONE = "-"
Scored = AlignedScores | FairScores


@dataclass(frozen=True, slots=True)
class Column:
    """One score of the table.

    Attributes:
        header: With the unit.
        called: The score's name in a sentence.
        value: Takes the number; None where there is none.
        form: How the number is written.
        larger_is_better: Who is ahead.
        over_all: Whether the score is over all truth; without truth there is none.
        width: Of the column [px].
    """

    header: str
    called: str
    value: Callable[[Scored], float | None]
    form: str
    width: int
    larger_is_better: bool = False
    over_all: bool = False


# fmt: off
COLUMNS = (
    Column("EPE [px]", "EPE", lambda s: s.errors.epe_px if s.errors else None, "{:.2f}", 64),
    Column("bad-3 [%]", "bad-3", lambda s: s.errors.bad_3 if s.errors else None, "{:.1f}", 68),
    Column("bad-3, all truth [%]", "bad-3 over all truth", lambda s: s.errors_all.bad_3 if s.errors_all else None, "{:.1f}",
           72, over_all=True),
    Column("AbsRel", "AbsRel", lambda s: s.depth.abs_rel if s.depth else None, "{:.3f}", 82),
    Column("delta1 [%]", "delta1", lambda s: s.depth.delta_1 if s.depth else None, "{:.1f}", 72, larger_is_better=True),
    Column("SSIM", "SSIM where both have answers", lambda s: None if math.isnan(s.ssim) else s.ssim, "{:.4f}", 76,
           larger_is_better=True),
)
# fmt: on
ALIGNMENT_HEADERS = ("Alignment", *(column.header for column in COLUMNS), "Fit and residual")
ALIGNMENT_WIDTHS = tuple(f"{width}px" for width in (118, *(column.width for column in COLUMNS), 150))


def alignment_table(
    rows: Sequence[AlignedScores], stereo: FairScores | None, unit: str = "px", *, with_truth: bool = True
) -> list[tuple[str, ...]]:
    """Return rows for `ALIGNMENT_HEADERS`, stereo last if it was judged; an inverted fit has no scores.

    Args:
        rows: Of `pipeline.align`.
        stereo: None where it was not judged.
        unit: Of what the maps are fitted to: "px", or "m" where there are no pixels.
        with_truth: Whether the truth judges.
    """
    monocular = [(row.mode, *_texts(row, with_truth=with_truth), _fit_text(row.fit, unit)) for row in rows]
    if stereo is None:
        return monocular
    return [*monocular, ("stereo, as matched", *_texts(stereo, with_truth=True), NONE)]


def filled_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the numbers of the columns that hold anything, such as none in pixels where there are no pixels."""
    return [number for number, cells in enumerate(zip(*rows, strict=True)) if set(cells) != {NONE}]


def _texts(scores: Scored, *, with_truth: bool) -> list[str]:
    values = (None if column.over_all and not with_truth else column.value(scores) for column in COLUMNS)
    return [NONE if value is None else column.form.format(value) for value, column in zip(values, COLUMNS, strict=True)]


def _fit_text(fit: Alignment, unit: str) -> str:
    return "inverted" if fit.inverted else f"{_formula(fit, unit)}, residual {_residual(fit, unit)}"


def fit_in_words(fit: Alignment | None, unit: str) -> str:
    """Write a fit, on how many pixels it rests, and how far off it is; `unit` is that of `alignment_table`."""
    if fit is None or fit.inverted or unit == "px":
        return str(fit)
    return f"{_formula(fit, unit)}, on {fit.on_pixels}, median error {_residual(fit, unit)}"


def _formula(fit: Alignment, unit: str) -> str:
    if unit == "px":
        return fit.formula
    return fit.line("depth", "m") if fit.camera else fit.line("1 / depth", "1/m")


def _residual(fit: Alignment, unit: str) -> str:
    return f"{fit.residual_px:.2f} px" if unit == "px" else f"{fit.residual_px:.3g} 1/m"


def what_flips(rows: Sequence[AlignedScores], stereo: FairScores) -> str:
    """Say in one sentence in which scores the choice of an alignment changes who is ahead."""
    fitted = [row for row in rows if not row.fit.inverted]
    shifted = [row.fit.inverted for row in rows if "shift" in row.mode]  # a scale alone turns nothing round
    if shifted and all(shifted):
        return "No fit counts: with a shift they are inverted, or one of the maps is constant."
    leads: dict[tuple[str, ...], list[str]] = {}
    for column in COLUMNS:
        sign = 1 if column.larger_is_better else -1
        other = column.value(stereo)
        if other is not None:
            values = ((row.mode, column.value(row)) for row in fitted)
            ahead = tuple(mode for mode, value in values if value is not None and sign * value > sign * other)
            leads.setdefault(ahead, []).append(column.called)
    flipped = [
        f"in {_listed(names)} the monocular map is ahead with {_listed(modes)}, stereo with every other"
        for modes, names in leads.items()
        if 0 < len(modes) < len(fitted)
    ]
    if flipped:
        return f"The alignment decides who wins: {'; '.join(flipped)}."
    always = {len(modes): names for modes, names in leads.items()}
    kept = [
        f"{who} is ahead in {_listed(always[count])}"
        for count, who in ((0, "stereo"), (len(fitted), "the monocular map"))
        if count in always
    ]
    return f"No alignment changes who wins: {', '.join(kept)}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
