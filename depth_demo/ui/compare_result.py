"""What a comparison shows on its tab, and what it saves."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go

from depth_demo import exports, pipeline
from depth_demo.evaluation.alignment import looks_like_depth, scale_mismatch
from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.regions import RegionErrors
from depth_demo.geometry import DepthMap, RgbImage, choose_focal_length, surface_depth
from depth_demo.monocular.catalog import Row
from depth_demo.monocular.resolution import InputSize, network_size
from depth_demo.render.boxes import crops, draw_boxes
from depth_demo.render.findings import findings
from depth_demo.render.maps import render_map, render_photo, render_ssim, value_range
from depth_demo.render.scores import HEADERS, score_table
from depth_demo.render.surface import far_limit, render_surface
from depth_demo.stereo.matching import range_text
from depth_demo.ui.components import note_on

BOX_HEADERS = (
    "Method", "Box", "x, y [px]", "Loss [%]", "Mean error [px]", "Coverage [%]", "Fails", "Likely cause", "Shows",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class CompareResult:
    """Everything that the tab shows, so that another view computes nothing again."""

    comparison: pipeline.Comparison
    model: Row
    device: str
    truth_text: str
    chosen: InputSize

    def monocular_map(self) -> DepthMap:
        """Aligned to pixels; the raw map when it cannot be aligned, which the summary says."""
        return self.comparison.aligned or self.comparison.estimate.depth_map

    def maps(self, color_map: str) -> tuple[RgbImage, ...]:
        """The left view with all boxes; truth; monocular and stereo in the truth's colours, and SSIM of both, with theirs."""
        comparison, width = self.comparison, self.comparison.truth.shape[1]
        truth, limits = comparison.truth, value_range(comparison.truth)
        truth_picture = render_map(truth, color_map, limits)
        monocular, stereo = comparison.monocular, comparison.stereo
        pictures = (
            (render_photo(comparison.match.pair.left, under=truth_picture), self.boxes()),
            (truth_picture, ()),
            (render_map(self.monocular_map(), color_map, limits if comparison.aligned else None), monocular.failures),
            (render_map(comparison.match.disparity, color_map, limits), stereo.failures),
            (render_ssim(monocular.fair.ssim_map), monocular.failures),
            (render_ssim(stereo.fair.ssim_map), stereo.failures),
        )
        return tuple(draw_boxes(picture, boxes, width) for picture, boxes in pictures)

    def boxes(self) -> tuple[FailureBox, ...]:
        return (*self.comparison.monocular.failures, *self.comparison.stereo.failures)

    def box_crops(self, color_map: str) -> list[RgbImage]:
        """Photo, truth and the failing map of every box, with a caption."""
        truth, photo = self.comparison.truth, self.comparison.match.pair.left
        maps = {"monocular": self.monocular_map(), "stereo": self.comparison.match.disparity}
        return [crops(box, photo, truth, maps[box.method], color_map) for box in self.boxes()]

    def box_table(self) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = [
            (
                box.method.capitalize(),
                box.name,
                f"{box.left}..{box.right}, {box.top}..{box.bottom}",
                round(box.loss_share, 1),
                "" if math.isnan(box.error_px) else round(box.error_px, 2),
                round(box.coverage, 1),
                box.fails,
                box.cause,
                box.shows,
            )
            for box in self.boxes()
        ]
        return found or [("none found", *[""] * (len(BOX_HEADERS) - 1))]

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
            f"**Monocular**: {self.model.title}, {self.comparison.estimate.took} on {self.device}; "
            f"{self.seen()}; fitted to the truth: {fit}{shown}.{note_on(self.model)}\n\n"
            f"**Stereo**: {range_text(match.settings, match.pair.left)}, {match.seconds:.2f} s; "
            f"{match.coverage:.1f} % of the pixels matched.{self.scale_hint()}\n\n"
            f"Scores marked *fair* put both methods in pixels of disparity and judge them on the same pixels; {ssim} "
            f"Those marked *report* are computed as in the written comparison, whose min-max scaling flatters "
            f"the monocular map."
        )

    def seen(self) -> str:
        size = network_size(*self.comparison.truth.shape, self.chosen.pixels, self.model.longest)
        return self.chosen.seen(size)

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
            "findings": findings(self.comparison),
            "failure_boxes": _records(self.boxes()),
            "regions": {
                "monocular": _records(self.comparison.monocular.regions),
                "stereo": _records(self.comparison.stereo.regions),
                "fused": _records(self.comparison.fused.regions if self.comparison.fused else ()),
            },
            "alignment": str(self.comparison.monocular.fair.alignment),
            "model": self.model.title,
            "matcher": dataclasses.asdict(self.comparison.match.settings),
            "truth": self.truth_text,
        }
        path = folder / "scores.json"
        path.write_text(json.dumps(report, indent=2) + "\n")
        maps: tuple[tuple[str, DepthMap, str], ...] = (
            ("monocular", self.monocular_map(), self.model.title),
            ("stereo", self.comparison.match.disparity, "stereo"),
            ("truth", self.comparison.truth, "truth"),
        )
        if self.comparison.fused:
            maps += (("fused", self.comparison.fused.fusion.fused, "stereo, else anchored monocular"),)
        return [path, *(file for stem, m, source in maps for file in exports.save_map(folder, stem, m, source))]


def _records(rows: Iterable[FailureBox | RegionErrors]) -> list[dict[str, object]]:
    """As JSON can hold them: its numbers have no NaN."""
    return [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in dataclasses.asdict(row).items()
        }
        for row in rows
    ]
