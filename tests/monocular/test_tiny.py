"""The bundled model: its file, its network, and which file is taken."""

from __future__ import annotations

import hashlib
import re
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
from depth_demo.monocular.models import APACHE, MODELS, TINY, WeightsUnavailableError
from depth_demo.monocular.tiny import TinyDepth, load_tiny
from depth_demo.monocular.weights import read_state_dict

ROOT = Path(__file__).parents[2]
(PATH,) = locate(TINY)
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


def holds(estimator: TorchEstimator, weights: dict[str, Tensor]) -> bool:
    loaded = estimator.network.state_dict()
    return all(torch.equal(loaded[name], value) for name, value in weights.items() if not name.endswith("tracked"))


# The file.


def test_the_bundled_file_is_small_and_fits_exactly() -> None:
    assert MODELS["depth-demo-tiny"] is TINY
    assert TINY.licence == APACHE
    assert PATH.stat().st_size <= 12e6
    weights = read_state_dict(PATH)
    assert sum(value.numel() for value in weights.values()) <= 6_000_000
    assert {value.dtype for name, value in weights.items() if not name.endswith("tracked")} == {torch.float16}
    assert not load_tiny(weights).training


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


def test_weights_of_another_model_are_refused_by_name(weights_folder: Path) -> None:
    with pytest.raises(ValueError, match=r"not those of Depth Demo Tiny \(depth-demo-tiny.safetensors\).*are missing"):
        load_estimator(TINY.name, weights_folder / "depth_anything_v2_vits.pth", "cpu")


# Which file.


def test_it_is_there_at_once_without_a_network(no_hub: None) -> None:
    estimator = load_estimator(TINY.name, device="cpu")
    assert holds(estimator, {name: value.float() for name, value in read_state_dict(PATH).items()})
    depth_map = estimator(IMAGE)
    assert depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert depth_map.shape == (50, 80)
    assert depth_map.valid.all()


def test_a_folder_in_the_environment_does_not_replace_it_and_one_given_does(
    no_hub: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = random_weights(seed=1)
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
