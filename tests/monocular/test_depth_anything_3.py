"""The network of Depth Anything 3: against a plain one on shared random weights, and which files it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from depth_demo.monocular.depth_anything import VARIANTS as BEFORE
from depth_demo.monocular.depth_anything import Variant
from depth_demo.monocular.depth_anything_3 import VARIANTS, load_network
from depth_demo.monocular.depth_anything_3.cost import multiply_adds, run_cost
from depth_demo.monocular.input_size import NetworkSize
from tests.support.depth_anything_3 import SMALL, TINY, official_answer, official_shapes, random_state_dict
from tests.support.official import official_shapes as shapes_of_v2

LAST_NORM = "model.backbone.pretrained.norm"


def picture(height: int, width: int, batch: int = 1) -> Tensor:
    return torch.randn(batch, 3, height, width, generator=torch.Generator().manual_seed(height + width))


def answer(weights: dict[str, Tensor], sizes: Variant, image: Tensor) -> Tensor:
    with torch.inference_mode():
        return load_network(weights, sizes)(image)


def errors(ours: Tensor, plain: Tensor) -> list[float]:
    """Largest difference in depth and in sky, over the range of each."""
    assert ours.shape == plain.shape
    found = [float((mine - its).abs().max() / (its.max() - its.min())) for mine, its in zip(ours[0], plain[0], strict=True)]
    print(f"largest error over range: depth {found[0]:.1e}, sky {found[1]:.1e}")
    return found


@pytest.mark.parametrize(
    ("height", "width"), [(518, 518), (504, 504), (280, 504), (504, 280), (14, 504), (504, 14), (14, 14), (42, 70)]
)
def test_equals_the_plain_network_on_every_grid(height: int, width: int) -> None:
    weights, image = random_state_dict(SMALL), picture(height, width)
    plain = official_answer(weights, SMALL, image)
    assert plain.shape == (1, 2, height, width)
    assert all(values.std() > 0.05 * values.mean() > 0 for values in plain[0])  # not flat, so that agreement means something
    assert max(errors(answer(weights, SMALL, image), plain)) <= 1e-5


def test_the_last_layer_norm_has_an_epsilon_of_its_own() -> None:
    """On tokens close to zero it shows: with that of the blocks, the map would be wrong by half of its range."""
    weights = random_state_dict(TINY)
    for name in weights:
        if name.endswith(("gamma", "pos_embed", "cls_token", "patch_embed.proj.weight", "patch_embed.proj.bias")):
            weights[name] *= 1e-3
    image = picture(42, 56)
    assert max(errors(answer(weights, TINY, image), official_answer(weights, TINY, image))) <= 1e-4


def test_a_batch_equals_its_images_and_runs_are_equal_to_the_bit() -> None:
    network, images = load_network(random_state_dict(TINY), TINY), picture(56, 98, batch=2)
    with torch.inference_mode():
        first, again = network(images), network(images)
        alone = torch.cat([network(image[None]) for image in images])
    assert torch.equal(first, again)
    torch.testing.assert_close(first, alone, rtol=1e-4, atol=1e-5)


def test_depth_is_positive_and_sky_never_negative() -> None:
    depth, sky = answer(random_state_dict(TINY), TINY, picture(98, 98))[0]
    assert depth.min() > 0
    assert sky.min() == 0 < sky.max()


def test_the_official_files_are_those_that_were_published() -> None:
    """Records of METRIC-LARGE: 406 tensors, 334,171,394 numbers, a header of 48,864 bytes, 1,336,734,448 bytes in all."""
    shapes = official_shapes(VARIANTS["metric-large"])
    parameters = sum(value.numel() for value in shapes.values())
    assert (len(shapes), parameters) == (406, 334_171_394)
    assert 8 + 48_864 + 4 * parameters == 1_336_734_448
    assert tuple(shapes["model.head.scratch.sky_output_conv2.0.weight"].shape) == (32, 128, 3, 3)
    assert tuple(shapes["model.backbone.pretrained.blocks.23.attn.qkv.weight"].shape) == (3072, 1024)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_official_key_is_taken_at_full_size(variant: str) -> None:
    network = load_network(official_shapes(VARIANTS[variant]), variant)
    folded = 2 + 2 + 6 * 24  # class token and bias of the patches, the last norm, and of a block two norms and two scales
    assert len(network.state_dict()) == 406 - folded
    assert not network.training
    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda w: w.pop(f"{LAST_NORM}.bias"), r"1 weights are missing \(model.backbone.pretrained.norm.bias\)"),
        (
            lambda w: w.update({"model.head.scratch.sky_output_conv2.2.weight": torch.zeros(2, 32, 1, 1)}),
            r"1 weights are of another shape \(model.head.scratch.sky_output_conv2.2.weight\)",
        ),
        (
            lambda w: w.update({"model.backbone.pretrained.mask_token": torch.zeros(1, 32)}),
            r"1 weights are unknown \(model.backbone.pretrained.mask_token\)",
        ),
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


def test_the_files_of_v2_are_refused() -> None:
    weights = {name: torch.zeros(1).expand(shape) for name, shape in shapes_of_v2(BEFORE["vitl"])}
    with pytest.raises(ValueError, match=r"406 weights are missing .*model.backbone.pretrained.blocks.*unknown"):
        load_network(weights, "mono-large")


def test_a_file_gives_what_its_tensors_give(tmp_path: Path) -> None:
    weights, image = random_state_dict(TINY), picture(42, 56)
    safetensors.torch.save_file(weights, tmp_path / "model.safetensors")
    with torch.inference_mode():
        from_file = load_network(tmp_path / "model.safetensors", TINY)(image)
    assert torch.equal(from_file, answer(weights, TINY, image))


def test_unknown_variants_and_odd_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown variant 'giant'; there are mono-large, metric-large"):
        load_network({}, "giant")
    with pytest.raises(ValueError, match="multiples of 14, not 28x30"):
        answer(random_state_dict(TINY), TINY, picture(28, 30))


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(504, 504, 621.844), (280, 504, 325.219), (518, 924, 1309.215)],  # torch.utils.flop_counter over the published code
)
def test_multiply_adds(height: int, width: int, expected: float) -> None:
    size = NetworkSize(height, width, capped=False)
    assert multiply_adds(size) / 1e9 == pytest.approx(expected, abs=1e-3)
    assert 1 < run_cost(size) / multiply_adds(size) < 1.1


def test_what_is_asked_before_loading_needs_no_torch() -> None:
    package = "depth_demo.monocular.depth_anything_3"
    code = f"import sys, {package}, {package}.cost, {package}.reading; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
