"""A small model, and a Hub on this machine that has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.models import MODELS
from tests.conftest import set_endpoint
from tests.support.hub_server import HubServer
from tests.support.small_model import FILE, ON_HUB, ROW, TINY


@pytest.fixture
def small_model(no_hub: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small model among the models, and nobody to fetch it from."""
    monkeypatch.setitem(VARIANTS, "tiny", TINY)
    monkeypatch.setitem(MODELS, "tiny", ROW)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        server.publish(ON_HUB.repo, ON_HUB.name, FILE)
        set_endpoint(server.url, monkeypatch)
        yield server
