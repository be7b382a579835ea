"""Whose request it is, and when somebody asks too often."""

from __future__ import annotations

import pytest

from depth_demo.serving.clients import MAX_CLIENTS, Rate, RateLimit, client_address

VISITOR, OTHER = "203.0.113.7", "198.51.100.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("8.8.8.8", None, "8.8.8.8"),
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),  # whoever connects from outside may write what they like
        ("10.0.0.3", "1.1.1.1", "1.1.1.1"),
        ("127.0.0.1", "9.9.9.9, 1.1.1.1, 10.0.0.9", "1.1.1.1"),  # the last proxy knows; what came before may be invented
        ("127.0.0.1", "2606:4700::1111", "2606:4700::1111"),
        ("127.0.0.1", "192.168.1.5", "192.168.1.5"),
        ("127.0.0.1", "nonsense", "nonsense"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("", None, ""),
    ],
)
def test_the_address_behind_our_own_proxies(peer: str, forwarded: str | None, address: str) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(peer, headers) == address


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
