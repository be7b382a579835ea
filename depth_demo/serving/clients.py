"""Who asks, and how often: one client must not take what all share."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from depth_demo.formats.untrusted import quoted

MAX_CLIENTS = 10_000  # remembered at once
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose word counts on where a request comes from: proxies on this machine, and those in some networks.

    Attributes:
        networks: Where the others are; None stands for every private address.
    """

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] | None = None

    @classmethod
    def read(cls, text: str) -> Proxies:
        """Read addresses and networks with commas between them, such as `10.0.0.3, 2001:db8::/32`.

        Raises:
            ValueError: If one of them is something else.
        """
        return cls(tuple(map(_network, text.split(","))))

    def __contains__(self, address: Address) -> bool:
        if self.networks is None:
            return address.is_private
        return address.is_loopback or any(address in network for network in self.networks)

    def client_address(self, peer: str, forwarded: Sequence[str]) -> str:
        """Return the visitor's address: what our own proxies say, or else the address that connects.

        Each proxy adds the address that connects to it at the end. So the list is read from its end, as far as proxies of
        ours wrote it. Anybody may have invented the rest.

        Args:
            peer: The address that the connection comes from.
            forwarded: The lines `X-Forwarded-For` of the request in their order, each with commas between addresses.
        """
        way = [_address(peer)]  # from here to the visitor
        for text in reversed(",".join(forwarded).split(",")):
            if way[-1] is None or way[-1] not in self:
                break
            way.append(_address(text))
        known = [address for address in way if address is not None]
        if not known:
            return peer
        all_private = self.networks is None and known[-1].is_private  # a visitor among them looks like a proxy
        return str(known[:2][-1] if all_private else known[-1])


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        given = quoted(text.strip())
        raise ValueError(f"A proxy is an address or a network, such as 10.0.0.3 or 2001:db8::/32, not {given}.") from None


def _address(text: str) -> Address | None:
    """Return an address without the port that some proxies add, or None for anything else.

    An address of IPv4 that is written as one of IPv6 becomes IPv4.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])  # without the name of an interface
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


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
