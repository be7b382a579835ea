"""Timings side by side: rivals run in turn, A B C A B C, so that whatever else the machine does hits all of them alike.

What counts is the median of the paired ratios of one round each, with its quartiles; seconds are only a side note.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one rival, one entry per round.

    Attributes:
        wall: Seconds that passed.
        processor: Seconds that all threads worked, those of processes that it waited for included, to 0.01 s.
    """

    wall: tuple[float, ...]
    processor: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as fast, or as much, as the baseline: the median of the rounds, and their quartiles."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def interleave(runs: Mapping[str, Run], rounds: int, warm_up: int = 1) -> dict[str, Timing]:
    """Run every rival once per round, and tell how long each took; the first `warm_up` rounds do not count."""
    wall: dict[str, list[float]] = {name: [] for name in runs}
    processor: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(warm_up + rounds):
        for name, run in runs.items():
            started, worked = time.perf_counter(), sum(os.times()[:4])
            run()
            if number >= warm_up:
                wall[name].append(time.perf_counter() - started)
                processor[name].append(sum(os.times()[:4]) - worked)
    return {name: Timing(tuple(wall[name]), tuple(processor[name])) for name in runs}


def rounds_within(seconds: float, runs: Mapping[str, Run], most: int) -> int:
    """Run every rival twice, and return how many rounds like the second one fit into `seconds`: from 1 to `most`."""
    one_round = sum(timing.wall[0] for timing in interleave(runs, 1).values())
    return max(1, min(most, int(seconds / one_round)))


def speed(timing: Timing, baseline: Timing) -> Ratio:
    """Of one rival against another of the same `interleave`."""
    return summarize([slow / fast for slow, fast in zip(baseline.wall, timing.wall, strict=True)])


def summarize(values: list[float]) -> Ratio:
    """Return median and quartiles of the ratios, one per round."""
    if len(values) == 1:
        return Ratio(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Ratio(median, low, high)


def print_table(timings: Mapping[str, Timing], baseline: str, remarks: Mapping[str, str] | None = None) -> None:
    """A row per rival, in the order given: speed against `baseline`, seconds, and a remark of the caller's."""
    remarks = remarks or {}
    print(f"{'':34} {'speed (quartiles)':>22} {'best s':>8} {'median s':>9} {'cpu s':>8}  {remarks.get('', '')}")
    for name, timing in timings.items():
        seconds = (min(timing.wall), statistics.median(timing.wall), statistics.median(timing.processor))
        columns = "{:>8.4g} {:>9.4g} {:>8.4g}".format(*seconds)
        print(f"{name:34} {speed(timing, timings[baseline])!s:>22} {columns}  {remarks.get(name, '')}", flush=True)


def lead(what: str, ours: str, timing: Timing, rival: str, baseline: Timing) -> None:
    """Print how many times as fast ours is, as `benchmarks.__main__` puts it into its summary."""
    print(f"{what}: {ours} is {speed(timing, baseline)} times as fast as {rival}", flush=True)


def describe_machine(packages: Iterable[str] = ()) -> str:
    """Processor, cores, vector units, memory, Python, and the versions of `packages`; those not installed are named."""
    vector = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile") if flag in _cpu("flags").split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = _cpu("model name") or platform.processor() or platform.machine()
    versions = ", ".join(f"{package} {_version(package)}" for package in packages)
    return (
        f"{model}, {os.cpu_count()} cores ({' '.join(vector) or 'no vector units known'}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}" + (f"\n{versions}" if versions else "")
    )


def _cpu(field: str) -> str:
    """A field of the first processor's description; "" where the system has none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
