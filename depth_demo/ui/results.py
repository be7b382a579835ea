"""What a comparison shows on its tab, and what it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import plotly.graph_objects as go

from depth_demo.comparison.confidence import fused_confidence, stereo_confidence
from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.errors import BAD_FACTOR, BAD_PX
from depth_demo.evaluation.failures import Method
from depth_demo.formats.truth import Question
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, choose_focal_length
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.input_size import InputSize, network_size
from depth_demo.monocular.models import ModelSpec
from depth_demo.render.boxes import crops, draw_boxes
from depth_demo.render.files import save_coloured, save_confidence, save_grey, save_numbers
from depth_demo.render.frame import frame_of
from depth_demo.render.maps import ValueRange, colors, lookup_table, render_map, render_photo, render_ssim, value_range
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import BESIDE_PX, render_surface
from depth_demo.wording.findings import doubt, findings
from depth_demo.wording.summaries import comparison_summary

BOX_HEADERS = (
    "Method", "Box", "x, y [px]", "Loss [%]", "Mean error [px]", "Coverage [%]", "Fails", "Likely cause", "Stands out",
)  # fmt: skip
METHODS: tuple[Method, ...] = ("monocular", "stereo")
PAINTS = ("Photo", "SSIM", "Error")  # what a surface may be coloured by
MOST_ERROR_PX = 2 * BAD_PX  # at the bright end
OWN_MAP_SAYS = "the phone's own map, in the place of an estimate; no network ran"
MOST_ERROR_SHARE = 2 * (BAD_FACTOR - 1)  # of the distance, at the bright end where there are no pixels


@dataclass(frozen=True, slots=True)
class GivenMask:
    """The mask of a benchmark as it was handed in: its file, and how that was understood."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class CompareResult:
    """Everything that the tab shows, so that another view computes nothing again.

    Attributes:
        comparison: The result.
        model, sha256, device: What estimated, by which file, where.
        chosen: At which size the network saw the left view.
        files: Left view, right view and truth, if any, as they were handed in.
        truth_text: How the truth's file was understood; "" without one.
        name: Of the left view, for files.
        mask: The benchmark's mask: its file and how it was understood; None without one.
        question: What is doubted about how the truth was read; None for nothing.
        own_map: How the phone's own map was read, where that took the place of an estimate; "" where a model ran.
        views_text: How the views were read, in sentences; "" for plain photos.
        sampling: How the answer was drawn; None if the model does not draw.
        token: Tells results apart.
    """

    comparison: Comparison
    model: ModelSpec
    device: str
    truth_text: str
    chosen: InputSize
    sha256: str = ""
    files: tuple[str | None, str | None, str | None] = (None, None, None)
    name: str = "photo"
    question: Question | None = None
    mask: GivenMask | None = None
    own_map: str = ""
    views_text: str = ""
    sampling: Sampling | None = None
    token: str = field(default_factory=lambda: uuid4().hex)

    def method_map(self, method: Method) -> DepthMap:
        """Return a method's disparity; the raw monocular map when it cannot be aligned, which the summary says."""
        if method == "stereo":
            return self.comparison.matched.disparity
        return self.comparison.aligned or self.comparison.estimate.depth_map

    @property
    def judge(self) -> str:
        """What the methods are set against, as a title."""
        return self.comparison.judge.capitalize()

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods that ran."""
        return METHODS if self.comparison.match else METHODS[:1]

    def maps(self, color_map: str) -> dict[str, RgbImage]:
        """Draw by title, with their boxes: the left view; what judges; each map in its colours; SSIM where it is judged."""
        comparison, width = self.comparison, self.comparison.reference.shape[1]
        limits = value_range(comparison.reference)
        judge = render_map(comparison.reference, color_map, limits)
        monocular, stereo = comparison.monocular, comparison.stereo
        stereo_boxes = stereo.failures if stereo else ()
        own_limits = limits if comparison.aligned else None
        pictures = {
            "Left view": (render_photo(comparison.views.left), comparison.failures),
            self.judge: (judge, ()),
            "Monocular": (render_map(self.method_map("monocular"), color_map, own_limits), monocular.failures),
        }
        if comparison.match:
            pictures["Stereo"] = render_map(comparison.match.disparity, color_map, limits), stereo_boxes
        pictures["SSIM, monocular"] = render_ssim(monocular.fair.ssim_map), monocular.failures
        if stereo:
            pictures["SSIM, stereo"] = render_ssim(stereo.fair.ssim_map), stereo_boxes
        return {title: draw_boxes(picture, boxes, width) for title, (picture, boxes) in pictures.items()}

    def fused(self, color_map: str) -> dict[str, RgbImage]:
        """Draw the fused and the anchored map in the colours of the others, by title; nothing where there are none."""
        if self.comparison.fused is None:
            return {}
        fusion, limits = self.comparison.fused.fusion, value_range(self.comparison.reference)
        maps = {"Fused": fusion.fused, "Anchored": fusion.anchored}
        return {title: render_map(depth_map, color_map, limits) for title, depth_map in maps.items()}

    def box_crops(self, color_map: str) -> list[RgbImage]:
        """Draw photo, truth (or what stands for it) and the failing map of every box, with a caption."""
        reference, photo = self.comparison.reference, self.comparison.views.left
        return [crops(box, photo, reference, self.method_map(box.method), color_map) for box in self.comparison.failures]

    def box_table(self) -> dict[str, list[object]]:
        """Return the table of the boxes: its headers, which name the unit of errors, and a row for each box."""
        found: list[tuple[object, ...]] = [
            (
                box.method.capitalize(),
                box.name,
                f"{box.left}..{box.right}, {box.top}..{box.bottom}",
                round(box.loss_share, 1),
                "" if math.isnan(box.error) else round(box.error, 2),
                round(box.coverage, 1),
                box.fails,
                box.cause,
                box.shows,
            )
            for box in self.comparison.failures
        ]
        unit = self.comparison.reference.kind.unit
        headers = [header.replace("[px]", f"[{unit}]") if "error" in header else header for header in BOX_HEADERS]
        return {"headers": [*headers], "data": [*found] or [("no box", *[""] * (len(BOX_HEADERS) - 1))]}

    def surface(self, method: Method, detail: str, paint: str = PAINTS[0]) -> go.Figure:
        """Draw a method's surface; both share one frame, unless the monocular map could not be aligned."""
        views, reference = self.comparison.views, self.comparison.reference
        camera = views.calibration
        focal = choose_focal_length(camera.focal_length_px if camera else 0, None, views.left).pixels
        unit_px = value_range(reference)[1]
        alone = method == "monocular" and self.comparison.aligned is None
        frame = None if alone else frame_of(surface_depth(reference, camera, unit_px)[0], focal, camera=camera)
        depth, unit = surface_depth(self.method_map(method), camera, unit_px)
        return render_surface(depth, unit, self.paint(method, paint), focal, detail, frame, BESIDE_PX, camera)

    def paint(self, method: Method, paint: str) -> RgbImage:
        """Return (H, W, 3) colours for a method's surface: the photo, its SSIM map, or its error in pixels.

        Where there are no pixels, its error as a share of the distance.

        A method without scores is painted with the photo.

        Raises:
            ValueError: If `paint` is not one of `PAINTS`.
        """
        if paint not in PAINTS:
            raise ValueError(f"A surface is coloured by one of {', '.join(PAINTS)}, not {paint!r}.")
        scores = self.comparison.monocular if method == "monocular" else self.comparison.stereo
        if paint == "Photo" or scores is None or scores.fair.inverted:
            return self.comparison.views.left
        if paint == "SSIM":
            return colors(scores.fair.ssim_map, (0.0, 1.0), lookup_table("Gray"))
        reference = self.comparison.reference
        error = np.abs(self.method_map(method).values - reference.values)
        if reference.kind is DepthKind.METRIC_DEPTH:
            return colors(error / reference.values, (0.0, MOST_ERROR_SHARE), lookup_table("Inferno"))
        return colors(error, (0.0, MOST_ERROR_PX), lookup_table("Inferno"))

    def summary(self) -> str:
        """Describe what was compared, in words."""
        mask_text = self.mask.text if self.mask else ""
        summary = comparison_summary(self.comparison, self.truth_text, mask_text, self._made(), self._note())
        return f"**Views**: {self.views_text}\n\n{summary}" if self.views_text else summary

    def _note(self) -> str:
        """Say what the monocular map must not be read without, in sentences."""
        return self.own_map or " ".join(filter(None, (self.model.warning, self.comparison.estimate.depth_map.remark)))

    def _made(self) -> str:
        """Say what made the monocular map, where, and at which size the network saw the left view."""
        if self.own_map:
            return OWN_MAP_SAYS
        size = network_size(*self.comparison.reference.shape, self.chosen.pixels, self.model.preprocessing)
        return f"{self.model.title}, {self.comparison.estimate.took} on {self.device}; {self.chosen.seen(size)}"

    def words(self) -> str:
        """Say a doubt about the truth, before all that rests on it, then the findings."""
        return "\n\n".join(filter(None, (self.doubt(), findings(self.comparison))))

    def doubt(self) -> str:
        """Say what is doubted about the truth, as Markdown; "" for nothing."""
        return f"**{self.question.text}**" if self.question else doubt(self.comparison)

    def save_maps(self, folder: Path) -> list[Path]:
        """Write every map as numbers into a folder."""
        maps: tuple[tuple[str, DepthMap, str], ...] = (
            ("monocular", self.method_map("monocular"), self.model.title),
            *((("stereo", self.comparison.match.disparity, "stereo"),) if self.comparison.match else ()),
            (self.judge.lower().replace(" ", "_"), self.comparison.reference, self.comparison.judge),
        )
        if self.comparison.fused:
            fusion = self.comparison.fused.fusion
            maps += (("fused", fusion.fused, f"stereo, else {fusion.holes_from}"),)
        files = [file for what, m, source in maps for file in save_numbers(folder, f"{self.name}_{what}", m, source)]
        return files + self._save_confidence(folder)

    def _save_confidence(self, folder: Path) -> list[Path]:
        """Write how sure stereo and the fused map are; a monocular map's doubt would take another run of the network."""
        match, fused = self.comparison.match, self.comparison.fused
        if match is None:
            return []
        maps = {"stereo": stereo_confidence(match.disparity, match.left_right_diff)}
        if fused:
            maps["fused"] = fused_confidence(fused.fusion, match.disparity, match.left_right_diff)
        return [file for what, sure in maps.items() for file in save_confidence(folder, f"{self.name}_{what}", sure)]

    def save_pictures(self, color_map: str, folder: Path) -> list[Path]:
        """Write each method's map in the colours of the tab, without boxes."""
        return [
            save_coloured(folder, f"{self.name}_{method}", self.method_map(method), color_map, self._limits(method))
            for method in self.methods
        ]

    def save_grey(self, folder: Path) -> list[Path]:
        """Write both methods' maps as 8-bit grey, near bright, in the range of the coloured ones."""
        return [
            save_grey(folder, f"{self.name}_{method}", self.method_map(method), self._limits(method))
            for method in self.methods
        ]

    def _limits(self, method: Method) -> ValueRange | None:
        """Return the range of the reference; None for a monocular map that could not be aligned, which keeps its own."""
        alone = method == "monocular" and self.comparison.aligned is None
        return None if alone else value_range(self.comparison.reference)
