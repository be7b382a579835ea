"""Why matching fails at a pixel, by rules that stand here, in this order; the first that holds is the verdict.

The rules read 1 - ZNCC, which means the same on every picture: 0 is the same pattern, 1 is no relation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from depth_demo.geometry import Mask
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.why.pixel_costs import WINDOW, PixelCosts

Cause = Literal[
    "right",
    "outside the range",
    "occluded",
    "unsearched band",
    "flat",
    "repetitive",
    "removed by the filter",
    "misled",
    "no truth",
]
RIGHT_WITHIN_PX = 3.0  # as bad-3 counts
AS_GOOD = 0.1  # of 1 - ZNCC; noise alone makes such differences
MAX_VALLEY_PX = 8  # a minimum that is wider says nothing
APART_PX = 3  # two minima are different ones from here
UNRELATED = 0.3  # a best match above is none
RULES = f"""The first rule that holds is the verdict. Costs are 1 - ZNCC: 0 is the same pattern, 1 no relation.
1. **right**: stereo is within {RIGHT_WITHIN_PX:g} px of the truth.
2. **outside the range**: the true disparity was not searched.
3. **occluded**: the truth says that the right camera does not see the point.
4. **unsearched band**: for this column the search range leaves the right view, so OpenCV does not search.
5. **flat**: the window has no texture (mean (Sobel-x / 8)^2 below 4), or the costs stay within {AS_GOOD:g} of the best over
   more than {MAX_VALLEY_PX} px.
6. **repetitive**: the best is below {UNRELATED:g}, and {APART_PX} px or more away another is within {AS_GOOD:g} of it.
7. **occluded**, where there is neither truth nor answer: the best match fits a nearer point of the left view better, by
   more than {AS_GOOD:g}.
8. **removed by the filter**: stereo has no answer, but the cheapest window is right (without truth: its cost is below
   {UNRELATED:g}).
9. **misled**: none of these. Another place looks more like the left window than the true one, as with reflections, thin
   objects and depth edges; or the paths of semi-global matching preferred a smoother surface.

Where there is no truth and rules 5 to 8 do not hold, there is **no truth** to judge by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why matching failed, or that it did not.

    Attributes:
        cause: By the first rule that holds.
        why: One sentence with the numbers behind it.
    """

    cause: Cause
    why: str


def diagnose(
    costs: PixelCosts,
    settings: SgbmSettings,
    answer: float,
    truth: float,
    *,
    hidden: bool,
    in_band: bool,
    textureless: bool,
) -> Verdict:
    """The verdict on one pixel.

    Args:
        costs: Of the pixel, over at least the searched disparities.
        settings: How the pair was matched.
        answer: What stereo says [px]; NaN where it has no answer.
        truth: True disparity [px]; NaN where unknown.
        hidden: The truth says that the right camera does not see the point.
        in_band: The search range leaves the right view at this column.
        textureless: The left window has no horizontal texture.
    """
    first, last = settings.min_disparity, settings.min_disparity + settings.num_disparities - 1
    known, answered = not math.isnan(truth), not math.isnan(answer)
    searched = _searched(costs, first, last)
    curve = np.where(searched, costs.curves["ZNCC"], np.float32(np.inf))
    index = int(curve.argmin())
    best, cheapest = costs.disparities[index], float(curve[index])
    as_good = curve <= cheapest + AS_GOOD
    valley = _run(as_good, index)
    width = int(np.count_nonzero(valley))
    rivals = np.where(as_good & ~valley & (np.abs(np.arange(len(curve)) - index) >= APART_PX), curve, np.inf)
    second = costs.disparities[int(rivals.argmin())] if np.isfinite(rivals).any() else None
    owner = _nearer_owner(costs, best, cheapest)
    right = abs(answer - truth) <= RIGHT_WITHIN_PX
    clear = abs(best - truth) <= RIGHT_WITHIN_PX if known else cheapest < UNRELATED
    rules: tuple[tuple[Cause, bool, str], ...] = (
        (
            "right",
            right,
            f"Stereo says {answer:.1f} px, the truth is {truth:.1f} px; up to {RIGHT_WITHIN_PX:g} px apart counts as right.",
        ),
        (
            "outside the range",
            known and not first <= truth <= last,
            f"The truth is {truth:.1f} px, and {first} to {last} px were searched.",
        ),
        ("occluded", hidden, f"At its true {truth:.1f} px the right view shows something nearer, or ends."),
        ("unsearched band", in_band, f"Searching {first} to {last} px from this column leaves the right view."),
        ("flat", textureless, f"The {WINDOW}x{WINDOW} window has next to no horizontal texture: every disparity costs alike."),
        (
            "flat",
            width > MAX_VALLEY_PX,
            f"The costs stay within {AS_GOOD:g} of the best over {width} px around {best} px.",
        ),
        (
            "repetitive",
            cheapest < UNRELATED and second is not None,
            f"{best} px costs {cheapest:.2f}, and {second} px hardly more.",
        ),
        (
            "occluded",
            owner is not None and not known and not answered,
            f"Its best match, {best} px, fits a nearer point of the left view better, at {owner} px.",
        ),
        (
            "removed by the filter",
            not answered and clear,
            f"A check took it away: the cheapest window is at {best} px{f', the truth is {truth:.1f} px' if known else ''}.",
        ),
        (
            "misled",
            known,
            f"The window at {best} px costs {cheapest:.2f}, the one at the true {truth:.1f} px {costs.at('ZNCC', truth):.2f}.",
        ),
        ("no truth", answered, "Stereo has an answer, and there is no truth to judge it."),
        ("no truth", True, f"No window resembles this one: the best costs {cheapest:.2f}. There is no truth to say more."),
    )
    return next(Verdict(cause, why) for cause, holds, why in rules if holds)


def _searched(costs: PixelCosts, first: int, last: int) -> Mask:
    levels = np.arange(costs.disparities[0], costs.disparities.stop)
    return np.asarray((levels >= first) & (levels <= last))


def _run(mask: Mask, index: int) -> Mask:
    """The unbroken run of True around an index."""
    gaps = np.flatnonzero(~mask)
    before, after = gaps[gaps < index], gaps[gaps > index]
    run = np.zeros_like(mask)
    run[(before[-1] + 1 if before.size else 0) : (after[0] if after.size else len(mask))] = True
    return run


def _nearer_owner(costs: PixelCosts, best: int, cheapest: float) -> int | None:
    """The disparity of a nearer left point that owns this pixel's best match; None when the pixel owns it itself."""
    index = int(costs.back.argmin())
    owner = costs.disparities[index]
    return owner if owner > best + 1 and float(costs.back[index]) < cheapest - AS_GOOD else None
