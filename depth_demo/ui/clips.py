"""A clip from the file to its result, one frame after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from uuid import uuid4

import gradio as gr
import numpy as np

from depth_demo.comparison.clips import ClipDepth, Flicker, estimate_frames, flicker, joined
from depth_demo.formats.clip_maps import ClipMaps, holds_clip_maps, load_clip_maps, save_clip_maps
from depth_demo.formats.clips import Clip, load_clip
from depth_demo.formats.untrusted import existing_file
from depth_demo.formats.writers import safe_name
from depth_demo.geometry import RgbImage, megapixels
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED, InputSize, network_size
from depth_demo.monocular.models import DEFAULT, find_model
from depth_demo.monocular.timing import machine_rate
from depth_demo.monocular.video import Engine, VideoEstimator
from depth_demo.render.clips import clip_range, frame_pictures, save_video
from depth_demo.render.maps import ValueRange
from depth_demo.serving.request_log import note
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.estimates import Borrowing, input_size_for
from depth_demo.ui.models import predicted_s
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_if_asked
from depth_demo.wording.clips import clip_origin, clip_summary, flicker_in_words, remark_of_all, too_slow
from depth_demo.wording.durations import about

MOST_S = 600.0  # of one run, while others wait
LOADED, ESTIMATED = 0.1, 0.9  # where the bar stands
SLOW = 3.0  # times the default model's work, which the page says
USUAL_FRAME = 288, 512


@dataclass(frozen=True, slots=True, eq=False)
class ClipResult:
    """Everything that the tab shows, so that other colours need no model.

    Attributes:
        depth: The frames and their maps.
        flicker: Of the maps.
        limits: The range of colours.
        source: One line that tells what made the maps.
        words: The flicker in one sentence.
        summary: The result in words, without that sentence.
        name: The clip's, for files.
        token: Tells this result from others.
    """

    depth: ClipDepth
    flicker: Flicker
    limits: ValueRange
    source: str
    words: str
    summary: str
    name: str
    token: str = field(default_factory=lambda: uuid4().hex)

    def pictures(self, color_map: str) -> list[tuple[RgbImage, str]]:
        """Draw each frame and its map, with a line that tells which frame it is."""
        times = self.depth.clip.times_s
        lines = [f"Frame {number} of {len(times)}, at {time:.2f} s" for number, time in enumerate(times, 1) for _ in range(2)]
        return list(zip(frame_pictures(self.depth, color_map, self.limits), lines, strict=True))

    def save(self, color_map: str, folder: Path) -> list[Path]:
        """Write frames and maps side by side as a video, then all maps as numbers."""
        depth = self.depth
        maps = ClipMaps(depth.clip, depth.values, depth.kind, self.source, depth.has_one_scale)
        return [
            save_video(folder, f"{self.name}_depth", depth, color_map, self.limits),
            save_clip_maps(folder, f"{self.name}_depth", maps),
        ]


def run_clip(shared: Shared, file: str | None, asked: AskedModel, progress: gr.Progress) -> Iterator[ClipResult | None]:
    """Read a clip and estimate its depth, or read a result that was saved.

    Yields:
        None after each frame, where the run may be stopped; last the result.

    Raises:
        ValueError: If the file cannot be read, or the model would take longer than `MOST_S`.
    """
    name = safe_name(Path(file).stem.removesuffix("_depth")) if file else ""
    if file and holds_clip_maps(existing_file(file)):
        yield _saved(load_clip_maps(Path(file)), name)
        return
    progress(0.0, "Reading the clip")
    clip = load_clip(file)
    model = shared.shelf.resolve(asked.name)
    note(megapixels=megapixels(clip.frames[0]), model=model)
    progress(0.0, "Loading the model")
    loaded = shared.shelf.get(model, progress)
    spec, count = loaded.spec, len(clip.frames)
    sampling = spec.drawing(asked.steps, asked.members)
    chosen = input_size_for(clip.frames[0], spec, asked.resolution, asked.input_size)
    if spec.frames > 1:
        yield from _at_once(clip, VideoEstimator(cast("Engine", loaded)), chosen, sampling, progress, name)
        return
    estimator = shared.kept(loaded, chosen.pixels, sampling=sampling)
    wait = ""
    if not isinstance(loaded, Borrowing):
        new = sum(estimator.recall(frame) is None for frame in clip.frames)
        expected_s = new * estimator.expected_s(clip.frames[0]) if new else 0.0
        if expected_s > MOST_S:
            raise ValueError(too_slow(spec.title, expected_s, new, MOST_S))
        wait = f", {about(expected_s)} in all" if new else ""
    tell, maps, seconds = _telling(progress, wait), [], 0.0
    tell(0, count)
    for depth_map in estimate_frames(clip, estimator):
        maps.append(depth_map)
        seconds += 0.0 if estimator.latest.cached else estimator.latest.seconds
        tell(len(maps), count)
        yield None
    height, width = clip.frames[0].shape[:2]
    seen = chosen.seen(network_size(height, width, chosen.pixels, spec.preprocessing))
    said = " ".join(filter(None, (spec.warning, remark_of_all(maps))))
    origin = clip_origin(spec.title, said, loaded.device_name, seconds, count, seen)
    yield _result(joined(clip, maps, seconds), f"{spec.title}, input size {chosen.pixels}", origin, name)


def _at_once(
    clip: Clip, whole: VideoEstimator, chosen: InputSize, sampling: Sampling | None, progress: gr.Progress, name: str
) -> Iterator[ClipResult]:
    """Have a model of videos see all frames at once."""

    def tell(share: float, words: str) -> None:
        progress(LOADED + (ESTIMATED - LOADED) * share, words)

    spec, count = whole.spec, len(clip.frames)
    height, width = clip.frames[0].shape[:2]
    size = network_size(height, width, chosen.pixels, spec.preprocessing)
    if predicted_s(spec, sampling) is not None:
        expected_s = count * spec.work(size, sampling) / machine_rate()
        if expected_s > MOST_S:
            raise ValueError(too_slow(spec.title, expected_s, count, MOST_S))
    tell(0.0, f"Estimating {count} frames at once")
    started = time.perf_counter()
    maps = whole.maps(clip.frames, chosen.pixels, sampling, tell)
    seconds = time.perf_counter() - started
    stop_if_asked()
    values = np.stack([depth_map.values for depth_map in maps])
    depth = ClipDepth(clip, values, whole.kind, has_one_scale=True, seconds=seconds)
    seen = chosen.seen(size)
    note_of = " ".join(filter(None, (spec.warning, maps[0].remark)))
    yield _result(depth, spec.title, clip_origin(spec.title, note_of, whole.device_name, seconds, count, seen), name)


def _telling(progress: gr.Progress, wait: str = "") -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        words = f"Frame {done + 1} of {total}{wait}" if done < total else "Measuring the flicker"
        progress(LOADED + (ESTIMATED - LOADED) * done / total, words)

    return tell


def _result(depth: ClipDepth, source: str, origin: str, name: str) -> ClipResult:
    limits = clip_range(depth)
    measured = flicker(depth.clip.frames, depth.values, limits[1] - limits[0])
    words, summary = flicker_in_words(measured), clip_summary(depth, measured, origin)
    return ClipResult(depth, measured, limits, source, words, summary, name)


def _saved(maps: ClipMaps, name: str) -> ClipResult:
    depth = ClipDepth(maps.clip, maps.values, maps.kind, maps.has_one_scale)
    return _result(depth, maps.model, f"Read from a saved result, made by {maps.model}. No network ran.", name)


def cost_in_words(model: str, resolution: str) -> str:
    """Warn of a model that is slow for clips, by its work for one frame beside the default's; "" for the others."""
    times = _work(model, resolution) / _work(DEFAULT.name, AS_PUBLISHED)
    if times < SLOW:
        return ""
    return f"**Slow for clips**: each frame takes about {times:.0f} times as long as with {DEFAULT.title}."


def _work(model: str, resolution: str) -> float:
    """Return the multiply-adds for a usual frame."""
    spec = find_model(model)
    chosen = input_size_for(np.empty((*USUAL_FRAME, 3), np.uint8), spec, resolution, AS_TRAINED)
    return spec.work(network_size(*USUAL_FRAME, chosen.pixels, spec.preprocessing))
