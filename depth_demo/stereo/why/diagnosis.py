"""Why matching fails at a pixel, by rules that stand here, in this order; the first that holds is the verdict.

The rules read 1 - ZNCC, which means the same on every picture: 0 is the same pattern, 1 is no relation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from depth_demo.evaluation.errors import BAD_PX
from depth_demo.evaluation.regions import TEXTURELESS_BELOW
from depth_demo.geometry import Mask
from depth_demo.stereo.matched import MatcherSettings
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
AS_GOOD = 0.1  # of 1 - ZNCC; noise alone makes such differences
MAX_VALLEY_PX = 8  # a minimum that is wider says nothing
APART_PX = 3  # two minima are different ones from here
UNRELATED = 0.3  # a best match above is none


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why matching failed, or that it did not.

    Attributes:
        cause: By the first rule that holds.
        why: One sentence with the numbers behind it.
    """

    cause: Cause
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules know about a pixel. Disparities are in px, costs are 1 - ZNCC.

    Attributes:
        answer, truth: What stereo says and what is true; NaN where there is none.
        first, last: Smallest and largest disparity that was searched.
        hidden, in_band, textureless: As for `diagnose`.
        best, cheapest: The searched disparity with the least cost, and that cost.
        valley_px: Over how many disparities around the best one the costs are as good.
        rival: Another disparity with a cost as good; None where there is none.
        owner: Disparity of a nearer point of the left view that fits the best match better; None where there is none.
        true_cost: The cost at the true disparity; NaN where there is none.
    """

    answer: float
    truth: float
    first: int
    last: int
    hidden: bool
    in_band: bool
    textureless: bool
    best: int
    cheapest: float
    valley_px: int
    rival: int | None
    owner: int | None
    true_cost: float

    @property
    def answered(self) -> bool:
        """Whether stereo has an answer."""
        return not math.isnan(self.answer)

    @property
    def known(self) -> bool:
        """Whether the truth is known."""
        return not math.isnan(self.truth)

    @property
    def best_is_right(self) -> bool:
        """Whether the cheapest window is at the truth or, where that is unknown, resembles the left one."""
        return abs(self.best - self.truth) <= BAD_PX if self.known else self.cheapest < UNRELATED


@dataclass(frozen=True, slots=True)
class Rule:
    """One cause: when it holds, in words and as a test, and the sentence with the numbers of a pixel."""

    cause: Cause
    when: str
    holds: Callable[[Evidence], bool]
    why: Callable[[Evidence], str]


ORDER = (
    Rule(
        "right",
        f"stereo is within {BAD_PX:g} px of the truth.",
        lambda e: abs(e.answer - e.truth) <= BAD_PX,
        lambda e: f"Stereo says {e.answer:.1f} px, the truth is {e.truth:.1f} px; up to {BAD_PX:g} px apart counts as right.",
    ),
    Rule(
        "outside the range",
        "the true disparity was not searched.",
        lambda e: e.known and not e.first <= e.truth <= e.last,
        lambda e: f"The truth is {e.truth:.1f} px, and {e.first} to {e.last} px were searched.",
    ),
    Rule(
        "occluded",
        "the truth says that the right camera does not see the point.",
        lambda e: e.hidden,
        lambda e: f"At its true {e.truth:.1f} px the right view shows something nearer, or ends.",
    ),
    Rule(
        "unsearched band",
        "for this column the search range leaves the right view, so the matcher does not search.",
        lambda e: e.in_band,
        lambda e: f"Searching {e.first} to {e.last} px from this column leaves the right view.",
    ),
    Rule(
        "flat",
        f"the window has no texture: the mean of (Sobel-x / 8)^2 is below {TEXTURELESS_BELOW:g}.",
        lambda e: e.textureless,
        lambda _: f"The {WINDOW}x{WINDOW} window has next to no horizontal texture: every disparity costs alike.",
    ),
    Rule(
        "flat",
        f"the costs stay within {AS_GOOD:g} of the best over more than {MAX_VALLEY_PX} px.",
        lambda e: e.valley_px > MAX_VALLEY_PX,
        lambda e: f"The costs stay within {AS_GOOD:g} of the best over {e.valley_px} px around {e.best} px.",
    ),
    Rule(
        "repetitive",
        f"the best cost is below {UNRELATED:g}, and {APART_PX} px or more away another is within {AS_GOOD:g} of it.",
        lambda e: e.cheapest < UNRELATED and e.rival is not None,
        lambda e: f"{e.best} px costs {e.cheapest:.2f}, and {e.rival} px hardly more.",
    ),
    Rule(
        "occluded",
        "there is neither truth nor answer, and the best match fits a nearer point of the left view better, by more than "
        f"{AS_GOOD:g}.",
        lambda e: e.owner is not None and not e.known and not e.answered,
        lambda e: f"Its best match, {e.best} px, fits a nearer point of the left view better, at {e.owner} px.",
    ),
    Rule(
        "removed by the filter",
        f"stereo has no answer, but the cheapest window is right (without truth: its cost is below {UNRELATED:g}).",
        lambda e: not e.answered and e.best_is_right,
        lambda e: (
            f"A check took it away: the cheapest window is at {e.best} px"
            f"{f', the truth is {e.truth:.1f} px' if e.known else ''}."
        ),
    ),
    Rule(
        "misled",
        "another place looks more like the left window than the true one, as with reflections, thin objects and depth edges; "
        "or the matcher preferred a smoother surface.",
        lambda e: e.known,
        lambda e: f"The window at {e.best} px costs {e.cheapest:.2f}, the one at the true {e.truth:.1f} px {e.true_cost:.2f}.",
    ),
    Rule(
        "no truth",
        "stereo has an answer, and there is no truth to judge it.",
        lambda e: e.answered,
        lambda _: "Stereo has an answer, and there is no truth to judge it.",
    ),
    Rule(
        "no truth",
        "stereo has no answer, no window resembles this one, and there is no truth to say more.",
        lambda _: True,
        lambda e: f"No window resembles this one: the best costs {e.cheapest:.2f}. There is no truth to say more.",
    ),
)
RULES = "The first rule that holds is the verdict. Costs are 1 - ZNCC: 0 is the same pattern, 1 no relation.\n" + "\n".join(
    f"{number}. **{rule.cause}**: {rule.when}" for number, rule in enumerate(ORDER, start=1)
)


def diagnose(
    costs: PixelCosts,
    settings: MatcherSettings,
    answer: float,
    truth: float,
    *,
    hidden: bool,
    in_band: bool,
    textureless: bool,
) -> Verdict:
    """Judge one pixel by the first rule of `ORDER` that holds.

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
    minimum, true_cost = _find_minimum(costs, first, last), costs.at("ZNCC", truth)
    evidence = Evidence(answer, truth, first, last, hidden, in_band, textureless, *minimum, true_cost)
    rule = next(rule for rule in ORDER if rule.holds(evidence))
    return Verdict(rule.cause, rule.why(evidence))


def _find_minimum(costs: PixelCosts, first: int, last: int) -> tuple[int, float, int, int | None, int | None]:
    """Return `best`, `cheapest`, `valley_px`, `rival` and `owner` of `Evidence`, from the searched disparities."""
    levels = np.arange(costs.disparities[0], costs.disparities.stop)
    curve = np.where((levels >= first) & (levels <= last), costs.curves["ZNCC"], np.float32(np.inf))
    index = int(curve.argmin())
    best, cheapest = costs.disparities[index], float(curve[index])
    as_good = curve <= cheapest + AS_GOOD
    valley = _run(as_good, index)
    rivals = np.where(as_good & ~valley & (np.abs(np.arange(len(curve)) - index) >= APART_PX), curve, np.inf)
    rival = costs.disparities[int(rivals.argmin())] if np.isfinite(rivals).any() else None
    return best, cheapest, int(np.count_nonzero(valley)), rival, _nearer_owner(costs, best, cheapest)


def _run(mask: Mask, index: int) -> Mask:
    """Return the unbroken run of True around an index."""
    gaps = np.flatnonzero(~mask)
    before, after = gaps[gaps < index], gaps[gaps > index]
    run = np.zeros_like(mask)
    run[(before[-1] + 1 if before.size else 0) : (after[0] if after.size else len(mask))] = True
    return run


def _nearer_owner(costs: PixelCosts, best: int, cheapest: float) -> int | None:
    """Return the disparity of a nearer left point that owns this pixel's best match; None when the pixel owns it itself."""
    index = int(costs.back.argmin())
    owner = costs.disparities[index]
    return owner if owner > best + 1 and float(costs.back[index]) < cheapest - AS_GOOD else None
