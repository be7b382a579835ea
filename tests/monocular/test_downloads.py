"""The first use and the second, through the Hub's real client and a Hub on this machine, which may not be there or refuse."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from huggingface_hub import constants

from tests.conftest import set_endpoint
from tests.support.hub_server import Delivery, HubServer, Storage
from tests.support.small_model import (
    FILE,
    IMAGE,
    ON_HUB,
    PATIENCE_S,
    WEIGHTS,
    Calls,
    assert_helps,
    assert_holds,
    load,
    read_in_a_fresh_process,
    reported,
)

pytestmark = pytest.mark.usefixtures("small_model")


# First use, second use.


@pytest.mark.parametrize("storage", ["git", "lfs"])
def test_first_use_downloads_and_tells_how_far_it_is(
    storage: Storage, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**20)
    hub.publish(ON_HUB.repo, ON_HUB.name, FILE, storage)
    calls = Calls()
    estimator = load(calls)
    calls.assert_complete(steps=4)
    assert_holds(estimator, WEIGHTS)
    depth_map = estimator(IMAGE, input_size=196)
    assert depth_map.shape == (20, 30)
    assert depth_map.values.std() > 0
    assert [path.read_bytes() for path in (tmp_path / "cache").rglob(ON_HUB.name)] == [FILE]


def test_second_use_asks_the_hub_for_nothing(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    assert hub.requests
    hub.requests.clear()
    calls = Calls()
    assert_holds(load(calls), WEIGHTS)
    assert hub.requests == []
    assert not calls
    hub.close()
    assert_holds(load(), WEIGHTS)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert_holds(load(), WEIGHTS)


@pytest.mark.parametrize("ranges", [True, False], ids=["goes on", "begins again"])
def test_a_download_that_breaks_off_once_is_completed(ranges: bool, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**20)
    hub.deliveries = [Delivery(share=0.6), Delivery(ranges=ranges)]
    calls = Calls()
    assert_holds(load(calls), WEIGHTS)
    calls.assert_complete(steps=4)
    assert hub.deliveries == []


def test_xet_storage_and_a_cache_copied_to_another_home(hub: HubServer, tmp_path: Path) -> None:
    hub.publish(ON_HUB.repo, ON_HUB.name, FILE, "xet")
    hub.deliveries = [Delivery(status=404)]
    failure, success = read_in_a_fresh_process(-1, -1, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path / "first"))
    assert_helps(failure.error, "the download broke off")
    assert failure.seconds < PATIENCE_S
    assert success.size == len(FILE), success.error
    Calls(success.calls).assert_complete(steps=1)
    assert any("/xorb/" in request for request in hub.requests)
    hub.requests.clear()
    # Another home, so that nothing but the weights is left of the first process.
    cache = str(tmp_path / "first" / "hub")
    (second,) = read_in_a_fresh_process(-1, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path / "second"), HF_HUB_CACHE=cache)
    assert second.size == len(FILE), second.error
    assert hub.requests == []
    assert not second.calls


# The Hub is not there, or refuses.


def test_a_hub_that_refuses_connections_is_reported() -> None:
    with reported("cannot be reached"):
        load()


def test_a_silent_hub_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silence:  # the system accepts for it; nobody ever reads
        set_endpoint(f"http://127.0.0.1:{silence.getsockname()[1]}", monkeypatch)
        with reported("cannot be reached"):
            load()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://" + ".".join(["a" * 63] * 5),  # too long for a name: the resolver says no without asking anyone
        "hub.example",
    ],
    ids=["no such name", "no address"],
)
def test_an_address_that_leads_nowhere_is_reported(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_endpoint(endpoint, monkeypatch)
    with reported("cannot be reached"):
        load()


def test_a_resolver_that_never_answers_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's resolver is replaced, because a real one would have to ask somebody outside."""
    test_is_over = threading.Event()

    def resolve(*_: object, **__: object) -> None:
        test_is_over.wait(2 * PATIENCE_S)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    set_endpoint("http://hub.invalid", monkeypatch)
    try:
        with reported("cannot be reached"):
            load()
    finally:
        test_is_over.set()


def test_something_that_is_no_web_server_is_reported(hub: HubServer) -> None:
    hub.speaks_http = False
    with reported("cannot be reached"):
        load()
    assert hub.requests


def test_a_hub_that_falls_silent_is_reported(hub: HubServer) -> None:
    hub.silent = True
    with reported("the download broke off"):
        load()


def test_offline_mode_is_reported(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with reported("HF_HUB_OFFLINE is set"):
        load()
    assert hub.requests == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "RepoNotFound"), (403, "GatedRepo"), (404, "EntryNotFound"), (503, "")],
)
def test_a_refusal_is_reported_with_its_status(status: int, code: str, hub: HubServer) -> None:
    hub.refusal = (status, code)
    with reported(f"the Hub answered {status}"):
        load()


@pytest.mark.parametrize(
    ("deliveries", "reason"),
    [
        ([Delivery(status=500)], "the Hub answered 500"),
        ([Delivery(share=0.5), Delivery(status=503)], "the Hub answered 503"),
        ([Delivery(share=0.5, announced=False)], "the download broke off"),
    ],
    ids=["no download", "cut and gone", "too short"],
)
def test_a_download_that_fails_is_reported_and_leaves_nothing(
    deliveries: list[Delivery], reason: str, hub: HubServer, tmp_path: Path
) -> None:
    hub.deliveries = deliveries
    with reported(reason):
        load()
    assert not list((tmp_path / "cache").rglob(ON_HUB.name))
    assert_holds(load(), WEIGHTS)  # the Hub is well again, and so is the cache
