"""A pair of a data set goes to Compare: its files, its camera, and the model and matcher that scored it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import cv2
import gradio as gr
import numpy as np

from depth_demo.batch.job import Job
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.formats.writers import safe_name
from depth_demo.geometry import StereoPair
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.serving.gradio_internals import hash_file
from depth_demo.ui.calibration import ReadFile, camera_numbers, nothing_read, on_calibration_file, told_of
from depth_demo.ui.matcher_form import MAX_OFFERED_DISPARITIES, form_values
from depth_demo.ui.models import about_model
from depth_demo.ui.run import Values
from depth_demo.ui.scoring import ScoredSet
from depth_demo.ui.tabs.compare import CompareTab

CUT = "The pair was scored with {} px of disparity. The fields end at {} px, so that is what Compare will search."
GONE = "The files of this data set are deleted, as another one was chosen since: choose it again, and press Score."
OF_THE_DATA_SET = "The camera is that of the data set."


def pair_values(compare: CompareTab, scored: ScoredSet, name: str | None) -> tuple[Values, str]:
    """Return what a pair puts into the fields of Compare, and a sentence on what these cannot hold; "" for nothing.

    Args:
        compare: The tab.
        scored: What was scored; its first model and its first matcher are chosen.
        name: Of the pair.

    Raises:
        ValueError: If no pair is chosen, or its files are gone or cannot be read.
    """
    sample = next((sample for sample in scored.data.samples if sample.name == name), None)
    if sample is None:
        raise ValueError("Choose a row of the table first." if name is None else f"There is no pair {quoted(name)} any more.")
    if not scored.data.root.exists():
        raise ValueError(GONE)
    cache = Path(compare.left.GRADIO_CACHE)
    left, right = served(sample.left, cache), served(sample.right, cache)
    camera = _camera(compare, sample, left)
    settings = scored.job.matchers[0].over(scored.job.num_disparities or sample.num_disparities)
    values: Values = {
        compare.left: left,
        compare.right: right,
        compare.preflight.brought: (left, right),
        compare.truth: served(sample.truth, cache) if sample.truth else None,
        **dict(zip(compare.reading, (sample.encoding or sample.kind, sample.scale or 0), strict=True)),
        compare.mask: _mask(sample, scored.job, cache),
        compare.phones_own: False,
        **camera,
        **_model(compare, scored.job),
        **dict(zip(compare.matcher.all, form_values(settings), strict=True)),
    }
    search: int = getattr(settings, "num_disparities", 0)
    return values, CUT.format(search, MAX_OFFERED_DISPARITIES) if search > MAX_OFFERED_DISPARITIES else ""


def served(path: Path, cache: Path) -> str:
    """Copy a file to where Gradio serves files from, under a name that an address can hold; return the copy's path."""
    own = existing_file(path)
    ending = own.suffix if own.suffix[1:].isalnum() else ""
    copy = cache / hash_file(own) / f"{safe_name(own.stem)}{ending}"
    copy.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as new, own.open("rb") as source:
        shutil.copyfileobj(source, new)
    Path(new.name).replace(copy)  # at once, as somebody may be fetching an equal file just now
    return str(copy)


def _mask(sample: Sample, job: Job, cache: Path) -> str | None:
    """Return the file of the pixels that count; it is made where the data set names what does not count."""
    if job.mask == "all" or not sample.has_mask:
        return None
    if sample.mask:
        return served(sample.mask, cache)
    pair: StereoPair = sample.load(masked=True)
    folder = Path(tempfile.mkdtemp(dir=cache))
    path = folder / "mask0nocc.png"
    cv2.imwrite(str(path), np.asarray(pair.counted, np.uint8) * 255)
    return str(path)


def _camera(compare: CompareTab, sample: Sample, left: str) -> Values:
    """Return values for the three numbers, for what a file says beyond them, and for the button that reads one."""
    if sample.calibration:
        filled = dict(zip(compare.camera.filled, on_calibration_file(str(sample.calibration), left), strict=True))
        return {**filled, compare.camera.file: None}
    known = sample.camera
    numbers = dict(zip(compare.camera.numbers, camera_numbers(known) if known else (0, 0, 0), strict=True))
    if known is None:
        return {**numbers, **dict(zip([*compare.camera.beside, compare.camera.file], nothing_read(), strict=True))}
    beside = told_of(ReadFile("", None, known, OF_THE_DATA_SET))
    return {**numbers, **dict(zip(compare.camera.beside, beside, strict=True)), compare.camera.file: None}


def _model(compare: CompareTab, job: Job) -> Values:
    name, fields = job.models[0], compare.chosen
    return {
        fields.model: gr.update(value=name, info=about_model(name), interactive=True),
        fields.settled: True,
        fields.resolution: job.resolution,
        fields.input_size: AS_TRAINED,
    }
