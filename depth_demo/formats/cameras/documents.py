"""A calibration's text and what its syntax says, and how forms take numbers out of it."""

from __future__ import annotations

import itertools
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from depth_demo.formats.cameras.trees import NUMBER, Tree, json_tree, xml_tree, yaml_tree
from depth_demo.formats.untrusted import quoted

Size = tuple[int, int]
_SEPARATORS = re.compile(r"[\s,;\[\]]+")
_MOST_NUMBERS = 100  # of a matrix; the largest here has 16
_MAX_SIDE = 100_000  # px


@dataclass(frozen=True, slots=True)
class Document:
    """A calibration as text and as fields.

    Attributes:
        text: All of it.
        lines: What stands behind the names of `name: value` or `name=value`; none in JSON and XML.
        tree: The fields of JSON, XML or YAML; none in another text.
        is_json: Whether the text is a JSON object.
        plain: The fields of `tree` by names in small letters and digits alone: "proj_matL" is "projmatl".
    """

    text: str
    lines: Mapping[str, str]
    tree: Tree
    is_json: bool = False
    plain: Tree = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", {plain_name(name): value for name, value in self.tree.items()})

    @classmethod
    def parse(cls, text: str) -> Document:
        """Find out the syntax of a text.

        Raises:
            ValueError: If it begins like JSON or XML and is not valid.
        """
        start = text.lstrip()[:100]
        if start.startswith("{"):
            return cls(text, {}, json_tree(text), is_json=True)
        if start.startswith("<"):
            return cls(text, {}, xml_tree(text.lstrip()))
        pairs = (re.split("[:=]", line, maxsplit=1) for line in text.splitlines())
        return cls(text, {pair[0].strip(): pair[1] for pair in pairs if len(pair) == 2}, yaml_tree(text))

    @property
    def numbers(self) -> list[list[float]]:
        """The rows of a short text that holds nothing but numbers; none of another text."""
        rows = [row for row in self.text[:20_000].splitlines() if row.strip()] if len(self.text) <= 20_000 else []
        words = [list(filter(None, _SEPARATORS.split(row))) for row in rows]
        if not all(map(NUMBER.fullmatch, itertools.chain.from_iterable(words))):
            return []
        return [[float(word) for word in row] for row in words]


def plain_name(name: str) -> str:
    """Return a name in small letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def line_numbers(text: str, count: int) -> list[float]:
    """Return the `count` numbers with which a line begins, between blanks, commas, semicolons and brackets.

    Raises:
        ValueError: If there are fewer.
    """
    words = _SEPARATORS.split(text.strip(" \t,;[]"))
    found = list(itertools.takewhile(NUMBER.fullmatch, words))
    if len(found) < count:
        raise ValueError(f"A calibration line begins with {len(found)} numbers where {count} are expected: {quoted(text)}.")
    return [float(number) for number in found[:count]]


def inside(tree: Tree, name: str) -> object:
    """Return a field; "a.b" is also the field b of the object a. None where there is none."""
    if name in tree:
        return tree[name]
    outer, _, inner = name.partition(".")
    fields = tree.get(outer)
    return inside(fields, inner) if inner and isinstance(fields, Mapping) else None


def first_name(tree: Tree, names: Iterable[str]) -> str | None:
    """Return the first name that the tree has a field for."""
    return next((name for name in names if inside(tree, name) is not None), None)


def number(tree: Tree, name: str) -> float:
    """Return a field that must be a number.

    Raises:
        ValueError: If it is not.
    """
    value = inside(tree, name)
    if isinstance(value, float):
        return value
    shown = value if isinstance(value, str) else reprlib.repr(value)
    raise ValueError(f"The field {name} must be a number, not {quoted(shown)}.")


def optional_number(tree: Tree, names: Iterable[str]) -> float | None:
    """Return the first of these fields, which must be a number; None where there is none."""
    name = first_name(tree, names)
    return None if name is None else number(tree, name)


def matrix(value: object, name: str, *counts: int) -> list[float]:
    """Return the numbers of a matrix row by row, from a list, a list of rows, or an object with `data`.

    Args:
        value: A field of a tree.
        name: Of the field, for the refusal.
        counts: How many numbers it may have; any if none is given.

    Raises:
        ValueError: If it holds other things than numbers, or another count of them.
    """
    if isinstance(value, Mapping):
        value = value.get("data")
    rows = value if isinstance(value, list) else [value]
    flat = [item for row in rows[:_MOST_NUMBERS] for item in (row if isinstance(row, list) else [row])]
    found = [item for item in flat[: _MOST_NUMBERS + 1] if isinstance(item, float)]
    if len(found) != len(flat) or (counts and len(found) not in counts):
        wanted = f"{' or '.join(map(str, counts))} numbers" if counts else "numbers"
        raise ValueError(f"The field {name} must hold {wanted}, not {quoted(reprlib.repr(value))}.")
    return found


def first_matrix(tree: Tree, names: Iterable[str], *counts: int) -> list[float] | None:
    """Return the first of these fields as `matrix` does; None where there is none."""
    name = first_name(tree, names)
    return None if name is None else matrix(inside(tree, name), name, *counts)


_SIZES = (
    ("width", "height"), ("image_width", "image_height"), ("imageWidth", "imageHeight"), ("img_width", "img_height"),
    ("Camera.width", "Camera.height"), ("Camera.cols", "Camera.rows"), ("LEFT.width", "LEFT.height"), ("wL", "hL"),
)  # fmt: skip
_PAIRS_OF_SIDES = ("image_size", "imageSize", "image_Size", "resolution", "img_size", "size", "image_shape")


def picture_size(tree: Tree) -> Size | None:
    """Return (height, width) of the pictures for which a file says it holds; None where it does not say.

    Of a pair of sides the longer one is taken for the width: the order differs from program to program.
    """
    for width, height in _SIZES:
        sides = inside(tree, width), inside(tree, height)
        if all(isinstance(side, float) for side in sides):
            return as_size(sides)
    for name in _PAIRS_OF_SIDES:
        value = inside(tree, name)
        if isinstance(value, list) and len(value) == 2 and all(isinstance(side, float) for side in value):
            return as_size((max(value), min(value)))
    return None


def as_size(sides: Sequence[object]) -> Size | None:
    """Return (height, width) from width and height; None where they are no sides of a picture."""
    if not all(isinstance(side, float) and 1 <= side <= _MAX_SIDE for side in sides):
        return None
    width, height = (round(side) for side in sides if isinstance(side, float))
    return height, width


def choose_size(sizes: Iterable[Size], wanted: Size | None) -> Size:
    """Return the size among a file's that is the pictures' own, or the only one.

    Modes of one shape differ in their field of view, so none stands for another one's resized pictures.

    Raises:
        ValueError: If there is none, or there are several and none is the pictures'.
    """
    there = sorted(set(sizes), reverse=True)
    if not there:
        raise ValueError("The calibration names no resolution that is known.")
    if wanted in there:
        return wanted
    if len(there) == 1:
        return there[0]
    words = ", ".join(f"{width}x{height}" for height, width in there[:10])
    pictures = f"these have {wanted[1]}x{wanted[0]}" if wanted else "theirs is not known: give the left view first"
    raise ValueError(f"The calibration holds for pictures of one of these sizes: {words} pixels; {pictures}.")


_UNIT_WORDS = {
    "mm": "mm", "millimeter": "mm", "millimeters": "mm", "millimetres": "mm", "cm": "cm", "centimeters": "cm",
    "centimetres": "cm", "m": "m", "meter": "m", "meters": "m", "metres": "m", "in": "in", "inch": "in", "inches": "in",
    "ft": "ft", "foot": "ft", "feet": "ft",
}  # fmt: skip
_OF_PICTURES = {"px", "pixel", "pixels"}
NO_KNOWN_UNIT = "?"


def unit_word(document: Document) -> str:
    """Return a key of `UNITS` where a field of its own names the unit of lengths; "" where none does.

    `NO_KNOWN_UNIT` stands for a word that is no unit here, so that a baseline is asked about and not taken in metres.
    """
    names = ("baselineunit", "baselineunits", "worldunits", "unit", "units")
    words = [word.strip().lower() for name in names if isinstance(word := document.plain.get(name), str)]
    return next((_UNIT_WORDS.get(word, NO_KNOWN_UNIT) for word in words if word not in _OF_PICTURES), "")


def as_tree(value: object) -> Tree:
    """Return an object's fields; none of another value."""
    return value if isinstance(value, Mapping) else {}
