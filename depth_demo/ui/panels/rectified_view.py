"""What the page shows of a rectified pair: a report in words and numbers, and pictures of its rows before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from depth_demo.comparison.upright import turned_back
from depth_demo.formats.photos import load_pair_of_photos
from depth_demo.geometry import RgbImage
from depth_demo.render.row_gaps import Rows, magnification_of, render_arrows, render_lines, rows_of
from depth_demo.stereo.rectification.quality import Quality
from depth_demo.stereo.rectification.rectified import QUARTER
from depth_demo.stereo.rectification.rows import measure_rows
from depth_demo.ui.rectifying import TURNED, RectifiedPair
from depth_demo.wording.rectification import constant_in_words, depth_error_table, quality_in_words

ERRORS_SAY = (
    "Expected error of depth with f = {:.0f} px and B = {:.3g} m{}. Disparities are taken to be {:.2f} px wrong: by fractions "
    "of a pixel, and by what the row gap adds."
)
LINES_SAY = (
    "A line goes through points of the left view (yellow rings). A blue ring marks the same point in the right view: it lies "
    "on the line if the rows agree."
)
ARROWS_SAY = (
    "Yellow arrows: the right view shows the point lower than the left one. Blue arrows: higher. All are enlarged alike."
)
Pictures = tuple[RgbImage, RgbImage]


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedView:
    """A report in Markdown, two pictures with lines across both views, before and after, and one with arrows for the row gaps.

    A pair that was turned a quarter is drawn as the photos lie: the views one above the other, the lines along columns.
    """

    report: str
    lines: Pictures
    arrows: RgbImage


def view_of(made: RectifiedPair) -> RectifiedView:
    """Match the photos and the rectified views once more, and draw and measure what is found."""
    photos = load_pair_of_photos(*made.given)
    is_turned = made.found.is_turned
    left, right = (np.asarray(cv2.rotate(photo.pixels, QUARTER), np.uint8) if is_turned else photo.pixels for photo in photos)
    before = rows_of(left, right)
    after = rows_of(made.found.pair.left, made.found.pair.right)
    report = report_on(made, _with_before(made.found.quality, before))
    times = magnification_of(before)
    lines, arrows = zip(*((render_lines(rows), render_arrows(rows, times)) for rows in (before, after)), strict=True)
    if is_turned:
        report, lines, arrows = f"{report}\n\n{TURNED}", *(tuple(map(turned_back, drawn)) for drawn in (lines, arrows))
    return RectifiedView(report, (lines[0], lines[1]), np.hstack(arrows))


def _with_before(quality: Quality, before: Rows) -> Quality:
    """Return the quality with the row gap of the photos as they came, where a rectification did not measure it."""
    if quality.before is not None or before.matches is None:
        return quality
    shape = (before.left.shape[0], before.left.shape[1])
    return replace(quality, before=measure_rows(before.matches.left, before.matches.row_gap, shape))


def report_on(made: RectifiedPair, quality: Quality) -> str:
    """Say what was done, how well the rows agree, what the constant is, and how wrong depth will be."""
    found, (focal, baseline, _) = made.found, made.numbers
    parts = [made.said, quality_in_words(quality, is_calibrated=found.left_maps is not None), constant_in_words(found)]
    if focal and baseline:
        parts += [
            ERRORS_SAY.format(
                focal, baseline, ", once the constant is known" if made.is_free else "", quality.disparity_error_px
            ),
            depth_error_table(quality, focal, baseline),
        ]
    return "\n\n".join(parts)
