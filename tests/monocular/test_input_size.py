"""At which size the network sees a photo."""

from __future__ import annotations

import pytest

from depth_demo.monocular.input_size import (
    AS_PUBLISHED,
    MAX_LONG_SIDE,
    InputSize,
    NetworkSize,
    Preprocessing,
    choose_input_size,
    network_size,
)

LARGE = Preprocessing()  # trained at 518 px
SMALL = Preprocessing(short_side=168, longest=2.35)


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (518, 518, (518, 518)),
        (1080, 1920, (518, 924)),  # 920.9 -> 65.8 patches -> 66
        (375, 1242, (518, 1722)),  # KITTI, 1715.6 -> 122.54 patches -> 123
        (4000, 3000, (686, 518)),  # 690.7 -> 49.3 -> 49
    ],
)
def test_the_published_rule(height: int, width: int, expected: tuple[int, int]) -> None:
    assert network_size(height, width, 518, LARGE) == NetworkSize(*expected, capped=False)


@pytest.mark.parametrize(("height", "width"), [(100, 3000), (5000, 50)])
def test_long_sides_are_capped(height: int, width: int) -> None:
    size = network_size(height, width, 518, LARGE)
    assert size.capped
    assert max(size.height, size.width) == MAX_LONG_SIDE
    assert min(size.height, size.width) >= 14


def test_a_model_may_cap_the_long_side_earlier() -> None:
    """1242x375 would be 742x224; at most 1.75 x 224 = 392 px leave 375 x 392 / 1242 = 118.4 px, 8.46 patches."""
    narrow = Preprocessing(longest=1.75)
    assert network_size(375, 1242, 224, narrow) == NetworkSize(112, 392, capped=True)
    assert network_size(1200, 1920, 224, narrow) == NetworkSize(224, 364, capped=False)  # 358.4 -> 25.6 patches -> 26


@pytest.mark.parametrize("input_size", [0, 519, 154, 1050])
def test_other_input_sizes_are_refused(input_size: int) -> None:
    with pytest.raises(ValueError, match=f"multiple of 14 from 168 to 1036, not {input_size}"):
        network_size(480, 640, input_size, LARGE)


def test_a_model_has_its_own_step_and_limits() -> None:
    """A network in steps of 8 px from 64 to 128: 100 x 96 / 60 = 160 px wide."""
    other = Preprocessing(step=8, short_side=96, smallest=64, largest=128)
    assert network_size(60, 100, 96, other) == NetworkSize(96, 160, capped=False)
    assert choose_input_size(100, 100, "fine", other) == InputSize(128)  # 96 x 770 / 518 = 142.7, above the limit
    assert choose_input_size(100, 100, "fast", other) == InputSize(64)  # 57.1, below it
    with pytest.raises(ValueError, match="multiple of 8 from 64 to 128, not 518"):
        network_size(60, 100, 518, other)


@pytest.mark.parametrize("sides", [{"short_side": 520}, {"short_side": 154}, {"smallest": 100}, {"largest": 504}])
def test_sides_that_contradict_each_other_are_refused(sides: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be multiples of 14 px from"):
        Preprocessing(**sides)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("height", "width", "resolution", "expected", "seen"),
    [
        (518, 518, "fast", 308, (308, 308)),  # 22 x 22 = 484 patches, the most there may be
        (1080, 1920, "fast", 224, (224, 392)),  # 16 x 28 = 448; 17 x 30 = 510
        (375, 1242, "fast", 168, (168, 560)),  # 12 x 40 = 480
        (500, 1000, "as published", 518, (518, 1036)),  # 37 x 74 = 2738 patches, the most there may be
        (375, 1242, "as published", 392, (392, 1302)),  # 28 x 93 = 2604; 29 x 96 = 2784
        (1242, 375, "as published", 392, (1302, 392)),
        (1080, 1920, "fine", 770, (770, 1372)),  # 55 x 98 = 5390 of 5476
        (375, 1242, "fine", 560, (560, 1848)),  # 40 x 132 = 5280; 41 x 136 = 5576
    ],
)
def test_resolutions(height: int, width: int, resolution: str, expected: int, seen: tuple[int, int]) -> None:
    chosen = choose_input_size(height, width, resolution, LARGE)
    assert chosen.pixels == expected
    assert network_size(height, width, chosen.pixels, LARGE) == NetworkSize(*seen, capped=False)


@pytest.mark.parametrize(
    ("width", "resolution", "expected"),
    [
        (1920, "fast", 168),  # 168 x 308 / 518 = 100 is below the least
        (2538, "as published", 168),  # 2.35:1, the widest it was trained on: not reduced
        (1920, "fine", 252),  # 168 x 770 / 518 = 249.7; 18 x 32 = 576 patches, the most there may be: 4 x 12 x 12
        (2538, "fine", 210),  # 15 x 35 = 525; 16 x 38 = 608
    ],
)
def test_resolutions_of_a_model_that_was_trained_at_168(width: int, resolution: str, expected: int) -> None:
    assert choose_input_size(1080, width, resolution, SMALL).pixels == expected


def test_a_strip_keeps_to_the_smallest_short_side() -> None:
    assert choose_input_size(100, 3000, "fast", LARGE).pixels == 168


def test_what_was_reduced_is_said() -> None:
    full, reduced = (choose_input_size(*shape, AS_PUBLISHED, LARGE) for shape in ((1080, 1920), (375, 1242)))
    assert full == InputSize(518)
    assert full.seen(network_size(1080, 1920, 518, LARGE)) == "the network saw 924x518"
    assert reduced.seen(network_size(375, 1242, 392, LARGE)) == (
        "the network saw 1302x392 (short side 392 instead of 518 px: 'as published' is at most 2738 patches of 14x14 px)"
    )
    assert InputSize(518).seen(network_size(100, 3000, 518, LARGE)) == "the network saw 2072x70 (long side capped at 2072 px)"


def test_other_resolutions_are_refused() -> None:
    with pytest.raises(ValueError, match="one of fast, as published, fine, not 'best'"):
        choose_input_size(480, 640, "best", LARGE)
