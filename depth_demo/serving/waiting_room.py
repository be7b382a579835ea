"""Who may wait for what takes long: so many in all and from one address, and whoever may not is told so at once.

Whatever has to wait for a download waits in a room of its own, where it is in nobody's way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from gradio.queueing import EventQueue, Queue

from depth_demo.serving.clients import client_address
from depth_demo.wording.durations import about

MAX_WAITING = 32  # in each room
MAX_WAITING_EACH = 16  # from one address, behind which a class may sit
ASIDE, ASIDE_PLACES = "download", 1  # the room of those whose model is fetched first
GUESSED_S = 5.0  # what an event takes before one has been timed


@dataclass(frozen=True, slots=True)
class WaitingRoom:
    """The queue's events that take long, those of the page's light ones left out.

    Attributes:
        queue: Gradio's.
        rooms: The concurrency ids of what takes long.
    """

    queue: Queue
    rooms: frozenset[str]

    def waiting(self) -> list[Any]:
        """The events that wait, in their order in each room."""
        queues = self.queue.event_queue_per_concurrency_id
        return [event for room in self.rooms if room in queues for event in queues[room].queue]

    def running(self) -> list[Any]:
        """The events that are being answered."""
        jobs = (job for job in self.queue.active_jobs if job)
        return [event for job in jobs for event in job if event.concurrency_id in self.rooms]

    def refusal(self, room: str, address: str) -> str | None:
        """What to tell somebody from this address who wants to wait in a room; None if there is a place."""
        waiting = [event for event in self.waiting() if event.concurrency_id == room]
        if len(waiting) >= MAX_WAITING:
            ahead = [*waiting, *(event for event in self.running() if event.concurrency_id == room)]
            return (
                f"The demo is busy: you would be number {len(ahead)} in the queue and wait {about(self._seconds(ahead))}. "
                "Please try again when some have gone."
            )
        each = Counter(address_of(event.request) for event in waiting)
        if each[address] >= MAX_WAITING_EACH:
            seconds = self._seconds([event for event in waiting if address_of(event.request) == address])
            return (
                f"{each[address]} requests from your address wait already, {about(seconds)} in all: "
                "please let one of them finish first."
            )
        return None

    def lead_aside(self, event_id: str) -> None:
        """From the end of its own queue to that of `ASIDE`; nothing may be awaited in between."""
        event, queues = self.queue.event_ids_to_events[event_id], self.queue.event_queue_per_concurrency_id
        queues[event.concurrency_id].queue.remove(event)
        event.concurrency_id = ASIDE
        aside = queues.setdefault(ASIDE, EventQueue(ASIDE, ASIDE_PLACES))
        aside.queue.append(event)
        self.queue.broadcast_estimations(ASIDE, len(aside.queue) - 1)

    def _seconds(self, events: list[Any]) -> float:
        """How long these take, by what the like of them took."""
        timed = self.queue.process_time_per_fn
        return sum(timed[event.fn].avg_time if event.fn in timed else GUESSED_S for event in events)


def address_of(request: Any) -> str:  # noqa: ANN401
    """Of the client behind a request."""
    return client_address(request.client.host if request.client else "", request.headers)
