"""Tab "Stereo": depth from two images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import gradio as gr

from depth_demo.examples import Example
from depth_demo.formats.pairs import load_two_views
from depth_demo.geometry import Calibration, StereoPair, megapixels
from depth_demo.render.files import photo_name
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.serving.blocks import KEPT_S
from depth_demo.serving.request_log import note
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import default_matcher
from depth_demo.ui.address import Shareable
from depth_demo.ui.calibration import ReadFile, calibration_from, calibration_inputs, nothing_read
from depth_demo.ui.endpoints import ASK, SQUEEZED, documented, plots_field, squeezed_field
from depth_demo.ui.files import download_button
from depth_demo.ui.inputs import (
    color_map_input,
    detail_input,
    example_cards,
    forget_earlier,
    in_sentences,
    photo_input,
    stereo_values,
)
from depth_demo.ui.matcher_form import form_names, matcher_inputs, with_settings
from depth_demo.ui.outputs import Downloads, Surface, picture_slider
from depth_demo.ui.panels.families import build_families_panel
from depth_demo.ui.panels.pair_file import pair_file_panel
from depth_demo.ui.panels.preflight import preflight_panel
from depth_demo.ui.panels.rectify import rectify_panel
from depth_demo.ui.rectify_endpoint import rectify_endpoint
from depth_demo.ui.rectifying import RectifiedPair, camera_of, current
from depth_demo.ui.run import MATCHER_QUEUE, PRIVATE, SILENT, Values, in_turn, lazy_tab, wire_run
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.stereo_result import HOLES, StereoResult
from depth_demo.wording.files import files_say
from depth_demo.wording.terms import explained


class StereoTab:
    """The tab's fields and results, laid out and wired."""

    def __init__(self, examples: Sequence[Example], shared: Shared) -> None:
        self.shared = shared
        cards = example_cards(examples)
        with gr.Row():
            with gr.Column(scale=4, min_width=320, elem_id="match-inputs"):
                with gr.Row():
                    left, right = photo_input("Left view"), photo_input("Right view")
                pair_file = pair_file_panel("match")
                self.rectifying = rectifying = rectify_panel("match")
                run = gr.Button("Match", variant="primary")
                self.onward = gr.Button("Take this pair to Compare", size="sm")
                preflight = preflight_panel()
                camera = calibration_inputs(left)
                calibration = camera.numbers
                cards.click(nothing_read, None, [*camera.beside, camera.file], queue=False, **SILENT)
                matcher = matcher_inputs()
                checks = preflight.watch("match", [left, right], matcher, examples, shared.matches.inspect, rectifying.made)
                checked = preflight.checked, checks
                rectifying.watch("match", [left, right], camera, *checked, matcher.all, shared.matches.match)
                forget_earlier([left, right], calibration, examples)
                pair_file.watch([left, right], calibration, cards)
            with gr.Column(scale=6, min_width=320, elem_id="match-result"):
                self._lay_out_results()
        build_families_panel(left, right, matcher, self.color_map, rectifying.made)
        inputs = [left, right, *calibration, *matcher.default, self.holes, self.color_map]
        contents = {example.name: stereo_values(example, [left, right], calibration, matcher) for example in examples}
        settings = dict(zip(form_names(), matcher.all, strict=True))
        fields = settings | {"holes": self.holes, "color_map": self.color_map, "detail": self.detail}
        self.shareable = Shareable("stereo", "match", fields, contents)
        self.shareable.watch()
        self.pair, self.camera = [left, right, *calibration, *matcher.all], camera
        outputs = [self.disparity, self.depth, self.summary, self.result, self.downloads, *self.lazy.blank]
        wire_run(
            "match", MATCHER_QUEUE, run, self.on_run, [*inputs, camera.read, rectifying.made, *matcher.more], outputs,
            told=[self.disparity], cards=cards, contents=contents,
        )  # fmt: skip
        view = [self.result, self.holes, self.color_map]
        gr.on([self.color_map.change, self.holes.change], self.on_view, view, [self.disparity, self.depth], **PRIVATE)
        shape = [self.result, self.detail, self.holes]
        gr.on([self.detail.change, self.holes.change], self.on_shape, shape, [self.surface, self.lazy.drawn], **PRIVATE)
        gr.Button(visible=False).click(
            self.on_match, [*inputs, self.detail, plots_field(), squeezed_field(), *matcher.more],
            [self.disparity, self.depth, self.surface, self.downloads, self.summary],
            api_name="match", **in_turn(MATCHER_QUEUE),
        )  # fmt: skip
        rectify_endpoint()

    def _lay_out_results(self) -> None:
        self.result = gr.State(time_to_live=KEPT_S)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Map"):
                self.disparity = picture_slider("Left view | disparity")
                with gr.Row():
                    self.holes = gr.Radio(
                        list(HOLES), value=HOLES[0], label="Holes", info="Filled: from the farther neighbour in the row."
                    )
                    self.color_map = color_map_input()
                self.summary = gr.Markdown(label="Summary", elem_id="match-summary")
                self.depth = picture_slider("Left view | depth")
            with gr.Tab("Surface") as surface_tab:
                self.surface = Surface(label="Surface")
                self.detail = detail_input()
                view = [self.detail, self.holes]
                self.lazy = lazy_tab(surface_tab, "match", self.result, self.draw_surface, view, [self.surface])
            with gr.Tab("Files"):
                gr.Markdown(files_say("match"))
                label = "Download disparity, depth and the surface"
                self.downloads: Downloads = download_button(
                    "match", self.result, StereoResult.save, label, "stereo", [self.color_map]
                )

    def _match(
        self,
        left: str | None,
        right: str | None,
        camera: Calibration | None,
        settings: MatcherSettings,
        progress: gr.Progress,
        *,
        squeezed: bool | None = None,
        made: RectifiedPair | None = None,
    ) -> StereoResult:
        progress(0.0, "Reading the images")
        if made is None:
            views = load_two_views(left, right, squeezed=squeezed)
            pair, said = StereoPair(views.left, views.right, camera or views.camera), views.said
        else:
            pair, said = made.pair(camera), made.words(camera)
        note(megapixels=megapixels(pair.left), model=settings.method)
        progress(0.1, "Matching")
        match = self.shared.matches.match(pair, settings)
        return StereoResult(made.upright(match) if made else match, photo_name(left), said)

    @in_sentences
    @with_settings
    def on_run(
        self,
        left: str | None,
        right: str | None,
        focal_length_px: float,
        baseline_m: float,
        doffs_px: float,
        settings: MatcherSettings,
        holes: str,
        color_map: str,
        read: ReadFile | None,
        made: RectifiedPair | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        """Show the maps; the surface and the files are made when they are asked for."""
        made = current(made, left, right)
        camera = camera_of(made, focal_length_px, baseline_m, doffs_px, read)
        result = self._match(left, right, camera, settings, progress, made=made)
        disparity, depth = result.sliders(color_map, holes)
        yield {
            self.disparity: disparity,
            self.depth: gr.ImageSlider(depth, visible=depth is not None),  # without a calibration there is no depth
            self.summary: explained(result.summary()),
            self.downloads: None,
            **self.lazy.blank,
            self.result: result,
        }

    def draw_surface(self, result: StereoResult, detail: str, holes: str) -> Values:
        """Draw the content of the tab "Surface"."""
        return {self.surface: partial(result.surface, detail, holes)}

    def on_view(self, result: StereoResult | None, holes: str, color_map: str) -> object:
        """Draw the maps in other colours, or with their holes filled."""
        return result.sliders(color_map, holes) if result else (gr.skip(), gr.skip())

    def on_shape(self, result: StereoResult | None, detail: str, holes: str) -> object:
        """Draw the surface with more or fewer vertices, or with its holes filled."""
        return (partial(result.surface, detail, holes), result.token) if result else (gr.skip(), gr.skip())

    @in_sentences
    @with_settings
    @documented
    def on_match(
        self,
        left: str | None,
        right: str | None = None,
        focal_length_px: float = 0,
        baseline_m: float = 0,
        doffs_px: float = 0,
        settings: MatcherSettings = default_matcher().settings_type(),  # noqa: B008
        holes: str = HOLES[0],
        color_map: str = COLOR_MAPS[0],
        detail: str = "standard",
        plots: bool = False,  # noqa: FBT001, FBT002
        squeezed: str = ASK,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[object, ...]:
        """Match a rectified stereo pair with OpenCV's semi-global matching, into disparity and, with a calibration, metres.

        Disparity is how many pixels farther left a point stands in the right view; larger is nearer.

        Args:
            left: View of the camera on the left. Both views are rectified: a point stands in the same row of both.
            right: View of the camera on the right, of the same size. It may be left out where the left file holds both views:
                MPO, JPS, a spatial HEIC photo, or a picture with both side by side or one above the other.
            focal_length_px: Focal length [px]; 0 together with a baseline of 0 leaves out metres.
            baseline_m: Distance between the two cameras [m]; 0 together with a focal length of 0 leaves out metres.
            doffs_px: Column of the right principal point minus that of the left one [px]; 0 where both are the same.
            settings: Of the matcher, a parameter each.
            holes: "as matched" leaves holes empty, "filled" fills them from the farther neighbour in the row.
            color_map: Colours of the pictures of the maps.
            detail: How many vertices the surface has.
            plots: Whether to send the surface, some megabytes; false leaves it empty.
            squeezed: Whether both views as halves of one picture are squeezed to half their width or height: "yes" stretches
                them, "no" keeps their shape, "ask" takes the file's word, and says so where that is open.

        Returns:
            left_and_disparity: Two pictures of one size: the left view, and the disparity in colours; grey where nothing
                matched.
            left_and_depth: The same with the depth in metres; empty without a calibration.
            surface: A Plotly figure as JSON: the match as a surface in the photo's colours. Empty unless plots is true.
            files: Disparity and depth in colours (PNG, the first files), both in grey (8-bit PNG), then disparity [px], the
                same with holes filled, and depth [m], as numbers (NPY, PFM and TIFF, float32; 16-bit PNG with a JSON that
                explains it), how sure each pixel is (NPY, PNG), and the surface as points (PLY) and as triangles (GLB).
            summary: How one file with both views was read, how many pixels matched, how long it took, with which settings,
                and the range of the depth.
        """
        camera = calibration_from(focal_length_px, baseline_m, doffs_px)
        result = self._match(left, right, camera, settings, progress, squeezed=SQUEEZED[squeezed])
        surface = partial(result.surface, detail, holes) if plots else None
        return *result.sliders(color_map, holes), surface, partial(result.save, color_map), result.summary()
