"""Who is ahead on a data set: methods in a row each, ranks under each score, and what the way of scoring turns round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.batch.results import Combination, Results
from depth_demo.comparison.results import Judged
from depth_demo.evaluation.alignment import ALIGNMENT_MODES, Alignment
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.errors import DepthErrors, DisparityErrors
from depth_demo.evaluation.metrics import FairScores
from depth_demo.evaluation.summary import lead, summarize
from depth_demo.monocular.models import MODELS
from depth_demo.render.report.scores_file import record_key
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, COLUMNS, alignment_table, what_flips
from depth_demo.wording.data_set import lead_in_words, protocols_in_words, spread_cell
from depth_demo.wording.scores import FAIR_ROWS, NON_OCCLUDED_ROWS

Leader = tuple[Judged, str, Combination]  # kind of method, its name, and the combination whose scores stand for it
NAN = float("nan")
REPORT_SCORES = (("ssim_disparity", "report: SSIM of disparity"), ("ssim_depth", "report: SSIM of depth"))
# Names of the scores of an alignment in rows, in the order of the table of a comparison.
ALIGNED_KEYS = ("epe_px", "bad_3_percent", "bad_3_all_percent", "abs_rel", "delta_1_percent", "ssim")


@dataclass(frozen=True, slots=True)
class Column:
    """One score of the leaderboard: its name for people, where rows have it, and how it is written and ranked."""

    header: str
    way: str
    key: str
    form: str
    larger_is_better: bool = False


def _columns() -> tuple[Column, ...]:
    wanted = ("bad_3_all", "d1_all", "epe", "bad_1", "ssim", "ssim_all", "coverage", "abs_rel", "delta_1")
    better = {"ssim", "ssim_all", "coverage", "delta_1"}
    fair = {row.key: row for row in FAIR_ROWS}
    counted = next(row for row in NON_OCCLUDED_ROWS if row.key == "bad_3_all")
    return (
        Column(counted.name, "non_occluded", record_key(counted), counted.form),
        *(Column(fair[key].name, "fair", record_key(fair[key]), fair[key].form, key in better) for key in wanted),
        *(Column(name, "report", key, "{:.4f}", larger_is_better=True) for key, name in REPORT_SCORES),
    )


LEADER_COLUMNS = _columns()
FIRST_COLUMN = next(column for column in LEADER_COLUMNS if (column.way, column.key) == ("fair", "bad_3_all_percent"))


def name_of(combination: Combination) -> str:
    """Return a combination for people, such as "Depth Demo Tiny + HH4"."""
    return f"{MODELS[combination[0]].title} + {combination[1]}"


def leaders(results: Results, scored: Sequence[Combination]) -> list[Leader]:
    """Return every model, every matcher and every fusion once, each with the first combination that has it."""
    found: dict[tuple[Judged, str], Combination] = {}
    for combination in scored:
        model, matcher = MODELS[combination[0]].title, combination[1]
        found.setdefault(("monocular", model), combination)
        found.setdefault(("stereo", matcher), combination)
        found.setdefault(("fused", f"{model} + {matcher}"), combination)
    return [
        (kind, name, combination)
        for (kind, name), combination in found.items()
        if results.scores.get((combination, "fair", kind))
    ]


def leaders_table(
    results: Results, methods: Sequence[Leader]
) -> tuple[list[str], list[tuple[Judged, str, int, list[tuple[str, str, str]]]]]:
    """Return headers and rows, the method with the fewest wrong pixels first: kind, name, pairs with scores, and cells."""
    columns = [c for c in LEADER_COLUMNS if any(_values(results, leader, c).size for leader in methods)]
    columns = [c for c in columns if any(np.isfinite(_values(results, leader, c)).any() for leader in methods)]
    rows = []
    for leader in methods:
        spreads = [summarize(_values(results, leader, column)) for column in columns]
        pairs = max((spread.pairs for spread in spreads if spread), default=0)
        first = next((s.median for s, c in zip(spreads, columns, strict=True) if s and c is FIRST_COLUMN), np.inf)
        cells = [spread_cell(spread, column.form) for spread, column in zip(spreads, columns, strict=True)]
        rows.append((first, (leader[0], leader[1], pairs, cells)))
    headers = [_header(results, column, methods) for column in columns]
    return headers, [row for _, row in sorted(rows, key=lambda each: each[0])]


def ranks_table(results: Results, methods: Sequence[Leader]) -> tuple[list[str], list[tuple[Judged, str, list[str]]]]:
    """Return headers and rows of the place that each method takes by the median of each score; 1 is the best."""
    ranked = []
    for column in LEADER_COLUMNS:
        medians = [_median(_values(results, leader, column)) for leader in methods]
        if sum(np.isfinite(medians)) > 1:
            sign = -1 if column.larger_is_better else 1
            places = [
                str(1 + sum(sign * other < sign * own for other in medians)) if np.isfinite(own) else "-" for own in medians
            ]
            ranked.append((_header(results, column, methods), places))
    rows = [(kind, name, [places[index] for _, places in ranked]) for index, (kind, name, _) in enumerate(methods)]
    return [header for header, _ in ranked], rows


def leads_in_words(results: Results, scored: Sequence[Combination]) -> list[tuple[str, list[str]]]:
    """Say for each combination in how many pairs stereo is ahead of the monocular map."""
    keys = ("bad_3_all_percent", "epe_px", "ssim")
    chosen = [column for column in LEADER_COLUMNS if column.way == "fair" and column.key in keys]
    return [
        (
            name_of(combination),
            [
                lead_in_words(
                    column.header,
                    lead(
                        _values(results, ("stereo", "", combination), column),
                        _values(results, ("monocular", "", combination), column),
                        larger_is_better=column.larger_is_better,
                    ),
                )
                for column in chosen
            ],
        )
        for combination in scored
    ]


def protocol_words(results: Results, scored: Sequence[Combination]) -> list[tuple[str, str]]:
    """Say for each combination whether the protocols agree on who is ahead in SSIM."""
    ways = [column for column in LEADER_COLUMNS if "SSIM" in column.header]
    said = []
    for combination in scored:
        medians = {
            column.header: (
                _median(_values(results, ("monocular", "", combination), column)),
                _median(_values(results, ("stereo", "", combination), column)),
            )
            for column in ways
        }
        words = protocols_in_words({name: both for name, both in medians.items() if np.isfinite(both).all()})
        if words:
            said.append((name_of(combination), words))
    return said


def alignment_words(results: Results, combination: Combination) -> str:
    """Say whether the choice of an alignment changes who is ahead in the medians."""
    return what_flips(_aligned(results, combination), _stereo(results, combination))


def median_scores(results: Results, combination: Combination) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of the medians under every alignment, stereo last; as the table of one comparison."""
    rows = alignment_table(_aligned(results, combination), _stereo(results, combination))
    return list(ALIGNMENT_HEADERS[:-1]), [list(row[:-1]) for row in rows]


def ahead_table(results: Results, combination: Combination) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of the pairs in which stereo is ahead under every alignment."""
    rows = []
    for mode in ALIGNMENT_MODES:
        cells = []
        for column, key in zip(COLUMNS, ALIGNED_KEYS, strict=True):
            monocular, stereo = (
                results.values(combination, mode, "monocular", key),
                results.values(combination, "fair", "stereo", key),
            )
            found = None
            if monocular.size and stereo.size:
                found = lead(stereo, monocular, larger_is_better=column.larger_is_better)
            cells.append(f"{found.ahead} of {found.pairs}" if found else "-")
        rows.append([mode, *cells])
    return list(ALIGNMENT_HEADERS[:-1]), rows


def _header(results: Results, column: Column, methods: Sequence[Leader]) -> str:
    """Return the name of a score, and how many pairs have it if not all of a method's pairs do."""
    known = max(int(np.isfinite(_values(results, leader, column)).sum()) for leader in methods)
    most = max(len(results.ids[combination]) for *_, combination in methods)
    return column.header if known == most else f"{column.header} ({known} pair{'' if known == 1 else 's'})"


def _values(results: Results, leader: Leader, column: Column) -> NDArray[np.float64]:
    kind, _, combination = leader
    found = results.values(combination, column.way, kind, column.key)
    return found if found.size else np.full(len(results.ids[combination]), NAN)


def _median(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else NAN


def _aligned(results: Results, combination: Combination) -> list[AlignedScores]:
    """Return the medians of the monocular map under every alignment, in the form of one comparison; none if all inverted."""
    rows = []
    for mode in ALIGNMENT_MODES:
        numbers = [_median(results.values(combination, mode, "monocular", key)) for key in ALIGNED_KEYS]
        if any(np.isfinite(numbers)):
            rows.append(AlignedScores(mode, Alignment(1.0, 0.0, 0, 0.0), numbers[5], *_errors(numbers)))
    return rows


def _stereo(results: Results, combination: Combination) -> FairScores:
    numbers = [_median(results.values(combination, "fair", "stereo", key)) for key in ALIGNED_KEYS]
    errors, whole, depth = _errors(numbers)
    return FairScores(
        numbers[5], np.empty((0, 0), np.float32), NAN, NAN, 0, errors=errors, errors_all=whole, depth=depth
    )  # fmt: skip


def _errors(numbers: Sequence[float]) -> tuple[DisparityErrors | None, DisparityErrors | None, DepthErrors | None]:
    """Return the medians of `ALIGNED_KEYS` as the errors of one map, which tables of a comparison take."""
    epe, bad_3, bad_3_all, abs_rel, delta_1, _ = numbers
    errors = DisparityErrors(0, epe, NAN, NAN, NAN, bad_3, NAN) if np.isfinite(epe) else None
    whole = DisparityErrors(0, NAN, NAN, NAN, NAN, bad_3_all, NAN) if np.isfinite(bad_3_all) else None
    return errors, whole, DepthErrors(abs_rel, NAN, delta_1, NAN) if np.isfinite(abs_rel) else None
