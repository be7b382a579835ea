"""A driver of a run over a data set, in a process of its own: `ENGINE DATA OUT MARKS`, where tests tell workers what to do.

ENGINE is a number of workers or the address of a scheduler. A worker writes its process id to MARKS/<pair>-<id>. The name of
a pair says what happens: one with "held" in it waits for MARKS/go, and one with "poison" kills its worker.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from depth_demo.batch import machines
from depth_demo.batch.engines import on_address, on_workers
from depth_demo.batch.job import Job
from depth_demo.batch.run import score_dataset
from depth_demo.batch.work import Scored
from depth_demo.datasets import Sample, open_dataset


def score(sample: Sample, job: Job) -> Scored:
    """Score as the pair's name says; the job's folder of maps stands for MARKS."""
    marks = job.maps
    assert marks is not None
    (marks / f"{sample.name}-{os.getpid()}").touch()
    if "poison" in sample.name:
        os.kill(os.getpid(), signal.SIGKILL)
    while "held" in sample.name and not (marks / "go").exists():
        time.sleep(0.01)
    return Scored({"id": sample.name, "error": None, "results": []})


def main(engine: str, data: Path, out: Path, marks: Path) -> None:
    from tests.support.batch_driver import score as importable  # not of __main__, which workers do not have

    machines.JOIN_WITHIN_S = float(os.environ["JOIN_WITHIN_S"])
    hand_out = on_workers(int(engine), importable) if engine.isdigit() else on_address(engine, importable)
    for progress in score_dataset(open_dataset(data), Job((), (), maps=marks), out, hand_out, data=data):
        print(progress.done, flush=True)
        if str(progress.done) == os.environ.get("CTRL_C_AFTER"):  # between two results, which is where a reader may be
            while len(list(marks.glob("held*"))) < 2:
                time.sleep(0.01)
            (marks / "go").touch()
            signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    try:
        main(sys.argv[1], *map(Path, sys.argv[2:]))
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
