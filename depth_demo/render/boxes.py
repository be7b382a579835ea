"""Failure boxes as pictures: coloured rectangles, their legend, and crops of what lies in them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from depth_demo.evaluation.failures import FailureBox
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.render.maps import colors, lookup_table, value_range
from depth_demo.wording.boxes import box_caption

Color = tuple[int, int, int]
# Blue and orange are those of Okabe and Ito (2008); the red differs from both in lightness too, for every kind of eye.
COLORS: dict[str, Color] = {
    "both": (205, 10, 35),
    "only monocular": (86, 180, 233),
    "only stereo": (230, 159, 0),
}
METHOD_COLORS = {
    "monocular": COLORS["only monocular"],
    "stereo": COLORS["only stereo"],
    "fused": (0, 158, 115),  # Okabe and Ito's green
}
TILE = (240, 180)  # width and height of a crop [px]
MARGIN = 0.25  # of the box's side, seen around it
MIN_CROP = 1 / 12  # of the picture's width
GAP = 4  # px between crops
FONT_PX, CAPTION_PX, LINE_PX = (
    25,
    126,
    30,
)  # of four lines: 11 px where a page shows a strip 320 px wide


def draw_boxes(picture: RgbImage, boxes: Iterable[FailureBox], source_width: int) -> RgbImage:
    """Draw rectangles in the colour of who fails, on a picture of a map that is `source_width` pixels wide.

    Their names are in a corner each, the upper left one where no other name is there.
    """
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    factor = picture.shape[1] / source_width
    line = max(picture.shape[1] // 200, 2)
    font = ImageFont.load_default(max(picture.shape[1] // 32, 11))
    drawn = [(box, *(round(factor * side) for side in (box.left, box.top, box.right, box.bottom))) for box in boxes]
    for box, left, top, right, bottom in drawn:
        draw.rectangle((left, top, right - 1, bottom - 1), outline=color_of(box), width=line)
        inner = left + line, top + line, right - 1 - line, bottom - 1 - line
        if inner[2] > inner[0] and inner[3] > inner[1]:
            draw.rectangle(inner, outline="black")  # seen on every background
    taken: list[tuple[int, int]] = []
    for box, left, top, right, bottom in drawn:
        x0, y0, x1, y1 = (round(side) for side in draw.textbbox((0, 0), box.name, font=font))
        wide, high = x1 - x0 + 2 * line, y1 - y0 + 2 * line
        corners = [(x, y) for y in (top, bottom - high) for x in (left, right - wide)]
        free = (at for at in corners if all(abs(at[0] - x) >= wide or abs(at[1] - y) >= high for x, y in taken))
        x, y = next(free, corners[0])
        taken.append((x, y))
        draw.rectangle((x, y, x + wide - 1, y + high - 1), fill=color_of(box))
        draw.text((x + line - x0, y + line - y0), box.name, fill="white" if box.shared else "black", font=font)
    return np.asarray(canvas)


def color_of(box: FailureBox) -> Color:
    """Return the colour of who fails in a box."""
    return COLORS.get(box.fails, METHOD_COLORS[box.method])


def legend() -> str:
    """Write what the colours mean, as HTML."""
    return " &nbsp; ".join(
        f'<span style="color:rgb{color}; font-size:1.3em">&#9632;</span>&nbsp;{who}{"" if who == "both" else " fails"}'
        for who, color in COLORS.items()
    ).replace("both", "both fail")


def crops(box: FailureBox, photo: RgbImage, truth: DepthMap, predicted: DepthMap, color_map: str) -> RgbImage:
    """Draw photo, truth and map around the box, and a caption. The colours span the truth that is seen there."""
    window = _window(box, truth.shape)
    near_truth = DepthMap(truth.values[window], truth.kind)
    limits, table = value_range(near_truth), lookup_table(color_map)
    maps = (cv2.resize(m.values[window], TILE, interpolation=cv2.INTER_NEAREST) for m in (truth, predicted))
    tiles = [cv2.resize(photo[window], TILE, interpolation=cv2.INTER_AREA), *(colors(m, limits, table) for m in maps)]
    rows, columns = window
    across, down = TILE[0] / (columns.stop - columns.start), TILE[1] / (rows.stop - rows.start)
    corner = round((box.left - columns.start) * across), round((box.top - rows.start) * down)
    opposite = round((box.right - columns.start) * across) - 1, round((box.bottom - rows.start) * down) - 1
    gap = np.full((TILE[1], GAP, 3), 255, np.uint8)
    marked = [cv2.rectangle(tile, corner, opposite, color_of(box), 2) for tile in tiles]
    strip = np.hstack((marked[0], gap, marked[1], gap, marked[2]))
    text = Image.new("RGB", (strip.shape[1], CAPTION_PX), "white")
    font, draw = ImageFont.load_default(FONT_PX), ImageDraw.Draw(text)
    for number, line in enumerate(_lines(box_caption(box), strip.shape[1] - 12, font)):
        draw.text((6, 2 + number * LINE_PX), line, fill="black", font=font)
    return np.vstack((strip, np.asarray(text)))


def _lines(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Wrap a text at words so that each line is at most `width` px long in this font."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.append("")
        for word in paragraph.split():
            longer = f"{lines[-1]} {word}".strip()
            if font.getlength(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
    return lines


def _window(box: FailureBox, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return rows and columns around a box, of the proportions of a tile as far as the picture goes."""
    aspect = TILE[0] / TILE[1]
    width, height = ((1 + 2 * MARGIN) * side for side in (box.right - box.left, box.bottom - box.top))
    width = max(width, height * aspect, MIN_CROP * shape[1])
    height = width / aspect
    rows, columns = (
        _centred((start + stop) / 2, length, size)
        for start, stop, length, size in (
            (box.top, box.bottom, height, shape[0]),
            (box.left, box.right, width, shape[1]),
        )
    )
    return rows, columns


def _centred(middle: float, length: float, size: int) -> slice:
    """Return `length` pixels around `middle`, moved and cut to lie within 0..size."""
    count = min(max(round(length), 1), size)
    start = min(max(round(middle - count / 2), 0), size - count)
    return slice(start, start + count)
