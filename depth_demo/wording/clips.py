"""A clip's result in words: what was taken, by what, and how much it flickers."""

from __future__ import annotations

import math

from depth_demo.comparison.clips import ClipDepth, Flicker
from depth_demo.wording.durations import about
from depth_demo.wording.summaries import MEANINGS

FRAME_BY_FRAME = (
    "Each frame was estimated by itself, so scale and shift may differ from frame to frame. All frames share one range of "
    "colours, which shows this."
)
AT_ONCE = "The model saw all frames at once, and gave them one scale. All frames share one range of colours."
IN_METRES = "Each frame was estimated by itself, in metres. All frames share one range of colours."


def clip_summary(depth: ClipDepth, flicker: Flicker, origin: str) -> str:
    """Describe a clip's depth, the flicker first.

    Args:
        depth: The result.
        flicker: Of its maps.
        origin: What made the maps, in sentences.
    """
    kind = depth.kind
    scale = FRAME_BY_FRAME if not depth.has_one_scale else IN_METRES if kind.unit else AT_ONCE
    return (
        f"{flicker_in_words(depth, flicker)}\n\n**{kind.value.capitalize()}**, {MEANINGS[kind]}. {scale}\n\n"
        f"{depth.clip.description} {origin}"
    )


def clip_origin(model: str, warning: str, device: str, seconds: float, count: int, seen: str) -> str:
    """Say what made the maps: a model's title, what its maps must not be read without, where, how long, and at which size."""
    took = f"{seconds:.1f} s for {count} frames" if seconds else f"{count} frames from the cache"
    return f"{model}: {took} on {device}, {seen}. {warning}".strip()


def flicker_in_words(depth: ClipDepth, flicker: Flicker) -> str:
    """Say how much the maps flicker, in one sentence for people, then what is behind it."""
    if math.isnan(flicker.percent):
        return "**Flicker** cannot be measured: hardly any point is seen in two neighbouring frames."
    times, worst = depth.clip.times_s, flicker.worst
    said = (
        f"**Flicker {_percent(flicker.percent)}**: from one frame to the next, the depth of the same point changes by "
        f"{_percent(flicker.percent)} of the clip's range, in the mean of {_steps(flicker)}. "
    )
    if len(flicker.steps) > 1:
        said += (
            f"The largest change, {_percent(flicker.steps[worst])}, is from {times[worst]:.1f} s to {times[worst + 1]:.1f} s. "
        )
    if not depth.has_one_scale:
        said += f"With a scale and a shift fitted to each step, {_percent(flicker.fitted_percent)} are left. "
    others = "the others are hidden in the next frame, or leave the picture"
    return said + f"Judged on {flicker.judged:.0f} % of the pixels: {others}."


def _steps(flicker: Flicker) -> str:
    known = sum(not math.isnan(step) for step in flicker.steps)
    all_steps = "1 step" if len(flicker.steps) == 1 else f"{len(flicker.steps)} steps"
    return all_steps if known == len(flicker.steps) else f"{known} of {all_steps}, as the others show other scenes"


def _percent(value: float) -> str:
    return f"{value:.1f} %" if value >= 0.95 or value == 0 else f"{value:.2f} %"


def too_slow(model: str, seconds: float, count: int, most_s: float) -> str:
    """Say that a model would hold up everybody."""
    return (
        f"{model} would take {about(seconds)} for {count} frames on this machine, and a clip may take {about(most_s)}. "
        "Choose the resolution Fast, a smaller model, or a shorter clip."
    )
