"""Engines beside this process: several processes of this machine, or a Dask cluster. Paths travel to them, pixels do not."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.batch.handing_out import Score, hand_out
from depth_demo.batch.job import Job
from depth_demo.batch.run import Engine
from depth_demo.batch.work import Scored, score_sample
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import quoted, reason

if TYPE_CHECKING:
    from distributed import Client

EXTRA = "cluster"
ANSWER_WITHIN_S = 5.0  # of the scheduler, at the start and after it fell silent


def on_workers(count: int, score: Score = score_sample) -> Engine:
    """Return an engine of so many processes of this machine, which talk over the loopback interface alone.

    Raises:
        ValueError: If the number is below 1, or Dask is not installed.
    """
    if count < 1:
        raise ValueError(f"The number of workers must be 1 or more, not {count}.")
    _need_dask()

    def run(samples: Sequence[Sample], job: Job) -> Generator[Scored, None, None]:
        if samples:
            threads = max((os.cpu_count() or 1) // count, 1)
            with _local(min(count, len(samples)), threads) as client:
                yield from hand_out(client, samples, job, score, threads)

    return run


def on_address(address: str, score: Score = score_sample) -> Engine:
    """Return an engine that hands pairs to the workers of a Dask scheduler.

    Args:
        address: Such as tcp://head:8786, or the path of a scheduler file.
        score: What a worker does.

    Raises:
        ValueError: If it is neither, or Dask is not installed.
    """
    is_file = Path(address).is_file()
    if not is_file and "://" not in address:
        raise ValueError(f"The scheduler is tcp://host:8786 or a scheduler file that is there, not {quoted(address)}.")
    _need_dask()

    def run(samples: Sequence[Sample], job: Job) -> Generator[Scored, None, None]:
        if samples:
            with _connected(address, is_file=is_file) as client:
                yield from hand_out(client, samples, job, score, None)

    return run


def _need_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ValueError(f"Several processes or machines need Dask: pip install 'depth-demo[{EXTRA}]'.") from error


@contextmanager
def _local(count: int, threads: int) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    # The first death is told, and judged by `hand_out`. A worker has its share of the cores.
    environment = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
    own = {
        "distributed.scheduler.allowed-failures": 0,
        "distributed.nanny.pre-spawn-environ": environment,
        "distributed.worker.preload": ["depth_demo.batch.worker_start"],
    }
    with (
        dask.config.set(own),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # a free port, as two runs may share a machine
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _connected(address: str, *, is_file: bool) -> Iterator[Client]:
    from distributed import Client

    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what happens is said in sentences
    place = {"scheduler_file": address} if is_file else {"address": address}
    try:
        client = Client(**place, timeout=ANSWER_WITHIN_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise ValueError(f"No Dask scheduler answers at {quoted(address)}: {reason(error)}.") from error
    try:
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=1)
