"""results.csv: a line for each pair and combination, with every number of its row under a name that holds the unit."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from depth_demo.batch.results import JUDGED
from depth_demo.batch.rows import read_rows

FILE = "results.csv"
FIRST = ("id", "model", "matcher", "error")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # beginnings of words that spreadsheets would compute


def write_table(folder: Path) -> Path:
    """Write the table of a folder's rows, which is there wholly or not at all.

    Raises:
        ValueError: If there are no rows.
        OSError: If it cannot be written.
    """
    columns = dict.fromkeys(FIRST)
    for line in _lines(folder):
        columns.update(dict.fromkeys(line))
    path, own = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    with own.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), restval="")
        writer.writeheader()
        writer.writerows(_lines(folder))
    return own.replace(path)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    rows = read_rows(folder)
    next(rows)
    for row in rows:
        of_pair = {"host": row["host"], **(row["inputs"] or {})}
        if row["error"]:
            yield _line({"id": row["id"], "error": row["error"], **of_pair})
        for result in row["results"]:
            yield _line({"id": row["id"], **_of_result(result), **of_pair, **_seconds(row, result)})


def _of_result(result: dict[str, Any]) -> dict[str, Any]:
    return dict(_flat({name: value for name, value in result.items() if name != "risk_px"}))


def _flat(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the numbers of nested records under joined names; no method without scores, no name of a region twice."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{_word(name)}_".removeprefix("scores_"))
        elif name not in JUDGED and not (before.startswith("regions_") and name in {"name", "role"}):
            yield f"{before}{_word(name)}", value


def _word(name: str) -> str:
    return name.replace(" + ", "_and_").replace(" ", "_").replace("-", "_")


def _seconds(row: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    seconds, model, matcher = row["seconds"], result["model"], result["matcher"]
    return {
        "seconds_read": seconds["read"],
        "seconds_estimate": seconds["estimate"].get(model),
        "seconds_match": seconds["match"].get(matcher),
        "seconds_score": seconds["score"].get(f"{model} + {matcher}"),
        "seconds_of_pair": seconds["total"],
    }


def _line(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: object) -> object:
    """Return a cell; words that a spreadsheet would take for a formula begin with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
