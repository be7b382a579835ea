"""A pair at a glance: the few scores of a row that a table shows while a run goes on, in the words of Compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from depth_demo.batch.job import Job
from depth_demo.monocular.models import MODELS
from depth_demo.render.report.scores_file import record_key
from depth_demo.wording.scores import FAIR_ROWS, NON_OCCLUDED_ROWS, ScoreRow

Cell = str | float | None
PAIR, SIZE, SECONDS, ERROR, REMARK = "Pair", "Size [px]", "Seconds", "Error", "Remark"
FIRST, LAST = (PAIR, SIZE), (SECONDS, ERROR, REMARK)
METHODS = ("monocular", "stereo")
_FAIR = ("ssim", "epe", "bad_3_all")
_NON_OCCLUDED = ("bad_3",)


def columns(job: Job, *, masked: bool) -> list[str]:
    """Return the headers: of the pair, of each score of each method and combination, and of how the pair went.

    Args:
        job: Names the models and matchers.
        masked: Whether a benchmark's mask counts, whose score comes first.
    """
    several = len(job.models) * len(job.matchers) > 1
    found = []
    for model in job.models:
        for matcher in job.matchers:
            names = (MODELS[model].title, matcher.label) if several else ("", "")
            who = dict(zip(METHODS, names, strict=True))
            beside = dict(zip(METHODS, names[::-1], strict=True))
            for _, row in _rows(masked=masked):
                for method in METHODS:
                    said = f": {who[method]} beside {beside[method]}" if several else ""
                    found.append(f"{row.name}, {method}{said}")
    return [*FIRST, *found, *LAST]


def cells(row: dict[str, Any], job: Job, *, masked: bool) -> list[Cell]:
    """Return a row's cells for `columns`; None where there is no number."""
    results = {(result["model"], result["matcher"]): result for result in row["results"]}
    found: list[Cell] = []
    for model in job.models:
        for matcher in job.matchers:
            result = results.get((model, matcher.label), {})
            for way, score in _rows(masked=masked):
                found += [_number(result, way, method, score) for method in METHODS]
    size = (row["inputs"] or {}).get("size_px", "")
    seconds = row["seconds"].get("total")
    return [row["id"], size, *found, None if seconds is None else round(seconds, 2), error_of(row), _remark(row)]


def datatypes(headers: Sequence[str]) -> list[str]:
    """Return what the columns hold: texts, and numbers that sort as such."""
    return ["str" if header in {PAIR, SIZE, ERROR, REMARK} else "number" for header in headers]


def error_of(row: dict[str, Any]) -> str:
    """Return why a pair has no scores, or not all of them; "" where it has."""
    if row["error"]:
        return str(row["error"])
    refused = [(f"{result['model']} + {result['matcher']}", result["error"]) for result in row["results"] if result["error"]]
    if len(refused) == len(row["results"]) == 1:
        return str(refused[0][1])
    return " ".join(f"{name}: {error}" for name, error in refused)


def _remark(row: dict[str, Any]) -> str:
    """Name the models whose map is inverted, which is reported and never scored; "" where none is."""
    inverted = {result["model"]: None for result in row["results"] if result.get("fit") and result["fit"]["inverted"]}
    return f"Inverted: {', '.join(MODELS[name].title for name in inverted)}." if inverted else ""


def _rows(*, masked: bool) -> list[tuple[str, ScoreRow]]:
    by_key = {row.key: row for row in FAIR_ROWS}, {row.key: row for row in NON_OCCLUDED_ROWS}
    first = [("non_occluded", by_key[1][key]) for key in _NON_OCCLUDED] if masked else []
    return [*first, *(("fair", by_key[0][key]) for key in _FAIR)]


def _number(result: dict[str, Any], way: str, method: str, score: ScoreRow) -> float | None:
    scores = result.get("scores", {}).get(way, {}).get(method) or {}
    value = scores.get(record_key(score))
    return None if value is None or not math.isfinite(value) else float(score.form.format(value))
