"""Answers that nobody fetches: of those only some stay, for each may hold megabytes of surfaces."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any

from depth_demo.serving.gradio_internals import OpenQueue
from depth_demo.serving.waiting_room import MAX_WAITING, MAX_WAITING_ALONE, MAX_WAITING_EACH, address_of

# More than can be answered in one breath, before those who listen have read: in all, and of one address.
MAX_UNREAD, MAX_UNREAD_EACH = 3 * MAX_WAITING, MAX_WAITING_ALONE + MAX_WAITING_EACH


class UnreadAnswers:
    """The answers in the queue that were not fetched yet.

    Of too many, the oldest goes of the address that has the most, so that nobody pushes others out.

    Args:
        queue: Of the page.
    """

    def __init__(self, queue: OpenQueue) -> None:
        self._queue = queue
        self._unread: OrderedDict[str, tuple[str, str]] = OrderedDict()  # session and address by event, the oldest first

    def add(self, event: Any) -> None:  # noqa: ANN401
        """Count an answer that has been given, and drop one of too many."""
        self._unread[event._id] = event.session_hash, address_of(event.request)  # noqa: SLF001
        if len(self._unread) <= MAX_UNREAD_EACH:
            return
        for name, (session, _) in list(self._unread.items()):
            if not self._queue.is_unread(name, session):
                del self._unread[name]  # it was fetched
        while len(self._unread) > MAX_UNREAD_EACH:
            ((address, count),) = Counter(address for _, address in self._unread.values()).most_common(1)
            if count <= MAX_UNREAD_EACH and len(self._unread) <= MAX_UNREAD:
                return
            oldest = next(name for name, (_, other) in self._unread.items() if other == address)
            self._queue.drop_answer(oldest, self._unread.pop(oldest)[0])
