"""The table and the report say what the rows say, in the words of Compare, and ask nobody for anything."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depth_demo.__main__ import main
from depth_demo.batch.leaderboard import LEADER_COLUMNS, leaders, leaders_table, ranks_table
from depth_demo.batch.results import Results
from depth_demo.batch.rows import read_rows
from depth_demo.evaluation.regions import definitions_in_general
from depth_demo.wording.alignments import ALIGNMENT_HEADERS
from tests.render.test_report import Page
from tests.support.small_data_set import RANGE_PX, add_pair, small_data_set

NASTY = "=1+2, <b>x"
COMBINATIONS = [("depth-demo-tiny", "HH4"), ("depth-demo-tiny", "SGBM")]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of four pairs, of which one cannot be read and one is scored by one matcher only."""
    place = tmp_path_factory.mktemp("results")
    data = small_data_set(place / "my data", "a", "b", NASTY, "broken")
    (data / "broken" / "right.png").write_bytes(b"no picture")
    options = ["--model", "depth-demo-tiny", "--matcher", "HH4", "--matcher", "SGBM", "--disparities", str(RANGE_PX)]
    assert main(["score", str(data), *options, "--out", str(place / "out")]) == 3
    return place / "out"


@pytest.fixture(scope="module")
def rows(out: Path) -> list[dict[str, Any]]:
    return list(read_rows(out))[1:]


@pytest.fixture(scope="module")
def page(out: Path) -> Page:
    return Page((out / "report.html").read_text("utf-8"))


def test_the_table_has_a_line_for_every_pair_and_combination(out: Path, rows: list[dict[str, Any]]) -> None:
    with (out / "results.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["id"], line["matcher"]) for line in lines] == [
        ("'" + NASTY, "HH4"), ("'" + NASTY, "SGBM"), ("a", "HH4"), ("a", "SGBM"), ("b", "HH4"), ("b", "SGBM"), ("broken", ""),
    ]  # fmt: skip
    assert lines[-1]["error"] == rows[-1]["error"]
    result = rows[1]["results"][0]
    assert float(lines[2]["fair_stereo_epe_px"]) == result["scores"]["fair"]["stereo"]["epe_px"]
    assert float(lines[2]["report_monocular_ssim_disparity"]) == result["scores"]["report"]["monocular"]["ssim_disparity"]
    edges = result["regions"]["stereo"]["depth edges"]
    assert float(lines[2]["regions_stereo_depth_edges_bad_3_percent"]) == edges["bad_3_percent"]
    assert float(lines[2]["seconds_match"]) == rows[1]["seconds"]["match"]["HH4"]


def test_the_leaderboard_holds_the_medians_of_the_rows(out: Path, rows: list[dict[str, Any]], page: Page) -> None:
    results = Results.read(out)
    assert results.combinations == COMBINATIONS
    headers, found = leaders_table(results, leaders(results, COMBINATIONS))
    medians = {(kind, name): dict(zip(headers, cells, strict=True)) for kind, name, _, cells in found}
    scores = [row["results"][1]["scores"]["fair"]["stereo"]["epe_px"] for row in rows[:-1]]
    median, quartiles, interval = medians["stereo", "SGBM"]["EPE [px]"]
    assert median == f"{np.median(scores):.2f}"
    assert quartiles == "{:.2f} to {:.2f}".format(*np.quantile(scores, (0.25, 0.75)))
    assert f"{median}{quartiles}{interval}" in page.text
    wrong = [float(dict(zip(headers, cells, strict=True))["bad-3, all truth [%]"][0]) for *_, cells in found]
    assert wrong == sorted(wrong)
    assert {name for _, name, *_ in found} >= {"HH4", "SGBM", "Depth Demo Tiny 2"}


def test_places_are_by_the_median_of_each_score(out: Path) -> None:
    results = Results.read(out)
    methods = leaders(results, COMBINATIONS)
    headers, found = ranks_table(results, methods)
    for header, *places in zip(headers, *(places for *_, places in found), strict=True):
        column = next(column for column in LEADER_COLUMNS if column.header == header)
        medians = {}
        for (kind, name, combination), place in zip(methods, places, strict=True):
            values = results.values(combination, column.way, kind, column.key)
            if place == "1":
                medians[name] = np.nanmedian(values)
        best = [np.nanmedian(v) for k, _, c in methods if (v := results.values(c, column.way, k, column.key)).size]
        assert set(medians.values()) == {(np.nanmax if column.larger_is_better else np.nanmin)(best)}


def test_regions_are_those_of_all_pairs_together(out: Path, rows: list[dict[str, Any]], page: Page) -> None:
    edges = [row["results"][0]["regions"]["stereo"]["depth edges"] for row in rows[:-1]]
    pixels = sum(row["pixels"] for row in edges)
    wrong = sum(row["pixels"] * row["bad_3_percent"] for row in edges) / pixels
    results = Results.read(out)
    assert results.regions[COMBINATIONS[0], "stereo"]["depth edges"].wrong_percent == pytest.approx(wrong)
    assert f"{wrong:.2f}" in [bar["width"] for bar in page.all("rect")]
    assert f"depth edges {pixels:,} px in 3 pairs. {definitions_in_general()['depth edges']}" in page.text


def test_it_shows_the_best_and_the_worst_and_says_what_was_refused(page: Page, rows: list[dict[str, Any]]) -> None:
    pictures = page.all("img")
    scored = [
        sum(any(result["scores"]["fair"][method]["bad_3_all_percent"] for result in row["results"]) for row in rows)
        for method in ("monocular", "stereo")
    ]
    assert len(pictures) == 2 * sum(scored)  # of three pairs or fewer, all are among the three best and the three worst
    assert scored[1] == 3
    assert all((picture["src"] or "").startswith("data:image/jpeg;base64,") for picture in pictures)
    assert f"broken{rows[-1]['error']}" in page.text
    assert "1 could not be scored wholly; they are listed below with the reason." in page.text
    assert "4 of 4 pairs have no benchmark's mask, so they have no non-occluded scores." in page.text


def test_it_tells_what_alignments_and_protocols_turn_round_and_how_it_was_made(page: Page) -> None:
    assert page.text.count("Alignment: Depth Demo Tiny 2 + ") == 2
    assert "The alignment decides who wins" in page.text or "No alignment changes who wins" in page.text
    assert "".join(ALIGNMENT_HEADERS[:-1]) in page.text.replace("\n", "")
    assert "a report protocol" not in page.text
    expected = (
        "fair puts both methods in pixels of disparity",
        "report does what the written comparison",
        "mode HH4",
        "code ",
    )
    assert [words for words in expected if words not in page.text] == []


def test_it_asks_nobody_for_anything_and_words_of_others_stay_words(page: Page, out: Path) -> None:
    source = (out / "report.html").read_text("utf-8")
    assert {name for name, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form"})
    links = [attributes["href"] for attributes in page.all("a")]
    assert source.count("http") == len(links) + source.count("http-equiv")
    assert "url(" not in source
    assert NASTY in page.text
    assert "<h1>my data</h1>" in source


def test_a_data_set_of_which_nothing_could_be_scored_has_a_report_too(tmp_path: Path) -> None:
    place = add_pair(tmp_path / "data", "only")
    (place / "left.png").write_bytes(b"no picture")
    assert main(["score", str(tmp_path / "data"), "--model", "depth-demo-tiny", "--out", str(tmp_path / "out")]) == 3
    page = Page((tmp_path / "out" / "report.html").read_text("utf-8"))
    assert "only" in page.text
    assert "Leaderboard" not in page.text


def test_rows_are_all_that_a_report_needs(out: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes((out / "rows.jsonl").read_bytes())
    results = Results.read(tmp_path)
    assert results.pairs == 4
    assert json.loads((tmp_path / "rows.jsonl").read_text("utf-8").splitlines()[0])["settings"] == results.settings
