"""A comparison step by step, from the files that a visitor chose to the result: of a pair, or of one view with truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import gradio as gr

from depth_demo import pipeline
from depth_demo.comparison.results import Match
from depth_demo.comparison.upright import UprightComparison, upright_estimate
from depth_demo.examples import find_example
from depth_demo.formats.pairs import TwoViews
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import SeenView
from depth_demo.geometry import Calibration, SingleView, StereoPair, choose_focal_length
from depth_demo.ui.rectifying import (
    BEST_CASE,
    MATCHED_AGAIN,
    RectifiedPair,
    misses_infinity,
    note_on_infinity,
    reaching_infinity,
    with_fitted_truth,
    with_range,
)
from depth_demo.ui.results import CompareResult
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_if_asked
from depth_demo.ui.tabs.compare_asked import ADD_SOMETHING, Asked, read_truth
from depth_demo.ui.tabs.compare_models import Loaded
from depth_demo.ui.tabs.compare_steps import Step

WORTH_A_LOOK_S = 0.5  # an estimate that took less is drawn with the scores, which follow in a second


def compare_at_once(shared: Shared, asked: Asked, progress: gr.Progress) -> CompareResult:
    """Take all of `steps`."""
    for step in steps(shared, asked, progress):
        if isinstance(step, CompareResult):
            return step
        progress(step.share, step.coming)
    raise AssertionError("the last step is the result")


def steps(
    shared: Shared,
    asked: Asked,
    progress: gr.Progress,
    checks: Callable[[StereoPair], tuple[str, ...]] | None = None,
) -> Iterator[Step | CompareResult]:
    """Read the files, check the views, match, estimate and score; yield what is there after each step.

    Without a right view, nothing is matched, and the truth judges the estimate alone.

    Args:
        shared: What all visitors share.
        asked: What is to be compared.
        progress: Is told of what comes before the first step has ended.
        checks: Returns a sentence for each check of the pair; None leaves them out.

    Raises:
        ValueError: If a file cannot be read, the views cannot be matched, or there is nothing to judge by.
    """
    progress(0.0, "Reading the images")
    views = asked.read_views()
    if views is None:
        yield from _steps_of_one_view(shared, asked, progress)
    else:
        yield from _steps_of_a_pair(shared, asked, views, progress, checks)


def _steps_of_a_pair(
    shared: Shared,
    asked: Asked,
    views: TwoViews,
    progress: gr.Progress,
    checks: Callable[[StereoPair], tuple[str, ...]] | None,
) -> Iterator[Step | CompareResult]:
    left, right, ground_truth = asked.files
    camera, made, said = asked.camera or views.camera, asked.rectified, views.said
    example = find_example(left, right, ground_truth) if ground_truth else None
    witness = None if example else StereoPair(views.left, views.right, camera)  # an example's truth needs none
    truth = asked.read_truth(witness)
    mask = asked.read_mask(views.left)
    pair = StereoPair(
        views.left,
        views.right,
        camera if made is None or truth or made.knows(camera) else None,
        truth.depth_map if truth else None,
        labels=example.labels if example else None,
        counted=mask.counted if mask else None,
        seen=made.found.pair.seen if made else None,
    )
    loaded = Loaded.load(shared, asked, pair.left, progress, camera.focal_length_px if camera else None)
    pipeline.check_pair(pair, asked.settings)
    estimate = loaded.estimator.begin(pair.left)
    step = Step(pair, 0.1, "Matching both views", checks(pair) if checks else ())
    yield step
    matched = shared.matches.match(pair, asked.settings)
    stop_if_asked()
    if made and made.is_free and truth:
        matched, told = _with_constant(shared, matched, made, camera)
        said = " ".join(filter(None, (said, told)))
        stop_if_asked()
    shown = made.upright(matched) if made else matched
    coming = loaded.estimator.announce(pair.left)
    told = f"Stereo: {matched.coverage:.1f} % of the pixels matched."
    step = replace(step, pair=shown.pair).after(told, 0.35, coming, shown)
    yield step
    estimated = estimate()
    stop_if_asked()
    seen = upright_estimate(estimated) if made and made.found.is_turned else estimated
    coming = "Scoring, and looking for failures"
    step = step.after(f"Monocular: {loaded.done}.", 0.6, coming, seen)
    if estimated.seconds >= WORTH_A_LOOK_S and not estimated.cached:
        yield step
    comparison = pipeline.compare_results(estimated, matched)
    if made and made.found.is_turned:
        comparison = UprightComparison.of(comparison)
    yield loaded.result(asked, comparison, truth, mask, said)


def _with_constant(shared: Shared, matched: Match, made: RectifiedPair, camera: Calibration | None) -> tuple[Match, str]:
    """Fit the free constant to the truth of the pair, and match again where infinity lies below the search range.

    Returns:
        The match of the pair with camera and truth as the constant makes them, and what was done, in sentences.
    """
    pair, again = matched.pair, ""
    fitted, constant = with_fitted_truth(pair, matched.disparity, made, camera)
    if misses_infinity(constant, matched.settings):
        search = reaching_infinity(matched.settings, -constant.doffs_px)
        with suppress(ValueError):  # too wide for such small views, which is told
            wider = with_range(matched.settings, search)
            wider.check_size(*matched.disparity.shape)
            again = MATCHED_AGAIN.format(-constant.doffs_px, matched.settings.min_disparity, search)
            matched = shared.matches.match(pair, wider)
            fitted, constant = with_fitted_truth(pair, matched.disparity, made, camera)
    told = constant.text, BEST_CASE, again, note_on_infinity(constant, matched.settings)
    return replace(matched, pair=fitted), " ".join(filter(None, told))


def _steps_of_one_view(shared: Shared, asked: Asked, progress: gr.Progress) -> Iterator[Step | CompareResult]:
    left, _, ground_truth = asked.files
    read = load_photo(left)
    photo = read.pixels
    if ground_truth is None:
        raise ValueError(ADD_SOMETHING)
    seen = SeenView((photo.shape[0], photo.shape[1]), asked.camera)
    truth = read_truth(ground_truth, asked.truth_kind, asked.truth_scale, view=seen)
    mask = asked.read_mask(photo)
    view = SingleView(photo, truth.depth_map, asked.camera, counted=mask.counted if mask else None)
    lens = choose_focal_length(asked.camera.focal_length_px if asked.camera else 0, read.focal_length_px, photo)
    loaded = Loaded.load(shared, asked, photo, progress, None if lens.assumed else lens)
    estimate = loaded.estimator.begin(photo)
    yield Step(view, 0.1, loaded.estimator.announce(photo), ())
    yield loaded.result(asked, pipeline.score_one_view(estimate(), view), truth, mask, read.note)
