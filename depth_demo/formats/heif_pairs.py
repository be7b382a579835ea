"""HEIF files with several pictures: which two are the views of a stereo pair, and with which cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pillow_heif

from depth_demo.formats.heif_boxes import camera_x_um
from depth_demo.formats.likeness import NoPairError
from depth_demo.formats.pictures import damage_as_sentence

STEREO_GROUP = "ster"


@dataclass(frozen=True, slots=True)
class StereoGroup:
    """A pair by the file's own word.

    Attributes:
        frames: The places of the left and of the right picture.
        items: Their numbers in the file.
    """

    frames: tuple[int, int]
    items: tuple[int, int]


def stereo_group(groups: Sequence[Mapping[str, Any]], sizes: Sequence[tuple[int, int]]) -> StereoGroup:
    """Return the stereo pair that a HEIF file declares. The first picture of its group is the left view.

    Args:
        groups: The entity groups as pillow-heif reports them: type, entities (numbers of items), images (their places;
            None where a picture cannot be decoded).
        sizes: Width and height of each picture [px].

    Raises:
        NoPairError: If the file declares no pair.
        ValueError: If no group is a stereo pair of two pictures of one size.
    """
    refused: ValueError = NoPairError("Its pictures are no stereo pair: the file declares none, as bursts and collections do.")
    for group in groups:
        if group.get("type") != STEREO_GROUP:
            continue
        images, items = list(group.get("images", ())), list(group.get("entities", ()))
        if len(images) != 2 or len(items) != 2:
            refused = ValueError(f"Its stereo group has {len(images)} pictures; a pair has 2.")
        elif None in images:
            refused = ValueError("One view of its stereo group cannot be decoded here, so there is no pair to show.")
        elif not all(0 <= image < len(sizes) for image in images) or images[0] == images[1]:
            refused = ValueError("Its stereo group names pictures that are not there.")
        elif sizes[images[0]] != sizes[images[1]]:
            first, second = (f"{width}x{height}" for width, height in (sizes[image] for image in images))
            refused = ValueError(f"The views of its stereo group differ in size: {first} and {second} pixels.")
        else:
            return StereoGroup((images[0], images[1]), (items[0], items[1]))
    raise refused


def open_pictures(content: bytes) -> pillow_heif.HeifFile:
    """Open a HEIF file with all its pictures, none of which is decoded yet.

    Raises:
        ValueError: If the file is damaged, or holds no picture.
    """
    with damage_as_sentence("image"):
        pictures = pillow_heif.open_heif(content, convert_hdr_to_8bit=True)
    if not len(pictures):
        raise ValueError("The HEIC file holds no picture that can be read here.")
    return pictures


def find_group(pictures: pillow_heif.HeifFile) -> StereoGroup:
    """Return the stereo pair of an opened HEIF file; ValueError as `stereo_group`."""
    return stereo_group(pictures.info.get("entity_groups", ()), [picture.size for picture in pictures])


def focal_length_px(info: Mapping[str, Any]) -> float | None:
    """Return the focal length of a picture [px] by its camera matrix; None where there is none."""
    matrix = info.get("heif", {}).get("camera_intrinsic_matrix", {})
    focal = matrix.get("focal_length_x")
    return float(focal) if isinstance(focal, int | float) and 0 < focal < 1e6 else None


def baseline_m(content: bytes, group: StereoGroup) -> float | None:
    """Return the distance between both cameras [m]; None where the file does not tell it."""
    left, right = (camera_x_um(content, item) for item in group.items)
    return abs(right - left) / 1e6 or None
