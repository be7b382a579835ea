"""Answers that nobody fetches: of those only some stay, for each may hold megabytes of surfaces."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any

from gradio.queueing import Queue

from depth_demo.serving.waiting_room import MAX_WAITING, MAX_WAITING_EACH, address_of

# More than can be answered in one breath, before those who listen have read: in all, and of one address.
MAX_UNREAD, MAX_UNREAD_EACH = 3 * MAX_WAITING, 3 * MAX_WAITING_EACH


class UnreadAnswers:
    """The answers in Gradio's queue that were not fetched yet.

    Args:
        queue: Gradio's.

    Of too many, the oldest goes of the address that has the most, so that nobody pushes others out.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._unread: OrderedDict[str, tuple[str, str]] = OrderedDict()  # session and address by event, the oldest first

    def add(self, event: Any) -> None:  # noqa: ANN401
        """An answer has been given."""
        self._unread[event._id] = event.session_hash, address_of(event.request)  # noqa: SLF001
        if len(self._unread) <= MAX_UNREAD_EACH:
            return
        waiting = self._queue.pending_event_ids_session
        for name, (session, _) in list(self._unread.items()):
            if name not in waiting.get(session, ()):
                del self._unread[name]  # it was fetched
        while len(self._unread) > MAX_UNREAD_EACH:
            ((address, count),) = Counter(address for _, address in self._unread.values()).most_common(1)
            if count <= MAX_UNREAD_EACH and len(self._unread) <= MAX_UNREAD:
                return
            oldest = next(name for name, (_, other) in self._unread.items() if other == address)
            self._drop(oldest, self._unread.pop(oldest)[0])

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
