"""A comparison as one record for programs: numbers, null where there is none, and names that hold their unit.

docs/scores.md explains every field. A field that is renamed, removed or given another meaning needs a new `VERSION`; a
field that is added does not.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from depth_demo.comparison.results import Comparison
from depth_demo.comparison.written import WrittenScores
from depth_demo.evaluation.alignment import UNIT_CAMERA, Alignment
from depth_demo.evaluation.errors import DepthErrors
from depth_demo.evaluation.failures import FailureBox
from depth_demo.evaluation.metrics import FairScores
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.geometry import RgbImage
from depth_demo.monocular.input_size import network_size
from depth_demo.render.report.methods import UNITS, Provenance
from depth_demo.wording.findings import list_findings
from depth_demo.wording.scores import FAIR_ROWS, NON_OCCLUDED_ROWS, ScoreRow

SCHEMA, VERSION = "depth-demo/comparison", 1
Record = dict[str, Any]
_SUFFIXES = {"[%]": "_percent", "[px]": "_px", "[m]": "_m"}  # units in names for people, and in names for programs
_WITH_UNIT = {
    **{name: f"{name}_percent" for name in ("coverage", "loss_share")},
    **{name: f"{name}_px" for name in ("left", "top", "right", "bottom")},
}


def scores_record(comparison: Comparison, provenance: Provenance, files: Sequence[str]) -> Record:
    """Return what `json.dumps(..., allow_nan=False)` writes into scores.json.

    Args:
        comparison: Both methods against the truth, or against confident stereo.
        provenance: Where it comes from.
        files: Names of the files that are saved beside this one.
    """
    camera, truth = comparison.views.calibration, comparison.truth
    judged = {"monocular": comparison.monocular, "stereo": comparison.stereo, "fused": comparison.fused}
    return {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "created": provenance.created.isoformat(timespec="seconds"),
        "judged_by": comparison.judge.replace(" ", "_"),
        "inputs": {
            "left": provenance.left,
            "right": provenance.right or None,
            "views_read_as": provenance.views_text or None,
            "truth": provenance.truth if truth else None,
            "truth_read_as": provenance.truth_text if truth else None,
            "mask": provenance.mask or None,
            "mask_read_as": provenance.mask_text or None,
            "width_px": _width(comparison.views.left),
            "height_px": len(comparison.views.left),
            "known_percent": 100 * float(comparison.reference.valid.mean()),
        },
        "calibration": dataclasses.asdict(camera) if camera else None,
        "fit": fit_record(comparison.monocular.fair.alignment, comparison.reference.kind.unit),
        "scores": {
            "fair": {name: fair_record(scores.fair if scores else None) for name, scores in judged.items()},
            "non_occluded": {
                name: fair_record(scores.non_occluded if scores else None, NON_OCCLUDED_ROWS)
                for name, scores in judged.items()
            },
            "without_fit": {"monocular": _metres_record(comparison.monocular.unfitted)},
            "report": {method: report_record(comparison.as_written.get(method)) for method in ("monocular", "stereo")},
        },
        "regions": {method: [row_record(row) for row in scores.regions] for method, scores in comparison.judged},
        "failure_boxes": [{"name": box.name, **row_record(box)} for box in comparison.failures],
        "findings": [
            {name: _plain(value) for name, value in dataclasses.asdict(finding).items()}
            for finding in list_findings(comparison)
        ],
        "fusion": _fusion_record(comparison),
        "model": _model_record(comparison, provenance),
        "matcher": _matcher_record(comparison),
        "versions": {name.lower().replace(" ", "_"): version for name, version in provenance.versions.items()},
        "files": list(files),
    }


def fit_record(fit: Alignment | None, unit: str = "px") -> Record | None:
    """Return the fit: disparity, inverse depth or depth = scale * value + shift; None for a map that was not fitted.

    Args:
        fit: The fit.
        unit: Of what judges: "px", or "m" where there are no pixels.
    """
    if fit is None:
        return None
    inverse = ("disparity", "px") if unit == "px" else ("inverse_depth", "1/m")
    depth = "depth", "1/px" if unit == "px" and fit.camera == UNIT_CAMERA else "m"
    quantity, of_shift = depth if fit.camera else inverse
    residual = _number(fit.residual_px)
    return {
        "quantity": quantity,
        "unit": of_shift,
        "scale": _number(fit.scale),
        "shift": _number(fit.shift),
        "residual_px": residual if unit == "px" else None,
        "residual_per_m": None if unit == "px" else residual,
        "pixels": fit.pixels,
        "inverted": bool(fit.inverted),
    }


def fair_record(scores: FairScores | None, rows: Sequence[ScoreRow] = FAIR_ROWS) -> Record | None:
    """Return the scores of rows of *fair*; each is None for an inverted map. None for a method that was not judged."""
    if scores is None:
        return None
    values = {record_key(row): None if scores.inverted else _number(row.value(scores)) for row in rows}
    return {**values, "windows": scores.windows, "pixels": scores.errors.pixels if scores.errors else None}


def record_key(row: ScoreRow) -> str:
    """Return the name of a score in records: with its unit."""
    return row.key + next((suffix for unit, suffix in _SUFFIXES.items() if unit in row.name), "")


def _metres_record(errors: DepthErrors | None) -> Record | None:
    if errors is None:
        return None
    return {
        "abs_rel": _number(errors.abs_rel),
        "rmse_m": _number(errors.rmse_m),
        "delta_1_percent": _number(errors.delta_1),
        "silog": _number(errors.silog),
    }


def report_record(written: WrittenScores | None) -> Record | None:
    """Return the SSIM of the *report* protocol; None for a method that has none."""
    if written is None:
        return None
    disparity, depth = (_number(scores.ssim) if scores else None for scores in (written.disparity, written.depth))
    return {"ssim_disparity": disparity, "ssim_depth": depth}


def row_record(row: RegionErrors | FailureBox) -> Record:
    """Return a region or a box; what is in pixels is None where there are none, and in metres otherwise."""
    values = dataclasses.asdict(row)
    unit = values.pop("unit")
    if isinstance(row, RegionErrors):
        names = {
            "error": ("epe_px", "mean_error_m"),
            "bias": ("bias_px", "bias_m"),
            "wrong": ("bad_3_percent", "far_off_percent"),
        }
    else:
        names = {"error": ("error_px", "error_m")}
    record: Record = {}
    for name, value in values.items():
        in_px, in_m = names.get(name, (_WITH_UNIT.get(name, name), ""))
        record[in_px] = _plain(value) if unit == "px" or not in_m else None
        if in_m:
            record[in_m] = _plain(value) if unit == "m" else None
    return record


def _plain(value: object) -> object:
    if isinstance(value, float):
        return _number(value)
    return None if value == "" else value


def _fusion_record(comparison: Comparison) -> Record | None:
    if comparison.fused is None:
        return None
    fusion = comparison.fused.fusion
    return {"holes_from": fusion.holes_from, "fit": fit_record(fusion.fit)}


def _model_record(comparison: Comparison, provenance: Provenance) -> Record:
    model, estimate = provenance.model, comparison.estimate
    named = {
        "name": model.name,
        "title": model.title,
        "read_as": provenance.own_map or None,
        "gives": model.kind.value.replace(" ", "_"),
        "unit": model.kind.unit or None,
    }
    if provenance.own_map:
        unknown = (
            "licence",
            "says",
            "focal_length_px",
            "focal_length_from",
            "input_width_px",
            "input_height_px",
            "device",
            "seconds",
            "cached",
        )
        return {**named, "sha256": [], **dict.fromkeys(unknown)}
    focal_length = estimate.depth_map.focal_length
    size = network_size(*comparison.reference.shape, provenance.chosen.pixels, model.preprocessing)
    return {
        **named,
        "licence": model.licence,
        "sha256": provenance.sha256.split(),
        "says": estimate.depth_map.remark or None,
        "focal_length_px": focal_length.pixels if focal_length else None,
        "focal_length_from": focal_length.source if focal_length else None,
        "input_width_px": size.width,
        "input_height_px": size.height,
        "device": provenance.device,
        "seconds": estimate.seconds,
        "cached": estimate.cached,
    }


def _matcher_record(comparison: Comparison) -> Record | None:
    match = comparison.match
    if match is None:
        return None
    settings = dataclasses.asdict(match.settings)
    return {
        "name": match.matcher.name,
        "title": match.matcher.title,
        "settings": settings,
        "units": {name: unit for name, unit in UNITS.items() if name in settings},
        "matched_percent": match.coverage,
        "unsearched_percent": match.band_share,
        "seconds": match.seconds,
        "cached": match.cached,
    }


def _width(picture: RgbImage) -> int:
    return int(picture.shape[1])


def _number(value: float | None) -> float | None:
    """Return a number as JSON can hold it; None for NaN and for infinity."""
    return float(value) if value is not None and math.isfinite(value) else None
