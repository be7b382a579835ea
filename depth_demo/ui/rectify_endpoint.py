"""The endpoint `/rectify`: two photos as people have them in, a rectified pair and its camera out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import gradio as gr

from depth_demo.geometry import megapixels
from depth_demo.render.files import photo_name
from depth_demo.render.rectified import save_rectified
from depth_demo.serving.request_log import note
from depth_demo.ui.calibration import FILE_TYPES
from depth_demo.ui.endpoints import documented
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.outputs import CalibrationInput, PhotoInput
from depth_demo.ui.rectifying import rectify_files
from depth_demo.ui.rigs import AS_THE_FILE_SAYS, UNIT_CHOICES, rig_of
from depth_demo.ui.run import MATCHER_QUEUE, in_turn
from depth_demo.wording.rectification import rectified_in_words

NO_RIG = (
    "The calibration holds no two cameras with K, D, R and T (or R1, R2 and P2), so the views cannot be rectified with it: "
    "leave it out, and give the focal length."
)


def rectify_endpoint() -> None:
    """Lay out the fields, which only programs see, and serve the endpoint."""
    views = [PhotoInput(label=f"{side} view", visible=False) for side in ("Left", "Right")]
    calibration = CalibrationInput(label="Calibration", file_types=FILE_TYPES, visible=False)
    focal = gr.Number(0, label="Focal length [px]", visible=False)
    unit = gr.Dropdown(UNIT_CHOICES, value=AS_THE_FILE_SAYS, label="Unit", visible=False)
    other = CalibrationInput(label="Calibration of the right camera", file_types=FILE_TYPES, visible=False)
    pictures = [gr.Image(label=f"Rectified {side} view", format="png", visible=False) for side in ("left", "right")]
    masks = gr.File(label="Masks", file_count="multiple", visible=False)
    camera = [gr.File(label=f"Camera as {kind}", visible=False) for kind in ("JSON", "YAML")]
    summary = gr.Markdown(visible=False)
    gr.Button(visible=False).click(
        Rectifier(views[0].GRADIO_CACHE).on_rectify, [*views, calibration, focal, unit, other],
        [*pictures, masks, *camera, summary],
        api_name="rectify", **in_turn(MATCHER_QUEUE),
    )  # fmt: skip


class Rectifier:
    """Answers the endpoint.

    Args:
        cache: A folder from which Gradio serves files.
    """

    def __init__(self, cache: str) -> None:
        self._cache = cache

    @in_sentences
    @documented
    def on_rectify(
        self,
        left: str | None,
        right: str | None,
        calibration: str | None = None,
        focal_length_px: float = 0,
        unit: str = AS_THE_FILE_SAYS,
        right_calibration: str | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[object, ...]:
        """Rectify two photos as people have them: turn the views until each point lies in the same row of both.

        Stereo matching, as by /match, looks along rows only. Without a calibration the right view alone is turned where that
        is enough, and all disparities share one constant that nobody knows; then there are no metres.

        Args:
            left: View of the camera on the left, or of the upper one.
            right: View of the camera on the right, or of the lower one. Without a calibration it may have another size.
            calibration: K, D, R and T of both cameras, or R1, R2 and P2: OpenCV's YAML, XML or JSON, Kalibr's camchain, or
                ROS' camera_info of the left camera. Without one, the photos' own matches tell how to turn the views.
            focal_length_px: Of the left photo [px], for a pair without a calibration; 0 reads it from the photo's EXIF data,
                or assumes a typical phone camera.
            unit: Of T in the calibration: "m", "cm", "mm", "in", "ft", or "as the file says".
            right_calibration: ROS' camera_info of the right camera, beside that of the left one.

        Returns:
            left_view: The rectified left view (PNG).
            right_view: The rectified right view (PNG), of the same size.
            masks: Where the left and the right view show something (PNG, 255), and where there is nothing but black (0).
                /match does not know of the black: leave out of its maps what these leave out.
            camera_json: Size, focal length, principal point, row gap and homographies; baseline_m and doffs_px are null where
                nobody knows them.
            camera_yaml: The same camera as OpenCV writes it; with a calibration P1, P2 and Q too, in metres.
            summary: What was done, the row gap before and after, how much of the views is left, and the error of depth to
                expect.
        """
        if left is None or right is None:
            raise ValueError("Rectifying takes both views: add the missing one.")
        progress(0.0, "Reading the images")
        files = [file for file in (calibration, right_calibration) if file is not None]
        rig = rig_of(files, unit)
        if files and rig is None:
            raise ValueError(NO_RIG)
        progress(0.2, "Rectifying")
        found, said = rectify_files(left, right, rig, focal_length_px)
        note(megapixels=megapixels(found.pair.left))
        Path(self._cache).mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._cache))
        first, second, *masks, json_file, yaml_file = map(str, save_rectified(folder, photo_name(left), found))
        words = rectified_in_words(found).replace(found.description, said, 1)
        return first, second, masks, json_file, yaml_file, words
