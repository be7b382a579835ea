"""How strongly to correct OpenCV's fractions, chosen on rendered pairs with exact truth; and what rounded truth makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import StereoPair
from depth_demo.stereo.fractions import correct_fractions
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import MODES, SgbmSettings

Values = NDArray[np.float32]

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
PENALTIES = ((5, 36, 288), (3, 36, 288), (5, 200, 800), (3, 600, 2400))  # block size, p1, p2; besides the default ones
TEXTURE_EDGES = (0, 3, 10, 30, 100, 300, 1000, np.inf)  # mean squared gradient over 7x7 px [grey values^2]
QUANTISED = (0.0, 0.25, 1.0)  # px, steps of a truth; 0 is exact


def print_choice(pairs: Iterable[StereoPair]) -> None:
    """A row for each mode and penalties, then one for each class of texture; the strength with the lowest mean error last."""
    cases = [SgbmSettings(mode) for mode in MODES if mode != "BM"]
    cases += [SgbmSettings("HH4", block_size=block_size, p1=p1, p2=p2) for block_size, p1, p2 in PENALTIES]
    changes: list[list[list[float]]] = [[] for _ in cases]  # case, pair, strength: change of the EPE [%]
    errors, textures = [], []
    for pair in pairs:
        for settings, rows in zip(cases, changes, strict=True):
            raw, truth, chosen = _matched(pair, settings)
            by_strength = np.stack([np.abs(correct_fractions(raw, settings, s) - truth) for s in STRENGTHS])
            before = float(np.abs(raw - truth).mean())
            rows.append([100 * (float(part.mean()) / before - 1) for part in by_strength])
            if settings == cases[-len(PENALTIES) - 2]:  # HH4, which auto takes
                errors.append(np.vstack([np.abs(raw - truth), by_strength]))
                textures.append(_texture(pair)[chosen])
    print(
        f"Change of the EPE [%], mean of {len(changes[0])} rendered pairs, for strengths of\n| | {_cells(STRENGTHS, '.2f')} |"
    )
    print(f"|---|{'---|' * len(STRENGTHS)}")
    means = [np.mean(rows, axis=0) for rows in changes]
    for settings, mean in zip(cases, means, strict=True):
        print(f"| {settings.mode} {settings.block_size} {settings.p1} {settings.p2} | {_cells(mean, '+.2f')} |")
    overall = np.mean(means, axis=0)
    print(f"| all | {_cells(overall, '+.2f')} |")
    _print_classes(np.hstack(errors), np.hstack(textures))
    best = int(np.argmin(overall))
    print(
        f"Chosen: {STRENGTHS[best]}, which lowers the mean EPE over all rows of the first table most, by {-overall[best]:.2f} %."
    )


def print_rounded(pairs: Iterable[StereoPair]) -> None:
    """A row for each step that the exact truth of the pairs is rounded to: how EPE and median change by the correction."""
    print(
        "| truth rounded to [px] | change of EPE [%] | higher in | change of median [%] | higher in |\n|---|---|---|---|---|"
    )
    settings = SgbmSettings("HH4")
    changes: dict[float, list[tuple[float, float]]] = {step: [] for step in QUANTISED}
    for pair in pairs:
        raw, truth, _ = _matched(pair, settings)
        for step, rows in changes.items():
            known = np.rint(truth / step) * step if step else truth
            before, after = (np.abs(values - known) for values in (raw, correct_fractions(raw, settings)))
            means, medians = (float(after.mean() / before.mean()), float(np.median(after) / np.median(before)))
            rows.append((100 * (means - 1), 100 * (medians - 1)))
    for step, rows in changes.items():
        cells = (
            f"{np.mean(part):+.2f} | {sum(value > 0 for value in part)} of {len(part)}" for part in zip(*rows, strict=True)
        )
        print(f"| {step or 'exact'} | {' | '.join(cells)} |")


def spread_errors(values: Values, truth: Values, step: float, random: np.random.Generator) -> Values:
    """Return the errors [px] against a truth that lies anywhere within the step that it was rounded to."""
    spread = truth + random.uniform(-step / 2, step / 2, truth.shape)
    return np.asarray(np.abs(values - spread), np.float32)


def _matched(pair: StereoPair, settings: SgbmSettings) -> tuple[Values, Values, NDArray[np.bool_]]:
    """Return OpenCV's disparities [px] that pass all checks, their truth, and where they are."""
    assert pair.ground_truth is not None  # noqa: S101 - rendered pairs have it
    found = match_views(pair, settings)
    chosen = found.disparity.valid & pair.ground_truth.valid
    return found.raw.values[chosen], pair.ground_truth.values[chosen], chosen


def _texture(pair: StereoPair) -> Values:
    grey = cv2.cvtColor(pair.left, cv2.COLOR_RGB2GRAY).astype(np.float32)
    along = cv2.filter2D(grey, cv2.CV_32F, np.array([[-1, 0, 1]], np.float32))
    return np.asarray(cv2.blur(along * along, (7, 7)), np.float32)


def _print_classes(errors: Values, texture: Values) -> None:
    """Print, for HH4 and pixels within 2 px of the truth, what each strength does to one class of texture."""
    print("HH4, pixels within 2 px of the truth, by the mean squared gradient over 7x7 px:")
    print(f"| gradient | share of pixels [%] | {_cells(STRENGTHS, '.2f')} | best |\n|---|---|{'---|' * (len(STRENGTHS) + 1)}")
    near = errors[0] < 2
    for low, high in zip(TEXTURE_EDGES, TEXTURE_EDGES[1:], strict=False):
        here = near & (texture >= low) & (texture < high)
        means = errors[:, here].mean(axis=1)
        change = 100 * (means[1:] / means[0] - 1)
        share = 100 * here.sum() / near.sum()
        print(f"| {low} to {high} | {share:.1f} | {_cells(change, '+.2f')} | {STRENGTHS[int(np.argmin(change))]} |")


def _cells(values: Sequence[float] | NDArray[np.floating], style: str) -> str:
    return " | ".join(format(float(value), style) for value in values)
