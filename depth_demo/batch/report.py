"""The report of a data set as one HTML file, made from its rows: no pixel is scored again, and nothing is fetched.

The page is data_set.html.j2, in the style and the words of the report of one comparison.
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

import depth_demo
from depth_demo.batch.leaderboard import (
    ahead_table,
    alignment_words,
    leaders,
    leaders_table,
    leads_in_words,
    median_scores,
    name_of,
    protocol_words,
    ranks_table,
)
from depth_demo.batch.pictures import KEPT_PAIRS, STRIP_SAYS, Extremes
from depth_demo.batch.record import KEPT
from depth_demo.batch.results import Combination, Results
from depth_demo.batch.run import PICTURES
from depth_demo.batch.table import write_table
from depth_demo.comparison.results import Judged
from depth_demo.datasets import Sample
from depth_demo.evaluation.regions import definitions_in_general
from depth_demo.monocular.models import MODELS
from depth_demo.render.boxes import METHOD_COLORS
from depth_demo.render.report.methods import MASK, REPORT, fair_in_words, sources
from depth_demo.render.report.report import POLICY, QUESTION, emphasised
from depth_demo.wording.data_set import SPREADS, counts_in_words

FILE = "report.html"
MOST_REFUSED = 200  # lines; the table holds all
CHART = (640, 260)  # width and height of the curves


def write_report(folder: Path, samples: Sequence[Sample]) -> list[Path]:
    """Write results.csv and report.html of the rows that a folder holds, each wholly or not at all.

    Args:
        folder: Of the results.
        samples: The pairs of the data set, of which some may have no row yet.

    Raises:
        ValueError: If there are no rows.
        OSError: If a file cannot be written.
    """
    table = write_table(folder)
    path, own = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    own.write_text(render_report(Results.read(folder), folder, len(samples), datetime.now(UTC)), "utf-8")
    return [table, own.replace(path)]


def render_report(results: Results, folder: Path, total: int, created: datetime) -> str:
    """Return the page as text.

    Args:
        results: The rows.
        folder: With the pictures of the best and the worst pairs.
        total: How many pairs the data set has.
        created: When; with a time zone.
    """
    scored = [combination for combination in results.combinations if results.ids[combination]]
    refused = {name for name, *_ in results.refused}
    kinds = {MODELS[model].kind for model, _ in results.combinations}
    return _template().render(
        policy=POLICY,
        question=QUESTION,
        title=Path(results.settings["data"] or folder).name,
        created=f"{created.day} {created:%B %Y, %H:%M %Z}",
        counts=counts_in_words(results.pairs - len(refused), total, len(refused)),
        spreads=SPREADS,
        first=name_of(scored[0]) if scored else "",
        scored=scored,
        leaders=leaders_table(results, leaders(results, scored)),
        leads=leads_in_words(results, scored),
        regions=_regions(results, scored),
        pictures=_pictures(results, folder, scored[0]) if scored else [],
        kept=KEPT_PAIRS,
        strip_says=STRIP_SAYS,
        curves=_curves(results, scored),
        chart=CHART,
        ranks=ranks_table(results, leaders(results, scored)),
        protocols=protocol_words(results, scored),
        alignments=[(name_of(each), alignment_words(results, each)) for each in scored],
        medians=median_scores(results, scored[0]) if scored else None,
        ahead=ahead_table(results, scored[0]) if scored else None,
        inverted=[
            (name_of(each), results.inverted[each], len(results.ids[each])) for each in scored if results.inverted[each]
        ],
        refused=results.refused[:MOST_REFUSED],
        refused_more=max(len(results.refused) - MOST_REFUSED, 0),
        missing=[
            f"{results.pairs - have} of {results.pairs} pairs {what}"
            for have, what in (
                (results.with_camera, "have no camera, so they have no scores in metres."),
                (results.with_mask, "have no benchmark's mask, so they have no non-occluded scores."),
            )
            if have < results.pairs
        ],
        how=[*(fair_in_words(kind) for kind in kinds), *([MASK] if results.with_mask else []), REPORT],
        setup=_setup(results),
        sources=list(dict.fromkeys(source for model in results.settings["models"] for source in sources(MODELS[model]))),
        method_colors=METHOD_COLORS,
    )


@cache
def _template() -> Template:
    places = ChoiceLoader([PackageLoader("depth_demo.batch", "."), PackageLoader("depth_demo.render.report", ".")])
    environment = Environment(loader=places, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["emphasised"] = emphasised
    return environment.get_template("data_set.html.j2")


def _regions(
    results: Results, scored: Sequence[Combination]
) -> list[tuple[str, str, int, int, list[tuple[str, Judged, float]]]]:
    """Return every class of pixels: name, definition, pairs, pixels, and by method its name, its kind and the wrong share."""
    words = definitions_in_general()
    methods: list[tuple[Judged, str, Any]] = [
        (kind, leader, results.regions[combination, kind]) for kind, leader, combination in leaders(results, scored)
    ]
    found = dict.fromkeys(name for _, _, regions in methods for name in regions)
    names = [*(name for name in words if name in found), *(name for name in found if name not in words)]  # labels last
    rows = []
    for name in names:
        bars = [(leader, kind, regions[name].wrong_percent) for kind, leader, regions in methods if name in regions]
        largest = max((regions[name] for _, _, regions in methods if name in regions), key=lambda region: region.pixels)
        rows.append((name, words.get(name, f"Labelled '{name}' in the data set."), largest.pairs, largest.pixels, bars))
    return rows


def _pictures(
    results: Results, folder: Path, first: Combination
) -> list[tuple[str, str, list[tuple[str, float, str | None]]]]:
    """Return the best and the worst pairs of each method: name, wrong share [%] and picture, as an address."""
    place = Extremes(folder / PICTURES)
    found = []
    for method in ("monocular", "stereo"):
        shares = results.values(first, "fair", method, "bad_3_all_percent")
        ranked = sorted((share, name) for share, name in zip(shares, results.ids[first], strict=False) if math.isfinite(share))
        for which, rows in (("best", ranked[:KEPT_PAIRS]), ("worst", ranked[::-1][:KEPT_PAIRS])):
            if rows:
                found.append((method, which, [(name, share, _source(place.path(name))) for share, name in rows]))
    return found


def _source(picture: Path) -> str | None:
    if not picture.is_file():
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(picture.read_bytes()).decode('ascii')}"


def _curves(results: Results, scored: Sequence[Combination]) -> dict[str, Any] | None:
    """Return the mean curves of all methods that have some, as points of a chart; None where none has."""
    found = [
        (kind, leader, results.curves[combination, kind])
        for kind, leader, combination in leaders(results, scored)
        if (combination, kind) in results.curves
    ]
    if not found:
        return None
    width, height = CHART
    most = max(float(max((curve.risk / curve.pairs).max(), (curve.oracle / curve.pairs).max())) for _, _, curve in found)
    most = most or 1.0

    def points(values: Any) -> str:  # noqa: ANN401
        return " ".join(f"{x * width:.1f},{(1 - y / most) * height:.1f}" for x, y in zip(KEPT, values, strict=True))

    lines = [
        (kind, leader, curve.pairs, points(curve.risk / curve.pairs), points(curve.oracle / curve.pairs), _knows(curve))
        for kind, leader, curve in found
    ]
    return {"most": most, "lines": lines}


def _knows(curve: Any) -> str:  # noqa: ANN401
    """Say how far an uncertainty goes from chance to the oracle, in the words of a comparison."""
    risk, oracle = curve.risk / curve.pairs, curve.oracle / curve.pairs
    chance, area, best = float(risk[-1]), float(risk.mean()), float(oracle.mean())
    areas = f"the area under the curve is {area:.2f} px, with an oracle {best:.2f} px, by chance {chance:.2f} px"
    if chance <= best:
        return f"{areas}."
    share = 100 * (chance - area) / (chance - best)
    return f"{areas}: " + (
        f"it goes {share:.0f} % of the way from chance to the oracle." if share > 0 else "it is no better than chance."
    )


def _setup(results: Results) -> list[tuple[str, list[tuple[str, str]]]]:
    settings = results.settings
    models = [(MODELS[name].title, sha256 or "no file of weights") for name, sha256 in settings["models"].items()]
    matchers = [
        (label, ", ".join(f"{name} {value}" for name, value in fields.items()))
        for label, fields in settings["matchers"].items()
    ]
    searched = settings["num_disparities"]
    seconds = [(name, f"{sorted(values)[len(values) // 2]:.2f} s") for name, values in results.seconds.items() if values]
    return [
        ("Models, and the SHA-256 of their files", models),
        ("Matchers", matchers),
        (
            "Run",
            [
                ("Depth Demo", f"{depth_demo.__version__}, code {settings['code']}"),
                ("Resolution", settings["resolution"]),
                ("Mask", settings["mask"]),
                ("Disparities searched", f"{searched} px" if searched else "as the data set says, else as the matcher says"),
                ("Machines", ", ".join(sorted(results.hosts))),
            ],
        ),
        ("Median seconds a pair", seconds),
    ]
