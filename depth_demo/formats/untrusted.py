"""Treat files of strangers with care: whether a file is there, how large a map may be, and how to repeat its words."""

from __future__ import annotations

import re
from pathlib import Path

MAX_PIXELS = 50_000_000
_QUOTABLE = 60  # characters

# A message is shown as one line on a web page: no control characters, no markup, no paths.
_NOT_QUOTABLE = re.compile(r"""[^\w .,:;()\[\]{}'"+=%#!?-]""")
_PATH = re.compile(r"'[^']*/[^']*'?|\"[^\"]*/[^\"]*\"?|/\S+")


def existing_file(path: str | Path) -> Path:
    """Return the path of a file that is there.

    Raises:
        ValueError: If nothing is there, or it is no file.
    """
    path = Path(path)
    try:
        found = path.is_file()
    except OSError:  # a name too long for the system
        found = False
    if not found:  # uploads are deleted after a while
        raise ValueError(f"The file {quoted(path.name)} is not there any more: choose it again.")
    return path


def check_map_size(height: int, width: int, what: str = "map") -> None:
    """Check that a map has a pixel, and not too many.

    Raises:
        ValueError: If it does not; the message begins with "The `what` is".
    """
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise ValueError(f"The {what} is {width}x{height}; up to {MAX_PIXELS / 1e6:.0f} megapixels are accepted.")


def quoted(text: str) -> str:
    """Return words of a file or of its name in quotation marks, short and without markup."""
    return f"'{harmless(text, _QUOTABLE)}'"


def harmless(text: str, length: int) -> str:
    """Return one line of at most `length` characters, without any that a page could take for markup."""
    line = _NOT_QUOTABLE.sub("?", " ".join(text[: 4 * length].split()))
    return line if len(line) <= length else line[: length - 4] + " ..."


def reason(error: BaseException) -> str:
    """Return the first line of a decoder's message, without any path in it."""
    return harmless(_PATH.sub("", str(error).strip().partition("\n")[0]), 120).rstrip(" .") or type(error).__name__
