#!/usr/bin/env bash
# Pillow 12.3.0: the distance between the cameras of an MPO is in no field of the picture, and "unknown" becomes 1 m.
#
# CIPA DC-007 keeps BaselineLength [m] in the index of each frame, where 4294967295/4294967295 means that it is not known. Pillow
# reads the index of the first frame only: after `seek(1)`, `mpinfo` is still that of frame 1, without the tag. Of a second frame
# that is opened by itself, Pillow warns that it is a malformed MPO, although it is as the standard says. Whoever then reads the
# tag from `info["mp"]` with Pillow's own class gets a fraction of two equal numbers: 1.0, a baseline of one metre.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==12.3.0
"$folder/venv/bin/python" - <<'PY'
import io
import struct
import warnings

from PIL import Image, TiffImagePlugin

BASELINE, UNKNOWN = 0xB206, 0xFFFFFFFF


def jpeg(colour):
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "JPEG")
    return stream.getvalue()


def directory(entries, behind):
    """One directory of an index; numbers behind it begin at its end."""
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + struct.pack("<I", 0) + behind


def with_index(frame, index):
    body = b"MPF\0" + index
    return frame[:2] + b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body + frame[2:]


def end(count):
    return 8 + 2 + 12 * count + 4


def mpo(numerator, denominator):
    """Two frames of type Disparity; the second one says its number and the baseline."""
    own = [struct.pack("<HHII", 0xB101, 4, 1, 2), struct.pack("<HHII", BASELINE, 5, 1, end(2))]
    second = with_index(jpeg("blue"), directory(own, struct.pack("<II", numerator, denominator)))
    tags = [
        struct.pack("<HHI4s", 0xB000, 7, 4, b"0100"),
        struct.pack("<HHII", 0xB001, 4, 1, 2),
        struct.pack("<HHII", 0xB002, 7, 32, end(3)),
    ]
    first_length = len(jpeg("red")) + 8 + end(3) + 32
    frames = (first_length, 0), (len(second), first_length - 10)  # offsets count from the index, 10 bytes into the file
    entries = b"".join(struct.pack("<IIIHH", 0x020002, size, offset, 0, 0) for size, offset in frames)
    first = with_index(jpeg("red"), directory(tags, entries))
    assert len(first) == first_length
    return first + second, second


for numbers in ((77, 1000), (UNKNOWN, UNKNOWN)):
    whole, second = mpo(*numbers)
    image = Image.open(io.BytesIO(whole))
    assert (image.format, image.n_frames) == ("MPO", 2)
    image.seek(1)
    assert image.getpixel((3, 3))[2] > 200, "the second frame is there"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        alone = Image.open(io.BytesIO(second))
    tags = TiffImagePlugin.ImageFileDirectory_v2(alone.info["mp"][:8])
    stream = io.BytesIO(alone.info["mp"])
    stream.seek(tags.next)
    tags.load(stream)
    said = [str(warning.message) for warning in caught]
    print(f"{numbers[0]}/{numbers[1]}: in mpinfo {BASELINE in image.mpinfo}, by hand {float(tags[BASELINE]):g} m, {said}")
    assert BASELINE not in image.mpinfo, "mpinfo has the baseline now"
    assert any("malformed MPO" in text for text in said), "the second frame is accepted now"
    assert float(tags[BASELINE]) == (0.077 if numbers[1] == 1000 else 1.0), "unknown is no longer 1"
PY
