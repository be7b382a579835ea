"""What all Plotly figures have in common: they lie on the page's own colour, light or dark, and share their colours."""

from __future__ import annotations

from typing import Any

from depth_demo.render.boxes import METHOD_COLORS

INK = "#888"  # between white and black; the page takes its own colour for what is not drawn on a canvas
GRID = "rgba(128,128,128,0.3)"
CLEAR = "rgba(0,0,0,0)"
LINE_COLORS = {name: f"rgb{color}" for name, color in METHOD_COLORS.items()}
LINE_COLORS["truth"] = "rgb(204,121,167)"  # Okabe and Ito's purple
LAYOUT: dict[str, Any] = {
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "font_color": INK,
    "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
}
