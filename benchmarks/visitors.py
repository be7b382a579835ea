"""Visitors of the page, each a session of the real client: what they ask for, and whether the answer is theirs."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from gradio_client.utils import QueueError
from numpy.typing import NDArray

from benchmarks.marked import NUM_DISPARITIES, Album, read_number, write_image
from depth_demo.monocular.models import TINY

PATIENCE_S = 180.0  # an answer that takes longer is an error
PAUSE_S = 10.0  # after a refusal
APART_S = 0.15  # between the first requests of two visitors: nobody clicks in the same instant as a hundred others
TRIES = 5  # to open the page
AT_ONCE = 4  # visitors who open the page, of one process
IN_HAND = 4  # requests whose photos a visitor has before the first is sent: making them is not the server's work
BUSY = re.compile(r"\b(busy|queue|wait|waiting)\b", re.IGNORECASE)
POLITE = re.compile(r"\d.*\d+(\.\d+)? ?(s|seconds?|min|minutes?|h)\b", re.DOTALL)  # a position, and a time
OK, REFUSED, RUDE, FOREIGN, FAILED = "answered", "busy", "busy, without position or wait", "somebody else's", "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """Of a kind: estimate, match or compare."""

    kind: str
    megapixels: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request; `text` says more where it was not answered."""

    request: Request
    outcome: str
    seconds: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with its files, and what the answer must show.

    Attributes:
        arguments: Of the endpoint.
        number: What the photo carries; the upper bits are the visitor's.
        shape: Height and width of the photo.
        truth: Small ones' disparities [px].
    """

    request: Request
    arguments: dict[str, Any]
    number: int
    shape: tuple[int, int]
    truth: NDArray[np.float32] | None


OPENING = Request("open", 0)


def deck(kind: str, counts: dict[float, int]) -> list[Request]:
    return [Request(kind, megapixels) for megapixels, count in counts.items() for _ in range(count)]


MIX = [  # half are estimates; 60 % have 0.3 megapixels, 5 % have 12
    *deck("estimate", {0.3: 12, 1: 5, 3: 2, 12: 1}),
    *deck("match", {0.3: 7, 1: 3, 3: 1, 12: 1}),
    *deck("compare", {0.3: 5, 1: 2, 3: 1}),
]
SMALL = [*deck("estimate", {0.3: 6}), *deck("match", {0.3: 3}), *deck("compare", {0.3: 1})]


def shuffled(requests: Sequence[Request], seed: int) -> Iterator[Request]:
    """All of them in some order, then all in another, without an end."""
    random = np.random.default_rng(seed)
    while True:
        yield from (requests[index] for index in random.permutation(len(requests)))


class Visitor:
    """One session. Every request brings a photo of its own, so that no answer comes from a cache.

    Attributes:
        owner: Its number; visitors of up to 128 successive numbers can be told apart.
    """

    def __init__(self, url: str, owner: int, album: Album, folder: Path, model: str = TINY.name) -> None:
        self.owner, self.album, self.folder, self.model = owner, album, folder, model
        self.folder.mkdir(parents=True, exist_ok=True)
        self.serials = itertools.count()
        address = {"X-Forwarded-For": f"203.0.113.{owner % 256}"}  # or all would share what one address may do
        self.client = Client(
            url, verbose=False, download_files=False, analytics_enabled=False, max_workers=2, headers=address,
            ssl_verify=False,  # or the client reads all certificates for every request of plain HTTP: half of its work
        )  # fmt: skip

    def ask(self, prepared: Prepared) -> Answer:
        request = prepared.request
        started = time.perf_counter()
        outcome, text = OK, ""
        job = self.client.submit(**prepared.arguments, api_name=f"/{request.kind}")
        try:
            result = job.result(timeout=PATIENCE_S)
        except (AppError, QueueError) as error:
            outcome, text = judged(str(error)), str(error)
        except Exception as error:  # noqa: BLE001  whatever it is, it is counted and shown
            outcome, text = FAILED, f"{type(error).__name__}: {error}"
            with contextlib.suppress(Exception):  # it may fail for the same reason
                job.cancel()  # or its threads would wait on
        seconds = time.perf_counter() - started
        if outcome == OK:
            try:
                text = CHECKS[request.kind](result, prepared)
            except OSError as error:
                outcome, text = FAILED, f"a file of the answer: {error}"
            else:
                outcome = FOREIGN if text else OK
        return Answer(request, outcome, seconds, text)

    def prepare(self, request: Request) -> Prepared:
        """Make its photos."""
        serial = next(self.serials)
        number = self.owner % 128 << 23 | serial
        marked = self.album.marked(request.megapixels, self.owner, number)
        left = handle_file(write_image(self.folder / f"left-{serial}.jpg", marked.left))
        height, width = marked.truth.shape
        truth = marked.truth if request.megapixels < 1 else None
        model = {"model": self.model}
        if request.kind == "estimate":
            return Prepared(request, {"image": left, **model}, number, (height, width), truth)
        right = handle_file(write_image(self.folder / f"right-{serial}.jpg", marked.right))
        pair = {"left": left, "right": right, "num_disparities": NUM_DISPARITIES}
        if request.kind == "match":
            return Prepared(request, pair, number, (height, width), truth)
        file = None
        if truth is not None:
            np.save(self.folder / f"truth-{serial}.npy", truth)
            file = handle_file(self.folder / f"truth-{serial}.npy")
        return Prepared(request, {**pair, "ground_truth": file, **model}, number, (height, width), truth)

    def close(self) -> None:
        self.client.close()


def judged(sentence: str) -> str:
    if not BUSY.search(sentence):
        return FAILED
    return REFUSED if POLITE.search(sentence) else RUDE


def check_estimate(result: Any, asked: Prepared) -> str:  # noqa: ANN401
    slider, _, downloads, summary = result
    height, width = asked.shape
    wrong = check_photo(slider[0], asked) or check_shape(downloads, "inverse_depth.npy", asked)
    return wrong or ("" if f"{width}x{height}" in summary else f"summary without {width}x{height}: {summary[:200]}")


def check_match(result: Any, asked: Prepared) -> str:  # noqa: ANN401
    slider, _, _, downloads, _ = result
    wrong = check_photo(slider[0], asked) or check_shape(downloads, "disparity_px.npy", asked)
    if wrong or asked.truth is None:
        return wrong
    disparity = np.load(io.BytesIO(fetched(named(downloads, "disparity_px.npy"))))
    error = float(np.nanmedian(disparity - asked.truth))
    return "" if abs(error) < 0.5 else f"disparities are {error:.1f} px off"


def check_compare(result: Any, asked: Prepared) -> str:  # noqa: ANN401
    return check_photo(result[1], asked) or check_shape(result[11], "stereo_disparity_px.npy", asked)


CHECKS: dict[str, Callable[[Any, Prepared], str]] = {
    "estimate": check_estimate,
    "match": check_match,
    "compare": check_compare,
}


def check_photo(file: dict[str, str], asked: Prepared) -> str:
    """What is wrong with the mark that the answer's own picture shows; "" if nothing is."""
    picture = cv2.imdecode(np.frombuffer(fetched(file), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return "the picture cannot be decoded"
    found = read_number(np.asarray(picture, np.uint8), asked.shape)
    return "" if found == asked.number else f"the picture is of visitor {found >> 23}, not {asked.number >> 23}"


def check_shape(files: Sequence[dict[str, str]], name: str, asked: Prepared) -> str:
    """As `check_photo`, of the size in an array's first bytes."""
    header = io.BytesIO(fetched(named(files, name), 256))
    np.lib.format.read_magic(header)
    shape = np.lib.format.read_array_header_1_0(header)[0]
    return "" if shape == asked.shape else f"{name} has the shape {shape}, not {asked.shape}"


def named(files: Sequence[dict[str, str]], name: str) -> dict[str, str]:
    return next(file for file in files if file["orig_name"].endswith(name))


def fetched(file: dict[str, str], size: int = -1) -> bytes:
    with urllib.request.urlopen(file["url"], timeout=PATIENCE_S) as content:
        return bytes(content.read(size))


def stay(visitor: Visitor, requests: Iterator[Prepared], until: float, at_least: int = 0) -> list[Answer]:
    """Ask one thing after another until this time, and at least so many; pause before the first and after a refusal.

    Args:
        until: As `time.monotonic` counts, which is one clock for all processes.
    """
    time.sleep(visitor.owner * APART_S)
    answers: list[Answer] = []
    while time.monotonic() < until or len(answers) < at_least:
        answers.append(visitor.ask(next(requests)))
        if answers[-1].outcome in {REFUSED, RUDE}:
            time.sleep(PAUSE_S)
    return answers


def in_hand(visitor: Visitor, requests: Iterator[Request]) -> Iterator[Prepared]:
    """The first ones made at once, the others in their turn."""
    first = [visitor.prepare(request) for request in itertools.islice(requests, IN_HAND)]
    return itertools.chain(first, map(visitor.prepare, requests))


def arrive(url: str, owner: int, album: Album, model: str) -> tuple[Visitor, list[Answer]]:
    """A new visitor, and how long the page took to open, with every try that failed.

    Raises:
        RuntimeError: If it cannot be opened at all.
    """
    tries: list[Answer] = []
    while len(tries) < TRIES:
        started = time.perf_counter()
        try:
            visitor, text = Visitor(url, owner, album, album.folder / f"{owner}", model), ""
        except Exception as error:  # noqa: BLE001  as in `ask`
            visitor, text = None, f"{type(error).__name__}: {error}"
        tries.append(Answer(OPENING, OK if visitor else FAILED, time.perf_counter() - started, text))
        if visitor:
            return visitor, tries
    raise RuntimeError(f"The page cannot be opened: {tries[-1].text}")


def crowd(
    url: str, owners: Sequence[int], album: Album, model: str, seconds: float, at_least: int, ready: Callable[[], object]
) -> tuple[list[Answer], float]:
    """Visitors, each a thread of this process, and the processor seconds that it spent on them.

    Args:
        ready: Called when all sessions are open; returns when they are everywhere.
    """
    with ThreadPoolExecutor(AT_ONCE) as threads:
        arrivals = list(threads.map(lambda owner: arrive(url, owner, album, model), owners))
    requests = [in_hand(visitor, shuffled(MIX, visitor.owner)) for visitor, _ in arrivals]
    ready()
    until, worked = time.monotonic() + seconds, time.process_time()
    with ThreadPoolExecutor(len(owners)) as threads:
        visitors = [visitor for visitor, _ in arrivals]
        stays = [threads.submit(stay, *one, until, at_least) for one in zip(visitors, requests, strict=True)]
    worked = time.process_time() - worked
    with ThreadPoolExecutor(len(owners)) as threads:
        list(threads.map(Visitor.close, visitors))
    openings = [answer for _, tries in arrivals for answer in tries]
    return openings + [answer for future in stays for answer in future.result()], worked
