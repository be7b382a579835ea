"""The small parts of JSON, YAML and XML that calibrations are written in, as trees of numbers, words, lists and names.

Nothing here builds objects, follows references or opens other files. Depth and length are bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

Tree = Mapping[str, object]
MAX_DEPTH = 12
MAX_YAML_LINES = 20_000
MAX_BRACES = 20_000  # characters between braces, which are gone through once a level
NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?")  # possessive: linear in any text
_COLON = re.compile(r":(?=[\s\[0-9.-]|$)")  # ORB-SLAM's files have `data:[` and `PointSize:2`
_TAG = re.compile(r"![^\s\[]*\s*")
_FLOW = re.compile(r"""[\[\],]|"[^"]*"|'[^']*'|[^\[\],"']+""")


class _NotReadError(ValueError):
    """A text that is in no part of YAML that is read here."""


def json_tree(text: str) -> Tree:
    """Return the fields of a JSON object; all numbers are float.

    Raises:
        ValueError: If the text is no valid JSON object.
    """
    try:
        data = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise ValueError("The calibration begins like JSON but is not valid JSON.") from error
    return data if isinstance(data, dict) else {}


def scalar(word: str) -> float | str:
    """Return the number that a word is, else the word without quotation marks."""
    word = word.strip()
    return float(word) if NUMBER.fullmatch(word) else word.strip("\"'")


# ---- YAML ------------------------------------------------------------------------------------------------------------


def yaml_tree(text: str) -> Tree:
    """Return the fields of the YAML that OpenCV, ROS, Kalibr and SLAM programs write; none where it is not such YAML.

    Read are names, indented blocks, `- ` and bracketed lists, fields in braces, quoted and plain words; tags are passed over.
    """
    if text.count("\n") > MAX_YAML_LINES:
        return {}
    try:
        lines = list(_logical_lines(text.splitlines()))
        value, end = _block(lines, 0, MAX_DEPTH) if lines else ({}, 0)
    except ValueError:
        return {}
    return value if isinstance(value, dict) and end == len(lines) else {}


def _logical_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield (indentation, content) without comments; what stands in one pair of brackets is one line."""
    indent, parts, open_brackets = 0, list[str](), 0
    for raw in lines:
        line = re.sub(r"(?:^|\s)#.*", "", raw.expandtabs(4)).rstrip()
        if not line or (not parts and line.startswith(("%YAML", "---", "..."))):
            continue
        if not parts:
            indent = len(line) - len(line.lstrip())
        parts.append(line.strip())
        open_brackets += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
        if open_brackets <= 0:
            yield indent, " ".join(parts)
            parts, open_brackets = [], 0
    if parts:
        raise _NotReadError("a bracket stays open")


def _block(lines: list[tuple[int, str]], start: int, depth: int) -> tuple[object, int]:
    """Return the block that begins at a line, and where it ends."""
    if depth == 0:
        raise _NotReadError("too deep")
    indent = lines[start][0]
    if lines[start][1].startswith("- ") or lines[start][1] == "-":
        return _list_block(lines, start, indent, depth)
    fields: dict[str, object] = {}
    place = start
    while place < len(lines) and lines[place][0] == indent:
        found = _name_and_rest(lines[place][1])
        if found is None:
            break
        name, rest = found
        place += 1
        if rest:
            fields[name] = _flow(rest)
        elif place < len(lines) and (lines[place][0] > indent or (lines[place][0] == indent and lines[place][1][0] == "-")):
            fields[name], place = _block(lines, place, depth - 1)
        else:
            fields[name] = None
    return fields, place


def _list_block(lines: list[tuple[int, str]], start: int, indent: int, depth: int) -> tuple[object, int]:
    items: list[object] = []
    place = start
    while place < len(lines) and lines[place][0] == indent and (lines[place][1] + " ").startswith("- "):
        content = lines[place][1][1:].lstrip()
        if _name_and_rest(content):  # the fields of an item begin behind its dash
            lines[place] = indent + len(lines[place][1]) - len(content), content
            item, place = _block(lines, place, depth - 1)
        elif content:
            item, place = _flow(content), place + 1
        elif place + 1 < len(lines) and lines[place + 1][0] > indent:
            item, place = _block(lines, place + 1, depth - 1)
        else:
            item, place = None, place + 1
        items.append(item)
    return items, place


def _name_and_rest(line: str) -> tuple[str, str] | None:
    """Return the name before a line's colon, and what follows without its tag; None where the line has no name."""
    if line[:1] in ("'", '"'):
        name, quote, rest = line[1:].partition(line[0])
        rest = rest.lstrip()
        if not quote or not rest.startswith(":"):
            return None
        rest = rest[1:]
    else:
        colon = _COLON.search(line)
        if colon is None or line[0] in "-#,[]{}":
            return None
        name, rest = line[: colon.start()].rstrip(), line[colon.end() :]
    rest = rest.strip()
    return name, _TAG.sub("", rest, count=1) if rest.startswith("!") else rest


def _flow(text: str, depth: int = MAX_DEPTH) -> object:
    """Return a word, a number, a bracketed list of them, or fields in braces."""
    if text.startswith("{") and text.endswith("}"):
        return _flow_fields(text[1:-1], depth - 1)
    if not text.startswith("["):
        return scalar(text)
    stack: list[list[object]] = [[]]
    for part in _FLOW.findall(text):
        if part == "[":
            stack.append([])
            if len(stack) > MAX_DEPTH:
                raise _NotReadError("too deep")
        elif part == "]":
            if len(stack) < 2:
                raise _NotReadError("a bracket too many")
            inner = stack.pop()
            stack[-1].append(inner)
        elif part != "," and part.strip():
            stack[-1].append(scalar(part))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise _NotReadError("no list")
    return stack[0][0]


def _flow_fields(text: str, depth: int) -> Tree:
    """Return the fields of `a: 1, b: [2, 3]`."""
    if depth == 0 or len(text) > MAX_BRACES:
        raise _NotReadError("too deep or too long")
    fields: dict[str, object] = {}
    start = level = 0
    for place, sign in enumerate(f"{text},"):
        level += (sign in "[{") - (sign in "]}")
        if sign == "," and level == 0:
            found = _name_and_rest(text[start:place].strip())
            if found:
                fields[found[0]] = _flow(found[1], depth)
            start = place + 1
    return fields


# ---- XML -------------------------------------------------------------------------------------------------------------


def xml_tree(text: str) -> Tree:
    """Return the fields within the outermost element of an XML text.

    Raises:
        ValueError: If it is not well-formed, nested too deeply, or declares a document type.
    """
    stack: list[tuple[dict[str, object], list[str]]] = [({}, [])]

    def begin(_name: str, _attributes: object) -> None:
        if len(stack) > MAX_DEPTH:
            raise ValueError("The calibration is XML that is nested too deeply.")
        stack.append(({}, []))

    def end(name: str) -> None:
        fields, words = stack.pop()
        stack[-1][0][name] = fields or _leaf("".join(words))

    def refuse(*_: object) -> None:
        raise ValueError("The calibration is XML with a document type, which is not read.")

    def take(words: str) -> None:
        stack[-1][1].append(words)

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = take
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise ValueError("The calibration begins like XML but is not valid XML.") from error
    return next((fields for fields in stack[0][0].values() if isinstance(fields, dict)), {})


def _leaf(text: str) -> object:
    words = re.split(r"[\s,]+", text.strip())
    if words and all(map(NUMBER.fullmatch, words)):
        numbers: list[object] = [float(word) for word in words]
        return numbers[0] if len(numbers) == 1 else numbers
    return text.strip().strip('"')
