"""The bars are the measurements; what they stand for is on hover."""

from __future__ import annotations

import numpy as np

from depth_demo.comparison.results import Comparison
from depth_demo.geometry import DepthKind, DepthMap, Labels, StereoPair
from depth_demo.pipeline import compare
from depth_demo.render.region_bars import render_region_bars
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS, stereo_of


def comparison(sign: float = 1.0) -> Comparison:
    pair = PAIRS[0].load()
    truth = pair.ground_truth
    assert truth is not None
    ids = np.zeros(truth.shape, np.uint8)
    ids[:100], ids[300, :150] = 1, 2
    labelled = StereoPair(pair.left, pair.right, pair.calibration, truth, labels=Labels(ids, {1: "wall", 2: "wire"}))
    bent = DepthMap(sign * truth.values**1.5, DepthKind.RELATIVE_INVERSE_DEPTH)
    return compare(labelled, lambda image: bent, SgbmSettings("SGBM_3WAY", num_disparities=64))


def test_one_bar_per_method_and_region_of_200_pixels_or_more() -> None:
    result = comparison()
    bars = render_region_bars(result).data
    assert result.fused is not None
    assert [bar.name for bar in bars] == ["monocular", "stereo", "fused"]
    for bar, regions in zip(bars, (result.monocular.regions, stereo_of(result).regions, result.fused.regions), strict=True):
        rows = [row for row in regions if row.pixels >= 200]
        assert {"wall", "wire"} <= {row.name for row in regions}
        assert "wire" not in " ".join(bar.y)
        assert list(bar.x) == [row.wrong for row in rows]
        assert [title.split("<br>")[0] for title in bar.y] == [row.name for row in rows]
        assert all(f"{row.pixels:,} px" in title for title, row in zip(bar.y, rows, strict=True))
        hover = dict(zip((row.name for row in rows), bar.customdata, strict=True))["unsearched band"]
        assert "the search range leaves the right view" in hover.replace("<br>", " ")
        assert f"wrong {next(row.wrong for row in rows if row.name == 'unsearched band'):.1f} %" in hover


def test_an_inverted_map_has_no_bars() -> None:
    assert [bar.name for bar in render_region_bars(comparison(-1)).data] == ["stereo"]
