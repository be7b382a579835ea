"""Answers that nobody fetches: of those only the latest stay, for each may hold megabytes of surfaces."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from gradio.queueing import Queue

MAX_UNREAD = 24  # in all; who is there reads an answer as soon as it is given


class UnreadAnswers:
    """The answers in Gradio's queue that were not fetched yet.

    Args:
        queue: Gradio's.
        most: How many stay.
    """

    def __init__(self, queue: Queue, most: int = MAX_UNREAD) -> None:
        self._queue, self._most = queue, most
        self._sessions: OrderedDict[str, str] = OrderedDict()  # by event, the oldest first

    def add(self, event: Any) -> None:  # noqa: ANN401
        """An answer has been given; the oldest that is still unread goes when they are too many."""
        self._sessions[event._id] = event.session_hash  # noqa: SLF001
        if len(self._sessions) <= self._most:
            return
        waiting = self._queue.pending_event_ids_session
        for name, session in list(self._sessions.items()):
            if name not in waiting.get(session, ()):
                del self._sessions[name]  # it was fetched
        while len(self._sessions) > self._most:
            self._drop(*self._sessions.popitem(last=False))

    def _drop(self, name: str, session: str) -> None:
        self._queue.pending_event_ids_session.get(session, set()).discard(name)
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None:
            return
        kept = [message for message in (messages.get_nowait() for _ in range(messages.qsize())) if message.event_id != name]
        for message in kept:
            messages.put_nowait(message)
        if not kept and not self._queue.pending_event_ids_session.get(session):  # whoever asks yet is told at once
            self._queue.pending_messages_per_session.pop(session, None)
            self._queue.pending_event_ids_session.pop(session, None)
