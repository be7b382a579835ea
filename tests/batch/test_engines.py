"""Workers in processes of their own: nothing is lost and nothing is there twice, whoever dies. Nothing leaves this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from depth_demo.batch.engines import on_address, on_workers
from depth_demo.batch.handing_out import KILLED
from depth_demo.batch.rows import FILE, Row, read_rows
from tests.support.small_data_set import small_data_set

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "JOIN_WITHIN_S": "20"}
PATIENCE_S = 120

pytest.importorskip("distributed")


class Run:
    """A driver with its data set, its results and the marks that its workers leave."""

    def __init__(self, place: Path, engine: str, *names: str) -> None:
        self.engine, self.data, self.out, self.marks = engine, place / "data", place / "out", place / "marks"
        self.marks.mkdir()
        small_data_set(self.data, *names)

    def start(self, **variables: str) -> subprocess.Popen[str]:
        script = [
            sys.executable,
            "-m",
            "tests.support.batch_driver",
            self.engine,
            *map(str, (self.data, self.out, self.marks)),
        ]
        return subprocess.Popen(
            script,
            cwd=ROOT,
            env=ENVIRONMENT | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C goes to a group of processes
        )

    def workers_of(self, pair: str) -> list[int]:
        """The processes that have begun a pair."""
        return [int(path.name.rpartition("-")[2]) for path in self.marks.glob(f"{pair}-*")]

    def release(self) -> None:
        (self.marks / "go").touch()

    def rows(self) -> dict[str, Row]:
        """The rows by id; no id is there twice."""
        rows = list(read_rows(self.out))[1:] if (self.out / FILE).exists() else []
        found = {row["id"]: row for row in rows}
        assert len(found) == len(rows)
        return found


def wait_until(what: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def end_of(driver: subprocess.Popen[str]) -> tuple[int, str]:
    """The status and the words with which a driver ends."""
    _, said = driver.communicate(timeout=PATIENCE_S)
    return driver.returncode, said


@contextmanager
def started(*command: str, root: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """A part of a Dask cluster, which talks over the loopback interface alone."""
    script = [sys.executable, "-m", *command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = ENVIRONMENT | {"PYTHONPATH": str(root)}
    with subprocess.Popen(script, cwd=root, env=environment, **quiet) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def scheduler(place: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A scheduler without workers, and its scheduler file."""
    file = place / "cluster.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with started("distributed.cli.dask_scheduler", *options) as process:
        wait_until(file.exists)
        yield process, str(file)


def worker(file: str, root: Path = ROOT) -> AbstractContextManager[object]:
    """A worker of one thread, without a nanny that would start it again, with the program in a folder."""
    options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", file)
    return started("distributed.cli.dask_worker", *options, root=root)


def test_of_a_worker_that_is_killed_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    run = Run(tmp_path, "2", "a", "b", "held", "x", "y", "z")
    driver = run.start()
    wait_until(lambda: run.workers_of("held"))
    (first,) = run.workers_of("held")
    os.kill(first, signal.SIGKILL)
    run.release()
    assert end_of(driver) == (0, "")
    assert sorted(run.rows()) == ["a", "b", "held", "x", "y", "z"]
    assert len(set(run.workers_of("held"))) == 2
    assert not any(row["error"] for row in run.rows().values())


def test_a_pair_that_kills_its_worker_is_one_error_and_the_others_go_on(tmp_path: Path) -> None:
    run = Run(tmp_path, "2", "a", "b", "c", "poison", "x", "y", "z")
    assert end_of(run.start()) == (0, "")
    errors = {name: row["error"] for name, row in run.rows().items()}
    assert errors == dict.fromkeys("abcxyz") | {"poison": KILLED}
    assert len(run.workers_of("poison")) == 2


def test_ctrl_c_reaches_all_and_the_pairs_at_work_get_their_rows(tmp_path: Path) -> None:
    run = Run(tmp_path, "2", "a", "held", "held too", *"uvwxyz")
    driver = run.start()
    assert driver.stdout is not None
    while driver.stdout.readline() != "1\n":  # the row of "a" is told, and the driver waits for the next one
        assert driver.poll() is None
    wait_until(lambda: run.workers_of("held") and run.workers_of("held too"))
    os.killpg(driver.pid, signal.SIGINT)
    run.release()
    status, said = end_of(driver)
    assert (status, said) == (130, "")
    assert {"a", "held", "held too"} <= set(run.rows())
    assert len(run.rows()) < 9


def test_ctrl_c_while_a_row_is_written_loses_no_pair_at_work(tmp_path: Path) -> None:
    run = Run(tmp_path, "2", "a", "held", "held too", *"uvwxyz")
    status, _ = end_of(run.start(CTRL_C_AFTER="1"))
    assert status == 130
    assert {"a", "held", "held too"} <= set(run.rows())
    assert len(run.rows()) < 9


def test_of_a_driver_that_is_killed_the_same_command_scores_the_rest(tmp_path: Path) -> None:
    with scheduler(tmp_path) as (_, file):
        run = Run(tmp_path, file, "a", "b", "c", "held", "x", "y")
        driver = run.start()  # before there is a worker
        with worker(file):
            wait_until(lambda: len(run.rows()) >= 3)
            driver.kill()
            driver.communicate()
            scored = set(run.rows())
            run.release()
            assert end_of(run.start()) == (0, "")
    assert sorted(run.rows()) == ["a", "b", "c", "held", "x", "y"]
    assert all(len(list(run.marks.glob(f"{name}-*"))) == 1 for name in scored)


def test_a_scheduler_that_dies_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    with scheduler(tmp_path) as (process, file), worker(file):
        run = Run(tmp_path, file, "a", "held")
        driver = run.start()
        wait_until(lambda: run.workers_of("held") and "a" in run.rows())
        process.kill()
        assert end_of(driver) == (1, "The Dask scheduler is gone: start it, and run the same command again.\n")
    assert list(run.rows()) == ["a"]


def test_a_cluster_without_workers_is_no_success(tmp_path: Path) -> None:
    with scheduler(tmp_path) as (_, file):
        run = Run(tmp_path, file, "a")
        driver = run.start(JOIN_WITHIN_S="0.5")
        assert end_of(driver) == (1, "The Dask cluster has no workers, and none joined in 0 s.\n")


def test_a_worker_with_another_version_is_refused_before_it_scores(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "depth_demo", other / "depth_demo", ignore=shutil.ignore_patterns("__pycache__", "weights", "ui"))
    with (other / "depth_demo" / "geometry.py").open("a") as file_of_code:
        file_of_code.write("# of another version\n")
    with scheduler(tmp_path) as (_, file), worker(file, other):
        run = Run(tmp_path, file, "a")
        status, said = end_of(run.start())
    assert status == 1
    assert re.fullmatch(
        r"The worker at tcp://127\.0\.0\.1:\d+ has Depth Demo \w+, and here it is \w+: install the same\.\n", said
    )
    assert run.rows() == {}
    assert run.workers_of("a") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("head:8786", "The scheduler is tcp://host:8786 or a scheduler file that is there, not 'head:8786'."),
        ("cluster.json", "The scheduler is tcp://host:8786 or a scheduler file that is there, not 'cluster.json'."),
    ],
)
def test_what_is_no_address_is_refused(address: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        on_address(address)


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"^Several processes or machines need Dask: pip install 'depth-demo\[cluster\]'\.$"):
        on_workers(2)
