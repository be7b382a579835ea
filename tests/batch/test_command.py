"""`depth-demo score`: what it writes, with which status it ends, and how it is interrupted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from depth_demo.__main__ import main
from depth_demo.batch.rows import read_rows
from tests.support.small_data_set import RANGE_PX, add_pair, small_data_set

ROOT = Path(__file__).parents[2]
ASKED = ["--model", "depth-demo-tiny", "--matcher", "HH4", "--disparities", str(RANGE_PX)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return small_data_set(tmp_path / "data", "a", "b")


def score(data: Path, out: Path, *more: str) -> int:
    return main(["score", str(data), *ASKED, "--out", str(out), *more])


def ids(folder: Path) -> list[str]:
    return [row["id"] for row in list(read_rows(folder))[1:]]


def test_it_scores_all_and_says_how_far_it_is(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert score(data, out, "--limit", "1") == 0
    assert ids(out) == ["a"]
    assert score(data, out) == 0
    said = capsys.readouterr()
    assert "1 of 1 a\n" in said.err
    assert said.err.endswith("1 of 2\n2 of 2 b\n")
    assert ids(out) == ["a", "b"]


def test_a_pair_that_cannot_be_read_is_status_3_until_it_can(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, right = tmp_path / "out", data / "b" / "right.png"
    whole = right.read_bytes()
    right.write_bytes(whole[:300])
    assert score(data, out) == 3
    assert "1 rows are errors: the report says why, and --retry scores them again." in capsys.readouterr().err
    assert ids(out) == ["a", "b"]
    right.write_bytes(whole)
    assert score(data, out) == 3
    assert score(data, out, "--retry") == 0
    assert ids(out) == ["a", "b"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--limit", "0"], "The limit must be 1 pair or more, not 0."),
        (["--matcher", "SGM"], "The matcher must be auto"),
        (["--layout", "kitti"], "holds no pair in the layout kitti."),
        (["--workers", "0"], "The number of workers must be 1 or more, not 0."),
        (["--workers", "1", "--matcher", "HH4:block_size=4"], "block_size must be"),
    ],
)
def test_what_cannot_start_is_refused_in_a_sentence(
    tmp_path: Path, data: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(data, tmp_path / "out", *more) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_rows_of_other_settings_are_not_mixed(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert score(data, out) == 0
    assert score(data, out, "--mask", "all") == 1
    assert "holds rows of other settings (mask)" in capsys.readouterr().err
    add_pair(data, "c")
    assert score(data, out, "--mask", "all", "--restart") == 0
    assert ids(out) == ["a", "b", "c"]


def test_a_run_that_is_ended_by_the_system_writes_the_report_of_what_is_there(tmp_path: Path) -> None:
    names = [f"{number:03}" for number in range(200)]
    data, out = small_data_set(tmp_path / "data", *names), tmp_path / "out"
    command = [sys.executable, "-m", "depth_demo", "score", str(data), *ASKED, "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("2 of 200"):
                break
        run.terminate()
        written, said = run.communicate()
    assert run.returncode == 130
    assert written == f"{out / 'results.csv'}\n{out / 'report.html'}\n"
    scored = ids(out)
    assert scored == names[: len(scored)]
    assert 2 <= len(scored) < 200
    assert said.endswith(f"{200 - len(scored)} of 200 pairs have no row yet: the same command goes on.\n")
    assert "Traceback" not in said
    assert f"{len(scored)} pairs of 200." in (out / "report.html").read_text("utf-8")
