"""16-bit products: exact but for the roundings, near enough to float32 where they are used, and never without being named."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import VARIANTS, load_network, mixed
from depth_demo.monocular.depth_anything.mixed import MixedLinear, mix
from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.engines import choice, graph_cache
from depth_demo.monocular.engines.choice import load_fastest
from depth_demo.monocular.engines.export import trace
from depth_demo.monocular.engines.openvino import OpenVinoEstimator, conversion_gain
from depth_demo.monocular.engines.precision import (
    BFLOAT16,
    FLOAT32,
    MIXED,
    Precision,
    bf16_units,
    compare,
    read_photo,
    wished_precision,
)
from depth_demo.monocular.engines.verdict import Verdict
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, MODELS
from depth_demo.monocular.preprocessing import to_pixels
from tests.support.official import random_state_dict
from tests.support.small_model import SMALL_NETWORK

PHOTO = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def published() -> DepthAnything:
    """The network that is published as Small, with random weights."""
    return load_network(random_state_dict(VARIANTS["vits"]), "vits")


@pytest.fixture(scope="module")
def photo() -> Tensor:
    """The photo of the trial, at a size that takes little time."""
    return torch.from_numpy(to_pixels(read_photo(), DEFAULT.preprocessing, 266))


def run(network: nn.Module, photo: Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        values: NDArray[np.float32] = network(photo).float().numpy()
    return values


@pytest.mark.parametrize("small", [384, 0])  # up to this width, one rounding is done otherwise
def test_the_algebra_is_exact(published: DepthAnything, photo: Tensor, small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 32 bits in the place of 16, nothing is left but float32's own error."""
    monkeypatch.setattr(mixed, "HALF", torch.float32)
    monkeypatch.setattr(mixed, "SMALL", small)
    exact = run(published, photo)
    assert compare("", run(mix(published), photo), exact).largest < 1e-5


def test_a_photo_is_as_near_to_float32_as_asked_for_and_nearer_than_with_plain_rounding(
    published: DepthAnything, photo: Tensor
) -> None:
    exact = run(published, photo)
    precision = compare(MIXED, run(mix(published), photo), exact)
    assert precision.is_near_enough
    with torch.autocast("cpu", torch.bfloat16):
        plain = compare(BFLOAT16, run(published, photo), exact)
    assert precision.mean < 0.7 * plain.mean
    assert not plain.is_near_enough


def test_what_all_tokens_share_is_not_rounded() -> None:
    """A mean a hundred times as large as the differences: rounding it would cost 0.2 times a difference."""
    generator = torch.Generator().manual_seed(1)
    layer = nn.Linear(64, 32)
    differences = torch.randn(1, 50, 64, generator=generator)
    x = differences + 100 * torch.randn(1, 1, 64, generator=generator)
    with torch.no_grad():
        expected = layer.double()(x.double())
        layer.float()
        wrong = (MixedLinear(layer)(x) - expected).abs().max()
        rounded = (nn.functional.linear(x.bfloat16(), layer.weight.bfloat16(), layer.bias.bfloat16()) - expected).abs().max()
    assert wrong < 0.02
    assert rounded > 0.2


def test_both_networks_share_their_weights(published: DepthAnything) -> None:
    ours = mix(published)
    rounded = published.depth_head.scratch.get_submodule("refinenet1.resConfUnit1")
    shared = {id(weight) for weight in published.parameters()} - {id(weight) for weight in rounded.parameters()}
    assert {id(weight) for weight in ours.parameters()} == shared
    assert not any(buffer.dtype == torch.float32 for buffer in ours.buffers())  # what was rounded is there in 16 bits only
    assert not any(isinstance(part, MixedLinear) for part in published.modules())  # the other is left as it was


def test_the_graph_is_as_near_as_the_network(published: DepthAnything, photo: Tensor) -> None:
    """Also where OpenVINO rounds to bfloat16 in its own way, which makes numbers smaller."""
    gain = conversion_gain()
    assert 1 <= gain < 1.002
    network = mix(published, gain)
    engine = OpenVinoEstimator(DEFAULT, trace(network, DEFAULT), precision=Precision(MIXED, 0.003, 0.0004), owner=network)
    pixels = photo.numpy()
    assert compare(MIXED, engine.run(pixels), run(published, photo)).is_near_enough
    np.testing.assert_array_equal(engine.run(pixels), engine.run(pixels))
    assert engine.device_name.startswith("CPU, bf16 and float32 (up to 0.3% off), OpenVINO 20")


def test_every_exportable_model_names_what_mixes_it() -> None:
    assert {spec.mixed for spec in MODELS.values() if spec.exportable} == {"depth_demo.monocular.depth_anything.mixed:mix"}
    assert not any(spec.mixed for spec in MODELS.values() if not spec.exportable)


@pytest.mark.parametrize(
    ("largest", "mean", "near"), [(0.0045, 0.0005, True), (0.0046, 0.0001, False), (0.001, 0.00051, False), (0, 0, True)]
)
def test_near_enough_is_045_percent_at_most_and_005_percent_on_average(largest: float, mean: float, *, near: bool) -> None:
    assert Precision(MIXED, largest, mean).is_near_enough is near


def test_errors_are_shares_of_the_range() -> None:
    exact = np.array([[1, 2, 3, 5]], np.float32)
    precision = compare(MIXED, exact + np.array([[0, 0.04, -0.02, 0]], np.float32), exact)
    assert precision.largest == pytest.approx(0.01)
    assert precision.mean == pytest.approx(0.015 / 4)
    assert str(precision) == "bf16 and float32 (up to 1.0% off)"
    assert str(FLOAT32) == "float32"


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16", "AVX512-BF16"),
        ("flags\t\t: fpu avx512_bf16 amx_tile amx_bf16", "AMX"),
        ("Features\t: fp asimd bf16 i8mm", "BF16"),
        ("flags\t\t: fpu avx2 avx512f", ""),
        ("model name\t: bf16", ""),
    ],
)
@pytest.mark.skipif(platform.system() == "Darwin", reason="Apple's systems are asked otherwise")
def test_the_units_are_read_off_the_processor(line: str, units: str, tmp_path: Path) -> None:
    description = tmp_path / "cpuinfo"
    description.write_text(f"processor\t: 0\n{line}\n")
    assert bf16_units(description) == units
    assert bf16_units(tmp_path / "none") == ""


def test_a_precision_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPTH_DEMO_PRECISION", "half")
    with pytest.raises(ValueError, match="DEPTH_DEMO_PRECISION must be auto, float32 or fastest, not 'half'"):
        wished_precision()
    monkeypatch.setenv("DEPTH_DEMO_PRECISION", "")
    assert wished_precision() == "auto"


def test_a_verdict_is_read_as_it_was_kept() -> None:
    verdict = Verdict(1.5, Precision(MIXED, 0.003, 0.0004), Precision(MIXED, 0.002, 0.0003))
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


@pytest.fixture
def small_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the default model, whose network is a small one here, on a processor that says it has units for 16 bits."""
    monkeypatch.setitem(VARIANTS, "vits", SMALL_NETWORK)
    monkeypatch.setattr(choice, "bf16_units", lambda: "AMX")
    monkeypatch.setattr("depth_demo.monocular.engines.trial.AS_TRAINED", 168)  # a small photo takes less time
    monkeypatch.setenv("DEPTH_DEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEPTH_DEMO_PRECISION", "auto")
    path = tmp_path / DEFAULT.files[0].name
    torch.save(random_state_dict(SMALL_NETWORK), path)
    return path


def decide(cache: Path, **found: object) -> None:
    """As if the trial had found this."""
    (kept,) = (cache / "graphs").iterdir()
    verdict = json.loads((kept / graph_cache.VERDICT).read_text())
    (kept / graph_cache.VERDICT).write_text(json.dumps(verdict | found))


@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_what_the_trial_found_is_kept_and_named(engine: str, small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", engine)
    first = load_fastest(DEFAULT_MODEL, small_weights)
    again = load_fastest(DEFAULT_MODEL, small_weights)
    assert again.device_name == first.device_name
    np.testing.assert_array_equal(again(PHOTO, 168).values, first(PHOTO, 168).values)
    found = {"name": MIXED, "largest": 0.0031, "mean": 0.0004}
    decide(small_weights.parent / "cache", in_torch=found, in_graph=found)
    assert "bf16 and float32 (up to 0.3% off)" in load_fastest(DEFAULT_MODEL, small_weights).device_name
    monkeypatch.setenv("DEPTH_DEMO_PRECISION", "float32")  # what was found for another wish does not count
    assert "CPU, float32" in load_fastest(DEFAULT_MODEL, small_weights).device_name


def test_the_fastest_says_what_it_costs(small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    monkeypatch.setenv("DEPTH_DEMO_PRECISION", "fastest")
    name = load_fastest(DEFAULT_MODEL, small_weights).device_name
    assert name.startswith("CPU, bf16")
    assert MIXED not in name


def test_without_units_nothing_is_tried(small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "bf16_units", lambda: "")
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "torch")
    assert load_fastest(DEFAULT_MODEL, small_weights).device_name == "CPU, float32"
    assert not (small_weights.parent / "cache").exists()
