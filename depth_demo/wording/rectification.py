"""A rectification in words: what was done, how well the rows agree, what it costs, and how deep the pair can tell."""

from __future__ import annotations

import math

from depth_demo.stereo.rectification.quality import DISTANCES_M, Quality
from depth_demo.stereo.rectification.rows import BOW_LIMIT_PX, RowQuality, trend_in_words
from depth_demo.stereo.rectify import Rectified

MISFIT = (
    "**The calibration does not fit these photos**: exchange them if the right camera took the left one, and calibrate anew "
    "if a camera was moved, zoomed or focused since."
)
NO_METRES = "There is no depth in metres before it is fitted to a truth, to points at infinity or to a measured distance."


def rectified_in_words(found: Rectified) -> str:
    """Describe a rectified pair in paragraphs of Markdown."""
    parts = [
        found.description,
        quality_in_words(found.quality, is_calibrated=found.left_maps is not None),
        constant_in_words(found),
        depth_errors_in_words(found),
    ]
    return "\n\n".join(filter(None, parts))


def quality_in_words(quality: Quality, *, is_calibrated: bool = False) -> str:
    """Say how well the rows agree before and after, and how much of the views is left.

    Args:
        quality: The numbers.
        is_calibrated: Whether a calibration turned the views, which is then what rows that differ speak against.
    """
    rows, before = quality.rows, quality.before
    said = []
    if before is not None:
        said.append(f"**Before**, {_gap(before)}. {trend_in_words(before)}".strip())
    if rows is None:
        said.append("Too few points match to tell how well the rows agree.")
    else:
        said.append(f"**{'After' if before else 'Now'}**, {_gap(rows)}: {_verdict(rows)}. {trend_in_words(rows)}".strip())
        if is_calibrated and not rows.agrees:
            said.append(MISFIT)
        elif rows.bow_px > BOW_LIMIT_PX:
            said.append(f"The gap bows by {rows.bow_px:.1f} px over the picture: the lenses are distorted. Calibrate them.")
    said.append(f"At least {100 * quality.kept:.0f} % of each view is kept.")
    return " ".join(said)


def _gap(rows: RowQuality) -> str:
    return f"the rows differ by {rows.median_px:.2f} px (median of {rows.matches} matches; 95 % within {rows.p95_px:.1f} px)"


def _verdict(rows: RowQuality) -> str:
    return "good enough to match" if rows.agrees else "matching will lose much"


def constant_in_words(found: Rectified) -> str:
    """Say whether the constant that all disparities share is known."""
    if found.doffs_px is not None:
        return f"Z = f B / (d + doffs), with doffs = {found.doffs_px:.2f} px."
    return (
        "**Free constant**: without a calibration, disparity is known up to one number that is added to every pixel. The "
        f"matches and the focal length leave it open by about {found.constant_error_px:.1f} px. {NO_METRES}"
    )


def truth_in_words(found: Rectified) -> str:
    """Say whether the truth of the left photo is still that of the rectified left view."""
    if found.warps_left:
        return "**Truth**: the left photo was turned, and its truth with it. What lies outside the view has none."
    turned = "only turned a quarter, and its truth with it" if found.is_turned else "untouched, so its truth stays as it is"
    return f"**Truth**: the left photo is {turned}."


def depth_errors_in_words(found: Rectified) -> str:
    """Say how wrong depth will be at several distances; "" where the baseline is not known."""
    if found.baseline_m is None:
        return ""
    f, b, quality = found.focal_length_px, found.baseline_m, found.quality
    errors = ", ".join(f"{_length(quality.depth_error_m(z, f, b))} at {z} m" for z in DISTANCES_M)
    return (
        f"**Expected error of depth** with f = {f:.0f} px and B = {b:.3g} m: {errors}. It counts "
        f"{quality.disparity_error_px:.2f} px of disparity: fractions of a pixel, and what the row gap adds."
    )


def depth_error_table(quality: Quality, focal_length_px: float, baseline_m: float) -> str:
    """Return how wrong depth will be at several distances, as a table in Markdown."""
    errors = (_length(quality.depth_error_m(z, focal_length_px, baseline_m)) for z in DISTANCES_M)
    rows = [("Distance", *(f"{z} m" for z in DISTANCES_M)), ("---",) * (len(DISTANCES_M) + 1), ("Expected error", *errors)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _length(metres: float) -> str:
    """Write a length with two digits, in the unit people would use."""
    if metres < 0.01:
        return f"{1000 * metres:.2g} mm"
    if metres < 1:
        return f"{100 * metres:.2g} cm"
    return f"{metres:.{max(1 - math.floor(math.log10(metres)), 0)}f} m"
