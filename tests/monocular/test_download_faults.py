"""Downloads that stall, disks that are full, files that vanish, and two who want the same file at once."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
from huggingface_hub import constants, file_download

from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.hub import locate
from depth_demo.monocular.models import TINY
from tests.support.faults import disk_full_after
from tests.support.hub_server import Delivery, HubServer, Storage
from tests.support.small_model import (
    FILE,
    IMAGE,
    ON_HUB,
    ROW,
    WEIGHTS,
    Calls,
    assert_helps,
    assert_holds,
    encoded,
    load,
    read_in_a_fresh_process,
    reported,
    suffix,
)

pytestmark = pytest.mark.usefixtures("small_model")
QUESTION = f"HEAD /{ON_HUB.repo}/resolve/main/{ON_HUB.name}"  # asked twice by everyone who has no file yet


def files_in(cache: Path) -> list[str]:
    """The weights, whole or not, that a cache holds."""
    return [
        path.name for path in (cache / "models--somebody--Tiny-Depth").rglob("*") if path.is_file() and path.name != "main"
    ]


def be_impatient(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub's client waits less than the 10 s for an answer, and not 1 s before it asks again."""
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", seconds)
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda _: None))


# Silence in the middle.


def test_a_download_that_stalls_once_goes_on_where_it_was(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(1.0, monkeypatch)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**20)
    hub.deliveries = [Delivery(share=0.6, stalls=True)]
    calls = Calls()
    assert_holds(load(calls), WEIGHTS)
    calls.assert_complete(steps=4)
    assert hub.count("GET /cdn/") == 2


@pytest.mark.parametrize("storage", ["git", "lfs"])
def test_a_download_that_stays_silent_is_given_up_and_leaves_nothing(
    storage: Storage, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.publish(ON_HUB.repo, ON_HUB.name, FILE, storage)
    hub.deliveries = [Delivery(share=0.5, stalls=True)] * 20
    with monkeypatch.context() as patch, reported("the download broke off"):
        be_impatient(0.2, patch)
        load()
    hub.deliveries.clear()
    assert files_in(tmp_path / "cache") == []
    assert_holds(load(), WEIGHTS)


def test_xet_storage_that_falls_silent_and_then_finds_the_disk_full(hub: HubServer, tmp_path: Path) -> None:
    hub.publish(ON_HUB.repo, ON_HUB.name, FILE, "xet")
    hub.deliveries = [Delivery(), *[Delivery(share=0.5, stalls=True)] * 2]
    quick = {"READ_TIMEOUT": "400ms", "RETRY_MAX_ATTEMPTS": "1", "RETRY_BASE_DELAY": "10ms"}
    patience = {f"HF_XET_CLIENT_{name}": value for name, value in quick.items()}
    silent, full, success = read_in_a_fresh_process(-1, 2**20, -1, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path), **patience)
    assert_helps(silent.error, "the download broke off")
    assert_helps(full.error, "the disk of the Hugging Face cache is full")
    assert success.size == len(FILE), success.error
    assert len(files_in(tmp_path / "hub")) == 2  # the content, and the name that leads to it


# A disk that takes nothing more.


@pytest.mark.parametrize("size", [0, 2**20])
def test_a_full_disk_is_reported_and_leaves_nothing(size: int, hub: HubServer, tmp_path: Path) -> None:
    with reported("the disk of the Hugging Face cache is full") as caught, disk_full_after(size):
        load()
    assert "Make room there or name a folder on another disk in HF_HOME, or put the file" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert [name for name in files_in(tmp_path / "cache") if not name.endswith(".tmp")] == []  # the name of a commit
    assert_holds(load(), WEIGHTS)


@pytest.mark.parametrize("place", ["under a file", "/sys"])
def test_a_cache_that_cannot_be_written_is_reported(
    place: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    folder = Path("/sys") if place == "/sys" else tmp_path / "file"
    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_CACHE", str(folder / "cache"))
        with reported("the Hugging Face cache cannot be written") as caught:
            load()
    assert "Name a folder that can be written in HF_HOME, or put the file" in str(caught.value)
    assert str(folder) not in str(caught.value)
    assert_holds(load(), WEIGHTS)


# Files that change or vanish under a running app.


@pytest.mark.parametrize("form", ["zipped .pth", "legacy .bin", ".safetensors", "bundled .safetensors"])
def test_a_loaded_model_needs_its_file_no_more(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network on a mapped file would change with it, or end the process where it was cut."""
    path = tmp_path / f"weights{suffix(form)}"
    if form.startswith("bundled"):
        weights = {name: value.float() for name, value in safetensors.torch.load_file(locate(TINY)[0]).items()}
        path.write_bytes(encoded(weights, suffix(form) if form.endswith("tensors") else "zipped .pth"))
        estimator: TorchEstimator = load_estimator(TINY.name, path, "cpu")
    else:
        path.write_bytes(encoded(WEIGHTS, form))
        estimator = load(weights=path)
    expected = estimator(IMAGE, 196).values
    for damage in (bytes(path.stat().st_size), b"", None):
        path.write_bytes(damage) if damage is not None else path.unlink()
        np.testing.assert_array_equal(estimator(IMAGE, 196).values, expected)


@pytest.mark.parametrize(("part", "downloads"), [("blobs/*", 2), ("snapshots/*/*", 1), ("blobs", 2), ("", 2)])
def test_a_file_deleted_from_the_cache_is_fetched_again(part: str, downloads: int, hub: HubServer, tmp_path: Path) -> None:
    estimator = load()
    for path in list((tmp_path / "cache" / "models--somebody--Tiny-Depth").glob(part) if part else [tmp_path / "cache"]):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    again = load()
    assert_holds(again, WEIGHTS)
    assert again.sha256 == estimator.sha256
    assert hub.count("GET /cdn/") == downloads
    shutil.rmtree(tmp_path / "cache")
    hub.close()
    with reported("cannot be reached"):
        load()


# Two at once.


def test_two_threads_share_one_download(hub: HubServer) -> None:
    hub.deliveries = [Delivery(share=0.5, stalls=True)]
    with ThreadPoolExecutor() as threads:
        loads = [threads.submit(load) for _ in range(2)]
        hub.await_requests(4, QUESTION)
        hub.go_on.set()
        first, second = (pending.result() for pending in loads)
    assert_holds(first, WEIGHTS)
    assert_holds(second, WEIGHTS)
    assert first.sha256 == second.sha256
    assert hub.count("GET /cdn/") == 1


def test_two_processes_share_one_download(hub: HubServer, tmp_path: Path) -> None:
    hub.deliveries = [Delivery(share=0.5, stalls=True)]
    code = f"""
import pickle
from huggingface_hub import constants
from depth_demo.monocular.hub import fingerprint, locate
constants.HF_HUB_CACHE, constants.ENDPOINT = {str(tmp_path / "cache")!r}, {hub.url!r}
constants.HF_HUB_DOWNLOAD_TIMEOUT = 60
constants.HUGGINGFACE_CO_URL_TEMPLATE = {constants.HUGGINGFACE_CO_URL_TEMPLATE!r}
spec = pickle.loads({pickle.dumps(ROW)!r})
print(fingerprint(spec, locate(spec)))
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as one, subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        hub.await_requests(4, QUESTION)
        hub.go_on.set()
        answers = {process.communicate(timeout=30)[0].decode().strip() for process in (one, other)}
    assert answers == {hub.files[f"/{ON_HUB.repo}/resolve/main/{ON_HUB.name}"].digest}
    assert hub.count("GET /cdn/") == 1


def test_a_hub_that_fails_now_and_then_is_asked_again_by_the_next_try(hub: HubServer) -> None:
    hub.refusal = (500, "")
    with reported("the Hub answered 500"):
        load()
    hub.refusal = None
    hub.deliveries = [Delivery(status=500)]
    with reported("the Hub answered 500"):
        load()
    assert_holds(load(), WEIGHTS)
