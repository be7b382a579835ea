"""What a comparison shows on its tab, and what it saves."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import plotly.graph_objects as go

from depth_demo import pipeline
from depth_demo.comparison.fusion import confidence_in_words
from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.regions import RegionErrors
from depth_demo.formats import writers as exports
from depth_demo.geometry import DepthMap, RgbImage, choose_focal_length
from depth_demo.monocular.input_size import InputSize, network_size
from depth_demo.monocular.models import ModelSpec
from depth_demo.render.boxes import crops, draw_boxes
from depth_demo.render.maps import render_map, render_photo, render_ssim, value_range
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import far_limit, render_surface
from depth_demo.stereo.matching import range_text
from depth_demo.wording.findings import doubt, findings
from depth_demo.wording.scores import HEADERS, score_table, ssim_in_words

BOX_HEADERS = (
    "Method", "Box", "x, y [px]", "Loss [%]", "Mean error [px]", "Coverage [%]", "Fails", "Likely cause", "Stands out",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class CompareResult:
    """Everything that the tab shows, so that another view computes nothing again."""

    comparison: pipeline.Comparison
    model: ModelSpec
    device: str
    truth_text: str  # how the file was understood; "" without one
    chosen: InputSize

    def monocular_map(self) -> DepthMap:
        """Aligned to pixels; the raw map when it cannot be aligned, which the summary says."""
        return self.comparison.aligned or self.comparison.estimate.depth_map

    @property
    def judge(self) -> str:
        """What the methods are set against."""
        return "Truth" if self.comparison.truth else "Confident stereo"

    def maps(self, color_map: str) -> dict[str, RgbImage]:
        """By title, with their boxes: the left view; what judges; both maps in its colours; SSIM of both, if judged."""
        comparison, width = self.comparison, self.comparison.reference.shape[1]
        limits = value_range(comparison.reference)
        judge = render_map(comparison.reference, color_map, limits)
        monocular, stereo = comparison.monocular, comparison.stereo
        stereo_boxes = stereo.failures if stereo else ()
        pictures = {
            "Left view": (render_photo(comparison.match.pair.left, under=judge), comparison.failures),
            self.judge: (judge, ()),
            "Monocular": (
                render_map(self.monocular_map(), color_map, limits if comparison.aligned else None),
                monocular.failures,
            ),
            "Stereo": (render_map(comparison.match.disparity, color_map, limits), stereo_boxes),
            "SSIM, monocular": (render_ssim(monocular.fair.ssim_map), monocular.failures),
        }
        if stereo:
            pictures["SSIM, stereo"] = render_ssim(stereo.fair.ssim_map), stereo_boxes
        return {title: draw_boxes(picture, boxes, width) for title, (picture, boxes) in pictures.items()}

    def fused(self, color_map: str) -> dict[str, RgbImage]:
        """The fused and the anchored map in the colours of the others, by title; nothing where there are none."""
        if self.comparison.fused is None:
            return {}
        fusion, limits = self.comparison.fused.fusion, value_range(self.comparison.reference)
        maps = {"Fused": fusion.fused, "Anchored": fusion.anchored}
        return {title: render_map(depth_map, color_map, limits) for title, depth_map in maps.items()}

    def box_crops(self, color_map: str) -> list[RgbImage]:
        """Photo, truth (or what stands for it) and the failing map of every box, with a caption."""
        reference, photo = self.comparison.reference, self.comparison.match.pair.left
        maps = {"monocular": self.monocular_map(), "stereo": self.comparison.match.disparity}
        return [crops(box, photo, reference, maps[box.method], color_map) for box in self.comparison.failures]

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
            for box in self.comparison.failures
        ]
        return found or [("no box", *[""] * (len(BOX_HEADERS) - 1))]

    def surfaces(self, detail: str) -> tuple[Callable[[], go.Figure], Callable[[], go.Figure]]:
        """What draws them, from one camera up to one limit; a monocular map that could not be aligned has its own limit."""
        pair, reference, aligned = self.comparison.match.pair, self.comparison.reference, self.comparison.aligned
        camera = pair.calibration
        focal = choose_focal_length(camera.focal_length_px if camera else 0, None, pair.left).pixels
        unit_px = value_range(reference)[1]
        far = far_limit(surface_depth(reference, camera, unit_px)[0])

        def surface(depth_map: DepthMap, far: float | None) -> go.Figure:
            return render_surface(*surface_depth(depth_map, camera, unit_px), pair.left, focal, detail, far)

        monocular = partial(surface, self.monocular_map(), far if aligned else None)
        return monocular, partial(surface, self.comparison.match.disparity, far)

    def summary(self) -> str:
        match, fit = self.comparison.match, self.comparison.monocular.fair.alignment
        shown = "" if self.comparison.aligned else "; the map is shown as it came"
        return (
            f"**Truth**: {self.truth_text or self._no_truth()}\n\n"
            f"**Monocular**: {self.model.title}, {self.comparison.estimate.took} on {self.device}; {self.seen()}; "
            f"fitted to {'the truth' if self.comparison.truth else 'confident stereo'}: {fit}{shown}. {self.model.warning}\n\n"
            f"**Stereo**: {range_text(match.settings, match.pair.left, match.at_once)}, {match.seconds:.2f} s; "
            f"{match.coverage:.1f} % of the pixels matched.\n\n{self._protocol()}"
        )

    def _no_truth(self) -> str:
        share = 100 * float(self.comparison.reference.valid.mean())
        confident = confidence_in_words(both_directions=self.comparison.match.left_right_diff is not None)
        return (
            f"none was given, so the monocular map is set against the {share:.1f} % of the pixels where stereo is confident: "
            f"{confident}. The scores say how far the two agree, not which one is right; a box is a place worth looking at."
        )

    def _protocol(self) -> str:
        rests_on = ssim_in_words(self.comparison)
        if self.comparison.stereo is None:
            return f"Scores are in pixels of disparity. {rests_on}"
        return (
            f"Scores marked *fair* put both methods in pixels of disparity and judge them on the same pixels. {rests_on} "
            f"Those marked *report* are computed as in the written comparison, whose min-max scaling is a "
            f"hidden alignment of the monocular map alone."
        )

    def seen(self) -> str:
        size = network_size(*self.comparison.reference.shape, self.chosen.pixels, self.model.preprocessing)
        return self.chosen.seen(size)

    def words(self) -> str:
        """A doubt about the truth, before all that rests on it, then the findings."""
        return "\n\n".join(filter(None, (doubt(self.comparison), findings(self.comparison))))

    def save(self, folder: Path) -> list[Path]:
        report = {
            "scores": [dict(zip(HEADERS, row, strict=True)) for row in score_table(self.comparison)],
            "findings": self.words(),
            "judged_by": self.judge.lower(),
            "failure_boxes": _records(self.comparison.failures),
            "regions": {name: _records(scores.regions) for name, scores in self.comparison.judged},
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
            (self.judge.lower().replace(" ", "_"), self.comparison.reference, self.judge.lower()),
        )
        if self.comparison.fused:
            fusion = self.comparison.fused.fusion
            maps += (("fused", fusion.fused, f"stereo, else {fusion.holes_from}"),)
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
