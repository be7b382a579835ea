"""Settings that describe themselves: each field of a dataclass carries what it accepts and how a page shows it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from depth_demo.geometry import is_real_number, number_text

Kind = Literal["choice", "number", "slider"]


class Described(Protocol):
    """A dataclass whose fields have metadata of `choice`, `number` or `slider`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


@dataclass(frozen=True, slots=True)
class Control:
    """One setting: its words, its limits and its place in a form.

    Attributes:
        kind: How it is set: a choice among words, a number, or a number on a slider.
        label: Its name for people, without the unit.
        info: One sentence on what it does.
        unit: Such as "px" or "%"; "" for none.
        choices: The accepted words.
        low, high: Smallest and largest accepted number.
        step: Between accepted numbers, counted from `low`; 0 accepts fractions.
        shown_to: Where a slider ends; at most `high`.
        folded: Whether a form may hide it at first.
    """

    kind: Kind
    label: str
    info: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    step: int = 1
    shown_to: int = 0
    folded: bool = True

    @property
    def title(self) -> str:
        """The label with the unit, such as 'block_size [px]'."""
        return f"{self.label} [{self.unit}]" if self.unit else self.label

    @property
    def explained(self) -> str:
        """What a program must know: the label, what it does, and the accepted values, as far as a form offers them."""
        words = f"{self.label.partition(': ')[2]}. {self.info}".lstrip(". ")
        words = words[:1].upper() + words[1:]
        if self.kind == "choice":
            return words
        number = "whole number" if self.step else "number"
        steps = f" in steps of {self.step}" if self.step > 1 else ""
        unit = f" {self.unit}" if self.unit else ""
        return f"{words} A {number} from {self.low} to {self.shown_to or self.high}{unit}{steps}."

    def accept(self, name: str, value: Any) -> Any:  # noqa: ANN401
        """Return the value, a whole number as int.

        Raises:
            ValueError: If the value is not accepted; the sentence says what is.
        """
        if self.kind == "choice":
            if value not in self.choices:
                raise ValueError(f"The {name} must be one of {', '.join(self.choices)}, not {value!r}.")
            return value
        whole = " whole" if self.step else ""
        if not is_real_number(value) or not self.low <= value <= self.high or (self.step and value != int(value)):
            raise ValueError(f"{name} must be a{whole} number from {self.low} to {self.high}, not {number_text(value)}.")
        if self.step and (value - self.low) % self.step:
            listed = f"one of {self.low}, {self.low + self.step}, {self.low + 2 * self.step} ... {self.high}"
            accepted = listed if self.low % self.step else f"a multiple of {self.step}"
            raise ValueError(f"{name} must be {accepted}, not {number_text(value)}.")
        return int(value) if self.step else value


def choice(label: str, choices: Sequence[str], info: str, *, folded: bool = True) -> dict[str, Control]:
    """Return the metadata of a field that is one of some words."""
    return {"control": Control("choice", label, info, choices=tuple(choices), folded=folded)}


def number(label: str, unit: str, low: int, high: int, info: str, *, step: int = 1) -> dict[str, Control]:
    """Return the metadata of a field that is a number from `low` to `high` in steps of `step`; step 0 accepts fractions."""
    return {"control": Control("number", label, info, unit, (), low, high, step)}


def slider(
    label: str, unit: str, low: int, high: int, info: str, *, step: int = 1, shown_to: int = 0, folded: bool = True
) -> dict[str, Control]:
    """Return the metadata of a `number` that is set on a slider, which ends at `shown_to`, or at `high` if that is 0."""
    return {"control": Control("slider", label, info, unit, (), low, high, step, shown_to or high, folded)}


def controls(settings: Described | type[Described]) -> dict[str, Control]:
    """Return the control of each field, in the order of the fields."""
    return {field.name: field.metadata["control"] for field in dataclasses.fields(settings)}


def accept_fields(settings: Described) -> None:
    """Check every field of frozen settings and make whole numbers int; to be called by `__post_init__`.

    Raises:
        ValueError: If a field holds what its control does not accept.
    """
    for name, control in controls(settings).items():
        object.__setattr__(settings, name, control.accept(name, getattr(settings, name)))
