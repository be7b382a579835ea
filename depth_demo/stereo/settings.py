"""Settings of OpenCV's matchers, checked before the call.

OpenCV accepts several impossible settings silently and kills the process on one, so every limit it documents or was
seen to have stands here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal, get_args

import cv2

from depth_demo.stereo.controls import accept_fields, choice, number, slider
from depth_demo.stereo.memory import budget_bytes, bytes_text

Mode = Literal["HH", "SGBM", "HH4", "SGBM_3WAY", "BM"]
MODES: tuple[Mode, ...] = get_args(Mode)
PATHS: dict[Mode, int] = {"HH": 8, "SGBM": 5, "HH4": 4, "SGBM_3WAY": 3, "BM": 0}  # that costs are summed along
PARALLEL: tuple[Mode, ...] = ("SGBM_3WAY", "BM")  # use all cores by themselves; two calls at once hinder each other
AUTO_COSTS = 150_000_000  # pixels x disparities; HH4 takes about a second for both directions on two cores
MAX_COSTS = 4_000_000_000  # pixels x disparities; some 30 s on two cores
RESULT_BYTES = 32  # per pixel, of the checks and maps that follow
FILTER_BYTES = 14  # per pixel, of the speckle filter and the median
THREE_WAY_STRIPES = 4  # OpenCV cuts the picture into so many and works on one per thread
USUAL_COVERAGE, USUAL_COVERAGE_BM = 60.0, 25.0  # %


@dataclass(frozen=True, slots=True)
class SgbmSettings:
    """Parameters of OpenCV's StereoSGBM and StereoBM under their own names, and one check that OpenCV does not do.

    What each field means and accepts stands in its metadata. Further limits: semi-global modes take blocks of 1 to 11 px and
    p1 < p2. BM takes blocks of 5 to 51 px and no penalties. A negative `left_right_max_diff` leaves out the second match.
    """

    mode: Mode | Literal["auto"] = field(
        default="auto",
        metadata=choice(
            "Mode",
            ("auto", *MODES),
            f"Paths that costs are summed along: {', '.join(f'{mode} {paths}' for mode, paths in PATHS.items() if paths)}. BM "
            "compares windows only. auto takes HH4, and for large images SGBM_3WAY.",
            folded=False,
        ),
    )
    min_disparity: int = field(
        default=0,
        metadata=number(
            "min_disparity",
            "px",
            -1024,
            1024,
            "Smallest disparity looked for: 0 for parallel cameras, less if they look inwards.",
        ),
    )
    num_disparities: int = field(
        default=128,
        metadata=slider(
            "num_disparities",
            "px",
            16,
            1024,
            "Nearer objects need a larger range, but a strip of the same width at the left edge cannot be matched.",
            step=16,
            shown_to=512,
            folded=False,
        ),
    )
    block_size: int = field(
        default=3, metadata=slider("block_size", "px", 1, 51, "Side of the compared windows: 1 to 11, for BM 5 to 51.", step=2)
    )
    p1: int = field(
        default=162,
        metadata=number("p1: cost of a 1-px step", "", 0, 8000, "OpenCV takes 0 as 2; BM has none."),
    )
    p2: int = field(default=1728, metadata=number("p2: cost of a larger step", "", 1, 8000, "Must be larger than p1."))
    disp12_max_diff: int = field(
        default=1,
        metadata=number("disp12_max_diff", "px", -1, 1024, "OpenCV's own left-right check; it takes -1 and 0 as 1."),
    )
    pre_filter_cap: int = field(
        default=63,
        metadata=slider(
            "pre_filter_cap", "", 1, 63, "Gradients are cut to this before they are compared; less than 15 counts as 15."
        ),
    )
    uniqueness_ratio: int = field(
        default=10,
        metadata=slider("uniqueness_ratio", "%", 0, 99, "The best match must beat the second by this; 0 keeps all."),
    )
    speckle_window_size: int = field(
        default=100,
        metadata=number("speckle_window_size", "px", 0, 10_000, "Islands with fewer pixels are removed; 0 keeps them."),
    )
    speckle_range: int = field(
        default=32,
        metadata=number("speckle_range", "px", 0, 1024, "Largest step of disparity inside an island; 0: none."),
    )
    left_right_max_diff: float = field(
        default=1.0,
        metadata=number(
            "left_right_max_diff",
            "px",
            -1024,
            1024,
            "A second match from right to left must agree to this; 0 asks for equality, -1 leaves it out.",
            step=0,
        ),
    )

    def __post_init__(self) -> None:
        accept_fields(self)
        # Semi-global costs are summed in 16 bits, and larger windows or penalties overflow them without a word.
        smallest, largest = (5, 51) if self.mode == "BM" else (1, 11)
        if not smallest <= self.block_size <= largest:
            raise ValueError(f"block_size must be {smallest} to {largest} px in mode {self.mode}, not {self.block_size}.")
        if self.p2 <= self.p1 and self.mode != "BM":
            raise ValueError(f"p2 must be larger than p1, but p1 is {self.p1} and p2 is {self.p2}.")

    @property
    def method(self) -> str:
        """The mode."""
        return self.mode

    @property
    def usual_coverage(self) -> float:
        """Share of the pixels that usual pairs match [%]; block matching finds fewer."""
        return USUAL_COVERAGE_BM if self.mode == "BM" else USUAL_COVERAGE

    def mode_for(self, height: int, width: int) -> Mode:
        """Return the mode that matches images of this size."""
        return choose_mode(height, width, self.num_disparities) if self.mode == "auto" else self.mode

    def for_size(self, height: int, width: int) -> SgbmSettings:
        """Return the same settings with "auto" replaced by the mode that it stands for."""
        return dataclasses.replace(self, mode=self.mode_for(height, width))

    def check_size(self, height: int, width: int, budget: int | None = None) -> None:
        """Check that images of this size can be matched.

        Args:
            height: Of the views [px].
            width: Of the views [px].
            budget: Memory that may be taken [bytes]; None takes what this machine can spare now.

        Raises:
            ValueError: If range or window are too wide, or it would take too much work or memory.
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
        """Return how many of `directions` fit into the memory side by side: 2, or 1 after the other.

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
        """Return an upper bound of the memory that a match takes with so many directions at a time; None takes all."""
        from_left = width - max(self.min_disparity + self.num_disparities, 0)  # columns that are searched
        columns = (width, from_left) if self.directions == 2 else (from_left,)
        mode = self.mode_for(height, width)
        costs = sum(_direction_bytes(mode, height, c, self.num_disparities, self.block_size) for c in columns[:at_once])
        return costs + RESULT_BYTES * height * width

    def memory_note(self, height: int, width: int, at_once: int) -> str:
        """Return the end of a sentence if memory allows one direction of two at a time; else ""."""
        if at_once == self.directions:
            return ""
        together = self.memory_bytes(height, width) / 2**30
        return f", one direction after the other, as both at once would take {together:.1f} GiB"

    def memory_text(self, height: int, width: int) -> str:
        """Return the mode, what it takes, and whether that is for one direction after the other."""
        at_once = self.directions_at_once(height, width)
        amount = bytes_text(self.memory_bytes(height, width, at_once))
        return f"{self.mode_for(height, width)} takes {amount}{self.memory_note(height, width, at_once)}"

    @property
    def padding(self) -> int:
        """Columns that the right view gets at its edge, so that it can be matched there [px]."""
        return max(self.min_disparity + self.num_disparities, 0) if self.directions == 2 else 0

    @property
    def directions(self) -> int:
        """2 if the pair is matched from right to left as well."""
        return 2 if self.left_right_max_diff >= 0 else 1


def choose_mode(height: int, width: int, num_disparities: int) -> Mode:
    """Return HH4 up to `AUTO_COSTS`, else SGBM_3WAY, which is two to three times faster and less exact.

    Over twelve real and rendered pairs, bad-3 with holes filled, and coverage: HH4 9.2 % and 79 %, HH 9.4 % and 77 %,
    SGBM_3WAY 10.1 % and 81 %, SGBM 11.8 % and 78 % (`benchmarks/stereo.py --quality`).
    """
    return "HH4" if height * width * num_disparities <= AUTO_COSTS else "SGBM_3WAY"


def _direction_bytes(mode: Mode, height: int, columns: int, num_disparities: int, block_size: int) -> int:
    """Return an upper bound of what OpenCV takes for one direction that searches in so many columns.

    HH and HH4 hold every cost twice in 16 bits; the others hold a few rows of costs, as many as the window is high. With HH4,
    each thread has a band of rows as well.
    """
    per_row = columns * num_disparities
    rows = 2 * (block_size + 8) * per_row
    bands = 8 * cv2.getNumThreads() * per_row
    costs = {
        "HH": 4 * height * per_row + rows,
        "HH4": 4 * height * per_row + rows + bands,
        "SGBM": rows,
        "SGBM_3WAY": rows * min(THREE_WAY_STRIPES, cv2.getNumThreads()),
        "BM": 4 * per_row,
    }
    return costs[mode] + FILTER_BYTES * height * columns
