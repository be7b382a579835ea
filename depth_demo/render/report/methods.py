"""How a comparison was made, for its report: protocols, inputs, settings, versions, sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from depth_demo.comparison.fusion import confidence_in_words
from depth_demo.comparison.results import Comparison, Match
from depth_demo.evaluation.failures import MAX_BOXES
from depth_demo.evaluation.ssim import SSIM_WINDOW
from depth_demo.geometry import DepthKind, StereoPair, size_text
from depth_demo.monocular.input_size import InputSize, network_size
from depth_demo.monocular.models import ModelSpec
from depth_demo.wording.alignments import fit_in_words
from depth_demo.wording.scores import metres_in_words, ssim_in_words

Facts = list[tuple[str, str]]
UNITS = {
    **dict.fromkeys(("min_disparity", "num_disparities", "block_size", "disp12_max_diff", "speckle_range"), "px"),
    "left_right_max_diff": "px",
    "speckle_window_size": "px",
    "uniqueness_ratio": "%",
}
SOURCES = (
    ("Semi-global matching: Hirschmüller, PAMI 2008", "https://doi.org/10.1109/TPAMI.2007.1166"),
    ("SSIM: Wang et al., TIP 2004", "https://doi.org/10.1109/TIP.2003.819861"),
    ("Scale and shift: Ranftl et al., PAMI 2022", "https://arxiv.org/abs/1907.01341"),
    ("Classes of pixels: Scharstein and Szeliski, IJCV 2002", "https://doi.org/10.1023/A:1014573219977"),
)
FAIR = (
    "**fair** puts both methods in pixels of disparity. The monocular map is fitted to the truth by one scale and one "
    "shift, robustly (Huber's loss), {why}; stereo is taken as it is. Both are "
    "judged on the same pixels: those that both methods and the truth have. SSIM uses windows of "
    f"{SSIM_WINDOW}x{SSIM_WINDOW} px and the truth's own range, and leaves out windows that touch an unknown pixel. The "
    "scores over all truth repeat this over all pixels with truth, a hole counting as wrong. A fit with a scale of 0 or "
    "less is said to be inverted, and gets no score."
)
OF_ONE_VIEW = (
    "**fair** fits the monocular map to the truth by one scale and one shift, robustly (Huber's loss), {why}. SSIM uses "
    f"windows of {SSIM_WINDOW}x{SSIM_WINDOW} px and the truth's own range, and leaves out windows that touch an unknown "
    "pixel. A fit with a scale of 0 or less is said to be inverted, and gets no score. There is no right view, so nothing is "
    "matched."
)
REPORT_OF_ONE_VIEW = (
    "**report** does what the written comparison behind this demo did. A relative map is min-max scaled to 0..255 against the "
    "truth in whole 8-bit units; a map in metres is taken raw against the raw truth. Min-max scaling is a hidden alignment: "
    "read these scores beside **fair**, not instead of it."
)
IN_METRES = (
    "Depth without a camera has no disparity in pixels: the fit and SSIM are in 1 / depth, in which relative inverse depth is "
    "affine, and all errors are in metres."
)
REPORT = (
    "**report** does what the written comparison behind this demo did. A relative monocular map is min-max scaled to "
    "0..255 against the truth in whole 8-bit units; a map with a unit is taken raw against the raw truth, with holes as "
    "OpenCV writes them (min_disparity - 1; 0 m in metres). Min-max scaling is a hidden alignment of "
    "the monocular map alone: read these scores beside **fair**, not instead of it."
)
MASK = (
    "**non-occluded** is **fair** as if there were truth only where the benchmark's mask counts: the same maps with the same "
    "fit, over fewer pixels. Middlebury's own bad-2.0 is in pixels of full resolution, which correspond to 1 px at half size "
    "and to 0.5 px at quarter size."
)
BOXES = (
    "**Boxes** are where a method loses most structure, measured as 1 - SSIM of **fair** with holes losing all, at most "
    f"{MAX_BOXES} per method. The likely cause is the class of pixels that has most more of the box's loss than of the "
    "picture."
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a comparison was made of and with.

    Attributes:
        title: What was compared, for people.
        left, right, truth: Names of the files, without their folders; "" for no truth.
        truth_text: How the truth file was understood.
        mask, mask_text: The same of the benchmark's mask; "" for none.
        model: The monocular model.
        sha256: Of its files of weights, with spaces between; "" if there were none.
        chosen: Short side that the network saw, and by which choice.
        device: What it ran on.
        created: When; with a time zone.
        versions: Of the software, by name.
        warning: What is suspicious about the truth, with **bold** words; "" for nothing.
        own_map: How the phone's own map was read, where that took the place of an estimate; "" where a model ran.
        views_text: How the views were read, in sentences; "" for plain photos.
    """

    title: str
    left: str
    right: str
    truth: str
    truth_text: str
    model: ModelSpec
    sha256: str
    chosen: InputSize
    device: str
    created: datetime
    versions: Mapping[str, str]
    warning: str = ""
    mask: str = ""
    mask_text: str = ""
    own_map: str = ""
    views_text: str = ""


def protocols(comparison: Comparison) -> list[str]:
    """Say what *fair*, *report* and the boxes mean, and which fit was made here, as Markdown."""
    kind, mask = comparison.estimate.depth_map.kind, [] if comparison.views.counted is None else [MASK]
    if comparison.match is None:
        in_metres = [IN_METRES] if comparison.reference.kind is DepthKind.METRIC_DEPTH else []
        first = [OF_ONE_VIEW.format(why=_why(kind)), *in_metres, *mask, REPORT_OF_ONE_VIEW, BOXES]
    else:
        first = [*([] if comparison.truth else [_no_truth(comparison)]), *mask, fair_in_words(kind), REPORT, BOXES]
    rests_on = filter(None, (ssim_in_words(comparison), metres_in_words(comparison)))
    return [*first, *rests_on, f"The fit: {_fit(comparison)}."]


def fair_in_words(kind: DepthKind) -> str:
    """Explain the *fair* protocol for a monocular map of this kind."""
    return FAIR.format(why=_why(kind))


def _why(kind: DepthKind) -> str:
    if kind is DepthKind.RELATIVE_DEPTH:
        return "in depth, because relative depth is affine in depth, and then turned into disparity"
    return "because inverse depth is affine in disparity"


def _no_truth(comparison: Comparison) -> str:
    confident = confidence_in_words(both_directions=comparison.matched.left_right_diff is not None)
    return (
        f"**No truth** was given. In its place stands stereo where it is confident: {confident}. Where **fair** says truth, "
        "read confident stereo. The scores say how far the two methods agree, and stereo, which would judge itself, has none."
    )


def _fit(comparison: Comparison) -> str:
    return (
        fit_in_words(comparison.monocular.fair.alignment, comparison.reference.kind.unit)
        if comparison.monocular.fair.alignment
        else "none: the map is in pixels"
    )


def setup(comparison: Comparison, provenance: Provenance) -> list[tuple[str, Facts]]:
    """Return inputs, software, and every setting of both methods: cards of names and values."""
    return [
        ("Inputs", _inputs(comparison, provenance)),
        ("Versions", list(provenance.versions.items())),
        ("Monocular", _monocular(comparison, provenance)),
        *([("Stereo", _stereo(comparison.match))] if comparison.match else []),
    ]


def _inputs(comparison: Comparison, provenance: Provenance) -> Facts:
    views = comparison.views
    in_metres = comparison.reference.kind is DepthKind.METRIC_DEPTH
    camera, calibration = views.calibration, "none, so no pixels" if in_metres else "none, so no metres"
    right = []
    if isinstance(views, StereoPair):
        right = [("Right view", f"{provenance.right or 'in the same file'}, {size_text(views.right)} px")]
    read_as = [("Views read as", provenance.views_text)] if provenance.views_text else []
    if camera:
        calibration = f"f = {camera.focal_length_px:g} px, B = {camera.baseline_m:g} m, doffs = {camera.doffs_px:g} px"
        if camera.focal_length_y_px:
            calibration += f", vertical f = {camera.focal_length_y_px:g} px"
        if camera.principal_point_px:
            column, row = camera.principal_point_px
            calibration += f", principal point at column {column:g}, row {row:g}"
    return [
        ("Left view", f"{provenance.left}, {size_text(views.left)} px"),
        *right,
        *read_as,
        ("Truth", f"{provenance.truth}: {provenance.truth_text}" if comparison.truth else "none"),
        *([("Mask", f"{provenance.mask}: {provenance.mask_text}")] if provenance.mask_text else []),
        ("Calibration", calibration),
        ("Labels", f"{len(views.labels.names)} classes, of the bundled example" if views.labels else "none"),
    ]


def _monocular(comparison: Comparison, provenance: Provenance) -> Facts:
    model = provenance.model
    fit = f"Fit to {'the ' if comparison.truth else ''}{comparison.judge}", _fit(comparison)
    if provenance.own_map:
        return [("Map", f"{model.title} ({model.name})"), ("Read as", provenance.own_map), ("Gives", model.kind.label), fit]
    size = network_size(*comparison.reference.shape, provenance.chosen.pixels, model.preprocessing)
    note = " ".join(filter(None, (model.warning, comparison.estimate.depth_map.remark)))
    return [
        ("Model", f"{model.title} ({model.name})"),
        ("Licence of the weights", model.licence),
        *([("Note", note)] if note else []),
        ("Gives", model.kind.label),
        ("Input", provenance.chosen.seen(size)),
        fit,
        ("Device", provenance.device),
        ("Time", f"{comparison.estimate.seconds:.2f} s"),
        ("Checkpoint", ", ".join(file.name for file in model.tensor_files) or "none"),
        ("SHA-256", _checksum(model, provenance.sha256)),
    ]


def _stereo(match: Match) -> Facts:
    settings = dataclasses.asdict(match.settings)
    return [
        *((name, f"{value} {UNITS.get(name, '')}".strip()) for name, value in settings.items()),
        ("Matched", f"{match.coverage:.1f} % of the pixels"),
        ("Unsearched band", f"{match.band_share:.1f} % of the pixels"),
        ("Time", f"{match.seconds:.2f} s"),
    ]


def _checksum(model: ModelSpec, sha256: str) -> str:
    if not sha256:
        return "none: no file of weights"
    return ", ".join(
        _beside_record(found, file.sha256) for found, file in zip(sha256.split(), model.tensor_files, strict=True)
    )


def _beside_record(sha256: str, recorded: str | None) -> str:
    if recorded is None:
        return sha256
    return f"{sha256} ({'as on record' if sha256 == recorded else 'differs from the one on record'})"


def sources(model: ModelSpec, *, with_stereo: bool = True) -> list[tuple[str, str]]:
    """Return what the methods and scores were taken from: title and address."""
    of_scores = SOURCES if with_stereo else SOURCES[1:]
    repositories = dict.fromkeys(file.repo for file in model.hub_files)
    weights = [(f"Weights: {repo}, {model.licence}", f"https://huggingface.co/{repo}") for repo in repositories]
    return [*of_scores, *((source.title, source.address) for source in model.sources), *weights]
