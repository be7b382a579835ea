"""Weights from a folder, the cache and the Hub, through the Hub's real client and a Hub on this machine."""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import safetensors.torch
import torch
from huggingface_hub import constants
from torch import Tensor

from depth_demo.monocular.catalog import APACHE, CATALOG, DEFAULT_MODEL, NON_COMMERCIAL, HubCheckpoint, WeightsUnavailableError
from depth_demo.monocular.checkpoints import read_state_dict
from depth_demo.monocular.depth_anything import VARIANTS, Variant
from depth_demo.monocular.estimator import MonocularEstimator, load_estimator
from depth_demo.monocular.folding import fold
from depth_demo.monocular.locations import WEIGHTS_VARIABLE
from tests.conftest import set_endpoint
from tests.monocular.hub_server import Delivery, HubServer, Storage
from tests.monocular.official import random_state_dict

TINY = Variant(128, 4, 2, (0, 1, 2, 3), 16, (8, 16, 32, 32))  # 4.5 MB of weights
ROW = HubCheckpoint(
    name="tiny",
    title="Tiny Depth",
    repo="somebody/Tiny-Depth",
    file="tiny_depth.pth",
    variant="tiny",
    licence="a licence",
)
V1_ROW = replace(ROW, repo="somebody/tiny_depth14", file="pytorch_model.bin")
WEIGHTS, OTHER_WEIGHTS = random_state_dict(TINY), random_state_dict(TINY, seed=1)
IMAGE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
FORMATS = ["zipped .pth", "zipped .bin", "legacy .bin", ".safetensors"]  # legacy: as torch wrote them until 1.5
PATIENCE_S = 5.0


def encoded(content: object, form: str) -> bytes:
    """`content` as the bytes of a file in one of `FORMATS`."""
    if form == ".safetensors":
        assert isinstance(content, dict)
        return safetensors.torch.save(content)
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=not form.startswith("legacy"))
    return stream.getvalue()


def suffix(form: str) -> str:
    return form.rpartition(" ")[2]


FILE = encoded(WEIGHTS, "zipped .pth")
pytestmark = pytest.mark.usefixtures("small_model")


class Calls(list[tuple[float, str]]):
    """What a progress bar was told."""

    def __call__(self, share: float, text: str) -> None:
        self.append((share, text))

    def assert_complete(self, steps: int) -> None:
        shares = [share for share, _ in self]
        assert len(shares) >= steps
        assert shares == sorted(set(shares))
        assert shares[0] > 0
        assert shares[-1] == 1.0
        assert all(re.fullmatch(r"Downloading Tiny Depth: \d of 5 MB", text) for _, text in self)
        assert self[-1][1].endswith(": 5 of 5 MB")


def assert_holds(estimator: MonocularEstimator, weights: Mapping[str, Tensor]) -> None:
    """The estimator's network has exactly these weights, folded."""
    loaded, folded = estimator.network.state_dict(), fold(weights)
    assert len(loaded) > 60
    assert all(torch.equal(value, folded[name]) for name, value in loaded.items())


def load(progress: Calls | None = None, weights: str | Path | None = None) -> MonocularEstimator:
    return load_estimator("tiny", weights, "cpu", progress)


@contextmanager
def reported(reason: str) -> Iterator[pytest.ExceptionInfo[WeightsUnavailableError]]:
    """The block says within 5 s that the weights cannot be had, why not, and what to do about it."""
    start = perf_counter()
    with pytest.raises(WeightsUnavailableError) as caught:
        yield caught
    assert perf_counter() - start < PATIENCE_S
    assert_helps(str(caught.value), reason)


def assert_helps(message: str, reason: str) -> None:
    for part in (ROW.title, ROW.file, ROW.repo, reason, WEIGHTS_VARIABLE, "HF_HOME", "choose Depth Demo Tiny"):
        assert part in message


# First use, second use.


@pytest.mark.parametrize("storage", ["git", "lfs"])
def test_first_use_downloads_and_tells_how_far_it_is(
    storage: Storage, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**20)
    hub.publish(ROW.repo, ROW.file, FILE, storage)
    calls = Calls()
    estimator = load(calls)
    calls.assert_complete(steps=4)
    assert_holds(estimator, WEIGHTS)
    depth_map = estimator(IMAGE, input_size=196)
    assert depth_map.shape == (20, 30)
    assert depth_map.values.std() > 0
    assert [path.read_bytes() for path in (tmp_path / "cache").rglob(ROW.file)] == [FILE]


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


# In a fresh process, where the client reads its environment and has asked nothing yet.

CHILD = """
import json, resource, sys, time
from math import inf
from depth_demo.monocular.catalog import HubCheckpoint, WeightsUnavailableError
from depth_demo.monocular.checkpoints import read_checkpoint

for largest_file in json.loads(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    calls, tensors, error, start = [], 0, "", time.perf_counter()
    try:
        tensors = len(read_checkpoint(eval(sys.argv[1]), progress=lambda *call: calls.append(call))[0])
    except WeightsUnavailableError as unavailable:
        error = str(unavailable)
    print(json.dumps({"tensors": tensors, "error": error, "seconds": time.perf_counter() - start, "calls": calls}))
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    tensors: int
    error: str
    seconds: float
    calls: list[tuple[float, str]]


def read_in_a_fresh_process(*largest_files: int, **environment: str) -> list[Outcome]:
    """One attempt for each number of bytes that a file may have; -1 for any."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", WEIGHTS_VARIABLE))}
    run = subprocess.run(
        [sys.executable, "-c", CHILD, repr(ROW), json.dumps(largest_files)],
        cwd=Path(__file__).parents[2],
        env=inherited | {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"} | environment,
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return [Outcome(**json.loads(line)) for line in run.stdout.splitlines()]


def test_xet_storage_and_a_cache_copied_to_another_home(hub: HubServer, tmp_path: Path) -> None:
    hub.publish(ROW.repo, ROW.file, FILE, "xet")
    hub.deliveries = [Delivery(status=404)]
    failure, success = read_in_a_fresh_process(-1, -1, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path / "first"))
    assert_helps(failure.error, "the download broke off")
    assert failure.seconds < PATIENCE_S
    assert success.tensors == len(WEIGHTS), success.error
    Calls(success.calls).assert_complete(steps=1)
    assert any("/xorb/" in request for request in hub.requests)
    hub.requests.clear()
    # Another home, so that nothing but the weights is left of the first process.
    cache = str(tmp_path / "first" / "hub")
    (second,) = read_in_a_fresh_process(-1, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path / "second"), HF_HUB_CACHE=cache)
    assert second.tensors == len(WEIGHTS), second.error
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
    [(401, ""), (401, "RepoNotFound"), (403, "GatedRepo"), (404, ""), (404, "EntryNotFound"), (500, ""), (503, "")],
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
    assert not list((tmp_path / "cache").rglob(ROW.file))
    assert_holds(load(), WEIGHTS)  # the Hub is well again, and so is the cache


# Files that are not what they should be.


def without(key: str) -> dict[str, Tensor]:
    return {name: value for name, value in WEIGHTS.items() if name != key}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        (without("pretrained.cls_token"), "1 weights are missing (pretrained.cls_token)"),
        (WEIGHTS | {"head.extra": torch.zeros(1)}, "1 weights are unknown (head.extra)"),
        (WEIGHTS | {"pretrained.cls_token": torch.zeros(1, 1, 64)}, "1 weights are of another shape (pretrained.cls_token"),
        ({}, "weights are missing"),
    ],
    ids=["a key less", "a key more", "a shape", "nothing"],
)
def test_weights_of_another_network_are_refused(
    weights: dict[str, Tensor], complaint: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"strange{suffix(form)}"
    path.write_bytes(encoded(weights, form))
    monkeypatch.setitem(CATALOG, "tiny", replace(ROW, file=path.name))
    with pytest.raises(ValueError, match=f"{re.escape(path.name)}.*{re.escape(complaint)}"):
        load(weights=path)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_cut_short_is_refused_wherever_it_is_cut(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"cut{suffix(form)}"
    whole = encoded({name: WEIGHTS[name] for name in ("pretrained.norm.weight", "pretrained.norm.bias")}, form)
    path.write_bytes(whole)
    assert len(read_state_dict(path)) == 2
    for length in (*range(0, len(whole), 9), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cut\S* is damaged"):
            read_state_dict(path)


@pytest.mark.parametrize("ending", [".pth", ".bin", ".safetensors"])
@pytest.mark.parametrize(
    "text",
    ["<!DOCTYPE html><title>404</title>", "Repository not found\n", "hello", "version https://git-lfs.github.com/spec/v1\n"],
)
def test_text_is_refused(text: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"text{ending}"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"text{ending} is damaged, cut short, or not a checkpoint"):
        load(weights=path)


@pytest.mark.parametrize("form", FORMATS[:3])
@pytest.mark.parametrize(
    "content",
    [[torch.zeros(1)], torch.zeros(1), {"model": WEIGHTS}, {"epoch": 3}, {0: torch.zeros(1)}, None],
    ids=["list", "tensor", "nested", "number", "numbered", "nothing"],
)
def test_a_pickle_of_something_else_is_refused(content: object, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"pickle{suffix(form)}"
    path.write_bytes(encoded(content, form))
    with pytest.raises(ValueError, match=f"pickle{suffix(form)} does not hold a state dict"):
        load(weights=path)


class FolderMaker:
    """Unpickling one makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("form", [*FORMATS[:3], "bare .pth"])
def test_code_in_a_pickle_is_refused_and_never_runs(form: str, tmp_path: Path) -> None:
    folder, path = tmp_path / "made", tmp_path / f"code{suffix(form)}"
    content = WEIGHTS | {"code": FolderMaker(folder)}
    path.write_bytes(pickle.dumps(content, protocol=2) if form == "bare .pth" else encoded(content, form))
    with pytest.raises(ValueError, match=f"code{suffix(form)} is damaged"):
        load(weights=path)
    assert not folder.exists()
    # The code is alive: whoever trusts the file runs it.
    pickle.loads(path.read_bytes()) if form == "bare .pth" else torch.load(path, weights_only=False)
    assert folder.exists()


def test_a_damaged_file_from_the_hub_is_refused(hub: HubServer) -> None:
    hub.publish(ROW.repo, ROW.file, FILE[: len(FILE) // 2])
    with pytest.raises(ValueError, match=f"{ROW.file} is damaged"):
        load()


# Folders.


@pytest.mark.parametrize("given", ["argument", "environment"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("row", "stem"), [(ROW, "tiny_depth"), (V1_ROW, "tiny_depth14")], ids=["v2", "v1"])
def test_a_folder_comes_before_the_hub(
    row: HubCheckpoint, stem: str, form: str, given: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CATALOG, "tiny", row)
    (tmp_path / f"{stem}{suffix(form)}").write_bytes(encoded(OTHER_WEIGHTS, form))
    if given == "environment":
        monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert_holds(load(weights=tmp_path if given == "argument" else None), OTHER_WEIGHTS)
    assert hub.requests == []


def test_a_folder_comes_before_the_cache(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    (tmp_path / ROW.file).write_bytes(encoded(OTHER_WEIGHTS, "zipped .pth"))
    assert_holds(load(), WEIGHTS)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert_holds(load(), OTHER_WEIGHTS)


def test_a_folder_in_the_environment_may_lack_the_file(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert_holds(load(), WEIGHTS)


def test_a_file_in_the_environment_is_not_taken_for_every_model(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """V1's and V2's files fit each other's network and give wrong maps there, so that the name must decide."""
    path = tmp_path / "another_model.pth"
    path.write_bytes(encoded(OTHER_WEIGHTS, "zipped .pth"))
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(path))
    assert_holds(load(), WEIGHTS)


@pytest.mark.parametrize("place", ["", "missing", "missing.pth"])
@pytest.mark.parametrize(("row", "accepted"), [(ROW, "tiny_depth.pth"), (V1_ROW, "tiny_depth14.bin")], ids=["v2", "v1"])
def test_a_place_given_for_weights_must_hold_them(
    row: HubCheckpoint, accepted: str, place: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CATALOG, "tiny", row)
    (tmp_path / "other.pth").write_bytes(FILE)
    with pytest.raises(WeightsUnavailableError, match=re.escape(accepted)):
        load(weights=tmp_path / place)
    assert hub.requests == []


def test_the_advice_of_the_message_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file under the name that the message gives, in a folder named as it says: also V1's, which has another name."""
    monkeypatch.setitem(CATALOG, "tiny", V1_ROW)
    with pytest.raises(WeightsUnavailableError) as caught:
        load()
    advice = re.search(r"put the file .* as (\S+) into a folder and name that folder in (\w+)", str(caught.value))
    assert advice is not None
    (tmp_path / advice[1]).write_bytes(encoded(WEIGHTS, "legacy .bin"))
    monkeypatch.setenv(advice[2], str(tmp_path))
    assert_holds(load(), WEIGHTS)


# The record of SHA-256 sums.


@pytest.mark.parametrize("source", ["hub", "folder"])
@pytest.mark.parametrize("digest", ["0" * 64, None, "right"])
def test_another_sha256_is_a_warning_and_no_more(
    digest: str | None,
    source: str,
    hub: HubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    right = hub.files[f"/{ROW.repo}/resolve/main/{ROW.file}"].digest
    monkeypatch.setitem(CATALOG, "tiny", replace(ROW, sha256=right if digest == "right" else digest))
    (tmp_path / ROW.file).write_bytes(FILE)
    assert_holds(load(weights=tmp_path if source == "folder" else None), WEIGHTS)
    ours = [record for record in caplog.records if record.name == "depth_demo.monocular.locations"]
    if digest != "0" * 64:
        assert ours == []
        return
    (record,) = ours
    assert record.levelno == logging.WARNING
    assert ROW.file in record.getMessage()
    assert digest in record.getMessage()


# The catalog.

# Repository, file, variant, maximum [m], the beginning of the SHA-256 on record.
PUBLISHED = """
depth-anything/Depth-Anything-V2-Small depth_anything_v2_vits.pth vits - 715fade1
depth-anything/Depth-Anything-V2-Base depth_anything_v2_vitb.pth vitb - 0d2b7002
depth-anything/Depth-Anything-V2-Large depth_anything_v2_vitl.pth vitl - a7ea19fa
depth-anything/Depth-Anything-V2-Metric-Hypersim-Small depth_anything_v2_metric_hypersim_vits.pth vits 20 -
depth-anything/Depth-Anything-V2-Metric-Hypersim-Base depth_anything_v2_metric_hypersim_vitb.pth vitb 20 9dc9e274
depth-anything/Depth-Anything-V2-Metric-Hypersim-Large depth_anything_v2_metric_hypersim_vitl.pth vitl 20 6f82ff2b
depth-anything/Depth-Anything-V2-Metric-VKITTI-Small depth_anything_v2_metric_vkitti_vits.pth vits 80 9203e538
depth-anything/Depth-Anything-V2-Metric-VKITTI-Base depth_anything_v2_metric_vkitti_vitb.pth vitb 80 4dad67a7
depth-anything/Depth-Anything-V2-Metric-VKITTI-Large depth_anything_v2_metric_vkitti_vitl.pth vitl 80 239b1054
LiheYoung/depth_anything_vits14 pytorch_model.bin vits14 - -
LiheYoung/depth_anything_vitb14 pytorch_model.bin vitb14 - -
LiheYoung/depth_anything_vitl14 pytorch_model.bin vitl14 - -
"""


def test_the_catalog_lists_what_is_published() -> None:
    del CATALOG["tiny"]  # until the fixture ends
    hub_rows = [row for row in CATALOG.values() if isinstance(row, HubCheckpoint)]
    rows = [
        f"{row.repo} {row.file} {row.variant} {int(row.max_depth or 0) or '-'} {(row.sha256 or '-')[:8]}" for row in hub_rows
    ]
    assert sorted(rows) == sorted(PUBLISHED.strip().splitlines())
    assert CATALOG[DEFAULT_MODEL].file == "depth_anything_v2_vits.pth"
    for row in hub_rows:
        assert row.variant in VARIANTS
        assert row.licence == (APACHE if row.variant.startswith("vits") else NON_COMMERCIAL)
        assert row.sha256 is None or re.fullmatch("[0-9a-f]{64}", row.sha256)
        assert row.input_size == 518
    assert list(CATALOG) == [row.name for row in CATALOG.values()]
    assert len({row.title for row in CATALOG.values()}) == len(rows) + 1  # and Depth Demo Tiny
