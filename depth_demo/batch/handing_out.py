"""Hand pairs out to the workers of a Dask cluster, and take results in.

Each worker scores one pair at a time, and has a second one waiting. A worker that dies takes nothing with it: its pairs are
scored again, one after another on a cluster that does nothing else, so that the pair that killed it is told from its
neighbours. Only that pair ends as an error.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from depth_demo.batch import machines
from depth_demo.batch.job import Job
from depth_demo.batch.work import Scored, unscored
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import reason

if TYPE_CHECKING:
    from distributed import Client, Future

Score = Callable[[Sample, Job], Scored]
IN_FLIGHT = 2  # pairs a worker: one that it scores and one that waits
FINISH_WITHIN_S = 10.0  # after Ctrl-C
ASKED_EVERY_S = 2.0  # how many workers there are
GONE = "The Dask scheduler is gone: start it, and run the same command again."
KILLED = "The worker died while it scored this pair, and again when it scored nothing else: most likely the memory ran out."


def hand_out(
    client: Client, samples: Sequence[Sample], job: Job, score: Score, threads: int | None
) -> Generator[Scored, None, None]:
    """Have the workers score all pairs, in any order; on Ctrl-C, wait a while for those that are at work.

    Args:
        client: Of the cluster.
        samples: The pairs.
        job: What is done with each.
        score: Does it.
        threads: How many of OpenCV a worker may use; None leaves that to the worker.

    Raises:
        ValueError: If the cluster has no workers, or they are unlike this machine.
        OSError: If the scheduler is gone, or all workers are and none joins.
    """
    machines.wait_for_workers(client)
    machines.check_machines(client, samples[0])
    desk = _Desk(client, job, score, threads)
    try:
        with desk.told_of_ctrl_c():
            suspects: list[Sample] = []
            for sample, scored in desk.results(samples, None):
                if scored is None:
                    suspects.append(sample)
                else:
                    yield scored
            for sample, scored in desk.results(suspects, 1):  # nobody else's pair dies with it now
                yield scored or unscored(sample, KILLED)
    except KeyboardInterrupt:
        yield from desk.finished_within(FINISH_WITHIN_S)
        raise
    finally:
        desk.clear()


class _Desk:
    """Where pairs are handed out and results come in."""

    def __init__(self, client: Client, job: Job, score: Score, threads: int | None) -> None:
        self._client, self._job, self._score, self._threads = client, job, score, threads
        self._out: dict[Future, Sample] = {}
        self._in: queue.SimpleQueue[Future | None] = queue.SimpleQueue()  # None is Ctrl-C
        self._window, self._asked = 0, -ASKED_EVERY_S

    @contextmanager
    def told_of_ctrl_c(self) -> Iterator[None]:
        """Have Ctrl-C come in like a result, as it may reach whoever writes a row; a second one ends everything at once."""
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
            yield
            return

        def tell(*_: object) -> None:
            signal.signal(signal.SIGINT, before)
            self._in.put(None)

        signal.signal(signal.SIGINT, tell)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def results(self, samples: Sequence[Sample], window: int | None) -> Iterator[tuple[Sample, Scored | None]]:
        """Yield each pair with its result, None for a pair whose worker died.

        Args:
            samples: The pairs.
            window: How many are out at a time; None takes `IN_FLIGHT` for each worker.

        Raises:
            KeyboardInterrupt: If Ctrl-C came in.
            OSError: If the scheduler is gone, or all workers are and none joins.
        """
        waiting = deque(samples)
        while waiting or self._out:
            while waiting and len(self._out) < (window or self._most_out()):
                self._hand(waiting.popleft())
            future = self._next()
            scored = self._result_of(future)  # takes a while; Ctrl-C then finds it still out
            yield self._out.pop(future), scored

    def _hand(self, sample: Sample) -> None:
        future = self._client.submit(_work, self._score, sample, self._job, self._threads, pure=False)
        self._out[future] = sample
        future.add_done_callback(self._in.put)

    def _most_out(self) -> int:
        """Return how many pairs may be out: workers come and go."""
        if time.monotonic() - self._asked > ASKED_EVERY_S:
            self._window = max(IN_FLIGHT * self._workers(), 1)
            self._asked = time.monotonic()
        return self._window

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise OSError(GONE) from error

    def _next(self) -> Future:
        """Wait for a result; look from time to time whether anybody is left who could give one."""
        nobody_since = None
        while True:
            try:
                future = self._in.get(timeout=ASKED_EVERY_S)
            except queue.Empty:
                if self._workers():
                    nobody_since = None
                    continue
                nobody_since = nobody_since or time.monotonic()
                if time.monotonic() - nobody_since > machines.JOIN_WITHIN_S:
                    raise OSError(
                        f"All workers of the Dask cluster are gone, and none joined in {machines.JOIN_WITHIN_S:.0f} s."
                    ) from None
            else:
                if future is None:
                    raise KeyboardInterrupt
                return future

    def _result_of(self, future: Future) -> Scored | None:
        from distributed import KilledWorker

        if future.status == "finished":
            scored: Scored = future.result()
            return scored
        if future.status in {"cancelled", "lost"}:
            raise OSError(GONE)
        error = future.exception()
        if isinstance(error, KilledWorker):
            return None
        raise OSError(f"A worker of the Dask cluster could not begin: {reason(error)}.")

    def finished_within(self, seconds: float) -> Iterator[Scored]:
        """Yield what comes in, until nothing is out any more or the time is up; what fails is left for another run."""
        until = time.monotonic() + seconds
        came_in: list[Future | None] = [future for future in self._out if future.done()]
        while True:
            for future in came_in:
                if future and self._out.pop(future, None) is not None and future.status == "finished":
                    yield future.result()
            if not self._out:
                return
            try:
                came_in = [self._in.get(timeout=max(until - time.monotonic(), 0.01))]
            except queue.Empty:
                return

    def clear(self) -> None:
        """Take back what is out."""
        if self._out and self._client.status == "running":
            with suppress(OSError, TimeoutError):
                self._client.cancel(list(self._out))


def _work(score: Score, sample: Sample, job: Job, threads: int | None) -> Scored:
    """Score a pair on a worker."""
    if threads is not None:
        import cv2

        cv2.setNumThreads(threads)
    return score(sample, job)
