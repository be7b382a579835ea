"""A comparison as one page to keep, print or hand in: pictures, boxes, scores, words, and how to repeat it.

The numbers are those of the comparison, in the very words of the page; nothing is measured here. The page itself is
report.html.j2, its style report.css.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from io import BytesIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from PIL import Image

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.render.boxes import METHOD_COLORS, TILE, color_of, legend
from depth_demo.render.maps import render_photo
from depth_demo.render.report.methods import Provenance, protocols, setup, sources
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, alignment_table, filled_columns, what_flips
from depth_demo.wording.boxes import box_caption, signed_error
from depth_demo.wording.findings import far_off, findings, mean_error, shown
from depth_demo.wording.fusion import FUSION_HEADERS, fusion_in_words, fusion_table
from depth_demo.wording.scores import FAIR_ROWS, NONE, Cells, headers_of, score_table, shown_columns, why_no_boxes

QUESTION = "Can one camera replace two?"
HEADLINES = tuple(row.name for row in FAIR_ROWS if row.key in {"ssim", "epe", "bad_3_all", "coverage"})
HEADLINES_IN_METRES = tuple(row.name for row in FAIR_ROWS if row.key in {"ssim", "abs_rel", "rmse", "delta_1"})
JPEG_QUALITY = 85
# The page may show what it carries and nothing else, so that a mistake here cannot become a request.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def render_report(
    comparison: Comparison,
    provenance: Provenance,
    pictures: Mapping[str, RgbImage],
    strips: Sequence[RgbImage],
    alignments: Sequence[AlignedScores],
) -> str:
    """Return the page as text, to be saved as UTF-8; it refers to nothing outside itself but sources, as links.

    Args:
        comparison: Both methods against the truth.
        provenance: Where it comes from.
        pictures: (H, W, 3) uint8 RGB each, by title: left view, truth (or what stands for it), both maps, SSIM maps, with
            their boxes; "Fused", if there is such a map.
        strips: `boxes.crops` of every box, monocular first.
        alignments: Of `pipeline.align`.
    """
    scores = score_table(comparison)
    stereo = comparison.stereo.fair if comparison.stereo else None
    one_view = comparison.match is None
    fits = alignment_table(alignments, stereo, comparison.reference.kind.unit, with_truth=comparison.truth is not None)
    filled = filled_columns(fits)
    created = provenance.created
    return _template().render(
        policy=POLICY,
        question="Depth from one view" if one_view else QUESTION,
        one_view=one_view,
        comparison=comparison,
        match=comparison.match,
        provenance=provenance,
        model=provenance.model,
        made_by="the phone's own map" if provenance.own_map else provenance.model.title,
        created=f"{created.day} {created:%B %Y, %H:%M %Z}",
        glance=_glance(scores, HEADLINES if comparison.reference.kind.unit == "px" else HEADLINES_IN_METRES),
        words=findings(comparison).split("\n\n"),
        **_pictures(comparison, pictures, scores),
        boxes=[_box(box, strip) for box, strip in zip(comparison.failures, strips, strict=True)],
        no_box=why_no_boxes(comparison),
        color_of=color_of,
        score_headers=headers_of(comparison),
        scores=[shown_columns(comparison, row) for row in scores],
        wrong=far_off(comparison.reference.kind.unit),
        regions=_regions(comparison),
        method_colors=METHOD_COLORS,
        fused_words=fusion_in_words(comparison).split("\n\n"),
        fused_map=_map_source(pictures["Fused"]) if "Fused" in pictures else None,
        fusion_headers=FUSION_HEADERS,
        fused_rows=fusion_table(comparison),
        flips=what_flips(alignments, stereo) if stereo else "",
        alignment_headers=[ALIGNMENT_HEADERS[column] for column in filled],
        alignments=[[row[column] for column in filled] for row in fits],
        protocols=protocols(comparison),
        setup=setup(comparison, provenance),
        sources=sources(provenance.model, with_stereo=not one_view),
    )


@cache
def _template() -> Template:
    loader = PackageLoader("depth_demo.render.report", ".")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["emphasised"] = emphasised
    return environment.get_template("report.html.j2")


def emphasised(markdown: str) -> Markup:
    """Return a text escaped, with **this** in bold."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(markdown))))  # noqa: S704 (escaped)


def _glance(scores: Sequence[Cells], names: Collection[str]) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Return the most telling scores: name, numbers by method, meaning."""
    return [
        (name, [pair for pair in zip(METHOD_COLORS, values, strict=True) if pair[1] != NONE], meaning)
        for name, *values, meaning in scores
        if name in names
    ]


def _pictures(comparison: Comparison, pictures: Mapping[str, RgbImage], scores: Sequence[Cells]) -> dict[str, object]:
    """Return the pictures as addresses, with what their captions say."""
    judge, called = ("Truth", "the truth") if comparison.truth else ("Confident stereo", "confident stereo")
    views, match = comparison.views, comparison.match
    left = pictures["Left view"][: len(render_photo(views.left))]  # without the bar
    values = next((row[1:3] for row in scores if row[0] == FAIR_ROWS[0].name), (NONE, NONE))
    in_unit = {"px": "in pixels", "m": "in metres"}[comparison.reference.kind.unit]
    fitted, scale = f"fitted to {called}", f"All maps share one scale of colours, {in_unit}."
    if comparison.aligned is None:
        fitted = f"as it came: it is inverted against {called}"
        scale = f"All other maps share one scale of colours, {in_unit}."
    titles = ("SSIM, monocular", "SSIM, stereo")
    return {
        "left": _photo_source(left),
        "right": _photo_source(render_photo(views.right)) if isinstance(views, StereoPair) else None,
        "judge": judge,
        "called": called,
        "judge_map": _map_source(pictures[judge]),
        "known": f"{100 * comparison.reference.valid.mean():.1f} %",
        "scale": scale,
        "legend": legend() if match else "",
        "monocular_map": _map_source(pictures["Monocular"]),
        "fitted": fitted,
        "stereo_map": _map_source(pictures["Stereo"]) if match else None,
        "matched": f"{match.coverage:.1f} %" if match else "",
        "similarities": [
            (title, _map_source(pictures[title]), value)
            for title, value in zip(titles, values, strict=True)
            if title in pictures
        ],
    }


def _box(box: FailureBox, strip: RgbImage) -> tuple[FailureBox, str, str, str]:
    """Return a box, its strip without the caption in it, and that caption in two parts."""
    figures, *cause = box_caption(box).removeprefix(f"{box.name}, ").split("\n")
    return box, _photo_source(strip[: TILE[1]]), figures, f"{cause[0].capitalize()}. " if cause else ""


def _regions(comparison: Comparison) -> list[tuple[RegionErrors, list[tuple[str, RegionErrors, str]]]]:
    """Return every region with its errors by method; none where nothing could be judged."""
    methods = [(name, shown(scores.regions)) for name, scores in comparison.judged]
    if not methods:
        return []
    return [
        (region, [(name, measured[index], _off(measured[index])) for name, measured in methods])
        for index, region in enumerate(methods[0][1])
    ]


def _off(row: RegionErrors) -> str:
    return "" if math.isnan(row.error) else f", {mean_error(row)}, {signed_error(row.bias, row.unit)}"


def _photo_source(picture: RgbImage) -> str:
    """Return (H, W, 3) uint8 RGB as a JPEG inside an address."""
    return _source(picture, "jpeg", quality=JPEG_QUALITY)


def _map_source(picture: RgbImage) -> str:
    """Return (H, W, 3) uint8 RGB, every pixel kept, as a lossless WebP inside an address: half of a PNG."""
    return _source(picture, "webp", lossless=True, method=0, quality=0)  # quality: effort


def _source(picture: RgbImage, form: str, **options: int) -> str:
    stream = BytesIO()
    Image.fromarray(picture).save(stream, form, **options)
    return f"data:image/{form};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
