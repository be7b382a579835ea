"""At which size the network sees a photo."""

from __future__ import annotations

import pytest

from depth_demo.monocular.resolution import MAX_LONG_SIDE, NetworkSize, network_size


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (518, 518, (518, 518)),
        (1080, 1920, (518, 924)),  # 920.9 -> 65.8 patches -> 66
        (375, 1242, (518, 1722)),  # KITTI, 1715.6 -> 122.54 patches -> 123
        (1200, 1920, (518, 826)),  # 828.8 -> 59.2 -> 59
        (32, 32, (518, 518)),
        (4000, 3000, (686, 518)),  # 690.7 -> 49.3 -> 49
    ],
)
def test_the_published_rule(height: int, width: int, expected: tuple[int, int]) -> None:
    assert network_size(height, width) == NetworkSize(*expected, capped=False)


@pytest.mark.parametrize(("height", "width"), [(100, 3000), (32, 3200), (5000, 50), (400, 1700)])
def test_long_sides_are_capped(height: int, width: int) -> None:
    size = network_size(height, width)
    assert size.capped
    assert max(size.height, size.width) == MAX_LONG_SIDE
    assert min(size.height, size.width) >= 14


def test_a_model_may_cap_the_long_side_earlier() -> None:
    """1242x375 would be 742x224; at most 1.75 x 224 = 392 px leave 375 x 392 / 1242 = 118.4 px, 8.46 patches."""
    assert network_size(375, 1242, 224, 1.75) == NetworkSize(112, 392, capped=True)
    assert network_size(1200, 1920, 224, 1.75) == NetworkSize(224, 364, capped=False)  # 358.4 -> 25.6 patches -> 26


@pytest.mark.parametrize("input_size", [0, 13, 519, 154, 1050, -518])
def test_other_input_sizes_are_refused(input_size: int) -> None:
    with pytest.raises(ValueError, match=f"multiple of 14 from 168 to 1036, not {input_size}"):
        network_size(480, 640, input_size)
