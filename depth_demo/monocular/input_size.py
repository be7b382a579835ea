"""What a network takes of a photo: at which size, and with which colours. No torch, so that the page can say it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from depth_demo.geometry import number_text

AS_TRAINED = 0  # asks for the size that a model was trained for
MAX_LONG_SIDE = 2072  # px: a 100x3000 strip would become 518x15540 as published
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB from 0 to 1
PATCH = 14  # px: areas are counted in patches of 14x14 px, whatever the step of a network is
REFERENCE_SIDE = 518  # px: `RESOLUTIONS` holds for networks trained at this short side
Resampling = Literal["cubic", "area", "linear", "averaged linear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """What one network takes. The defaults are those of networks on DINOv2, trained at 518 px.

    Attributes:
        mean, std: One value for each of R, G and B from 0 to 1. The network sees (value - mean) / std.
        step: Both sides of the input are multiples of this [px].
        short_side: Short side of the images that the network was trained on [px].
        smallest, largest: Least and greatest short side that it takes [px].
        longest: Cap of the long side, as a multiple of the short side.
        square: Whether every photo is squeezed to a square.
        by_long_side: Whether all these limits, and the sizes that people ask for, hold for the long side instead.
        resampling: How photos are resized. "cubic" and "linear" sample, which aliases in smaller ones. "area" averages smaller
            ones and is "cubic" for larger ones. "averaged linear" averages too, and rounds to 8 bits, as Pillow does.
        in_two_steps: Whether a side is rounded to whole pixels first, and then to the nearest multiple, halves up.

    Raises:
        ValueError: If a side is no multiple of the step, or the trained side lies outside the limits.
    """

    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    step: int = 14
    short_side: int = REFERENCE_SIDE
    smallest: int = 168
    largest: int = 1036
    longest: float = float("inf")
    square: bool = False
    by_long_side: bool = False
    resampling: Resampling = "cubic"
    in_two_steps: bool = False

    def __post_init__(self) -> None:
        for side in (self.smallest, self.short_side, self.largest):
            if side not in self.sides or side % self.step:
                limits = f"from {self.smallest} to {self.largest}"
                raise ValueError(f"Short sides must be multiples of {self.step} px {limits}, not {side}.")

    @property
    def sides(self) -> range:
        """All short sides that the network takes [px]."""
        return range(self.smallest, self.largest + 1, self.step)


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """The size of the network's input [px], and whether the long side was capped."""

    height: int
    width: int
    capped: bool

    @property
    def tokens(self) -> int:
        """Return the area in patches of 14x14 px. Time and memory grow with it, and faster."""
        return self.height * self.width // PATCH**2


@dataclass(frozen=True, slots=True)
class Resolution:
    """How much of a photo the network sees: of a model trained at 518 px, and in proportion of others.

    Attributes:
        short_side: Of the network's input [px].
        most_tokens: Largest area, in patches of 14x14 px. The short side is reduced until the area fits.
    """

    short_side: int
    most_tokens: int


AS_PUBLISHED = "as published"
RESOLUTIONS = {
    "fast": Resolution(308, 22**2),  # as many whatever the aspect ratio
    AS_PUBLISHED: Resolution(REFERENCE_SIDE, 2 * 37**2),  # up to 2:1 exactly as published; 1242x375 would be 518x1722
    "fine": Resolution(770, 4 * 37**2),  # up to 16:9
}


def network_size(height: int, width: int, input_size: int, preprocessing: Preprocessing) -> NetworkSize:
    """Return the size at which a network sees a photo, with the aspect ratio of the photo.

    The short side becomes `input_size`, both sides become multiples of the step, and the long side is capped. Rounding is
    the official one: to the nearest multiple, or up where that falls short of `input_size`.

    Args:
        height: Of the photo [px].
        width: Of the photo [px].
        input_size: Wanted short side [px], or long side if the network goes by that.
        preprocessing: What the network takes.

    Raises:
        ValueError: If the network does not take this `input_size`.
    """
    sides, step = preprocessing.sides, preprocessing.step
    if input_size not in sides:
        limits = f"a multiple of {step} from {sides[0]} to {sides[-1]}" if len(sides) > 1 else f"{sides[0]}"
        raise ValueError(f"The network input size must be {limits}, not {number_text(input_size)}.")
    if preprocessing.square:
        return NetworkSize(input_size, input_size, capped=False)
    scale = input_size / (max(height, width) if preprocessing.by_long_side else min(height, width))
    cap = min(MAX_LONG_SIDE, preprocessing.longest * input_size)

    def side(pixels: int) -> int:
        if preprocessing.in_two_steps:
            return max((2 * round(pixels * scale) + step) // (2 * step), 1) * step
        return max(round(pixels * scale / step), 1) * step

    capped = side(max(height, width)) > cap
    if capped:
        scale = cap / max(height, width)
    return NetworkSize(side(height), side(width), capped)


@dataclass(frozen=True, slots=True)
class InputSize:
    """A short side for `network_size`.

    Attributes:
        pixels: The short side [px].
        reduced: Why it is smaller than its resolution asks for; "" if it is not.
    """

    pixels: int
    reduced: str = ""

    def seen(self, size: NetworkSize) -> str:
        """Say which size the network saw, and why."""
        reasons = [self.reduced, f"long side capped at {max(size.width, size.height)} px" if size.capped else ""]
        why = "; ".join(filter(None, reasons))
        return f"the network saw {size.width}x{size.height}" + (f" ({why})" if why else "")


def choose_input_size(height: int, width: int, resolution: str, preprocessing: Preprocessing) -> InputSize:
    """Return the short side of a resolution, or the largest one below it whose area fits.

    Args:
        height: Of the photo [px].
        width: Of the photo [px].
        resolution: One of `RESOLUTIONS`.
        preprocessing: What the network takes.

    Raises:
        ValueError: If there is no such resolution.
    """
    if resolution not in tuple(RESOLUTIONS):
        raise ValueError(f"The resolution must be one of {', '.join(RESOLUTIONS)}, not {resolution!r}.")
    asked, trained, step = RESOLUTIONS[resolution], preprocessing.short_side, preprocessing.step
    wanted = round(asked.short_side * trained / REFERENCE_SIDE / step) * step
    short_side = min(max(wanted, preprocessing.smallest), preprocessing.largest)
    most_tokens = asked.most_tokens * trained**2 // REFERENCE_SIDE**2
    for pixels in range(short_side, preprocessing.smallest, -step):
        if network_size(height, width, pixels, preprocessing).tokens <= most_tokens:
            break
    else:
        pixels = preprocessing.smallest
    reduced = f"short side {pixels} instead of {short_side} px: {resolution!r} is at most {most_tokens} patches of 14x14 px"
    return InputSize(pixels, reduced if pixels < short_side else "")
