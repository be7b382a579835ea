"""What fusing brings: the fused map beside what it was made of, over all pixels with truth."""

from __future__ import annotations

import math

from depth_demo.comparison.fusion import MIN_CONFIDENT, Trial
from depth_demo.comparison.results import NEEDS_BOTH, Comparison
from depth_demo.evaluation.errors import disparity_errors

FUSION_HEADERS = ("Map", "EPE [px]", "bad-3 [%]", "D1 [%]")


def fusion_table(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return rows for `FUSION_HEADERS`; none when there is no fused map or no truth."""
    fused, truth = comparison.fused, comparison.truth
    if fused is None or truth is None:
        return []
    maps = (
        ("stereo, holes filled from the background", comparison.matched.filled),
        ("monocular, fitted to the truth", comparison.aligned),
        ("monocular, anchored to confident stereo, with smooth corrections", fused.fusion.anchored),
        ("fused", fused.fusion.fused),
    )
    rows: list[tuple[str, ...]] = []
    for name, depth_map in maps:
        errors = depth_map and disparity_errors(depth_map.values[truth.valid], truth.values[truth.valid])
        if errors:
            epe = "-" if math.isnan(errors.epe_px) else f"{errors.epe_px:.2f}"
            rows.append((name, epe, f"{errors.bad_3:.1f}", f"{errors.d1:.1f}"))
    return rows


def fusion_in_words(comparison: Comparison) -> str:
    """Say how the map was made, in figures, as Markdown."""
    if comparison.match is None:
        return f"**No fused map**. {NEEDS_BOTH}"
    if comparison.fused is None:
        return (
            "**No fused map**: the monocular map cannot be anchored, because it is inverted against stereo or fewer than "
            f"{MIN_CONFIDENT} pixels of stereo are confident."
        )
    fusion = comparison.fused.fusion
    return (
        f"No truth was used. **Anchor**: {fusion.fit}; {100 * fusion.confident.mean():.1f} % of the pixels are confident "
        f"stereo. **Trial**: {_trial(fusion.trial)} **Stereo** makes "
        f"{100 * float(fusion.stereo_share.mean(dtype=float)):.1f} % of the fused map."
    )


def _trial(trial: Trial | None) -> str:
    if trial is None:
        return "none, there are too few holes; they take the monocular map."
    errors = (
        f"where confident stereo was hidden, the monocular map restores it to {trial.monocular_px:.2f} px, the background to "
        f"{trial.background_px:.2f} px"
    )
    if trial.passed:
        return f"{errors}; so the monocular map fills the holes."
    times = trial.monocular_px / max(trial.background_px, 0.01)
    return f"{errors}; the monocular map errs {times:.2g} times as much, so the background fills the holes instead."
