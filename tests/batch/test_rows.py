"""The file of rows survives a driver that dies, a disk that is full, and a folder that vanishes."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from depth_demo.batch.rows import FILE, RowsFile, read_rows

SETTINGS = {"models": {"tiny": "ab"}, "matchers": {"HH4": {"block_size": 3}}, "pair": (1, 2)}


def row(name: str, error: str | None = None) -> dict[str, Any]:
    return {"id": name, "error": error, "results": []}


def fill(folder: Path, *names: str) -> None:
    with RowsFile.open(folder, SETTINGS) as rows:
        for name in names:
            rows.append(row(name))


def ids(folder: Path) -> list[str]:
    settings, *rows = read_rows(folder)
    assert settings["models"] == SETTINGS["models"]
    return [row["id"] for row in rows]


def test_rows_are_gone_on_with(tmp_path: Path) -> None:
    fill(tmp_path / "new" / "folder", "a", "b")
    with RowsFile.open(tmp_path / "new" / "folder", SETTINGS) as rows:
        assert rows.done == {"a", "b"}
        rows.append(row("c"))
    assert ids(tmp_path / "new" / "folder") == ["a", "b", "c"]


@pytest.mark.parametrize("lost", [1, 12], ids=["the line's end", "half of the row"])
def test_a_torn_last_line_is_dropped(tmp_path: Path, lost: int) -> None:
    fill(tmp_path, "a", "b")
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-lost])
    assert ids(tmp_path) == ["a"]
    with RowsFile.open(tmp_path, SETTINGS) as rows:
        assert rows.done == {"a"}
        rows.append(row("b"))
    assert ids(tmp_path) == ["a", "b"]


def test_torn_settings_are_written_again(tmp_path: Path) -> None:
    fill(tmp_path)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:20])
    fill(tmp_path, "a")
    assert ids(tmp_path) == ["a"]


def test_rows_of_other_settings_are_refused_until_they_are_dropped(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    other = SETTINGS | {"matchers": {"HH4": {"block_size": 5}}}
    with pytest.raises(ValueError, match=r"holds rows of other settings \(matchers\): name another folder, or add --restart"):
        RowsFile.open(tmp_path, other)
    assert ids(tmp_path) == ["a"]
    with RowsFile.open(tmp_path, other, restart=True) as rows:
        assert rows.done == set()


def test_only_errors_are_tried_again(tmp_path: Path) -> None:
    with RowsFile.open(tmp_path, SETTINGS) as rows:
        for each in (row("a"), row("b", "It is broken."), row("c") | {"results": [{"error": "Too wide."}]}, row("d")):
            rows.append(each)
        assert rows.errors == 2
    with RowsFile.open(tmp_path, SETTINGS, retry=True) as rows:
        assert (rows.done, rows.errors) == ({"a", "d"}, 0)
    assert ids(tmp_path) == ["a", "d"]


def test_two_programs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with RowsFile.open(tmp_path, SETTINGS), pytest.raises(ValueError, match="Another program writes rows to the folder"):
        RowsFile.open(tmp_path, SETTINGS)


@pytest.mark.parametrize("content", [b"left,right\n", b"[1, 2]\n", b'{"schema": "other"}\n'])
def test_another_file_of_that_name_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ValueError, match=r"rows\.jsonl' (holds a line that is no row|in that folder is no file of rows)"):
        RowsFile.open(tmp_path, SETTINGS)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_folder_that_vanishes_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    with RowsFile.open(folder, SETTINGS) as rows:
        rows.append(row("a"))
        shutil.rmtree(folder)
        with pytest.raises(OSError, match=r"cannot be written to 'results': the folder is gone\. 1 pairs had been scored\."):
            rows.append(row("b"))


FILL = """
import sys
from pathlib import Path
from depth_demo.batch.rows import RowsFile
try:
    with RowsFile.open(Path(sys.argv[1]), {}) as rows:
        for number in range(1000):
            rows.append({"id": f"pair {number}", "error": None, "results": [], "words": 100 * "word "})
except OSError as error:
    sys.exit(str(error))
"""


def test_a_row_that_the_disk_does_not_take_is_taken_back(tmp_path: Path) -> None:
    most = 5000

    def limit() -> None:  # the system takes part of a row, then refuses, as a full disk does
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    run = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert run.returncode == 1
    assert "The rows cannot be written to" in run.stderr
    content = (tmp_path / FILE).read_bytes()
    assert content.endswith(b"\n")
    assert most - 600 < len(content) <= most
    rows = [json.loads(line) for line in content.splitlines()[1:]]
    assert f"{len(rows)} pairs have rows; make room, and run the same command again." in run.stderr
    assert [each["id"] for each in rows] == [f"pair {number}" for number in range(len(rows))]
