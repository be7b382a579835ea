"""Many visitors at once, and many in a row: `python -m benchmarks.load [--users 1,8,32,100] [--endurance 1000]`.

The app itself on loopback, with sessions of the real client. Every visitor asks for one thing after another, half of them
estimates, the others matches and comparisons, on photos of 0.3 to 12 megapixels; each photo is new and carries a number
that is looked for in the answer. Meanwhile a bystander recolours, probes, and picks examples. Then memory, files, file
handles and threads of the server are watched over many sessions that come and go.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.bystander import Bystander
from benchmarks.marked import Album
from benchmarks.paired import describe_machine
from benchmarks.servers import APP, Server, started
from benchmarks.visitors import (
    FAILED,
    FOREIGN,
    MIX,
    OK,
    OPENING,
    REFUSED,
    RUDE,
    SMALL,
    Answer,
    Request,
    Visitor,
    arrive,
    crowd,
    shuffled,
)
from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.serving.process import LOCK
from tests.support.official import random_state_dict

PROCESSES = 4  # of visitors, at most
TOGETHER = 8  # visitors at once, in the endurance run
PER_SESSION = 10  # requests, there
EVERY = 100  # requests between two samples
EMPTY_WITHIN_S = 150.0  # a session outlives its page by a minute
SETTLED_S = 12.0  # a server gives memory back every ten seconds
OPEN_WITHIN_S = 300.0
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
HEARTBEAT = {"GRADIO_HEARTBEAT_INTERVAL": "1"}  # s; the client notices only then that it was closed
BYSTANDER = 127  # a visitor's number


@dataclass(frozen=True, slots=True)
class Level:
    """What so many visitors at once got, and their bystander; the seconds from the first request to the last answer."""

    users: int
    answers: list[Answer]
    light: list[Answer]
    seconds: float
    clients_worked_s: float

    def times(self) -> list[float]:
        """Seconds until each answer."""
        return [answer.seconds for answer in self.answers if answer.outcome == OK and answer.request != OPENING]

    def beside(self) -> list[Answer]:
        """Light requests, and how the page opened."""
        return [*(answer for answer in self.answers if answer.request == OPENING), *self.light]

    def work(self, alone: dict[Request, float]) -> float:
        """Seconds of a single visitor's time that are done per second."""
        return sum(alone.get(answer.request, 0) for answer in self.answers if answer.outcome == OK) / self.seconds


def visit(url: str, users: int, seconds: float, album: Album, model: str) -> Level:
    """Let so many visitors come at once, each for so long; a single one asks for each of `MIX` at least."""
    spawn, processes = multiprocessing.get_context("spawn"), min(PROCESSES, users)
    visitor = Visitor(url, BYSTANDER, album, album.folder / "bystander", TINY.name)
    bystander = Bystander(visitor)
    at_least = len(MIX) if users == 1 else 1
    with spawn.Manager() as manager, ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        barrier = manager.Barrier(processes + 1, timeout=OPEN_WITHIN_S)
        crowds = [
            pool.submit(crowd, url, range(users)[part::processes], album, model, seconds, at_least, barrier.wait)
            for part in range(processes)
        ]
        barrier.wait()
        began = time.monotonic()
        light = bystander.stay(began + seconds)
        parts = [future.result() for future in crowds]
        lasted = time.monotonic() - began
    visitor.close()
    answers = [answer for part, _ in parts for answer in part]
    return Level(users, answers, light, lasted, sum(worked for _, worked in parts))


def alone(level: Level) -> dict[Request, float]:
    """A single visitor's median seconds, by request."""
    seconds: dict[Request, list[float]] = {}
    for answer in level.answers:
        if answer.outcome == OK:
            seconds.setdefault(answer.request, []).append(answer.seconds)
    return {request: statistics.median(values) for request, values in seconds.items()}


def print_head() -> None:
    outcomes = f"{OK} | {REFUSED} | {RUDE} | {FAILED} | {FOREIGN}"
    print(f"| visitors | {outcomes} | p50 s | p95 s | max s | answers a minute | work, of one visitor's | clients' cores |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)


def print_level(level: Level, first: Level) -> None:
    counts, times = Counter(answer.outcome for answer in level.answers if answer.request != OPENING), level.times()
    numbers = " | ".join(str(counts[outcome]) for outcome in (OK, REFUSED, RUDE, FAILED, FOREIGN))
    ratio = level.work(alone(first)) / first.work(alone(first))
    rates = f"{60 * len(times) / level.seconds:.0f} | {ratio:.2f} | {level.clients_worked_s / level.seconds:.2f}"
    print(f"| {level.users} | {numbers} | {spread(times)} | {rates} |", flush=True)


def spread(seconds: Sequence[float]) -> str:
    """Median, 95th percentile and maximum, as columns."""
    ordered = sorted(seconds)
    if not ordered:
        return "- | - | -"
    at = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (0.5, 0.95, 1))
    return " | ".join(f"{value:.2f}" for value in at)


def print_light(levels: Sequence[Level]) -> None:
    print("\n| while so many ask | | answered | not | p50 s | p95 s | max s (goal: 1) |")
    print("|---|---|---|---|---|---|---|")
    for level in levels:
        for kind in dict.fromkeys(answer.request.kind for answer in level.beside()):
            answers = [answer for answer in level.beside() if answer.request.kind == kind]
            times = [answer.seconds for answer in answers if answer.outcome == OK]
            print(f"| {level.users} | {kind} | {len(times)} | {len(answers) - len(times)} | {spread(times)} |")


def print_alone(level: Level) -> None:
    print("\n| one visitor, median s | " + " | ".join(f"{size:g} MP" for size in (0.3, 1, 3, 12)) + " |")
    print("|---|---|---|---|---|")
    once = alone(level)
    for kind in ("estimate", "match", "compare"):
        seconds = (once.get(Request(kind, size)) for size in (0.3, 1, 3, 12))
        print(f"| {kind} | " + " | ".join("" if value is None else f"{value:.2f}" for value in seconds) + " |")


def print_troubles(answers: Iterable[Answer]) -> None:
    """What was said where there was no answer, and how often."""
    said = Counter((answer.request.kind, answer.outcome, answer.text[:300]) for answer in answers if answer.outcome != OK)
    for (kind, outcome, text), count in said.most_common(12):
        print(f"- {count} x {kind}, {outcome}: {text}")


@dataclass(frozen=True, slots=True)
class Sample:
    """Of a server: resident bytes, open file handles, threads, files for visitors and their bytes."""

    resident: int
    handles: int
    threads: int
    files: int
    stored: int

    def __str__(self) -> str:
        return f"{self.resident / 2**20:.0f} | {self.handles} | {self.threads} | {self.files} | {self.stored / 1e6:.1f}"


def sample(server: Server) -> Sample:
    process = Path("/proc", str(server.process_id))
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    sizes = []
    for folder, _, names in os.walk(server.folder):  # which minds no folder that goes meanwhile
        for name in set(names) - {LOCK}:
            with contextlib.suppress(FileNotFoundError):
                sizes.append(Path(folder, name).stat().st_size)
    resident = 1024 * int(status["VmRSS"].split()[0])
    return Sample(resident, len(list((process / "fd").iterdir())), int(status["Threads"]), len(sizes), sum(sizes))


def session(url: str, number: int, album: Album) -> list[Answer]:
    """A visitor who comes, asks for ten small things and goes."""
    visitor, tries = arrive(url, number, album, TINY.name)
    requests = shuffled(SMALL, number)
    answers = [visitor.ask(visitor.prepare(next(requests))) for _ in range(PER_SESSION)]
    visitor.close()
    return [*(answer for answer in tries if answer.outcome != OK), *answers]


def endure(server: Server, requests: int, album: Album) -> None:
    """The first hundred requests, everybody goes, then all others, and everybody goes again."""
    heads = ("requests", "resident MiB", "file handles", "threads", "files", "MB in files", "s")
    print(f"\n{TOGETHER} visitors at once, {PER_SESSION} requests per session:\n\n| " + " | ".join(heads) + " |")
    print("|---|---|---|---|---|---|---|")
    began, busy, empty = time.monotonic(), [sample(server)], list[Sample]()
    answers: list[Answer] = []

    def note(what: str, now: Sample) -> None:
        print(f"| {what} | {now} | {time.monotonic() - began:.0f} |", flush=True)

    note("0", busy[0])
    numbers = range(requests // PER_SESSION)
    for part in (numbers[: EVERY // PER_SESSION], numbers[EVERY // PER_SESSION :]):
        with ThreadPoolExecutor(TOGETHER) as threads:
            sessions = [threads.submit(session, server.url, number, album) for number in part]
            for done, future in enumerate(as_completed(sessions), part.start + 1):
                answers += future.result()
                if done * PER_SESSION % EVERY == 0:
                    busy.append(sample(server))
                    note(f"{done * PER_SESSION}", busy[-1])
        waited = emptied(server)[1]
        time.sleep(SETTLED_S)
        empty.append(sample(server))
        note(f"{part.stop * PER_SESSION}, all sessions closed (no file after {waited:.0f} s)", empty[-1])
    ratios = (f"{samples[-1].resident / samples[first].resident:.2f}" for samples, first in ((busy, 1), (empty, 0)))
    print(f"\nResident memory at the end and after {EVERY} requests: {next(ratios)} (goal: 1.10);", end=" ")
    print(f"with all sessions closed, which leaves the kept maps: {next(ratios)}.")
    print_troubles(answers)


def emptied(server: Server) -> tuple[Sample, float]:
    """The server when no visitor's file is left, or when it has had time enough; and how long that took [s]."""
    began = time.monotonic()
    while (now := sample(server)).files and time.monotonic() - began < EMPTY_WITHIN_S:
        time.sleep(0.5)
    return now, time.monotonic() - began


@contextlib.contextmanager
def watched(variables: dict[str, str]) -> Iterator[Server]:
    """The app; afterwards, what it said about its own failures."""
    with tempfile.TemporaryFile("w+") as log:
        with started(APP, {**HEARTBEAT, **variables}, log) as server:
            yield server
        log.seek(0)
        text = log.read()
    faults = [line for line in text.splitlines() if "Traceback" in line or "outcome=fault" in line]
    print(f"\nThe server's log tells of {len(faults)} faults.", *faults[:5], sep="\n")
    if faults:
        print(text[text.rfind(faults[-1]) :][:3000])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", default="1,8,32,100", help="visitors at once, one run for each")
    parser.add_argument("--seconds", type=float, default=60, help="how long each of them stays")
    parser.add_argument("--endurance", type=int, default=1000, help="requests in a row; 0 for none")
    parser.add_argument("--model", choices=("tiny", "small"), default="tiny", help="small: with random weights")
    options = parser.parse_args()
    os.environ.update(QUIET)
    row = TINY if options.model == "tiny" else DEFAULT
    print(describe_machine(("gradio", "gradio_client", "torch", "opencv-python-headless")), f"\n{row.title}", end="\n\n")
    with tempfile.TemporaryDirectory() as name:
        album, weights = Album(Path(name) / "album"), Path(name) / "weights"
        album.make()
        weights.mkdir()
        if row is DEFAULT:
            torch.save(random_state_dict(VARIANTS["vits"]), weights / DEFAULT.files[0].name)
        variables = {WEIGHTS_VARIABLE: str(weights)}
        with watched(variables) as server:
            counts = sorted({1, *map(int, options.users.split(","))})
            print_head()
            levels: list[Level] = []
            for users in counts:
                levels.append(visit(server.url, users, options.seconds, album, row.name))
                print_level(levels[-1], levels[0])
            print_alone(levels[0])
            print_light(levels)
            print_troubles(answer for level in levels for answer in (*level.answers, *level.light))
            last, waited = emptied(server)
            print(f"\n{waited:.0f} s after the last visitor went, {last.files} of their files are left.")
        if options.endurance:
            with watched(variables) as server:
                endure(server, options.endurance, album)


if __name__ == "__main__":
    main()
