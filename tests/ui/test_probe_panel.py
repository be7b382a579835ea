"""A click on a picture reaches the map's pixel, and what comes back is small and speaks of it."""

from __future__ import annotations

import base64
import re
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest

from depth_demo.comparison.probe import probe
from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.pipeline import compare
from depth_demo.render.maps import map_pixel, picture_size, render_map, screen_size
from depth_demo.render.probe_cells import crosshair, map_values, spoken, window_picture
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.outputs import picture
from depth_demo.ui.panels.probe import ProbePanel, first_pixel
from depth_demo.ui.results import CompareResult
from tests.conftest import PAIRS, disparity_map
from tests.support.layout import laid_out

COSTS_SHOWN = True
EXAMPLE = PAIRS[0]  # 480x360, shown at 900x675


@pytest.fixture(scope="module")
def result() -> CompareResult:
    pair = EXAMPLE.load()
    truth = cast(DepthMap, pair.ground_truth)

    def estimator(_: RgbImage) -> DepthMap:
        return DepthMap(np.nan_to_num(truth.values).astype(np.float32), DepthKind.RELATIVE_INVERSE_DEPTH)

    comparison = compare(pair, estimator, SgbmSettings(num_disparities=64))
    return cast(CompareResult, SimpleNamespace(comparison=comparison))


@pytest.fixture(scope="module")
def panel() -> ProbePanel:
    return laid_out(lambda: ProbePanel([picture("Truth")], gr.State()))


def click(x: float, y: float) -> gr.SelectData:
    return gr.SelectData(None, {"index": [x, y], "value": None})


@pytest.mark.parametrize(("height", "width"), [(1200, 1920), (360, 480), (900, 900), (37, 2000)])
def test_a_click_on_a_value_finds_its_pixel(height: int, width: int) -> None:
    random = np.random.default_rng(0)
    shown_width, shown_height = screen_size(height, width)
    corners = [(0, 0), (shown_width - 1, shown_height - 1)]
    places = [*corners, *random.integers(0, (shown_width, shown_height), (9, 2)).tolist()]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    across, down = (render_map(disparity_map(values % 256), "Gray", (0, 255)) for values in (columns, rows))
    assert across.shape[1::-1] == picture_size(height, width)
    for x, y in places:
        pixel = map_pixel((height, width), x, y)
        assert pixel is not None
        assert (int(across[y, x, 0]), int(down[y, x, 0])) == (pixel[0] % 256, pixel[1] % 256)
    assert map_pixel((height, width), 0, shown_height) is None  # the bar
    assert map_pixel((height, width), shown_width, 0) is None


def test_a_click_shows_the_pixel_and_one_on_the_bar_changes_nothing(result: CompareResult, panel: ProbePanel) -> None:
    shown: Any = panel.on_click(result, COSTS_SHOWN, click(450, 337))
    cells, scan_line, verdict, costs, pixel, x, y = (shown[output] for output in panel.outputs)
    assert pixel == (x, y) == (240, 179)
    assert "x 240, y 179" in cells
    assert "<b>Verdict: " in verdict
    assert {trace.name for trace in scan_line.data} == {"truth", "monocular", "stereo"}
    assert scan_line.layout.shapes[0].x0 == 240
    assert len({trace.yaxis for trace in costs.data}) == 5
    payload = len(cells) + len(verdict) + len(scan_line.to_json()) + len(costs.to_json())
    assert payload < 200_000  # six pictures would be megabytes
    for nothing in (panel.on_click(result, COSTS_SHOWN, click(450, 680)), panel.on_click(None, COSTS_SHOWN, click(0, 0))):
        assert nothing == {panel.pixel: gr.skip()}


def test_a_new_result_is_probed_and_its_costs_are_drawn_when_they_are_unfolded(
    result: CompareResult, panel: ProbePanel
) -> None:
    x, y = first_pixel(result)
    shown = panel.first(result)
    assert f"x {x}, y {y}" in str(shown[panel.values])
    assert shown[panel.costs] is None
    costs, unfolded = panel.on_expand(result, (x, y))
    assert unfolded is True
    assert len(cast(Any, costs).data) > 5
    assert panel.on_expand(None, None) == (None, True)


def test_a_column_and_a_row_are_probed_as_a_click_and_leave_their_fields_alone(
    result: CompareResult, panel: ProbePanel
) -> None:
    clicked, placed = (
        panel.on_click(result, not COSTS_SHOWN, click(450, 337)),
        panel.on_place(result, 240, 179, not COSTS_SHOWN),
    )
    assert placed[panel.values] == clicked[panel.values]
    assert not {panel.x, panel.y} & set(placed)
    for x, y in ((480, 0), (0, 360), (-1, 5)):
        outside = panel.on_place(result, x, y, not COSTS_SHOWN)
        assert outside == {panel.values: f"<p>The picture has columns 0 to 479 and rows 0 to 359, no x {x}, y {y}.</p>"}
    assert panel.on_place(result, None, 3, not COSTS_SHOWN) == {panel.pixel: gr.skip()}


def test_each_map_says_its_value_at_the_crosshair(result: CompareResult) -> None:
    found = probe(result.comparison, 240, 179)
    values = map_values(found)
    panel = laid_out(lambda: ProbePanel([picture(title) for title in "abcdef"], gr.State()))
    styles = re.findall(r"<style>(.*?)</style>", str(panel.show(result, 240, 179, with_costs=False)[panel.values]))
    for number, (value, style) in enumerate(zip(values, styles, strict=True)):
        coded = re.search(r"base64,([^\"]+)", style)
        assert coded is not None
        assert f">{value}</text>" in base64.b64decode(coded[1]).decode()
        assert style.startswith(f".probed-{number} ")
    assert values[0] == "x 240, y 179"
    assert values[1].startswith(f"{found.truth.disparity_px:.2f} px")
    assert f"truth {values[1]}, monocular {values[2]}, stereo {values[3]}" in spoken(found)


def test_the_crosshair_lies_over_the_pixel() -> None:
    style = crosshair(".maps", (1200, 1920), 960, 300)
    coded = re.search(r"base64,([^\"]+)", style)
    assert coded is not None
    svg = base64.b64decode(coded[1]).decode()
    width, height = picture_size(1200, 1920)
    assert f"viewBox='0 0 {width} {height}'" in svg
    assert "M0 250.4H" in svg  # (300 + 1/2) x 1600 / 1920
    assert "M800.4 0V" in svg
    assert ".maps::after" in style
    bare = re.search(r"base64,([^\"]+)", crosshair(".photo", (1200, 1920), 960, 300, bar=False))
    assert bare is not None
    assert "viewBox='0 0 1600 1000'" in base64.b64decode(bare[1]).decode()  # a photo has no bar


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1919, 0), (0, 1199), (1919, 1199), (960, 600)])
def test_the_value_at_the_crosshair_stays_in_the_picture(x: int, y: int) -> None:
    coded = re.search(r"base64,([^\"]+)", crosshair(".maps", (1200, 1920), x, y, "22.15 px = 2.17 m"))
    assert coded is not None
    rect = re.search(r"<rect x='(.*?)' y='(.*?)' width='(.*?)' height='(.*?)'", base64.b64decode(coded[1]).decode())
    assert rect is not None
    left, top, width, height = map(float, rect.groups())
    assert 0 <= left <= left + width <= 1600
    assert 0 <= top <= top + height <= 1000


def test_the_window_is_centred_and_goes_on_beyond_the_border() -> None:
    view = np.zeros((20, 30, 3), np.uint8)
    view[0, 0] = 255
    picture = window_picture(view, 0, 0)
    side = picture.shape[0]
    assert picture.shape == (side, side, 3)
    assert (picture[side // 2, side // 2] == 255).all()
    assert (picture[:10, :10] == 255).all()  # the corner, repeated
    assert not picture[-10:, -10:].any()
