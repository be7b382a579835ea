"""Masks of benchmarks: which pixels count in each form, how they reach the size of the views, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from depth_demo.formats.masks import load_mask
from tests.conftest import SHARED_DATA
from tests.fuzz.decoders import npy, pfm

LEFT, WHOLE = np.array([[1, 1, 0, 0]] * 2, bool), (2, 4)
PIANO = SHARED_DATA / "stereo" / "middlebury2014q_Piano" / "mask0nocc.png"


def as_picture(folder: Path, numbers: NDArray[Any], name: str = "mask.png") -> Path:
    Image.fromarray(numbers).save(folder / name)
    return folder / name


def as_file(folder: Path, content: bytes, name: str = "mask") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (np.array([[255, 255, 128, 0]] * 2, np.uint8), "255 (non-occluded) counts, 128 (occluded) and 0 (unknown) do not"),
        (LEFT, "255 counts"),
        (LEFT.astype(np.uint8), "1 counts"),
        (255 * LEFT.astype(np.uint8), "255 counts"),
        (np.array([[256, 7, 0, 0]] * 2, np.uint16), "every pixel with a value above 0 counts"),
        (np.repeat(255 * LEFT.astype(np.uint8)[..., np.newaxis], 3, axis=2), "255 counts"),
    ],
    ids=["middlebury", "one bit", "0 and 1", "0 and 255", "disp_noc", "grey in three colours"],
)
def test_pictures_count_as_their_benchmark_says(tmp_path: Path, numbers: NDArray[Any], words: str) -> None:
    mask = load_mask(as_picture(tmp_path, numbers), WHOLE)
    np.testing.assert_array_equal(mask.counted, LEFT)
    assert f"{words}: 50.0 % of the pixels." in mask.description


@pytest.mark.parametrize(
    "content",
    [
        npy(LEFT),
        npy(LEFT.astype(np.float32)),
        npy(np.asfortranarray(LEFT)),
        npy(np.array([[3.5, 1e-3, 0, np.nan], [9, 2, np.inf, -1]])),
        pfm(np.array([[3.5, 2, np.inf, np.inf]] * 2)),
        b"P5\n4 2\n255\n" + bytes([255, 255, 128, 0] * 2),
        b"P2 4 2 1 1 1 0 0 1 1 0 0",
    ],
)
def test_arrays_and_maps_count_where_they_hold_a_value(tmp_path: Path, content: bytes) -> None:
    np.testing.assert_array_equal(load_mask(as_file(tmp_path, content), WHOLE).counted, LEFT)


def test_a_mask_of_another_size_takes_the_nearest_value_and_says_so(tmp_path: Path) -> None:
    mask = load_mask(as_file(tmp_path, npy(LEFT)), (4, 8))
    np.testing.assert_array_equal(mask.counted, LEFT.repeat(2, axis=0).repeat(2, axis=1))
    assert mask.description.endswith("The mask is 4x2 pixels: the nearest value is taken.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (npy(np.ones((4, 4), bool)), "The mask must have the shape of the left image, 4x2 pixels, but it is 4x4."),
        (npy(np.zeros((2, 4), bool)), "The mask counts no pixel"),
        (npy(np.array([[128, 128, 0, 0]] * 2, np.uint8)), "The mask counts no pixel: 255 (non-occluded) counts"),
        (
            npy(np.arange(8, dtype=np.uint8).reshape(2, 4)),
            "The mask holds 8 different numbers in 8 bits. A mask holds 0 and 1,",
        ),
        (b"P6\n4 2\n255\n" + bytes(range(24)), "The mask is a colour picture."),
        (b"no mask", "Mask of the benchmark: "),
    ],
)
def test_what_is_no_mask_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        load_mask(as_file(tmp_path, content), WHOLE)
    assert str(refused.value).startswith(sentence)


def test_a_byte_that_is_no_truth_value_counts_as_any_other_number(tmp_path: Path) -> None:
    content = bytearray(npy(LEFT))
    content[-8] = 2
    with pytest.raises(ValueError, match="different numbers in 8 bits"):
        load_mask(as_file(tmp_path, bytes(content)), WHOLE)


@pytest.mark.skipif(not PIANO.is_file(), reason="Middlebury's Piano is not beside the checkout")
def test_the_mask_of_a_published_pair_counts_what_middlebury_counts() -> None:
    mask = load_mask(PIANO, (481, 707))
    assert np.count_nonzero(mask.counted) == 293_954
