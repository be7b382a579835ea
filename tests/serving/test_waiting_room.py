"""Each room has its own bound."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from depth_demo.serving.waiting_room import ASIDE, MAX_WAITING, WaitingRoom


def event(room: str, number: int) -> Any:
    client = SimpleNamespace(client=SimpleNamespace(host=f"8.8.8.{number}"), headers={})
    return SimpleNamespace(concurrency_id=room, request=client, fn="estimate")


def test_a_full_room_refuses_nobody_who_wants_into_another() -> None:
    rooms = {ASIDE: SimpleNamespace(queue=[event(ASIDE, number) for number in range(MAX_WAITING)])}
    queue: Any = SimpleNamespace(event_queue_per_concurrency_id=rooms, active_jobs=[None], process_time_per_fn={})
    room = WaitingRoom(queue, frozenset({"model", ASIDE}))
    assert room.refusal("model", "9.9.9.9") is None
    assert f"number {MAX_WAITING} in the queue" in str(room.refusal(ASIDE, "9.9.9.9"))
