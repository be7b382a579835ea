"""Verdicts on how models run fastest on this machine, each with a graph for OpenVINO if it won. No torch, no OpenVINO.

A damaged or unwritable cache costs time and a line in the log, no more.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from depth_demo.caches import cache_folder
from depth_demo.monocular.engines.verdict import Verdict

MAX_BYTES = 4 * 2**30  # of all graphs together; the largest model's has 1.3 GB, or 2.0 with 16-bit weights beside
VERDICT = "verdict.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """A graph in the cache.

    Attributes:
        folder: Where it is.
        verdict: What was found out when it was made.
    """

    folder: Path
    verdict: Verdict


def find(*circumstances: object) -> KeptGraph | None:
    """Find the graph of exactly these circumstances; None if there is none, or it is damaged."""
    folder = _folder(circumstances)
    try:
        verdict = json.loads((folder / VERDICT).read_text(encoding="utf-8"))
        damaged = verdict["checksums"] != _checksums(folder)
        kept = KeptGraph(folder, Verdict.from_json(verdict))
        with suppress(OSError):  # whoever cannot write may still read
            (folder / VERDICT).touch()  # used last
    except FileNotFoundError:
        return None
    except PermissionError as error:
        log.warning("The cache of graphs cannot be used (%s); they are made again.", error)
        return None
    except (OSError, ValueError, LookupError, TypeError):
        damaged = True
    if damaged:
        log.warning("The graph kept in %s is damaged; it is made again.", folder)
        shutil.rmtree(folder, ignore_errors=True)
    return None if damaged else kept


def keep(write: Callable[[Path], None], verdict: Verdict, *circumstances: object) -> None:
    """Keep a verdict and the files that `write` puts into a folder, all or none. Older graphs make room."""
    folder = _folder(circumstances)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".", ignore_cleanup_errors=True) as place:
            unfinished = Path(place) / folder.name
            unfinished.mkdir()
            write(unfinished)
            stored = verdict.to_json() | {"checksums": _checksums(unfinished)}
            (unfinished / VERDICT).write_text(json.dumps(stored), encoding="utf-8")
            if not (folder / VERDICT).is_file():  # else another process was first
                shutil.rmtree(folder, ignore_errors=True)
                unfinished.rename(folder)
    except (OSError, RuntimeError) as error:  # OpenVINO raises the second where it cannot write
        log.warning("The graph cannot be kept (%s); the next start makes it again.", error)
        return
    with suppress(FileNotFoundError):  # another process makes room too
        _make_room(folder)


def _folder(circumstances: tuple[object, ...]) -> Path:
    return cache_folder() / "graphs" / hashlib.sha256(repr(circumstances).encode()).hexdigest()[:32]


def _checksums(folder: Path) -> dict[str, int]:
    """By file name. CRC-32 finds damage; nobody is kept out by it."""
    return {path.name: _checksum(path) for path in sorted(folder.iterdir()) if path.name != VERDICT}


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            checksum = zlib.crc32(piece, checksum)
    return checksum


def _make_room(newest: Path) -> None:
    """Delete graphs, those first that were used least recently, until the rest fits; never `newest`."""
    others = [folder for folder in newest.parent.iterdir() if folder != newest and (folder / VERDICT).is_file()]
    others.sort(key=lambda folder: (folder / VERDICT).stat().st_mtime, reverse=True)
    size = _size(newest)
    for folder in others:
        size += _size(folder)
        if size > MAX_BYTES:
            shutil.rmtree(folder, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
