"""Read a map from a table of numbers as text: rows as lines, numbers between blanks, commas, semicolons or tabs."""

from __future__ import annotations

import io
import re

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.untrusted import check_map_size

MAX_TABLE_BYTES = 100_000_000
_TEXT = re.compile(rb"[\s\d.,;+\-eEnNaAiIfF]{1,4096}\Z")
_LOOKED_AT = 4096


def looks_like_text(content: bytes) -> bool:
    """Return whether a file begins like a table: with digits, signs and blanks alone, and with a digit in them."""
    beginning = _without_comments(content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf"))
    return bool(_TEXT.match(beginning)) and any(digit in beginning for digit in b"0123456789")


def _without_comments(text: bytes) -> bytes:
    """Return a table without the lines above it that begin with "#" or "%"."""
    return re.sub(rb"\A(?:[#%][^\n]*\n)+", b"", text)


def _has_decimal_commas(text: bytes) -> bool:
    """Return whether commas stand within numbers, as no point does and something else parts the numbers."""
    return b"." not in text and bool(re.search(rb"\d,\d", text)) and bool(re.search(rb"\d[;\t ]+[-+\d]", text))


def read_table(content: bytes) -> NDArray[np.float32]:
    """Return (H, W) float32 of a table of numbers; "nan" and "inf" may stand among them.

    Raises:
        ValueError: If the table is too large, its lines have different lengths, or it holds something else than numbers.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise ValueError(f"The table of numbers is larger than {MAX_TABLE_BYTES / 1e6:.0f} MB: save it as NPY.")
    text = _without_comments(content.removeprefix(b"\xef\xbb\xbf"))
    if _has_decimal_commas(text[:_LOOKED_AT]):
        text = text.replace(b",", b".")
    text = text.translate(bytes.maketrans(b",;\t", b"   "))
    lines = [line for line in text.split(b"\n") if line.strip()]
    if len(lines) > 2 and lines[0].split() == [b"%d" % number for number in range(len(lines[0].split()))]:
        lines = lines[1:]  # the names of columns that have none
    widths = {len(line.split()) for line in lines[:2]} | {len(lines[-1].split())} if lines else {0}
    check_map_size(len(lines), max(widths))
    try:
        return np.loadtxt(io.BytesIO(b"\n".join(lines)), np.float32, ndmin=2)
    except ValueError as error:
        raise ValueError("The table of numbers cannot be read: every line must hold as many numbers as the first.") from error
