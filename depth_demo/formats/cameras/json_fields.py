"""Cameras as fields of a JSON object: plain ones under the names in use, and Cityscapes' own."""

from __future__ import annotations

from dataclasses import replace

from depth_demo.formats.cameras.documents import (
    NO_KNOWN_UNIT,
    Document,
    Size,
    first_matrix,
    first_name,
    inside,
    matrix,
    number,
    optional_number,
    picture_size,
    unit_word,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import (
    ALWAYS,
    BY_CUSTOM,
    FoundCamera,
    Lengths,
    SeparateCamera,
    from_separate,
    in_opencvs_order,
    require_focal_length,
)
from depth_demo.formats.cameras.trees import Tree

_FOCAL = ("focal_length_px", "focal_px", "fx")
_FOCAL_Y = ("focal_length_y_px", "fy")
_K = ("K", "K1", "camera_matrix", "intrinsic_matrix", "intrinsics", "K_left")
_K_RIGHT = ("K2", "K_right")
_BASELINE = {
    "baseline_m": "m", "baseline_meters": "m", "baseline_metres": "m", "baseline_mm": "mm", "baseline_cm": "cm",
    "baseline_in": "in", "baseline_inch": "in", "baseline_inches": "in", "baseline_ft": "ft", "baseline_feet": "ft",
    "baseline": "",
}  # fmt: skip
_PRODUCT = ("bf", "fb")  # f [px] times B
_DOFFS = ("doffs_px", "doffs")
_COLUMNS = (("cx0", "cx1"), ("cx_left", "cx_right"), ("cx_l", "cx_r"), ("cxL", "cxR"), ("cx1", "cx2"))
_ROWS = ("cy", "cy0", "cy1", "cy_left", "cy_l", "cyL")
_COEFFICIENTS = ("k1", "k2", "k3", "p1", "p2")
_DISTORTION = ("D", "dist", "distortion", "dist_coeffs", "distCoeffs", "distortion_coefficients", "distortion_coeffs")
_CITYSCAPES = (1024, 2048)  # the size of all its pictures


def baseline_field(tree: Tree) -> tuple[float, str] | None:
    """Return a baseline and its unit, "" where the field's name has none; None where there is no baseline.

    Raises:
        ValueError: If it is no number.
    """
    name = first_name(tree, _BASELINE) or next((name for name in _BASELINE if name in tree), None)
    return None if name is None else (number(tree, name), _BASELINE[name])


def lengths_of(unit: str) -> Lengths:
    """Return how to measure a baseline whose unit the file names, or names in no known word, or not at all ("")."""
    if unit == NO_KNOWN_UNIT:
        return Lengths("")
    return Lengths(unit, ALWAYS) if unit else Lengths("m", BY_CUSTOM)


def _from_json(document: Document, _: Wanted) -> FoundCamera:
    tree = document.tree
    k = first_matrix(tree, _K, 9) if first_name(tree, _FOCAL) is None else None
    focal = k[0] if k else optional_number(tree, _FOCAL)
    found = baseline_field(tree)
    if found is None and focal and (product := optional_number(tree, _PRODUCT)) is not None:
        found = product / require_focal_length(focal), ""
    if focal is None or found is None:
        lacking = "a focal length or a baseline" if focal is None else "a baseline: one camera's numbers are not enough"
        raise ValueError(f"The calibration lacks {lacking}. Fields such as focal_length_px and baseline_m are read.")
    baseline, unit = found[0], found[1] or unit_word(document)
    vertical = k[4] if k else optional_number(tree, _FOCAL_Y)
    doffs, point = _principal_points(tree, k)
    lengths, size = lengths_of(unit), picture_size(tree)
    column, row = point or (0.0, 0.0)
    lens = SeparateCamera(focal, vertical or focal, column, row, _distortion(tree))
    if lens.distortion:  # refused, but kept for a rectification
        shift = (-baseline, 0.0, 0.0)
        from_separate(lens, replace(lens, cx=column + doffs), [1, 0, 0, 0, 1, 0, 0, 0, 1], shift, lengths, size)
    return FoundCamera(focal, baseline, lengths.unit, lengths.believed, doffs, vertical, point, size)


def _distortion(tree: Tree) -> list[float]:
    """Return the coefficients of a distorted lens in OpenCV's order; none where all are 0."""
    named = {name: value for name in _COEFFICIENTS if isinstance(value := inside(tree, name), float)}
    listed = [matrix(value, name) for name in _DISTORTION if isinstance(value := inside(tree, name), list)]
    coefficients = [*next((values for values in listed if any(values)), []), *in_opencvs_order(named)]
    return coefficients if any(coefficients) else []


def _principal_points(tree: Tree, k: list[float] | None) -> tuple[float, tuple[float, float] | None]:
    """Return doffs, and the left principal point where the file has one."""
    columns = next((pair for pair in _COLUMNS if all(inside(tree, name) is not None for name in pair)), None)
    right = first_matrix(tree, _K_RIGHT, 9)
    if columns:
        left_column, right_column = (number(tree, name) for name in columns)
    elif k:
        left_column, right_column = k[2], right[2] if right else k[2]
    else:
        only = optional_number(tree, ("cx",))
        left_column = right_column = 0.0 if only is None else only
    doffs = next((number(tree, name) for name in _DOFFS if name in tree), right_column - left_column)
    row = k[5] if k else optional_number(tree, _ROWS)
    known = row is not None and (k or columns or inside(tree, "cx") is not None)
    return doffs, (left_column, row) if known and row is not None else None


def _from_cityscapes(document: Document, _: Wanted) -> FoundCamera:
    tree = document.tree
    focal = number(tree, "intrinsic.fx")
    if inside(tree, "extrinsic.baseline") is None:
        raise ValueError("The calibration lacks a baseline: Cityscapes has it at extrinsic.baseline.")
    baseline = number(tree, "extrinsic.baseline")
    column, row = optional_number(tree, ("intrinsic.u0",)), optional_number(tree, ("intrinsic.v0",))
    point = None if column is None or row is None else (column, row)
    size: Size | None = _CITYSCAPES if point and abs(point[0] - 1024) < 200 and abs(point[1] - 512) < 100 else None
    vertical = optional_number(tree, ("intrinsic.fy",))
    return FoundCamera(focal, baseline, "m", focal_length_y_px=vertical, principal_point_px=point, size=size)


FORMS = {
    "cityscapes": CameraForm(
        "Cityscapes' camera file", "Cityscapes", "github.com/mcordts/cityscapesScripts, docs/csCalibration.pdf",
        lambda document: inside(document.tree, "intrinsic.fx") is not None, _from_cityscapes,
    ),
    "json": CameraForm(
        "JSON", 'JSON such as {"focal_length_px": 700, "baseline_m": 0.5, "doffs_px": 0}',
        "docs/formats.md; fx, baseline_meters, cx0 and cx1: github.com/nburrus/stereodemo",
        lambda document: document.is_json, _from_json,
    ),
}  # fmt: skip
