"""Read the XMP text of JPEG files, whose longer part cameras spread over many segments (Adobe, XMP part 3, 1.1.3)."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator

from depth_demo.formats.jpeg import APP1, bodies

_MAIN, _MORE = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_GUID = re.compile(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_NAME_BYTES = 32


def xmp_text(content: bytes) -> bytes:
    """Return the XMP packets of a JPEG file one after the other; b"" without any.

    The longer part counts only if it is whole, and is the one that the main packet names by its MD5.
    """
    main = b"".join(bodies(content, APP1, _MAIN))
    named = _GUID.search(main)
    return main + b"\n" + _longer_part(content, named[1]) if named else main


def _longer_part(content: bytes, name: bytes) -> bytes:
    parts: dict[int, bytes] = {}
    total = -1
    for body in bodies(content, APP1, _MORE):
        if body[:_NAME_BYTES].lower() == name.lower() and len(body) >= _NAME_BYTES + 8:
            total = int.from_bytes(body[_NAME_BYTES : _NAME_BYTES + 4], "big")
            parts[int.from_bytes(body[_NAME_BYTES + 4 : _NAME_BYTES + 8], "big")] = body[_NAME_BYTES + 8 :]
    joined = b"".join(parts[start] for start in sorted(parts))
    whole = len(joined) == total and hashlib.md5(joined, usedforsecurity=False).hexdigest() == name.decode().lower()
    return joined if whole else b""


def value_of(text: bytes, name: str) -> bytes | None:
    """Return the value of a property such as `GDepth:Near`, given as an attribute or as an element; None without one."""
    pattern = rb"%b\s*=\s*(?:\"([^\"]*)\"|'([^']*)')|<%b>([^<]*)</" % ((re.escape(name).encode(),) * 2)
    found = re.search(pattern, text)
    return next((group.strip() for group in found.groups() if group is not None), None) if found else None


def word_of(text: bytes, name: str) -> str:
    """Return the value of a property as text; "" without one."""
    return html.unescape((value_of(text, name) or b"").decode("utf-8", "replace"))


def number_of(text: bytes, name: str) -> float | None:
    """Return the value of a property as a number; None if there is none."""
    try:
        return float(value_of(text, name) or b"")
    except ValueError:
        return None


def elements(text: bytes, name: str) -> Iterator[bytes]:
    """Yield the text of each start tag of this name, with its attributes."""
    for found in re.finditer(rb"<%b\s[^<>]*>" % re.escape(name).encode(), text):
        yield found[0]
