"""How long an estimate will take: counts against those of torch's own counter, and a pace from made-up runs."""

from __future__ import annotations

import pytest

from depth_demo.monocular.depth_anything.cost import READING_TOKENS, multiply_adds
from depth_demo.monocular.depth_anything.variants import VARIANTS
from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.monocular.timing import Pace
from depth_demo.wording.durations import about

SQUARE, WIDE = NetworkSize(518, 518, capped=False), NetworkSize(518, 924, capped=False)


@pytest.mark.parametrize(
    ("variant", "size", "expected"),
    [
        # Counted by torch.utils.flop_counter over the official code, halved.
        ("vits", SQUARE, 57.63),
        ("vitb", WIDE, 387.66),
        ("vitl", SQUARE, 652.1),
    ],
)
def test_multiply_adds(variant: str, size: NetworkSize, expected: float) -> None:
    assert multiply_adds(VARIANTS[variant], size) / 1e9 == pytest.approx(expected, rel=1e-4)


def test_the_cost_adds_the_reading_of_the_weights() -> None:
    """A block of ViT-S has 12 x 384 x 384 weights in its products, and there are 12 blocks."""
    reading = DEFAULT.cost(SQUARE) - multiply_adds(VARIANTS["vits"], SQUARE)
    assert reading == pytest.approx(READING_TOKENS * 12 * 12 * 384 * 384)
    assert TINY.cost(WIDE) / TINY.cost(SQUARE) == pytest.approx(924 / 518)


def test_the_pace_is_the_median_of_the_last_runs() -> None:
    pace = Pace()
    assert pace.seconds(DEFAULT, "CPU", SQUARE) is None
    for seconds in (100.0, 2.0, 2.0, 4.0, 4.0, 1.0):  # the first is forgotten; the others' median speed is that of 2 s
        pace.learn(DEFAULT, "CPU", SQUARE, seconds)
    assert pace.seconds(DEFAULT, "CPU", SQUARE) == pytest.approx(2.0)
    assert pace.seconds(DEFAULT, "CPU", WIDE) == pytest.approx(2.0 * DEFAULT.cost(WIDE) / DEFAULT.cost(SQUARE))
    assert pace.seconds(DEFAULT, "CUDA", SQUARE) is None
    assert pace.seconds(TINY, "CPU", SQUARE) is None


def test_the_fastest_small_run_counts_until_there_is_a_real_one() -> None:
    pace = Pace()
    for seconds in (3.0, 1.5, 2.0):
        pace.guess(DEFAULT, "CPU", SQUARE, seconds)
    assert pace.seconds(DEFAULT, "CPU", SQUARE) == pytest.approx(1.5)
    pace.learn(DEFAULT, "CPU", SQUARE, 5.0)
    pace.guess(DEFAULT, "CPU", SQUARE, 1.0)
    assert pace.seconds(DEFAULT, "CPU", SQUARE) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "less than 1 s"), (1.2, "about 1 s"), (14.4, "about 14 s"), (100, "about 2 min")]
)
def test_seconds_in_words(seconds: float, words: str) -> None:
    assert about(seconds) == words
