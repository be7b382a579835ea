"""Help in two wordings, beside the result of a pair and of one view; and parts that one view does not have."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from depth_demo.ui.run import Values
from depth_demo.wording.terms import explained


class ByViews:
    """Two columns of text in one place, of which one is seen.

    Attributes:
        columns: That beside a pair, and that beside one view.
    """

    def __init__(self, of_pair: str, of_one_view: str) -> None:
        """Lay out both as Markdown; the pair's is seen until there is a result."""
        self.columns: list[gr.Column] = []
        for text, is_seen in ((of_pair, True), (of_one_view, False)):
            with gr.Column(visible=is_seen) as column:
                gr.Markdown(explained(text))
            self.columns.append(column)

    def shown(self, *, two: bool) -> Values:
        """Return which column is seen, beside a result of two views or of one."""
        return {column: gr.Column(visible=of_two is two) for column, of_two in zip(self.columns, (True, False), strict=True)}


def seen_if(parts: Sequence[gr.Column], *, seen: bool) -> Values:
    """Return whether parts of the page are seen."""
    return {part: gr.Column(visible=seen) for part in parts}
