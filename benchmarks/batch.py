"""What a run over a data set costs beside the scoring itself: `python -m benchmarks.batch [PAIRS] [--old COMMIT]`.

Prints: the loop's own time over that of the scoring; two workers against one; the memory of the driver over 2,000 rows;
whether rows are equal, whatever scored them; and a scored pair against a comparison with its report, as it was at a commit.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.paired import describe_machine
from depth_demo.batch.engines import on_workers
from depth_demo.batch.job import Job
from depth_demo.batch.rows import FILE, read_rows
from depth_demo.batch.run import Engine, in_this_process, score_dataset
from depth_demo.batch.work import Scored, score_sample
from depth_demo.datasets import Sample, open_dataset
from depth_demo.examples import ROOT as EXAMPLES

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "tests" / "pairs"  # 480x360
MANY_ROWS = 2000
ROUNDS = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("pairs", type=int, nargs="?", default=50)
    options.add_argument("--old", metavar="COMMIT", help="compare a scored pair with a comparison and its report there")
    asked = options.parse_args()
    print(f"{describe_machine(['distributed'])}\nload average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        samples = open_dataset(many_pairs(place / "data", asked.pairs))
        job = Job.prepare(["depth-demo-tiny"], ["HH4"], num_disparities=64, threads=1)
        print_overhead(place, samples, job)
        print_workers(place, samples, job)
        print_memory(place, samples[0])
    if asked.old:
        print_old(asked.old)


def many_pairs(root: Path, count: int) -> Path:
    """Make a data set of links to two small pairs."""
    places = sorted(path for path in SMALL.iterdir() if path.is_dir() and (path / "left.png").is_file())
    root.mkdir()
    for number in range(count):
        (root / f"{number:04}").symlink_to(places[number % len(places)])
    return root


def print_overhead(place: Path, samples: Sequence[Sample], job: Job) -> None:
    score_sample(samples[0], job)
    bare, shares = [], []
    for number in range(ROUNDS):
        started = time.perf_counter()
        for sample in samples:
            score_sample(sample, job)
        bare.append(time.perf_counter() - started)
        seconds, rows = run(samples, job, place / f"serial{number}", in_this_process)
        inside = sum(row["seconds"]["total"] for row in rows)
        shares.append(100 * (seconds - inside) / inside)
        print(f"  round {number + 1}: bare loop {bare[-1]:.1f} s, run {seconds:.1f} s, of which {inside:.1f} s scoring")
    print(f"overhead of the run: {statistics.median(shares):.2f} % of the scoring, over {len(samples)} pairs")


def print_workers(place: Path, samples: Sequence[Sample], job: Job) -> None:
    """Compare one worker with two, from the first row on, as starting them takes seconds whatever the data set."""
    ratios, rows = [], {"serial": list(read_rows(place / "serial0"))[1:]}
    for number in range(ROUNDS):
        paces = {}
        for count in (1, 2):
            pace, found = pace_of(samples, job, place / f"workers{count}-{number}", on_workers(count))
            paces[count], rows[f"{count} workers"] = pace, found
        ratios.append(paces[1] / paces[2])
        print(f"  round {number + 1}: {paces[1]:.3f} s a pair with 1 worker, {paces[2]:.3f} s with 2")
    print(f"2 workers do {statistics.median(ratios):.2f} times the pairs of 1")
    sleeping = {count: pace_of(samples, job, place / f"sleep{count}", on_workers(count, sleep))[0] for count in (1, 2)}
    above = 1000 * (sleeping[1] - 0.05)
    print(f"and {sleeping[1] / sleeping[2]:.2f} times where a pair only waits for 50 ms; handing it out takes {above:.1f} ms")
    plain = {name: {row["id"]: without_seconds(row) for row in found} for name, found in rows.items()}
    equal = all(found == plain["serial"] for found in plain.values())
    print(f"rows of {', '.join(plain)}: {'equal' if equal else 'NOT equal'} but for seconds, {len(plain['serial'])} each")


def sleep(sample: Sample, job: Job) -> Scored:  # noqa: ARG001 - what a worker is handed
    time.sleep(0.05)
    return Scored({"id": sample.name, "error": None, "results": []})


def run(samples: Sequence[Sample], job: Job, out: Path, engine: Engine) -> tuple[float, list[dict[str, Any]]]:
    started = time.perf_counter()
    for _ in score_dataset(samples, job, out, engine):
        pass
    return time.perf_counter() - started, list(read_rows(out))[1:]


def pace_of(samples: Sequence[Sample], job: Job, out: Path, engine: Engine) -> tuple[float, list[dict[str, Any]]]:
    """Return the seconds a pair between the fourth row, when all workers are warm, and the last one."""
    times = [time.perf_counter() for _ in score_dataset(samples, job, out, engine)]
    return (times[-1] - times[4]) / (len(times) - 5), list(read_rows(out))[1:]


def without_seconds(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "seconds"}


def print_memory(place: Path, sample: Sample) -> None:
    """Run over rows and pictures as large as real ones, which cost nothing to make."""
    real = json.loads((place / "serial0" / FILE).read_text("utf-8").splitlines()[1])
    strip = bytes(40_000)

    def engine(samples: Sequence[Sample], job: Job) -> Generator[Scored, None, None]:  # noqa: ARG001
        return (Scored({**real, "id": each.name}, strip) for each in samples)

    samples = [Sample(f"{number}", sample.left, sample.right) for number in range(MANY_ROWS)]
    resident = [
        int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
        for progress in score_dataset(samples, Job((), ()), place / "many", engine)
        if progress.done in {MANY_ROWS // 10, MANY_ROWS}
    ]
    size = (place / "many" / FILE).stat().st_size / MANY_ROWS / 1000
    print(
        f"driver: {resident[0]:.0f} MiB after {MANY_ROWS // 10} rows, {resident[1]:.0f} after {MANY_ROWS}, {size:.0f} kB a row"
    )


NEW = """
from depth_demo.batch.job import Job
from depth_demo.batch.work import score_sample
job = Job.prepare(["depth-demo-tiny"], ["auto"])
def work(place, out):
    from depth_demo.datasets import open_dataset
    sample = {each.name: each for each in open_dataset(place.parent)}[place.name]
    assert not score_sample(sample, job).row["error"]
"""
OLD = """
from depth_demo.examples import list_examples
from depth_demo.monocular.estimator import load_estimator
from depth_demo.pipeline import compare
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.compare_report import save_with_report
from depth_demo.ui.compare_result import CompareResult
from depth_demo.ui.estimates import input_size_for
estimator = load_estimator("depth-demo-tiny")
def work(place, out):
    example = {each.name: each for each in list_examples(place.parent)}[place.name]
    pair = example.load()
    compared = compare(pair, estimator, SgbmSettings(num_disparities=example.num_disparities))
    chosen = input_size_for(pair.left, estimator.checkpoint, "as published", None)
    result = CompareResult(compared, estimator.checkpoint, estimator.device_name, "", chosen)
    files = str(example.left), str(example.right), str(example.disparity)
    save_with_report(result, files, estimator.sha256, "Inferno", out)
"""
SERVE = """
import sys, time, tempfile
from pathlib import Path
print("ready", flush=True)
for line in sys.stdin:
    with tempfile.TemporaryDirectory() as out:
        wall, processor = time.perf_counter(), time.process_time()
        work(Path(line.strip()), Path(out))
        print(time.perf_counter() - wall, time.process_time() - processor, flush=True)
"""


def print_old(commit: str) -> None:
    """Score the bundled pairs, and compare them with a report at a commit, in turn, each in a process of its own."""
    git = shutil.which("git") or "git"
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        subprocess.run([git, "worktree", "add", "-q", "--detach", str(old), commit], cwd=ROOT, check=True)
        try:
            rivals = {"compare and report": served(OLD, old), "scored": served(NEW, ROOT)}
            ratios: list[tuple[float, float]] = []
            for number in range(2 * ROUNDS):
                name = ("466", "515")[number % 2]
                took = {who: asked_of(rival, EXAMPLES / name) for who, rival in rivals.items()}
                if number >= 2:  # the first of each warms up
                    ratios.append(
                        (took["scored"][0] / took["compare and report"][0], took["scored"][1] / took["compare and report"][1])
                    )
                print(
                    f"  {name}: "
                    + ", ".join(f"{who} {wall:.1f} s ({cpu:.1f} s of processor)" for who, (wall, cpu) in took.items())
                )
            for rival in rivals.values():
                rival.terminate()
        finally:
            subprocess.run([git, "worktree", "remove", "--force", str(old)], cwd=ROOT, check=True)
    wall, processor = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"a scored pair costs {wall:.2f} of a comparison with its report at {commit}, {processor:.2f} of its processor time")


def served(work: str, root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", work + SERVE],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101
    assert process.stdout.readline() == "ready\n"  # noqa: S101
    return process


def asked_of(rival: subprocess.Popen[str], place: Path) -> tuple[float, float]:
    assert rival.stdin is not None  # noqa: S101
    assert rival.stdout is not None  # noqa: S101
    rival.stdin.write(f"{place}\n")
    rival.stdin.flush()
    wall, processor = rival.stdout.readline().split()
    return float(wall), float(processor)


if __name__ == "__main__":
    main()
