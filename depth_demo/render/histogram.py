"""A small histogram as SVG, which needs no script and is sharp on every screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, AXIS = 260, 56, 16  # px; the last is the height of the labels
BINS = 41


def render_histogram(values: NDArray[np.floating], half_range: float, unit: str) -> str:
    """Draw bars from -half_range to half_range with a line at 0, in the page's text colour. Values outside are left out.

    Args:
        values: (N,) in `unit`, finite.
        half_range: Where the axis ends.
        unit: For the labels, such as "px".
    """
    counts, _ = np.histogram(values, BINS, (-half_range, half_range))
    step = WIDTH / BINS
    heights = HEIGHT * counts / max(counts.max(), 1)
    bars = "".join(
        f'<rect x="{n * step + 0.5:.1f}" y="{HEIGHT - height:.1f}" width="{step - 1:.1f}" height="{height:.1f}"/>'
        for n, height in enumerate(heights)
        if height
    )
    labels = "".join(
        f'<text x="{x}" y="{HEIGHT + 13}" text-anchor="{anchor}">{text}</text>'
        for x, anchor, text in (
            (0, "start", f"\u2212{half_range:g}"),
            (WIDTH / 2, "middle", "0"),
            (WIDTH, "end", f"{half_range:g} {unit}"),
        )
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + AXIS}" width="{WIDTH}" height="{HEIGHT + AXIS}" role="img" fill="currentColor" '
        f'font-size="11"><g opacity="0.7">{bars}</g>'
        f'<path d="M0 {HEIGHT}H{WIDTH}M{WIDTH / 2} 0V{HEIGHT}" stroke="currentColor" opacity="0.35"/>{labels}</svg>'
    )
