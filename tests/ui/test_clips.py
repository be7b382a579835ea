"""A clip from the file to its result, without a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.monocular.models import DEFAULT, TINY, ModelSpec, find_model
from depth_demo.ui import clips
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.clips import ClipResult, cost_in_words, run_clip
from depth_demo.ui.models import ModelShelf
from depth_demo.ui.shared import Shared
from tests.support.handmade_clips import gif, sweep


class Brightness:
    """An estimator without a network that counts what it sees."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec, self.sha256, self.device_name, self.seen = spec, "", "CPU, float32", 0

    def __call__(self, image: RgbImage, *_: object, **__: object) -> DepthMap:
        self.seen += 1
        return DepthMap(image.mean(axis=2, dtype=np.float32), self.spec.kind)


class AllAtOnce:
    """An engine that runs a model of videos without a network."""

    spec, sha256, device_name, seen = find_model("video-depth-anything-small"), "", "CPU, float32", 0

    def run(self, pixels: NDArray[np.float32], *_: object) -> NDArray[np.float32]:
        self.seen += 1
        return pixels.mean(axis=1)


class Holding(ModelShelf):
    def __init__(self, model: Brightness | AllAtOnce) -> None:
        super().__init__()
        self.model = model

    def get(self, *_: object) -> Any:
        return self.model


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "street.gif"
    path.write_bytes(gif(sweep(6)))
    return path


def asked(spec: ModelSpec) -> AskedModel:
    return AskedModel(spec.name, 0, "as published")


def runner(model: Brightness | AllAtOnce) -> Callable[[Path | None], list[ClipResult | None]]:
    shared = Shared(shelf=Holding(model))
    return lambda file: list(run_clip(shared, str(file) if file else None, asked(model.spec), gr.Progress()))


def result_of(steps: list[ClipResult | None]) -> ClipResult:
    *before, last = steps
    assert set(before) <= {None}
    assert last is not None
    return last


def test_there_is_a_place_to_stop_after_each_frame_and_then_the_whole_result(clip: Path) -> None:
    steps = runner(Brightness(TINY))(clip)
    assert len(steps) == 7
    result = result_of(steps)
    assert result.name == "street"
    assert result.depth.values.shape == (6, 48, 64)
    assert result.words.startswith("**Flicker ")
    assert f"All 6 frames, from 0.6 s, at 64x48. {TINY.title}: " in result.summary
    assert [line for _, line in result.pictures("Inferno")][:3] == ["Frame 1 of 6, at 0.00 s"] * 2 + [
        "Frame 2 of 6, at 0.10 s"
    ]


def test_a_run_that_is_stopped_sees_no_further_frame(clip: Path) -> None:
    model = Brightness(TINY)
    steps = run_clip(Shared(shelf=Holding(model)), str(clip), asked(TINY), gr.Progress())
    next(steps)
    seen = model.seen
    next(steps)
    assert model.seen == seen + 1
    steps.close()  # type: ignore[attr-defined]
    assert model.seen == seen + 1


def test_the_same_clip_again_is_answered_from_the_cache(clip: Path) -> None:
    model = Brightness(TINY)
    run = runner(model)
    first, seen = result_of(run(clip)), model.seen
    again = result_of(run(clip))
    assert model.seen == seen
    assert "6 frames from the cache" in again.summary
    np.testing.assert_array_equal(again.depth.values, first.depth.values)


def test_a_model_of_videos_is_asked_once(clip: Path) -> None:
    model = AllAtOnce()
    result = result_of(runner(model)(clip))
    assert model.seen == 1
    assert result.depth.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert result.depth.has_one_scale
    assert "This is a video model, and it saw all 6 frames at once." in result.summary


def test_the_saved_maps_show_the_same_result_again_without_a_model(clip: Path, tmp_path: Path) -> None:
    model = Brightness(TINY)
    run = runner(model)
    first = result_of(run(clip))
    video, maps = first.save("Inferno", tmp_path)
    assert [video.name, maps.name] == ["street_depth.mp4", "street_depth.npz"]
    seen = model.seen
    again = result_of(run(maps))
    assert model.seen == seen
    np.testing.assert_array_equal(again.depth.values, first.depth.values)
    assert (again.words, again.name) == (first.words, "street")
    assert f"made by {TINY.title}, input size 252. No network ran." in again.summary


def test_a_model_that_would_hold_up_everybody_is_refused_before_it_begins(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "MOST_S", 0.0)
    with pytest.raises(ValueError, match=f"{TINY.title} would take less than 1 s for 6 frames on this machine"):
        runner(Brightness(TINY))(clip)


def test_a_model_of_videos_that_would_hold_up_everybody_is_refused_too(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "predicted_s", lambda *_: 1.0)
    monkeypatch.setattr(clips, "machine_rate", lambda: 1e8)
    model = AllAtOnce()
    with pytest.raises(ValueError, match=r"would take .* for 6 frames on this machine, and a clip may take about 10 min"):
        runner(model)(clip)
    assert model.seen == 0


def test_without_a_clip_there_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="No clip yet: upload a video first"):
        runner(Brightness(TINY))(None)


def test_the_page_warns_of_models_that_are_slow_for_clips() -> None:
    assert cost_in_words(DEFAULT.name, "as published") == cost_in_words(TINY.name, "fine") == ""
    assert "about 10 times as long as with Depth Anything V2 Small" in cost_in_words("depth-anything-v2-large", "as published")
    assert cost_in_words("depth-anything-v2-base", "as published") != ""
    assert cost_in_words("depth-anything-v2-base", "fast") == ""
