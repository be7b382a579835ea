"""The data set that a visitor gives: a ZIP that is unpacked into a folder of their session, or a folder that is named."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from depth_demo.batch.data_set import DataSet, find_data_set, unpack_data_set
from depth_demo.serving.blocks import SESSION, ServedBlocks

NOTHING = "There is no data set yet: choose a ZIP first."
NOTHING_OR_FOLDER = "There is no data set yet: choose a ZIP, or name a folder."
UNPACKED, RESULTS = "unpacked", "results"
KEPT_RESULTS = 5  # folders of rows of one visitor


class GivenData:
    """Finds what was given, and keeps one unpacked data set for each visitor.

    Args:
        demo: Knows whose folder is where, and who may name one.
    """

    def __init__(self, demo: ServedBlocks) -> None:
        self._demo, self._folders = demo, demo.sessions.folders
        self._lock = threading.Lock()
        self._turns: WeakValueDictionary[Path, threading.Lock] = WeakValueDictionary()

    def find(self, archive: str | None, folder: str | None, request: Any) -> DataSet:  # noqa: ANN401
        """Return the data set that was given.

        Raises:
            ValueError: If there is none, or two, or it cannot be read or may not be.
        """
        rule, named = self._demo.named_folders, (folder or "").strip()
        if archive and named:
            raise ValueError("A ZIP and a folder are given: remove one of them.")
        if named:
            return find_data_set(rule.resolve(named, request), rule.within)
        if not archive:
            raise ValueError(NOTHING_OR_FOLDER if rule.is_offered(request) else NOTHING)
        place = self._place(UNPACKED) / hashlib.sha256(archive.encode()).hexdigest()[:16]
        with self._turn(place), self._folders.in_use(place):
            self.forget()
            return unpack_data_set(Path(archive), place)

    def results(self) -> Path:
        """Return where the visitor's rows go."""
        return self._place(RESULTS)

    def forget(self) -> None:
        """Delete what was unpacked for the visitor, unless it is in use."""
        self._keep_latest(self._place(UNPACKED), 0)

    def forget_results(self) -> None:
        """Delete the visitor's rows but those of the latest runs."""
        self._keep_latest(self._place(RESULTS), KEPT_RESULTS)

    def _place(self, name: str) -> Path:
        return self._folders.of(SESSION.get()) / name

    def _keep_latest(self, place: Path, kept: int) -> None:
        inside = sorted(place.iterdir(), key=lambda folder: folder.stat().st_mtime) if place.is_dir() else []
        self._folders.delete(inside[: max(len(inside) - kept, 0)])

    def _turn(self, place: Path) -> threading.Lock:
        """Return what keeps two events from unpacking the same ZIP at once."""
        with self._lock:
            return self._turns.setdefault(place, threading.Lock())
