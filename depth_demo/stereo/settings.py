"""OpenCV's matcher settings, checked before the call.

OpenCV accepts several impossible settings silently and kills the process on one, so every limit it documents or was
seen to have stands here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from depth_demo.geometry import is_real_number, number_text
from depth_demo.stereo.memory import budget_bytes, direction_bytes
from depth_demo.stereo.modes import MODES, Mode, choose_mode

MAX_COSTS = 4_000_000_000  # pixels x disparities; some 30 s on two cores
RESULT_BYTES = 32  # per pixel, of the checks and maps that follow


@dataclass(frozen=True, slots=True)
class SgbmSettings:
    """OpenCV's StereoSGBM (and StereoBM) parameters under their own names, and one check that OpenCV does not do.

    Attributes:
        mode: Semi-global along 8 paths (HH), 5 (SGBM), 4 (HH4) or 3 (SGBM_3WAY, the fastest); local block matching (BM);
            or "auto", which takes what `choose_mode` says once the size is known.
        min_disparity: Smallest disparity looked for [px]; negative for cameras that look inwards.
        num_disparities: How many are looked for [px]; a multiple of 16.
        block_size: Side of the matched window [px]; odd; 1 to 11, for BM 5 to 51.
        p1, p2: Penalty for a disparity step of 1 px, and for a larger one; p1 < p2 <= 8000. Not used by BM.
        disp12_max_diff: OpenCV's own left-right tolerance [px]; -1, 0 and 1 all mean 1 to OpenCV.
        pre_filter_cap: Gradients are clipped here before matching; 1 to 63.
        uniqueness_ratio: By how many percent the best cost must beat the second; 0 to 99.
        speckle_window_size: Islands smaller than this many pixels are removed; 0 keeps them.
        speckle_range: Largest disparity step inside one island [px].
        left_right_max_diff: A second match from right to left must agree to this [px]; a negative number leaves it out.
    """

    mode: Mode | Literal["auto"] = "auto"
    min_disparity: int = 0
    num_disparities: int = 128
    block_size: int = 3
    p1: int = 162
    p2: int = 1728
    disp12_max_diff: int = 1
    pre_filter_cap: int = 63
    uniqueness_ratio: int = 10
    speckle_window_size: int = 100
    speckle_range: int = 32
    left_right_max_diff: float = 1.0

    def __post_init__(self) -> None:
        if self.mode not in ("auto", *MODES):
            raise ValueError(f"The mode must be one of {', '.join(MODES)}, or auto, not {self.mode!r}.")
        # Semi-global costs are summed in 16 bits, and larger windows or penalties overflow them without a word.
        smallest_block, largest_block = (5, 51) if self.mode == "BM" else (1, 11)
        limits = (
            ("min_disparity", self.min_disparity, -1024, 1024),
            ("num_disparities", self.num_disparities, 16, 1024),
            ("block_size", self.block_size, smallest_block, largest_block),
            ("p1", self.p1, 0, 8000),
            ("p2", self.p2, 1, 8000),
            ("disp12_max_diff", self.disp12_max_diff, -1, 1024),
            ("pre_filter_cap", self.pre_filter_cap, 1, 63),
            ("uniqueness_ratio", self.uniqueness_ratio, 0, 99),
            ("speckle_window_size", self.speckle_window_size, 0, 10_000),
            ("speckle_range", self.speckle_range, 0, 1024),
        )
        for name, value, low, high in limits:
            if not is_real_number(value) or not low <= value <= high or value != int(value):
                raise ValueError(f"{name} must be a whole number from {low} to {high}, not {number_text(value)}.")
            object.__setattr__(self, name, int(value))
        if self.num_disparities % 16:
            raise ValueError(f"num_disparities must be a multiple of 16, not {self.num_disparities}.")
        if self.block_size % 2 == 0:
            raise ValueError(f"block_size must be odd, not {self.block_size}.")
        if self.p2 <= self.p1 and self.mode != "BM":
            raise ValueError(f"p2 must be larger than p1, but p1 is {self.p1} and p2 is {self.p2}.")
        if not is_real_number(self.left_right_max_diff) or not -1024 <= self.left_right_max_diff <= 1024:
            sent = number_text(self.left_right_max_diff)
            raise ValueError(f"left_right_max_diff must be from 0 to 1024 px, or negative, not {sent}.")

    def mode_for(self, height: int, width: int) -> Mode:
        """The mode that matches images of this size."""
        return choose_mode(height, width, self.num_disparities) if self.mode == "auto" else self.mode

    def for_size(self, height: int, width: int) -> SgbmSettings:
        """The same settings with "auto" replaced by the mode that it stands for."""
        return dataclasses.replace(self, mode=self.mode_for(height, width))

    def check_size(self, height: int, width: int, budget: int | None = None) -> None:
        """Raises ValueError if images of this size cannot be matched: range or window too wide, too much work or memory.

        Memory is held against `budget` [bytes]; None takes what this machine can spare now.
        """
        if self.block_size > min(height, width):
            raise ValueError(f"block_size {self.block_size} is larger than the image, {width}x{height} pixels.")
        if height * width * self.num_disparities > MAX_COSTS:
            raise ValueError(
                f"{width}x{height} pixels times {self.num_disparities} disparities are too many: up to "
                f"{MAX_COSTS // (height * width) // 16 * 16} disparities fit this size, or use smaller images."
            )
        last = self.min_disparity + self.num_disparities
        if max(last, -self.min_disparity, self.num_disparities) >= width - self.block_size // 2 - 1:
            raise ValueError(
                f"The disparity range {self.min_disparity}..{last - 1} px is wider than the image ({width} px): "
                f"lower num_disparities, or use a larger image."
            )
        self.directions_at_once(height, width, budget)

    def directions_at_once(self, height: int, width: int, budget: int | None = None) -> int:
        """How many of `directions` fit into the memory side by side: both, or one after the other.

        Args:
            height: Of the views [px].
            width: Of the views [px].
            budget: Memory that may be taken [bytes]; None takes what this machine can spare now.

        Raises:
            ValueError: If not even one fits.
        """
        budget = budget_bytes(self.memory_bytes(height, width)) if budget is None else budget
        for at_once in range(self.directions, 0, -1):
            if self.memory_bytes(height, width, at_once) <= budget:
                return at_once
        raise ValueError(
            f"Matching {width}x{height} pixels over {self.num_disparities} disparities with {self.mode_for(height, width)} "
            f"needs {self.memory_bytes(height, width, 1) / 2**30:.1f} GiB, and {budget / 2**30:.1f} are allowed: use "
            f"SGBM_3WAY, fewer disparities, or images of half the size."
        )

    def memory_bytes(self, height: int, width: int, at_once: int | None = None) -> int:
        """Upper bound of the memory that a match takes, with so many directions at a time; None takes all."""
        from_left = width - max(self.min_disparity + self.num_disparities, 0)  # columns that are searched
        columns = (width, from_left) if self.directions == 2 else (from_left,)
        mode = self.mode_for(height, width)
        costs = sum(direction_bytes(mode, height, c, self.num_disparities, self.block_size) for c in columns[:at_once])
        return costs + RESULT_BYTES * height * width

    def memory_note(self, height: int, width: int, at_once: int) -> str:
        """Goes behind a sentence's last word when memory allows fewer directions at a time than there are."""
        if at_once == self.directions:
            return ""
        together = self.memory_bytes(height, width) / 2**30
        return f", one direction after the other, as both at once would take {together:.1f} GiB"

    @property
    def padding(self) -> int:
        """Columns that the right view gets at its edge, so that it can be matched there [px]."""
        return max(self.min_disparity + self.num_disparities, 0) if self.directions == 2 else 0

    @property
    def directions(self) -> int:
        """2 if the pair is matched from right to left as well."""
        return 2 if self.left_right_max_diff >= 0 else 1
