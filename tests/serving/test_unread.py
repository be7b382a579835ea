"""Whose answers go when too many lie unread."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from depth_demo.serving.unread import MAX_UNREAD, MAX_UNREAD_EACH, UnreadAnswers
from depth_demo.serving.waiting_room import MAX_WAITING_EACH


class Answered:
    """Gradio's queue with answers of some sessions in it."""

    def __init__(self) -> None:
        self.pending_messages_per_session: dict[str, asyncio.Queue[Any]] = {}
        self.pending_event_ids_session: dict[str, set[str]] = {}
        self.unread = UnreadAnswers(self)  # type: ignore[arg-type]

    def answer(self, name: str, session: str, address: str) -> None:
        self.pending_event_ids_session.setdefault(session, set()).add(name)
        self.pending_messages_per_session.setdefault(session, asyncio.Queue()).put_nowait(SimpleNamespace(event_id=name))
        client = SimpleNamespace(client=SimpleNamespace(host=address), headers={})
        self.unread.add(SimpleNamespace(_id=name, session_hash=session, request=client))

    def names(self, session: str) -> list[str]:
        messages = self.pending_messages_per_session.get(session, asyncio.Queue())
        return [messages.get_nowait().event_id for _ in range(messages.qsize())]


def test_all_who_wait_in_both_rooms_may_be_answered_before_one_of_them_reads() -> None:
    queue = Answered()
    for address in ("8.8.8.8", "9.9.9.9"):
        for number in range(2 * MAX_WAITING_EACH + 2):
            queue.answer(f"{address}-{number}", address, address)
    assert [len(queue.names(address)) for address in ("8.8.8.8", "9.9.9.9")] == [2 * MAX_WAITING_EACH + 2] * 2


def test_whoever_does_not_read_loses_their_own_answers_and_nobody_else_does() -> None:
    queue = Answered()
    queue.answer("mine", "visitor", "9.9.9.9")
    for number in range(2 * MAX_UNREAD_EACH):
        queue.answer(str(number), f"flood{number // 5}", "8.8.8.8")
    assert queue.names("visitor") == ["mine"]
    assert queue.pending_event_ids_session["visitor"] == {"mine"}
    left = [name for session in list(queue.pending_messages_per_session) for name in queue.names(session)]
    assert left == [str(number) for number in range(MAX_UNREAD_EACH, 2 * MAX_UNREAD_EACH)]
    assert sum(map(len, queue.pending_event_ids_session.values())) == MAX_UNREAD_EACH + 1


def test_there_is_a_bound_for_all_addresses_together() -> None:
    queue = Answered()
    for number in range(3 * MAX_UNREAD):
        queue.answer(str(number), str(number), f"8.8.8.{number % 250}")
    assert len(queue.pending_messages_per_session) == MAX_UNREAD
