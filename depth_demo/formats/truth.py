"""Read ground truth: numbers by `containers`, their meaning by `encodings`, and a sentence that tells how they were read.

With the pair beside it, `doctor` tells whether the reading can be right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.containers import TRUTH_FORMATS, Stored, read_stored
from depth_demo.formats.doctor import AGREES, Question, diagnose
from depth_demo.formats.encodings import ENCODINGS, MOST_16, channel_spread, find_encoding
from depth_demo.formats.outliers import MIN_REPEATS, far_number, hole_of_a_search, no_data_number, sky_number
from depth_demo.formats.own import OWN, refuse_own_name
from depth_demo.formats.readings import Choice, Reading, TruthKind, planar, reading_of
from depth_demo.formats.resizing import at_size
from depth_demo.formats.untrusted import existing_file
from depth_demo.geometry import LARGEST, Calibration, DepthKind, DepthMap, StereoPair, number_text, size_text

__all__ = ["Choice", "GroundTruthFile", "Question", "SeenView", "TruthKind", "load_ground_truth"]

MASK_NUMBERS, MASK_LEVELS = 3, frozenset({1.0, 128.0, 255.0})  # distinct ones of a mask, at most, and the usual ones
MASK_SIDE = 32  # px; smaller files are made by hand


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruthFile:
    """Ground truth from a file.

    Attributes:
        depth_map: Disparity [px] or metric depth [m], NaN where there is no truth.
        description: A sentence that tells how the file was understood.
        question: What is doubted about the reading, with other readings to choose from; None where nothing is.
    """

    depth_map: DepthMap
    description: str
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class SeenView:
    """What is known of the view that a truth belongs to.

    Attributes:
        size: Height and width [px].
        camera: Its camera, where it is known.
    """

    size: tuple[int, int]
    camera: Calibration | None = None


def load_ground_truth(
    path: str | Path | None,
    kind: TruthKind = "recognised",
    scale: float | None = None,
    encoding: str | None = None,
    pair: StereoPair | None = None,
    view: SeenView | None = None,
) -> GroundTruthFile:
    """Read disparity [px] or depth [m] from a file.

    NaN, infinity, and the stored numbers that the encoding names (mostly 0) mean "no truth here". Negative depths mean it
    too. Of disparities, a negative whole number means it where it is the only negative one, as -1 often is, or where it lies
    far below all others. The largest depth means it where it is that of the sky.

    Args:
        path: A file in one of the formats of `containers`.
        kind: What the file holds. "recognised" takes what the encoding says. If it says nothing, the file holds depth if
            "depth", and not "disp", is in its name or in that of the NPZ member. "ray distance" is depth along the ray of each
            pixel, which needs the camera of `pair`.
        scale: Stored value per px or per m, negative for disparities whose sign is turned. None takes that of the encoding.
        encoding: A key of `ENCODINGS`. None takes what this app wrote into its own PNG and TIFF files. Of other files it takes
            unsigned 16-bit numbers for KITTI's (value / 256), and others as stored.
        pair: The views that the truth belongs to, and their camera. A truth of another size is brought to theirs. A reading
            that was left to the file is checked against them, and replaced by the one that they clearly agree with.

        view: What is known of a view that has no second one, in place of `pair`; nothing can be checked against it.

    Raises:
        ValueError: If there is no file, it cannot be read, it does not fit the encoding or the views, or it holds no truth.
    """
    if path is None:
        raise ValueError(f"No ground truth yet: choose a file first ({TRUTH_FORMATS}).")
    if scale is not None and (
        isinstance(scale, bool) or not isinstance(scale, int | float) or not math.isfinite(scale) or scale == 0
    ):
        raise ValueError(f"The scale of the ground truth must be a number other than 0, not {number_text(scale)}.")
    stored = read_stored(existing_file(path))
    if stored.numbers.dtype == np.bool_:
        raise ValueError("The ground truth holds truth values (type bool): that is a mask, and no map of distances.")
    is_open = kind == "recognised" and scale is None and encoding is None
    if is_open:
        refuse_own_name(stored.hint.strip())
    own = stored.own if scale is None and encoding is None else None
    is_open = is_open and own is None
    reading = reading_of(own or find_encoding(encoding, scale, stored.numbers), kind, stored.hint)
    remark, question = "", None
    if pair is not None:
        found = diagnose(stored.numbers, reading, pair, is_open=is_open, no_data=stored.no_data)
        reading, remark, question = found.reading, found.remark, found.question
        view = SeenView((pair.left.shape[0], pair.left.shape[1]), pair.calibration)
    if is_open and question is None and not remark.startswith(AGREES):
        question = _unsure(reading)
    form, values, spread = stored.form, _values_of(stored, reading), channel_spread(stored.numbers)
    del stored  # may be twice as large
    if spread and reading.encoding.channels == 1:
        remark = f"{remark} The colours of a pixel differ by up to {spread}; green is read.".lstrip()
    return _described(form, values, reading, view, remark, question)


def _unsure(reading: Reading) -> Question | None:
    """Ask about depth in 16 bits, of which there is no usual scale."""
    if reading.encoding.name != "kitti" or reading.kind is not DepthKind.METRIC_DEPTH:
        return None
    usual = [Choice(ENCODINGS[name].title, "recognised", None, name) for name in ("millimetres", "tum", "vkitti")]
    return Question("Depth in 16 bits has no usual scale: value / 256 m is KITTI's. Is it right?", tuple(usual))


def _values_of(stored: Stored, reading: Reading) -> NDArray[np.float32]:
    """Return (H, W) values [px or m], NaN where the encoding or the file itself says that there is no truth."""
    values = reading.encoding.decode(stored.numbers)
    for number in stored.no_data:
        values[values == np.float32(number / (reading.encoding.scale or 1))] = np.nan
    return values


def _described(
    form: str,
    values: NDArray[np.float32],
    reading: Reading,
    view: SeenView | None,
    remark: str,
    question: Question | None,
) -> GroundTruthFile:
    """Return the truth at the size of its view, without what measures nothing, and in words."""
    depth_kind, meaning = reading.kind, reading.encoding
    unknown = [f"{number:.10g}" for number in meaning.unknown] + ["NaN", "infinity"]
    unknown += ["the holes of OpenCV's search"] if meaning.lowest_is_unknown else []
    if meaning.name != OWN:
        unknown += _drop_unmeasured(values, depth_kind, meaning.scale or 1)
    nothing = f"{', '.join(unknown[:-1])} and {unknown[-1]}"
    if np.isnan(values).all():
        raise ValueError(f"The ground truth holds no value at all: there is nothing but {nothing}, which mean unknown.")
    _refuse_mask(values, question, agrees=remark.startswith(AGREES))
    remarks = [remark] if remark else []
    if view is not None and values.shape != view.size:
        values, said = _at_size_of(view, values, depth_kind, in_views_px=meaning.views_px)
        remarks.append(said)
    if form.endswith("JPEG"):
        remarks.append("JPEG changes numbers near edges: save the truth as PNG.")
    if reading.along_ray:
        values = _planar(values, view.camera if view else None)
        remarks.append("Distances along the ray are converted to depth along the optical axis.")
    depth_map = DepthMap(values, depth_kind)
    return GroundTruthFile(
        depth_map,
        f"{form}, read as {depth_kind.value} = {meaning.formula} {depth_kind.unit}, with {nothing} unknown; "
        f"{100 * depth_map.valid.mean():.1f} % of the pixels have truth, "
        f"from {np.nanmin(values):.4g} to {np.nanmax(values):.4g} {depth_kind.unit}.{''.join(f' {said}' for said in remarks)}",
        question,
    )


def _drop_unmeasured(values: NDArray[np.float32], kind: DepthKind, scale: float) -> list[str]:
    """Set to NaN what measures nothing, and return what it is called."""
    dropped: list[str] = []
    if kind is DepthKind.METRIC_DEPTH:
        sky = sky_number(values)
        if sky is not None:
            values[values == np.float32(sky)] = np.nan
            dropped.append(f"{sky:.6g} m (sky)")
        if (values > LARGEST).any():
            values[values > LARGEST] = np.nan
        if (values < 0).any():
            values[values < 0] = np.nan
            dropped.append("negative numbers")
        values[values == 0] = np.nan
        return dropped
    sign = np.float32(math.copysign(1, scale))
    full = MOST_16 / scale
    if scale != 1 and abs(full) < LARGEST and np.count_nonzero(values == np.float32(full)) >= MIN_REPEATS:
        values[values == np.float32(full)] = np.nan
        dropped.append(f"{MOST_16}")
    for find in (no_data_number, far_number, hole_of_a_search):
        marker_px = find(values * sign)
        if marker_px is not None:
            values[values == np.float32(marker_px) * sign] = np.nan
            dropped.append(f"{marker_px * abs(scale):.10g}")
    marker = _negative_marker(values, scale)
    if marker:
        values[values < 0] = np.nan
        dropped.append(marker)
    return dropped


def _negative_marker(values: NDArray[np.float32], scale: float) -> str:
    """Return the one negative number as stored, if it is whole and there are positive ones too; "" for any others."""
    lowest = values.min(initial=0, where=values < 0)
    stored = round(float(lowest) * scale)
    if stored >= 0 or np.float32(stored) / np.float32(scale) != lowest or not (values > 0).any():
        return ""
    return f"{stored:.10g}" if (values[values < 0] == lowest).all() else ""


def _refuse_mask(values: NDArray[np.float32], question: Question | None, *, agrees: bool) -> None:
    """Raise ValueError where so few numbers stand for something else than distances; a pair that agrees knows better."""
    if min(values.shape) < MASK_SIDE:
        return
    known = values[np.isfinite(values)]
    numbers = [*np.unique(known[:: max(known.size // 20_000, 1)]).tolist()]
    doubted = question is not None and not question.choices
    if len(numbers) <= MASK_NUMBERS and not agrees and (doubted or MASK_LEVELS.issuperset(numbers)):
        written = " and ".join(f"{number:g}" for number in numbers)
        raise ValueError(f"The ground truth holds only {written}: that is a mask, and no map of distances.")


def _at_size_of(
    view: SeenView, values: NDArray[np.float32], kind: DepthKind, *, in_views_px: bool
) -> tuple[NDArray[np.float32], str]:
    """Return the map at the size of the view, the nearest value for each pixel, and a sentence on it.

    Raises:
        ValueError: If the map has another shape than the views.
    """
    factor = view.size[1] / values.shape[1]
    said = f"The truth is {size_text(values)} pixels: each pixel of the views takes the nearest value"
    resized = at_size(values, view.size, "ground truth")
    if kind is DepthKind.DISPARITY and not in_views_px:
        return resized * np.float32(factor), f"{said}, and disparities are multiplied by {factor:.4g}."
    return resized, f"{said}."


def _planar(values: NDArray[np.float32], camera: Calibration | None) -> NDArray[np.float32]:
    if camera is None:
        raise ValueError("Distances along the ray need the focal length: give the calibration.")
    rows, columns = np.arange(values.shape[0])[:, np.newaxis], np.arange(values.shape[1])
    return planar(values, camera, rows, columns, (values.shape[0], values.shape[1]))
