"""Tab "Compare": one camera and two, against ground truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import get_args

import gradio as gr

from depth_demo import pipeline
from depth_demo.examples import Example, find_example
from depth_demo.formats.photos import load_views
from depth_demo.formats.truth import TruthKind, load_ground_truth
from depth_demo.geometry import RgbImage, StereoPair, megapixels
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED
from depth_demo.monocular.models import DEFAULT_MODEL
from depth_demo.render.boxes import legend
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.render.region_bars import render_region_bars
from depth_demo.serving.blocks import KEPT_S
from depth_demo.serving.request_log import note
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.estimates import KeptEstimator, input_size_for
from depth_demo.ui.inputs import (
    ModelInputs,
    calibration_from,
    calibration_inputs,
    color_map_input,
    detail_input,
    example_cards,
    forget_earlier,
    in_sentences,
    matcher_inputs,
    model_inputs,
    own,
    photo_input,
    stereo_values,
    whole_table,
    with_settings,
)
from depth_demo.ui.models import SHELF
from depth_demo.ui.outputs import Downloads, Pictures, Surface, fit_plots, picture
from depth_demo.ui.panels.alignment import build_alignment_panel
from depth_demo.ui.panels.fusion import build_fusion_panel
from depth_demo.ui.panels.preflight import preflight_panel
from depth_demo.ui.panels.probe import build_probe_panel
from depth_demo.ui.results import BOX_HEADERS, CompareResult
from depth_demo.ui.run import MODEL_QUEUE, compute_on
from depth_demo.ui.saving import DOWNLOADS_SAY, save_with_report
from depth_demo.wording.scores import HEADERS, score_table, why_no_boxes

MAPS = ("Left view", "Truth", "Monocular", "Stereo", "SSIM, monocular", "SSIM, stereo")
EACH_BOX = "Each box: photo, reference, method"
BOXES_SAY = (
    "Boxes: where a method loses most structure, measured as 1 - SSIM with holes losing all; at most five each, "
    "M of the monocular map, S of stereo, 1 the worst."
)


@in_sentences
@with_settings
def on_compare(
    left: str | None,
    right: str | None,
    ground_truth: str | None,
    focal_length_px: float = 0,
    baseline_m: float = 0,
    doffs_px: float = 0,
    model: str = DEFAULT_MODEL,
    input_size: int | None = AS_TRAINED,
    settings: SgbmSettings = SgbmSettings(),  # noqa: B008
    truth_kind: TruthKind = "recognised",
    truth_scale: float = 0,
    color_map: str = COLOR_MAPS[0],
    detail: str = "standard",
    resolution: str = AS_PUBLISHED,
    progress: gr.Progress = gr.Progress(),  # noqa: B008
) -> tuple[object, ...]:
    """Estimate depth from the left view, match both views, and score both against ground truth if there is one.

    Args:
        left: View of the camera on the left.
        right: View of the camera on the right, of the same size.
        ground_truth: Disparity or depth of the left view: PNG, PGM, PFM, NPY or NPZ. Without one, the estimate is set against
            confident stereo.
        focal_length_px: Focal length [px]; needed for truth in metres and for scores in metres.
        baseline_m: Distance of the two cameras [m].
        doffs_px: Difference of the principal points' columns [px].
        model: Name of the monocular model, such as depth-anything-v2-small, or depth-demo-tiny, which is bundled.
        input_size: Short side that the network sees [px], a multiple of 14; 0: by the resolution.
        truth_kind: recognised, disparity or depth.
        truth_scale: Stored value per px or m; 0: 256 for unsigned 16-bit numbers, else 1.
        color_map: Inferno, Turbo, Viridis or Gray.
        detail: Of the surfaces: coarse, standard or fine.
        resolution: fast, as published (with fewer pixels for views wider than 2:1) or fine.
    """
    progress(0.0, "Reading the images")
    camera = calibration_from(focal_length_px, baseline_m, doffs_px)
    views = load_views(left, right)
    truth = load_ground_truth(ground_truth, truth_kind, truth_scale or None) if ground_truth else None
    example = find_example(left, right, ground_truth) if truth else None
    pair = StereoPair(*views, camera, truth.depth_map if truth else None, labels=example.labels if example else None)
    note(megapixels=megapixels(pair.left), model=model)
    progress(0.1, "Loading the model")
    loaded = SHELF.get(model, progress)
    chosen = input_size_for(pair.left, loaded.spec, resolution, input_size)
    estimator = KeptEstimator(loaded, chosen.pixels)
    progress(0.3, f"Matching. {estimator.announce(pair.left)}. Scoring")
    comparison = pipeline.compare(pair, estimator, settings)
    comparison = replace(comparison, estimate=estimator.latest)
    result = CompareResult(comparison, loaded.spec, loaded.device_name, truth.description if truth else "", chosen)
    save = partial(save_with_report, result, (left, right, ground_truth), loaded.sha256, color_map)
    progress(0.9, "Drawing")
    return shown(result, color_map, detail, save)


def shown(result: CompareResult, color_map: str, detail: str, save: Callable[[Path], Sequence[Path]]) -> tuple[object, ...]:
    """The values of all outputs, in their order."""
    return (
        score_table(result.comparison),
        *six(result.maps(color_map)),
        result.box_table(),
        *result.surfaces(detail),
        result.summary(),
        save,
        result,
        result.words(),
        result.box_crops(color_map),
        render_region_bars(result.comparison),
    )


def on_color_map(result: CompareResult | None, color_map: str) -> object:
    return (*six(result.maps(color_map)), result.box_crops(color_map)) if result else tuple(gr.skip() for _ in range(7))


def on_detail(result: CompareResult | None, detail: str) -> object:
    return result.surfaces(detail) if result else (gr.skip(), gr.skip())


def six(maps: Mapping[str, RgbImage]) -> list[RgbImage | None]:
    """The pictures for the six fields; without truth there is no SSIM of stereo."""
    return [*maps.values(), *[None] * (len(MAPS) - len(maps))]


def on_judge(result: CompareResult | None) -> tuple[gr.Image, gr.Image, gr.Gallery]:
    """The second map is called what it is; the last is hidden where stereo is not judged; no boxes have their reason."""
    judge, judged = (result.judge, result.comparison.stereo is not None) if result else ("Truth", True)
    boxes = f"No box: {why_no_boxes(result.comparison)}" if result and not result.comparison.failures else EACH_BOX
    return gr.Image(label=judge, alt_text=judge), gr.Image(visible=judged), gr.Gallery(label=boxes)


def build_compare_tab(examples: Sequence[Example]) -> ModelInputs:
    """Lay out the tab and wire it, but for the choice of a model."""
    cards = example_cards(examples)
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_id="compare-inputs"):
            with gr.Row():
                left, right = photo_input("Left view"), photo_input("Right view")
            truth = gr.File(label="Ground truth, optional", height=110)
            own(truth)
            run = gr.Button("Compare", variant="primary")
            preflight = preflight_panel()
            with gr.Row():
                truth_kind = gr.Dropdown(list(get_args(TruthKind)), value="recognised", label="Truth holds", min_width=120)
                truth_scale = gr.Number(0, label="Stored value per px or m", info="0: recognised.", min_width=120)
            chosen = model_inputs()
            calibration = calibration_inputs()
            matcher = matcher_inputs()
            preflight.watch([left, right], matcher)
            forget_earlier([left, right], calibration, examples, [truth])
        with gr.Column(scale=6, min_width=320, elem_id="compare-result"):
            words, outputs, view = build_results()
    model = chosen.model, chosen.input_size
    inputs = [left, right, truth, *calibration, *model, *matcher, truth_kind, truth_scale, *view, chosen.resolution]
    contents = [
        stereo_values(example, [left, right], calibration, matcher)
        | {truth: str(example.disparity), truth_kind: "recognised", truth_scale: 0}
        for example in examples
    ]
    compute_on(
        run, cards, contents, on_compare, inputs, outputs, api_name="compare", queue=MODEL_QUEUE, told=[words],
        chosen=chosen,
    )  # fmt: skip
    return chosen


def build_results() -> tuple[gr.Markdown, list[gr.components.Component], tuple[gr.Dropdown, gr.Radio]]:
    """Lay out and wire what a comparison shows: what stands first, all in the order of `shown`, and colours and detail."""
    words = gr.Markdown(label="Strengths and weaknesses", min_height=90)
    result = gr.State(time_to_live=KEPT_S)
    with gr.Tabs(overflow_behavior="wrap") as tabs:
        with gr.Tab("Maps"):
            gr.HTML(f"<p>{BOXES_SAY}<br>{legend()}</p>")
            with gr.Row():
                maps = [picture(title) for title in MAPS]
            color_map = color_map_input()
            build_probe_panel(maps, result)
        with gr.Tab("Scores"):
            scores = whole_table("Scores", HEADERS, ["136px", "114px", "78px", "78px", "300px"])
            summary = gr.Markdown(label="Summary")
        with gr.Tab("Boxes"):
            gallery, boxes = box_fields()
        with gr.Tab("Regions"):
            bars = gr.Plot(label="Errors by region, definitions on hover", min_width=300)
        with gr.Tab("Surfaces"):
            detail = detail_input()
            surfaces = [Surface(label=f"Surface, {method}", min_width=300) for method in ("monocular", "stereo")]
        with gr.Tab("Alignment"):
            build_alignment_panel(result)
        with gr.Tab("Fused"):
            build_fusion_panel(result, color_map)
        with gr.Tab("Report"):
            gr.Markdown(DOWNLOADS_SAY)
            downloads = Downloads(label="Report and maps", file_count="multiple", interactive=False)
    fit_plots(tabs)
    color_map.change(on_color_map, [result, color_map], [*maps, gallery], api_visibility="private")
    result.change(on_judge, result, [maps[1], maps[-1], gallery], api_visibility="private", show_progress="hidden")
    detail.change(on_detail, [result, detail], surfaces, api_visibility="private")
    outputs = [scores, *maps, boxes, *surfaces, summary, downloads, result, words, gallery, bars]
    return words, outputs, (color_map, detail)


def box_fields() -> tuple[Pictures, gr.Dataframe]:
    """Every box as a strip of pictures, and all as a table."""
    gallery = Pictures(
        label=EACH_BOX,
        elem_classes="crops",
        columns=2,
        height="auto",
        object_fit="contain",
        interactive=False,
        buttons=["fullscreen"],
    )
    with gr.Accordion("The boxes as a table", open=False):
        boxes = whole_table(
            "Boxes, worst first", BOX_HEADERS, ["88px", "48px", "102px", "50px", "58px", "88px", "68px", "94px", "92px"]
        )
    return gallery, boxes
