"""The definitions of regions in words, for those who read below a plot what hovering would show."""

from __future__ import annotations

from depth_demo.comparison.results import Comparison
from depth_demo.wording.findings import shown


def region_definitions(comparison: Comparison) -> str:
    """Write a line of Markdown for each region that the plot shows; "" if nothing was judged."""
    rows = next((shown(scores.regions) for _, scores in comparison.judged), [])
    return "\n".join(f"- **{row.name}**: {row.definition}" for row in rows)
