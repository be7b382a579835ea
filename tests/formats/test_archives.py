"""A ZIP is unpacked within its bounds or refused in one sentence, and then nothing of it is left."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from depth_demo.formats.archives import BOUNDS, Bounds, unpack

Fill = Callable[[zipfile.ZipFile], object]


def zipped(path: Path, fill: Fill) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return path


def named(*names: str) -> Fill:
    def fill(archive: zipfile.ZipFile) -> None:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"12345")

    return fill


def of_kind(kind: int) -> Fill:
    entry = zipfile.ZipInfo("scene/left.png")
    entry.external_attr = (kind | 0o644) << 16
    return lambda archive: archive.writestr(entry, b"right.png")


def packed_by_lzma(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.txt", b"12345", zipfile.ZIP_LZMA)


def one_name_twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.txt", b"1")
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a.txt", b"2")


def test_files_and_folders_come_out_as_they_went_in(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.mkdir("empty")
        archive.writestr("a/b/left.png", b"left")
        archive.writestr("a/pairs.csv", b"left,right")

    assert unpack(zipped(tmp_path / "set.zip", fill), tmp_path / "out") == 2
    found = {path.relative_to(tmp_path / "out").as_posix(): path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    assert found == {"a/b/left.png": b"left", "a/pairs.csv": b"left,right"}


SMALL = Bounds(files=3, unpacked_bytes=14, name_length=30, depth=3, spare_bytes=0)


@pytest.mark.parametrize(
    ("fill", "bounds", "sentence"),
    [
        pytest.param(named("../left.png"), BOUNDS, r"the path '\.\./left\.png', which leads out of it", id="above"),
        pytest.param(named("a/../../b.png"), BOUNDS, "which leads out of it", id="above, later"),
        pytest.param(named("/etc/left.png"), BOUNDS, "which leads out of it: paths must be like scene/left", id="absolute"),
        pytest.param(named("C:/left.png"), BOUNDS, "which leads out of it", id="a drive"),
        pytest.param(named(""), BOUNDS, "which leads out of it", id="no name"),
        pytest.param(named("a//b.png"), BOUNDS, "which leads out of it", id="an empty folder"),
        pytest.param(named("a\\b.png"), BOUNDS, "must be without backslashes and control characters", id="backslash"),
        pytest.param(named("a\nb.png"), BOUNDS, "must be without backslashes and control characters", id="control"),
        pytest.param(of_kind(stat.S_IFLNK), BOUNDS, "which is a link: only files and folders", id="a link"),
        pytest.param(of_kind(stat.S_IFIFO), BOUNDS, "which is no ordinary file", id="a pipe"),
        pytest.param(packed_by_lzma, BOUNDS, "whose compression is not Deflate", id="LZMA"),
        pytest.param(one_name_twice, BOUNDS, r"two files of the name 'a\.txt'", id="twice"),
        pytest.param(named("a", "a/b"), BOUNDS, "holds 'a' as a file and as a folder", id="file and folder"),
        pytest.param(named(), BOUNDS, "holds no file", id="nothing"),
        pytest.param(named("1", "2", "3", "4"), SMALL, r"holds 4 files; up to 3 are accepted", id="files"),
        pytest.param(named(*map(str, range(7))), SMALL, "has too many members; up to 6 are accepted", id="members"),
        pytest.param(named("1", "2", "3"), replace(SMALL, unpacked_bytes=14), "unpacks to 0.0 MB; up to", id="unpacked"),
        pytest.param(named("a/" + 29 * "b"), SMALL, "up to 30 characters and 3 folders", id="a long name"),
        pytest.param(named("a/b/c/d"), SMALL, "up to 30 characters and 3 folders", id="deep"),
        pytest.param(
            lambda archive: archive.writestr("a", bytes(5000)),
            replace(BOUNDS, ratio=10, ratio_from_bytes=1000),
            r"unpacks to \d\d times its size; up to 10 times is accepted",
            id="ratio",
        ),
        pytest.param(named("a"), replace(BOUNDS, spare_bytes=2**62), "There is no room on the server's disk", id="disk"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_a_sentence_and_nothing_is_left(
    tmp_path: Path, fill: Fill, bounds: Bounds, sentence: str
) -> None:
    archive = zipped(tmp_path / "set.zip", fill)
    with pytest.raises(ValueError, match=sentence) as refusal:
        unpack(archive, tmp_path / "made" / "out", bounds)
    assert str(refusal.value).endswith(".")
    assert list(tmp_path.rglob("*")) == [archive]


def test_blank_pictures_pack_well_and_are_no_matter(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "set.zip", lambda archive: archive.writestr("a", bytes(200_000)))
    assert 200_000 / archive.stat().st_size > BOUNDS.ratio
    assert unpack(archive, tmp_path / "out") == 1


def test_what_is_no_zip_or_ends_early_or_needs_a_password_is_refused(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "set.zip", named("a.txt")).read_bytes()
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    for content, sentence in (
        (b"no ZIP", r"The ZIP 'other\.zip' cannot be unpacked \(File is not a zip file\)"),
        (whole[:-30], "cannot be unpacked"),
        (whole.replace(b"12345", b"12346"), "cannot be unpacked"),
        (bytes(encrypted), "which is encrypted: pack it without a password"),
    ):
        other = tmp_path / "other.zip"
        other.write_bytes(content)
        with pytest.raises(ValueError, match=sentence):
            unpack(other, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    with pytest.raises(ValueError, match=r"The file 'none\.zip' is not there any more"):
        unpack(tmp_path / "none.zip", tmp_path / "out")
