"""What is fuzzed: each reader of files, valid small files to begin from, and what every answer must be like."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from depth_demo.formats.archives import Bounds, unpack
from depth_demo.formats.cameras import load_calibration
from depth_demo.formats.clips import load_clip
from depth_demo.formats.heif_boxes import camera_x_um
from depth_demo.formats.masks import load_mask
from depth_demo.formats.pairs import load_pair
from depth_demo.formats.phone_depth import load_phone_depth
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from tests.support.handmade_clips import gif, sound_only, sweep, write_clip
from tests.support.handmade_files import encoded
from tests.support.handmade_pairs import CAMERA_UUID, box, jps, mpo, segment

HANG_S = 2.0
GENEROUS_HANG_S = 20  # in tests, on any machine: what they try takes minutes without its bound
MAX_ALLOCATION = 2**30  # bytes
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SENTENCE = re.compile(r"(?:[A-Z]|doffs )[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*[.?!)]")


def unchanged(content: bytes) -> bytes:
    return content


@dataclass(frozen=True)
class Decoder:
    """A reader of files under attack.

    Attributes:
        read: Takes a path.
        seeds: Contents of valid files; what is fuzzed begins from them.
        repair: Puts right what random changes break at once (check sums), so that they get further in.
    """

    read: Callable[[Path], object]
    seeds: Callable[[], Sequence[bytes]]
    repair: Callable[[bytes], bytes] = unchanged


def answer(decoder: Decoder, content: bytes, path: Path) -> str:
    """'' if the reader accepts `content`, else its sentence; AssertionError if it refuses with anything else."""
    path.write_bytes(content)
    try:
        decoder.read(path)
    except ValueError as error:
        check_sentence(str(error), path)
        return str(error)
    return ""


def check_sentence(message: str, path: Path) -> None:
    """One line that begins and ends like a sentence, of bearable length, with no place on this machine in it."""
    assert _SENTENCE.fullmatch(message), f"no sentence: {message[:300]!r}"
    assert len(message) < 500, f"{len(message)} characters: {message[:300]!r}"
    assert str(path.parent) not in message, f"a path: {message!r}"
    assert "Traceback" not in message, message


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """The sentence with which a reader refuses, before too long."""
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError) as caught:
            read(path)
    assert time.monotonic() - start < GENEROUS_HANG_S
    check_sentence(str(caught.value), path)
    return str(caught.value)


def written(folder: Path, content: bytes, name: str = "upload.bin") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


# ---- valid files -----------------------------------------------------------------------------------------------------

RAMP = np.arange(1.0, 13).reshape(3, 4)


def pfm(values: NDArray[Any] = RAMP, order: str = "<") -> bytes:
    height, width = values.shape
    scale = -1 if order == "<" else 1
    return f"Pf\n{width} {height}\n{scale}\n".encode() + values[::-1].astype(f"{order}f4").tobytes()


def npy(array: NDArray[Any] = RAMP) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_with_header(header: str, data: bytes = b"", version: int = 1) -> bytes:
    encoded = header.encode("latin1" if version < 3 else "utf-8", "replace") + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", min(len(encoded), 65535) if version == 1 else len(encoded))
    return b"\x93NUMPY" + bytes([version, 0]) + length + encoded + data


def npz(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members or (("disparity.npy", npy()),):
            archive.writestr(name, content)
    return stream.getvalue()


def picture(form: str, mode: str = "L", size: tuple[int, int] = (34, 33), **options: Any) -> bytes:
    stream = io.BytesIO()
    pixels = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    image = Image.fromarray((pixels * 50).astype(np.uint16) if mode == "I;16" else pixels.astype(np.uint8))
    (image if mode == "I;16" else image.convert(mode)).save(stream, form, **options)
    return stream.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 1, colour: int = 0) -> bytes:
    """A PNG of any declared size with whatever chunks."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_SIGNATURE + b"".join(map(png_chunk, (header, *chunks, (b"IEND", b""))))


def png_chunk(chunk: tuple[bytes, bytes]) -> bytes:
    name, data = chunk
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def exif(**tags: float) -> Image.Exif:
    block = Image.Exif()
    block[0x010F], block[0x0112] = "Maker", 6
    block.get_ifd(0x8769).update({0xA405: tags.get("focal", 28)})
    return block


MIDDLEBURY = "cam0=[ 800.25 0 310.5 ; 0 800.25 240.125 ; 0 0 1 ]\ndoffs= 30.25\nbaseline= 160.5\nwidth= 640\n"
KITTI = "P2: 7e+02 0 6e+02 4.2e+01 0 7e+02 1.8e+02 0 0 0 1 0\nP3: 7e+02 0 6e+02 -3.3e+02 0 7e+02 1.8e+02 0 0 0 1 0\n"
JSON = {"focal_length_px": 700, "baseline_m": 0.5, "doffs_px": 1.5}


def pfm_seeds() -> list[bytes]:
    return [pfm(), pfm(order=">"), b"PF\n1 1\n-1.0\n" + bytes(12), b"Pf 2 1 1e+00 " + bytes(range(8))]


def dpt_seeds() -> list[bytes]:
    return [b"PIEH" + struct.pack("<2i", width, height) + bytes(range(24)) for width, height in ((3, 2), (2, 3), (-1, -6))]


def colmap_seeds() -> list[bytes]:
    return [b"3&2&1&" + RAMP.astype("<f4").tobytes()[:24], b"3&2&3&" + bytes(72), b"999999&999999&1&"]


def table_seeds() -> list[bytes]:
    return [b"1 2.5 3\n4 nan 6\n", b"1,2\n3,-4e2\n", b"\xef\xbb\xbf1;2\r\n3;inf\r\n", b"1\t2\n3\n"]


def float_tiff(values: NDArray[Any] = RAMP, *, deflated: bool = False, no_data: bytes = b"-9999\0") -> bytes:
    """A little-endian TIFF of one strip of floating-point numbers, with GDAL's tag."""
    stored = zlib.compress(values.tobytes()) if deflated else values.tobytes()
    height, width = values.shape
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8 * values.itemsize), (259, 3, 1, 8 if deflated else 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(stored)), (339, 3, 1, 3),
        (42113, 2, len(no_data), 8 + len(stored)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(stored) + len(no_data)) + stored + no_data + directory


def tiff_seeds() -> list[bytes]:
    kinds = [float_tiff(RAMP.astype(kind), deflated=deflated) for kind in ("<f2", "<f4", "<f8") for deflated in (False, True)]
    return [*kinds, picture("TIFF", "I;16"), picture("TIFF", "L", compression="tiff_lzw")]


def deep_png_seeds() -> list[bytes]:
    rows = b"".join(b"\0" + bytes(range(6 * 34)) for _ in range(5))
    return [png(34, 5, (b"IDAT", zlib.compress(rows)), depth=16, colour=2), picture("PNG", "RGBA")]


def npy_seeds() -> list[bytes]:
    arrays = [RAMP, RAMP.astype("u2"), np.asfortranarray(RAMP.astype(">f4")), RAMP.astype("f2")]
    others = [np.ones((2, 2), [("a", "f4"), ("b", "i2")]), np.array([[None]]), np.ones((2, 2), "U3"), np.array(3.0)]
    later = [npy_with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }", bytes(16), v) for v in (2, 3)]
    return [*map(npy, [*arrays, *others]), *later]


def npz_seeds() -> list[bytes]:
    several = npz(("a.npy", npy()), ("b/c.npy", npy(RAMP.astype("u1"))), ("note.txt", b"hello"), ("folder/", b""))
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return [several, npz(("a.npy", npz())), *(npz(compression=method) for method in methods)]


def png_seeds() -> list[bytes]:
    extra = [(b"tEXt", b"Comment\0text"), (b"iCCP", b"p\0\0" + zlib.compress(b"profile")), (b"tRNS", b"\0\1")]
    bits = (b"IDAT", zlib.compress(bytes(5 * 8)))
    modes = [picture("PNG", mode) for mode in ("L", "I;16", "1", "P", "RGB", "RGBA", "LA")]
    return [*modes, png(32, 8, *extra, bits), picture("PPM"), b"P5\n3 2\n63\n\x00\x05\x3f\x01\x02\x20", b"P2 2 2 9 0 5 6 1"]


def mask_seeds() -> list[bytes]:
    levels = [RAMP > 6, (RAMP > 6).astype("u1"), np.where(RAMP > 6, 255, 128).astype("u1"), np.where(RAMP > 6, np.inf, -1)]
    return [*map(npy, levels), picture("PNG", "1"), pfm(), npz(), *png_seeds()]


def photo_seeds() -> list[bytes]:
    options: list[tuple[str, str, dict[str, Any]]] = [
        *(("PNG", mode, {}) for mode in ("RGB", "RGBA", "P", "I;16")),
        *(("JPEG", "RGB", {"exif": exif(), "progressive": progressive}) for progressive in (False, True)),
        *(("JPEG", "CMYK", {}), ("GIF", "P", {}), ("BMP", "RGB", {}), ("PPM", "RGB", {}), ("WEBP", "RGBA", {"exif": exif()})),
        *(("TIFF", "RGB", {"compression": compression}) for compression in (None, "tiff_lzw", "jpeg", "tiff_adobe_deflate")),
        *((form, "RGB", {}) for form, feature in (("AVIF", "avif"), ("JPEG2000", "jpg_2000")) if features.check(feature)),
    ]
    return [picture(form, mode, **other) for form, mode, other in options]


def pair_seeds() -> list[bytes]:
    views = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), np.uint8)
    frames = [encoded(view, format="JPEG", quality=30) for view in views]
    others = [mpo(frames, (0x030000, 0)), jps(np.hstack([*views]), 6), jps(np.vstack([*views]), 1, 3), jps(views[0], 0, 1)]
    return [mpo(frames, baseline=(75, 1000)), *others, encoded(np.hstack([*views]), format="PNG"), *frames]


def phone_depth_seeds() -> list[bytes]:
    photo = picture("JPEG", "RGB", exif=exif())
    depth, words = picture("PNG"), 'GDepth:Format="RangeInverse" GDepth:Near="1" GDepth:Far="9"'
    inline = f'<x {words} GDepth:Data="{base64.b64encode(depth).decode()}"/>'
    item = f'<Container:Item Item:Length="{len(depth)}" Item:DataURI="d"/>'
    camera = '<Camera:DepthMap DepthMap:Format="RangeLinear" DepthMap:Near="1" DepthMap:Far="9" DepthMap:DepthURI="d"/>'
    packets = [segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + text.encode()) for text in (inline, item + camera)]
    return [photo[:2] + packet + photo[2:] + depth for packet in packets]


def camera_seeds() -> list[bytes]:
    """The boxes of a spatial photo that lead to the place of a camera."""
    camera = [box(b"uuid", CAMERA_UUID + struct.pack(">Ii", 1, 63_807)), box(b"cmex", struct.pack(">Ii", 1, -5))]
    seeds = []
    for version, flags, links in ((0, 0, ">HBB"), (1, 1, ">IBH")):
        link = struct.pack(">BxxBI", version, flags, 2) + struct.pack(links, 2, 1, 1) + struct.pack(links, 1, 1, 2)
        properties = box(b"iprp", box(b"ipco", camera[0] + camera[1]) + box(b"ipma", link))
        seeds.append(box(b"ftyp", b"heic") + box(b"meta", bytes(4) + properties))
    return seeds


def clip_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        videos = [write_clip(Path(folder, f"clip{ending}"), sweep(3)).read_bytes() for ending in (".mp4", ".webm", ".avi")]
    return [*videos, gif(sweep(3)), sound_only()]


def text_seeds() -> list[bytes]:
    return [MIDDLEBURY.encode(), KITTI.encode(), KITTI.replace("P", "P_rect_0").encode(), b"cam0=[1 0 nan;0 1 inf;0 0 1e999]"]


ROS = """image_width: 6
camera_matrix:
  rows: 3
  data: [7, 0, 3, 0, 7, 2, 0, 0, 1]
projection_matrix:
  data: [7, 0, 3, -1,
    0, 7, 2, 0, 0, 0, 1, 0]
"""
ORB_SLAM = (
    "%YAML:1.0\n# f B\nCamera.fx: 7\nCamera.fy: 7\nCamera.cx: 3\nCamera.cy: 2\nCamera.bf: 1\nA: !!opencv-matrix\n  data:[1.]\n"
)
KALIBR = """cam0:
  intrinsics: [7, 7, 3, 2]
  distortion_coeffs: [0, 0, 0, 0]
  resolution: [6, 4]
cam1:
  T_cn_cnm1:
  - [1, 0, 0, -0.1]
  - [0, 1, 0, 0]
  - [0, 0, 1, 0]
  - [0, 0, 0, 1]
  intrinsics: [7, 7, 3, 2]
  distortion_coeffs: [0, 0, 0, 0]
"""
SVO = """cameras:
- camera:
    intrinsics:
      data: [7, 7, 3, 2]
  T_B_C:
    data: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
- camera:
    intrinsics:
      data: [7, 7, 3, 2]
  T_B_C:
    data: [1, 0, 0, 0.1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
"""
BOARD = """<?xml version="1.0"?>
<opencv_storage>
<P1 type_id="opencv-matrix"><rows>3</rows><cols>4</cols><dt>d</dt><data>7. 0. 3. 0. 0. 7. 2. 0. 0. 0. 1. 0.</data></P1>
<P2 type_id="opencv-matrix"><rows>3</rows><cols>4</cols><dt>d</dt><data>7. 0. 3. -9. 0. 7. 2. 0. 0. 0. 1. 0.</data></P2>
<unit>"mm"</unit></opencv_storage>
"""
ZED = "[LEFT_CAM_HD]\nfx=7\nfy=7\ncx=3\ncy=2\n[RIGHT_CAM_HD]\nfx=7\nfy=7\ncx=3\ncy=2\nk1=0\n[STEREO]\nBaseLine=120\nCV_HD=0\n"
INI = "[image]\n\nwidth\n6\n\nheight\n4\n\n[right]\n\nprojection\n7 0 3 -1\n0 7 2 0\n0 0 1 0\n"
ROWS = "7e1 0 3 0 0 7e1 2 0 0 0 1 0\n7e1 0 3 -9 0 7e1 2 0 0 0 1 0\n"
PRINTED = (
    "".join(
        f'Intrinsic of "Infrared {eye}" / 6x4\n Width: 6\n Height: 4\n PPX: 3\n PPY: 2\n Fx: 7\n Fy: 7\n Coeffs: 0 0 0 0 0\n'
        for eye in (1, 2)
    )
    + 'Extrinsic from "Infrared 1" To "Infrared 2" :\n Translation Vector: -0.05 0 0\n'
)
EYE = "<fx>7</fx><fy>7</fy><cx>3</cx><cy>2</cy><dist>0, 0, 0</dist>"
SIDES = "".join(f"<distorted_{side}_intrinsic>{EYE}</distorted_{side}_intrinsic>" for side in ("left", "right"))
HEAD = f"""<data>{SIDES}<stereo_extrinsic><rotation>1,0,0,0,1,0,0,0,1</rotation>
<translation>-0.1, 0, 0</translation></stereo_extrinsic></data>"""
MATLAB = (
    "".join(f"CameraParameters{eye}.K =\n 1.0e+01 *\n 7 0 3\n 0 7 2\n 0 0 0.1\nRadialDistortion: [0 0]\n" for eye in (1, 2))
    + "TranslationOfCamera2\n\nans =\n -60 0 0\nRotationOfCamera2 =\n 1 0 0\n 0 1 0\n 0 0 1\n"
)
K_TXT = "70 0 3 0 70 2 0 0 1\n0.1\n"


def structured_seeds() -> list[bytes]:
    """Other text forms, by lines, YAML and XML."""
    return [text.encode() for text in (ROS, ORB_SLAM, KALIBR, SVO, BOARD, ZED, INI, ROWS, K_TXT, PRINTED, HEAD, MATLAB)]


def json_form_seeds() -> list[bytes]:
    """Forms of devices and programs in JSON."""
    eye, k, camera = (
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[7, 0, 3], [0, 7, 2], [0, 0, 1]],
        {"fx": 7, "fy": 7, "ppx": 3, "ppy": 2},
    )
    away = {"rotationMatrix": eye, "translation": {"x": -7.5, "y": 0, "z": 0}, "toCameraSocket": 2}
    oak = [1, {"intrinsicMatrix": k, "extrinsics": away, "width": 6, "height": 4}], [2, {"intrinsicMatrix": k}]
    place = dict.fromkeys(("px", "py", "pz", "qx", "qy", "qz"), 0) | {"qw": 1}
    basalt = {"intrinsics": {"fx": 7, "fy": 7, "cx": 3, "cy": 2}}
    forms = [
        {"cameraData": oak},
        {"left": camera, "right": camera, "extrinsics": {"rotation": eye, "translation": [-0.05, 0, 0]}},
        {"left": {"fx": 7, "fy": 7}, "right": {"fx": 7, "fy": 7}, "baseline": 5, "unit": "in"},
        {"rectified.0.fx": "7", "rectified.0.fy": "7", "rectified.0.ppx": "3", "rectified.0.ppy": "2", "baseline": "-50",
         "rectified.0.width": "6", "rectified.0.height": "4"},
        {"value0": {"T_imu_cam": [place, place | {"px": 0.1}], "intrinsics": [basalt] * 2, "resolution": [[6, 4]]}},
        {"CameraParameters1": {"K": k}, "CameraParameters2": {"K": k}, "TranslationOfCamera2": [-60, 0, 0]},
        {"K1": k, "K2": k, "R": eye, "T": [[-60], [0], [0]], "baseline_mm": 60, "image_size": [6, 4]},
        {"Q": [[1, 0, 0, -3], [0, 1, 0, -2], [0, 0, 0, 7], [0, 0, 10, 0]]},
    ]  # fmt: skip
    return [json.dumps(form).encode() for form in forms]


def archive_seeds() -> list[bytes]:
    """ZIPs of files in folders, stored and deflated."""
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            archive.mkdir("scene")
            for name in ("scene/left.png", "scene/right.png", "b/calib.txt"):
                archive.writestr(name, name.encode() * 4)
        found.append(stream.getvalue())
    return found


def unpacked(path: Path) -> int:
    """How many files a ZIP holds; of one that is refused, nothing is left."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "made" / "here"
        try:
            count = unpack(path, folder, Bounds(spare_bytes=0))
        except ValueError:
            assert not folder.exists()
            raise
        assert [path.name for path in Path(place).iterdir()] == ["made"]
        assert sum(path.is_file() for path in folder.rglob("*")) == count
        return count


def json_seeds() -> list[bytes]:
    others = ['{"fx": NaN, "baseline": [1]}', '{"fx": 1e5, "baseline_mm": 1, "doffs": -Infinity}', '{"fx": {"a": "\\ud800"}}']
    return [json.dumps(JSON).encode(), *(text.encode() for text in others)]


# ---- repairs ---------------------------------------------------------------------------------------------------------


def png_with_right_sums(content: bytes) -> bytes:
    """The chunks as they are, each with the check sum that it should have."""
    parts, place = [content[:8]], 8
    while place + 12 <= len(content):
        length = min(int.from_bytes(content[place : place + 4], "big"), len(content) - place - 12)
        parts.append(png_chunk((content[place + 4 : place + 8], content[place + 8 : place + 8 + length])))
        place += 12 + length
    return b"".join(parts)


def npz_around(content: bytes) -> bytes:
    """An archive with `content` for a member, unless it is an archive."""
    return content if content.startswith(b"PK") else npz(("a.npy", content))


def json_around(content: bytes) -> bytes:
    return content if content.lstrip().startswith(b"{") else b"{" + content


DECODERS = {
    "pfm": Decoder(load_ground_truth, pfm_seeds),
    "dpt": Decoder(load_ground_truth, dpt_seeds),
    "colmap": Decoder(load_ground_truth, colmap_seeds),
    "table": Decoder(load_ground_truth, table_seeds),
    "tiff": Decoder(load_ground_truth, tiff_seeds),
    "deep_png": Decoder(load_ground_truth, deep_png_seeds, png_with_right_sums),
    "npy": Decoder(load_ground_truth, npy_seeds),
    "npz": Decoder(load_ground_truth, lambda: [*npz_seeds(), *npy_seeds()], npz_around),
    "png": Decoder(load_ground_truth, png_seeds, png_with_right_sums),
    "calibration_text": Decoder(load_calibration, text_seeds),
    "calibration_json": Decoder(load_calibration, json_seeds, json_around),
    "calibration_structured": Decoder(load_calibration, structured_seeds),
    "calibration_of_devices": Decoder(load_calibration, json_form_seeds, json_around),
    "mask": Decoder(lambda path: load_mask(path, (33, 34)), mask_seeds),
    "photo": Decoder(load_photo, photo_seeds),
    "pair": Decoder(load_pair, pair_seeds),
    "phone_depth": Decoder(load_phone_depth, phone_depth_seeds),
    "clip": Decoder(load_clip, clip_seeds),
    "archive": Decoder(unpacked, archive_seeds),
    "camera": Decoder(lambda path: camera_x_um(path.read_bytes(), 1), camera_seeds),
}
