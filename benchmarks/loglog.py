"""Lines on two logarithmic axes, as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]
COLORS = ("#4477aa", "#ee6677", "#228833", "#b8860b", "#66ccee", "#aa3377", "#777777")
WIDTH, HEIGHT = 430, 300  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 28, 44


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines by name, all values larger than 0; a dashed line shows what is proportional to x."""

    title: str
    across: str
    lines: Mapping[str, Points]


def draw(panels: Sequence[Panel], legend: Sequence[str]) -> str:
    """An SVG file: the panels side by side, two to a row, and the names with their colours below."""
    rows = math.ceil(len(panels) / 2)
    colors = dict(zip(legend, COLORS, strict=False))
    body = [
        f'<g transform="translate({n % 2 * WIDTH},{n // 2 * HEIGHT})">{_panel(panel, colors)}</g>'
        for n, panel in enumerate(panels)
    ]
    for n, (name, color) in enumerate(colors.items()):
        x, y = 20 + n % 4 * 210, rows * HEIGHT + 16 + n // 4 * 20
        body.append(
            f'<path d="M{x} {y - 4}h22" stroke="{color}" stroke-width="3"/><text x="{x + 28}" y="{y}">{escape(name)}</text>'
        )
    size = f'width="{2 * WIDTH}" height="{rows * HEIGHT + 20 * math.ceil(len(colors) / 4) + 12}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{background}{"".join(body)}</svg>\n'


def _panel(panel: Panel, colors: Mapping[str, str]) -> str:
    points = [point for line in panel.lines.values() for point in line]
    (x_low, x_high), (y_low, y_high) = (_decades([point[axis] for point in points]) for axis in (0, 1))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / (x_high - x_low)
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def path(line: Points, look: str) -> str:
        return f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in line))}" fill="none" {look}/>'

    parts = [f'<text x="{LEFT}" y="18" font-weight="bold">{escape(panel.title)}</text>']
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(panel.across)}</text>')
    for x in _ticks(x_low, x_high):
        parts.append(path([(x, 10**y_low), (x, 10**y_high)], 'stroke="#e5e5e5"'))
        parts.append(f'<text x="{place(x, 1)[0]:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>')
    for y in _ticks(y_low, y_high):
        parts.append(path([(10**x_low, y), (10**x_high, y)], 'stroke="#e5e5e5"'))
        parts.append(f'<text x="{LEFT - 6}" y="{place(1, y)[1] + 4:.1f}" text-anchor="end">{y:g}</text>')
    rise = min(x_high - x_low, y_high - y_low)
    parts.append(
        path([(10**x_low, 10**y_low), (10 ** (x_low + rise), 10 ** (y_low + rise))], 'stroke="#999" stroke-dasharray="4 4"')
    )
    for name, line in panel.lines.items():
        parts.append(path(line, f'stroke="{colors[name]}" stroke-width="2"'))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colors[name]}"/>' for x, y in (place(*p) for p in line)]
    return "".join(parts)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Exponents of 10 that enclose the values with a little room."""
    return math.log10(min(values)) - 0.08, math.log10(max(values)) + 0.08


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of 10; powers alone where there are many."""
    steps = (1,) if high - low > 2.2 else (1, 2, 5)
    candidates = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    return [value for value in candidates if low <= math.log10(value) <= high]
