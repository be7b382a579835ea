"""What is sent for a handler's inputs, checked before anything is done with it: whoever speaks HTTP may send anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import gradio as gr

from depth_demo.geometry import LARGEST

LONGEST_SHOWN = 40  # characters of what was sent
ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
UPLOADED = re.compile(r"https?://[^?#]*?/gradio_api/file=(.+)", re.IGNORECASE)


def check_inputs(fields: Sequence[object], values: Sequence[object], folder: Path) -> None:
    """Let through only what the page could have sent: numbers, choices, and uploads of this server.

    Gradio reads a file anywhere on the machine when `meta` is left out, and fetches one whose path is an address.

    Args:
        fields: The components that are a handler's inputs.
        values: What was sent for each.
        folder: Where uploads are.

    Raises:
        ValueError: If anything else was sent.
    """
    if len(values) != len(fields):
        raise ValueError(f"The number of inputs must be {len(fields)}, not {len(values)}.")
    for field, value in zip(fields, values, strict=True):
        if isinstance(field, gr.State):  # what is sent for it is not looked at
            continue
        name = getattr(field, "label", None) or "The field"
        _check(name, field, value)
        paths = list(paths_in(value))
        if any(ADDRESS.match(path) for path in paths):
            raise ValueError(
                f"{name}: this server fetches no web addresses. Please download the file, and upload it: "
                "handle_file('photo.jpg') in gradio_client does."
            )
        if not all(file_inside(folder, path) for path in paths):
            raise ValueError(f"{name}: this file was never uploaded, or it is gone by now; please choose it again.")


def with_local_path(value: object) -> object:
    """Return what was sent, with the path of a file here in place of its address, such as that of a result.

    Nothing is fetched: whatever the host is, `check_inputs` looks for the path among the files of this server.
    """
    path = value.get("path") if isinstance(value, dict) else None
    address = UPLOADED.fullmatch(path) if isinstance(path, str) else None
    return {**value, "path": unquote(address[1])} if address and isinstance(value, dict) else value


def _check(name: str, field: object, value: object) -> None:
    if isinstance(field, gr.Number | gr.Slider):
        _check_number(name, field, value)
    elif isinstance(field, gr.Dropdown | gr.Radio):
        choices = [choice for _, choice in field.choices]
        if isinstance(field, gr.Dropdown) and field.multiselect:
            _check_choices(name, choices, value)
        else:
            _check_choice(name, choices, value)
    elif isinstance(field, gr.Checkbox):
        _check_switch(name, value)
    elif isinstance(field, gr.Dataset):
        _check_example(len(field.samples), value)
    elif isinstance(field, gr.Image | gr.File | gr.UploadButton):
        several = isinstance(value, list) and getattr(field, "file_count", "single") == "multiple"
        for each in value if isinstance(value, list) and several else [value]:
            _check_file(name, each, needed=several)
    elif not isinstance(value, str | None):
        raise ValueError(f"{name} must be text, not {_shown(value)}.")


def _check_number(name: str, field: gr.Number | gr.Slider, value: object) -> None:
    if value is None and isinstance(field, gr.Number):  # an empty field
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number, not {_shown(value)}.")
    low, high = (field.minimum, field.maximum) if isinstance(field, gr.Slider) else (-LARGEST, LARGEST)
    if not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, not {_shown(value)}.")
    if field.precision == 0 and value != int(value):
        raise ValueError(f"{name} must be a whole number, not {_shown(value)}.")


def _check_choice(name: str, choices: Sequence[object], value: object) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(str, choices))}, not {_shown(value)}.")


def _check_choices(name: str, choices: Sequence[object], value: object) -> None:
    if not isinstance(value, list) or len(value) > len(choices):
        raise ValueError(f"{name} must be a list of {', '.join(map(str, choices))}, not {_shown(value)}.")
    for each in value:
        _check_choice(name, choices, each)


def _check_switch(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, not {_shown(value)}.")


def _check_example(count: int, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"There are {count} examples, counted from 0, and {_shown(value)} is none of them.")


def _check_file(name: str, value: object, *, needed: bool) -> None:
    if (needed or value is not None) and not (isinstance(value, dict) and isinstance(value.get("path"), str)):
        raise ValueError(f"{name} must be a file that was uploaded before, not {_shown(value)}.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def paths_in(value: object) -> Iterator[str]:
    """Yield the paths of the files that a request or an answer names."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if isinstance(item.get("path"), str):
                yield item["path"]
            todo.extend(item.values())
        elif isinstance(item, list | tuple):
            todo.extend(item)


def file_inside(folder: Path, path: str) -> Path | None:
    """Return a file that is there, below `folder`, whatever `..` its path holds; None if there is none."""
    inside = Path(os.path.normpath(path))
    return inside if folder in inside.parents and os.path.isfile(inside) else None  # noqa: PTH113 (no error for any name)
