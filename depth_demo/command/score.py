"""The command `depth-demo score`: a data set in, a row for each pair, a table and a report out."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType

from depth_demo.batch.engines import on_address, on_workers
from depth_demo.batch.job import MASK_USES, Job
from depth_demo.batch.report import write_report
from depth_demo.batch.run import Engine, Progress, failed, in_this_process, missing, score_dataset
from depth_demo.datasets import DATASETS, Sample, open_dataset
from depth_demo.monocular.input_size import AS_PUBLISHED, RESOLUTIONS
from depth_demo.monocular.models import DEFAULT_MODEL, MODELS
from depth_demo.wording.durations import about

ABOUT = "Score a whole data set against its ground truth; write a row for each pair, a table and a report."
SOME_ROWS_ARE_ERRORS, INTERRUPTED = 3, 130  # exit statuses


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `score`, but for --out."""
    command.add_argument("folder", type=Path, help="the data set, or a CSV file whose columns name the files of each pair")
    command.add_argument("--layout", choices=DATASETS, help="of the data set (default: the first that fits)")
    command.add_argument(
        "--model", action="append", choices=MODELS, metavar="NAME", help=f"may be repeated (default: {DEFAULT_MODEL})"
    )
    command.add_argument(
        "--matcher",
        action="append",
        metavar="NAME",
        help="a mode of OpenCV's matchers or another matcher, with settings such as HH4:block_size=5; may be repeated, and "
        "every model is compared with every matcher (default: auto)",
    )
    command.add_argument("--resolution", choices=RESOLUTIONS, default=AS_PUBLISHED, help="default: %(default)s")
    command.add_argument("--disparities", type=int, metavar="N", help="how many to search (default: the data set's, or 128)")
    command.add_argument(
        "--mask", choices=MASK_USES, default="nonocc", help="nonocc also scores what a benchmark's mask counts (default)"
    )
    command.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="of the processor for a network (default: 1); the last digits of its answers depend on it",
    )
    command.add_argument("--limit", type=int, metavar="N", help="score only the first N pairs")
    command.add_argument(
        "--flip", action="store_true", help="run models on the mirrored view too: does a model know its errors?"
    )
    command.add_argument("--maps", action="store_true", help="keep the maps of every pair as PFM files")
    engine = command.add_mutually_exclusive_group()
    engine.add_argument("--workers", type=int, metavar="N", help="so many processes of this machine (default: this one)")
    engine.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler: tcp://host:8786, or its scheduler file")
    command.add_argument("--restart", action="store_true", help="drop the rows that are there")
    command.add_argument("--retry", action="store_true", help="score pairs again whose rows are errors")


def run_score(options: argparse.Namespace) -> int:
    """Score a data set; return the exit status.

    Returns:
        0 if every pair has its scores, 3 if some rows are errors, 130 after Ctrl-C.

    Raises:
        ValueError, OSError: If the run cannot start, or cannot go on. The rows so far are kept, with their report.
    """
    samples = open_dataset(options.folder, options.layout)
    if options.limit is not None:
        if options.limit < 1:
            raise ValueError(f"The limit must be 1 pair or more, not {options.limit}.")
        samples = samples[: options.limit]
    if options.threads < 1:
        raise ValueError(f"The number of threads must be 1 or more, not {options.threads}.")
    engine = _engine(options)
    job = Job.prepare(
        options.model or [DEFAULT_MODEL],
        options.matcher or ["auto"],
        resolution=options.resolution,
        mask=options.mask,
        num_disparities=options.disparities,
        flip=options.flip,
        threads=options.threads,
        maps=(options.out / "maps").resolve() if options.maps else None,
    )
    interrupted = False
    try:
        with stopped_by_sigterm():
            run = score_dataset(
                samples, job, options.out, engine, data=options.folder, restart=options.restart, retry=options.retry
            )
            _follow(run)
    except KeyboardInterrupt:
        interrupted = True
    except (ValueError, OSError):
        with suppress(ValueError, OSError):
            write_report(options.out, samples)
        raise
    return _end(options.out, samples, interrupted=interrupted)


def _engine(options: argparse.Namespace) -> Engine:
    if options.dask is not None:
        return on_address(options.dask)
    if options.workers is not None:
        return on_workers(options.workers)
    return in_this_process


def _follow(run: Generator[Progress, None, None]) -> None:
    with closing(run):
        for progress in run:
            left = f", {about(progress.seconds_left)} left" if progress.seconds_left else ""
            errors = f", {progress.errors} with errors" if progress.errors else ""
            name = f" {progress.row['id']}" if progress.row else ""
            print(f"{progress.done} of {progress.total}{errors}{left}{name}", file=sys.stderr, flush=True)


def _end(folder: Path, samples: Sequence[Sample], *, interrupted: bool) -> int:
    """Write the report of the rows that are there, say what is there, and return the exit status."""
    if missing(samples, folder) == len(samples):
        print("No pair was scored.", file=sys.stderr)
        return INTERRUPTED
    for path in write_report(folder, samples):
        print(path)
    left, errors = missing(samples, folder), failed(folder)
    if left:
        print(f"{left} of {len(samples)} pairs have no row yet: the same command goes on.", file=sys.stderr)
        return INTERRUPTED if interrupted else 1
    if errors:
        print(f"{errors} rows are errors: the report says why, and --retry scores them again.", file=sys.stderr)
        return SOME_ROWS_ARE_ERRORS
    return 0


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Take the signal by which systems end a program as Ctrl-C, also where that is ignored, as shells have it behind &."""

    def stop(signum: int, frame: FrameType | None) -> None:
        ctrl_c = signal.getsignal(signal.SIGINT)
        if not callable(ctrl_c):
            raise KeyboardInterrupt
        ctrl_c(signum, frame)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
