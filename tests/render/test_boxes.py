"""Boxes on pictures: where they belong, in colours that every eye can tell apart, with crops of what they hold."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest

from depth_demo.evaluation.failures import FailureBox
from depth_demo.render.boxes import CAPTION_PX, COLORS, GAP, TILE, crops, draw_boxes, legend
from depth_demo.render.maps import lookup_table
from depth_demo.wording.boxes import box_caption
from tests.conftest import disparity_map

BOX = FailureBox("monocular", 1, 50, 60, 150, 160, 40.0, error=-1.24, coverage=71.6, cause="depth edges", shows="fence")
# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("shared", [True, False])
def test_boxes_are_drawn_where_they_belong_in_the_colour_of_who_fails(shared: bool) -> None:  # noqa: FBT001
    picture = np.zeros((400, 1000, 3), np.uint8)
    box = FailureBox("stereo", 1, 50, 60, 150, 160, 40.0, shared=shared)
    color = COLORS["both" if shared else "only stereo"]
    boxed = draw_boxes(picture, [box], source_width=500)
    assert tuple(boxed[200, 100]) == color  # left edge, at twice the map's scale
    assert tuple(boxed[319, 250]) == color  # bottom edge
    assert (boxed[200, 110:290] == 0).all()
    assert (picture == 0).all()


def test_names_of_boxes_that_share_a_corner_lie_apart() -> None:
    boxes = [FailureBox("monocular", 1, 50, 60, 250, 160, 40.0), FailureBox("stereo", 1, 52, 62, 200, 150, 30.0)]
    alone = [draw_boxes(np.zeros((400, 1000, 3), np.uint8), [box], source_width=500) for box in boxes]
    both = draw_boxes(np.zeros((400, 1000, 3), np.uint8), boxes, source_width=500)
    filled = [np.count_nonzero((picture == COLORS[box.fails]).all(axis=2)) for picture, box in zip(alone, boxes, strict=True)]
    seen = [np.count_nonzero((both == COLORS[box.fails]).all(axis=2)) for box in boxes]
    assert all(s > 0.9 * f for s, f in zip(seen, filled, strict=True))  # but for where the lines meet


@pytest.mark.parametrize("eye", EYES)
def test_the_colours_differ_for_every_eye(eye: str) -> None:
    """By 25 or more in CIE Lab, ten times what is just seen."""
    linear = (np.array(list(COLORS.values())) / 255) ** 2.2 @ np.array(EYES[eye]).T
    seen = (np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.float32)[np.newaxis]
    lab = cv2.cvtColor(seen, cv2.COLOR_RGB2LAB)[0]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(lab, 2)) >= 25


def test_the_legend_names_every_colour() -> None:
    text = legend()
    assert all(f"rgb{color}" in text for color in COLORS.values())
    assert "both fail" in text
    assert "only monocular fails" in text
    assert "only stereo fails" in text


def test_a_caption_carries_every_figure_of_its_box() -> None:
    assert box_caption(BOX) == (
        "M1, only monocular: 40 % of the loss, 72 % answered, 1.2 px too far\nlikely cause: depth edges; stands out: fence"
    )
    assert box_caption(FailureBox("stereo", 2, 0, 0, 9, 9, 8.4, coverage=0, shared=True)) == (
        "S2, both: 8 % of the loss, 0 % answered"
    )


def test_crops_show_photo_truth_and_map_around_the_box_in_the_truths_colours() -> None:
    photo = np.full((400, 500, 3), 77, np.uint8)
    values = np.full((400, 500), 90.0)
    values[60:160, 50:150] = np.linspace(10, 20, 100)
    strip = crops(BOX, photo, disparity_map(values), disparity_map(np.full((400, 500), np.nan)), "Gray")
    assert strip.shape == (TILE[1] + CAPTION_PX, 3 * TILE[0] + 2 * GAP, 3)
    middle = TILE[1] // 2
    assert (strip[5, 5] == 77).all()
    assert (strip[middle, TILE[0] + GAP + 5] == lookup_table("Gray")[255]).all()  # 90 px, the nearest that is seen
    assert (strip[middle, -5] == (128, 128, 136)).all()
    assert (strip == COLORS["only monocular"]).all(axis=2).any()


def test_a_box_at_the_corner_is_cropped_within_the_picture() -> None:
    truth = disparity_map(np.tile(np.arange(60.0), (40, 1)))
    corner = FailureBox("stereo", 1, 50, 30, 60, 40, 9.0)
    strip = crops(corner, np.zeros((40, 60, 3), np.uint8), truth, truth, "Turbo")
    assert strip.shape == (
        TILE[1] + CAPTION_PX,
        3 * TILE[0] + 2 * GAP,
        3,
    )
