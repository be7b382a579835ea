"""Find pairs in the layout of MPI Sintel's stereo set.

training/ holds clean_left, clean_right, final_left, final_right, disparities, occlusions and outofframe, each a folder per
sequence. Both passes are pairs of their own. The set has no file with the camera.
Source: README of the stereo training set, sintel.is.tue.mpg.de/stereo. occlusions and outofframe mark the pixels that the
right view does not show.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.sample import Sample, if_there

PASSES = ("clean", "final")
LEFT_OUT = ("occlusions", "outofframe")


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of both passes, of the data set's folder or its `training`."""
    places = [place for place in (root, root / "training") if any((place / f"{name}_left").is_dir() for name in PASSES)]
    return [
        _sample(place, name, left)
        for place in places
        for name in PASSES
        for left in sorted(place.glob(f"{name}_left/*/*.png"))
    ]


def _sample(place: Path, name: str, left: Path) -> Sample:
    frame = Path(left.parent.name, left.name)
    masks = (if_there(place / folder / frame) for folder in LEFT_OUT)
    return Sample(
        f"{name}/{frame.with_suffix('')}",
        left,
        place / f"{name}_right" / frame,
        if_there(place / "disparities" / frame),
        encoding="sintel",
        left_out=tuple(filter(None, masks)),
    )
