"""A comparison as one page to keep, print or hand in: pictures, boxes, scores, words, and how to repeat it.

The numbers are those of the comparison, in the very words of the other renderers; nothing is measured here.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.metrics import SSIM_WINDOW
from depth_demo.evaluation.regions import RegionErrors
from depth_demo.geometry import RgbImage, size_text
from depth_demo.monocular.catalog import HubCheckpoint, Row
from depth_demo.monocular.resolution import network_size
from depth_demo.pipeline import Comparison
from depth_demo.render.boxes import COLORS, TILE, box_caption, legend, signed_error
from depth_demo.render.findings import findings, shown
from depth_demo.render.maps import render_photo
from depth_demo.render.report_page import (
    Html,
    block,
    emphasised,
    facts,
    figure,
    joined,
    link,
    map_source,
    page,
    paragraphs,
    photo_source,
    section,
    table,
    text,
)
from depth_demo.render.scores import HEADERS, score_table

QUESTION = "Can one camera replace two?"
HEADLINES = ("fair: SSIM", "EPE [px]", "bad-3, all truth [%]", "coverage [%]")
UNITS = {
    **dict.fromkeys(("min_disparity", "num_disparities", "block_size", "disp12_max_diff", "speckle_range"), "px"),
    **{"left_right_max_diff": "px", "speckle_window_size": "px", "uniqueness_ratio": "%"},
}
SOURCES = (
    ("Semi-global matching: Hirschmüller, PAMI 2008", "https://doi.org/10.1109/TPAMI.2007.1166"),
    ("SSIM: Wang et al., TIP 2004", "https://doi.org/10.1109/TIP.2003.819861"),
    ("Scale and shift: Ranftl et al., PAMI 2022", "https://arxiv.org/abs/1907.01341"),
    ("Classes of pixels: Scharstein and Szeliski, IJCV 2002", "https://doi.org/10.1023/A:1014573219977"),
    ("Depth Anything V2: Yang et al., NeurIPS 2024", "https://arxiv.org/abs/2406.09414"),
)
PROTOCOLS = f"""**fair** puts both methods in pixels of disparity. The monocular map is fitted to the truth by one scale and one \
shift, robustly (Huber's loss), because inverse depth is affine in disparity; stereo is taken as it is. Both are judged on the \
same pixels: those that both methods and the truth have. SSIM uses windows of {SSIM_WINDOW}x{SSIM_WINDOW} px and the truth's own \
range, and leaves out windows that touch an unknown pixel. The scores over all truth repeat this over all pixels with truth, a \
hole counting as wrong. A fit with a scale of 0 or less is said to be inverted, and gets no score.

**report** does what the written comparison behind this demo did. A relative monocular map is min-max scaled to 0..255 against \
the truth in whole 8-bit units; a map with a unit is taken raw against the raw truth, with holes as OpenCV writes them \
(min_disparity - 1; 0 m in metres). Min-max scaling is a hidden alignment that flatters the monocular map: read these scores \
beside **fair**, not instead of it.

**Boxes** are where a method loses most structure, measured as 1 - SSIM of **fair** with holes losing all, at most five per \
method. The likely cause is the class of pixels that has most more of the box's loss than of the picture."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a comparison was made of and with.

    Attributes:
        title: What was compared, for people.
        left, right, truth: Names of the files, without their folders.
        truth_text: How the truth file was understood.
        model: The monocular model.
        sha256: Of its file of weights; "" when there was none.
        input_size: Short side that the network was asked to see [px]; 0: as trained.
        device: What it ran on.
        created: When; with a time zone.
        versions: Of the software, by name.
        warning: What is suspicious about the truth, with **bold** words; "" for nothing.
    """

    title: str
    left: str
    right: str
    truth: str
    truth_text: str
    model: Row
    sha256: str
    input_size: int
    device: str
    created: datetime
    versions: Mapping[str, str]
    warning: str = ""


def render_report(
    comparison: Comparison, provenance: Provenance, pictures: Sequence[RgbImage], strips: Sequence[RgbImage]
) -> str:
    """The page as text, to be saved as UTF-8; it refers to nothing outside itself but sources, as links.

    Args:
        comparison: Both methods against the truth.
        provenance: Where it comes from.
        pictures: (H, W, 3) uint8 RGB each: left view, truth, both maps, both SSIM maps, monocular first, with their boxes.
        strips: `boxes.crops` of every box, monocular first.
    """
    scores = score_table(comparison)
    return page(
        f"{provenance.title} - {QUESTION}",
        _header(comparison, provenance),
        _glance(scores),
        section("In words", "Every sentence is a measurement.", _words(comparison)),
        section("Pictures", "Click a picture to enlarge it.", _pictures(comparison, pictures, scores)),
        section("Where each method fails", "Each strip: left view, truth, the method's map.", _boxes(comparison, strips)),
        section(
            "Scores",
            "**fair** compares the methods, **report** repeats the written comparison; how is said below.",
            table("scores", HEADERS, scores),
        ),
        section(
            "Errors by region",
            "Share of the region's pixels that are wrong: without an answer, or more than 3 px off. A pixel can be of several.",
            _regions(comparison),
        ),
        section("How the scores are made", "Two protocols, never mixed.", *_protocols(comparison)),
        section("To repeat it", "All inputs, settings and versions.", _setup(comparison, provenance)),
        _footer(provenance),
    )


def _header(comparison: Comparison, provenance: Provenance) -> Html:
    created = provenance.created
    what = (
        f"One image with {provenance.model.title} against two with OpenCV's stereo matching "
        f"({comparison.match.settings.mode}), both judged by ground truth."
    )
    return block(
        "header",
        block("p", f"{QUESTION} A comparison.", style="kicker"),
        block("h1", provenance.title),
        block("p", what),
        block("p", f"{created.day} {created:%B %Y, %H:%M %Z}", style="kicker"),
        *([block("p", emphasised(provenance.warning), style="warning")] if provenance.warning else []),
        *([block("p", _note(provenance.model), style="warning")] if provenance.model.note else []),
    )


def _note(model: Row) -> str:
    return f"{model.title} is {model.note}"


def _glance(scores: Sequence[tuple[str, str, str, str]]) -> Html:
    cards = (
        block(
            "div",
            block("h3", name),
            *(
                block("div", block("span", method, style=method), block("b", value), style="value")
                for method, value in (("monocular", monocular), ("stereo", stereo))
            ),
            block("small", meaning),
            style="card",
        )
        for name, monocular, stereo, meaning in scores
        if name in HEADLINES
    )
    return block("div", *cards, style="grid four")


def _words(comparison: Comparison) -> Html:
    cards = (block("div", part, style="card") for part in paragraphs(findings(comparison)))
    return block("div", *cards, style="grid")


def _pictures(comparison: Comparison, pictures: Sequence[RgbImage], scores: Sequence[tuple[str, ...]]) -> Html:
    left, truth, monocular, stereo, *ssim = pictures
    right = render_photo(comparison.match.pair.right)
    ssim_row = next((row for row in scores if row[0] == "fair: SSIM"), ("", "-", "-"))
    fitted = (
        "fitted to the truth, in the truth's colours." if comparison.aligned else "as it came: it is inverted against the truth."
    )
    reading = block(
        "div",
        block("h3", "How to read them"),
        block("p", "Near is bright. Grey: nothing was measured. Truth and both maps share one scale of colours, in pixels."),
        block("p", "SSIM is bright where a map has the truth's structure, and dark where it has not."),
        block("p", "Boxes: M of the monocular map, S of stereo, 1 the worst."),
        block("p", Html(legend())),
        style="card",
    )
    return block(
        "div",
        figure(photo_source(left[: len(right)]), "Left view with boxes", block("b", "Left view"), " with the boxes of both."),
        figure(photo_source(right), "Right view", block("b", "Right view"), ", which only stereo sees."),
        figure(map_source(truth), "Truth", block("b", "Truth"), f", known for {_share(comparison)} of the pixels."),
        reading,
        figure(map_source(monocular), "Monocular map", block("b", "Monocular"), f", {fitted}"),
        figure(map_source(stereo), "Stereo map", block("b", "Stereo"), f", {comparison.match.coverage:.1f} % matched."),
        *(
            figure(map_source(picture), f"SSIM, {method}", block("b", f"SSIM, {method}"), f", fair mean {value}.")
            for method, picture, value in zip(("monocular", "stereo"), ssim, ssim_row[1:3], strict=True)
        ),
        style="grid",
    )


def _share(comparison: Comparison) -> str:
    return f"{100 * comparison.truth.valid.mean():.1f} %"


def _boxes(comparison: Comparison, strips: Sequence[RgbImage]) -> Html:
    boxes = (*comparison.monocular.failures, *comparison.stereo.failures)
    if not boxes:
        return block("p", "No box: nowhere is the loss of structure large enough.")
    return block("div", *(_box(box, strip) for box, strip in zip(boxes, strips, strict=True)), style="grid")


def _box(box: FailureBox, strip: RgbImage) -> Html:
    figures, *cause = box_caption(box).removeprefix(f"{box.name}, ").split("\n")
    ink = "white" if box.shared else "black"
    chip = Html(f'<span class="chip" style="background:rgb{COLORS[box.fails]};color:{ink}">{text(box.name)}</span> ')
    place = f"Columns {box.left} to {box.right - 1}, rows {box.top} to {box.bottom - 1}."
    why = f"{cause[0].capitalize()}. " if cause else ""
    # The caption is text here, so the one in the picture is cut off.
    source = photo_source(strip[: TILE[1]])
    return figure(source, f"Box {box.name}: left view, truth, {box.method} map", chip, f"{figures}. ", block("b", why), place)


def _regions(comparison: Comparison) -> Html:
    methods = [
        (name, shown(scores.regions))
        for name, scores in (("monocular", comparison.monocular), ("stereo", comparison.stereo))
        if scores.regions
    ]
    rows = (
        (
            Html(f"{text(row.name)} {block('small', f'{row.pixels:,} px. {row.definition}')}"),
            joined(_bar(name, measured[index]) for name, measured in methods),
        )
        for index, row in enumerate(methods[0][1])
    )
    return table("regions", ("Region", "Wrong [%]"), rows)


def _bar(method: str, row: RegionErrors) -> Html:
    bar = Html(
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{row.bad_3:.0f} %">'
        f'<rect width="{row.bad_3:.2f}" height="10" fill="rgb{COLORS[f"only {method}"]}"/></svg>'
    )
    off = "" if math.isnan(row.epe_px) else f", EPE {row.epe_px:.2f} px, {signed_error(row.bias_px)} in the mean"
    line = block("div", block("span", method), bar, block("b", f"{row.bad_3:.0f} %"), style="bar")
    return joined((line, block("small", f"{row.coverage:.1f} % answered{off}")))


def _protocols(comparison: Comparison) -> list[Html]:
    windows, pixels = comparison.stereo.fair.windows, comparison.truth.values.size
    measured = (
        f"Here fair SSIM is over {windows:,} windows, {100 * windows / pixels:.1f} % of the picture."
        if windows
        else "Here the truth is too sparse for SSIM: no 7x7 window is wholly known."
    )
    return [*paragraphs(PROTOCOLS), block("p", measured), block("p", f"The fit: {_fit(comparison)}.")]


def _fit(comparison: Comparison) -> str:
    return str(comparison.monocular.fair.alignment or "none: the map is in pixels")


def _setup(comparison: Comparison, provenance: Provenance) -> Html:
    pair, match, model = comparison.match.pair, comparison.match, provenance.model
    camera = pair.calibration
    seen = network_size(*pair.left.shape[:2], provenance.input_size or model.input_size, model.longest)
    asked = f"{provenance.input_size} px" if provenance.input_size else f"{model.input_size} px, as trained"
    calibration = (
        f"f = {camera.focal_length_px:g} px, B = {camera.baseline_m:g} m, doffs = {camera.doffs_px:g} px"
        if camera
        else "none, so no metres"
    )
    settings = dataclasses.asdict(match.settings)
    return block(
        "div",
        facts(
            "Inputs",
            [
                ("Left view", f"{provenance.left}, {size_text(pair.left)} px"),
                ("Right view", f"{provenance.right}, {size_text(pair.right)} px"),
                ("Truth", f"{provenance.truth}: {provenance.truth_text}"),
                ("Calibration", calibration),
                ("Labels", f"{len(pair.labels.names)} classes, of the bundled example" if pair.labels else "none"),
            ],
        ),
        facts(
            "Monocular",
            [
                ("Model", f"{model.title} ({model.name})"),
                ("Licence of the weights", model.licence),
                *([("Note", _note(model))] if model.note else []),
                ("Gives", model.kind.label),
                ("Short side asked for", asked),
                ("Network saw", f"{seen.width}x{seen.height} px"),
                ("Fit to the truth", _fit(comparison)),
                ("Device", provenance.device),
                ("Time", f"{comparison.estimate.seconds:.2f} s"),
                ("Checkpoint", model.file),
                ("SHA-256", _checksum(model, provenance.sha256)),
            ],
        ),
        facts(
            "Stereo",
            [
                *((name, f"{value} {UNITS.get(name, '')}".strip()) for name, value in settings.items()),
                ("Matched", f"{match.coverage:.1f} % of the pixels"),
                ("Left band, out of range", f"{match.band_share:.1f} % of the pixels"),
                ("Time", f"{match.seconds:.2f} s"),
            ],
        ),
        facts("Versions", list(provenance.versions.items())),
        style="grid",
    )


def _checksum(model: Row, sha256: str) -> str:
    if not sha256:
        return "none: no file of weights"
    recorded = model.sha256 if isinstance(model, HubCheckpoint) else None
    if recorded is None:
        return sha256
    return f"{sha256} ({'as on record' if sha256 == recorded else 'differs from the one on record'})"


def _footer(provenance: Provenance) -> Html:
    model = provenance.model
    links = [link(address, words) for words, address in SOURCES]
    if isinstance(model, HubCheckpoint):
        links.append(link(f"https://huggingface.co/{model.repo}", f"Weights: {model.repo}, {model.licence}"))
    separators = [Html(" · ")] * (len(links) - 1)
    listed = [part for pair in zip_longest(links, separators, fillvalue=Html()) for part in pair]
    return block("footer", block("p", "Sources: ", *listed))
