"""The names of Gradio that no documentation promises: read and patched here and nowhere else, and checked at the start."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.component_meta import ComponentMeta
from gradio.components.plot import PlotData
from gradio.processing_utils import hash_bytes, hash_file
from gradio.queueing import EventQueue, Queue
from gradio.route_utils import FnIndexInferError
from gradio.server_messages import ProcessCompletedMessage
from gradio.state_holder import SessionState, StateHolder
from gradio.utils import get_function_description

__all__ = ["FnIndexInferError", "NoStub", "PlotData", "check_gradio", "hash_bytes", "hash_file", "plotly_module"]

TESTED = "gradio>=6.28,<6.32"
MAX_SESSION_NAME = 64  # characters; Gradio's have some ten
LOOK_S, PROGRESS_S = 0.01, 0.05  # how often the queue is looked at, and its progress told
# By owner: methods that are overridden or replaced, and attributes of objects that are there before a page is served.
_METHODS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (gr.Blocks, ("process_api", "preprocess_data", "postprocess_data", "get_api_info")),
    (Queue, ("push", "send_message", "broadcast_estimations")),
    (SessionState, ("_update_config", "_update_value_in_config")),
    (StateHolder, ("set_blocks", "__getitem__")),
)
_OF_THE_QUEUE = (
    "pending_messages_per_session", "pending_event_ids_session", "event_queue_per_concurrency_id", "event_ids_to_events",
    "active_jobs", "process_time_per_fn", "sleep_when_free", "progress_update_sleep_when_free",
)  # fmt: skip
Gate = Callable[..., Awaitable[Any]]


def check_gradio(queue: object) -> None:
    """Check that Gradio has every name that this module relies on.

    Args:
        queue: Of a page.

    Raises:
        RuntimeError: If a name is missing; the sentence says which, and what to install.
    """
    missing = [f"{owner.__name__}.{name}" for owner, names in _METHODS for name in names if not hasattr(owner, name)]
    missing += [f"Queue.{name}" for name in _OF_THE_QUEUE if not hasattr(queue, name)]
    if missing:
        raise RuntimeError(
            f'Gradio {gr.__version__} lacks {", ".join(missing)}, on which this app relies: install "{TESTED}" '
            "(pip install -r requirements.txt)."
        )


def plotly_module() -> str:
    """Return the address of the script, 4 MB, that Gradio loads when it first draws a plot; "" if there is none."""
    folder = Path(gr.__file__).parent / "templates" / "frontend"
    found = next(folder.glob("assets/PlotlyPlot-*.js"), None)
    return found.relative_to(folder).as_posix() if found else ""


class NoStub(ComponentMeta):
    """Gradio's metaclass writes a .pyi file beside the source of every subclass; this one leaves the folder alone."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> NoStub:  # noqa: PYI034
        return ABCMeta.__new__(cls, name, bases, attributes)


class OpenQueue:
    """Gradio's queue: who waits, who is answered, and which answers were not fetched.

    An event has `_id`, `session_hash`, `concurrency_id`, `request` and `fn`. Left to itself, Gradio looks for events a
    thousand times a second; a server that had nothing to do took 3 % of a core for that.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        queue.sleep_when_free, queue.progress_update_sleep_when_free = LOOK_S, PROGRESS_S

    def guard_entrance(self, gate: Callable[[Gate, Any, Any, str | None], Awaitable[Any]]) -> None:
        """Let `gate` decide on every event that wants to enter; it is given the way in."""
        enter = self._queue.push

        async def push(body: Any, request: Any, username: str | None) -> Any:  # noqa: ANN401
            return await gate(enter, body, request, username)

        self._queue.push = push  # type: ignore[method-assign]

    def hear_answers(self, answered: Callable[[Any], None]) -> None:
        """Call `answered` with every event whose last answer is told; what nobody listens to is dropped.

        A session may be over before its answer is there. The error would end the task that tells everybody of progress.
        """
        tell = self._queue.send_message

        def tell_if_heard(event: Any, message: Any) -> None:  # noqa: ANN401
            if event.session_hash in self._queue.pending_messages_per_session:
                tell(event, message)
                if isinstance(message, ProcessCompletedMessage):
                    answered(event)

        self._queue.send_message = tell_if_heard  # type: ignore[assignment,method-assign]

    def waiting(self, rooms: Iterable[str]) -> list[Any]:
        """Return the events that wait in these rooms, in their order in each."""
        queues = self._queue.event_queue_per_concurrency_id
        return [event for room in rooms if room in queues for event in queues[room].queue]

    def running(self, rooms: Iterable[str]) -> list[Any]:
        """Return the events of these rooms that are being answered."""
        wanted, jobs = frozenset(rooms), (job for job in self._queue.active_jobs if job)
        return [event for job in jobs for event in job if event.concurrency_id in wanted]

    def usual_s(self, event: Any) -> float | None:  # noqa: ANN401
        """Return what events of its kind took on average [s]; None before one has been answered."""
        timed = self._queue.process_time_per_fn
        return timed[event.fn].avg_time if event.fn in timed else None

    def move(self, event_id: str, room: str, places: int) -> None:
        """Move an event from the end of its own room to that of another; nothing may be awaited in between."""
        event, queues = self._queue.event_ids_to_events[event_id], self._queue.event_queue_per_concurrency_id
        queues[event.concurrency_id].queue.remove(event)
        event.concurrency_id = room
        other = queues.setdefault(room, EventQueue(room, places))
        other.queue.append(event)
        self._queue.broadcast_estimations(room, len(other.queue) - 1)

    def bring_forward(self, event_id: str, place: int) -> None:
        """Let an event that has just entered wait at a place, counted from 0; nothing may be awaited in between."""
        event = self._queue.event_ids_to_events[event_id]
        queue = self._queue.event_queue_per_concurrency_id[event.concurrency_id].queue
        if place < queue.index(event):
            queue.remove(event)
            queue.insert(place, event)
            self._queue.broadcast_estimations(event.concurrency_id, place)

    def is_unread(self, event_id: str, session: str) -> bool:
        """Whether the answer to an event was not fetched yet."""
        return event_id in self._queue.pending_event_ids_session.get(session, ())

    def drop_answer(self, event_id: str, session: str) -> None:
        """Drop the answer to one event."""
        self._queue.pending_event_ids_session.get(session, set()).discard(event_id)
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None:
            return
        all_of_them = [messages.get_nowait() for _ in range(messages.qsize())]
        kept = [message for message in all_of_them if message.event_id != event_id]
        for message in kept:
            messages.put_nowait(message)
        if not kept and not self._queue.pending_event_ids_session.get(session):  # a later question is answered at once
            self.drop_answers(session)

    def drop_answers(self, session: str) -> None:
        """Drop every answer that a session did not fetch."""
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)


class SlimSessionState(SessionState):
    """A session's values, without Gradio's own description of every component.

    Gradio describes each of the page's 200 components anew for each session, on the event loop (30 ms, and half a
    megabyte). It keeps all that a visitor sent and was shown, for links to a page's state. There are no such links here;
    only a component that is updated gets a description, without its value.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def _update_config(self, key: int) -> None:
        """Do nothing."""

    def _update_value_in_config(self, key: int, value: Any) -> None:  # noqa: ANN401
        """Do nothing."""


class SlimStateHolder(StateHolder):
    """The values of all sessions but those of long names; `seen` is told each new name, as there may be no event for it."""

    def __init__(self, blocks: gr.Blocks, seen: Callable[[str], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen = seen
        self.set_blocks(blocks)

    def __getitem__(self, session_id: str) -> SessionState:
        if len(session_id) > MAX_SESSION_NAME:
            return SlimSessionState(self.blocks)
        if session_id not in self.session_data:
            self.session_data[session_id] = SlimSessionState(self.blocks)
            self._seen(session_id)
        return super().__getitem__(session_id)

    def forget(self, session_id: str) -> None:
        """Drop what a session holds."""
        state = self.session_data.pop(session_id, None)
        if state is not None:  # the frames of an error may hold it for a while
            state.state_data.clear()
        self.time_last_used.pop(session_id, None)


def docstring_parts(handler: Callable[..., Any]) -> tuple[dict[str, str], list[str]]:
    """Return what Gradio reads in a handler's docstring: words by parameter, and a line for each result."""
    _, parameters, results = get_function_description(handler)
    return parameters, results


def put_before(app: Any, guard: Callable[[Any], Any]) -> None:  # noqa: ANN401
    """Put a guard before the whole app, in place of Starlette's handler of last resort."""
    app.middleware_stack = guard(app.middleware_stack.app)


def is_lambda(block_fn: Any) -> bool:  # noqa: ANN401
    """Whether a handler has no name, as small ones of this page, which get no line in the log."""
    return bool(block_fn.name == (lambda: 0).__name__)
