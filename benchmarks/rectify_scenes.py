"""Matches of made scenes for `benchmarks.rectify`: a street, a room by hand, one plane; with noise and false matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.features import SparseMatches
from depth_demo.stereo.rectification.turns import camera_matrix, rotation

Kind = Literal["street", "handheld", "plane"]
KINDS: tuple[Kind, ...] = ("street", "handheld", "plane")
Points = NDArray[np.float64]
SHAPE = (750, 1000)
FOCAL = 800.0
CENTRE = ((SHAPE[1] - 1) / 2, (SHAPE[0] - 1) / 2)
COUNT = 600
NOISE_PX, FALSE_SHARE = 0.3, 0.15
TURNS = {"street": 1.0, "handheld": 2.0, "plane": 1.0}  # degrees, at most, about each axis
BASELINES = {"street": 0.4, "handheld": 0.12, "plane": 0.12}  # m


@dataclass(frozen=True, slots=True, eq=False)
class MadeMatches:
    """Matches as a matcher would give them, and the same points without noise or false matches."""

    given: SparseMatches
    exact: SparseMatches


def make_matches(kind: Kind, seed: int) -> MadeMatches:
    """600 matches of 1000x750 px, with 0.3 px of noise in each coordinate and 15 % false ones."""
    random = np.random.default_rng(seed)
    tilt = np.array([*random.uniform(-0.3, 0.3, 2), 1])
    turn = rotation(*np.radians(random.uniform(-TURNS[kind], TURNS[kind], 3)))
    aside = np.array([1.0, 0, 0])
    if kind == "handheld":
        aside[1:] = random.uniform(-0.1, 0.1), random.choice([-0.3, 0.3])
    k = camera_matrix(FOCAL, CENTRE)
    left, right = np.zeros((0, 2)), np.zeros((0, 2))
    while len(left) < COUNT:
        points = random.uniform((0, 0), SHAPE[::-1], (2 * COUNT, 2))
        rays = np.column_stack([(points - CENTRE) / FOCAL, np.ones(len(points))])
        seen = (rays * _depths(kind, rays, tilt, random)[:, np.newaxis] - BASELINES[kind] * aside) @ (k @ turn).T
        other = seen[:, :2] / seen[:, 2:]
        inside = ((other >= 0) & (other < SHAPE[::-1])).all(axis=1) & (seen[:, 2] > 0.1)
        left, right = np.vstack([left, points[inside]]), np.vstack([right, other[inside]])
    left, right = left[:COUNT], right[:COUNT]
    noisy = [view + random.normal(0, NOISE_PX, view.shape) for view in (left, right)]
    false = random.choice(COUNT, int(FALSE_SHARE * COUNT), replace=False)
    noisy[1][false] = random.uniform((0, 0), SHAPE[::-1], (len(false), 2))
    return MadeMatches(_sparse(noisy[0], noisy[1]), _sparse(left, right))


def _depths(kind: Kind, rays: Points, tilt: Points, random: np.random.Generator) -> Points:
    """Depth of each ray [m]: road, houses and things between, or things of all distances, or a slanted wall."""
    if kind == "plane":
        return np.asarray(2.5 / (rays @ tilt))
    if kind == "handheld":
        return np.exp(random.uniform(np.log(0.8), np.log(8), len(rays)))
    road = 1.65 / np.maximum(rays[:, 1], 1e-3)
    houses = 6 / np.maximum(np.abs(rays[:, 0]), 1e-3)
    things = np.where(random.random(len(rays)) < 0.5, random.uniform(5, 40, len(rays)), np.inf)
    return np.clip(np.minimum(np.minimum(road, houses), things), 3, 80)


def _sparse(left: Points, right: Points) -> SparseMatches:
    grey = np.zeros(len(left), np.float32)
    return SparseMatches(left.astype(np.float32), right.astype(np.float32), grey, grey, SHAPE[1] / 800)
