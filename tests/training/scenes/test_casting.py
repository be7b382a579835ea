from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from depth_demo.training.scenes.casting import Cameras, CutoutMasks, cast
from depth_demo.training.scenes.primitives import Primitive, Scene, Shape, View, collect, rotations
from depth_demo.training.scenes.workshop import standing_at

SIZE = 64  # px; the image plane goes from -1 to 1, so that pixel centres are odd 64ths
CENTER = SIZE // 2
FULL = CutoutMasks(torch.ones(1, 4, 4, dtype=torch.bool))


def look(*bodies: Primitive, near: float = 0.1, masks: CutoutMasks = FULL) -> tuple[Tensor, Tensor]:
    """Depth and body that a camera at the origin sees ahead, 90 degrees wide."""
    scene = Scene(View((0, 0, 0), 0, 0, 0, 1), outdoors=True, near=near, bodies=list(bodies))
    step = 2 / SIZE
    camera = Cameras(
        position=torch.zeros(1, 3),
        rotation=torch.eye(3)[None],
        left=torch.tensor([step / 2 - 1]),
        top=torch.tensor([1 - step / 2]),
        step=torch.tensor([step]),
        near=torch.tensor([near]),
    )
    hits = cast(collect([scene]), camera, SIZE, SIZE, masks)
    return hits.depth[0], hits.body[0]


def test_a_box_is_as_far_as_its_front_and_as_large_as_it_looks() -> None:
    depth, body = look(Primitive(Shape.BOX, (0, 0, 5), (1, 2, 1)))
    seen = body == 0
    assert torch.equal(depth[seen], torch.full_like(depth[seen], 4.0))
    # Half a width of 1 m at 4 m spans 1/4 of the half picture: 8 of 32 px to each side, and 16 up and down.
    assert seen.any(0).nonzero().flatten().tolist() == list(range(CENTER - 8, CENTER + 8))
    assert seen.any(1).nonzero().flatten().tolist() == list(range(CENTER - 16, CENTER + 16))
    assert depth[~seen].isinf().all()


def test_up_is_up_and_right_is_right() -> None:
    _, body = look(Primitive(Shape.BOX, (2, 1, 5), (0.2, 0.2, 0.2)))
    rows, columns = (body == 0).nonzero().unbind(1)
    assert rows.max() < CENTER <= columns.min()


@pytest.mark.parametrize(
    ("body", "nearest"),
    [
        (Primitive(Shape.ELLIPSOID, (0, 0, 5), (1, 1, 2)), 3.0),
        (Primitive(Shape.CYLINDER, (0, 0, 5), (1, 1, 1)), 4.0),
        # The edge of a box turned by 45 degrees lies between two pixels that are 1 / 32 apart.
        (Primitive(Shape.BOX, (0, 0, 5), (1, 1, 1), (math.pi / 4, 0, 0)), (5 - math.sqrt(2)) / (1 - 1 / 64)),
        (Primitive(Shape.BOX, (0, 0, 5), (1, 1, 2), (math.pi / 2, 0, 0)), 4.0),
        # At the height of the eye, half way up, a cone has half its radius, and a gable half its depth.
        (Primitive(Shape.CYLINDER, (0, 0, 5), (1, 1, 1), taper=(1, 1)), 4.5),
        (Primitive(Shape.BOX, (0, 0, 5), (1, 1, 1), taper=(0, 1)), 4.5),
    ],
)
def test_the_nearest_point_of_each_shape(body: Primitive, nearest: float) -> None:
    depth, _ = look(body)
    eye_level = depth[CENTER - 1 : CENTER + 1, CENTER - 1 : CENTER + 1]
    assert eye_level.min().item() == pytest.approx(nearest, rel=0.01)


def test_a_cone_looked_at_from_above_its_tip() -> None:
    """Rays steeper than the cone's side cross its surface once from outside; its base lies at 7, its tip at 3."""
    cone = Primitive(Shape.CYLINDER, (0, 0, 5), (2, 2, 2), (0, -math.pi / 2, 0), taper=(1, 1))
    depth, body = look(cone)
    # The cone widens by half a metre per metre from its tip: a ray at p off the axis meets it where p z = (z - 3) / 2.
    for column in (CENTER, CENTER + 5):
        off_axis = math.hypot(2 * (column + 0.5 - CENTER) / SIZE, 1 / SIZE)
        assert depth[CENTER, column].item() == pytest.approx(3 / (1 - 2 * off_axis), rel=1e-3)
        assert body[CENTER, column] == 0


def test_the_nearer_of_two_hides_the_other() -> None:
    far, near = Primitive(Shape.BOX, (0, 0, 9), (5, 5, 1)), Primitive(Shape.ELLIPSOID, (0, 0, 4), (1, 1, 1))
    for order in ([far, near], [near, far]):
        depth, body = look(*order)
        assert order[int(body[CENTER, CENTER])] is near
        assert order[int(body[CENTER, CENTER - 15])] is far
        assert depth[CENTER, CENTER - 15] == 8


def test_what_is_nearer_than_the_limit_is_cut_and_what_is_behind_is_not_seen() -> None:
    _, body = look(
        Primitive(Shape.ELLIPSOID, (0, 0, 0.5), (0.1, 0.1, 0.1)), Primitive(Shape.BOX, (0, 0, -3), (1, 1, 1)), near=1
    )
    assert (body == -1).all()


def test_ground_under_the_camera_reaches_the_horizon() -> None:
    """A ray that falls by y per metre meets ground 2 m below after 2 / y metres."""
    depth, _ = look(Primitive(Shape.BOX, (0, -3, 0), (1000, 1, 1000)), near=0.5)
    fall = (torch.arange(CENTER, SIZE) + 0.5 - CENTER) * 2 / SIZE
    assert torch.allclose(depth[CENTER:, 7], 2 / fall, rtol=1e-4)
    assert depth[:CENTER].isinf().all()


def test_a_cutout_lets_through_what_it_does_not_cover() -> None:
    """A mask whose right half is solid, once across a 2 m wide board: coordinates start at its middle."""
    mask = torch.zeros(1, 4, 4, dtype=torch.bool)
    mask[:, :, 2:] = True
    board = Primitive(Shape.BOX, (0, 0, 5), (1, 1, 0.5), cutout=0, cutout_size=2.0)
    _, body = look(board, Primitive(Shape.BOX, (0, 0, 9), (9, 9, 1)), masks=CutoutMasks(mask))
    row = body[CENTER]
    board_columns = (row == 0).nonzero().flatten().tolist()
    assert board_columns == list(range(CENTER - 7, CENTER))  # u from -1 to 0 m is the second half of the mask


def test_many_random_scenes_as_one_ray_after_the_other() -> None:
    """The tiles and their bounding boxes leave nothing out: sampled along each ray, the same body comes first."""
    rng = np.random.default_rng(0)
    bodies = [
        Primitive(
            Shape(int(rng.integers(3))),
            (float(rng.uniform(-3, 3)), float(rng.uniform(-3, 3)), float(rng.uniform(1, 9))),
            (float(rng.uniform(0.2, 2)), float(rng.uniform(0.2, 2)), float(rng.uniform(0.2, 2))),
            (float(rng.uniform(0, 6)), float(rng.uniform(0, 6)), float(rng.uniform(0, 6))),
            (share := float(rng.choice([0.0, 0.5])), share),
        )
        for _ in range(12)
    ]
    depth, _ = look(*bodies, near=0.1)
    for row, column in rng.integers(0, SIZE, (200, 2)):
        ray = np.array([(column + 0.5) * 2 / SIZE - 1, 1 - (row + 0.5) * 2 / SIZE, 1])
        z = np.linspace(0.1, 14, 4000)[:, None]
        first = min(_first_inside(body, z * ray, z[:, 0]) for body in bodies)
        assert depth[row, column].item() == pytest.approx(first, abs=0.02)


def _first_inside(body: Primitive, points: np.ndarray, z: np.ndarray) -> float:
    """Depth of the first point inside after one outside; infinite if there is none."""
    rotation = rotations(torch.tensor([body.rotation], dtype=torch.float64))[0].numpy()
    x, y, w = ((points - body.center) @ rotation / body.half_size).T
    narrow = 1 - body.taper[0] * (1 + y) / 2
    if body.shape is Shape.BOX:
        inside = (np.abs(x) <= narrow) & (np.abs(w) <= narrow) & (np.abs(y) <= 1)
    elif body.shape is Shape.CYLINDER:
        inside = (x * x + w * w <= narrow * narrow) & (np.abs(y) <= 1)
    else:
        inside = x * x + y * y + w * w <= 1
    entering = np.flatnonzero(inside[1:] & ~inside[:-1])
    return float(z[entering[0] + 1]) if len(entering) and not inside[0] else math.inf


def test_yaw_turns_ahead_to_the_right_and_a_negative_pitch_turns_it_up() -> None:
    ahead = rotations(torch.tensor([[math.pi / 2, 0, 0], [0, -math.pi / 2, 0]]))[:, :, 2]
    assert torch.allclose(ahead, torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]), atol=1e-6)


def test_something_standing_at_a_place_turns_with_it() -> None:
    place = standing_at(10, 20, math.pi / 2, y=1)
    assert place(0, 2, 3) == pytest.approx((13, 3, 20))
    assert place(3, 0, 0) == pytest.approx((10, 1, 17))
