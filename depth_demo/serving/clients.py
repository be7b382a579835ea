"""Who asks, and how often: one client must not take what all share."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

MAX_CLIENTS = 10_000  # remembered at once


def client_address(peer: str, headers: Mapping[str, str]) -> str:
    """Return the visitor's address: what a proxy in our own network says, or else the address that connects.

    Args:
        peer: The address that the connection comes from.
        headers: Of the request, by lower-case name.
    """
    if not _is_own(peer):
        return peer  # anybody can write a header
    forwarded = [address.strip() for address in headers.get("x-forwarded-for", "").split(",")]
    return next((address for address in reversed(forwarded) if _is_outside(address)), forwarded[0] or peer)


def _is_own(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def _is_outside(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_private
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float


class RateLimit:
    """Counts what each client does.

    Args:
        rate: What one client may do while others are there.
        alone: How many times as much a client may do while nobody else has asked for anything within the time of the rate.
        clock: Tells the time [s].
    """

    def __init__(self, rate: Rate, alone: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._alone, self._clock = rate, alone, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()  # by client, the longest silent first

    def wait_s(self, client: str) -> float:
        """Record the request and return 0, or return the seconds until this client may send again."""
        now = self._clock()
        times = self._times.setdefault(client, deque())
        self._times.move_to_end(client)
        while len(self._times) > MAX_CLIENTS:
            self._times.popitem(last=False)
        while times and times[0] <= now - self._rate.seconds:
            times.popleft()
        count = self._rate.count * (self._alone if self._is_alone(now) else 1)
        if len(times) >= count:
            return times[-count] + self._rate.seconds - now
        times.append(now)
        return 0.0

    def _is_alone(self, now: float) -> bool:
        """Return whether the client who spoke last is the only one for now."""
        before = next(islice(reversed(self._times.values()), 1, None), None)
        return not before or before[-1] <= now - self._rate.seconds
