"""The network of MoGe-2: against a plain one on shared random weights, and which files it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from depth_demo.monocular.input_size import NetworkSize, choose_input_size, network_size
from depth_demo.monocular.moge import VARIANTS, Variant, load_network
from depth_demo.monocular.moge.cost import multiply_adds, run_cost
from depth_demo.monocular.moge.variants import PREPROCESSING
from tests.support.moge import SMALL, TINY, official_answer, official_config, official_shapes, random_state_dict

LAST_NORM = "encoder.backbone.norm"


def picture(height: int, width: int, batch: int = 1) -> Tensor:
    return torch.randn(batch, 3, height, width, generator=torch.Generator().manual_seed(height + width))


def answer(weights: dict[str, Tensor], sizes: Variant, image: Tensor) -> Tensor:
    with torch.inference_mode():
        return load_network(weights, sizes)(image)


@pytest.mark.parametrize(("height", "width"), [(518, 518), (392, 588), (588, 392), (14, 504), (504, 14), (14, 14), (42, 70)])
def test_equals_the_plain_network_on_every_grid(height: int, width: int) -> None:
    weights, image = random_state_dict(SMALL), picture(height, width)
    ours, plain = answer(weights, SMALL, image), official_answer(weights, SMALL, image)
    assert ours.shape == plain.shape == (1, 5, height // 14 * 16, width // 14 * 16)
    for mine, its in zip(ours[0, :4], plain[0, :4], strict=True):
        assert its.std() > 0.05  # not flat, so that agreement means something
        assert (mine - its).abs().max() <= 1e-5 * (its.max() - its.min())
    assert ours[0, 4].min() == ours[0, 4].max() == pytest.approx(float(plain[0, 4, 0, 0]), abs=1e-5)


def test_a_batch_equals_its_images_and_runs_are_equal_to_the_bit() -> None:
    network, images = load_network(random_state_dict(TINY), TINY), picture(56, 98, batch=2)
    with torch.inference_mode():
        first, again = network(images), network(images)
        alone = torch.cat([network(image[None]) for image in images])
    assert torch.equal(first, again)
    torch.testing.assert_close(first, alone, rtol=1e-4, atol=1e-5)


def test_the_official_file_is_the_one_that_was_published() -> None:
    """Records of moge-2-vits-normal: 35,103,656 numbers, beside the mean and the deviation of colours."""
    shapes = official_shapes(VARIANTS["vits-normal"])
    assert sum(value.numel() for value in shapes.values()) == 35_103_656 + 6
    network = load_network({"model_config": official_config(VARIANTS["vits-normal"]), "model": shapes}, "vits-normal")
    assert not network.training
    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}


def test_a_file_gives_what_its_tensors_give(tmp_path: Path) -> None:
    weights, image = random_state_dict(TINY), picture(42, 56)
    torch.save({"model_config": official_config(TINY), "model": weights}, tmp_path / "model.pt")
    safetensors.torch.save_file(weights, tmp_path / "model.safetensors")
    expected = answer(weights, TINY, image)
    for name in ("model.pt", "model.safetensors"):
        with torch.inference_mode():
            assert torch.equal(load_network(tmp_path / name, TINY)(image), expected)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda w: w.pop(f"{LAST_NORM}.bias"), r"1 weights are missing \(encoder.backbone.norm.bias\)"),
        (
            lambda w: w.update({"mask_head.output_blocks.4.weight": torch.zeros(2, 8, 1, 1)}),
            r"1 weights are of another shape \(mask_head.output_blocks.4.weight\)",
        ),
        (lambda w: w.update({"colour_head.weight": torch.zeros(1)}), r"1 weights are unknown \(colour_head.weight\)"),
    ],
    ids=["removed", "misshapen", "unknown"],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(
    damage: Callable[[dict[str, Tensor]], object], message: str
) -> None:
    weights = random_state_dict(TINY)
    damage(weights)
    with pytest.raises(ValueError, match=message):
        load_network(weights, TINY)


def test_weights_of_surface_normals_may_be_there_or_not() -> None:
    weights, image = random_state_dict(TINY), picture(42, 42)
    fewer = {name: value for name, value in weights.items() if not name.startswith("normal_head")}
    assert len(fewer) < len(weights)
    assert torch.equal(answer(fewer, TINY, image), answer(weights, TINY, image))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": {"backbone": "dinov2_vits14", "intermediate_layers": [0, 3]}}, r"intermediate_layers is \[0, 3\]"),
        ({"encoder": {"backbone": "dinov2_vitb14", "intermediate_layers": [1, 3]}}, "backbone is 'dinov2_vitb14'"),
        ({"remap_output": "linear"}, "remap_output is 'linear', not 'exp'"),
        ({"neck": {"resamplers": "pixel_shuffle"}}, "neck.resamplers is 'pixel_shuffle'"),
        ({"encoder": None}, "encoder.backbone is None"),
    ],
    ids=["taps", "backbone", "remap", "resamplers", "nothing"],
)
def test_a_checkpoint_that_states_another_network_is_refused(change: dict[str, object], message: str) -> None:
    """Its keys and shapes would fit."""
    content = {"model_config": official_config(TINY) | change, "model": random_state_dict(TINY)}
    with pytest.raises(ValueError, match=message):
        load_network(content, TINY)


@pytest.mark.parametrize(
    "content",
    [[1], {"model_config": official_config(TINY)}, {"model_config": official_config(TINY), "model": [1]}, {"epoch": 3}],
    ids=["list", "config", "no weights", "number"],
)
def test_a_file_of_something_else_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="does not hold the weights of a MoGe-2 model"):
        load_network(tmp_path / "model.pt", TINY)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save({"model": random_state_dict(TINY)}, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"model\.pt is damaged, cut short"):
        load_network(path, TINY)


def test_unknown_variants_and_odd_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown variant 'vitg'; there are vits-normal"):
        load_network({}, "vitg")
    with pytest.raises(ValueError, match="multiples of 14, not 28x30"):
        answer(random_state_dict(TINY), TINY, picture(28, 30))


@pytest.mark.parametrize(("height", "width"), [(1200, 1920), (1920, 1200), (500, 500), (1080, 1920), (900, 1800)])
def test_as_published_means_1200_to_3600_patches(height: int, width: int) -> None:
    chosen = choose_input_size(height, width, "as published", PREPROCESSING)
    assert 1200 <= network_size(height, width, chosen.pixels, PREPROCESSING).tokens <= 3600


@pytest.mark.parametrize(("height", "width", "expected"), [(588, 588, 216.669), (588, 1050, 427.127)])
def test_multiply_adds(height: int, width: int, expected: float) -> None:
    """Counted by torch.utils.flop_counter over the published code without normals, halved."""
    size = NetworkSize(height, width, capped=False)
    assert multiply_adds(VARIANTS["vits-normal"], size) / 1e9 == pytest.approx(expected, abs=1e-3)
    assert 1 < run_cost(size, "vits-normal") / multiply_adds(VARIANTS["vits-normal"], size) < 1.1


def test_what_is_asked_before_loading_needs_no_torch() -> None:
    package = "depth_demo.monocular.moge"
    code = f"import sys, {package}, {package}.cost, {package}.reading; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
