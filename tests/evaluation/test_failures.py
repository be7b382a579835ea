"""Failure boxes: where a known patch of structure is lost, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.evaluation.failures import MAX_BOXES, find_failures


def test_two_known_patches_are_found_worst_first() -> None:
    ssim = np.ones((240, 320), np.float32)
    ssim[20:60, 30:70] = 0.0  # 1600 px, half of the structure each: loss 0.5
    ssim[120:200, 200:280] = -0.2  # 6400 px, loss 0.6
    boxes = find_failures(ssim)
    assert len(boxes) == 2
    shares = [100 * 6400 * 0.6 / (6400 * 0.6 + 1600 * 0.5), 100 * 1600 * 0.5 / (6400 * 0.6 + 1600 * 0.5)]
    assert [box.loss_share for box in boxes] == pytest.approx(shares, rel=0.05)
    assert (boxes[0].left, boxes[0].top, boxes[0].right, boxes[0].bottom) == pytest.approx((200, 120, 280, 200), abs=5)


def test_nothing_is_found_where_nothing_is_lost_or_known() -> None:
    assert find_failures(np.ones((50, 50), np.float32)) == ()
    assert find_failures(np.full((50, 50), np.nan, np.float32)) == ()


def test_at_most_five_boxes_and_no_specks() -> None:
    ssim = np.ones((400, 400), np.float32)
    for row in range(3):
        for column in range(3):
            ssim[40 + 120 * row : 90 + 120 * row, 40 + 120 * column : 90 + 120 * column] = 0.0
    ssim[5:8, 5:8] = -1.0
    boxes = find_failures(ssim)
    assert len(boxes) == MAX_BOXES
    assert all(box.left > 20 for box in boxes)
