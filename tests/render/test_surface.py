"""Surfaces: where the points are, which cells are cut, and what is left out."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from depth_demo.geometry import Calibration
from depth_demo.render.surface import DETAILS, far_limit, render_surface


def surface(depth: np.ndarray, detail: str = "coarse", far: float | None = None) -> go.Figure:
    image = np.full((*depth.shape, 3), (10, 200, 30), np.uint8)
    return render_surface(depth.astype(np.float32), "m", image, 100.0, detail, far)


def triangles(figure: go.Figure) -> np.ndarray:
    mesh = figure.data[0]
    return np.stack((mesh.i, mesh.j, mesh.k), axis=1)


def test_a_wall_is_where_the_pinhole_says() -> None:
    """Corner pixel (0, 0) of 101x51 at 2 m with f = 100 px: x = -50/100 * 2 = -1 m, up 25/100 * 2 = 0.5 m."""
    mesh = surface(np.full((51, 101), 2.0)).data[0]
    assert (mesh.x[0], mesh.y[0], mesh.z[0]) == pytest.approx((-1, 2, 0.5))
    assert (mesh.x[-1], mesh.y[-1], mesh.z[-1]) == pytest.approx((1, 2, -0.5))
    assert len(triangles(surface(np.full((51, 101), 2.0)))) == 2 * 50 * 100
    assert (np.asarray(mesh.vertexcolor) == (10, 200, 30)).all()


def test_a_step_is_cut_and_a_slanted_floor_is_not() -> None:
    step = np.full((50, 100), 2.0)
    step[:, 50:] = 3.0
    assert len(triangles(surface(step))) == 2 * 49 * 98  # one column of cells is missing
    floor = np.tile(100 * 1.6 / np.arange(5, 55)[::-1, np.newaxis], (1, 100))  # Z = f h / (v - horizon)
    assert len(triangles(surface(floor, far=1000))) == 2 * 49 * 99


def test_a_pole_has_no_curtains() -> None:
    pole = np.full((50, 100), 9.0)
    pole[:, 40:43] = 2.0
    corners = triangles(surface(pole))
    depths = surface(pole).data[0].y[corners]
    assert np.ptp(depths, axis=1).max() == 0


def test_holes_and_far_points_are_left_out() -> None:
    depth = np.full((50, 100), 2.0)
    depth[10:20, 30:40] = np.nan
    depth[40:, :] = 50.0
    figure = surface(depth)
    kept = figure.data[0].y[np.unique(triangles(figure))]
    assert np.isfinite(kept).all()
    assert kept.max() <= far_limit(depth.astype(np.float32)) == 8.0  # four times the median
    assert "drawn up to 8 m" in figure.layout.annotations[0].text


@pytest.mark.parametrize("detail", DETAILS)
def test_detail_bounds_the_grid_and_the_payload(detail: str) -> None:
    figure = surface(np.full((1200, 1920), 3.0), detail)
    assert len(figure.data[0].x) <= DETAILS[detail] ** 2
    payload = json.loads(figure.to_json())["data"][0]
    assert set(payload["x"]) >= {"dtype", "bdata"}  # typed arrays, not lists of numbers
    assert payload["x"]["dtype"] == "f4"


def test_small_grids_use_sixteen_bit_indices() -> None:
    payload = json.loads(surface(np.full((200, 300), 3.0), "standard").to_json())["data"][0]
    assert payload["i"]["dtype"] == "u2"


def test_an_empty_map_draws_nothing_and_an_unknown_detail_is_refused() -> None:
    assert len(triangles(surface(np.full((50, 60), np.nan)))) == 0
    with pytest.raises(ValueError, match="one of coarse, standard, fine, not 'best'"):
        surface(np.ones((50, 60)), "best")


def test_axes_carry_the_unit() -> None:
    scene = surface(np.ones((50, 60))).layout.scene
    assert [axis.title.text for axis in (scene.xaxis, scene.yaxis, scene.zaxis)] == ["x [m]", "distance [m]", "height [m]"]


def test_a_sky_at_the_limit_lies_inside_the_axes() -> None:
    """On the very end of an axis Plotly draws some pixels and leaves others out."""
    depth = np.full((50, 100), 4.0)
    depth[:30] = 10.0
    figure = surface(depth)
    axes = figure.layout.scene.xaxis, figure.layout.scene.yaxis, figure.layout.scene.zaxis
    points = figure.data[0].x, figure.data[0].y, figure.data[0].z
    assert points[1].max() == far_limit(depth.astype(np.float32)) == 10.0
    for axis, values in zip(axes, points, strict=True):
        assert values.max() < axis.range[1]
        assert values[np.isfinite(values)].min() > axis.range[0]


def test_axes_hold_what_a_camera_with_its_principal_point_aside_sees() -> None:
    depth = np.full((50, 100), 10.0, np.float32)
    camera = Calibration(100.0, 0.1, focal_length_y_px=50.0, principal_point_px=(9.5, 39.5))
    figure = render_surface(depth, "m", np.zeros((50, 100, 3), np.uint8), 100.0, camera=camera)
    scene, mesh = figure.layout.scene, figure.data[0]
    # From column -0.5 to 99.5 around 9.5, and from row -0.5 to 49.5 around 39.5, at 10 m, and 1 % more at each end.
    assert scene.xaxis.range == pytest.approx((-1.1, 9.1))
    assert scene.zaxis.range == pytest.approx((-2.1, 8.1))
    assert scene.xaxis.range[0] < mesh.x.min() < mesh.x.max() < scene.xaxis.range[1]
    assert scene.zaxis.range[0] < mesh.z.min() < mesh.z.max() < scene.zaxis.range[1]
