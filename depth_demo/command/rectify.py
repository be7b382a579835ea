"""The command `depth-demo rectify`: two photos in, a rectified pair with its camera and its quality out."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from depth_demo.command.learned import ALIKED, LIGHTGLUE, learned_matcher
from depth_demo.formats.cameras import UNITS
from depth_demo.formats.cameras.rigs import StereoRig, read_rig
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.pairs import load_two_views
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import GroundTruthFile, SeenView, load_ground_truth
from depth_demo.formats.writers import kind_name, save_map
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.render.files import photo_name
from depth_demo.render.rectified import save_rectified
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.preflight import inspect_pair
from depth_demo.stereo.rectification.calibrated import AUTOMATIC
from depth_demo.stereo.rectification.constant import constant_at_infinity, constant_from_distance
from depth_demo.stereo.rectification.truth import carried_truth, constant_of_truth
from depth_demo.stereo.rectify import Rectified, rectify
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.rectification import rectified_in_words, truth_in_words

ABOUT = "Rectify two photos; write both views, their masks and the camera, and print how well the rows agree."


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `rectify`, but for --out."""
    command.add_argument("left", type=Path, help="the left photo, or one file with both views")
    command.add_argument("right", type=Path, nargs="?", help="the right photo; it may have another size")
    known = command.add_mutually_exclusive_group()
    known.add_argument(
        "--calibration",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a file with K, D, R and T of both cameras; a file for each, left and right; or VINS-Fusion's and those",
    )
    known.add_argument("--focal", type=float, metavar="PX", help="focal length of the left photo (default: from EXIF data)")
    command.add_argument("--unit", choices=list(UNITS), help="of T in the calibration, where the file does not tell")
    command.add_argument("--baseline", type=float, metavar="M", help="distance between the cameras, where no file tells")
    fitted = command.add_mutually_exclusive_group()
    fitted.add_argument(
        "--far",
        type=int,
        nargs=2,
        action="append",
        metavar=("COLUMN", "ROW"),
        help="a very far point of the rectified left view; may be repeated",
    )
    fitted.add_argument(
        "--truth", type=Path, metavar="FILE", help="disparity or depth of the left photo; depth with --baseline"
    )
    fitted.add_argument(
        "--known", type=float, nargs=3, metavar=("COLUMN", "ROW", "M"), help="a point and its distance; with --baseline"
    )
    command.add_argument("--encoding", choices=ENCODINGS, help="what the numbers of the truth mean (default: recognised)")
    command.add_argument("--scale", type=float, metavar="N", help="stored value of the truth per px or per m")
    command.add_argument(
        "--learned", type=Path, metavar="FOLDER", help=f"with {ALIKED} and {LIGHTGLUE}, for views with weak texture"
    )
    command.add_argument("--alpha", type=float, default=AUTOMATIC, help="with a calibration: 0 shows no black, 1 every pixel")


def rectify_files(options: argparse.Namespace, folder: Path) -> tuple[str, list[Path]]:
    """Rectify what the options name; return what to say, in Markdown, and the files that were written.

    Raises:
        ValueError, OSError: If a file cannot be read, or the photos cannot be rectified.
    """
    focal, said = options.focal, ""
    if options.right is None:
        both = load_two_views(options.left, None)
        left, right, said = both.left, both.right, both.said
    else:
        photos = [load_photo(path) for path in (options.left, options.right)]
        left, right = (photo.pixels for photo in photos)
        exif = photos[0].focal_length_px
        if options.calibration is None and focal is None and exif:
            focal, said = exif, f"The focal length of {exif:.0f} px is from the left photo's EXIF data."
    rig = _read_rig(options, left)
    truth = _read_truth(options, left)
    second_try = learned_matcher(options.learned) if rig is None else None
    found = rectify(left, right, rig, focal, options.alpha, second_try)
    carried = carried_truth(found, truth.depth_map) if truth else None
    found = _with_constant(found, options, carried)
    folder.mkdir(parents=True, exist_ok=True)
    name = photo_name(options.left)
    files = save_rectified(folder, name, found)
    told = [said, rectified_in_words(found)]
    if truth and carried:
        told += [truth.description, truth_in_words(found)]
        if not found.keeps_left:
            stem = f"{name}_rectified_left_truth_{kind_name(carried.kind)}"
            files += save_map(folder, stem, carried, "The truth of the left photo, warped with it")
    return "\n\n".join(filter(None, told)), files


def _read_truth(options: argparse.Namespace, left: RgbImage) -> GroundTruthFile | None:
    if options.truth is None:
        return None
    view = SeenView((left.shape[0], left.shape[1]), None)
    return load_ground_truth(options.truth, scale=options.scale, encoding=options.encoding, view=view)


def _disparity(found: Rectified) -> DepthMap:
    """Match the rectified pair over the range that its own matches ask for."""
    search = inspect_pair(found.pair).suggestion
    settings = SgbmSettings(min_disparity=search.min_disparity, num_disparities=search.num_disparities) if search else None
    return found.keep(compute_disparity(found.pair, settings))


def _with_constant(found: Rectified, options: argparse.Namespace, truth: DepthMap | None) -> Rectified:
    """Fit the constant of all disparities to the points that the options name or to the truth, on a match of the pair.

    Args:
        found: The rectified pair.
        options: Of the command.
        truth: Of the rectified left view, where a truth was given.
    """
    far, known, baseline = options.far, options.known, options.baseline
    if baseline is not None and not 0 < baseline < math.inf:
        raise ValueError(f"The baseline must be a number of metres larger than 0, not {baseline:g}.")
    if truth is not None and found.doffs_px is None:
        return found.with_constant(constant_of_truth(found, _disparity(found), truth, baseline), baseline)
    if not far and not known:
        return found
    if found.doffs_px is not None:
        raise ValueError("With a calibration no constant is free: leave out --far and --known.")
    if known and baseline is None:
        raise ValueError("A known distance gives the constant only with the --baseline.")
    disparity = _disparity(found)
    if far:
        return found.with_constant(constant_at_infinity(disparity, [(column, row) for column, row in far]), baseline)
    point = (round(known[0]), round(known[1]))
    return found.with_constant(constant_from_distance(disparity, point, known[2], found.focal_length_px, baseline), baseline)


def _read_rig(options: argparse.Namespace, left: RgbImage) -> StereoRig | None:
    files = options.calibration
    if files is None:
        return None
    if len(files) > 3:
        raise ValueError(f"A calibration is one file, one for each camera, or VINS-Fusion's three; {len(files)} were given.")
    if not -1 <= options.alpha <= 1:
        raise ValueError(f"Alpha must be between 0 and 1, or -1 for OpenCV's own choice, not {options.alpha:g}.")
    poses, first, second = {1: (None, *files, None), 2: (None, *files), 3: tuple(files)}[len(files)]
    return read_rig(first, second, options.unit, (left.shape[0], left.shape[1]), poses)
