"""The run over a data set: what is left to do, an engine that does it, a row for every pair, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depth_demo.batch.job import Job
from depth_demo.batch.pictures import Extremes
from depth_demo.batch.rows import FILE, RowsFile, is_error, read_rows
from depth_demo.batch.work import Scored, score_sample
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import quoted

PICTURES = "pictures"
Engine = Callable[[Sequence[Sample], Job], Generator[Scored, None, None]]  # in any order; each sample comes back once


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, after one pair.

    Attributes:
        done, total: Pairs with a row, those of earlier runs included, and all pairs.
        errors: Rows that are errors, of the pairs with a row.
        row: The row of this pair; None at the start.
        seconds_left: Until all pairs have a row at the pace so far; None before the second pair.
    """

    done: int
    total: int
    errors: int
    row: dict[str, Any] | None = None
    seconds_left: float | None = None


def in_this_process(samples: Sequence[Sample], job: Job) -> Generator[Scored, None, None]:
    """Score one pair after another."""
    return (score_sample(sample, job) for sample in samples)


def score_dataset(
    samples: Sequence[Sample],
    job: Job,
    folder: Path,
    engine: Engine = in_this_process,
    *,
    data: Path | None = None,
    called: str | None = None,
    restart: bool = False,
    retry: bool = False,
) -> Generator[Progress, None, None]:
    """Score all pairs that have no row yet, and tell after each how far the run is.

    A row is in the file before it is told. Whoever stops asking ends the run, and keeps the rows that are there.

    Args:
        samples: The pairs; no two have the same name.
        job: What is done with each.
        folder: Of the results.
        engine: What scores them.
        data: The folder of the data set; the run ends when it vanishes. None is not watched.
        called: What the rows say of the data set; None writes its folder.
        restart: Whether to begin anew.
        retry: Whether pairs whose rows are errors are scored again.

    Raises:
        ValueError: If two samples have one name, the folder holds rows of other settings, or the data set vanishes.
        OSError: If a row cannot be written.
    """
    names = [sample.name for sample in samples]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"Two pairs of the data set have the name {quoted(twice)}, so their rows could not be told apart.")
    if called is None:
        called = str(data.resolve()) if data else ""
    settings = job.settings() | {"data": called}
    with RowsFile.open(folder, settings, restart=restart, retry=retry) as rows:
        extremes = _extremes_so_far(folder, rows)
        todo = [sample for sample in samples if sample.name not in rows.done]
        before, first = len(rows.done & set(names)), None
        yield Progress(before, len(samples), rows.errors)
        with closing(engine(todo, job)) as found:
            for count, scored in enumerate(found, 1):
                if scored.row["error"] and data is not None and not data.exists():
                    raise ValueError(
                        f"The folder {quoted(data.name)} of the data set is gone. {len(rows.done)} pairs have rows: run the "
                        "same command again when it is back."
                    )
                rows.append(scored.row)
                extremes.offer(str(scored.row["id"]), wrong_shares(scored.row), scored.strip)
                first = first or time.monotonic()
                pace = (time.monotonic() - first) / (count - 1) if count > 1 else None  # workers took time to start
                left = None if pace is None else pace * (len(todo) - count)
                yield Progress(before + count, len(samples), rows.errors, scored.row, left)


def _extremes_so_far(folder: Path, rows: RowsFile) -> Extremes:
    """Return the best and the worst pairs of the rows that are there, and drop pictures of no such pair."""
    extremes = Extremes(folder / PICTURES)
    if rows.done:
        earlier = read_rows(folder)
        next(earlier)
        for row in earlier:
            extremes.offer(str(row["id"]), wrong_shares(row), None)
    kept = {extremes.path(name) for name in extremes.names()}
    for picture in extremes.folder.glob("*.jpg"):
        if picture not in kept:
            picture.unlink()
    return extremes


def wrong_shares(row: dict[str, Any]) -> dict[str, float]:
    """Return how much of all truth each method has wrong or no answer for [%], in the first combination that was scored."""
    first = next((result for result in row["results"] if not result["error"]), None)
    if first is None:
        return {}
    found = {method: first["scores"]["fair"][method] for method in ("monocular", "stereo")}
    shares = {method: scores and scores["bad_3_all_percent"] for method, scores in found.items()}
    return {method: share for method, share in shares.items() if share is not None}


def missing(samples: Sequence[Sample], folder: Path) -> int:
    """Return how many pairs have no row, counted in the file."""
    if not (folder / FILE).is_file():
        return len(samples)
    rows = read_rows(folder)
    next(rows, None)
    have = {str(row["id"]) for row in rows}
    return sum(sample.name not in have for sample in samples)


def failed(folder: Path) -> int:
    """Return how many rows are errors, counted in the file."""
    rows = read_rows(folder)
    next(rows, None)
    return sum(is_error(row) for row in rows)
