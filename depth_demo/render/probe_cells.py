"""A probed pixel as HTML: its values, its windows, its verdict, and a crosshair over every map."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from depth_demo.comparison.probe import Probe, Reading, ViewProbe
from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.render.maps import picture_size, screen_size
from depth_demo.stereo.matched import Rejection
from depth_demo.stereo.why.pixel_costs import WINDOW

CONTEXT = 12  # px around a window
ZOOM = 4
FLAG = 26  # texts of this size [a share of the picture's width] are read on a phone too
BOX_COLOR = (255, 0, 200)
DASH = "\N{EN DASH}"


def crosshair(selector: str, shape: tuple[int, int], x: int, y: int, said: str = "", *, bar: bool = True) -> str:
    """Write a style sheet that draws a crosshair, and a value beside it, over a picture of a map, which is not sent again.

    The overlay is an SVG of the picture's own proportions, which `contain` places exactly as the browser places the picture.

    Args:
        selector: CSS for the element right around each picture.
        shape: (H, W) of the map.
        x: Column of the map.
        y: Row of the map.
        said: What stands beside the crosshair; "" for nothing.
        bar: Whether the picture has a bar below the map.
    """
    height, width = shape
    shown_width, shown_height = screen_size(height, width)
    whole_width, whole_height = picture_size(height, width) if bar else (shown_width, shown_height)
    across, down = (x + 0.5) * shown_width / width, (y + 0.5) * shown_height / height
    gap = shown_width / 100
    path = (
        f"M0 {down:.1f}H{across - gap:.1f}M{across + gap:.1f} {down:.1f}H{shown_width}"
        f"M{across:.1f} 0V{down - gap:.1f}M{across:.1f} {down + gap:.1f}V{shown_height}"
    )
    lines = "".join(
        f"<path d='{path}' stroke='{color}' stroke-width='{stroke / 400 * shown_width:.1f}' fill='none'/>"
        for color, stroke in (("black", 2.4), ("white", 1.0))
    )
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {whole_width} {whole_height}' "
        f"width='{whole_width}' height='{whole_height}'>{lines}{_flag(said, across, down, shown_width, shown_height)}</svg>"
    )
    url = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return (
        f"<style>{selector}{{position:relative}}{selector}::after{{content:'';position:absolute;inset:0;pointer-events:none;"
        f'background:url("{url}") center/contain no-repeat}}</style>'
    )


def _flag(said: str, across: float, down: float, width: int, height: int) -> str:
    """Draw a text on a dark ground, in the quadrant of the crosshair that has the most room."""
    if not said:
        return ""
    size = width / FLAG
    wide, high, gap = (0.58 * len(said) + 1) * size, 1.7 * size, 0.5 * size
    left = min(max(across + gap if across < width / 2 else across - gap - wide, 0), max(width - wide, 0))
    top = down + gap if down < height / 2 else down - gap - high
    return (
        f"<rect x='{left:.1f}' y='{top:.1f}' width='{wide:.1f}' height='{high:.1f}' rx='{size / 4:.1f}' fill='#111'/>"
        f"<text x='{left + wide / 2:.1f}' y='{top + 1.2 * size:.1f}' font-size='{size:.1f}' font-family='sans-serif' "
        f"text-anchor='middle' fill='white'>{html.escape(said)}</text>"
    )


def map_values(probe: ViewProbe) -> tuple[str, ...]:
    """Return what each map of a comparison holds at the pixel: left view, judge, monocular, stereo, SSIM of both.

    Of one view, the maps of stereo have no word.
    """
    aligned, unit = _value(probe.monocular), f" {probe.raw_kind.unit}" if probe.raw_kind.unit else ""
    raw = "no value" if math.isnan(probe.raw) else f"{probe.raw:.4g}{unit}"
    return (
        f"x {probe.x}, y {probe.y}",
        _value(probe.truth),
        raw if aligned == DASH else aligned,
        _stereo_value(probe),
        _number(probe.monocular.ssim),
        _number(probe.stereo.ssim) if isinstance(probe, Probe) else "",
    )


def _stereo_value(probe: ViewProbe) -> str:
    if not isinstance(probe, Probe):
        return ""
    return "no value" if probe.missing else _value(probe.stereo)


def spoken(probe: ViewProbe) -> str:
    """Say the pixel in a sentence for a screen reader."""
    pixel, truth, monocular, stereo, *_ = map_values(probe)
    if not isinstance(probe, Probe):
        return f"{pixel}: truth {truth}, monocular {monocular}."
    return f"{pixel}: truth {truth}, monocular {monocular}, stereo {stereo}. Verdict: {probe.verdict.cause}."


def render_cells(probe: ViewProbe) -> str:
    """Write all values of the pixel as a row that wraps on a narrow screen."""
    cells = "".join(f"<div><dt>{html.escape(name)}</dt><dd>{value}</dd></div>" for name, value in _cells(probe))
    return f'<dl class="probe-cells" data-say="{html.escape(spoken(probe))}">{cells}</dl>'


def _cells(probe: ViewProbe) -> Iterator[tuple[str, str]]:
    red, green, blue = probe.color
    swatch = f'<span style="color:rgb({red},{green},{blue})">&#9632;</span>'
    unit = f" {probe.raw_kind.unit}" if probe.raw_kind.unit else ", no unit"
    yield "Pixel", f"x {probe.x}, y {probe.y}"
    yield "Colour", f"{swatch} {red}, {green}, {blue}"
    yield "Truth", _value(probe.truth)
    yield f"Monocular, raw ({probe.raw_kind.value})", DASH if math.isnan(probe.raw) else f"{probe.raw:.4g}{unit}"
    yield "Monocular, aligned", _value(probe.monocular)
    if isinstance(probe, Probe):
        yield "Stereo", _why_none(probe.missing) if probe.missing else _value(probe.stereo)
    yield "Error, monocular", _error(probe.monocular)
    if isinstance(probe, Probe):
        yield "Error, stereo", _error(probe.stereo)
        yield "SSIM, monocular / stereo", f"{_number(probe.monocular.ssim)} / {_number(probe.stereo.ssim)}"
    else:
        yield "SSIM, monocular", _number(probe.monocular.ssim)
    yield "Region", ", ".join(map(html.escape, probe.regions)) or "none"


def _why_none(missing: Rejection) -> str:
    return f"none: {f'<b>{missing.check}</b>; ' if missing.check else ''}{missing.because}"


def _value(reading: Reading) -> str:
    if math.isnan(reading.disparity_px):
        return DASH if math.isnan(reading.depth_m) else f"{reading.depth_m:.2f} m"
    return f"{reading.disparity_px:.2f} px" + ("" if math.isnan(reading.depth_m) else f" = {reading.depth_m:.2f} m")


def _error(reading: Reading) -> str:
    if math.isnan(reading.error_px):
        return DASH if math.isnan(reading.error_m) else f"{reading.error_m:+.2f} m"
    return f"{reading.error_px:+.2f} px" + ("" if math.isnan(reading.error_m) else f", {reading.error_m:+.2f} m")


def _number(value: float) -> str:
    return DASH if math.isnan(value) else f"{value:.2f}"


def render_verdict(probe: Probe, pair: StereoPair) -> str:
    """Write the verdict, and draw the windows that it is about."""
    windows = "".join(
        f'<figure><img alt="{label}" src="{_as_url(picture)}"><figcaption>{label}</figcaption></figure>'
        for label, picture in _windows(probe, pair)
    )
    verdict = probe.verdict
    check = probe.missing.check if probe.missing else ""
    removed = f" Removed by: {check}." if check not in {"", verdict.cause} else ""
    return (
        f"<p><b>Verdict: {verdict.cause}.</b> {html.escape(verdict.why)}{removed}</p>"
        f'<div class="probe-windows">{windows}</div>'
    )


def _windows(probe: Probe, pair: StereoPair) -> Iterator[tuple[str, RgbImage]]:
    yield "left view", window_picture(pair.left, probe.x, probe.y)
    for name, disparity in (
        ("least 1 \N{MINUS SIGN} ZNCC", float(probe.costs.best("ZNCC"))),
        ("stereo", probe.stereo.disparity_px),
        ("truth", probe.truth.disparity_px),
    ):
        column = probe.x - round(disparity) if not math.isnan(disparity) else -1
        if 0 <= column < pair.right.shape[1]:
            yield f"right view, {name}: {disparity:.1f} px", window_picture(pair.right, column, probe.y)


def window_picture(view: RgbImage, x: int, y: int) -> RgbImage:
    """Draw the matched window with a frame, enlarged, with 12 px around it. Edge pixels go on beyond the border."""
    half = WINDOW // 2 + CONTEXT
    rows = np.clip(np.arange(y - half, y + half + 1), 0, view.shape[0] - 1)
    columns = np.clip(np.arange(x - half, x + half + 1), 0, view.shape[1] - 1)
    picture = np.repeat(np.repeat(view[np.ix_(rows, columns)], ZOOM, axis=0), ZOOM, axis=1)
    start, stop = CONTEXT * ZOOM - 1, (CONTEXT + WINDOW) * ZOOM
    return np.asarray(cv2.rectangle(np.ascontiguousarray(picture), (start, start), (stop, stop), BOX_COLOR, 2), np.uint8)


def _as_url(picture: RgbImage) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
