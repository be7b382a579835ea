"""Score one pair: a sample becomes one row. It runs in this process or on another machine, and never raises."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from depth_demo import pipeline
from depth_demo.batch.job import Job, MatcherChoice, code_checksum
from depth_demo.batch.maps import save_maps
from depth_demo.batch.pictures import draw_strip
from depth_demo.batch.record import record_comparison
from depth_demo.comparison.results import Comparison, Estimate, Match
from depth_demo.comparison.uncertainty import measure_uncertainty
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import reason
from depth_demo.geometry import DepthMap, RgbImage, StereoPair, size_text
from depth_demo.monocular.input_size import choose_input_size

if TYPE_CHECKING:  # torch stays out until a model is loaded
    from depth_demo.monocular.estimator import Estimator, TorchEstimator

Row = dict[str, Any]
Load = Callable[[str, int | None], "Estimator"]  # from the name of a model and the threads of the processor for it
T = TypeVar("T")
NO_TRUTH = "There is no ground truth, so nothing can be scored."
OTHER_CODE = "This machine runs another program than the one that hands out the pairs: install the same version on both."


@dataclass(frozen=True, slots=True)
class Scored:
    """What comes back of a pair.

    Attributes:
        row: Numbers and words, as JSON holds them; `id` is the sample's name, `error` a sentence or None.
        strip: A JPEG of a few kB to show the pair by, or None.
    """

    row: Row
    strip: bytes | None = None


@cache
def load_once(model: str, threads: int | None = None) -> TorchEstimator:
    """Load a model, once in the life of a process, which uses so many threads from then on; None leaves their number."""
    import torch

    from depth_demo.monocular.estimator import load_estimator

    if threads is not None:
        torch.set_num_threads(threads)
    return load_estimator(model)


def score_sample(sample: Sample, job: Job, load: Load = load_once) -> Scored:
    """Read a pair, run every model and every matcher, and score every combination.

    Whatever fails becomes words in the row: a pair that cannot be read, or a single combination that cannot be scored.

    Args:
        sample: The pair.
        job: What is done with it.
        load: Gives a model.
    """
    seconds: dict[str, Any] = {"read": 0.0, "estimate": {}, "match": {}, "score": {}}
    row = _empty(sample, socket.gethostname())
    started = time.perf_counter()
    strip = None
    try:
        with _timed(seconds, "read"):
            pair = _read(sample, job)
        row["inputs"] = _inputs(pair)
        row["results"], strip = _score_pair(sample, pair, job, load, seconds)
    except Exception as error:  # noqa: BLE001 - one bad pair must not end a run over thousands
        row["error"] = _sentence(error)
    seconds["total"] = time.perf_counter() - started
    return Scored({**row, "seconds": seconds}, strip)


def unscored(sample: Sample, error: str) -> Scored:
    """Return the row of a pair that no machine could score, with the sentence that says why."""
    return Scored({**_empty(sample, None), "error": error, "seconds": {}})


def _empty(sample: Sample, host: str | None) -> Row:
    return {"id": sample.name, "error": None, "host": host, "inputs": None, "results": []}


def _read(sample: Sample, job: Job) -> StereoPair:
    if job.code and job.code != code_checksum():
        raise ValueError(OTHER_CODE)
    if sample.truth is None:
        raise ValueError(NO_TRUTH)
    return sample.load(masked=job.mask == "nonocc")


def _score_pair(
    sample: Sample, pair: StereoPair, job: Job, load: Load, seconds: dict[str, Any]
) -> tuple[list[Row], bytes | None]:
    estimates = {name: _tried(lambda name=name: _estimate(name, pair, job, load)) for name in job.models}  # type: ignore[misc]
    matches = {c.label: _tried(lambda c=c: _match(c, pair, sample, job)) for c in job.matchers}  # type: ignore[misc]
    seconds["estimate"] = {name: found.seconds for name, found in estimates.items() if isinstance(found, Estimate)}
    seconds["match"] = {label: found.seconds for label, found in matches.items() if isinstance(found, Match)}
    results: list[Row] = []
    strip = None
    for model, estimated in estimates.items():
        for matcher, matched in matches.items():
            result: Row = {"model": model, "matcher": matcher, "error": None}
            with _timed(seconds["score"], f"{model} + {matcher}"):
                if isinstance(estimated, str) or isinstance(matched, str):
                    result["error"] = estimated if isinstance(estimated, str) else str(matched)
                else:
                    compared = _tried(lambda e=estimated, m=matched: pipeline.compare_results(e, m, boxes=False))  # type: ignore[misc]
                    if isinstance(compared, str):
                        result["error"] = compared
                    else:
                        result |= _record(compared, model, job, load)
                        strip = strip or draw_strip(compared)
                        if job.maps:
                            save_maps(job.maps, sample.name, model, matcher, compared)
            results.append(result)
    return results, strip


def _record(comparison: Comparison, model: str, job: Job, load: Load) -> Row:
    comparison.complete()
    again = _runner(model, comparison.matched.pair, job, load) if job.flip else None
    doubt = _tried(lambda: measure_uncertainty(comparison, again))
    if isinstance(doubt, str):  # a map that has no pixels has no doubt in pixels; stereo's is there all the same
        doubt = measure_uncertainty(comparison, None)
    return record_comparison(comparison, pipeline.align(comparison, "truth"), doubt)


def _estimate(model: str, pair: StereoPair, job: Job, load: Load) -> Estimate:
    return pipeline.estimate(pair.left, _runner(model, pair, job, load))


def _runner(model: str, pair: StereoPair, job: Job, load: Load) -> Callable[[RgbImage], DepthMap]:
    estimator = load(model, job.threads)
    expected = job.checkpoints[job.models.index(model)] if job.checkpoints else estimator.sha256
    if estimator.sha256 != expected:
        raise ValueError(f"This machine has other weights of {estimator.spec.title} than the one that hands out the pairs.")
    camera = pair.calibration
    focal = camera.focal_length_px if camera else None
    height, width = pair.left.shape[:2]
    chosen = choose_input_size(height, width, job.resolution, estimator.spec.preprocessing)
    return lambda image: estimator(image, chosen.pixels, focal)


def _match(choice: MatcherChoice, pair: StereoPair, sample: Sample, job: Job) -> Match:
    return pipeline.match(pair, choice.over(job.num_disparities or sample.num_disparities))


def _inputs(pair: StereoPair) -> Row:
    truth = pair.ground_truth
    return {
        "size_px": size_text(pair.left),
        "known_percent": 100 * float(truth.valid.mean()) if truth else 0.0,
        "counted_percent": None if pair.counted is None else 100 * float(pair.counted.mean()),
        "has_camera": pair.calibration is not None,
    }


def _tried(step: Callable[[], T]) -> T | str:
    """Return what a step gives, or the sentence with which it refuses."""
    try:
        return step()
    except (ValueError, OSError) as error:
        return _sentence(error)


def _sentence(error: Exception) -> str:
    """Return the sentence of a refusal; of what nobody expected, its kind and its first line."""
    if isinstance(error, ValueError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {reason(error)}."


@contextmanager
def _timed(seconds: dict[str, Any], name: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds[name] = time.perf_counter() - started
