"""Who is here, and which files are theirs: what belongs to nobody any more is deleted."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from depth_demo.serving.inputs import file_inside, paths_in
from depth_demo.serving.process import LOCK
from depth_demo.serving.session_folders import FOLDERS, SessionFolders

MAX_EACH = 128  # sessions without a connection, from one address
MAX_CLOSED = 4096  # closed pages whose runs may still end
UNCLAIMED_S = 600.0  # within which a program speaks of what it has sent


@dataclass(slots=True)
class _Session:
    seen: float  # by the sessions' clock
    seen_at: float  # by the clock of the files
    address: str = ""
    connections: int = 0
    has_connected: bool = False
    is_idle: bool = False
    files: set[Path] = field(default_factory=set)


class Sessions:
    """Sessions and their files. All methods are called from the server's one event loop.

    A session is over when its last connection has been closed for a while: a phone that sleeps, or a network that drops,
    comes back within it. Programs that only call the API keep no connection; theirs is over after a longer time.
    A run that ends after its page was closed brings the session back: for as long as a closed page has, no longer.

    Args:
        folder: Where the files are, a path without links; others are not touched.
        idle: Called with the name of a session that has no connection, and that has not been heard of for `grace_s`.
        over: Called with the name of each session that is over.
        grace_s: How long a session outlives its last connection [s].
        unconnected_s: How long it lives after its last request if it never had a connection [s].
        clock: Tells the time [s].
    """

    def __init__(
        self,
        folder: Path,
        idle: Callable[[str], None],
        over: Callable[[str], None],
        grace_s: float,
        unconnected_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._over = folder, over
        self._idle = idle
        self._grace_s, self._unconnected_s, self._clock = grace_s, unconnected_s, clock
        self._sessions: dict[str, _Session] = {}
        self._closed = OrderedDict[str, None]()  # the names of pages whose sessions are over, the latest last
        self._writing = self._uploading = 0
        self.folders = SessionFolders(folder)

    def __len__(self) -> int:
        return len(self._sessions)

    @contextmanager
    def connected(self, name: str) -> Iterator[None]:
        """While a connection tells that somebody is there."""
        session = self._seen(name)
        session.connections, session.has_connected = session.connections + 1, True
        try:
            yield
        finally:
            session.connections -= 1
            self._seen(name)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While files are written that are claimed at the end: equal files are one, which must not go in between."""
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1

    @contextmanager
    def uploading(self) -> Iterator[None]:
        """While a client sends a file."""
        self._uploading += 1
        try:
            yield
        finally:
            self._uploading -= 1

    def belongs(self, name: str, address: str) -> None:
        """Note whose session it is. Of too many from one address the longest silent end, so that nobody pushes others out."""
        self._seen(name).address = address
        silent = [
            (session.seen, name)
            for name, session in self._sessions.items()
            if session.address == address and not session.connections
        ]
        for _, oldest in sorted(silent)[: max(len(silent) - MAX_EACH, 0)]:
            self._end(oldest)

    def claim(self, name: str, value: object) -> None:
        """Note that the files in `value`, as Gradio passes it around, are this session's, and perhaps others' too."""
        files = (file_inside(self._folder, path) for path in paths_in(value))
        self._seen(name).files.update(path for path in files if path)

    def sweep(self) -> None:
        """Forget the sessions that are over, and delete the files that were theirs alone."""
        if self._writing:
            return
        now = self._clock()
        for name, session in self._sessions.items():
            if not session.is_idle and not session.connections and now - session.seen >= self._grace_s:
                session.is_idle = True
                self._idle(name)
        for name in [name for name, session in self._sessions.items() if self._is_over(session, now)]:
            self._end(name)

    def _end(self, name: str) -> None:
        gone = self._sessions.pop(name)
        if gone.has_connected:
            self._closed[name] = None
            self._closed.move_to_end(name)
            if len(self._closed) > MAX_CLOSED:
                self._closed.popitem(last=False)
        if not gone.is_idle:
            self._idle(name)
        self._over(name)
        if self._writing:  # perhaps the very same again: they go with the strays
            return
        for path in gone.files.difference(*(session.files for session in self._sessions.values())):
            if _changed(path) <= gone.seen_at:  # or else somebody has just sent the same again
                delete(path)

    def close(self) -> None:
        """End all sessions, and delete their files and folders; those in use stay until another server finds them."""
        for name in list(self._sessions):
            self._end(name)
        self.folders.delete(self.over_folders())

    def over_folders(self) -> list[Path]:
        """Return the folders of sessions that are over, for whoever deletes them aside from the event loop."""
        return self.folders.beside(self._sessions)

    def sweep_strays(self) -> None:
        """Delete what nobody claimed: uploads that broke off, and after a while those that nobody ever spoke of."""
        claimed = {self._folder / LOCK}.union(*(session.files for session in self._sessions.values()))
        oldest = time.time() - UNCLAIMED_S
        for folder, inside, names in os.walk(self._folder):
            if Path(folder) == self._folder:
                inside[:] = [name for name in inside if name != FOLDERS]  # these go as a whole
            for path in (Path(folder, name) for name in names):
                broke_off = path.parent == self._folder and not self._uploading
                if path not in claimed and (broke_off or _changed(path) < oldest):
                    delete(path)

    def _seen(self, name: str) -> _Session:
        session = self._sessions.setdefault(name, _Session(0.0, 0.0, has_connected=name in self._closed))
        session.seen, session.seen_at, session.is_idle = self._clock(), time.time(), False
        return session

    def _is_over(self, session: _Session, now: float) -> bool:
        alone_s = self._grace_s if session.has_connected else self._unconnected_s
        return not session.connections and now - session.seen >= alone_s


def _changed(path: Path) -> float:
    """Return when a file was last written [s]; 0 if it is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def delete(path: Path) -> None:
    """Delete a file, and the folder that it was in if nothing else is there. What cannot be deleted stays."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()
