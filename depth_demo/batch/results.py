"""All rows of a run as lists of numbers, which the report is made from; pixels and words stay in the file."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_demo.batch.record import KEPT
from depth_demo.batch.rows import read_rows
from depth_demo.comparison.results import Judged

Combination = tuple[str, str]  # model and matcher
Way = str  # of scoring: "fair", "non_occluded", "report", or an alignment
JUDGED: tuple[Judged, ...] = ("monocular", "stereo", "fused")
NAN = float("nan")


@dataclass(slots=True)
class RegionSum:
    """One class of pixels, over all pairs: how many there are, and how many of them a method has wrong."""

    role: str
    pairs: int = 0
    pixels: int = 0
    wrong: float = 0.0

    @property
    def wrong_percent(self) -> float:
        return 100 * self.wrong / self.pixels


@dataclass(slots=True)
class Curves:
    """Risk at `record.KEPT`, summed over pairs: by the method's uncertainty, and by an oracle [px]."""

    pairs: int = 0
    risk: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(KEPT)))
    oracle: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(KEPT)))

    def add(self, found: Mapping[str, list[float]]) -> None:
        self.pairs += 1
        self.risk += found["risk"]
        self.oracle += found["oracle"]


@dataclass(slots=True)
class Results:
    """What the rows of a run say.

    Attributes:
        settings: Of the run.
        pairs: How many have a row.
        combinations: Models and matchers, in the order in which they were asked for.
        ids: Of the pairs that a combination could score.
        scores: By combination, way and method: a list of numbers by the name of the score, NaN where there is none, in the
            order of `ids`.
        regions, curves: By combination and method.
        inverted: How many monocular maps were inverted, by combination.
        refused: Pair, combination (or "" for all) and the sentence that says why there are no scores.
        seconds: By "read", model, matcher or combination.
        with_mask, with_camera: Pairs that have them.
        hosts: Machines that scored.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    pairs: int = 0
    combinations: list[Combination] = field(default_factory=list)
    ids: dict[Combination, list[str]] = field(default_factory=lambda: defaultdict(list))
    scores: dict[tuple[Combination, Way, str], dict[str, array[float]]] = field(default_factory=lambda: defaultdict(dict))
    regions: dict[tuple[Combination, str], dict[str, RegionSum]] = field(default_factory=lambda: defaultdict(dict))
    curves: dict[tuple[Combination, str], Curves] = field(default_factory=lambda: defaultdict(Curves))
    inverted: dict[Combination, int] = field(default_factory=lambda: defaultdict(int))
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    seconds: dict[str, array[float]] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    with_mask: int = 0
    with_camera: int = 0
    hosts: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> Results:
        """Read the rows of a folder, one after another.

        Raises:
            ValueError: If there are none, or a line is broken.
        """
        rows = read_rows(folder)
        results = cls(next(rows))
        results.combinations = [
            (model, matcher) for model in results.settings["models"] for matcher in results.settings["matchers"]
        ]
        for row in rows:
            results._add(row)
        return results

    def values(self, combination: Combination, way: Way, method: str, key: str) -> NDArray[np.float64]:
        """Return a score of all pairs that the combination could score; empty where no pair has it."""
        found = self.scores.get((combination, way, method), {}).get(key)
        return np.array([] if found is None else found, np.float64)

    def _add(self, row: dict[str, Any]) -> None:
        self.pairs += 1
        if row["host"]:
            self.hosts.add(row["host"])
        inputs, seconds = row["inputs"] or {}, row["seconds"]
        self.with_mask += inputs.get("counted_percent") is not None
        self.with_camera += bool(inputs.get("has_camera"))
        if row["error"]:
            self.refused.append((row["id"], "", row["error"]))
        else:
            self.seconds["read"].append(seconds["read"])
            for part in ("estimate", "match", "score"):
                for name, value in seconds[part].items():
                    self.seconds[name].append(value)
        for result in row["results"]:
            combination = result["model"], result["matcher"]
            if result["error"]:
                self.refused.append((row["id"], " + ".join(combination), result["error"]))
            else:
                self._add_result(row["id"], combination, result)

    def _add_result(self, name: str, combination: Combination, result: dict[str, Any]) -> None:
        count = len(self.ids[combination])
        self.ids[combination].append(name)
        for way, method, found in _scores_of(result):
            columns = self.scores[combination, way, method]
            for key in columns.keys() | found.keys():
                column = columns.setdefault(key, array("d", [NAN]) * count)
                value = found.get(key)
                column.append(NAN if value is None else value)
        for method, rows in result["regions"].items():
            for region, row in rows.items():
                known = self.regions[combination, method].setdefault(region, RegionSum(row["role"]))
                known.pairs += 1
                known.pixels += row["pixels"]
                known.wrong += row["pixels"] * row["bad_3_percent"] / 100
        for method, curve in result["risk_px"].items():
            if curve:
                self.curves[combination, method].add(curve)
        self.inverted[combination] += bool(result["fit"] and result["fit"]["inverted"])


def _scores_of(result: dict[str, Any]) -> Iterator[tuple[Way, str, dict[str, float | None]]]:
    """Yield way, method and scores, also of a method that has none, so that all lists stay equally long."""
    scores = result["scores"]
    for way in ("fair", "non_occluded", "report"):
        for method in JUDGED:
            yield way, method, scores[way].get(method) or {}
    for mode, row in result["alignments"].items():
        yield mode, "monocular", row
