"""How far a comparison is: what has ended, what comes next, and the maps that are there already."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace

from depth_demo.comparison.results import Estimate, Match
from depth_demo.evaluation.metrics import as_disparity
from depth_demo.geometry import RgbImage, SingleView, StereoPair
from depth_demo.render.maps import render_map, render_photo, value_range
from depth_demo.stereo.preflight import Preflight

UNDER_WAY = "under-way"  # the class of words beside which the maps are those of the run that goes on


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A comparison between two of its steps.

    Attributes:
        pair: What is compared.
        share: How much of the whole time has passed, roughly.
        coming: The step that comes next.
        done: One sentence for each step that has ended.
        match: Depth from both views, once it is there.
        estimate: Depth from the left view, once it is there.
    """

    pair: StereoPair | SingleView
    share: float
    coming: str
    done: tuple[str, ...]
    match: Match | None = None
    estimate: Estimate | None = None

    def after(self, done: str, share: float, coming: str, found: Match | Estimate) -> Step:
        """Return the next step: one more sentence, and what was found."""
        ended = replace(self, share=share, coming=coming, done=(*self.done, done))
        return replace(ended, match=found) if isinstance(found, Match) else replace(ended, estimate=found)

    @property
    def judge(self) -> str:
        """What the methods will be set against, as a title."""
        return "Truth" if self.pair.ground_truth else "Confident stereo"

    def words(self) -> str:
        """Write a bar, the step that comes next, and a list of what has ended, as HTML."""
        percent, style = f"{self.share:.0%}", UNDER_WAY if self.match else "begun"
        ended = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.done)
        return (
            f'<div class="steps {style}"><p><strong>{html.escape(self.coming)}</strong> &ndash; {percent}</p>'
            f'<div class="bar"><div style="width: {percent}"></div></div><ul>{ended}</ul></div>'
        )

    def maps(self, color_map: str) -> Mapping[str, RgbImage]:
        """Draw what is new since the last step, by title: left view, truth and stereo, or the monocular map as it came.

        Raises:
            ValueError: If the truth is depth and there is no calibration.
        """
        if self.match is None:
            return {}
        if self.estimate is not None:
            return {"Monocular": render_map(self.estimate.depth_map, color_map)}
        truth = self.pair.ground_truth and as_disparity(self.pair.ground_truth, self.pair.calibration)
        limits = value_range(truth or self.match.disparity)
        drawn = {"Left view": render_photo(self.pair.left)}
        drawn |= {self.judge: render_map(truth, color_map, limits)} if truth else {}
        return drawn | {"Stereo": render_map(self.match.disparity, color_map, limits)}


def checked(found: Preflight) -> tuple[str, ...]:
    """Return a sentence each for the order and the rows of the views."""
    return tuple(finding.text for finding in found.findings if finding.subject != "Exposure")
