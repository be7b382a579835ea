"""A map and its photo as an interactive mesh in true colours, seen from where the camera stood."""

from __future__ import annotations

import cv2
import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, Mask, RgbImage, back_project, principal_point
from depth_demo.render.charts import CLEAR, INK
from depth_demo.render.shape import percentiles

DETAILS = {"coarse": 150, "standard": 300, "fine": 500}  # vertices along the longer side
FAR_FACTOR = 4.0  # points beyond this many times the median distance are left out
MARGIN = 1.02  # of the axes around the points: what lies on an axis' very end, as a sky does, is drawn as noise
HEIGHT_PX, BESIDE_PX = 520, 340  # alone, and beside a picture
# Right of, behind and above the real camera, in median distances; a narrow figure shows as much from farther behind.
SEEN_FROM, SEEN_FROM_BEHIND = (0.2, -0.3, 0.12), (0.3, -1.3, 0.4)


def render_surface(
    depth: NDArray[np.float32],
    unit: str,
    image: RgbImage,
    focal_length_px: float,
    detail: str = "standard",
    far: float | None = None,
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
        far: Where to stop drawing, in `unit`; None takes `far_limit(depth)`. Give two surfaces the same one to compare.
        height_px: Of the figure on the page.
        camera: Tells the principal point and the vertical focal length, where they are known.

    Returns:
        A figure of fixed height; axes x to the right, distance forward, height up.
    """
    if detail not in tuple(DETAILS):
        raise ValueError(f"The detail must be one of {', '.join(DETAILS)}, not {detail!r}.")
    far = far or far_limit(depth)
    rows, columns = (_samples(side, DETAILS[detail] / max(depth.shape)) for side in depth.shape)
    points = back_project(depth, focal_length_px, rows, columns, camera)
    points[~(points[..., 2] <= far)] = np.nan
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
        "scene": _scene(
            _field_of_view(depth.shape, focal_length_px, camera),
            far,
            unit,
            SEEN_FROM_BEHIND if height_px < HEIGHT_PX else SEEN_FROM,
        ),
        "height": height_px,
        "margin": dict.fromkeys("lrtb", 0),
        "paper_bgcolor": CLEAR,
        "font": {"color": INK},
        "annotations": [_caption(far, unit)],
    }
    return go.Figure(mesh, layout)


def _caption(far: float, unit: str) -> dict[str, object]:
    text = f"axes in m, drawn up to {far:.3g} m" if unit else "shape only: axes without unit"
    seen = {"bgcolor": "rgba(255,255,255,0.8)", "font": {"color": "#222"}}  # on every colour of the surface
    return {"text": text, "x": 0.01, "y": 0.01, "xref": "paper", "yref": "paper", "showarrow": False} | seen


def far_limit(depth: NDArray[np.float32]) -> float:
    """Return where a surface stops: four times the median distance, or the farthest point if that is nearer; 1 if empty."""
    if not np.isfinite(depth).any():
        return 1.0
    (median,) = percentiles(depth, 50)
    return min(FAR_FACTOR * median, float(np.nanmax(depth)))


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
    larger than the differences in the same direction beside it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / depth
    step = np.diff(inverse, axis=1)
    size = np.abs(step)
    relative = size / np.fmax(inverse[:, :-1], inverse[:, 1:])
    padded = np.pad(step, ((0, 0), (1, 1)))
    same_way = np.sign(step) * np.stack((padded[:, :-2], padded[:, 2:]))  # > 0 where the slope goes on
    beside = np.nan_to_num(same_way).max(axis=0, initial=0)
    with np.errstate(invalid="ignore"):
        jump = ((relative > 0.08) & (size > 3 * beside)) | ((relative > 0.3) & (size > 1.5 * beside))
    return jump | np.isnan(step)


def _field_of_view(shape: tuple[int, ...], focal_length_px: float, camera: Calibration | None) -> NDArray[np.float64]:
    """Return where the outer edges lie at distance 1: ((left, right), (bottom, top)), x to the right, height up."""
    height, width = shape
    column, row = principal_point(shape, camera)
    vertical = (camera and camera.focal_length_y_px) or focal_length_px
    across = np.array((-0.5 - column, width - 0.5 - column)) / focal_length_px
    return np.stack((across, np.array((row + 0.5 - height, row + 0.5)) / vertical))


def _scene(field: NDArray[np.float64], far: float, unit: str, seen_from: tuple[float, float, float]) -> dict[str, object]:
    """Return axes in true proportion, around the camera's field of view up to `far`, and the view from the camera."""
    middle, half = field.mean(axis=1), MARGIN * np.ptp(field, axis=1) / 2
    across, upward = (far * np.stack((middle - half, middle + half), axis=1)).tolist()
    end = MARGIN * far
    extents = np.array((across[1] - across[0], end, upward[1] - upward[0]))
    proportions = extents / extents.max()
    suffix = f" [{unit}]" if unit else " [no unit]"
    median = far / FAR_FACTOR
    camera = median * np.array(seen_from)
    target = median * np.array((0.0, 2.0, 0.0))
    centre = np.array((far * middle[0], end / 2, far * middle[1]))
    eye, looked_at = ((point - centre) / extents.max() for point in (camera, target))
    axis = {"showbackground": False, "showspikes": False, "gridcolor": "#999"}
    return {
        "xaxis": axis | {"title": f"x{suffix}", "range": across},
        "yaxis": axis | {"title": f"distance{suffix}", "range": [0, end]},
        "zaxis": axis | {"title": f"height{suffix}", "range": upward},
        "aspectmode": "manual",
        "aspectratio": dict(zip("xyz", proportions.tolist(), strict=True)),
        "camera": {
            "eye": dict(zip("xyz", eye.tolist(), strict=True)),
            "center": dict(zip("xyz", looked_at.tolist(), strict=True)),
        },
    }
