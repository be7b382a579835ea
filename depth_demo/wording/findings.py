"""Strengths and weaknesses in words: every sentence is one measurement of `evaluation.regions`, and carries it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment import looks_like_depth, scale_mismatch
from depth_demo.evaluation.errors import BAD_FACTOR, BAD_PX
from depth_demo.evaluation.failures import MIN_KNOWN
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.geometry import DepthKind
from depth_demo.wording.boxes import DIGITS, shows, signed_error

MIN_PIXELS = 200  # fewer say nothing
MIN_SHARE = 0.01  # of the pixels that are judged
MAX_WRONG = 50.0  # % of a strength
QUESTION = "**Can one camera replace two here?**"
MIN_DIFFERENCE = 1.0  # percentage points that a strength, a weakness or a lead must have
Code = Literal["doubt", "answer", "warning", "overview", "strength", "weakness", "lead", "inverted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, for people and for programs.

    Attributes:
        code: What is said: a doubt about the truth, the answer to the question of the page, a warning about the pair, a
            method's overview, strength, weakness or lead, or that the monocular map is inverted.
        text: The sentences, without Markdown where `list_findings` returns them.
        method: Whom they are about; "" for both.
        region: Name of the region that they are about; "" for the whole picture.
    """

    code: Code
    text: str
    method: str = ""
    region: str = ""


def headline(comparison: Comparison) -> str:
    """Answer in two numbers for each method, or say that there is no answer, as Markdown; "" without truth, or of one view."""
    if comparison.stereo is None:
        return ""
    if not comparison.monocular.regions:
        return (
            f"{QUESTION} That cannot be said: the monocular map is inverted against the truth, or one of them is constant, "
            "so the map has no scores."
        )
    one, two = (100 - scores.regions[0].wrong for scores in (comparison.monocular, comparison.stereo))
    ssim = [scores.fair.ssim for scores in (comparison.monocular, comparison.stereo)]
    share = comparison.stereo.fair.windows / comparison.reference.values.size
    where = (
        "Where both answer" if share >= MIN_KNOWN else f"On the {100 * share:.2g} % of the picture where it can be compared"
    )
    alike = f" {where}, structure agrees (SSIM, 1 is identical) to {ssim[0]:.3f} and {ssim[1]:.3f}."
    return (
        f"{QUESTION} One, scaled to fit the truth, is within {BAD_PX:g} px on {one:.0f} % of the pixels; "
        f"two are on {two:.0f} %.{'' if math.isnan(ssim[0]) else alike}"
    )


def doubt(comparison: Comparison) -> str:
    """Say what is suspicious about the truth, as Markdown; "" for nothing."""
    match, truth, given = comparison.match, comparison.truth, comparison.views.ground_truth
    if truth is None or given is None:
        return ""
    known, is_depth = int(truth.valid.sum()), given.kind is DepthKind.METRIC_DEPTH
    if known < MIN_PIXELS:
        return f"**Only {known} pixels have truth, too few for scores that mean something.**"
    if match is None:
        return ""
    if looks_like_depth(truth, match.disparity):
        holds, choose = ("disparity in pixels", "disparity") if is_depth else ("depth in metres", "depth")
        falls = "rises where stereo's depth falls" if is_depth else "falls where stereo's disparity rises"
        return f"**The truth {falls}. Does it hold {holds}? Then choose 'Truth holds: {choose}'.**"
    matched = match.depth if is_depth else match.disparity
    ratio = scale_mismatch(given, matched) if matched else None
    if ratio is None:
        return ""
    asked = (
        "depth: are the stored value per m and the calibration right?"
        if is_depth
        else ("disparity: is the stored value per px right?")
    )
    return f"**The truth is about {float(f'{ratio:.2g}'):g} times the matched {asked}**"


def findings(comparison: Comparison) -> str:
    """Write the headline, a warning, and both methods, as Markdown. Nothing is said about an inverted monocular map.

    Without truth, how far the monocular map agrees with confident stereo.
    """
    warning = comparison.match.warning if comparison.match else ""
    doubt = f"**{warning}**" if warning else ""
    return "\n\n".join(filter(None, (headline(comparison), doubt, _of_both(comparison))))


def list_findings(comparison: Comparison) -> list[Finding]:
    """Return what `doubt` and `findings` say, one thing each, as plain text."""
    whole: tuple[tuple[Code, str], ...] = (
        ("doubt", doubt(comparison)),
        ("answer", headline(comparison)),
        ("warning", comparison.match.warning if comparison.match else ""),
    )
    found = [Finding(code, text.replace("**", "")) for code, text in whole if text]
    monocular, stereo = comparison.monocular.regions, comparison.stereo.regions if comparison.stereo else ()
    if not monocular:
        found.append(Finding("inverted", f"Monocular is inverted against the {comparison.judge}, or constant.", "monocular"))
    sides = (("monocular", monocular, stereo, "stereo"), ("stereo", stereo, monocular, "monocular"))
    for method, own, other, other_name in sides:
        found += [replace(finding, method=method) for finding in _find(own, other, other_name, comparison.judge)]
    return [_with_subject(finding) for finding in found]


def _with_subject(finding: Finding) -> Finding:
    if finding.code != "overview":
        return finding
    return replace(finding, text=f"{finding.method.capitalize()} {finding.text}")


def _of_both(comparison: Comparison) -> str:
    monocular = comparison.monocular.regions
    if comparison.stereo is None:
        judge = comparison.judge
        words = " ".join(sentences(monocular, judge=judge)) if monocular else f"is inverted against the {judge}, or constant."
        return f"**Monocular** {words}" if comparison.truth else f"**Monocular, against confident stereo,** {words}"
    stereo = comparison.stereo.regions
    if not monocular:
        return f"**Stereo** {' '.join(sentences(stereo))}"
    first, second = sentences(monocular, stereo, "stereo"), sentences(stereo, monocular, "monocular")
    return f"**Monocular** {' '.join(first)}\n\n**Stereo** {' '.join(second)}"


def sentences(
    own: Sequence[RegionErrors], other: Sequence[RegionErrors] = (), other_name: str = "", judge: str = "truth"
) -> list[str]:
    """Write at most four sentences: the whole picture, the largest strength and weakness, and the largest lead.

    All by the share of pixels that are wrong (more than 3 px off, or without an answer), among regions that hold at least
    1 % of the picture, so that a tiny one does not speak for the map.

    Args:
        own: Of `measure_regions`, the whole picture first.
        other, other_name: The same for the other method; empty where it has none.
        judge: What the errors are measured against.
    """
    return [finding.text for finding in _find(own, other, other_name, judge)]


def _find(own: Sequence[RegionErrors], other: Sequence[RegionErrors], other_name: str, judge: str) -> list[Finding]:
    """Return what `sentences` writes; nothing for a method without errors by region."""
    if not own:
        return []
    whole = own[0]
    rows = [row for row in shown(own[1:]) if row.pixels >= MIN_SHARE * whole.pixels]
    theirs = {row.name: row for row in other}

    def wrong(row: RegionErrors) -> float:
        return row.wrong

    def lead(row: RegionErrors) -> float:
        return theirs[row.name].wrong - row.wrong

    found, wrong_word = [Finding("overview", _overview(whole, judge))], _wrong(judge)
    best, worst = min(rows, key=wrong, default=whole), max(rows, key=wrong, default=whole)
    if whole.wrong - best.wrong >= MIN_DIFFERENCE and best.wrong <= MAX_WRONG:
        off = (
            ""
            if math.isnan(best.error)
            else f", which it measures to {best.error:.{DIGITS[best.unit]}f} {best.unit} on average"
        )
        strongest = f"Strongest on the {best.name}{off}: {best.wrong:.0f} % {wrong_word}."
        found.append(Finding("strength", strongest, region=best.name))
    if worst.wrong - whole.wrong >= MIN_DIFFERENCE:
        lost = f"It loses {worst.wrong:.0f} % of the {worst.name}: {_how_lost(worst)}."
        found.append(Finding("weakness", lost, region=worst.name))
    # Where the other one cannot answer at all, as stereo outside the searched columns, being ahead is no achievement.
    ahead = max((row for row in rows if row.name in theirs and theirs[row.name].coverage > 0), key=lead, default=None)
    if ahead is not None and lead(ahead) >= MIN_DIFFERENCE:
        led = (
            f"It is furthest ahead on the {ahead.name}: {ahead.wrong:.0f} % wrong, "
            f"{other_name} {theirs[ahead.name].wrong:.0f} %."
        )
        found.append(Finding("lead", led, region=ahead.name))
    return found


def shown(rows: Sequence[RegionErrors]) -> list[RegionErrors]:
    """Return the rows with enough pixels to say something."""
    return [row for row in rows if row.pixels >= MIN_PIXELS]


def _overview(whole: RegionErrors, judge: str) -> str:
    if math.isnan(whole.error):
        return f"has an answer for {whole.coverage:.1f} % of the pixels with {judge}."
    return (
        f"has an answer for {whole.coverage:.1f} % of the pixels with {judge}, {whole.error:.2f} {whole.unit} off on average "
        f"and {_on_the_whole(whole)}. {whole.wrong:.1f} % are {_wrong(judge)}: no answer, or {far_off(whole.unit)}."
    )


def _on_the_whole(row: RegionErrors) -> str:
    """Say in which direction a map errs."""
    if not shows(row.bias, row.unit):
        return "neither too near nor too far on average"
    return f"{signed_error(row.bias, row.unit)} on average"


def far_off(unit: str) -> str:
    """Say how far off a pixel is that counts as wrong."""
    return f"more than {BAD_PX:g} px off" if unit == "px" else f"off by a factor of {BAD_FACTOR:g} or more"


def mean_error(row: RegionErrors) -> str:
    """Write a region's mean error with its name and unit."""
    return f"{'EPE' if row.unit == 'px' else 'mean error'} {row.error:.2f} {row.unit}"


def _wrong(judge: str) -> str:
    """Return the word for a pixel that is far off. Stereo may be wrong itself, so beside it a pixel is only different."""
    return "wrong" if judge == "truth" else "different"


def _how_lost(row: RegionErrors) -> str:
    missing = 100 - row.coverage
    if missing < 0.5:
        return f"all of these {far_off(row.unit)}"
    if row.wrong - missing < 0.5:
        return "all of these without an answer"
    return f"{missing:.0f} % without an answer, {row.wrong - missing:.0f} % {far_off(row.unit)}"
