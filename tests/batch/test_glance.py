"""The table of a run shows the main scores in the words of Compare, and what is inverted or refused as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from depth_demo.batch import glance
from depth_demo.batch.job import Job
from depth_demo.batch.work import score_sample
from depth_demo.datasets import open_dataset
from depth_demo.monocular.models import TINY
from depth_demo.wording.scores import FAIR_ROWS
from tests.support.small_data_set import small_data_set


def test_a_row_has_a_cell_for_each_header_in_the_words_of_compare(tmp_path: Path) -> None:
    job = Job.prepare([TINY.name], ["HH4", "BM:block_size=5"], num_disparities=16)
    row = score_sample(open_dataset(small_data_set(tmp_path, "a"))[0], job).row
    headers, cells = glance.columns(job, masked=False), glance.cells(row, job, masked=False)
    shown = dict(zip(headers, cells, strict=True))
    first = row["results"][0]["scores"]["fair"]["stereo"]
    assert shown["EPE [px], stereo: HH4 beside Depth Demo Tiny 2"] == round(first["epe_px"], 2)
    assert shown["bad-3, all truth [%], monocular: Depth Demo Tiny 2 beside HH4"] is not None
    assert {header.partition(",")[0] for header in headers[2:-3]} <= {row.name.partition(",")[0] for row in FAIR_ROWS}
    assert (shown["Pair"], shown["Size [px]"], shown["Error"]) == ("a", "112x64", "")
    assert shown["Seconds"] == round(row["seconds"]["total"], 2)
    kinds = dict(zip(headers, glance.datatypes(headers), strict=True))
    assert {header for header, kind in kinds.items() if kind == "str"} == {"Pair", "Size [px]", "Error", "Remark"}
    assert len(glance.columns(job, masked=True)) == len(headers) + 4  # the benchmark's mask comes with a score of its own


def test_an_inverted_map_is_a_remark_and_a_refusal_is_the_error() -> None:
    job = Job(("depth-demo-tiny",), ())
    inverted = {"model": "depth-demo-tiny", "matcher": "HH4", "error": None, "fit": {"inverted": True}}
    refused = {"model": "depth-demo-tiny", "matcher": "BM", "error": "The range is wide."}
    row: dict[str, Any] = {"id": "a", "error": None, "inputs": None, "results": [inverted, refused], "seconds": {}}
    assert glance.cells(row, job, masked=False)[-2:] == [
        "depth-demo-tiny + BM: The range is wide.",
        "Inverted: Depth Demo Tiny 2.",
    ]
    assert glance.error_of(row | {"results": [refused]}) == "The range is wide."
    assert glance.error_of(row | {"error": "It cannot be read."}) == "It cannot be read."
