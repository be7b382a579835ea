"""Which photos belong together: left and right by the names of files and folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PHOTOS = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".pgm", ".ppm"}
# How left and right are told apart, with the words for both; what stands around the word must be the same.
_SIDES = (
    (re.compile(r"left|right"), ("left", "right")),
    (re.compile(r"(?<![a-z])[lr](?![a-z])"), ("l", "r")),
    (re.compile(r"(?<=cam)[01](?!\d)|(?<=cam[_-])[01](?!\d)|(?<=camera)[01](?!\d)|(?<=camera[_-])[01](?!\d)"), ("0", "1")),
    (re.compile(r"(?<=cam)[12](?!\d)|(?<=cam[_-])[12](?!\d)|(?<=camera)[12](?!\d)|(?<=camera[_-])[12](?!\d)"), ("1", "2")),
    (re.compile(r"(?<=image_)[01](?=/)"), ("0", "1")),
)


@dataclass(frozen=True, slots=True)
class PhotoPairs:
    """Photos by pair.

    Attributes:
        pairs: Name, left and right photo of each, in the order of their names.
        alone: Photos without the other side.
        by_order: Whether names did not tell, so that the first left photo belongs to the first right one, and so on.
    """

    pairs: tuple[tuple[str, Path, Path], ...]
    alone: tuple[Path, ...] = ()
    by_order: bool = False


def pair_photos(folder: Path, right: Path | None = None) -> PhotoPairs:
    """Pair the photos of one folder, or of a left and a right one.

    Known are folders and files with left and right, l and r, cam0 and cam1, or cam1 and cam2 in their names.

    Raises:
        ValueError: If a folder is not there, or no two photos belong together.
    """
    for each in filter(None, (folder, right)):
        if not each.is_dir():
            raise ValueError(f"There is no folder at {str(each)!r:.200}.")
    if right is not None:
        return _of_two(_photos(folder), _photos(right))
    files = _photos(folder)
    best = PhotoPairs((), tuple(files))
    for pattern, words in _SIDES:
        sides = _by_key(folder, files, pattern, words)
        both = _matched(*sides)
        used = {path for _, *paths in both for path in paths}
        found = PhotoPairs(both, tuple(path for path in files if path not in used))
        if not both and sides[0] and len(sides[0]) == len(sides[1]):
            found = _in_order([*sides[0].values()], [*sides[1].values()])
        if len(found.pairs) > len(best.pairs):
            best = found
    if not best.pairs:
        raise ValueError(
            f"No two of the {len(files)} photos belong together by their names: keep them in the folders left and right, or "
            "name them left01 and right01."
        )
    return best


def _photos(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTOS and path.is_file())


def _by_key(
    folder: Path, files: Sequence[Path], pattern: re.Pattern[str], words: tuple[str, str]
) -> tuple[dict[str, Path], dict[str, Path]]:
    sides: tuple[dict[str, Path], dict[str, Path]] = ({}, {})
    for path in files:
        name = path.relative_to(folder).with_suffix("").as_posix().lower()
        found = {word.group() for word in pattern.finditer(name)}
        if len(found) == 1 and (word := found.pop()) in words:
            sides[words.index(word)].setdefault(pattern.sub("*", name), path)
    return sides


def _of_two(left: Sequence[Path], right: Sequence[Path]) -> PhotoPairs:
    sides = [{_bare(path): path for path in each} for each in (left, right)]
    both = _matched(*sides)
    if both:
        used = {path for _, *paths in both for path in paths}
        return PhotoPairs(both, tuple(path for path in (*left, *right) if path not in used))
    if left and len(left) == len(right):
        return _in_order(left, right)
    raise ValueError(
        f"The folders hold {len(left)} and {len(right)} photos whose names do not match: give both of a pair the same name."
    )


def _matched(left: Mapping[str, Path], right: Mapping[str, Path]) -> tuple[tuple[str, Path, Path], ...]:
    """Return name, left and right photo by what their names have in common."""
    return tuple(
        (key.replace("*", "").strip("/_- ") or key, left[key], right[key]) for key in sorted(left.keys() & right.keys())
    )


def _in_order(left: Sequence[Path], right: Sequence[Path]) -> PhotoPairs:
    pairs = tuple((f"{one.stem} and {other.stem}", one, other) for one, other in zip(left, right, strict=True))
    return PhotoPairs(pairs, by_order=True)


def _bare(path: Path) -> str:
    return re.sub(r"left|right|(?<![a-z])[lr](?![a-z])", "*", path.stem.lower())
