"""Is a pair usable? Checks before matching, on small copies, in well under a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, RgbImage, StereoPair
from depth_demo.stereo.features import SparseMatches, match_features
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.rectification.rows import measure_rows, trend_in_words
from depth_demo.stereo.settings import SgbmSettings

WORKING_WIDTH = 400
MIN_SHARE = 0.15  # of the pixels that must match before dense matches are believed
MIN_RATIO = 2.0
MIN_MATCHES = 30  # features; unrelated pictures have fewer than ten
MAX_GAIN = math.sqrt(2)  # of one view's grey values over the other's
ONE_WAY = 0.9  # of the disparities whose sign is clear
FAR_ABOVE, NEAR_BELOW = 0.35, 0.7  # of the height
MISTAKEN = 0.05  # share of negative disparities that is put down to mistakes
COSTLY_SHARE, WORTH_SAVING = 10.0, 2.0  # % of the picture that a search range loses, and could save
MARGIN_PX, MARGIN_SHARE = 1.0, 0.05  # added at each end of the disparities, the second as a share of their span


def matched_share(left: RgbImage, right: RgbImage) -> float:
    """Return the share of the pixels, right of the unmatchable band, that match consistently in both directions."""
    return _match_small(StereoPair(left, right), min_disparity=1, share=1 / 4).share


def check_two_views(pair: StereoPair) -> None:
    """Raise ValueError if both views are the same picture."""
    if np.array_equal(pair.left, pair.right):
        raise ValueError("Both views are the same picture, so nothing shifts and there is no depth to find. Load both views.")


def check_not_swapped(pair: StereoPair) -> None:
    """Raise ValueError if the right view looks like the left one and the left like the right.

    Both ways round are matched: swapped views match at least `MIN_RATIO` times as many pixels once they are exchanged.
    Cameras that look inwards rightly have negative disparities, so pairs matched that way are not checked.
    """
    exchanged = matched_share(pair.right, pair.left)
    given = matched_share(pair.left, pair.right)
    if exchanged > MIN_SHARE and exchanged > MIN_RATIO * given:
        raise ValueError(
            f"Left and right look swapped: exchanged, {exchanged:.0%} of the pixels match, as given {given:.0%}. "
            f"Exchange the two images; if the cameras look inwards, set a negative min_disparity instead."
        )


def clearly_in_order(disparity: DepthMap, settings: MatcherSettings) -> bool:
    """Tell whether the match of the whole pair already shows that `check_not_swapped`, which takes longer, would pass.

    It shows so if many pixels have at least the disparity of one pixel of the small copy: so many that exchanged views could
    not match `MIN_RATIO` times as many.
    """
    reachable = disparity.values[:, settings.min_disparity + settings.num_disparities :]
    least = max(disparity.shape[1] / WORKING_WIDTH, 1)
    return bool(np.count_nonzero(reachable >= least) * MIN_RATIO >= reachable.size)


def refuse_swapped(pair: StereoPair, disparity: DepthMap, settings: MatcherSettings) -> None:
    """Raise ValueError as `check_not_swapped`, which runs only if the match itself does not rule that out.

    Cameras that look inwards have negative disparities, as swapped views have: such a search range is not checked.
    """
    if settings.min_disparity >= 0 and not clearly_in_order(disparity, settings):
        check_not_swapped(pair)


@dataclass(frozen=True, slots=True, eq=False)
class _SmallMatch:
    """Disparities found on the small copy, in full pixels, and the share of the matchable pixels that have one."""

    disparity: NDArray[np.float32]
    share: float


def _match_small(pair: StereoPair, min_disparity: int, share: float) -> _SmallMatch:
    """Match a copy of `WORKING_WIDTH` columns over this share of its width."""
    height, width = pair.left.shape[:2]
    factor = min(1.0, WORKING_WIDTH / width)
    size = (round(width * factor), max(round(height * factor), 1))
    small = [np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8) for image in (pair.left, pair.right)]
    disparities = max(int(size[0] * share) // 16 * 16, 16)
    settings = SgbmSettings("SGBM_3WAY", num_disparities=disparities, uniqueness_ratio=15, min_disparity=min_disparity)
    match = match_views(StereoPair(small[0], small[1]), settings)
    # The extremes are wanted, which are noise at the ends: correcting fractions would stretch it.
    checked = np.where(match.disparity.valid, match.raw.values, np.float32(np.nan))
    reachable = checked[:, max(disparities + min_disparity, 0) :]
    found = reachable[~np.isnan(reachable)]
    return _SmallMatch(found * np.float32(width / size[0]), found.size / reachable.size)


class Status(Enum):
    """How a check turned out: `BAD` asks for something to be done, `COSTLY` says what would be better."""

    GOOD = "good"
    COSTLY = "costly"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for people: what was checked, how it turned out, and the sentence with its number."""

    subject: str
    status: Status
    text: str


@dataclass(frozen=True, slots=True)
class SearchRange:
    """A search range [px], as all `MatcherSettings` have it."""

    min_disparity: int
    num_disparities: int

    def lost_share(self, width: int) -> float:
        """Return the share of the columns at which the range leaves the right view, so that they cannot be matched [%]."""
        lost = max(self.min_disparity + self.num_disparities, 0) + max(-self.min_disparity, 0)
        return 100 * min(lost / width, 1)

    def __str__(self) -> str:
        return f"{self.min_disparity} to {self.min_disparity + self.num_disparities - 1} px"


@dataclass(frozen=True, slots=True, eq=False)
class Preflight:
    """What the pair itself says, whatever the settings.

    Attributes:
        shape: Height and width [px].
        findings: Order of the views, rows and exposure; or the one that the views are the same, or that nothing can be said.
        row_gap: (N,) how much lower the right view shows each matched point [px].
        disparities: Smallest and largest disparity that was found [px]; None where nothing can be said.
        suggestion: The search range that covers them with a margin.
    """

    shape: tuple[int, int]
    findings: tuple[Finding, ...]
    row_gap: NDArray[np.float32]
    disparities: tuple[float, float] | None = None
    suggestion: SearchRange | None = None

    @property
    def swapped(self) -> bool:
        """Whether the views look exchanged."""
        return any(finding.subject == "Order" and finding.status is Status.BAD for finding in self.findings)


def inspect_pair(pair: StereoPair) -> Preflight:
    """Check the order of the views, the rows, the exposure, and measure the disparities."""
    height, width = pair.left.shape[:2]
    try:
        check_two_views(pair)
    except ValueError as error:
        return Preflight((height, width), (Finding("Views", Status.BAD, str(error)),), np.empty(0, np.float32))
    matches = match_features(pair)
    if len(matches) < MIN_MATCHES:
        text = (
            f"Only {len(matches)} points of the left view were found in the right one: nothing can be said of order, "
            f"rows, exposure or search range. Do both views show one scene, with texture?"
        )
        return Preflight((height, width), (Finding("Matches", Status.UNKNOWN, text),), matches.row_gap)
    findings = check_order(matches, height), check_rows(matches, (height, width)), check_exposure(matches)
    disparities = find_disparities(pair, matches)
    return Preflight((height, width), findings, matches.row_gap, disparities, suggest_range(*disparities))


def check_order(matches: SparseMatches, height: int) -> Finding:
    """Check that the views are not swapped, which makes disparities negative.

    Far points, whose sign is not clear, do not count. Cameras that look inwards, as many with two lenses do, may have
    nothing but negative disparities as well: then near things still have the larger ones.
    """
    clear = matches.disparity[np.abs(matches.disparity) > matches.pixel]
    if len(clear) < MIN_MATCHES:
        text = f"All but {len(clear)} of {len(matches)} points hardly move: nothing can be said of the order of the views."
        return Finding("Order", Status.UNKNOWN, text)
    negative = float(np.mean(clear < 0))
    if negative >= ONE_WAY and near_minus_far(matches, height) > matches.pixel:
        text = (
            f"{100 * negative:.0f} % of {len(clear)} points lie farther right in the right view, the lower ones "
            f"less so: the cameras look inwards. Swap the views if near things come out far."
        )
        return Finding("Order", Status.COSTLY, text)
    if negative >= ONE_WAY:
        text = (
            f"The views look swapped: {100 * negative:.0f} % of {len(clear)} points lie farther right in the right view. "
            f"Exchange them; if the cameras look inwards, set a negative min_disparity instead."
        )
        return Finding("Order", Status.BAD, text)
    text = f"The views are in order: {100 * (1 - negative):.0f} % of {len(clear)} points lie farther left in the right one."
    return Finding("Order", Status.GOOD, text)


def near_minus_far(matches: SparseMatches, height: int) -> float:
    """Return how much larger the disparity is in the lower part of the picture than in the upper [px]; 0 if unknown.

    The ground below is near and the distance above is far in most pictures, so this is a hint.
    """
    row = matches.left[:, 1] / height
    near, far = matches.disparity[row > NEAR_BELOW], matches.disparity[row < FAR_ABOVE]
    return float(np.median(near) - np.median(far)) if min(len(near), len(far)) >= MIN_MATCHES // 3 else 0.0


def check_rows(matches: SparseMatches, shape: tuple[int, int]) -> Finding:
    """Check that the pair is rectified: the gap of the rows, at most matches, and how it changes over the picture."""
    rows = measure_rows(matches.left, matches.row_gap, shape)
    if rows.agrees:
        text = f"Rows agree within {rows.median_px:.1f} px ({rows.matches} matches; 95 % within {rows.p95_px:.1f} px)."
        return Finding("Rows", Status.GOOD, text)
    shift = float(np.median(matches.row_gap))
    where = f"{abs(shift):.1f} px {'lower' if shift > 0 else 'higher'} in the right view"
    how = where if abs(shift) > 0.8 * rows.median_px else f"off by {rows.median_px:.1f} px, some up and some down"
    found = f"Rows differ: points are {how} (median of {rows.matches} matches; 95 % within {rows.p95_px:.1f} px)."
    sentences = found, trend_in_words(rows), "Rectify the pair; matching looks along rows only."
    return Finding("Rows", Status.BAD, " ".join(filter(None, sentences)))


def row_warning(pair: StereoPair) -> str:
    """Return the sentence of `check_rows` if rows differ; "" if they agree or nothing can be said."""
    matches = match_features(pair)
    rows = check_rows(matches, (pair.left.shape[0], pair.left.shape[1])) if len(matches) >= MIN_MATCHES else None
    return rows.text if rows and rows.status is Status.BAD else ""


def check_exposure(matches: SparseMatches) -> Finding:
    """Check that both views are equally bright, by the median ratio of the grey values around the same points."""
    gain = float(np.median(np.maximum(matches.right_grey, 1) / np.maximum(matches.left_grey, 1)))
    text = f"The right view is {gain:.2f} times as bright as the left"
    if 1 / MAX_GAIN < gain < MAX_GAIN:
        return Finding("Exposure", Status.GOOD, f"{text}.")
    return Finding("Exposure", Status.BAD, f"{text}: even the exposure out, or expect fewer matches.")


def find_disparities(pair: StereoPair, matches: SparseMatches) -> tuple[float, float]:
    """Return the smallest and the largest disparity [px] of the scene, without stray points.

    Features see all disparities, but miss bare surfaces, such as the road before a car. Dense matching of a small copy sees
    these, up to a third of the width, and counts if enough of the copy matches. The wider of the two ranges is taken.
    """
    sparse = np.percentile(matches.disparity, (1, 99))
    least = math.floor(min(sparse[0], 0) * min(1.0, WORKING_WIDTH / pair.left.shape[1])) - 8
    dense = _match_small(pair, min_disparity=least, share=1 / 3)
    ends = [sparse, np.percentile(dense.disparity, (0.3, 99.7))] if dense.share > MIN_SHARE else [sparse]
    low, high = float(np.min(ends)), float(np.max(ends))
    parallel = np.mean(matches.disparity < -matches.pixel) < MISTAKEN
    return (max(low, 0.0), max(high, 0.0)) if parallel else (low, high)


def suggest_range(low: float, high: float) -> SearchRange:
    """Return the shortest range, in steps of 16 as OpenCV takes it, with a margin at both ends.

    What rounding adds is shared between the ends. Positive disparities get no negative candidates: nothing is behind infinity.
    """
    margin = MARGIN_PX + MARGIN_SHARE * (high - low)
    first, last = math.floor(low - margin), math.ceil(high + margin)
    if low >= 0:
        first = max(first, 0)
    count = max(math.ceil((last - first + 1) / 16) * 16, 16)
    spare = count - (last - first + 1)
    first -= spare // 2 if low < 0 else min(spare // 2, first)
    return SearchRange(first, count)


def check_range(disparities: tuple[float, float], settings: MatcherSettings, width: int) -> Finding:
    """Check whether the settings look for all disparities that were found, and what of the picture that costs.

    Args:
        disparities: Smallest and largest of the scene [px].
        settings: What is looked for.
        width: Of the views [px].
    """
    low, high = disparities
    chosen, shorter = SearchRange(settings.min_disparity, settings.num_disparities), suggest_range(low, high)
    covered = settings.min_disparity <= low and high <= settings.min_disparity + settings.num_disparities - 1
    found = f"The scene's disparities are {low:.0f} to {high:.0f} px"
    if not covered:
        return Finding("Range", Status.BAD, f"{found}, but the settings look for {chosen}.")
    lost, least = chosen.lost_share(width), shorter.lost_share(width)
    if lost >= COSTLY_SHARE and lost - least >= WORTH_SAVING:
        costs = f"The settings look for {chosen}, which loses {lost:.0f} % of the picture at its edges"
        return Finding("Range", Status.COSTLY, f"{found}. {costs}; {shorter} loses about {least:.0f} %.")
    return Finding("Range", Status.GOOD, f"{found}; the settings look for {chosen}.")


def check_size(shape: tuple[int, int], settings: MatcherSettings) -> Finding:
    """Check whether images of this size can be matched with the settings."""
    height, width = shape
    try:
        settings.check_size(height, width)
    except ValueError as error:
        return Finding("Size", Status.BAD, str(error))
    memory = settings.memory_text(height, width)
    return Finding("Size", Status.GOOD, f"{width}x{height} pixels can be matched with these settings; {memory}.")
