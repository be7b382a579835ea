"""Bars as high as their counts, in bins that are centred on zero."""

from __future__ import annotations

import re

import numpy as np

from depth_demo.render.histogram import BINS, HEIGHT, WIDTH, render_histogram


def bars(svg: str) -> list[tuple[float, float]]:
    """Centre and height of each bar [px]."""
    found = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)"/>', svg)
    return [(float(x) + float(width) / 2, float(height)) for x, width, height in found]


def test_bars() -> None:
    """Two values at 0 and one at half of the right side; what is beyond the ends is left out."""
    (middle, tallest), (right, lower) = bars(render_histogram(np.array([0.0, 0.0, 1.0, 7.0, -7.0]), 2, "px"))
    assert abs(middle - WIDTH / 2) < 0.1
    assert (tallest, lower) == (HEIGHT, HEIGHT / 2)
    assert abs(right - 0.75 * WIDTH) <= WIDTH / BINS / 2


def test_labels_say_the_ends_and_the_unit() -> None:
    svg = render_histogram(np.array([0.5]), 2.5, "px")
    assert re.findall(r">([^<]+)</text>", svg) == ["\u22122.5", "0", "2.5 px"]


def test_no_values_no_bars() -> None:
    assert bars(render_histogram(np.zeros(0), 2, "px")) == []
