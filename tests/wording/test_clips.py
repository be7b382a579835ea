"""What is said of a clip."""

from __future__ import annotations

import math

import numpy as np
import pytest

from depth_demo.comparison.clips import ClipDepth, Flicker
from depth_demo.formats.clips import Clip
from depth_demo.geometry import DepthKind, DepthMap, FocalLength
from depth_demo.wording.clips import clip_origin, clip_summary, flicker_in_detail, flicker_in_words, remark_of_all, too_slow
from tests.support.handmade_clips import sweep

CLIP = Clip(sweep(4), np.array([0, 0.3, 0.6, 0.9]), 10.0, "4 of 10 frames.")


def clip_depth(kind: DepthKind = DepthKind.RELATIVE_INVERSE_DEPTH, *, has_one_scale: bool = False) -> ClipDepth:
    return ClipDepth(CLIP, np.ones(CLIP.frames.shape[:3], np.float32), kind, has_one_scale)


@pytest.mark.parametrize(
    ("step", "figure"), [(0.0, "0.0 %"), (0.001, "less than 0.01 %"), (0.28, "0.28 %"), (3.41, "3.4 %"), (38.0, "38.0 %")]
)
def test_the_flicker_is_one_sentence(step: float, figure: str) -> None:
    sentence = flicker_in_words(Flicker((step,) * 3, (0.0,) * 3, 90.0))
    assert sentence.startswith(f"**Flicker {figure}**: the depth of a point changes")
    assert sentence.count(". ") == 0


def test_where_the_largest_change_is_and_what_a_fit_would_leave() -> None:
    told = flicker_in_detail(clip_depth(), Flicker((1.0, 4.0, 2.0), (0.5, 0.25, 0.75), 88.4))
    assert "The largest change, 4.0 %, is from 0.3 s to 0.6 s." in told
    assert "With a scale and a shift fitted to each step, 0.50 % would be left." in told
    assert "Judged on 88 % of the pixels" in told
    assert "left out" not in told


def test_steps_without_a_figure_are_counted_and_a_clip_without_any_has_none() -> None:
    assert "1 of 3 steps are left out" in flicker_in_detail(
        clip_depth(), Flicker((1.0, math.nan, 2.0), (1.0, math.nan, 2.0), 60)
    )
    nothing = Flicker((math.nan,) * 3, (math.nan,) * 3, 1.0)
    assert flicker_in_words(nothing).startswith("**Flicker** cannot be measured")
    assert flicker_in_detail(clip_depth(), nothing) == ""


def test_how_the_scales_of_frames_belong_together() -> None:
    measured = Flicker((1.0,) * 3, (0.5,) * 3, 90.0)
    assert "scale and shift may differ from frame to frame" in clip_summary(clip_depth(), measured, "By hand.")
    at_once = clip_summary(clip_depth(has_one_scale=True), measured, "By hand.")
    assert "saw all frames at once, and gave them one scale" in at_once
    assert "fitted to each step" not in at_once
    metres = clip_summary(clip_depth(DepthKind.METRIC_DEPTH, has_one_scale=True), measured, "By hand.")
    assert "Each frame was estimated by itself, in metres" in metres
    assert metres.endswith("4 of 10 frames. By hand.")


def test_where_maps_come_from() -> None:
    assert clip_origin("Some model", "", "CPU", 12.34, 32, "x") == "Some model: 12.3 s for 32 frames on CPU, x."
    assert (
        clip_origin("Some model", "Careful.", "CPU", 0.0, 32, "x")
        == "Some model: 32 frames from the cache on CPU, x. Careful."
    )


def test_what_a_model_says_of_its_maps_is_said_once() -> None:
    def seen(remark: str, pixels: float | None = None) -> DepthMap:
        focal_length = FocalLength(pixels, "estimated") if pixels else None
        return DepthMap(np.ones((2, 2), np.float32), DepthKind.METRIC_DEPTH, remark, focal_length)

    assert remark_of_all([seen("Drawn in one step."), seen("Drawn in one step.")]) == "Drawn in one step."
    assert remark_of_all([seen("410 px", 410), seen("398 px", 398), seen("402 px", 402)]) == (
        "The focal length was estimated for each frame, from 398 to 410 px, and the metres grow with it."
    )
    assert remark_of_all([seen("one"), seen("another")]) == ""


def test_a_model_that_is_too_slow_says_by_how_much_and_what_to_do() -> None:
    said = too_slow("Some model", 1500, 32, 600)
    assert said.startswith(
        "Some model would take about 25 min for 32 frames on this machine, and a clip may take about 10 min."
    )
    assert "Choose the resolution Fast" in said
