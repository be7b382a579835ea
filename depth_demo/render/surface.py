"""A map and its photo as an interactive mesh in true colours, seen from behind the camera."""

from __future__ import annotations

import cv2
import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, Mask, RgbImage, back_project
from depth_demo.render.charts import CLEAR, INK
from depth_demo.render.frame import NARROW, Frame, frame_of

# Vertices along the longer side. Twice as many take three times as long to appear, and show no more of a scene's shape.
DETAILS = {"coarse": 120, "standard": 200, "fine": 500}
HEIGHT_PX, BESIDE_PX = 520, 340  # alone, and beside a picture
TITLES = {"x": "x", "y": "distance", "z": "height"}
GRID_LINES = 5  # along an axis without numbers
REACHES = (1, 2, 3, 4, 6)  # how many cells away a slope must go on to be one surface; soft edges are no wider


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
    rows, columns = (_samples(side, DETAILS[detail] / max(depth.shape)) for side in depth.shape)
    rays = back_project(np.broadcast_to(np.float32(1), depth.shape), focal_length_px, rows, columns, camera)
    points = rays * _taken(depth, rows, columns)[..., np.newaxis]
    points[~(points[..., 2] <= frame.far)] = np.nan
    colors = cv2.resize(image, (len(columns), len(rows)), interpolation=cv2.INTER_AREA)
    x, down, forward = (points[..., axis].ravel() for axis in range(3))
    i, j, k = _triangles(points[..., 2])
    mesh = go.Mesh3d(
        x=x, y=forward, z=-down, i=i, j=j, k=k,
        vertexcolor=colors.reshape(-1, 3),
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
    return go.Figure(mesh, layout)


def _caption(far: float, unit: str) -> dict[str, object]:
    text = f"axes in m, drawn up to {far:.3g} m" if unit else "shape only: axes without unit"
    seen = {"bgcolor": "rgba(255,255,255,0.8)", "font": {"color": "#222"}}  # on every colour of the surface
    return {"text": text, "x": 0.01, "y": 0.01, "xref": "paper", "yref": "paper", "showarrow": False} | seen


def _taken(depth: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
    """Take some rows and columns; a pixel without a depth takes that of a pixel less than half a cell away."""
    taken = depth[np.ix_(rows, columns)]
    half = int(columns[1] - columns[0]) // 2
    for down, right in ((0, half), (0, -half), (half, 0), (-half, 0)) if half else ():
        near = depth[np.ix_(np.clip(rows + down, 0, rows[-1]), np.clip(columns + right, 0, columns[-1]))]
        taken = np.where(np.isnan(taken), near, taken)
    return taken


def _samples(side: int, share: float) -> NDArray[np.intp]:
    """Return indices of evenly spread rows or columns, both ends included."""
    count = min(max(round(side * share), 2), side)
    return np.rint(np.linspace(0, side - 1, count)).astype(np.intp)


def _triangles(depth: NDArray[np.float32]) -> tuple[NDArray[np.uint32], ...]:
    """Return two triangles per cell of the grid, except where a corner is missing or the surface jumps."""
    rows, columns = depth.shape
    open_down, open_right = _jumps(depth.T).T, _jumps(depth)
    cell = ~(open_right[:-1] | open_right[1:] | open_down[:, :-1] | open_down[:, 1:])
    kind = np.uint16 if depth.size <= 2**16 else np.uint32
    corner = np.arange(depth.size, dtype=kind).reshape(rows, columns)
    a, b, c, d = corner[:-1, :-1][cell], corner[:-1, 1:][cell], corner[1:, :-1][cell], corner[1:, 1:][cell]
    return np.concatenate((a, b)), np.concatenate((c, c)), np.concatenate((b, d))


def _jumps(depth: NDArray[np.float32]) -> Mask:
    """Return (H, W - 1): whether neighbours in a row belong to different surfaces, or one of them is missing.

    Inverse depth is linear across a plane, however slanted, so a jump is a difference that is large and also
    larger than the differences in the same direction beside it. An edge that is drawn softly goes on for some cells,
    so the differences a few cells away count too.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / depth
    step = np.diff(inverse, axis=1)
    size = np.abs(step)
    relative = size / np.fmax(inverse[:, :-1], inverse[:, 1:])
    beside = np.min([_same_way(step, reach) for reach in REACHES], axis=0)
    with np.errstate(invalid="ignore"):
        jump = ((relative > 0.08) & (size > 3 * beside)) | ((relative > 0.3) & (size > 1.5 * beside))
    return jump | np.isnan(step)


def _same_way(step: NDArray[np.floating], reach: int) -> NDArray[np.floating]:
    """Return the larger of the steps that lie `reach` cells before and after, if they go the same way; else 0."""
    padded = np.pad(step, ((0, 0), (reach, reach)))
    beside = np.sign(step) * np.stack((padded[:, : -2 * reach], padded[:, 2 * reach :]))
    return np.asarray(np.nan_to_num(beside).max(axis=0, initial=0))


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
