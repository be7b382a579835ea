"""Tab "Video": the depth of a clip, and how much it flickers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import gradio as gr

from depth_demo.formats.clips import CLIP_FORMATS_TEXT, ENDINGS, MAX_FRAMES, MAX_S, MAX_SIDE
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.address import Shareable
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.clips import ClipResult, cost_in_words, run_clip
from depth_demo.ui.endpoints import documented, later_fields, model_field
from depth_demo.ui.inputs import ModelInputs, color_map_input, in_sentences, model_inputs, own
from depth_demo.ui.models import AUTO
from depth_demo.ui.outputs import ClipInput, Downloads, Frames, picture
from depth_demo.ui.run import MODEL_QUEUE, PRIVATE, SILENT, Values, in_turn, wire_run
from depth_demo.ui.shared import Shared
from depth_demo.wording.files import clip_files_say
from depth_demo.wording.terms import explained

TAKEN = (
    f"{CLIP_FORMATS_TEXT}. The app takes up to {MAX_FRAMES} frames of the first {MAX_S:g} s, evenly spaced, and shrinks "
    f"them to {MAX_SIDE} px on the longer side."
)


class VideoTab:
    """The tab's fields and results, laid out and wired."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Row():
            with gr.Column(scale=4, min_width=320, elem_id="video-inputs"):
                clip = ClipInput(label="Clip, or the NPZ of an earlier result", file_types=[*ENDINGS, ".npz"], height=120)
                own(clip)
                gr.Markdown(TAKEN)
                run = gr.Button("Estimate depth of the clip", variant="primary")
                stop = gr.Button("Stop", variant="stop", elem_id="video-stop")
                self.chosen: ModelInputs = model_inputs(asks=False)
                cost = gr.Markdown(elem_id="video-cost")
            with gr.Column(scale=6, min_width=320, elem_id="video-result"):
                self._lay_out_results()
        model = self.chosen
        asked = [model.model, model.resolution]
        gr.on([model.model.change, model.resolution.change], cost_in_words, asked, cost, queue=False, **SILENT)
        inputs = [clip, model.model, model.input_size, model.resolution, self.color_map, model.steps, model.members]
        outputs = [*self.shown, self.words, self.summary, self.result, self.files]
        runs = wire_run("video", MODEL_QUEUE, run, self.on_run, inputs, outputs, told=[self.words])
        ended = "() => (depthDemo.failed('video'), [])"
        stop.click(partial(self.blank, outputs), None, outputs, cancels=runs, js=ended, queue=False, **SILENT)
        fields = model.fields | {"color_map": self.color_map}
        self.shareable = Shareable("video", "video", fields, {})
        self.shareable.watch()
        gr.Button(visible=False).click(
            self.on_video,
            [clip, model_field(phone=False), model.resolution, model.input_size, self.color_map, *later_fields()[:2]],
            [self.files, self.summary],
            api_name="video",
            **in_turn(MODEL_QUEUE),
        )

    def _lay_out_results(self) -> None:
        self.result = gr.State(time_to_live=KEPT_S)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Frames"):
                self.words = gr.Markdown(label="Flicker", elem_id="video-words")
                with gr.Row():
                    self.frame, self.map = picture("Frame"), picture("Depth")
                with gr.Row(elem_id="video-player"):
                    play = gr.Button("Play", elem_id="video-play", scale=0, min_width=110)
                    self.number = gr.Slider(1, MAX_FRAMES, 1, step=1, label="Frame", buttons=[], min_width=200)
                self.line = gr.Markdown(elem_id="video-line")
                self.color_map = color_map_input()
                self.summary = gr.Markdown(label="Summary")  # last: its length is known late, and it moves nothing
                self.pictures = Frames(elem_id="video-pictures", show_label=False)
                following = gr.Button(elem_id="video-next", elem_classes="trigger")
            with gr.Tab("Files"):
                gr.Markdown(clip_files_say())
                write = gr.Button("Write the video and the maps", variant="secondary")
                self.files = Downloads(label="Files", file_count="multiple", interactive=False, elem_id="video-files")
        shown = [self.frame, self.map, self.line]
        # The page does these by itself.
        self.number.change(None, [self.number, self.pictures], shown, js="depthDemo.showFrame", **SILENT)
        following.click(None, [self.number, self.pictures], [self.number, *shown], js="depthDemo.nextFrame", **SILENT)
        play.click(None, self.pictures, None, js="depthDemo.playOrPause", **SILENT)
        drawn = self.color_map.change(self.on_color_map, [self.result, self.color_map], self.pictures, **PRIVATE)
        drawn.then(None, [self.number, self.pictures], shown, js="depthDemo.showFrame", **SILENT)
        written = write.click(self.on_write, [self.result, self.color_map], self.files, **PRIVATE)
        written.success(js="() => depthDemo.download('video-files')", **SILENT)
        self.shown = [*shown, self.number, self.pictures]

    def blank(self, outputs: list[gr.components.Component]) -> Values:
        """Return a result's place without a result."""
        return dict.fromkeys(outputs) | {self.number: gr.Slider(value=1)}

    @in_sentences
    def on_run(
        self,
        clip: str | None,
        model: str,
        input_size: int | None,
        resolution: str,
        color_map: str,
        steps: float | None = 0,
        members: float | None = 0,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        """Show the clip's frames and maps when all are there; in between, a run can be stopped."""
        for result in run_clip(self.shared, clip, AskedModel(model, input_size, resolution, steps, members), progress):
            if result is None:
                yield {self.words: gr.skip()}
                continue
            pictures = result.pictures(color_map)
            (frame, line), (depth, _) = pictures[:2]
            yield {
                self.frame: frame,
                self.map: depth,
                self.line: line,
                self.number: gr.Slider(value=1, maximum=len(pictures) // 2),
                self.pictures: pictures,
                self.words: explained(result.words),
                self.summary: explained(result.summary),
                self.result: result,
                self.files: None,
            }

    def on_color_map(self, result: ClipResult | None, color_map: str) -> object:
        """Draw all maps in other colours."""
        return result.pictures(color_map) if result else gr.skip()

    @in_sentences
    def on_write(self, result: ClipResult | None, color_map: str) -> object:
        """Write the files of a result."""
        if result is None:
            raise ValueError("There is no result yet: run it first.")
        return partial(result.save, color_map)

    @in_sentences
    @documented
    def on_video(
        self,
        clip: str | None,
        model: str = AUTO,
        resolution: str = AS_PUBLISHED,
        input_size: int | None = AS_TRAINED,
        color_map: str = COLOR_MAPS[0],
        steps: float | None = 0,
        members: float | None = 0,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[object, str]:
        """Estimate the depth of a short video, and measure how much the maps flicker.

        Models of videos (video-depth-anything-small, depthcrafter) see all frames at once; others see one after the other.

        Up to 32 frames of the first 10 s are taken, evenly spaced, at up to 512 px on the longer side.

        Args:
            clip: The video: MP4, MOV, WebM, MKV, AVI or animated GIF, up to 200 MB and 4K. Or the NPZ of an earlier result.
            model: Name of the model. auto takes depth-anything-v2-small, or depth-demo-tiny, which is bundled, where the
                weights cannot be had. The summary says which one ran.
            resolution: How finely the network looks: "fast", "as published" or "fine". An input_size above 0 overrules it.
            input_size: Short side that the network sees [px]: for Depth Anything V1 and V2 a multiple of 14, 168 to 1036. Of
                other models, the refusal of a size names those that they take. 0 uses the resolution.
            color_map: Colours of the maps in the MP4.
            steps: Of removing noise, for models that draw their answer; 0 takes the model's own number.
            members: Answers that such a model draws and merges for each frame; 0 takes one.

        Returns:
            files: Frames and maps side by side (MP4, VP9, the first file), and all maps as float32 with frames, times_s, kind
                and model (NPZ).
            summary: The flicker in percent of the clip's range, what was taken of the clip, and which model ran, where and
                how long.
        """
        *_, result = run_clip(self.shared, clip, AskedModel(model, input_size, resolution, steps, members), progress)
        if result is None:
            raise ValueError("The clip gave no result: please try again.")
        return partial(result.save, color_map), f"{result.words}\n\n{result.summary}"
