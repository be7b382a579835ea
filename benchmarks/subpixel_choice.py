"""How to correct OpenCV's fractions, chosen on rendered pairs with exact truth; and what a rounded truth makes of that."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import EIGHTHS, shifted_pair
from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.fractions import correct_fractions, even_out
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import MODES, SgbmSettings

Values = NDArray[np.float32]

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
SIDES, MOST_PX = (3, 5, 7, 9, 11), (0.25, 0.5, 0.75, 1.0)  # px
PENALTIES = ((5, 36, 288), (3, 36, 288), (5, 200, 800), (3, 600, 2400))  # block size, p1, p2; besides the default ones
CASES = tuple(SgbmSettings(mode) for mode in MODES if mode != "BM") + tuple(
    SgbmSettings("HH4", block_size=block_size, p1=p1, p2=p2) for block_size, p1, p2 in PENALTIES
)
USUAL = CASES.index(SgbmSettings("HH4"))
HALF = 0.5  # of OpenCV's largest mean error, which is what may remain
ABOUT_AS_GOOD = 0.2  # points of the EPE's change, for which a smaller window is taken
TEXTURE_EDGES = (0, 3, 10, 30, 100, 300, 1000, np.inf)  # mean squared gradient over 7x7 px [grey values^2]
SHIFT_PX = 20


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One pair, matched: what passes all checks, as OpenCV answers it, with holes; its truth; the mean squared gradient."""

    raw: Values
    truth: Values
    texture: Values

    def change(self, values: Values) -> float:
        """Change of the EPE by other values [%]."""
        return 100 * (float(np.nanmean(np.abs(values - self.truth)) / np.nanmean(np.abs(self.raw - self.truth))) - 1)


def print_choice(pairs: Iterable[StereoPair]) -> None:
    """Print what each strength and each window does, and the choice with its reason."""
    pairs = list(pairs)
    changes = []
    for settings in CASES:
        cases = [_case(pair, settings) for pair in pairs]
        changes.append([_mean_change(cases, settings, strength) for strength in STRENGTHS])
        if settings == CASES[USUAL]:
            usual = cases
    left = [_bias_left(settings) for settings in CASES]
    print(f"Change of the EPE of {len(pairs)} rendered pairs [%], share left of the largest mean error of shifted textures")
    print(f"| mode, block, p1, p2; strength: | {_cells(STRENGTHS, '.2f')} |\n|---|{'---|' * len(STRENGTHS)}")
    for settings, row, bias in zip(CASES, changes, left, strict=True):
        cells = " | ".join(f"{change:+.2f}, {share:.2f}" for change, share in zip(row, bias, strict=True))
        print(f"| {settings.mode} {settings.block_size} {settings.p1} {settings.p2} | {cells} |")
    overall, allowed = np.mean(changes, axis=0), np.max(left, axis=0) <= HALF
    print(f"| mean | {_cells(overall, '+.2f')} |")
    best = STRENGTHS[int(np.argmin(np.where(allowed, overall, np.inf)))]
    print(f"Strength {best}: the lowest mean of those that leave at most half of the error in every row.\n")
    _print_windows(usual, best)
    _print_classes(usual)


def print_rounded(pairs: Iterable[StereoPair], steps: Sequence[float] = (0.0, 0.25, 1.0)) -> None:
    """Print how EPE and median change by the correction if exact truth is rounded to steps [px], and if that is undone.

    0 stands for the exact truth. It is undone by placing the truth at random within the step that it was rounded to.
    """
    print(
        "| truth rounded to [px] | change of EPE [%] | higher in | change of median [%] | higher in |\n|---|---|---|---|---|"
    )
    random = np.random.default_rng(0)
    changes: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        case = _case(pair, CASES[USUAL])
        for step in steps:
            rounded = np.rint(case.truth / step) * step if step else case.truth
            for name, truth in ((f"{step or 'exact'}", rounded), (f"{step}, spread again", spread(rounded, step, random))):
                if step or "spread" not in name:
                    changes.setdefault(name, []).append(_changes(case.raw, _refined(case.raw, CASES[USUAL]), truth))
    for name, rows in changes.items():
        cells = (f"{np.mean(part):+.2f} | {sum(v > 0 for v in part)} of {len(part)}" for part in zip(*rows, strict=True))
        print(f"| {name} | {' | '.join(cells)} |")


def spread(truth: Values, step: float, random: np.random.Generator) -> Values:
    """Return a truth that lies anywhere within the step it was rounded to [px]."""
    return np.asarray(truth + random.uniform(-step / 2, step / 2, truth.shape), np.float32)


def _changes(before: Values, after: Values, truth: Values) -> tuple[float, float]:
    """Return the change of EPE and median [%]."""
    errors = [np.abs(values - truth) for values in (before, after)]
    means, medians = ([float(measure(error)) for error in errors] for measure in (np.nanmean, np.nanmedian))
    return 100 * (means[1] / means[0] - 1), 100 * (medians[1] / medians[0] - 1)


def _case(pair: StereoPair, settings: SgbmSettings) -> Case:
    assert pair.ground_truth is not None  # noqa: S101 - rendered pairs have it
    found = match_views(pair, settings)
    grey = cv2.cvtColor(pair.left, cv2.COLOR_RGB2GRAY).astype(np.float32)
    along = cv2.filter2D(grey, cv2.CV_32F, np.array([[-1, 0, 1]], np.float32))
    raw = np.where(found.disparity.valid, found.raw.values, np.float32(np.nan))
    return Case(raw, pair.ground_truth.values, np.asarray(cv2.blur(along * along, (7, 7)), np.float32))


def _refined(raw: Values, settings: SgbmSettings) -> Values:
    return even_out(correct_fractions(raw, settings))


def _mean_change(cases: Sequence[Case], settings: SgbmSettings, strength: float) -> float:
    return float(np.mean([case.change(even_out(correct_fractions(case.raw, settings, strength))) for case in cases]))


def _bias_left(settings: SgbmSettings) -> list[float]:
    """Return, for each strength, the largest mean error over shifts by eighths of a pixel, as a share of OpenCV's own."""
    largest = np.zeros(len(STRENGTHS) + 1)
    for eighths in range(EIGHTHS):
        shift = SHIFT_PX + eighths / EIGHTHS
        found = match_views(shifted_pair(shift), settings)
        raw = np.where(found.disparity.valid, found.raw.values, np.float32(np.nan))
        answers = [raw, *(even_out(correct_fractions(raw, settings, strength)) for strength in STRENGTHS)]
        errors = (answer - shift for answer in answers)
        largest = np.maximum(largest, [abs(float(error[np.abs(error) < 1].mean())) for error in errors])
    return list(largest[1:] / largest[0])


def _print_windows(cases: Sequence[Case], strength: float) -> None:
    print(f"HH4, the same for windows to average, and the largest change\n| px | {_cells(MOST_PX, '.2f')} |")
    print(f"|---|{'---|' * len(MOST_PX)}")
    corrected = [correct_fractions(case.raw, CASES[USUAL], strength) for case in cases]
    changes: dict[tuple[int, float], float] = {}
    for side in SIDES:
        for most in MOST_PX:
            changed = [case.change(even_out(values, side, most)) for case, values in zip(cases, corrected, strict=True)]
            changes[side, most] = float(np.mean(changed))
        print(f"| {side} | {_cells([changes[side, most] for most in MOST_PX], '+.2f')} |")
    side, most = min(size for size, change in changes.items() if change <= min(changes.values()) + ABOUT_AS_GOOD)
    print(f"Window {side}, change {most}: the smallest within {ABOUT_AS_GOOD} points of the best.\n")


def _print_classes(cases: Sequence[Case]) -> None:
    """Print what each strength does, before averaging, to pixels of one class of texture within 2 px of the truth."""
    print("HH4, not averaged, pixels within 2 px of the truth, by the mean squared gradient over 7x7 px")
    print(f"| gradient | share of pixels [%] | {_cells(STRENGTHS, '.2f')} | best |\n|---|---|{'---|' * (len(STRENGTHS) + 1)}")
    before = [np.abs(case.raw - case.truth) for case in cases]
    by_strength = [[np.abs(correct_fractions(c.raw, CASES[USUAL], s) - c.truth) for c in cases] for s in STRENGTHS]
    near = [error < 2 for error in before]
    for low, high in itertools.pairwise(TEXTURE_EDGES):
        here = [n & (c.texture >= low) & (c.texture < high) for n, c in zip(near, cases, strict=True)]
        change = [100 * (_sum(errors, here) / _sum(before, here) - 1) for errors in by_strength]
        share = 100 * sum(map(np.sum, here)) / sum(map(np.sum, near))
        print(f"| {low} to {high} | {share:.1f} | {_cells(change, '+.2f')} | {STRENGTHS[int(np.argmin(change))]} |")


def _sum(errors: Sequence[Values], masks: Sequence[Mask]) -> float:
    return sum(float(error[mask].sum()) for error, mask in zip(errors, masks, strict=True))


def _cells(values: Sequence[float] | NDArray[np.floating], style: str) -> str:
    return " | ".join(format(float(value), style) for value in values)
