"""A run over a data set gives way, can be stopped, ends in time, and keeps what it has, all without a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from depth_demo.batch.data_set import DataSet, find_data_set
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.models import TINY, ModelSpec, find_model
from depth_demo.ui import scoring
from depth_demo.ui.asked_run import OWN_MACHINE, SHARED, AskedRun, Limits
from depth_demo.ui.models import ModelShelf
from depth_demo.ui.scoring import Scorer, Snapshot
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import ask_to_stop
from tests.support.small_data_set import small_data_set

ASKED = AskedRun([TINY.name], ["HH4"], "nonocc", 0, 16)


class Brightness:
    """An estimator without a network."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec, self.sha256, self.device_name = spec, "", "CPU, float32"

    def __call__(self, image: RgbImage, *_: object) -> DepthMap:
        return DepthMap(image.mean(axis=2, dtype=np.float32), self.spec.kind)


class Shelf(ModelShelf):
    def get(self, name: str, *_: object) -> Any:
        return Brightness(find_model(name))


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    root = small_data_set(tmp_path / "street", "a", "b", "c", "d")
    (root / "b" / "right.png").write_bytes(b"no picture")
    return find_data_set(root)


def runs(
    data: DataSet, place: Path, asked: AskedRun = ASKED, limits: Limits = OWN_MACHINE, others: Any = lambda: False
) -> Iterator[Snapshot]:
    return Scorer(Shared(shelf=Shelf()), others).run(data, asked, place, limits, gr.Progress())


def ids(snapshot: Snapshot) -> list[object]:
    return [row[0] for row in snapshot.rows]


def test_the_table_grows_and_a_pair_that_fails_is_a_row_with_its_sentence(data: DataSet, tmp_path: Path) -> None:
    *steps, last = runs(data, tmp_path / "out")
    assert [ids(step) for step in steps] == [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]
    assert not any(step.has_ended for step in steps)
    errors = {row[0]: row[last.headers.index("Error")] for row in last.rows}
    assert {name: bool(error) for name, error in errors.items()} == {"a": False, "b": True, "c": False, "d": False}
    assert last.words.startswith("4 of 4 pairs done, 1 with an error.\n")
    assert "- b: Right view: This file cannot be read here" in last.words
    assert "stereo is better in" in last.words


def test_names_of_pairs_are_shown_as_they_are_and_not_as_markdown() -> None:
    assert scoring.as_it_is("**b** [a](http://x) <b> `c` d_e_ #1 & 'f'") == (
        r"\*\*b\*\* \[a\](http://x) &lt;b&gt; \`c\` d\_e\_ \#1 &amp; 'f'"
    )


def test_files_hold_all_rows_and_neither_the_servers_name_nor_its_folders(data: DataSet, tmp_path: Path) -> None:
    *_, last = runs(data, tmp_path / "out")
    (tmp_path / "taken").mkdir()
    files = {path.name: path.read_text("utf-8") for path in last.scored.save(tmp_path / "taken")}
    assert set(files) == {"street_report.html", "street_results.csv", "street_rows.jsonl"}
    rows = [json.loads(line) for line in files["street_rows.jsonl"].splitlines()]
    assert rows[0]["settings"]["data"] == "street"
    assert {row["host"] for row in rows[1:]} == {"the demo's server"}
    assert not any(str(tmp_path) in text for text in files.values())


def test_stop_keeps_what_is_done_and_the_next_click_goes_on(data: DataSet, tmp_path: Path) -> None:
    def stopped_by_others() -> bool:  # while the second pair waits for its turn
        ask_to_stop()
        return True

    waits = iter([False, True])
    steps = list(runs(data, tmp_path / "out", others=lambda: next(waits) and stopped_by_others()))
    assert ids(steps[-1]) == ["a"]
    assert "1 of 4 pairs done. The run was stopped. What was scored is kept. **Score** goes on" in steps[-1].words
    assert len(steps[-1].scored.save(tmp_path)) == 3
    *_, last = runs(data, tmp_path / "out")
    assert ids(last) == ["a", "b", "c", "d"]
    first, *_ = runs(data, tmp_path / "out")
    assert first.progress.done == 4  # nothing is scored again


def test_between_two_pairs_others_go_first_but_not_for_ever(
    data: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = iter([True, True, False, True, False, False, False])
    *_, last = runs(data, tmp_path / "out", others=lambda: next(others))
    assert last.progress.done == 4
    assert list(others) == []
    monkeypatch.setattr(scoring, "GIVE_WAY_S", 0.0)
    *_, last = runs(data, tmp_path / "other", others=lambda: True)
    assert last.progress.done == 4


def test_on_a_shared_server_a_run_ends_in_time_and_after_so_many_pairs(data: DataSet, tmp_path: Path) -> None:
    *_, last = runs(data, tmp_path / "out", limits=Limits(3, 600.0))
    assert ids(last) == ["a", "b", "c"]
    assert (
        "3 of 3 pairs done, 1 with an error. The data set holds 1 more pair: this server takes up to 3 in a run." in last.words
    )
    *_, last = runs(data, tmp_path / "other", limits=Limits(None, 1e-9))
    assert ids(last) == []
    assert "0 of 4 pairs done. The run ended after 10 minutes, as others may wait for their turn." in last.words
    assert SHARED.pairs == 200


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (AskedRun([], ["HH4"], "all"), "Choose 1 to 3 models, not 0"),
        (AskedRun([TINY.name], ["HH4"] * 5, "all"), "Choose 1 to 4 matchers, not 5"),
        (AskedRun(["x"] * 3, ["HH4"] * 3, "all"), "Choose up to 6 combinations of model and matcher, not 9"),
        (AskedRun([TINY.name], ["HH4"], "all", -1), "must be 0 for all, or more, not -1"),
        (AskedRun([TINY.name], ["HH4"], "all", 0, 17), "num_disparities must be a multiple of 16"),
    ],
)
def test_what_cannot_be_scored_is_refused_before_a_model_is_loaded(asked: AskedRun, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        asked.check()


def test_a_data_set_that_cannot_be_told_apart_is_refused(data: DataSet, tmp_path: Path) -> None:
    twice = DataSet(data.root, data.name, data.layout, data.samples[:1] * 2)
    with pytest.raises(ValueError, match="Two pairs of the data set have the name 'a'"):
        list(runs(twice, tmp_path / "out"))
