"""At which size the network sees a photo. No torch, so that the page can say it too."""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.geometry import number_text

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

    @property
    def tokens(self) -> int:
        """Patches of 14x14 px: time and memory grow with them, and faster."""
        return self.height * self.width // STEP**2


@dataclass(frozen=True, slots=True)
class Resolution:
    """How much of a photo the network sees: of a model trained at 518 px, and in proportion of others.

    Attributes:
        short_side: Of the network's input [px].
        most_tokens: The short side is reduced until there are no more.
    """

    short_side: int
    most_tokens: int


AS_PUBLISHED = "as published"
RESOLUTIONS = {
    "fast": Resolution(308, 22**2),  # as many whatever the aspect ratio
    AS_PUBLISHED: Resolution(DEFAULT_INPUT_SIZE, 2 * 37**2),  # up to 2:1 exactly as published; 1242x375 would be 518x1722
    "fine": Resolution(770, 4 * 37**2),  # up to 16:9
}


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
    if input_size not in range(MIN_INPUT_SIZE, MAX_INPUT_SIZE + 1, STEP):
        raise ValueError(
            f"The network input size must be a multiple of {STEP} from {MIN_INPUT_SIZE} to {MAX_INPUT_SIZE}, "
            f"not {number_text(input_size)}."
        )
    scale = input_size / min(height, width)
    cap = min(MAX_LONG_SIDE, longest * input_size)
    capped = round(max(height, width) * scale / STEP) * STEP > cap
    if capped:
        scale = cap / max(height, width)

    def side(pixels: int) -> int:
        return max(round(pixels * scale / STEP), 1) * STEP

    return NetworkSize(side(height), side(width), capped)


@dataclass(frozen=True, slots=True)
class InputSize:
    """A short side for `network_size`, and why it is smaller than its resolution has it; "" when it is not."""

    pixels: int
    reduced: str = ""

    def seen(self, size: NetworkSize) -> str:
        """What became of it, for people."""
        reasons = [self.reduced, f"long side capped at {max(size.width, size.height)} px" if size.capped else ""]
        why = "; ".join(filter(None, reasons))
        return f"the network saw {size.width}x{size.height}" + (f" ({why})" if why else "")


def choose_input_size(
    height: int,
    width: int,
    resolution: str = AS_PUBLISHED,
    trained: int = DEFAULT_INPUT_SIZE,
    longest: float = DEFAULT_LONGEST,
) -> InputSize:
    """The short side of `resolution`, or the largest that keeps to its tokens, but no less than 168 px.

    Args:
        height, width: Of the photo [px].
        resolution: One of `RESOLUTIONS`.
        trained: Short side that the model was trained at [px].
        longest: As for `network_size`.

    Raises:
        ValueError: If there is no such resolution.
    """
    if resolution not in tuple(RESOLUTIONS):
        raise ValueError(f"The resolution must be one of {', '.join(RESOLUTIONS)}, not {resolution!r}.")
    asked = RESOLUTIONS[resolution]
    short_side = max(round(asked.short_side * trained / DEFAULT_INPUT_SIZE / STEP) * STEP, MIN_INPUT_SIZE)
    most_tokens = asked.most_tokens * trained**2 // DEFAULT_INPUT_SIZE**2
    for pixels in range(short_side, MIN_INPUT_SIZE, -STEP):
        if network_size(height, width, pixels, longest).tokens <= most_tokens:
            break
    else:
        pixels = MIN_INPUT_SIZE
    reduced = f"short side {pixels} instead of {short_side} px: {resolution!r} is at most {most_tokens} patches of 14x14 px"
    return InputSize(pixels, reduced if pixels < short_side else "")
