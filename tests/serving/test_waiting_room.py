"""In which order those who wait have their turn."""

from __future__ import annotations

import pytest

from depth_demo.serving.waiting_room import fair_place


@pytest.mark.parametrize(
    ("waiting", "address", "place"),
    [
        ("", "a", 0),
        ("aaa", "a", 3),
        ("aaa", "b", 1),  # before the second of the other
        ("abaa", "b", 3),
        ("abaa", "c", 2),
        ("abcabcaaa", "b", 7),
        ("baaa", "b", 3),
    ],
)
def test_each_address_has_a_turn_before_any_has_its_second(waiting: str, address: str, place: int) -> None:
    assert fair_place(waiting, address) == place
