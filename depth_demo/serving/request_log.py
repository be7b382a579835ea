"""One line in the log for every request: sizes and times, no names and no pixels."""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

log = logging.getLogger("depth_demo.requests")


@dataclass(slots=True)
class Entry:
    """What is known of a request.

    Attributes:
        id: Eight characters that the page shows when something goes wrong.
        what: Which handler answers.
        notes: What the handler says of it.
    """

    what: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    notes: dict[str, object] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def write(self, outcome: str, level: int = logging.INFO) -> None:
        """Write the line."""
        notes = "".join(f" {name}={value}" for name, value in self.notes.items())
        seconds = time.perf_counter() - self.started
        log.log(level, "id=%s what=%s%s seconds=%.3f outcome=%s", self.id, self.what, notes, seconds, outcome)

    def write_fault(self, error: BaseException) -> None:
        """Write the line, and where in the code it happened. An error's own words may name files, so they are left out."""
        number = f" (errno {error.errno})" if isinstance(error, OSError) and error.errno else ""
        where = "".join(traceback.format_tb(error.__traceback__))
        self.notes["error"] = type(error).__name__
        self.write("fault", logging.ERROR)
        log.error("id=%s %s%s at\n%s", self.id, type(error).__name__, number, where)


CURRENT: ContextVar[Entry | None] = ContextVar("request", default=None)


def note(**notes: object) -> None:
    """Say something about the request that is being answered, if one is."""
    entry = CURRENT.get()
    if entry is not None:
        entry.notes.update(notes)


def write_to_terminal() -> None:
    """Show this package's messages, with their times."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    package = logging.getLogger("depth_demo")
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    package.propagate = False
