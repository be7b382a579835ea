"""Who is here, and which files are theirs: what belongs to nobody any more is deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from depth_demo.serving.inputs import file_inside, paths_in

TORN_S = 600.0
MAX_EACH = 128  # sessions without a connection, from one address


@dataclass(slots=True)
class _Session:
    seen: float
    address: str = ""
    connections: int = 0
    has_connected: bool = False
    files: set[Path] = field(default_factory=set)


class Sessions:
    """Sessions and their files. All methods are called from the server's one event loop.

    A session is over when its last connection has been closed for a while: a phone that sleeps, or a network that drops,
    comes back within it. Programs that only call the API keep no connection; theirs is over after a longer time.

    Args:
        folder: Where the files are; others are not touched.
        over: Called with the name of each session that is over.
        grace_s: How long a session outlives its last connection [s].
        unconnected_s: How long it lives after its last request if it never had a connection [s].
        clock: Tells the time [s].
    """

    def __init__(
        self,
        folder: Path,
        over: Callable[[str], None],
        grace_s: float,
        unconnected_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._over = folder.resolve(), over
        self._grace_s, self._unconnected_s, self._clock = grace_s, unconnected_s, clock
        self._sessions: dict[str, _Session] = {}
        self._writing = 0
        self._orphans: set[Path] = set()  # whose sessions ended while files were written

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
            session.seen = self._clock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While files are written that are claimed at the end: equal files are one, which must not go in between."""
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1

    def belongs(self, name: str, address: str) -> None:
        """Whose session it is. Of too many from one address the longest silent end, so that nobody pushes others out."""
        self._seen(name).address = address
        idle = [
            (session.seen, name)
            for name, session in self._sessions.items()
            if session.address == address and not session.connections
        ]
        for _, oldest in sorted(idle)[: max(len(idle) - MAX_EACH, 0)]:
            self._end(oldest)

    def claim(self, name: str, value: object) -> None:
        """The files in `value`, as Gradio passes it around, are this session's, and perhaps other sessions' too."""
        files = (file_inside(self._folder, path) for path in paths_in(value))
        self._seen(name).files.update(path for path in files if path)

    def sweep(self) -> None:
        """Forget the sessions that are over, and delete the files that were theirs alone."""
        if self._writing:
            return
        now = self._clock()
        for name in [name for name, session in self._sessions.items() if self._is_over(session, now)]:
            self._end(name)

    def _end(self, name: str) -> None:
        files = self._sessions.pop(name).files
        self._over(name)
        if self._writing:
            self._orphans |= files
            return
        files |= self._orphans
        self._orphans = set()
        for path in files.difference(*(session.files for session in self._sessions.values())):
            delete(path)

    def _seen(self, name: str) -> _Session:
        session = self._sessions.setdefault(name, _Session(self._clock()))
        session.seen = self._clock()
        return session

    def _is_over(self, session: _Session, now: float) -> bool:
        alone_s = self._grace_s if session.has_connected else self._unconnected_s
        return not session.connections and now - session.seen >= alone_s


def delete_torn(folder: Path, older_s: float = TORN_S) -> None:
    """Uploads that broke off: files in the folder itself, to which nothing was added for a while."""
    for path in folder.glob("tmp*"):
        with suppress(OSError):
            if path.is_file() and time.time() - path.stat().st_mtime > older_s:
                path.unlink()


def delete(path: Path) -> None:
    """A file, and the folder that it was in if nothing else is there."""
    with suppress(OSError):  # somebody else was quicker
        path.unlink()
        path.parent.rmdir()
