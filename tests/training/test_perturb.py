"""Perturbations: by hand where a formula exists, against OpenCV where another implementation does."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from depth_demo.training.perturb import (
    color_jitter,
    cutmix,
    exposure,
    gaussian_blur,
    jpeg,
    perturb_strongly,
    random_grayscale,
    sensor_noise,
)

ALL = (color_jitter, random_grayscale, gaussian_blur, sensor_noise, exposure, jpeg, perturb_strongly)
Perturbation = Callable[[Tensor, Generator], Tensor]


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def random_images(count: int = 4, height: int = 20, width: int = 28) -> Tensor:
    return torch.rand(count, 3, height, width, generator=seeded(7))


def colors(*pixels: tuple[float, float, float]) -> Tensor:
    """(1, 3, 1, N)."""
    return torch.tensor(pixels).T[None, :, None]


@pytest.mark.parametrize("perturb", ALL)
def test_a_seed_repeats_and_images_stay_images(perturb: Perturbation) -> None:
    images = random_images()
    before = images.clone()
    once = perturb(images, seeded())
    assert once.shape == images.shape
    assert once.dtype == torch.float32
    assert ((once >= -1e-6) & (once <= 1 + 1e-6)).all()
    assert torch.equal(once, perturb(images, seeded()))
    assert not torch.equal(once, perturb(images, seeded(1)))
    assert torch.equal(images, before)


@pytest.mark.parametrize("perturb", [color_jitter, sensor_noise, exposure])
def test_each_image_has_its_own_strength(perturb: Perturbation) -> None:
    alike = random_images(1).expand(4, -1, -1, -1)
    changes = (perturb(alike, seeded()) - alike).abs().mean(dim=(1, 2, 3))
    assert len(set(changes.tolist())) == 4


def test_brightness_multiplies() -> None:
    image = colors((0.2, 0.4, 0.6), (0.1, 0.1, 0.3))
    result = color_jitter(image, seeded(1), brightness=0.4, contrast=0, saturation=0, hue=0)
    gain = (result / image).flatten()
    assert 0.6 <= gain[0] <= 1.4
    assert abs(gain[0] - 1) > 0.01
    torch.testing.assert_close(gain, gain[:1].expand(6))


def test_contrast_keeps_the_mean_luma_and_saturation_keeps_each_luma() -> None:
    image = 0.4 + 0.2 * random_images(2)
    luma = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    steeper = color_jitter(image, seeded(), brightness=0, contrast=0.5, saturation=0, hue=0)
    paler = color_jitter(image, seeded(), brightness=0, contrast=0, saturation=0.5, hue=0)
    assert (steeper - image).abs().max() > 0.01
    torch.testing.assert_close((steeper * luma).sum(1).mean((1, 2)), (image * luma).sum(1).mean((1, 2)))
    assert (paler - image).abs().max() > 0.01
    torch.testing.assert_close((paler * luma).sum(1), (image * luma).sum(1))


def test_hue_leaves_grey_and_the_sum_of_the_channels() -> None:
    image = colors((0.5, 0.5, 0.5), (0.6, 0.5, 0.4))
    result = color_jitter(image, seeded(), brightness=0, contrast=0, saturation=0, hue=0.25)
    torch.testing.assert_close(result[..., 0], image[..., 0])
    torch.testing.assert_close(result.sum(1), image.sum(1))
    assert (result[..., 1] - image[..., 1]).abs().max() > 0.02


def test_no_jitter_changes_nothing() -> None:
    images = random_images()
    torch.testing.assert_close(color_jitter(images, seeded(), 0, 0, 0, 0), images)


def test_grey_is_luma() -> None:
    result = random_grayscale(colors((1.0, 0, 0), (0, 1, 0), (0, 0, 1)), seeded(), probability=1)
    torch.testing.assert_close(result, torch.tensor([0.299, 0.587, 0.114]).expand(1, 3, 1, 3))


@pytest.mark.parametrize("perturb", [random_grayscale, gaussian_blur, jpeg])
def test_about_the_given_share_of_images_is_changed(perturb: Callable[..., Tensor]) -> None:
    images = random_images(400, 8, 8)
    changed = (perturb(images, seeded(), probability=0.3) - images).abs().amax(dim=(1, 2, 3)) > 1e-3
    assert 0.2 < changed.float().mean() < 0.4  # 4.4 standard deviations of 400 coins
    assert torch.equal(perturb(images, seeded(), probability=0), images)


def test_blur_is_opencvs_inside() -> None:
    images = random_images(2, 40, 40)
    blurred = gaussian_blur(images, seeded(), probability=1, sigma_px=(1.5, 1.5))
    expected = np.stack([cv2.GaussianBlur(image.permute(1, 2, 0).numpy(), (17, 17), 1.5) for image in images])
    inside = slice(9, -9)
    result = blurred.permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(result[:, inside, inside], expected[:, inside, inside], atol=1e-4)
    flat = gaussian_blur(torch.full((1, 3, 9, 9), 0.7), seeded(), probability=1)
    torch.testing.assert_close(flat, torch.full((1, 3, 9, 9), 0.7))  # the border is not darkened


def test_noise_has_the_stated_deviation() -> None:
    """Half grey, read 0.03 and shot 0.04: sqrt(0.0009 + 0.0008) = 0.0412 times the image's strength, and mean 0."""
    images = torch.full((50, 3, 64, 64), 0.5)
    noise = sensor_noise(images, seeded(), read=0.03, shot=0.04) - 0.5
    deviation = noise.std(dim=(1, 2, 3))
    assert deviation.max() <= 0.0412 * 1.03
    assert deviation.mean().item() == pytest.approx(0.0412 / 2, rel=0.25)  # strengths are uniform from 0 to 1
    assert noise.mean().abs() < 1e-3


def test_exposure_by_hand() -> None:
    """No gamma: one factor of light, from 1/2 to 2. No light: one power, from 1/1.5 to 1.5."""
    image = colors((0.1, 0.2, 0.4), (0.3, 0.25, 0.15))
    lit = exposure(image, seeded(1), stops=1, gamma=1) / image
    assert 0.5 <= lit.min() <= 2
    assert abs(lit.min() - 1) > 0.01
    torch.testing.assert_close(lit, lit.flatten()[0].expand_as(lit))
    power = exposure(image, seeded(1), stops=0, gamma=1.5).log() / image.log()
    assert 1 / 1.5 <= power.min() <= 1.5
    torch.testing.assert_close(power, power.flatten()[0].expand_as(power))


def test_jpeg_is_nearly_opencvs() -> None:
    """A smooth grey image with an edge, of a size no multiple of 8, at the same quality."""
    y, x = np.mgrid[:36, :44]
    grey = (120 + 60 * np.sin(x / 5) + 30 * np.cos(y / 4) + 40 * (x > 20)).clip(0, 255).astype(np.uint8)
    image = torch.from_numpy(grey).float().div(255).expand(1, 3, -1, -1)
    result = jpeg(image, seeded(), probability=1, quality=(25, 25))
    _, file = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 25])
    expected = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)
    assert expected is not None
    ours = (255 * result[0, 0]).numpy()
    lost = np.abs(expected.astype(float) - grey).mean()
    assert np.abs(ours - expected).mean() < 0.25 * lost
    assert np.abs(ours - grey).mean() == pytest.approx(lost, rel=0.2)


def test_cutmix_pastes_one_rectangle_of_the_donor() -> None:
    images = random_images(8)
    mix = cutmix(images, seeded(), probability=1)
    assert mix.donors.tolist() == [1, 2, 3, 4, 5, 6, 7, 0]
    for image, mixed, inside, donor in zip(images, mix.images, mix.inside, images[mix.donors], strict=True):
        assert torch.equal(mixed[:, inside], donor[:, inside])
        assert torch.equal(mixed[:, ~inside], image[:, ~inside])
        rows, columns = inside.any(1), inside.any(0)
        assert inside.sum() == rows.sum() * columns.sum()  # a rectangle: all crossings of its rows and columns
        assert (rows.diff().sum(), columns.diff().sum()) <= (2, 2)  # and without gaps


def test_cutmix_areas_and_share() -> None:
    """Area from 0.1 to 0.3, so 0.2 on average; on 100 x 100 pixels a rounded side changes it by at most 0.01."""
    images = torch.zeros(600, 1, 100, 100)
    inside = cutmix(images, seeded(), area=(0.1, 0.3)).inside
    area = inside.float().mean(dim=(1, 2))
    mixed = area > 0
    assert 0.41 < mixed.float().mean() < 0.59
    assert area[mixed].min() >= 0.09
    assert area[mixed].max() <= 0.31
    assert area[mixed].mean().item() == pytest.approx(0.2, abs=0.015)
    assert inside.any(0).any(0).all()  # every column can be pasted over, those at the border too
    assert inside.any(0).any(1).all()


def test_cutmix_can_leave_all_images_alone() -> None:
    images = random_images()
    mix = cutmix(images, seeded(), probability=0)
    assert torch.equal(mix.images, images)
    assert not mix.inside.any()
