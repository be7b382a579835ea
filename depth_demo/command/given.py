"""What the command line names: a pair from two files or from one, or one view with truth, and how a pair is matched."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from depth_demo.examples import find_example, list_examples
from depth_demo.formats.cameras import read_camera
from depth_demo.formats.likeness import NoPairError
from depth_demo.formats.masks import load_mask
from depth_demo.formats.pairs import TwoViews, load_two_views, load_two_views_if_any
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import SeenView, TruthKind, load_ground_truth
from depth_demo.geometry import Calibration, RgbImage, SingleView, StereoPair, is_grey
from depth_demo.stereo.settings import SgbmSettings

SQUEEZED: dict[str | None, bool | None] = {None: None, "yes": True, "no": False}  # as `load_pair` takes them


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A pair, or one view with truth, as the command line names it, and how a pair is matched.

    Attributes:
        views: What is to be matched or compared.
        settings: Of the matcher.
        truth_text, mask_text: How the truth and the mask were understood; "" without them.
        files: Left view, right view and truth; a right view in the file of the left one has none.
        views_text: How the views were read, in sentences; "" for plain photos.
    """

    views: StereoPair | SingleView
    settings: SgbmSettings
    truth_text: str
    mask_text: str
    files: tuple[str | None, str | None, str | None]
    views_text: str = ""

    @classmethod
    def read(cls, options: argparse.Namespace) -> Given:
        """Read the views, the camera and the truth, or take a bundled example's.

        Raises:
            ValueError: If there are no two views, nor one with truth, or a file cannot be read.
        """
        example = next((e for e in list_examples() if e.name == options.example), None)
        if example is None and options.left is None:
            raise ValueError(options.wanted)
        left, right = (example.left, example.right) if example else (options.left, options.right)
        truth_file = options.truth or (example.disparity if example else None)
        known = find_example(left, right, truth_file) if truth_file else None
        count = options.disparities or (example.num_disparities if example else SgbmSettings().num_disparities)
        settings = SgbmSettings(min_disparity=options.min_disparity, num_disparities=count)
        views = _read_views(options, left, right)
        if views is None:
            return cls._read_one_view(options)
        if views.said:
            print(f"{views.said}\n")
        camera = views.camera
        if options.calibration:
            camera = _read_camera(options, views.left)
        elif example:
            camera = example.calibration
        asked = None if known else StereoPair(views.left, views.right, camera)
        kind: TruthKind = "disparity" if example else "recognised"
        truth = load_ground_truth(truth_file, kind, options.scale, options.encoding, asked) if truth_file else None
        if truth and truth.question:
            print(f"{truth.question.text}\n", file=sys.stderr)
        mask = load_mask(options.mask, views.left.shape[:2]) if options.mask else None
        labels, counted = known.labels if known else None, mask.counted if mask else None
        pair = StereoPair(views.left, views.right, camera, truth.depth_map if truth else None, labels=labels, counted=counted)
        files = str(left), str(right) if right else None, str(truth_file) if truth_file else None
        said = truth.description if truth else "", mask.description if mask else ""
        return cls(pair, settings, *said, files, views.said)

    @classmethod
    def _read_one_view(cls, options: argparse.Namespace) -> Given:
        read = load_photo(options.left)
        photo = read.pixels
        if read.note:
            print(f"{read.note}\n")
        size = photo.shape[0], photo.shape[1]
        camera = _read_camera(options, photo) if options.calibration else None
        truth = load_ground_truth(
            options.truth, scale=options.scale, encoding=options.encoding, view=SeenView(size, camera)
        )  # fmt: skip
        if truth.question:
            print(f"{truth.question.text}\n", file=sys.stderr)
        mask = load_mask(options.mask, size) if options.mask else None
        view = SingleView(photo, truth.depth_map, camera, counted=mask.counted if mask else None)
        files = str(options.left), None, str(options.truth)
        return cls(view, SgbmSettings(), truth.description, mask.description if mask else "", files, read.note)


def _read_views(options: argparse.Namespace, left: Path, right: Path | None) -> TwoViews | None:
    """Read both views, from a file each or from one; None where there is one view with truth."""
    squeezed = SQUEEZED[options.squeezed]
    if options.truth is not None:
        return load_two_views_if_any(left, right, squeezed=squeezed)
    try:
        return load_two_views(left, right, squeezed=squeezed)
    except NoPairError as error:
        wanted = str(options.wanted)
        raise ValueError(f"{left.name} does not hold both views: {wanted[0].lower()}{wanted[1:]}") from error


def _read_camera(options: argparse.Namespace, left: RgbImage) -> Calibration:
    """Read the camera for views of this size, and print how it was read."""
    read = read_camera(options.calibration, left.shape[:2], options.unit, grey=is_grey(left))
    print(read.description)
    return read.calibration
