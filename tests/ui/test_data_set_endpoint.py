"""The endpoint that scores a data set, through the real client: what it returns, and what it refuses."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from depth_demo.monocular.models import TINY
from tests.support.small_data_set import small_data_set
from tests.support.stranger import Stranger, sentence_in, upload_of

NARROW = {"num_disparities": 16}


@pytest.fixture(scope="module")
def client(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app_url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_data_set(tmp_path_factory.mktemp("data") / "street", "a", "b", "c")
    (root / "b" / "disparity.pfm").unlink()
    return Path(shutil.make_archive(str(root), "zip", root))


def score(client: Client, **parameters: Any) -> Any:
    return client.predict(api_name="/score_data_set", **parameters)


def test_a_zip_gives_a_summary_a_table_and_the_files(client: Client, archive: Path) -> None:
    summary, table, files = score(client, data_set=handle_file(archive), matchers=["HH4", "BM"], **NARROW)
    assert summary.startswith("3 of 3 pairs done, 1 with an error.")
    assert "- b: There is no ground truth, so nothing can be scored." in summary
    assert "**Depth Demo Tiny 2 + HH4**" in summary
    rows = [dict(zip(table["headers"], row, strict=True)) for row in table["data"]]
    assert [row["Pair"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["EPE [px], stereo: HH4 beside Depth Demo Tiny 2"] >= 0
    by_name = {Path(file).name: Path(file).read_text("utf-8") for file in files}
    assert set(by_name) == {"street_report.html", "street_results.csv", "street_rows.jsonl"}
    assert len(list(csv.DictReader(by_name["street_results.csv"].splitlines()))) == 5
    assert json.loads(by_name["street_rows.jsonl"].splitlines()[0])["settings"]["data"] == "street"


def test_a_folder_of_this_machine_may_be_named_here_and_not_from_elsewhere(
    client: Client, app_url: str, archive: Path
) -> None:
    folder = archive.with_suffix("")
    summary, _, _ = score(client, folder=str(folder), limit=1, **NARROW)
    assert "1 of 1 pair done. The data set holds 2 more pairs: a larger limit takes them." in summary
    with Stranger(app_url) as stranger:
        for named in (folder, "/gone"):
            answer = stranger.call("/score_data_set", [None, [TINY.name], ["HH4"], "nonocc", 1, 16, str(named)])
            assert "This server scores no folders of its own machine" in sentence_in(answer)


def test_what_cannot_be_scored_is_refused_in_one_sentence(client: Client, app_url: str, archive: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no ZIP")
    given = {"data_set": handle_file(archive)}
    for parameters, sentence in (
        ({}, "There is no data set yet: choose a ZIP, or name a folder"),
        ({"data_set": handle_file(bad)}, r"The ZIP 'bad\.zip' cannot be unpacked \(File is not a zip file\)"),
        (given | {"folder": "/data"}, "A ZIP and a folder are given: remove one of them"),
        (given | {"models": ["depth-anything-v9"]}, "Models must be one of .*, not 'depth-anything-v9'"),
        (given | {"models": TINY.name}, "Models must be a list of .*, not 'depth-demo-tiny'"),
        (given | {"matchers": []}, "Choose 1 to 4 matchers, not 0"),
        (given | {"num_disparities": 17}, "num_disparities must be a multiple of 16, not 17"),
    ):
        with pytest.raises(AppError, match=sentence):
            score(client, **parameters)
    with Stranger(app_url) as stranger:
        answer = stranger.call("/score_data_set", [upload_of(stranger.upload(archive)), [[TINY.name]]])
        assert "Models must be one of" in sentence_in(answer)
