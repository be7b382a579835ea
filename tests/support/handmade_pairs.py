"""Files with both views of a pair, made by hand: MPO and JPS with chosen words, HEIC with a stereo group and cameras."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import pillow_heif
from PIL import Image

from depth_demo.formats.photos import load_photo
from tests.conftest import PAIRS
from tests.support.handmade_files import Pixels, encoded

DISPARITY, PANORAMA, LARGE_THUMBNAIL, UNDEFINED, PRIMARY = 0x020002, 0x020001, 0x010002, 0x000000, 0x030000
UNKNOWN = (0xFFFFFFFF, 0xFFFFFFFF)
CAMERA_UUID = bytes.fromhex("4363e9145b7d4aab97aebea69803b434")


def views() -> tuple[Pixels, Pixels]:
    """The views of a small random-dot pair, whose disparities are all positive."""
    pair = next(pair for pair in PAIRS if pair.name == "planes")
    return load_photo(pair.left).pixels, load_photo(pair.right).pixels


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def mpo(
    frames: Sequence[bytes],
    types: Sequence[int] = (DISPARITY, DISPARITY),
    baseline: tuple[int, int] | None = None,
) -> bytes:
    """JPEG files in one, with an index of their types; `baseline` is a fraction of a metre, told by the second frame."""
    own = _directory({0xB206: baseline} if baseline else {})
    second = frames[1][:2] + segment(0xE2, b"MPF\0" + b"MM\0*" + struct.pack(">I", 8) + own) + frames[1][2:]
    frames = [frames[0], second, *frames[2:]]
    size = 4 + 8 + 2 + 3 * 12 + 4 + 16 * len(frames)  # of the index, behind its marker and length
    total, base, entries = len(frames[0]) + 4 + size, 10, b""
    for frame, kind in zip(frames, types, strict=True):
        at = 0 if not entries else total - base
        entries += struct.pack(">IIIHH", kind, len(frame), at, 0, 0)
        total += len(frame) if at else 0
    place = 8 + 2 + 3 * 12 + 4
    tags = struct.pack(">HHI4s", 0xB000, 7, 4, b"0100") + struct.pack(">HHII", 0xB001, 4, 1, len(frames))
    tags += struct.pack(">HHII", 0xB002, 7, len(entries), place)
    body = b"MPF\0MM\0*" + struct.pack(">IH", 8, 3) + tags + bytes(4) + entries
    assert len(body) == size
    return frames[0][:2] + segment(0xE2, body) + frames[0][2:] + b"".join(frames[1:])


def _directory(rationals: dict[int, tuple[int, int]]) -> bytes:
    place = 8 + 2 + 12 * len(rationals) + 4
    tags = b"".join(struct.pack(">HHII", tag, 5, 1, place + 8 * n) for n, tag in enumerate(rationals))
    return struct.pack(">H", len(rationals)) + tags + bytes(4) + b"".join(struct.pack(">II", *v) for v in rationals.values())


def jps(pixels: Pixels, flags: int = 4, layout: int = 2, media: int = 1) -> bytes:
    """A JPEG with a JPS marker. Flags: 1 half height, 2 half width, 4 left view first; layout 2 side by side, 3 over-under."""
    jpeg = encoded(pixels, format="JPEG", quality=95)
    marker = b"_JPSJPS_" + struct.pack(">H4BH", 4, 0, flags, layout, media, 0)
    return jpeg[:2] + segment(0xE3, marker) + jpeg[2:]


def heic(pictures: Sequence[Pixels], primary: int = 0) -> bytes:
    file, stream = pillow_heif.HeifFile(), io.BytesIO()
    for picture in pictures:
        file.add_from_pillow(Image.fromarray(picture))
    file.save(stream, quality=90, primary_index=primary)
    return stream.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def boxes(content: bytes) -> list[tuple[bytes, bytes]]:
    """The boxes in a row: kind and content of each."""
    found, place = [], 0
    while place < len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        found.append((kind, content[place + 8 : place + size]))
        place += size
    return found


def with_stereo_group(content: bytes, order: Sequence[int] = (0, 1), x_um: Sequence[int | None] = (None, None)) -> bytes:
    """A HEIC of several pictures, which now says that two of them are a pair; `x_um` tells where its cameras stood.

    The old directory stays as a free box, so that no picture moves; the new one comes last.
    """
    top = boxes(content)
    meta = dict(top)[b"meta"]
    inside = boxes(meta[4:])
    listed = [entry for kind, entry in boxes(dict(inside)[b"iinf"][6:]) if kind == b"infe" and entry[8:12] == b"hvc1"]
    items = sorted(struct.unpack_from(">H", entry, 4)[0] for entry in listed)
    pair = [items[place] for place in order]
    group = box(b"ster", struct.pack(">IIIII", 0, 77, 2, *pair))
    cameras = {item: x for item, x in zip(pair, x_um, strict=True) if x is not None}
    inside = [(kind, _with_cameras(body, cameras) if kind == b"iprp" else body) for kind, body in inside]
    new = meta[:4] + b"".join(box(*one) for one in inside) + box(b"grpl", group)
    return b"".join(box(b"free" if kind == b"meta" else kind, body) for kind, body in top) + box(b"meta", new)


def _with_cameras(properties: bytes, cameras: dict[int, int]) -> bytes:
    inside = dict(boxes(properties))
    container, links = inside[b"ipco"], inside[b"ipma"]
    count = len(boxes(container))
    place, entries = 8, b""
    for _ in range(struct.unpack_from(">I", links, 4)[0]):
        item, number = struct.unpack_from(">HB", links, place)
        own = links[place + 3 : place + 3 + number]
        place += 3 + number
        if item in cameras:
            container += box(b"uuid", CAMERA_UUID + struct.pack(">Ii", 1, cameras[item]))
            count, own = count + 1, own + bytes([count + 1])
        entries += struct.pack(">HB", item, len(own)) + own
    return box(b"ipco", container) + box(b"ipma", links[:8] + entries)
