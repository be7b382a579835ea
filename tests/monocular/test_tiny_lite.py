"""The network on a pretrained encoder: what is saved of it comes back, and nothing else is taken."""

from __future__ import annotations

import re

import pytest
import torch

from depth_demo.monocular.efficientnet import fold
from depth_demo.monocular.tiny import TinyDepth
from depth_demo.monocular.tiny_lite import PREPROCESSING, adaptable_tiny_lite, load_tiny_lite
from tests.support.efficientnet import random_checkpoint, random_tiny_lite

PRETRAINED = fold(random_checkpoint())


def test_a_merged_network_maps_as_the_one_that_was_trained() -> None:
    weights = random_tiny_lite()
    image = torch.randn(2, 3, 56, 70, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = adaptable_tiny_lite(weights, PRETRAINED).eval()(image)
        found = load_tiny_lite(weights, PRETRAINED)(image)
        unadapted = load_tiny_lite(weights, fold(random_checkpoint(seed=5)))(image)
    assert expected.std() > 0
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))
    assert not torch.allclose(unadapted, expected, rtol=0.1)  # the encoder counts


def test_what_is_saved_is_small_and_runs_on_the_published_encoder() -> None:
    weights = random_tiny_lite()
    assert sum(value.numel() * value.element_size() for value in weights.values()) < 2e6
    network = load_tiny_lite(weights)
    assert not network.training
    assert not [parameter for parameter in network.parameters() if parameter.requires_grad]
    side = PREPROCESSING.short_side
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, side, side + 14)).shape == (1, side, side + 14)


def test_it_takes_no_weights_but_its_own() -> None:
    weights = random_tiny_lite()
    del weights["details.look.bias"]
    with pytest.raises(ValueError, match=re.escape("1 weights are missing (details.look.bias)")):
        load_tiny_lite(weights, PRETRAINED)
    with pytest.raises(ValueError, match=r"weights are missing .*weights are unknown"):
        load_tiny_lite(TinyDepth().state_dict(), PRETRAINED)
