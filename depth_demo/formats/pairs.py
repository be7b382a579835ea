"""Read both views of a pair from one file: MPO, JPS, spatial HEIC, and pictures with both views as halves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageFile, ImageOps

from depth_demo.formats import heif_pairs, jps, mpo
from depth_demo.formats.likeness import NoPairError, compare_pictures, hint_on_order
from depth_demo.formats.photos import MIN_SIDE, load_pair_of_photos, load_whole
from depth_demo.formats.pictures import damage_as_sentence, open_picture, to_rgb
from depth_demo.formats.pnm import PNM_MAGIC
from depth_demo.formats.untrusted import check_map_size, existing_file
from depth_demo.geometry import Calibration, RgbImage, size_text

SQUEEZED_OR_NOT = "Are the halves squeezed?"
ADD_A_VIEW = (
    "There is no right view: add one, or give one file with both views (MPO, JPS, a spatial photo, or both side by side)."
)
PAIR_FORMATS_TEXT = "MPO, JPS, a spatial HEIC photo, or a picture with both views as halves"


@dataclass(frozen=True, slots=True, eq=False)
class PairFile:
    """Both views from one file.

    Attributes:
        left, right: (H, W, 3) uint8 RGB of equal size, upright.
        description: How the file was split, and what told left from right, in sentences.
        focal_length_px: Focal length [px] at this size, where the file tells it for its pair.
        baseline_m: Distance between the cameras [m], where the file tells it.
        question: What the file leaves open and how it is taken without an answer: whether its halves are squeezed; None
            where nothing is open.
    """

    left: RgbImage
    right: RgbImage
    description: str
    focal_length_px: float | None = None
    baseline_m: float | None = None
    question: str | None = None

    def __post_init__(self) -> None:
        if self.left.shape != self.right.shape:
            raise ValueError(f"The two views differ in size: {size_text(self.left)} and {size_text(self.right)} pixels.")
        if min(self.left.shape[:2]) < MIN_SIDE:
            raise ValueError(f"The views are {size_text(self.left)} pixels; each side needs {MIN_SIDE} pixels or more.")


@dataclass(frozen=True, slots=True, eq=False)
class TwoViews:
    """Both views of a pair, from a file each or from one.

    Attributes:
        left, right: (H, W, 3) uint8 RGB.
        said: How they were read, with a question that is open, in sentences; "" for two plain photos.
        camera: Of the pair, where one file tells both of its lengths.
    """

    left: RgbImage
    right: RgbImage
    said: str = ""
    camera: Calibration | None = None


def load_two_views(left: str | Path | None, right: str | Path | None = None, *, squeezed: bool | None = None) -> TwoViews:
    """Read both views of a pair from a file each, or from the left file if that holds both and there is no right one.

    Args:
        left: A photo, or a file for `load_pair`.
        right: A photo; None where the left file holds both.
        squeezed: As for `load_pair`.

    Raises:
        NoPairError: If there is no right view, and the left file is a photo of one view.
        ValueError: If a file cannot be read; the message names the view.
    """
    if left is None or right is not None:
        photos = load_pair_of_photos(left, right)
        said = " ".join(dict.fromkeys(photo.note for photo in photos if photo.note))
        return TwoViews(photos[0].pixels, photos[1].pixels, said)
    try:
        pair = load_pair(left, squeezed=squeezed)
    except NoPairError:
        raise NoPairError(ADD_A_VIEW) from None
    except ValueError as error:
        raise ValueError(f"Left view: {error}") from error
    said = f"Both views are from one file. {pair.description}"
    camera = None
    if pair.focal_length_px and pair.baseline_m:
        camera = Calibration(pair.focal_length_px, pair.baseline_m)
    return TwoViews(pair.left, pair.right, " ".join(filter(None, (said, pair.question))), camera)


def load_two_views_if_any(
    left: str | Path | None, right: str | Path | None = None, *, squeezed: bool | None = None
) -> TwoViews | None:
    """Read as `load_two_views`; None where there is no right view and the left file does not give one.

    Raises:
        ValueError: If there is a right view, and a file cannot be read; the message names the view.
    """
    try:
        return load_two_views(left, right, squeezed=squeezed)
    except ValueError:
        if right is not None:
            raise
    return None


def load_pair(path: str | Path, *, squeezed: bool | None = None) -> PairFile:
    """Read both views from one file. What the file says decides which one is left; no matching ever swaps them.

    Args:
        path: An MPO, JPS or HEIC file, or a picture with both views side by side or one above the other.
        squeezed: Whether both views as halves of a picture are squeezed to half their width or height. None takes the word
            of the file's marker; without a marker, halves of an unusual shape leave a `question`.

    Raises:
        NoPairError: If the file is a photo of one view.
        ValueError: If the file holds no pair that can be used, is damaged, or its size is out of bounds.
    """
    content = existing_file(path).read_bytes()
    if content.startswith(PNM_MAGIC):
        return _from_halves(path, content, squeezed=squeezed)
    with open_picture(content, PAIR_FORMATS_TEXT) as image:
        if image.format == "MPO":
            return _from_mpo(image, content)
        if image.format == "HEIF":
            return _from_heif(content)
    return _from_halves(path, content, squeezed=squeezed)


def _from_halves(path: str | Path, content: bytes, *, squeezed: bool | None) -> PairFile:
    whole = load_whole(path)
    layout = jps.find_layout(content, Path(path).name, whole.pixels, squeezed=squeezed)
    left, right = jps.cut(whole.pixels, layout)
    said = f"Two views {layout.arrangement.value}. {layout.why} The {layout.left_half} is taken as the left view."
    question = f"{SQUEEZED_OR_NOT} {layout.doubt}" if layout.doubt else None
    return PairFile(left, right, _described(said, left, right, whole.note), question=question)


def _from_mpo(image: ImageFile.ImageFile, content: bytes) -> PairFile:
    types = mpo.frame_types(image)
    if not mpo.may_be_pair(types):
        raise NoPairError(f"The file holds no pair: its {len(types)} frames are a photo and what belongs to it.")
    frames = mpo.split_frames(image, content)
    with open_picture(frames.first, "JPEG") as first, open_picture(frames.second, "JPEG") as second:
        if first.size != second.size or {first.mode, second.mode} != {"RGB"}:
            raise NoPairError("The file holds no pair: its second frame belongs to the first one, as a gain map does.")
        left, right = _upright(first), _upright(second)
    if mpo.is_marked_pair(types):
        said = "Two frames of a stereo camera, by the index of the file. The first frame is taken as the left view."
    else:
        if not compare_pictures(left, right).is_pair:
            raise NoPairError("The file holds no pair: its two frames do not show one scene from two places.")
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
        raise NoPairError("The file holds no pair: both of its views are the same picture.")
    hint = hint_on_order(compare_pictures(left, right)) if left.shape == right.shape else ""
    return " ".join(filter(None, (said, hint, note)))
