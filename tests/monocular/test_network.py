"""The network's own rules: which checkpoints it takes, and what happens off the native grid."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pytest
import torch

from depth_demo.monocular.depth_anything import VARIANTS, load_network
from depth_demo.monocular.depth_anything.network import IGNORED_KEYS
from depth_demo.monocular.depth_anything.vit import cubic_weights, resample_position_embedding
from tests.support.official import official_shapes, random_state_dict
from tests.support.small_model import SMALL_NETWORK


@pytest.mark.parametrize("variant", ["vits", "vitb14", "vitl"])
def test_the_official_key_set_loads_strictly_at_full_size(variant: str) -> None:
    weights = {name: torch.zeros(1).expand(shape) for name, shape in official_shapes(VARIANTS[variant])}
    network = load_network(weights, variant)
    ignored = {name for name in weights if name.startswith(tuple(IGNORED_KEYS))}
    folded = {name for name in weights if re.search(r"cls_token|patch_embed.proj.bias|norm|\.ls\d", name)}
    assert set(network.state_dict()) == set(weights) - ignored - folded
    assert len(ignored) == 1 + 4  # the mask token, and two convolutions with weight and bias
    assert len(folded) == 2 + 2 + 6 * VARIANTS[variant].depth  # of a block: weight and bias of two norms, and two scales
    assert not network.training


def test_v1_taps_the_last_four_blocks_and_v2_spreads_them() -> None:
    assert VARIANTS["vitl"].taps == (4, 11, 17, 23)
    assert VARIANTS["vitl14"].taps == (20, 21, 22, 23)
    assert VARIANTS["vits14"].taps == VARIANTS["vitb14"].taps == (8, 9, 10, 11)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda w: w.pop("pretrained.norm.bias"), r"1 weights are missing \(pretrained.norm.bias\)"),
        (lambda w: w.update({"head.extra": torch.zeros(1)}), r"1 weights are unknown \(head.extra\)"),
        (
            lambda w: w.update({"pretrained.cls_token": torch.zeros(1, 1, 5)}),
            r"1 weights are of another shape \(pretrained.cls_token\)",
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(damage: object, message: str) -> None:
    weights = random_state_dict(SMALL_NETWORK)
    damage(weights)  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        load_network(weights, SMALL_NETWORK)


def test_unknown_variants_and_odd_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown variant 'vitg'; there are vits"):
        load_network({}, "vitg")
    with pytest.raises(ValueError, match="multiples of 14, not 28x30"):
        load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK)(torch.zeros(1, 3, 28, 30))


def test_the_position_embedding_follows_the_official_formula() -> None:
    """Against bicubic interpolation written out (Keys, a = -0.75, edges repeated), at DINOv2's sample positions.

    With a scale factor s = (n + 0.1) / 37, sample i lies at (i + 0.5) / s - 0.5 on the trained grid.
    """
    rows, columns = 20, 41
    embedding = torch.randn(1, 1 + 37 * 37, 3, generator=torch.Generator().manual_seed(0))
    resampled = resample_position_embedding(embedding, rows, columns)
    down, across = (cubic_matrix(count, (count + 0.1) / 37) for count in (rows, columns))
    grid = embedding[0, 1:].reshape(37, 37, 3).double().numpy()
    expected = np.einsum("ri,cj,ijk->rck", down, across, grid).reshape(rows * columns, 3)
    np.testing.assert_allclose(resampled[0, 1:].numpy(), expected, atol=2e-5)
    np.testing.assert_array_equal(resampled[0, 0], embedding[0, 0])
    assert resample_position_embedding(embedding, 37, 37) is embedding


def cubic_matrix(count: int, scale: float) -> np.ndarray:
    """(count, 37): the weight of every trained sample in every new one."""
    matrix = np.zeros((count, 37))
    for index in range(count):
        position = (index + 0.5) / scale - 0.5
        for tap in range(math.floor(position) - 1, math.floor(position) + 3):
            matrix[index, min(max(tap, 0), 36)] += keys_cubic(abs(position - tap))
    return matrix


def keys_cubic(x: float, a: float = -0.75) -> float:
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


@pytest.mark.parametrize(("height", "width"), [(14, 14), (14, 2072), (518, 14)])
def test_any_grid_runs_and_a_batch_equals_its_images(height: int, width: int) -> None:
    network = load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK)
    images = torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        together, alone = network(images), torch.cat([network(image[None]) for image in images])
    assert together.shape == (2, height, width)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_traced_graph_is_functional_and_resamples_nothing() -> None:
    """So that another engine can run it: no writing in place, and the position embedding made of constants."""
    network = load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK)
    image, other = torch.randn(2, 1, 3, 98, 140, generator=torch.Generator().manual_seed(3))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a trace holds for one size only, and says so
        expected = network(other)
        traced = torch.jit.trace(network, image)  # type: ignore[no-untyped-call]
        torch.testing.assert_close(traced(other), expected)
    operations = {node.kind() for node in traced.inlined_graph.nodes()}
    assert "aten::scaled_dot_product_attention" in operations
    assert not [name for name in operations if "bicubic" in name or name.endswith("_")]


def test_training_may_follow_inference() -> None:
    """What is kept between images must not be tied to the mode in which it was made."""
    cubic_weights.cache_clear()
    network = load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK)
    image = torch.randn(1, 3, 42, 56)
    with torch.inference_mode():
        before = network(image)
    network.requires_grad_(requires_grad=True)
    after = network(image)
    torch.testing.assert_close(after, before)
    after.sum().backward()
    gradient = network.pretrained.pos_embed.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0
    with torch.no_grad():
        network.pretrained.pos_embed.add_(1)
        assert not torch.equal(network(image), after)  # and what has been learned is seen


def test_metric_output_stays_below_its_ceiling() -> None:
    network = load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK, max_depth=20.0)
    with torch.inference_mode():
        metres = network(torch.randn(1, 3, 70, 70))
    assert 0 < metres.min() <= metres.max() <= 20
