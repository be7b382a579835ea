"""The scores of a monocular map under every alignment, beside stereo's, and what the choice turns round."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from depth_demo.evaluation.alignment import Alignment
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.metrics import Evaluation

ALIGNMENT_HEADERS = (
    "Alignment", "EPE [px]", "bad-3 [%]", "bad-3, all truth [%]", "AbsRel", "delta1 [%]", "SSIM", "Fit and residual",
)  # fmt: skip
NONE = "-"
Cells = tuple[float | None, ...]
# In the order of the headers; whether a larger number is better; how it is written.
_SCORES: tuple[tuple[str, bool, str], ...] = (
    ("EPE", False, "{:.2f}"),
    ("bad-3", False, "{:.1f}"),
    ("bad-3 over all truth", False, "{:.1f}"),
    ("AbsRel", False, "{:.3f}"),
    ("delta1", True, "{:.1f}"),
    ("SSIM where both have answers", True, "{:.4f}"),
)


def alignment_table(rows: Sequence[AlignedScores], stereo: Evaluation | None) -> list[tuple[str, ...]]:
    """Rows for `ALIGNMENT_HEADERS`, stereo last if it was judged; an inverted fit has no scores."""
    if stereo is None:  # without truth there is nothing beyond the pixels of confident stereo
        rows = [dataclasses.replace(row, errors_all=None) for row in rows]
    monocular = [(row.mode, *_texts(_cells(row)), _fit_text(row.fit)) for row in rows]
    if stereo is None:
        return monocular
    return [*monocular, ("stereo, as matched", *_texts(_cells(stereo)), NONE)]


def what_flips(rows: Sequence[AlignedScores], stereo: Evaluation) -> str:
    """One sentence: in which scores the choice of an alignment changes who is ahead."""
    fitted = [row for row in rows if not row.fit.inverted]
    shifted = [row.fit.inverted for row in rows if "shift" in row.mode]  # a scale alone turns nothing round
    if shifted and all(shifted):
        return "No fit counts: with a shift they are inverted, or one of the maps is constant."
    leads: dict[tuple[str, ...], list[str]] = {}
    for n, (name, larger_is_better, _) in enumerate(_SCORES):
        sign = 1 if larger_is_better else -1
        other = _cells(stereo)[n]
        if other is not None:
            values = ((row.mode, _cells(row)[n]) for row in fitted)
            ahead = tuple(mode for mode, value in values if value is not None and sign * value > sign * other)
            leads.setdefault(ahead, []).append(name)
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


def _cells(scores: AlignedScores | Evaluation) -> Cells:
    errors, everywhere, depth = scores.errors, scores.errors_all, scores.depth
    pixels = (errors.epe_px, errors.bad_3) if errors else (None, None)
    metres = (depth.abs_rel, depth.delta_1) if depth else (None, None)
    ssim = None if math.isnan(scores.ssim) else scores.ssim
    return (*pixels, everywhere.bad_3 if everywhere else None, *metres, ssim)


def _fit_text(fit: Alignment) -> str:
    if fit.inverted:
        return "inverted"
    return f"x {fit.scale:.4g} {fit.shift:+.4g} px, residual {fit.residual_px:.2f} px"


def _texts(cells: Cells) -> list[str]:
    return [NONE if cell is None else form.format(cell) for cell, (_, _, form) in zip(cells, _SCORES, strict=True)]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
