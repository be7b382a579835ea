"""Whose request it is, and when somebody asks too often."""

from __future__ import annotations

import pytest

from depth_demo.serving.clients import MAX_CLIENTS, Proxies, Rate, RateLimit

VISITOR, OTHER = "203.0.113.7", "198.51.100.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("8.8.8.8", [], "8.8.8.8"),
        ("8.8.8.8", ["1.1.1.1"], "8.8.8.8"),  # whoever connects from outside may write what they like
        ("10.0.0.3", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.3", ["9.9.9.9", "1.1.1.1"], "1.1.1.1"),  # HAProxy adds a line to what a visitor wrote
        ("127.0.0.1", ["9.9.9.9, 1.1.1.1, 10.0.0.9"], "1.1.1.1"),  # the last proxy knows; what came before may be invented
        ("127.0.0.1", ["2606:4700::1111"], "2606:4700::1111"),
        ("::1", ["2606:4700:0:0::1111"], "2606:4700::1111"),  # one address, however it is written
        ("fe80::1%eth0", ["8.8.8.8"], "8.8.8.8"),
        ("::ffff:10.0.0.3", ["::ffff:8.8.8.8"], "8.8.8.8"),
        ("::ffff:8.8.8.8", ["1.1.1.1"], "8.8.8.8"),
        ("10.0.0.3", ["1.1.1.1:5678"], "1.1.1.1"),
        ("10.0.0.3", ["[2606:4700::1111]:5678"], "2606:4700::1111"),
        ("10.0.0.3", ["[2606:4700::1111]"], "2606:4700::1111"),
        ("127.0.0.1", ["192.168.1.5"], "192.168.1.5"),
        ("127.0.0.1", ["10.9.9.9, 192.168.1.5"], "192.168.1.5"),  # a visitor in our own network invents as others do
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", ["1.1.1.1, unknown, 10.0.0.9"], "10.0.0.9"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("", [], ""),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_the_address_behind_private_proxies(peer: str, forwarded: list[str], address: str) -> None:
    assert Proxies().client_address(peer, forwarded) == address


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", ["9.9.9.9, 1.1.1.1, 173.245.48.7"], "1.1.1.1"),  # through the network's edge, and a proxy here
        ("::1", ["9.9.9.9, 1.1.1.1", "2400:cb00::7"], "1.1.1.1"),
        ("10.0.0.3", ["1.1.1.1, 173.245.48.7"], "1.1.1.1"),
        ("10.0.0.3", ["10.0.0.9"], "10.0.0.9"),
        ("10.0.0.9", ["1.1.1.1"], "10.0.0.9"),  # a visitor in our own network, who comes past the proxy
        ("173.245.48.7", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
        ("173.245.64.7", ["1.1.1.1"], "173.245.64.7"),
        ("127.0.0.1", ["10.0.0.3"], "10.0.0.3"),  # a proxy asks for itself
        ("127.0.0.1", ["unknown, 173.245.48.7"], "173.245.48.7"),
    ],
)
def test_the_address_behind_proxies_that_are_named(peer: str, forwarded: list[str], address: str) -> None:
    named = Proxies.read("10.0.0.3, 173.245.48.0/20,2400:cb00::/32")
    assert named.client_address(peer, forwarded) == address


@pytest.mark.parametrize("text", ["", "cdn", "10.0.0.3/8", "10.0.0.3,", "10.0.0.0/33", "10.0.0.3 10.0.0.4"])
def test_what_is_no_network_is_no_proxy(text: str) -> None:
    with pytest.raises(ValueError, match=r"^A proxy is an address or a network, such as 10\.0\.0\.3 or 2001:db8::/32, not "):
        Proxies.read(text)


def test_so_many_in_so_many_seconds_each() -> None:
    now = 0.0
    limit = RateLimit(Rate(3, 60.0), clock=lambda: now)
    assert [limit.wait_s(VISITOR) for _ in range(3)] == [0.0] * 3
    now = 20.0
    assert limit.wait_s(VISITOR) == 40.0
    assert limit.wait_s(OTHER) == 0.0
    now = 60.0
    assert limit.wait_s(VISITOR) == 0.0


def test_whoever_is_alone_may_do_more_until_another_comes() -> None:
    now = 0.0
    limit = RateLimit(Rate(3, 60.0), 2, lambda: now)
    assert [limit.wait_s(VISITOR) for _ in range(7)] == [0.0] * 6 + [60.0]
    now = 10.0
    assert limit.wait_s(OTHER) == 0.0  # is not held up by the first
    assert limit.wait_s(VISITOR) == 50.0
    now = 59.0
    assert [limit.wait_s(OTHER) for _ in range(3)] == [0.0, 0.0, 11.0]
    now = 60.0
    assert [limit.wait_s(VISITOR) for _ in range(4)] == [0.0] * 3 + [60.0]
    now = 120.0
    assert [limit.wait_s(VISITOR) for _ in range(7)] == [0.0] * 6 + [60.0]


def test_memory_is_bounded_however_many_clients_there_are() -> None:
    limit = RateLimit(Rate(1, 60.0), clock=lambda: 0.0)
    assert not any(limit.wait_s(str(number)) for number in range(MAX_CLIENTS + 1))
    assert limit.wait_s(str(MAX_CLIENTS)) > 0
    assert limit.wait_s("0") == 0.0  # forgotten
