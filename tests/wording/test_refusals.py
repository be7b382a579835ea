"""Every refusal in the package is a sentence, by rule: the words of each are tested where it is raised, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import depth_demo

VALUE = "{}"  # stands for what is put into a sentence
SETTINGS = ("doffs", "p2", "block_size")  # a setting keeps its name at the beginning of a sentence


def refusals() -> Iterator[tuple[str, str]]:
    """Where a ValueError is raised with a text of its own, and the text."""
    for path in sorted(Path(depth_demo.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[text])):
                    yield f"{path.name}:{node.lineno}", words_of(text)


def words_of(text: ast.expr) -> str:
    match text:
        case ast.Constant(value=str(words)):
            return words
        case ast.JoinedStr(values=parts):
            return "".join(map(words_of, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return words_of(left) + words_of(right)
    return VALUE


def test_a_refusal_is_a_sentence() -> None:
    found = dict(refusals())
    assert len(found) > 100
    begins = re.compile(rf"[A-Z]|{re.escape(VALUE)}|({'|'.join(SETTINGS)}) ")
    assert {place: text for place, text in found.items() if not begins.match(text)} == {}
    assert {place: text for place, text in found.items() if not text.endswith((".", VALUE))} == {}
    assert {place: text for place, text in found.items() if text.count(";") > 1} == {}
