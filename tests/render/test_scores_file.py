"""scores.json against the document that describes it: every field is there, with its type, and none is missing."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment import UNIT_CAMERA, Alignment
from depth_demo.geometry import DepthKind, DepthMap, FocalLength, SingleView, disparity_to_depth
from depth_demo.pipeline import compare
from depth_demo.render.report.scores_file import SCHEMA, VERSION, Record, fair_record, fit_record, scores_record
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.findings import Code, list_findings
from depth_demo.wording.scores import FAIR_ROWS, fair_rows
from tests.conftest import PAIRS, stereo_of
from tests.render.test_report import PROVENANCE

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scores.md").read_text("utf-8")
NAMED_BY_CONTENT = (
    "scores.fair",
    "scores.non_occluded",
    "scores.without_fit",
    "scores.report",
    "regions",
    "matcher.settings",
    "matcher.units",
    "versions",
)
TYPES = {bool: "true or false", int: "integer", float: "number", str: "text", dict: "object", type(None): "null"}
SETTINGS = SgbmSettings(num_disparities=64)


def compared(kind: str) -> Comparison:
    """Return a comparison with all there may be, or with a mask; of a map that is inverted or in pixels; or of two views."""
    pair = PAIRS[0].load()
    assert pair.ground_truth is not None
    values = np.nan_to_num(pair.ground_truth.values, nan=1) ** np.float32(1.2)
    if kind == "pixels":
        return compare(pair, lambda image: DepthMap(values, DepthKind.DISPARITY), SETTINGS)
    if kind == "one view":
        assert pair.calibration is not None
        metres = disparity_to_depth(pair.ground_truth, pair.calibration)
        values = np.roll(np.nan_to_num(metres.values, nan=9), 40)
        late = DepthMap(values, DepthKind.METRIC_DEPTH, "A remark.", FocalLength(480, "as given"))
        return compare(SingleView(pair.left, metres), lambda image: late)
    if kind == "masked":
        pair = dataclasses.replace(pair, counted=pair.ground_truth.values > 9)
    if kind == "bare":
        pair = dataclasses.replace(pair, calibration=None, ground_truth=None)
    estimate = DepthMap(-values if kind == "inverted" else values, DepthKind.RELATIVE_INVERSE_DEPTH)
    return compare(pair, lambda image: estimate, SETTINGS)


def record_of(comparison: Comparison) -> Record:
    """Return the record as a program reads it from the file."""
    text = json.dumps(scores_record(comparison, PROVENANCE, ["report.html"]), allow_nan=False)
    record = json.loads(text)
    assert isinstance(record, dict)
    return record


@pytest.fixture(scope="module")
def comparisons() -> dict[str, Comparison]:
    return {kind: compared(kind) for kind in ("whole", "inverted", "pixels", "masked", "one view", "bare")}


@pytest.fixture(scope="module")
def records(comparisons: dict[str, Comparison]) -> dict[str, Record]:
    return {kind: record_of(comparison) for kind, comparison in comparisons.items()}


def fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every field that holds no other one, as the document names it, with its type."""
    if isinstance(value, list):
        for item in value:
            yield from fields(item, f"{path}[]")
    elif isinstance(value, dict) and value:
        for name, item in value.items():
            below = "*" if path in NAMED_BY_CONTENT else name
            yield from fields(item, f"{path}.{below}".removeprefix("."))
    else:
        yield path, TYPES[type(value)]


def documented() -> dict[str, str]:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| [^|]+ \|$", DOCUMENT, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_every_field_of_a_file_is_documented_with_its_type(records: dict[str, Record]) -> None:
    known = documented()
    for record in records.values():
        for path, kind in fields(record):
            accepted = known.get(path, "nothing")
            assert kind in accepted or (kind == "integer" and "number" in accepted), f"{path}: {kind}, not {accepted}"


def test_every_documented_field_is_in_a_file(records: dict[str, Record]) -> None:
    found = {path for record in records.values() for path, _ in fields(record)}
    assert set(documented()) - found == set()


def test_names_are_snake_case(records: dict[str, Record]) -> None:
    assert all(re.fullmatch(r"[a-z0-9_.*\[\]]+", path) for record in records.values() for path, _ in fields(record))


def test_schema_and_version_are_those_of_the_document(records: dict[str, Record]) -> None:
    assert (records["whole"]["schema"], records["whole"]["schema_version"]) == (SCHEMA, VERSION)
    assert f'("{SCHEMA}", {VERSION})' in DOCUMENT


def test_the_codes_of_findings_are_those_of_the_document(comparisons: dict[str, Comparison]) -> None:
    table = DOCUMENT.partition("| code of a finding |")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(get_args(Code))
    codes = {kind: [finding.code for finding in list_findings(comparison)] for kind, comparison in comparisons.items()}
    assert codes["whole"][:2] == ["answer", "overview"]
    assert codes["inverted"][:2] == ["answer", "inverted"]
    assert codes["bare"][0] == "overview"


def test_its_numbers_are_those_of_the_table(comparisons: dict[str, Comparison], records: dict[str, Record]) -> None:
    comparison, fair = comparisons["whole"], records["whole"]["scores"]["fair"]
    forms = {row.name: row.form for row in FAIR_ROWS}
    names = dict(zip(forms, fair["stereo"], strict=False))
    for name, monocular, stereo, fused, _ in fair_rows(comparison, comparison.fused):
        for method, cell in (("monocular", monocular), ("stereo", stereo), ("fused", fused)):
            number = fair[method][names[name]]
            assert cell == ("-" if number is None else forms[name].format(number)), (method, name)
    assert fair["stereo"]["epe_px"] == stereo_of(comparison).fair.errors.epe_px  # type: ignore[union-attr]


def test_the_fit_is_there_in_numbers(comparisons: dict[str, Comparison], records: dict[str, Record]) -> None:
    fit = comparisons["whole"].monocular.fair.alignment
    assert fit is not None
    assert records["whole"]["fit"] == {
        "quantity": "disparity", "unit": "px", "scale": fit.scale, "shift": fit.shift,
        "residual_px": fit.residual_px, "residual_per_m": None, "pixels": fit.pixels, "inverted": False,
    }  # fmt: skip
    assert records["inverted"]["fit"]["inverted"] is True
    in_depth = fit_record(Alignment(2.0, 1.0, 100, float("nan"), UNIT_CAMERA))
    assert in_depth is not None
    assert (in_depth["quantity"], in_depth["unit"], in_depth["residual_px"]) == ("depth", "1/px", None)
    assert records["pixels"]["fit"] is fit_record(None) is fair_record(None) is None


def test_an_inverted_map_has_no_scores(records: dict[str, Record]) -> None:
    monocular = records["inverted"]["scores"]["fair"]["monocular"]
    assert {monocular[name] for name in monocular if name != "windows"} == {None}
    assert "monocular" not in records["inverted"]["regions"]


def test_without_truth_and_calibration_both_are_null(records: dict[str, Record]) -> None:
    bare = records["bare"]
    assert bare["judged_by"] == "confident_stereo"
    assert bare["calibration"] is bare["inputs"]["truth"] is bare["scores"]["fair"]["stereo"] is None
    assert bare["scores"]["report"] == {"monocular": None, "stereo": None}


def test_with_a_mask_the_scores_of_its_pixels_stand_beside_those_of_all(records: dict[str, Record]) -> None:
    assert set(records["whole"]["scores"]["non_occluded"].values()) == {None}
    scores = records["masked"]["scores"]
    for method in ("monocular", "stereo", "fused"):
        inside, whole = scores["non_occluded"][method], scores["fair"][method]
        assert 0 < inside["pixels"] < whole["pixels"]
        assert inside["bad_half_percent"] >= inside["bad_1_percent"] >= inside["bad_2_percent"]


def test_of_one_view_in_metres_nothing_is_in_pixels_and_nothing_of_stereo(records: dict[str, Record]) -> None:
    record = records["one view"]
    assert record["matcher"] is record["scores"]["fair"]["stereo"] is record["scores"]["report"]["stereo"] is None
    assert record["scores"]["report"]["monocular"]["ssim_disparity"] is None
    fair = record["scores"]["fair"]["monocular"]
    assert {name for name in fair if name.endswith("_px") and fair[name] is not None} == set()
    assert 0 < fair["abs_rel"] < 1
    assert (record["fit"]["quantity"], record["fit"]["unit"]) == ("inverse_depth", "1/m")
    assert record["scores"]["without_fit"]["monocular"]["rmse_m"] > 0
    assert all(box["error_px"] is box["shared"] is None for box in record["failure_boxes"])
    assert [row["bad_3_percent"] for row in record["regions"]["monocular"] if row["far_off_percent"] is None] == []


def test_findings_are_plain_text_that_names_its_method(records: dict[str, Record]) -> None:
    found = [finding for record in records.values() for finding in record["findings"]]
    assert not [finding["text"] for finding in found if "*" in finding["text"]]
    overviews = [finding for finding in found if finding["code"] == "overview"]
    assert overviews
    assert all(finding["text"].lower().startswith(f"{finding['method']} has an answer") for finding in overviews)
    assert all((finding["region"] is None) == (finding["code"] not in {"strength", "weakness", "lead"}) for finding in found)
