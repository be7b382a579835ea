"""Which model the page chooses: with the Hub, with the file on this machine, and with neither. The shelf for models."""

from __future__ import annotations

import io
import itertools
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from huggingface_hub import constants, hf_hub_download

from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.engines.zerogpu import VARIABLE as ZERO_GPU
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.input_size import RESOLUTIONS, NetworkSize, choose_input_size, network_size
from depth_demo.monocular.memory import refuse_large
from depth_demo.monocular.models import DEFAULT, MODELS, TINY, ModelSpec, WeightsUnavailableError, find_model
from depth_demo.ui.endpoints import model_field, will_download
from depth_demo.ui.models import (
    AUTO,
    CHOICE_LASTS_S,
    HIDE_VARIABLE,
    SHAPES,
    ModelShelf,
    about_model,
    choose_model,
    may_take_long,
    model_choices,
    predicted_s,
    refuse_long,
)
from tests.conftest import set_endpoint
from tests.support.hub_server import Delivery, HubServer
from tests.support.official import random_state_dict
from tests.support.small_model import SMALL_NETWORK

pytestmark = pytest.mark.usefixtures("no_hub")
(ON_HUB,) = DEFAULT.hub_files
FETCHED = (DEFAULT.name, "99 MB are fetched once, then kept.")
ON_MACHINE = (DEFAULT.name, "Its weights are on this machine.")
LACK = "Depth Anything V2 Small is not on this machine and the Hugging Face Hub does not answer"
REAL_WORK = (
    "a small bundled model whose encoder knows ImageNet; the rest was trained on synthetic images only. "
    "Use Depth Anything V2 Small for real work."
)


def test_the_default_where_the_hub_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        set_endpoint(hub.url, monkeypatch)
        assert choose_model() == FETCHED
        assert hub.requests == ["HEAD /"]  # whether it is there, and no more


def test_the_default_where_its_file_is_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        hub.publish(ON_HUB.repo, ON_HUB.name, b"weights")
        set_endpoint(hub.url, monkeypatch)
        hf_hub_download(ON_HUB.repo, ON_HUB.name, cache_dir=constants.HF_HUB_CACHE)
        hub.requests.clear()
        assert choose_model() == ON_MACHINE
        assert hub.requests == []
    assert choose_model() == ON_MACHINE


@pytest.mark.parametrize(("file", "chosen"), [(ON_HUB.name, DEFAULT), ("depth_anything_v2_vitb.pth", TINY)])
def test_the_default_where_its_file_is_in_the_folder(
    file: str, chosen: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / file).touch()
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert choose_model()[0] == chosen.name


@pytest.mark.parametrize("reason", ["refused", "offline mode"])
def test_elsewhere_the_bundled_model_with_a_word_on_it(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        if reason == "offline mode":
            set_endpoint(hub.url, monkeypatch)
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        assert choose_model() == (TINY.name, f"{LACK}, so Depth Demo Tiny 2 is chosen: {REAL_WORK}")
        assert hub.requests == []


def test_what_is_said_beside_a_chosen_model(monkeypatch: pytest.MonkeyPatch) -> None:
    assert about_model(DEFAULT.name) == f"{LACK}: it cannot be loaded now."
    with HubServer() as hub:
        set_endpoint(hub.url, monkeypatch)
        assert about_model(DEFAULT.name) == "99 MB are fetched once, then kept."
    assert about_model(TINY.name) == f"Depth Demo Tiny 2 is {TINY.note}"


def test_auto_is_the_choice_of_the_page_which_is_made_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    shelf = ModelShelf(lambda: now)
    assert AUTO not in dict(model_choices()).values()  # the menu shows real models
    assert shelf.resolve("depth-anything-v2-base") == "depth-anything-v2-base"
    assert will_download(shelf, [model_field()], [AUTO])  # nobody has asked the Hub yet
    assert shelf.resolve(AUTO) == TINY.name
    assert not will_download(shelf, [gr.Dropdown([AUTO]), model_field()], [AUTO, AUTO])
    with HubServer() as hub:
        set_endpoint(hub.url, monkeypatch)
        assert shelf.resolve(AUTO) == TINY.name
        assert hub.requests == []
        now = CHOICE_LASTS_S
        assert shelf.resolve(AUTO) == DEFAULT.name
    assert will_download(shelf, [gr.Dropdown([AUTO]), model_field()], [AUTO, AUTO])
    assert not will_download(shelf, [gr.Dropdown([AUTO])], [AUTO])  # a mode of the matcher is called so too


# The shelf.

PATIENCE_S = 20.0


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub with the default model, whose network is a small one here."""
    content = io.BytesIO()
    torch.save(random_state_dict(SMALL_NETWORK), content)
    monkeypatch.setitem(VARIANTS, "vits", SMALL_NETWORK)
    with HubServer() as server:
        server.publish(ON_HUB.repo, ON_HUB.name, content.getvalue())
        set_endpoint(server.url, monkeypatch)
        yield server


def test_nobody_waits_for_the_download_of_another(hub: HubServer) -> None:
    shelf = ModelShelf()
    tiny = shelf.get(TINY.name)
    hub.deliveries = [Delivery(share=0.5, stalls=True)]
    with ThreadPoolExecutor() as visitors:
        slow = visitors.submit(shelf.get, DEFAULT.name)
        hub.await_requests(1, "GET /cdn/")
        assert visitors.submit(shelf.get, TINY.name).result(PATIENCE_S) is tiny
        assert not slow.done()
        hub.go_on.set()
        assert slow.result(PATIENCE_S).spec.name == DEFAULT.name
    assert shelf.get(DEFAULT.name) is slow.result()


def test_two_who_want_the_same_model_share_one_download_and_one_copy(hub: HubServer) -> None:
    shelf = ModelShelf()
    hub.deliveries = [Delivery(share=0.5, stalls=True)]
    with ThreadPoolExecutor() as visitors:
        pending = [visitors.submit(shelf.get, DEFAULT.name) for _ in range(2)]
        hub.await_requests(4, f"HEAD /{ON_HUB.repo}/")
        hub.go_on.set()
        first, second = (future.result(PATIENCE_S) for future in pending)
    assert first is second
    assert hub.count("GET /cdn/") == 1


def test_a_model_that_cannot_be_had_leaves_the_other_on_the_shelf(hub: HubServer) -> None:
    shelf = ModelShelf()
    tiny = shelf.get(TINY.name)
    hub.refusal = (404, "")
    with pytest.raises(WeightsUnavailableError, match="the Hub answered 404"):
        shelf.get(DEFAULT.name)
    with pytest.raises(ValueError, match="no-such-model"):
        shelf.get("no-such-model")
    assert shelf.get(TINY.name) is tiny


def test_a_file_deleted_while_its_model_is_loaded_is_fetched_when_it_is_needed_again(hub: HubServer) -> None:
    shelf = ModelShelf()
    loaded = shelf.get(DEFAULT.name)
    shutil.rmtree(constants.HF_HUB_CACHE)
    assert shelf.get(DEFAULT.name) is loaded
    assert hub.count("GET /cdn/") == 1
    shelf.get(TINY.name)
    assert shelf.get(DEFAULT.name).sha256 == loaded.sha256
    assert hub.count("GET /cdn/") == 2


# What a model costs.


def test_what_needs_a_gpu_is_refused_before_a_download(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depth_demo.monocular.estimator.best_device", lambda: "cpu")
    with pytest.raises(ValueError, match=r"DepthCrafter needs a GPU with CUDA\."):
        ModelShelf().get("depthcrafter")
    assert hub.requests == []


def test_the_menu_tells_kind_licence_and_size() -> None:
    labels = {name: label for label, name in model_choices()}
    assert labels["depth-anything-v2-small"] == "Depth Anything V2 Small (relative, Apache-2.0, 99 MB)"
    assert labels["depth-pro"] == "Depth Pro (metres, Apple AMLR, research only, 1.9 GB)"
    assert labels["marigold-v1-1"] == "Marigold 1.1 (affine depth, RAIL++-M, with restrictions of use, 5.2 GB)"
    assert labels[TINY.name] == "Depth Demo Tiny 2 (relative, Apache-2.0)"


def test_rows_of_one_family_stand_together() -> None:
    families = [find_model(name).family for _, name in model_choices()]
    assert all(families)
    assert len([family for family, _ in itertools.groupby(families)]) == len(set(families))


def test_what_is_not_installed_is_said_in_menu_and_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depth_demo.monocular.spec.find_spec", lambda _: None)
    labels = {name: label for label, name in model_choices()}
    assert labels["midas-large"] == "MiDaS 3 Large (relative, Apache-2.0, 1.4 GB, not installed)"
    assert about_model("midas-large") == "MiDaS 3 Large needs transformers: pip install 'depth-demo[models]'."
    assert "not installed" not in labels[DEFAULT.name]


def test_an_owner_hides_rows_but_not_those_that_the_page_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HIDE_VARIABLE, "*-large, marigold-*,depth*")
    assert [name for _, name in model_choices()] == [
        DEFAULT.name,
        "moge-2-vits-normal",
        "midas-swin2-tiny",
        "midas-hybrid",
        "video-depth-anything-small",
        TINY.name,
    ]
    monkeypatch.setenv(HIDE_VARIABLE, "")
    assert len(model_choices()) == len(MODELS)


def test_a_long_wait_is_predicted_from_the_work_and_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 50 thousand million multiply-adds a second, as two cores have without other work."""
    monkeypatch.setattr("depth_demo.monocular.timing.machine_rate", lambda: 50e9)
    expected = {DEFAULT.name: 1.7, "midas-swin2-tiny": 0.6, "depth-pro": 192, "marigold-lcm": 76}
    assert {name: predicted_s(find_model(name)) for name in expected} == pytest.approx(expected, rel=0.1)
    with HubServer() as hub:
        set_endpoint(hub.url, monkeypatch)
        said = "1.9 GB are fetched once, then kept. A photo takes about 3 min on this machine."
        assert about_model("depth-pro", 192.5) == said
    refuse_long(find_model("midas-large"), None, patient=False)
    refuse_long(find_model("depth-pro"), None, patient=True)
    with pytest.raises(ValueError, match=r"Depth Pro takes about 3 min a photo on this machine\. If that is all right, tick"):
        refuse_long(find_model("depth-pro"), None, patient=False)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_the_box_is_there_for_every_photo_that_is_asked_about(resolution: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide photo has more to it than the usual 4:3, so what is asked about it must not hang on that of the usual one."""
    shapes = np.random.default_rng(23).integers(20, 5000, (200, 2)).tolist()
    for model in MODELS.values():

        def seen(height: int, width: int, model: ModelSpec = model) -> NetworkSize:
            side = choose_input_size(height, width, resolution, model.preprocessing).pixels
            return network_size(height, width, side, model.preprocessing)

        longest = max(model.work(seen(*shape)) for shape in shapes)
        monkeypatch.setattr("depth_demo.ui.models.machine_rate", lambda longest=longest: longest / 61)
        assert may_take_long(model, None, (seen(*shape) for shape in SHAPES))
        monkeypatch.setattr("depth_demo.ui.models.machine_rate", lambda longest=longest: longest / 40)
        assert not may_take_long(model, None, (seen(*shape) for shape in SHAPES))


def test_where_a_gpu_is_at_hand_nothing_is_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ZERO_GPU, "1")
    assert predicted_s(find_model("depth-pro")) is None
    refuse_long(find_model("depth-pro"), None, patient=False)


def test_a_model_larger_than_the_free_memory_is_refused_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depth_demo.monocular.memory.available_bytes", lambda: 2 * 2**30)
    sentence = "Depth Pro needs 5.6 GiB of memory, and 2.0 GiB are free on this machine: choose a smaller model."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        refuse_large(find_model("depth-pro"))
    refuse_large(DEFAULT)


def test_the_docs_list_every_model_as_the_menu_does() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    listed = [line.split(" | ")[1].strip("`") for line in page.splitlines() if line.startswith("| ") and " | `" in line]
    assert listed == [name for _, name in model_choices()]
    for label, name in model_choices():
        (row,) = (line for line in page.splitlines() if f" | `{name}` | " in line)
        title, _, *facts = (cell.strip() for cell in row.strip("| ").split(" | "))
        assert label == f"{title} ({', '.join(fact for fact in facts if fact != 'bundled')})"
