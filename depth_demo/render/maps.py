"""Maps as pictures: colours, a bar with values and unit, SSIM. RGB uint8 out, nothing computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from depth_demo.formats.shrinking import halved
from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.render.shape import percentiles

_LOOKUPS = {
    "Inferno": cv2.COLORMAP_INFERNO,
    "Turbo": cv2.COLORMAP_TURBO,
    "Viridis": cv2.COLORMAP_VIRIDIS,
    "Gray": None,
}
COLOR_MAPS = tuple(_LOOKUPS)
NO_VALUE = (128, 128, 136)
MIN_SIDE, MAX_SIDE = 900, 1600  # longer side of a picture on the screen [px]; files for other programs keep every pixel
FAR_FACTOR = 5.0
ValueRange = tuple[float, float]


def lookup_table(color_map: str) -> NDArray[np.uint8]:
    """Return (256, 3) uint8 RGB, dark to bright."""
    if color_map not in COLOR_MAPS:
        raise ValueError(f"The colour map must be one of {', '.join(COLOR_MAPS)}, not {color_map!r}.")
    grey = np.arange(256, dtype=np.uint8)
    code = _LOOKUPS[color_map]
    if code is None:
        return np.repeat(grey[:, np.newaxis], 3, axis=1)
    return np.asarray(cv2.applyColorMap(grey[:, np.newaxis], code)[:, 0, ::-1], dtype=np.uint8)


def value_range(depth_map: DepthMap) -> ValueRange:
    """Return the 1st and 99th percentile of the valid values, so that a few outliers do not take all the colours.

    Metres end at five times the median, because the farthest few pixels can be hundreds of metres away.
    """
    if depth_map.is_empty:
        return 0.0, 1.0
    low, middle, high = percentiles(depth_map.values, 1, 50, 99)
    if depth_map.kind is DepthKind.METRIC_DEPTH:
        high = min(high, FAR_FACTOR * middle)
    return (low, high) if high > low else (low, low + max(abs(low), 1.0) * 1e-3)


def render_map(
    depth_map: DepthMap, color_map: str = "Inferno", limits: ValueRange | None = None, *, enlarged: bool = True
) -> RgbImage:
    """Draw a map in colours, near always bright, with its bar below; grey where there is no measurement.

    Args:
        depth_map: Any kind.
        color_map: One of `COLOR_MAPS`.
        limits: Values at the ends of the bar; None takes `value_range`.
        enlarged: Whether a small map is enlarged for the screen, and a large one shrunk.
    """
    low, high = limits or value_range(depth_map)
    table = lookup_table(color_map)
    if not depth_map.kind.nearer_is_larger:
        table = table[::-1]
    values = _fitted(depth_map.values) if enlarged else depth_map.values
    picture = colors(values, (low, high), table)
    return with_bar(picture, table, (low, high), _bar_label(depth_map.kind))


def _bar_label(kind: DepthKind) -> str:
    return f"{kind.label}, {'larger' if kind.nearer_is_larger else 'smaller'} is nearer"


def render_ssim(ssim_map: NDArray[np.float32]) -> RgbImage:
    """Draw an SSIM map: bright where map and reference are alike, dark where they differ, grey-blue without a value."""
    return render_values(ssim_map, "Gray", (0.0, 1.0), "SSIM, 1 (bright) = same structure as the reference")


def render_values(values: NDArray[np.float32], color_map: str, limits: ValueRange, label: str) -> RgbImage:
    """Draw (H, W) numbers that are no depth, with their bar; `label` says what they are."""
    table = lookup_table(color_map)
    return with_bar(colors(_fitted(values), limits, table), table, limits, label)


def render_spread(spread: NDArray[np.float32]) -> RgbImage:
    """Draw how far several answers of one model differ, (H, W), up to the 95th percentile."""
    high = max(float(np.nanpercentile(spread, 95)), 1e-6)
    return render_values(spread, "Viridis", (0.0, high), "spread of the answers, in the map's own numbers; bright: not sure")


def render_two(share: NDArray[np.float32], bright: str, dark: str) -> RgbImage:
    """Draw (H, W) numbers that are 1 or 0, but for a soft edge, with a legend of the two below."""
    table = lookup_table("Gray")
    picture = colors(_fitted(share), (0.0, 1.0), table)
    return with_legend(picture, (((255, 255, 255), bright), ((0, 0, 0), dark)))


def colors(values: NDArray[np.float32], limits: ValueRange, table: NDArray[np.uint8]) -> RgbImage:
    """Return one pixel per value, with the ends of the table at `limits`; grey where there is no value."""
    low, high = limits
    with np.errstate(invalid="ignore"):  # what NaN becomes is painted over
        levels = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    picture = cv2.applyColorMap(levels, np.ascontiguousarray(table[:, np.newaxis]))
    holes = np.isnan(values)
    if holes.any():
        cv2.copyTo(np.full_like(picture, NO_VALUE), holes.view(np.uint8), picture)
    return np.asarray(picture, dtype=np.uint8)


def _fitted(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Resize so that the longer side is within `MIN_SIDE` and `MAX_SIDE`: text stays sharp, and large maps are quick."""
    height, width = values.shape
    size = screen_size(height, width)
    resized = values if size == (width, height) else cv2.resize(values, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(resized, np.float32)


def screen_size(height: int, width: int) -> tuple[int, int]:
    """Return width and height of the picture of a map [px], without the bar below it."""
    longer = max(height, width)
    factor = float(np.clip(longer, MIN_SIDE, MAX_SIDE)) / longer
    return max(round(width * factor), 1), max(round(height * factor), 1)


def picture_size(height: int, width: int) -> tuple[int, int]:
    """Return width and height of the picture of a map [px], with the bar below it."""
    shown_width, shown_height = screen_size(height, width)
    return shown_width, shown_height + _bar_height(shown_width)


def map_pixel(shape: tuple[int, int], across: float, down: float) -> tuple[int, int] | None:
    """Return column and row of the map's pixel at a place of its picture; None on the bar or beside the picture.

    Args:
        shape: (H, W) of the map.
        across, down: Place in the picture [px], from its upper left corner.
    """
    height, width = shape
    shown_width, shown_height = screen_size(height, width)
    column, row = int(across * width // shown_width), int(down * height // shown_height)
    return (column, row) if 0 <= column < width and 0 <= row < height else None


def render_photo(image: RgbImage, under: RgbImage | None = None) -> RgbImage:
    """Draw a photo at screen size. With `under`, a rendered map, its bar is repeated so that both have one size."""
    size = screen_size(*image.shape[:2])
    picture = cv2.resize(halved(image, *size), size, interpolation=cv2.INTER_LINEAR)  # now linear sees every pixel
    return np.asarray(picture, np.uint8) if under is None else np.vstack((picture, under[len(picture) :]))


def with_bar(picture: RgbImage, table: NDArray[np.uint8], limits: ValueRange, label: str) -> RgbImage:
    """Draw a labelled colour bar below the picture, whose upper left corner stays where it was."""
    width = picture.shape[1]
    text_px = margin = bar_text_px(width)
    strip = Image.new("RGB", (width, _bar_height(width)), "white")
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(text_px)
    length = max(width - 2 * margin, 2)
    ramp = table[np.linspace(0, 255, length).astype(np.uint8)]
    strip.paste(Image.fromarray(np.repeat(ramp[np.newaxis], text_px, axis=0)), (margin, text_px // 2))
    low, high = limits
    for tick in nice_ticks(low, high):
        x = margin + (tick - low) / (high - low) * (length - 1)
        draw.line((x, 1.5 * text_px, x, 1.8 * text_px), fill="black", width=max(text_px // 10, 1))
        text = f"{tick:g}"
        left = np.clip(x - draw.textlength(text, font) / 2, 0, width - draw.textlength(text, font))
        draw.text((left, 1.8 * text_px), text, fill="black", font=font)
    draw.text((width / 2, strip.height - 2), label, fill="black", font=_fitting(label, width, text_px), anchor="mb")
    return np.vstack((picture, np.asarray(strip)))


def with_legend(picture: RgbImage, meanings: Sequence[tuple[tuple[int, int, int], str]]) -> RgbImage:
    """Draw one line for each colour and what it means below the picture, in the place of a bar."""
    width, height = picture.shape[1], _bar_height(picture.shape[1])
    strip = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(strip)
    text_px, line = bar_text_px(width), height / len(meanings)
    for number, (color, meaning) in enumerate(meanings):
        middle = (number + 0.5) * line
        box = text_px, middle - text_px / 2, 2 * text_px, middle + text_px / 2
        draw.rectangle(box, fill=color, outline="black", width=max(text_px // 10, 1))
        font = _fitting(meaning, width - 3 * text_px, text_px)
        draw.text((2.5 * text_px, middle), meaning, fill="black", font=font, anchor="lm")
    return np.vstack((picture, np.asarray(strip)))


def _fitting(text: str, width: float, text_px: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Return the font for a text that fits into a width [px]; the page's own texts fit at `text_px`."""
    while ImageFont.load_default(text_px).getlength(text) > width and text_px > 6:
        text_px -= 1
    return ImageFont.load_default(text_px)


def bar_text_px(width: int) -> int:
    """Return the size of a bar's text [px] on a picture of this width."""
    return max(round(width / 29), 11)  # 11 px or more on the screen where a picture is shown 320 px wide or wider


def _bar_height(width: int) -> int:
    return round(4.2 * bar_text_px(width))


def nice_ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round numbers within [low, high], about `count` of them, in steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]
