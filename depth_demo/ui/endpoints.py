"""What only programs see of the public endpoints: fields of their own, and a line on every parameter and result."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import gradio as gr
from gradio.components import Component

from depth_demo.monocular.models import DEFAULT_MODEL
from depth_demo.monocular.phone import PHONE
from depth_demo.ui.models import AUTO, ModelShelf, needs_download, offered

H = TypeVar("H", bound=Callable[..., Any])
ASK = "ask"
SQUEEZED: dict[str, bool | None] = {ASK: None, "yes": True, "no": False}  # as `load_pair` takes them
SECTIONS = ("Args:", "Returns:")


def model_field(*, phone: bool = True) -> gr.Dropdown:
    """Lay out the choice of a model; the page's own menu has no `AUTO`, and a checkbox for `PHONE`.

    Args:
        phone: Whether `PHONE` may be chosen, which clips have not.
    """
    names = [AUTO, *(spec.name for spec in offered()), *([PHONE] if phone else [])]
    return gr.Dropdown(names, value=AUTO, label="Model", visible=False)


def later_fields() -> list[Component]:
    """Lay out how a model draws its answer, and whether to wait for a slow one; endpoints take these last."""
    return [
        gr.Number(0, precision=0, label="Steps", visible=False),
        gr.Number(0, precision=0, label="Answers merged", visible=False),
        gr.Checkbox(value=False, label="Patient", visible=False),
    ]


def plots_field() -> gr.Checkbox:
    """Lay out whether plots are sent."""
    return gr.Checkbox(value=False, label="Plots", visible=False)


def squeezed_field() -> gr.Dropdown:
    """Lay out whether the halves of one file are squeezed; the page asks below the file."""
    return gr.Dropdown(list(SQUEEZED), value=ASK, label="Squeezed", visible=False)


def will_download(shelf: ModelShelf, fields: Sequence[object], values: Sequence[object]) -> bool:
    """Return whether an event names a model whose files are not all on this machine. The Hub is not asked.

    Args:
        shelf: Knows what `AUTO` stood for last.
        fields: The components that are a handler's inputs.
        values: What was sent for each.
    """
    sent = [value for field, value in zip(fields, values, strict=False) if _offers_models(field)]
    return needs_download([shelf.expect(value) for value in sent if isinstance(value, str)])


def _offers_models(field: object) -> bool:
    return isinstance(field, gr.Dropdown) and DEFAULT_MODEL in [choice for _, choice in field.choices]


def documented(handler: H) -> H:
    """Put each entry of the docstring's Args and Returns on one line: Gradio reads no further."""
    handler.__doc__ = one_line_each(handler.__doc__ or "")
    return handler


def one_line_each(text: str) -> str:
    """Return a docstring in Google's style whose entries in `SECTIONS` have one line each."""
    lines: list[str] = []
    inside = False
    for line in inspect.cleandoc(text).splitlines():
        inside = line in SECTIONS or (inside and (not line or line.startswith(" ")))
        if inside and line.startswith(" " * 8):
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)
