"""At which size the network sees a photo. No torch, so that the page can say it too."""

from __future__ import annotations

from dataclasses import dataclass

STEP = 14  # px per patch
AS_TRAINED = 0  # asks for the size that a model was trained for
DEFAULT_INPUT_SIZE = 518  # of Depth Anything
MIN_INPUT_SIZE, MAX_INPUT_SIZE = 168, 1036
MAX_LONG_SIDE = 2072  # px: a 100x3000 strip would become 518x15540 as published
DEFAULT_LONGEST = float("inf")


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """The size of the network's input [px], and whether the long side was capped."""

    height: int
    width: int
    capped: bool


def network_size(
    height: int, width: int, input_size: int = DEFAULT_INPUT_SIZE, longest: float = DEFAULT_LONGEST
) -> NetworkSize:
    """Short side to `input_size`, aspect ratio kept, both sides multiples of 14, the long side capped.

    Rounding is the official one: to the nearest multiple, or up where that falls short of `input_size`.

    Args:
        height, width: Of the photo [px].
        input_size: Wanted short side [px].
        longest: Cap of the long side as a multiple of `input_size`; 2072 px are never passed.

    Raises:
        ValueError: If `input_size` is not a multiple of 14 within the limits.
    """
    if input_size % STEP or not MIN_INPUT_SIZE <= input_size <= MAX_INPUT_SIZE:
        raise ValueError(
            f"The network input size must be a multiple of {STEP} from {MIN_INPUT_SIZE} to {MAX_INPUT_SIZE}, not {input_size}."
        )
    scale = input_size / min(height, width)
    cap = min(MAX_LONG_SIDE, longest * input_size)
    capped = round(max(height, width) * scale / STEP) * STEP > cap
    if capped:
        scale = cap / max(height, width)

    def side(pixels: int) -> int:
        return max(round(pixels * scale / STEP), 1) * STEP

    return NetworkSize(side(height), side(width), capped)
