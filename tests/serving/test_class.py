"""A class behind one router, beside a guest from elsewhere: all are served, and nobody waits for a crowd."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from depth_demo.serving.waiting_room import MAX_WAITING_ALONE, MAX_WAITING_EACH
from tests.conftest import Served
from tests.support.served import health, serving, wait_until
from tests.support.stranger import Stranger, sentence_in

PUPILS = 24


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """The gate is shut."""
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def router(server: Served) -> Iterator[Stranger]:
    with Stranger(server.url) as stranger:
        yield stranger


@pytest.fixture
def guest(server: Served) -> Iterator[Stranger]:
    with Stranger(server.url) as stranger:
        yield stranger


def ask(stranger: Stranger, text: str) -> str:
    """Wait in the queue, and return the event's name. Each is a program of its own to the server."""
    sent = stranger.post("/gradio_api/call/waiting", json={"data": [text]})
    return str(sent.raise_for_status().json()["event_id"])


def is_answered(stranger: Stranger, event: str) -> bool:
    return "event: complete" in stranger.get(f"/gradio_api/call/waiting/{event}").text


def order_at(server: Served) -> list[str]:
    """In which order all were served; the gate stays open."""
    with Stranger(server.url) as opener:
        opener.call("/let_go", [])
        wait_until(lambda: health(server)["waiting"] == health(server)["running"] == 0, "the end of the queue")
        return opener.call("/served", []).partition('["')[2].partition('"]')[0].split()


def test_a_class_is_served_in_turn_and_a_guest_before_its_second(server: Served, router: Stranger, guest: Stranger) -> None:
    firsts, seconds = ([f"{name}{number}" for number in range(PUPILS)] for name in ("first", "second"))
    assert '["False"]' in guest.call("/others", [])
    asked = [ask(router, firsts[0])]
    wait_until(lambda: health(server)["running"] == 1, "a run")
    assert '["True"]' in guest.call("/others", [])  # a run over a data set gives way
    asked += [ask(router, text) for text in (*firsts[1:], *seconds)]
    assert health(server)["waiting"] == 2 * PUPILS - 1
    late = ask(guest, "guest")
    assert order_at(server) == [*firsts[:2], "guest", *firsts[2:], *seconds]
    assert all(is_answered(router, event) for event in asked)
    assert is_answered(guest, late)


def test_a_flood_ends_where_a_class_does_not_and_keeps_nobody_out(server: Served, router: Stranger, guest: Stranger) -> None:
    asked = [ask(router, "flood")]
    wait_until(lambda: health(server)["running"] == 1, "a run")
    asked += [ask(router, "flood") for _ in range(MAX_WAITING_ALONE)]
    sentence = f"{MAX_WAITING_ALONE} requests from your address wait already, about"
    assert sentence in sentence_in(router.call("/waiting", ["one more"]))
    guests = [ask(guest, f"guest{number}") for number in range(MAX_WAITING_EACH)]
    sentence = f"{MAX_WAITING_EACH} requests from your address wait already, about"
    assert sentence in sentence_in(guest.call("/waiting", ["one more"]))
    order = order_at(server)
    turns = [order.index(f"guest{number}") for number in range(MAX_WAITING_EACH)]
    assert turns == list(itertools.islice(itertools.count(2, 2), MAX_WAITING_EACH))
    assert all(is_answered(router, event) for event in asked)
    assert all(is_answered(guest, event) for event in guests)
