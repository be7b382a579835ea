"""A run gives every pair a row once, goes on where it stopped, and keeps the pictures of the best and the worst pairs."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from depth_demo.batch.job import Job
from depth_demo.batch.pictures import Extremes, file_stem
from depth_demo.batch.rows import read_rows
from depth_demo.batch.run import PICTURES, failed, missing, score_dataset
from depth_demo.batch.work import Scored
from depth_demo.datasets import Sample, open_dataset
from tests.support.small_data_set import small_data_set

JOB = Job(("tiny",), (), ("ab",))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return small_data_set(tmp_path / "data", "a", "b", "c", "d")


def told(sample: Sample) -> Scored:
    """A row of so many wrong pixels as the name's place in the alphabet."""
    wrong = float(ord(sample.name[0]) - ord("a"))
    fair = {method: {"bad_3_all_percent": wrong} for method in ("monocular", "stereo")}
    row = {"id": sample.name, "error": None, "results": [{"error": None, "scores": {"fair": fair}}]}
    return Scored(row, sample.name.encode())


def engine(samples: Sequence[Sample], _: Job) -> Generator[Scored, None, None]:
    return (told(sample) for sample in samples)


def ids(folder: Path) -> list[str]:
    return [row["id"] for row in list(read_rows(folder))[1:]]


def test_every_pair_has_a_row_before_it_is_told(tmp_path: Path, data: Path) -> None:
    samples, out = open_dataset(data), tmp_path / "out"
    told_of = []
    for progress in score_dataset(samples, JOB, out, lambda s, j: (told(each) for each in s), data=data):
        told_of.append((progress.done, progress.total, progress.row and progress.row["id"]))
        assert len(ids(out)) == progress.done
    assert told_of == [(0, 4, None), (1, 4, "a"), (2, 4, "b"), (3, 4, "c"), (4, 4, "d")]
    assert (missing(samples, out), failed(out)) == (0, 0)


def test_a_run_that_is_stopped_keeps_its_rows_and_goes_on(tmp_path: Path, data: Path) -> None:
    samples, out = open_dataset(data), tmp_path / "out"
    closed = []

    def watched(todo: Sequence[Sample], _: Job) -> Generator[Scored, None, None]:
        try:
            yield from map(told, todo)
        finally:
            closed.append([sample.name for sample in todo])

    with closing(score_dataset(samples, JOB, out, watched)) as run:
        for progress in run:
            if progress.done == 2:
                break
    assert closed == [["a", "b", "c", "d"]]
    assert missing(samples, out) == 2
    assert [progress.done for progress in score_dataset(samples, JOB, out, watched)] == [2, 3, 4]
    assert closed[1:] == [["c", "d"]]
    assert ids(out) == ["a", "b", "c", "d"]


def test_a_data_set_that_vanishes_ends_the_run(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"

    def losing(todo: Sequence[Sample], _: Job) -> Generator[Scored, None, None]:
        yield told(todo[0])
        shutil.rmtree(data)
        yield from (Scored({"id": each.name, "error": "It is not there.", "results": []}) for each in todo[1:])

    with pytest.raises(ValueError, match=r"^The folder 'data' of the data set is gone\. 1 pairs have rows: run the same"):
        list(score_dataset(open_dataset(data), JOB, out, losing, data=data))
    assert ids(out) == ["a"]


def test_two_pairs_of_one_name_are_refused(tmp_path: Path, data: Path) -> None:
    samples = open_dataset(data)
    with pytest.raises(ValueError, match="Two pairs of the data set have the name 'b'"):
        list(score_dataset([*samples, samples[1]], JOB, tmp_path / "out", engine))


def test_the_best_and_the_worst_keep_their_pictures_whatever_the_order(tmp_path: Path) -> None:
    names = [f"{letter}1" for letter in "fbhacgjdie"]
    data = small_data_set(tmp_path / "data", *names)
    samples = sorted(open_dataset(data), key=lambda sample: names.index(sample.name))
    list(score_dataset(samples[:6], JOB, tmp_path / "out", engine))
    list(score_dataset(samples, JOB, tmp_path / "out", engine))
    kept = sorted(path.stem for path in (tmp_path / "out" / PICTURES).iterdir())
    assert kept == ["a1", "b1", "c1", "h1", "i1", "j1"]


def test_pictures_of_pairs_that_fell_out_are_dropped(tmp_path: Path) -> None:
    extremes = Extremes(tmp_path / "pictures")
    for share in range(20):
        extremes.offer(f"scene/{share}", {"stereo": float(share)}, b"picture")
        assert len(list((tmp_path / "pictures").iterdir())) <= 6
    assert {extremes.path(f"scene/{share}") for share in (0, 1, 2, 17, 18, 19)} == set((tmp_path / "pictures").iterdir())


def test_names_of_files_are_safe_and_stay_apart() -> None:
    names = ["466", "alley_1/frame_0001", "alley_1_frame_0001", "../../etc", "a b", "a_b", ".", "ä"]
    stems = [file_stem(name) for name in names]
    assert len(set(stems)) == len(names)
    assert not any("/" in stem or stem.startswith(".") for stem in stems)
    assert stems[0] == "466"
