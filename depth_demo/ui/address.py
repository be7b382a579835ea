"""The page's address: it carries tab, example, model, settings and colours, as in `?tab=compare&example=466&mode=HH`.

The page's script writes the address while a person chooses; uploads are left out. Whoever opens or reloads an address, or goes
back to it, finds the fields filled from it, and its example is run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from gradio.components import Component

from depth_demo.ui.run import SILENT, Values

TAB, EXAMPLE = "tab", "example"
MAX_LENGTH = 4000  # characters


@dataclass(frozen=True, slots=True)
class Shareable:
    """What of a tab an address can carry.

    Attributes:
        name: Of the tab, as the address has it.
        run: Of its run, as in the ids of its elements.
        fields: By the names that the endpoint has for them.
        contents: What each example puts into which fields, by its name.
    """

    name: str
    run: str
    fields: Mapping[str, Component]
    contents: Mapping[str, Mapping[Component, object]]

    @property
    def all_fields(self) -> list[Component]:
        """All fields that an address may fill."""
        return [*self.fields.values(), *(field for content in self.contents.values() for field in content)]

    def watch(self) -> None:
        """Have the page's script write into the address what a person changes."""
        chosen_apart = {"model"}  # which the page changes by itself
        for names in ([name for name in self.fields if name not in chosen_apart], list(chosen_apart & self.fields.keys())):
            fields: list[Any] = [self.fields[name] for name in names]
            if fields:
                known = json.dumps([[name, field.value] for name, field in zip(names, fields, strict=True)])
                note = f"(...values) => depthDemo.noteFields('{self.name}', {known}, values)"
                gr.on([field.input for field in fields], None, fields, None, js=note, **SILENT)


def restore(tabs: Sequence[Shareable], address: str) -> tuple[Values, list[str]]:
    """Read an address.

    Args:
        tabs: What can be restored.
        address: The part of it from the question mark on.

    Returns:
        Values of fields, and a sentence for each part that is left out.
    """
    if len(address) > MAX_LENGTH:
        return {}, [f"The link is longer than {MAX_LENGTH} characters, so its settings are left out."]
    asked = {name: values[-1] for name, values in parse_qs(address.removeprefix("?")).items()}
    name = asked.pop(TAB, tabs[0].name)
    tab = next((tab for tab in tabs if tab.name == name), None)
    if tab is None:
        return {}, [f"The link names no tab of this page: these are {', '.join(tab.name for tab in tabs)}."]
    values: Values = {}
    problems: list[str] = []
    if (wanted := asked.pop(EXAMPLE, None)) is not None:
        if wanted not in tab.contents:
            problems.append(f"The link asks for an example that is not here: {wanted}.")
        values |= dict(tab.contents.get(wanted, {}))
    for name, text in asked.items():
        if (field := tab.fields.get(name)) is None:
            continue  # such as what a host of the page adds
        try:
            values[field] = value_of(name, field, text)
        except ValueError as error:
            problems.append(f"Left out of the link: {error}")
    return values, problems


def value_of(name: str, field: Component, text: str) -> object:
    """Read a field's value.

    Raises:
        ValueError: If the field cannot hold it.
    """
    if isinstance(field, gr.Dropdown | gr.Radio):
        names = [str(value) for _, value in field.choices]
        if isinstance(field, gr.Dropdown) and field.multiselect:
            return [value_of(name, gr.Radio(names), each) for each in text.split(",") if each]
        if text not in names:
            raise ValueError(f"{name} must be one of {', '.join(names)}, not {text}.")
        return text
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f"{name} must be a number, not {text}.") from error
    low, high = getattr(field, "minimum", None), getattr(field, "maximum", None)
    if not (float("-inf") if low is None else low) <= number <= (float("inf") if high is None else high):
        raise ValueError(f"{name} must be {low:g} to {high:g}, not {text}.")
    return int(number) if number.is_integer() else number
