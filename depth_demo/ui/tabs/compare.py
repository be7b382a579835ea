"""Tab "Compare": one camera and two, against ground truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, get_args

import gradio as gr

from depth_demo.examples import Example
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.truth import TruthKind
from depth_demo.geometry import StereoPair
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED
from depth_demo.monocular.phone import PHONE
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.render.region_bars import render_region_bars
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import default_matcher
from depth_demo.ui.address import Shareable
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.calibration import ReadFile, calibration_from, calibration_inputs, nothing_read
from depth_demo.ui.endpoints import ASK, SQUEEZED, documented, later_fields, model_field, plots_field, squeezed_field
from depth_demo.ui.inputs import (
    ModelInputs,
    example_cards,
    forget_earlier,
    in_sentences,
    model_inputs,
    own,
    photo_input,
    stereo_values,
)
from depth_demo.ui.matcher_form import form_names, matcher_inputs, with_settings
from depth_demo.ui.models import AUTO
from depth_demo.ui.outputs import TruthInput
from depth_demo.ui.panels.pair_file import pair_file_panel
from depth_demo.ui.panels.phone_map import phone_map_panel
from depth_demo.ui.panels.preflight import preflight_panel
from depth_demo.ui.panels.rectify import rectify_panel
from depth_demo.ui.rectifying import RectifiedPair, camera_of, current
from depth_demo.ui.results import CompareResult
from depth_demo.ui.run import MODEL_QUEUE, SILENT, Values, in_turn, wire_run
from depth_demo.ui.saving import save_with_report
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_button
from depth_demo.ui.tabs.compare_asked import Asked, reader
from depth_demo.ui.tabs.compare_runs import compare_at_once, steps
from depth_demo.ui.tabs.compare_steps import checked
from depth_demo.ui.tabs.compare_view import CompareView, scores_shown, surfaces
from depth_demo.wording.scores import score_table

MASK_SAYS = (
    "Middlebury's mask0nocc.png, KITTI's disp_noc, or a picture of 0 and 1, or of 0 and 255. "
    "The scores over the pixels that it counts come first in the table."
)


class CompareTab:
    """The tab's fields, laid out and wired; `CompareView` holds its results."""

    def __init__(self, examples: Sequence[Example], shared: Shared) -> None:
        self.shared = shared
        cards = example_cards(examples)
        with gr.Row():
            with gr.Column(scale=4, min_width=320, elem_id="compare-inputs"):
                with gr.Row():
                    left, right = photo_input("Left view"), photo_input("Right view")
                phone_map = phone_map_panel()
                pair_file = pair_file_panel("compare")
                truth = TruthInput(label="Ground truth, optional", height=110)
                own(truth)
                with gr.Accordion("Mask of the benchmark, optional", open=False):
                    mask = TruthInput(label="Mask: the pixels that its figures count", height=90)
                    gr.Markdown(MASK_SAYS)
                own(mask)
                self.rectifying = rectifying = rectify_panel("compare")
                run = gr.Button("Compare", variant="primary")
                stop_button()
                self.preflight = preflight = preflight_panel()
                with gr.Row():
                    readings = [*get_args(TruthKind), *((row.title, row.name) for row in ENCODINGS.values())]
                    truth_kind = gr.Dropdown(readings, value="recognised", label="Truth holds", min_width=120)
                    truth_scale = gr.Number(
                        0, label="Stored value per px or m", info="0 recognises it from the file and the pair.", min_width=120
                    )
                self.chosen: ModelInputs = model_inputs()
                camera = calibration_inputs(left)
                calibration = camera.numbers
                cards.click(nothing_read, None, [*camera.beside, camera.file], queue=False, **SILENT)
                matcher = matcher_inputs()
                checks = preflight.watch("compare", [left, right], matcher, examples, shared.matches.inspect, rectifying.made)
                phone_map.watch(left, rectifying.made)
                rectifying.watch(
                    "compare", [left, right, truth, mask], camera, preflight.checked, checks, matcher.all, shared.matches.match
                )  # fmt: skip
                forget_earlier([left, right], calibration, examples, [truth, mask])
                pair_file.watch([left, right], calibration, cards, [truth, mask])
            with gr.Column(scale=6, min_width=320, elem_id="compare-result"):
                self.view = CompareView(shared)
        view, model = self.view, self.chosen
        pair, rest = [left, right, truth, *calibration], [model.input_size, *matcher.default, truth_kind, truth_scale]
        inputs = [*pair, model.model, *rest, view.color_map, model.resolution, camera.read, mask]
        inputs += [phone_map.wanted, *model.later, rectifying.made, *matcher.more]
        asked = [
            *pair, model_field(), *rest, view.color_map, view.detail, model.resolution, plots_field(), mask,
            squeezed_field(), *later_fields(), *matcher.more,
        ]  # fmt: skip
        contents = {
            example.name: stereo_values(example, [left, right], calibration, matcher)
            | {truth: str(example.disparity), truth_kind: "recognised", truth_scale: 0, mask: None, phone_map.wanted: False}
            for example in examples
        }
        settings = dict(zip(form_names(), matcher.all, strict=True))
        fields = model.fields | settings | {"color_map": view.color_map, "detail": view.detail}
        self.shareable = Shareable("compare", "compare", fields, contents)
        self.shareable.watch()
        self.left, self.right, self.truth, self.calibration, self.matcher = left, right, truth, calibration, matcher
        self.camera, self.mask, self.phones_own, self.reading = camera, mask, phone_map.wanted, (truth_kind, truth_scale)
        wire_run(
            "compare", MODEL_QUEUE, run, self.on_run, inputs, view.outputs,
            told=[view.words], cards=cards, contents=contents, chosen=self.chosen, kept=view.kept,
        )  # fmt: skip
        for number, button in enumerate(view.readings):
            read_so = button.click(reader(number), view.result, [truth_kind, truth_scale], queue=False, **SILENT)
            read_so.then(None, js="() => document.getElementById('compare-run').click()", **SILENT)
        gr.Button(visible=False).click(
            self.on_compare, asked, view.endpoint_outputs, api_name="compare", **in_turn(MODEL_QUEUE)
        )

    @in_sentences
    @with_settings
    def on_run(
        self,
        left: str | None,
        right: str | None,
        ground_truth: str | None,
        focal_length_px: float,
        baseline_m: float,
        doffs_px: float,
        model: str,
        input_size: int | None,
        settings: MatcherSettings,
        truth_kind: str,
        truth_scale: float,
        color_map: str,
        resolution: str,
        read: ReadFile | None = None,
        mask: str | None = None,
        phones_own: bool = False,  # noqa: FBT001, FBT002
        steps_taken: float | None = 0,
        members: float | None = 0,
        patient: bool = False,  # noqa: FBT001, FBT002
        made: RectifiedPair | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        """Show each step as it ends, then words, maps and scores, then the probe; other tabs wait to be opened."""
        made = current(made, left, right)
        camera = camera_of(made, focal_length_px, baseline_m, doffs_px, read)
        chosen = AskedModel(PHONE if phones_own else model, input_size, resolution, steps_taken, members, patient)
        asked = Asked(
            (left, right, ground_truth), mask, camera, chosen, settings, truth_kind, truth_scale, rectified=made
        )  # fmt: skip

        def checks(pair: StereoPair) -> tuple[str, ...]:
            return checked(self.shared.matches.inspect(pair))

        for step in steps(self.shared, asked, progress, checks):
            if isinstance(step, CompareResult):
                yield self.view.first(step, color_map)
                yield self.view.probe.first(step)
            else:
                yield self.view.under_way(step, color_map)

    @in_sentences
    @with_settings
    @documented
    def on_compare(
        self,
        left: str | None,
        right: str | None = None,
        ground_truth: str | None = None,
        focal_length_px: float = 0,
        baseline_m: float = 0,
        doffs_px: float = 0,
        model: str = AUTO,
        input_size: int | None = AS_TRAINED,
        settings: MatcherSettings = default_matcher().settings_type(),  # noqa: B008
        truth_kind: str = "recognised",
        truth_scale: float = 0,
        color_map: str = COLOR_MAPS[0],
        detail: str = "standard",
        resolution: str = AS_PUBLISHED,
        plots: bool = False,  # noqa: FBT001, FBT002
        mask: str | None = None,
        squeezed: str = ASK,
        steps: float | None = 0,
        members: float | None = 0,
        patient: bool = False,  # noqa: FBT001, FBT002
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[object, ...]:
        """Estimate depth from the left view, match both views, and score both against ground truth if there is one.

        This tells where, how much and why one camera and two cameras fail.

        Args:
            left: View of the camera on the left. Both views are rectified: a point stands in the same row of both.
            right: View of the camera on the right, of the same size. It may be left out where the left file holds both views:
                MPO, JPS, a spatial HEIC photo, or a picture with both side by side or one above the other. Without any right
                view, the estimate from the left view alone is scored against the ground truth, and all about stereo is empty.
            ground_truth: Disparity or depth of the left view: PNG, PGM, TIFF, PFM, NPY, NPZ, DPT, COLMAP's .bin or a table as
                text, of the same shape. Without one, the estimate is set against the pixels where stereo is confident.
            focal_length_px: Focal length [px], needed for truth in metres and for scores in metres; 0 together with a baseline
                of 0 leaves out metres.
            baseline_m: Distance between the two cameras [m]; 0 together with a focal length of 0 leaves out metres.
            doffs_px: Column of the right principal point minus that of the left one [px]; 0 where both are the same.
            model: Name of the monocular model. auto takes depth-anything-v2-small, or depth-demo-tiny, which is bundled, where
                the weights cannot be had. The summary and the files say which one ran. phone takes the depth map that a phone
                kept inside a portrait photo, the left view, in the place of an estimate; a photo without one is refused.
            input_size: Short side that the network sees [px]: for Depth Anything V1 and V2 a multiple of 14, 168 to 1036. Of
                other models, the refusal of a size names those that they take. 0 uses the resolution.
            settings: Of the matcher, a parameter each.
            truth_kind: What the numbers of the truth are: "recognised" by file and pair, "disparity" [px], "depth" [m],
                "ray distance" [m] along the ray of each pixel, or an encoding.
            truth_scale: Stored value per px or m; 0 takes that of the encoding, or the one that the pair agrees with.
            color_map: Colours of the pictures of the maps.
            detail: How many vertices the surfaces have.
            resolution: How finely the network looks: "fast", "as published" (with fewer pixels for views wider than 2:1) or
                "fine". An input_size above 0 overrules it.
            plots: Whether to send the surfaces and the errors by region, some megabytes; false leaves them empty.
            mask: Which pixels of the truth a benchmark counts, such as Middlebury's mask0nocc.png or KITTI's disp_noc, in a
                format of the truth. The scores over these pixels come first. Without one, all truth counts.
            squeezed: Whether both views as halves of one picture are squeezed to half their width or height: "yes" stretches
                them, "no" keeps their shape, "ask" takes the file's word, and says so where that is open.
            steps: Of removing noise, for models that draw their answer (Marigold); 0 takes the model's own number.
            members: Answers that such a model draws and merges; 0 takes one.
            patient: Whether to wait for a model that takes more than a minute on this machine; false refuses it.

        Returns:
            scores: A table: each score of both methods, and what it says.
            left_view: The left view with a box around each failure.
            reference: What the methods are set against, in colours: the truth, or confident stereo without one.
            monocular: The monocular map, aligned to the reference where that is possible, in colours, with its boxes.
            stereo: The disparity in colours, with its boxes; grey where nothing matched.
            ssim_monocular: Where the structure of the monocular map is that of the reference: bright is good.
            ssim_stereo: The same for stereo; empty without a truth.
            failure_boxes: A table of the boxes: where, how much is lost, and the likely cause.
            surface_monocular: A Plotly figure as JSON: the monocular map as a surface. Empty unless plots is true.
            surface_stereo: The same for stereo.
            summary: How the truth and one file with both views were read, which model ran, the alignment, the matcher, and
                the image sizes.
            files: Both maps in colours (PNG, the first files), the report on one page (HTML), all scores and settings (JSON),
                both maps in grey (8-bit PNG), each map as numbers (NPY, PFM and TIFF, float32; 16-bit PNG with a JSON that
                explains it), and how sure each pixel of stereo and of the fused map is (NPY, PNG).
            findings: Strengths and weaknesses of both methods in sentences (Markdown).
            box_pictures: For each box: the photo, the reference and the failing map, side by side.
            errors_by_region: A Plotly figure as JSON: errors at edges, in occluded areas, and so on. Empty unless plots is
                true; the JSON file has its numbers.
        """
        camera = calibration_from(focal_length_px, baseline_m, doffs_px)
        files, chosen = (left, right, ground_truth), AskedModel(model, input_size, resolution, steps, members, patient)
        asked = Asked(files, mask, camera, chosen, settings, truth_kind, truth_scale, SQUEEZED[squeezed])
        result = compare_at_once(self.shared, asked, progress)
        result.comparison.complete()
        maps: list[Any] = self.view.six(result, color_map)
        return (
            scores_shown(result.comparison, score_table(result.comparison)),
            *maps,
            result.box_table(),
            *(surfaces(result, detail) if plots else (None, None)),
            result.summary(),
            partial(save_with_report, result, color_map),
            result.words(),
            result.box_crops(color_map),
            render_region_bars(result.comparison) if plots else None,
        )
