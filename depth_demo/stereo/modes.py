"""OpenCV's ways to match, and which to take when nobody says."""

from __future__ import annotations

from typing import Literal, get_args

Mode = Literal["HH", "SGBM", "HH4", "SGBM_3WAY", "BM"]
MODES: tuple[Mode, ...] = get_args(Mode)
PATHS: dict[Mode, int] = {"HH": 8, "SGBM": 5, "HH4": 4, "SGBM_3WAY": 3, "BM": 0}  # that costs are summed along
PARALLEL: tuple[Mode, ...] = ("SGBM_3WAY", "BM")  # use all cores by themselves; two calls at once hinder each other
AUTO_COSTS = 150_000_000  # pixels x disparities; HH4 takes about a second for both directions on two cores


def choose_mode(height: int, width: int, num_disparities: int) -> Mode:
    """HH4 up to `AUTO_COSTS`, else SGBM_3WAY, which is two to three times faster and less exact.

    Over twelve real and rendered pairs, bad-3 with holes filled, and coverage: HH4 9.2 % and 79 %, HH 9.4 % and 77 %,
    SGBM_3WAY 10.1 % and 81 %, SGBM 11.8 % and 78 % (`benchmarks/stereo.py --quality`).
    """
    return "HH4" if height * width * num_disparities <= AUTO_COSTS else "SGBM_3WAY"
