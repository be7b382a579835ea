"""Tab "Compare": one camera and two, against ground truth."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import gradio as gr
import plotly.graph_objects as go

from depth_demo import exports, pipeline
from depth_demo.evaluation.alignment import looks_like_depth, scale_mismatch
from depth_demo.examples import Example
from depth_demo.files import TruthKind, load_ground_truth, load_photo
from depth_demo.geometry import DepthMap, RgbImage, StereoPair, choose_focal_length, surface_depth
from depth_demo.monocular.catalog import DEFAULT_MODEL, Row
from depth_demo.monocular.resolution import AS_TRAINED
from depth_demo.render.maps import COLOR_MAPS, draw_boxes, render_map, render_photo, render_ssim, value_range
from depth_demo.render.scores import HEADERS, score_table
from depth_demo.render.surface import far_limit, render_surface
from depth_demo.stereo.matching import SgbmSettings, range_text
from depth_demo.ui.components import (
    KEPT_S,
    Downloads,
    ModelInputs,
    calibration_from,
    calibration_inputs,
    compute_on,
    example_cards,
    in_sentences,
    matcher_inputs,
    model_inputs,
    note_on,
    photo_input,
    stereo_values,
    view_inputs,
    with_settings,
)
from depth_demo.ui.models import SHELF

BOX_HEADERS = ("Method", "Box", "x, y [px]", "Loss [%]")


@dataclass(frozen=True, slots=True, eq=False)
class CompareResult:
    """Everything that the tab shows, so that another view computes nothing again."""

    comparison: pipeline.Comparison
    model: Row
    device: str
    truth_text: str

    def monocular_map(self) -> DepthMap:
        """Aligned to pixels; the raw map when it cannot be aligned, which the summary says."""
        return self.comparison.aligned or self.comparison.estimate.depth_map

    def maps(self, color_map: str) -> tuple[RgbImage, ...]:
        """The left view; truth, monocular and stereo in the truth's colours; SSIM of both, with boxes."""
        truth, limits = self.comparison.truth, value_range(self.comparison.truth)
        truth_picture = render_map(truth, color_map, limits)
        both = (self.comparison.monocular, self.comparison.stereo)
        return (
            render_photo(self.comparison.match.pair.left, under=truth_picture),
            truth_picture,
            render_map(self.monocular_map(), color_map, limits if self.comparison.aligned else None),
            render_map(self.comparison.match.disparity, color_map, limits),
            *(draw_boxes(render_ssim(scores.fair.ssim_map), scores.failures, truth.shape[1]) for scores in both),
        )

    def box_table(self) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = [
            (method, rank, f"{box.left}..{box.right}, {box.top}..{box.bottom}", round(box.loss_share, 1))
            for method, scores in (("Monocular", self.comparison.monocular), ("Stereo", self.comparison.stereo))
            for rank, box in enumerate(scores.failures, start=1)
        ]
        return found or [("none found", "", "", "")]

    def surfaces(self, detail: str) -> tuple[go.Figure, go.Figure]:
        """Both from the same camera to the same limit; a monocular map that could not be aligned has its own limit."""
        pair, truth, aligned = self.comparison.match.pair, self.comparison.truth, self.comparison.aligned
        camera = pair.calibration
        focal = choose_focal_length(camera.focal_length_px if camera else 0, None, pair.left).pixels
        unit_px = value_range(truth)[1]
        far = far_limit(surface_depth(truth, camera, unit_px)[0])

        def surface(depth_map: DepthMap, far: float | None) -> go.Figure:
            return render_surface(*surface_depth(depth_map, camera, unit_px), pair.left, focal, detail, far)

        return surface(self.monocular_map(), far if aligned else None), surface(self.comparison.match.disparity, far)

    def summary(self) -> str:
        match, fit = self.comparison.match, self.comparison.monocular.fair.alignment
        windows = self.comparison.stereo.fair.windows
        shown = "" if self.comparison.aligned else "; the map is shown as it came"
        ssim = (
            f"fair SSIM is over {windows:,} windows, {100 * windows / self.comparison.truth.values.size:.1f} % of the picture."
            if windows
            else "The truth is too sparse for SSIM: no 7x7 window is wholly known."
        )
        return (
            f"**Truth**: {self.truth_text}\n\n"
            f"**Monocular**: {self.model.title}, {self.comparison.estimate.seconds:.2f} s on {self.device}; "
            f"fitted to the truth: {fit}{shown}.{note_on(self.model)}\n\n"
            f"**Stereo**: {range_text(match.settings, match.pair.left)}, {match.seconds:.2f} s; "
            f"{match.coverage:.1f} % of the pixels matched.{self.scale_hint()}\n\n"
            f"Scores marked *fair* put both methods in pixels of disparity and judge them on the same pixels; {ssim} "
            f"Those marked *report* are computed as in the written comparison, whose min-max scaling flatters "
            f"the monocular map."
        )

    def scale_hint(self) -> str:
        if looks_like_depth(self.comparison.truth, self.comparison.match.disparity):
            return " **The truth shrinks where the match grows: if it holds depth in metres, choose 'Truth holds: depth'.**"
        ratio = scale_mismatch(self.comparison.truth, self.comparison.match.disparity)
        if ratio is None:
            return ""
        return f" **The truth is about {ratio:.2g} times the matched disparity: is the stored value per px right?**"

    def save(self, folder: Path) -> list[Path]:
        report = {
            "scores": [dict(zip(HEADERS, row, strict=True)) for row in score_table(self.comparison)],
            "failure_boxes": [dict(zip(BOX_HEADERS, row, strict=True)) for row in self.box_table()],
            "alignment": str(self.comparison.monocular.fair.alignment),
            "model": self.model.title,
            "matcher": dataclasses.asdict(self.comparison.match.settings),
            "truth": self.truth_text,
        }
        path = folder / "scores.json"
        path.write_text(json.dumps(report, indent=2) + "\n")
        maps = (
            ("monocular", self.monocular_map(), self.model.title),
            ("stereo", self.comparison.match.disparity, "stereo"),
            ("truth", self.comparison.truth, "truth"),
        )
        return [path, *(file for stem, m, source in maps for file in exports.save_map(folder, stem, m, source))]


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
    progress: gr.Progress = gr.Progress(),  # noqa: B008
) -> tuple[object, ...]:
    """Estimate depth from the left view, match both views, and score both against ground truth.

    Args:
        left: View of the camera on the left.
        right: View of the camera on the right, of the same size.
        ground_truth: Disparity or depth of the left view: PNG, PGM, PFM, NPY or NPZ.
        focal_length_px: Focal length [px]; needed for truth in metres and for scores in metres.
        baseline_m: Distance of the two cameras [m].
        doffs_px: Difference of the principal points' columns [px].
        model: Name of the monocular model, such as depth-anything-v2-small, or depth-demo-tiny, which is bundled.
        input_size: Short side that the network sees [px], a multiple of 14; 0: as the model was trained.
        truth_kind: recognised, disparity or depth.
        truth_scale: Stored value per px or m; 0: 256 for 16-bit images, else 1.
        color_map: Inferno, Turbo, Viridis or Gray.
        detail: coarse, standard or fine.
    """
    progress(0.0, "Reading the images")
    camera = calibration_from(focal_length_px, baseline_m, doffs_px)
    views = load_photo(left).pixels, load_photo(right).pixels
    truth = load_ground_truth(ground_truth, truth_kind, truth_scale or None)
    pair = StereoPair(*views, camera, truth.depth_map)
    progress(0.1, "Loading the model")
    estimator = SHELF.get(model, progress)
    progress(0.3, "Matching, estimating and scoring")
    comparison = pipeline.compare(pair, partial(estimator, input_size=input_size), settings)
    result = CompareResult(comparison, estimator.checkpoint, estimator.device_name, truth.description)
    progress(0.9, "Drawing")
    return (
        score_table(comparison),
        *result.maps(color_map),
        result.box_table(),
        *result.surfaces(detail),
        result.summary(),
        result.save,
        result,
    )


def on_color_map(result: CompareResult | None, color_map: str) -> object:
    return result.maps(color_map) if result else tuple(gr.skip() for _ in range(6))


def on_detail(result: CompareResult | None, detail: str) -> object:
    return result.surfaces(detail) if result else (gr.skip(), gr.skip())


def build_compare_tab(examples: Sequence[Example]) -> ModelInputs:
    """Lay out the tab and wire it, but for the choice of a model."""
    cards = example_cards(examples)
    with gr.Row():
        with gr.Column(scale=4, min_width=320):
            with gr.Row():
                left, right = photo_input("Left view"), photo_input("Right view")
            truth = gr.File(label="Ground truth (PNG, PGM, PFM, NPY, NPZ)", height=110)
            run = gr.Button("Compare", variant="primary")
            with gr.Row():
                truth_kind = gr.Dropdown(list(get_args(TruthKind)), value="recognised", label="Truth holds", min_width=120)
                truth_scale = gr.Number(0, label="Stored value per px or m", info="0: recognised.", min_width=120)
            chosen = model_inputs()
            calibration = calibration_inputs()
            matcher = matcher_inputs()
        with gr.Column(scale=6, min_width=320):
            scores = gr.Dataframe(
                elem_id="compare-result",
                elem_classes="table",
                headers=list(HEADERS),
                label="Scores",
                wrap=True,
                max_height=1000,
                column_widths=["25%", "17%", "15%", "43%"],
            )
            summary = gr.Markdown(label="Summary")
            color_map, detail = view_inputs()
            with gr.Row():
                photo, truth_picture = picture("Left view"), picture("Truth")
            with gr.Row():
                monocular_picture, stereo_picture = picture("Monocular"), picture("Stereo")
            with gr.Row():
                pictures = picture("SSIM, monocular"), picture("SSIM, stereo")
            boxes = gr.Dataframe(
                elem_classes="table",
                headers=list(BOX_HEADERS),
                label="Red boxes: where a method loses most structure, of all that it has",
            )
            with gr.Row():
                surfaces = gr.Plot(label="Surface, monocular", min_width=300), gr.Plot(label="Surface, stereo", min_width=300)
            downloads = Downloads(label="Report and maps", file_count="multiple", interactive=False)
    result = gr.State(time_to_live=KEPT_S)
    maps = [photo, truth_picture, monocular_picture, stereo_picture, *pictures]
    outputs = [scores, *maps, boxes, *surfaces, summary, downloads, result]
    model = chosen.model, chosen.input_size
    inputs = [left, right, truth, *calibration, *model, *matcher, truth_kind, truth_scale, color_map, detail]
    contents = [
        stereo_values(example, [left, right], calibration, matcher)
        | {truth: str(example.disparity), truth_kind: "recognised", truth_scale: 0}
        for example in examples
    ]
    compute_on(run, cards, contents, on_compare, inputs, outputs, api_name="compare", queue="model", chosen=chosen)
    color_map.change(on_color_map, [result, color_map], maps, api_visibility="private")
    detail.change(on_detail, [result, detail], list(surfaces), api_visibility="private")
    return chosen


def picture(label: str) -> gr.Image:
    return gr.Image(label=label, format="png", buttons=["fullscreen"], alt_text=label, interactive=False, min_width=240)
