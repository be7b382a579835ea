"""Files of weights that are not what they should be."""

from __future__ import annotations

import os
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from depth_demo.monocular.models import MODELS
from depth_demo.monocular.weights import read_state_dict
from tests.support.hub_server import HubServer
from tests.support.small_model import FILE, FORMATS, ON_HUB, ROW, WEIGHTS, encoded, load, suffix

pytestmark = pytest.mark.usefixtures("small_model")


def without(key: str) -> dict[str, Tensor]:
    return {name: value for name, value in WEIGHTS.items() if name != key}


@pytest.mark.parametrize(
    ("weights", "complaint", "form"),
    [
        (without("pretrained.cls_token"), "1 weights are missing (pretrained.cls_token)", "zipped .pth"),
        (WEIGHTS | {"head.extra": torch.zeros(1)}, "1 weights are unknown (head.extra)", ".safetensors"),
        (
            WEIGHTS | {"pretrained.cls_token": torch.zeros(1, 1, 64)},
            "1 weights are of another shape (pretrained.cls_token",
            "zipped .bin",
        ),
        ({}, "weights are missing", "legacy .bin"),
    ],
    ids=["a key less", "a key more", "a shape", "nothing"],
)
def test_weights_of_another_network_are_refused(
    weights: dict[str, Tensor], complaint: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"strange{suffix(form)}"
    path.write_bytes(encoded(weights, form))
    monkeypatch.setitem(MODELS, "tiny", replace(ROW, files=(replace(ON_HUB, name=path.name),)))
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


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("<!DOCTYPE html><title>404</title>", ".pth"),
        ("hello", ".bin"),
        ("version https://git-lfs.github.com/spec/v1\n", ".safetensors"),
    ],
)
def test_text_is_refused(text: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"text{ending}"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"text{ending} is damaged, cut short, or not a checkpoint"):
        load(weights=path)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ([torch.zeros(1)], FORMATS[0]),
        (torch.zeros(1), FORMATS[1]),
        ({"model": WEIGHTS}, FORMATS[2]),
        ({"epoch": 3}, FORMATS[0]),
        ({0: torch.zeros(1)}, FORMATS[1]),
        (None, FORMATS[2]),
    ],
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
    hub.publish(ON_HUB.repo, ON_HUB.name, FILE[: len(FILE) // 2])
    with pytest.raises(ValueError, match=f"^{ON_HUB.name} is damaged"):
        load()
