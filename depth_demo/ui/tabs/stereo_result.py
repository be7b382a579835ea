"""What the tab "Stereo" shows of a match, and what it saves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import plotly.graph_objects as go

from depth_demo.comparison.results import Match
from depth_demo.geometry import DepthMap, RgbImage, choose_focal_length
from depth_demo.render.files import save_match
from depth_demo.render.maps import render_map, render_photo
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.wording.summaries import stereo_summary

HOLES = ("as matched", "filled")


@dataclass(frozen=True, slots=True, eq=False)
class StereoResult:
    """Everything that the tab shows, so that another view matches nothing again.

    Attributes:
        match: The match.
        name: Of the left view, for files.
        read: How the views were read, in sentences; "" for two plain photos.
        token: Tells results apart.
    """

    match: Match
    name: str = "photo"
    read: str = ""
    token: str = field(default_factory=lambda: uuid4().hex)

    def disparity(self, holes: str) -> DepthMap:
        """Return the disparity, as matched or with its holes filled."""
        return self.match.filled if holes == "filled" else self.match.disparity

    def depth(self, holes: str) -> DepthMap | None:
        """Return the same in metres; None without a calibration."""
        return self.match.filled_depth if holes == "filled" else self.match.depth

    def sliders(self, color_map: str, holes: str) -> tuple[tuple[RgbImage, RgbImage] | None, ...]:
        """Draw the left view beside disparity, and beside depth where there is a calibration."""
        pictures = [render_map(m, color_map) if m else None for m in (self.disparity(holes), self.depth(holes))]
        left = self.match.pair.left
        return tuple((render_photo(left, under=picture), picture) if picture is not None else None for picture in pictures)

    def focal_length_px(self) -> float:
        """Return the calibration's focal length, or that of a typical phone camera."""
        camera = self.match.pair.calibration
        return choose_focal_length(camera.focal_length_px if camera else 0, None, self.match.pair.left).pixels

    def surface(self, detail: str, holes: str) -> go.Figure:
        """Draw the match as a surface in the photo's colours."""
        pair = self.match.pair
        depth, unit = surface_depth(self.disparity(holes), pair.calibration)
        return render_surface(depth, unit, pair.left, self.focal_length_px(), detail, camera=pair.calibration)

    def summary(self) -> str:
        """Describe the match, and before it how the views were read."""
        return "\n\n".join(filter(None, (self.read, stereo_summary(self.match))))

    def save(self, color_map: str, folder: Path) -> list[Path]:
        """Write the maps, coloured, grey and as numbers, how sure they are, and the surface into a folder."""
        return save_match(folder, self.name, self.match, self.focal_length_px(), color_map)
