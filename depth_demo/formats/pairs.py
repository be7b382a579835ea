"""Read both views of a pair from one file: MPO, JPS, spatial HEIC, and pictures with both views as halves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageFile, ImageOps

from depth_demo.formats import heif_pairs, jps, mpo
from depth_demo.formats.likeness import compare_pictures, hint_on_order
from depth_demo.formats.photos import MIN_SIDE, load_whole
from depth_demo.formats.pictures import damage_as_sentence, open_picture, to_rgb
from depth_demo.formats.pnm import PNM_MAGIC
from depth_demo.formats.untrusted import check_map_size, existing_file
from depth_demo.geometry import RgbImage, size_text

PAIR_FORMATS_TEXT = "MPO, JPS, a spatial HEIC photo, or a picture with both views as halves"


@dataclass(frozen=True, slots=True, eq=False)
class PairFile:
    """Both views from one file.

    Attributes:
        left, right: (H, W, 3) uint8 RGB of equal size, upright.
        description: How the file was split, and what told left from right, in sentences.
        focal_length_px: Focal length [px] at this size, where the file tells it for its pair.
        baseline_m: Distance between the cameras [m], where the file tells it.
    """

    left: RgbImage
    right: RgbImage
    description: str
    focal_length_px: float | None = None
    baseline_m: float | None = None

    def __post_init__(self) -> None:
        if self.left.shape != self.right.shape:
            raise ValueError(f"The two views differ in size: {size_text(self.left)} and {size_text(self.right)} pixels.")
        if min(self.left.shape[:2]) < MIN_SIDE:
            raise ValueError(f"The views are {size_text(self.left)} pixels; each side needs {MIN_SIDE} pixels or more.")


def load_pair(path: str | Path) -> PairFile:
    """Read both views from one file. What the file says decides which one is left; no matching ever swaps them.

    Args:
        path: An MPO, JPS or HEIC file, or a picture with both views side by side or one above the other.

    Raises:
        ValueError: If the file holds no pair, is damaged, or its size is out of bounds.
    """
    content = existing_file(path).read_bytes()
    if content.startswith(PNM_MAGIC):
        return _from_halves(path, content)
    with open_picture(content, PAIR_FORMATS_TEXT) as image:
        if image.format == "MPO":
            return _from_mpo(image, content)
        if image.format == "HEIF":
            return _from_heif(content)
    return _from_halves(path, content)


def _from_halves(path: str | Path, content: bytes) -> PairFile:
    whole = load_whole(path)
    layout = jps.find_layout(content, Path(path).name, whole.pixels)
    left, right = jps.cut(whole.pixels, layout)
    said = f"Two views {layout.arrangement.value}. {layout.why} The {layout.left_half} is taken as the left view."
    return PairFile(left, right, _described(said, left, right, whole.note))


def _from_mpo(image: ImageFile.ImageFile, content: bytes) -> PairFile:
    types = mpo.frame_types(image)
    if not mpo.may_be_pair(types):
        raise ValueError(f"The file holds no pair: its {len(types)} frames are a photo and what belongs to it.")
    frames = mpo.split_frames(image, content)
    with open_picture(frames.first, "JPEG") as first, open_picture(frames.second, "JPEG") as second:
        if first.size != second.size or {first.mode, second.mode} != {"RGB"}:
            raise ValueError("The file holds no pair: its second frame belongs to the first one, as a gain map does.")
        left, right = _upright(first), _upright(second)
    if mpo.is_marked_pair(types):
        said = "Two frames of a stereo camera, by the index of the file. The first frame is taken as the left view."
    else:
        if not compare_pictures(left, right).is_pair:
            raise ValueError("The file holds no pair: its two frames do not show one scene from two places.")
        said = "Two frames that show one scene from two places, though unmarked. The first is taken as the left view."
    if frames.baseline_m is not None:
        said += f" The index gives a distance of {1000 * frames.baseline_m:.4g} mm between the cameras."
    return PairFile(left, right, _described(said, left, right), baseline_m=frames.baseline_m)


def _from_heif(content: bytes) -> PairFile:
    pictures = heif_pairs.open_pictures(content)
    group = heif_pairs.find_group(pictures)
    chosen = [pictures[frame] for frame in group.frames]
    for picture in chosen:
        check_map_size(picture.size[1], picture.size[0], "view")
    with damage_as_sentence("image"):  # pillow-heif has turned the pictures already
        left, right = (to_rgb(picture.to_pillow()) for picture in chosen)
    focal, baseline = heif_pairs.focal_length_px(chosen[0].info), heif_pairs.baseline_m(content, group)
    said = "A spatial photo: the file declares two of its pictures a stereo pair, the left view first."
    if focal:
        said += f" Its camera has a focal length of {focal:.2f} px."
    if baseline:
        said += f" The cameras stood {1000 * baseline:.4g} mm apart."
    return PairFile(left, right, _described(said, left, right), focal, baseline)


def _upright(image: ImageFile.ImageFile) -> RgbImage:
    with damage_as_sentence("image"):
        ImageOps.exif_transpose(image, in_place=True)
        return to_rgb(image)


def _described(said: str, left: RgbImage, right: RgbImage, note: str = "") -> str:
    """Return what is said of a pair, with a hint on the order of its views."""
    if np.array_equal(left, right):
        raise ValueError("The file holds no pair: both of its views are the same picture.")
    hint = hint_on_order(compare_pictures(left, right)) if left.shape == right.shape else ""
    return " ".join(filter(None, (said, hint, note)))
