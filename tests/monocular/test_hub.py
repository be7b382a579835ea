"""Weights from a folder come before those of the Hub; what a SHA-256 on record says of them."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from depth_demo.monocular.hub import WEIGHTS_VARIABLE, fingerprint, is_on_machine, locate
from depth_demo.monocular.models import MODELS, HubFile, ModelSpec, WeightsUnavailableError
from tests.support.hub_server import HubServer
from tests.support.small_model import (
    FILE,
    FORMATS,
    ON_HUB,
    OTHER_WEIGHTS,
    ROW,
    V1_ROW,
    WEIGHTS,
    assert_holds,
    encoded,
    load,
    suffix,
)

pytestmark = pytest.mark.usefixtures("small_model")


# Folders.


@pytest.mark.parametrize(
    ("row", "stem", "form", "given"),
    [
        (ROW, "tiny_depth", FORMATS[0], "argument"),
        (ROW, "tiny_depth", FORMATS[3], "environment"),
        (V1_ROW, "tiny_depth14", FORMATS[1], "environment"),
        (V1_ROW, "tiny_depth14", FORMATS[2], "argument"),
    ],
    ids=["v2 pth", "v2 safetensors", "v1 zipped", "v1 legacy"],
)
def test_a_folder_comes_before_the_hub(
    row: ModelSpec, stem: str, form: str, given: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "tiny", row)
    (tmp_path / f"{stem}{suffix(form)}").write_bytes(encoded(OTHER_WEIGHTS, form))
    if given == "environment":
        monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert_holds(load(weights=tmp_path if given == "argument" else None), OTHER_WEIGHTS)
    assert hub.requests == []


def test_a_folder_comes_before_the_cache(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    (tmp_path / ON_HUB.name).write_bytes(encoded(OTHER_WEIGHTS, "zipped .pth"))
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


@pytest.mark.parametrize(
    ("row", "accepted", "place"),
    [(ROW, "tiny_depth.pth", ""), (V1_ROW, "tiny_depth14.bin", "missing"), (ROW, "tiny_depth.pth", "missing.pth")],
    ids=["v2", "v1", "file"],
)
def test_a_place_given_for_weights_must_hold_them(
    row: ModelSpec, accepted: str, place: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "tiny", row)
    (tmp_path / "other.pth").write_bytes(FILE)
    with pytest.raises(WeightsUnavailableError, match=re.escape(accepted)):
        load(weights=tmp_path / place)
    assert hub.requests == []


def test_the_advice_of_the_message_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file under the name that the message gives, in a folder named as it says: also V1's, which has another name."""
    monkeypatch.setitem(MODELS, "tiny", V1_ROW)
    with pytest.raises(WeightsUnavailableError) as caught:
        load()
    advice = re.search(r"put the file .* as (\S+) into a folder and name that folder in (\w+)", str(caught.value))
    assert advice is not None
    (tmp_path / advice[1]).write_bytes(encoded(WEIGHTS, "legacy .bin"))
    monkeypatch.setenv(advice[2], str(tmp_path))
    assert_holds(load(), WEIGHTS)


# Models of several files.


PARTS = (HubFile("somebody/parts", "unet/model.safetensors"), HubFile("somebody/parts", "vae/model.safetensors"))
IN_PARTS = replace(ROW, files=PARTS)


def test_all_files_of_a_model_are_downloaded_in_their_order(hub: HubServer) -> None:
    for file in PARTS:
        hub.publish(file.repo, file.name, file.name.encode())
    assert not is_on_machine(IN_PARTS)
    paths = locate(IN_PARTS)
    assert [path.read_text() for path in paths] == [file.name for file in PARTS]
    assert is_on_machine(IN_PARTS)
    digests = [hashlib.sha256(file.name.encode()).hexdigest() for file in PARTS]
    assert fingerprint(IN_PARTS, paths) == " ".join(digests)


def test_a_folder_holds_the_files_of_a_model_as_its_repository_does(tmp_path: Path) -> None:
    for file in PARTS:
        path = tmp_path / "parts" / file.name
        path.parent.mkdir(parents=True)
        path.write_text(file.name)
    assert [path.read_text() for path in locate(IN_PARTS, tmp_path)] == [file.name for file in PARTS]
    path.unlink()
    for place in (tmp_path, tmp_path / "parts" / PARTS[0].name):
        with pytest.raises(WeightsUnavailableError, match=r"no parts/(vae|unet)/model"):
            locate(IN_PARTS, place)


def test_of_a_model_in_parts_the_missing_file_is_named(hub: HubServer) -> None:
    hub.publish(PARTS[0].repo, PARTS[0].name, b"unet")
    with pytest.raises(WeightsUnavailableError, match=r"the Hub answered 404, and vae/model.safetensors is not on"):
        locate(IN_PARTS)
    assert not is_on_machine(IN_PARTS)


# The record of SHA-256 sums.


@pytest.mark.parametrize(("digest", "source"), [("0" * 64, "hub"), ("0" * 64, "folder"), (None, "hub"), ("right", "folder")])
def test_another_sha256_is_a_warning_and_no_more(
    digest: str | None,
    source: str,
    hub: HubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    right = hub.files[f"/{ON_HUB.repo}/resolve/main/{ON_HUB.name}"].digest
    recorded = right if digest == "right" else digest
    monkeypatch.setitem(MODELS, "tiny", replace(ROW, files=(replace(ON_HUB, sha256=recorded),)))
    (tmp_path / ON_HUB.name).write_bytes(FILE)
    assert_holds(load(weights=tmp_path if source == "folder" else None), WEIGHTS)
    ours = [record for record in caplog.records if record.name == "depth_demo.monocular.hub"]
    if digest != "0" * 64:
        assert ours == []
        return
    (record,) = ours
    assert record.levelno == logging.WARNING
    assert ON_HUB.name in record.getMessage()
    assert digest in record.getMessage()
