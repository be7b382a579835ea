"""Who may wait for what takes long: so many in all and from one address, and whoever may not is told so at once.

An address may take more places while nobody else waits, as a class behind one router does. These places are not counted for
others, and everybody else's first request comes before its second: nobody is kept out or held up by a crowd at one address.

Whatever has to wait for a download waits in a room of its own, where it is in nobody's way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from depth_demo.serving.gradio_internals import OpenQueue
from depth_demo.wording.durations import about

MAX_WAITING = 32  # in each room
MAX_WAITING_EACH = 16  # from one address while others wait
MAX_WAITING_ALONE = 64  # from one address while nobody else waits
ASIDE, ASIDE_PLACES = "download", 1  # the room of those whose model is fetched first
GUESSED_S = 5.0  # what an event takes before one has been timed


@dataclass(frozen=True, slots=True)
class WaitingRoom:
    """The queue's events that take long, those of the page's light ones left out.

    Attributes:
        queue: Of the page.
        rooms: The concurrency ids of what takes long.
    """

    queue: OpenQueue
    rooms: frozenset[str]

    def waiting(self) -> list[Any]:
        """Return the events that wait, in their order in each room."""
        return self.queue.waiting(self.rooms)

    def running(self) -> list[Any]:
        """Return the events that are being answered."""
        return self.queue.running(self.rooms)

    def refusal(self, room: str, address: str) -> str | None:
        """Return what to tell somebody from this address who wants to wait in a room; None if there is a place."""
        waiting = self._waiting_in(room)
        each = Counter(address_of(event.request) for event in waiting)
        is_alone = each.total() == each[address]
        if each[address] >= (MAX_WAITING_ALONE if is_alone else MAX_WAITING_EACH):
            seconds = self._seconds([event for event in waiting if address_of(event.request) == address])
            return (
                f"{each[address]} requests from your address wait already, {about(seconds)} in all: "
                "please let one of them finish first."
            )
        if sum(min(count, MAX_WAITING_EACH) for count in each.values()) >= MAX_WAITING:
            ahead = waiting[: self.place(room, address)]
            ahead += [event for event in self.running() if event.concurrency_id == room]
            return (
                f"The demo is busy: you would be number {len(ahead)} in the queue and wait {about(self._seconds(ahead))}. "
                "Please try again when some have gone."
            )
        return None

    def place(self, room: str, address: str) -> int:
        """Return how many of those who wait in a room come before the next request from this address."""
        return fair_place([address_of(event.request) for event in self._waiting_in(room)], address)

    def _waiting_in(self, room: str) -> list[Any]:
        return [event for event in self.waiting() if event.concurrency_id == room]

    def _seconds(self, events: list[Any]) -> float:
        """Return how long these take, by what the like of them took."""
        return sum(GUESSED_S if (usual := self.queue.usual_s(event)) is None else usual for event in events)


def fair_place(waiting: Sequence[str], address: str) -> int:
    """Return the place of the next request from an address, so that each address has one turn before any has its second.

    Args:
        waiting: The addresses of those who wait, in their order.
        address: Of the one who comes.
    """
    turn, turns = waiting.count(address), Counter[str]()
    for place, other in enumerate(waiting):
        if turns[other] > turn:
            return place
        turns[other] += 1
    return len(waiting)


def address_of(request: Any) -> str:  # noqa: ANN401
    """Return the address of the client behind a request, as the guard found it."""
    return str(request.client.host) if request.client else ""
