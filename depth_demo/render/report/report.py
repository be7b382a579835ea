"""A comparison as one page to keep, print or hand in: pictures, boxes, scores, words, and how to repeat it.

The numbers are those of the comparison, in the very words of the other renderers; nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.regions import RegionErrors
from depth_demo.geometry import RgbImage
from depth_demo.render.boxes import COLORS, METHOD_COLORS, TILE, legend
from depth_demo.render.maps import render_photo
from depth_demo.render.report.markup import (
    Html,
    block,
    emphasised,
    figure,
    joined,
    map_source,
    page,
    paragraphs,
    photo_source,
    section,
    table,
    text,
)
from depth_demo.render.report.methods import Provenance, protocols, setup, sources
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, alignment_table, what_flips
from depth_demo.wording.boxes import box_caption, signed_error
from depth_demo.wording.findings import findings, shown
from depth_demo.wording.fusion import FUSION_HEADERS, fusion_in_words, fusion_table
from depth_demo.wording.scores import HEADERS, NONE, Cells, score_table, why_no_boxes

QUESTION = "Can one camera replace two?"
HEADLINES = ("fair: SSIM", "EPE [px]", "bad-3, all truth [%]", "coverage [%]")


def render_report(
    comparison: Comparison,
    provenance: Provenance,
    pictures: Mapping[str, RgbImage],
    strips: Sequence[RgbImage],
    alignments: Sequence[AlignedScores],
) -> str:
    """The page as text, to be saved as UTF-8; it refers to nothing outside itself but sources, as links.

    Args:
        comparison: Both methods against the truth.
        provenance: Where it comes from.
        pictures: (H, W, 3) uint8 RGB each, by title: left view, truth (or what stands for it), both maps, SSIM maps, with
            their boxes; "Fused", if there is such a map.
        strips: `boxes.crops` of every box, monocular first.
        alignments: Of `pipeline.align`.
    """
    scores = score_table(comparison)
    return page(
        f"{provenance.title} - {QUESTION}",
        _header(comparison, provenance),
        _glance(scores),
        section("In words", "Every sentence is a measurement.", _words(comparison)),
        section(
            "Pictures",
            "All maps are in the left view's pixels, in one scale of colours; the strips of the boxes have "
            "their own. On a screen, a click on a picture enlarges it.",
            _pictures(comparison, pictures, scores),
        ),
        section("Where each method fails", "Each strip: left view, truth, the method's map.", _boxes(comparison, strips)),
        section(
            "Scores",
            "**fair** compares the methods, **report** repeats the written comparison; how is said below.",
            table("scores", HEADERS, scores),
        ),
        section(
            "Errors by region",
            "Bars: pixels of the region that are wrong, without an answer or more than 3 px off. Below them: pixels with an "
            "answer, their mean error (EPE), and in which direction they err on the whole. A pixel can be of several regions.",
            _regions(comparison),
        ),
        section(
            "Both as one map",
            "Stereo where it can be trusted; its holes from the monocular map, if that restores hidden stereo well enough.",
            *_fused(comparison, pictures),
        ),
        section(
            "Alignment",
            "A monocular map has no pixels until somebody fits it; papers fit in different ways.",
            *_alignments(comparison, alignments),
        ),
        section("How the scores are made", "Two protocols, never mixed.", *protocols(comparison)),
        section("To repeat it", "All inputs, settings and versions.", setup(comparison, provenance)),
        sources(provenance),
    )


def _header(comparison: Comparison, provenance: Provenance) -> Html:
    created = provenance.created
    what = (
        f"One image with {provenance.model.title} against two with OpenCV's stereo matching "
        f"({comparison.match.settings.method}), "
        + ("both judged by ground truth." if comparison.truth else "without ground truth: how far the two agree.")
    )
    return block(
        "header",
        block("p", f"{QUESTION} A comparison.", style="kicker"),
        block("h1", provenance.title),
        block("p", what),
        block("p", f"{created.day} {created:%B %Y, %H:%M %Z}", style="kicker"),
        *([block("p", emphasised(provenance.warning), style="warning")] if provenance.warning else []),
        *([block("p", provenance.model.warning, style="warning")] if provenance.model.warning else []),
    )


def _glance(scores: Sequence[Cells]) -> Html:
    cards = (
        block(
            "div",
            block("h3", name),
            *(
                block("div", block("span", method, style=method), block("b", value), style="value")
                for method, value in (("monocular", monocular), ("stereo", stereo), ("fused", fused))
                if value != NONE
            ),
            block("small", meaning),
            style="card",
        )
        for name, monocular, stereo, fused, meaning in scores
        if name in HEADLINES
    )
    return block("div", *cards, style="grid four")


def _words(comparison: Comparison) -> Html:
    cards = (block("div", part, style="card") for part in paragraphs(findings(comparison)))
    return block("div", *cards, style="grid words")


def _pictures(comparison: Comparison, pictures: Mapping[str, RgbImage], scores: Sequence[tuple[str, ...]]) -> Html:
    judge, called = ("Truth", "the truth") if comparison.truth else ("Confident stereo", "confident stereo")
    left = pictures["Left view"]
    right = render_photo(comparison.match.pair.right)
    ssim_row = next((row for row in scores if row[0] == "fair: SSIM"), ("", "-", "-"))
    fitted, scale = f"fitted to {called}", "All maps share one scale of colours, in pixels."
    if comparison.aligned is None:
        fitted = f"as it came: it is inverted against {called}"
        scale = "All other maps share one scale of colours, in pixels."
    reading = block(
        "div",
        block("h3", "How to read them"),
        block("p", f"Near is bright. Grey: nothing was measured. {scale}"),
        block("p", f"SSIM is bright where a map has the structure of {called}, and dark where it has not."),
        block("p", "Boxes: M of the monocular map, S of stereo, 1 the worst."),
        block("p", Html(legend())),
        style="card",
    )
    return block(
        "div",
        figure(photo_source(left[: len(right)]), "Left view with boxes", block("b", "Left view"), " with the boxes of both."),
        figure(photo_source(right), "Right view", block("b", "Right view"), ", which only stereo sees."),
        figure(map_source(pictures[judge]), judge, block("b", judge), f", known for {_share(comparison)} of the pixels."),
        reading,
        figure(map_source(pictures["Monocular"]), "Monocular map", block("b", "Monocular"), f", {fitted}."),
        figure(
            map_source(pictures["Stereo"]), "Stereo map", block("b", "Stereo"), f", {comparison.match.coverage:.1f} % matched."
        ),
        *(
            figure(map_source(pictures[title]), title, block("b", title), f", fair SSIM {value} where both answer.")
            for title, value in zip(("SSIM, monocular", "SSIM, stereo"), ssim_row[1:3], strict=True)
            if title in pictures
        ),
        style="grid",
    )


def _fused(comparison: Comparison, pictures: Mapping[str, RgbImage]) -> list[Html]:
    words = paragraphs(fusion_in_words(comparison))
    if "Fused" not in pictures:
        return words
    shown = figure(map_source(pictures["Fused"]), "Fused map", block("b", "Fused"), ", in the colours of the other maps.")
    rows = fusion_table(comparison)
    scores = [block("div", table("numbers", FUSION_HEADERS, rows), style="card scroll")] if rows else []
    return [*words, block("div", shown, *scores, style="grid")]


def _alignments(comparison: Comparison, alignments: Sequence[AlignedScores]) -> list[Html]:
    stereo = comparison.stereo.fair if comparison.stereo else None
    flips = paragraphs(what_flips(alignments, stereo)) if stereo else []
    return [*flips, block("div", table("numbers", ALIGNMENT_HEADERS, alignment_table(alignments, stereo)), style="scroll")]


def _share(comparison: Comparison) -> str:
    return f"{100 * comparison.reference.valid.mean():.1f} %"


def _boxes(comparison: Comparison, strips: Sequence[RgbImage]) -> Html:
    boxes = comparison.failures
    if not boxes:
        return block("p", f"No box: {why_no_boxes(comparison)}.")
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
    methods = [(name, shown(scores.regions)) for name, scores in comparison.judged]
    if not methods:
        return block("p", "Nothing could be judged.")
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
        f'<rect width="{row.bad_3:.2f}" height="10" fill="rgb{METHOD_COLORS[method]}"/></svg>'
    )
    off = "" if math.isnan(row.epe_px) else f", EPE {row.epe_px:.2f} px, {signed_error(row.bias_px)}"
    line = block("div", block("span", method), bar, block("b", f"{row.bad_3:.0f} %"), style="bar")
    return joined((line, block("small", f"{row.coverage:.1f} % answered{off}")))
