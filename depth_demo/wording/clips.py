"""A clip's result in words: what was taken, by what, and how much it flickers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from depth_demo.comparison.clips import ClipDepth, Flicker
from depth_demo.geometry import DepthMap
from depth_demo.wording.durations import about
from depth_demo.wording.summaries import MEANINGS

FRAME_BY_FRAME = (
    "Each frame was estimated by itself, so scale and shift may differ from frame to frame. All frames share one range of "
    "colours, which shows this."
)
AT_ONCE = "The model saw all frames at once, and gave them one scale. All frames share one range of colours."
IN_METRES = "Each frame was estimated by itself, in metres. All frames share one range of colours."


def clip_summary(depth: ClipDepth, flicker: Flicker, origin: str) -> str:
    """Describe a clip's depth: what is behind its flicker, how to read the maps, and what was taken.

    Args:
        depth: The result.
        flicker: Of its maps.
        origin: What made the maps, in sentences.
    """
    kind = depth.kind
    scale = FRAME_BY_FRAME if not depth.has_one_scale else IN_METRES if kind.unit else AT_ONCE
    told = (
        flicker_in_detail(depth, flicker),
        f"**{kind.value.capitalize()}**, {MEANINGS[kind]}. {scale}",
        f"{depth.clip.description} {origin}",
    )
    return "\n\n".join(filter(None, told))


def clip_origin(model: str, warning: str, device: str, seconds: float, count: int, seen: str) -> str:
    """Say what made the maps: a model's title, what its maps must not be read without, where, how long, and at which size."""
    took = f"{seconds:.1f} s for {count} frames" if seconds else f"{count} frames from the cache"
    return f"{model}: {took} on {device}, {seen}. {warning}".strip()


def flicker_in_words(flicker: Flicker) -> str:
    """Say how much the maps flicker, in one sentence."""
    if math.isnan(flicker.percent):
        return "**Flicker** cannot be measured: hardly any point is seen in two neighbouring frames."
    figure = _percent(flicker.percent)
    return f"**Flicker {figure}**: the depth of a point changes by this share of the clip's range from one frame to the next."


def flicker_in_detail(depth: ClipDepth, flicker: Flicker) -> str:
    """Say where the maps flicker most, what a fit would leave, and what was judged; "" where nothing was."""
    if math.isnan(flicker.percent):
        return ""
    times, worst = depth.clip.times_s, flicker.worst
    sentences = []
    if len(flicker.steps) > 1:
        largest = _percent(flicker.steps[worst])
        sentences.append(f"The largest change, {largest}, is from {times[worst]:.1f} s to {times[worst + 1]:.1f} s.")
    if not depth.has_one_scale:
        sentences.append(f"With a scale and a shift fitted to each step, {_percent(flicker.fitted_percent)} would be left.")
    left_out = sum(map(math.isnan, flicker.steps))
    if left_out:
        sentences.append(f"{left_out} of {len(flicker.steps)} steps are left out: hardly any point is seen in both frames.")
    others = "the others are hidden in the next frame, or leave the picture"
    sentences.append(f"Judged on {flicker.judged:.0f} % of the pixels: {others}.")
    return " ".join(sentences)


def _percent(value: float) -> str:
    if 0 < value < 0.005:
        return "less than 0.01 %"
    return f"{value:.1f} %" if value >= 0.95 or value == 0 else f"{value:.2f} %"


def remark_of_all(maps: Sequence[DepthMap]) -> str:
    """Say what the model says of the maps of all frames, each of which it saw by itself."""
    remarks = {depth_map.remark for depth_map in maps}
    if len(remarks) == 1:
        return remarks.pop()
    lengths = [depth_map.focal_length.pixels for depth_map in maps if depth_map.focal_length]
    if not lengths:
        return ""
    return (
        f"The focal length was estimated for each frame, from {min(lengths):.0f} to {max(lengths):.0f} px, and the metres "
        "grow with it."
    )


def too_slow(model: str, seconds: float, count: int, most_s: float) -> str:
    """Say that a model would hold up everybody."""
    return (
        f"{model} would take {about(seconds)} for {count} frames on this machine, and a clip may take {about(most_s)}. "
        "Choose the resolution Fast, a smaller model, or a shorter clip."
    )
