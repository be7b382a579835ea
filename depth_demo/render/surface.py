"""A map and its photo as an interactive mesh in true colours, seen from behind the camera."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, RgbImage
from depth_demo.render.charts import CLEAR, INK
from depth_demo.render.frame import NARROW, Frame, frame_of
from depth_demo.render.mesh import DETAILS, mesh_of

HEIGHT_PX, BESIDE_PX = 520, 340  # alone, and beside a picture
TITLES = {"x": "x", "y": "distance", "z": "height"}
GRID_LINES = 5  # along an axis without numbers


def render_surface(
    depth: NDArray[np.float32],
    unit: str,
    image: RgbImage,
    focal_length_px: float,
    detail: str = "standard",
    frame: Frame | None = None,
    height_px: int = HEIGHT_PX,
    camera: Calibration | None = None,
) -> go.Figure:
    """Build the mesh.

    Args:
        depth: (H, W) distance along the optical axis, NaN where there is none.
        unit: "m", or "" when only the shape is known.
        image: (H, W, 3) uint8 RGB: the colours, such as the photo's.
        focal_length_px: At the width of `depth`.
        detail: One of `DETAILS`.
        frame: Where to stop drawing, axes and camera; None takes `frame_of(depth)`. Give two surfaces the same one to compare.
        height_px: Of the figure on the page.
        camera: Tells the principal point and the vertical focal length, where they are known.

    Returns:
        A figure of fixed height; axes x to the right, distance forward, height up.
    """
    if detail not in tuple(DETAILS):
        raise ValueError(f"The detail must be one of {', '.join(DETAILS)}, not {detail!r}.")
    frame = frame or frame_of(depth, focal_length_px, camera=camera)
    mesh = mesh_of(depth, image, focal_length_px, detail, frame.far, camera)
    x, down, forward = np.ascontiguousarray(mesh.points.T)
    i, j, k = mesh.triangles
    drawn = go.Mesh3d(
        x=x, y=forward, z=-down, i=i, j=j, k=k,
        vertexcolor=mesh.colors,
        lighting={"ambient": 1, "diffuse": 0, "specular": 0},
        hovertemplate=f"distance %{{y:.2f}} {unit}<br>x %{{x:.2f}}, height %{{z:.2f}} {unit}<extra></extra>",
    )  # fmt: skip
    layout = {  # given here: `update_layout` would take six times as long
        "scene": _scene(frame, unit),
        "meta": {"narrow": frame.camera(frame.narrow), "proportion": NARROW},
        "modebar": {"remove": ["resetCameraDefault3d"]},  # Plotly's own view, which fits no scene
        "height": height_px,
        "margin": dict.fromkeys("lrtb", 0),
        "paper_bgcolor": CLEAR,
        "font": {"color": INK},
        "annotations": [_caption(frame.far, unit)],
    }
    return go.Figure(drawn, layout)


def _caption(far: float, unit: str) -> dict[str, object]:
    text = f"axes in m; points beyond {far:.3g} m are left out" if unit else "shape only: axes without unit"
    seen = {"bgcolor": "rgba(255,255,255,0.8)", "font": {"color": "#222"}}  # on every colour of the surface
    return {"text": text, "x": 0.01, "y": 0.01, "xref": "paper", "yref": "paper", "showarrow": False} | seen


def _scene(frame: Frame, unit: str) -> dict[str, object]:
    """Return axes in true proportion, and the camera of a wide figure. Axes without a unit have lines and no numbers."""
    ranges = zip(frame.low.tolist(), frame.high.tolist(), strict=True)
    return {
        **{f"{name}axis": _axis(title, ends, unit) for (name, title), ends in zip(TITLES.items(), ranges, strict=True)},
        "aspectmode": "manual",
        "aspectratio": dict(zip("xyz", frame.proportions.tolist(), strict=True)),
        "camera": frame.camera(frame.wide),
    }


def _axis(title: str, ends: tuple[float, float], unit: str) -> dict[str, object]:
    axis = {"showbackground": False, "showspikes": False, "gridcolor": "#999", "range": list(ends)}
    if unit:
        return axis | {"title": f"{title} [{unit}]", "nticks": 6}
    places = np.linspace(*ends, GRID_LINES + 2)[1:-1].tolist()
    return axis | {"title": "", "tickvals": places, "ticktext": [""] * GRID_LINES}  # hidden numbers take as long to draw
