"""Which model the page chooses: with the Hub, with the file on this machine, and with neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants, hf_hub_download

from depth_demo.monocular import catalog
from depth_demo.monocular.catalog import DEFAULT, TINY
from depth_demo.monocular.locations import WEIGHTS_VARIABLE
from depth_demo.ui.models import about_model, choose_model
from tests.conftest import set_endpoint
from tests.monocular.hub_server import HubServer

pytestmark = pytest.mark.usefixtures("no_hub")
FETCHED = (DEFAULT.name, "Weights are fetched once, then kept.")
LACK = "Depth Anything V2 Small is not on this machine and the Hugging Face Hub does not answer"
REAL_WORK = "a small bundled model, trained on synthetic images only. Use Depth Anything V2 Small for real work."


def test_the_default_where_the_hub_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        set_endpoint(hub.url, monkeypatch)
        assert choose_model() == FETCHED
        assert hub.requests == ["HEAD /"]  # whether it is there, and no more


def test_the_default_where_its_file_is_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        hub.publish(DEFAULT.repo, DEFAULT.file, b"weights")
        set_endpoint(hub.url, monkeypatch)
        hf_hub_download(DEFAULT.repo, DEFAULT.file, cache_dir=constants.HF_HUB_CACHE)
        hub.requests.clear()
        assert choose_model() == FETCHED
        assert hub.requests == []
    assert choose_model() == FETCHED


@pytest.mark.parametrize(("file", "chosen"), [(DEFAULT.file, DEFAULT), ("depth_anything_v2_vitb.pth", TINY)])
def test_the_default_where_its_file_is_in_the_folder(
    file: str, chosen: catalog.Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "TINY_IS_OFFLINE_DEFAULT", True)
    (tmp_path / file).touch()
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert choose_model()[0] == chosen.name


@pytest.mark.parametrize("reason", ["refused", "offline mode"])
def test_elsewhere_the_bundled_model_with_a_word_on_it(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "TINY_IS_OFFLINE_DEFAULT", True)
    with HubServer() as hub:
        if reason == "offline mode":
            set_endpoint(hub.url, monkeypatch)
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        assert choose_model() == (TINY.name, f"{LACK}, so Depth Demo Tiny is chosen: {REAL_WORK}")
        assert hub.requests == []


def test_a_model_that_is_too_weak_is_offered_and_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "TINY_IS_OFFLINE_DEFAULT", False)
    assert choose_model() == (DEFAULT.name, f"{LACK}. There is Depth Demo Tiny: {REAL_WORK}")


def test_what_is_said_beside_a_chosen_model() -> None:
    assert about_model(DEFAULT.name) == "Weights are fetched once, then kept."
    assert about_model(TINY.name) == f"Depth Demo Tiny is {TINY.note}"
