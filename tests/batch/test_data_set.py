"""A data set as it is handed in: found in a ZIP or a folder, and never outside of what is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from depth_demo.batch.data_set import files_of, find_data_set, unpack_data_set
from tests.support.small_data_set import small_data_set


def test_a_zip_of_a_folder_is_found_whether_or_not_the_folder_is_in_it(tmp_path: Path) -> None:
    small_data_set(tmp_path / "data" / "street", "a", "b")
    (tmp_path / "data" / "__MACOSX").mkdir()
    for name, root in (("whole", tmp_path / "data"), ("bare", tmp_path / "data" / "street")):
        archive = Path(shutil.make_archive(str(tmp_path / name), "zip", root))
        found = unpack_data_set(archive, tmp_path / "out" / name)
        assert [sample.name for sample in found.samples] == ["a", "b"]
        assert found.layout == "folder"
        assert found.in_words() == f"Found in '{name}': 2 pairs in the layout folder, all with ground truth."
        assert unpack_data_set(archive, tmp_path / "out" / name) == found  # without unpacking again


def test_a_zip_of_the_files_of_one_pair_is_that_pair(tmp_path: Path) -> None:
    pair = small_data_set(tmp_path / "data", "a") / "a"
    found = unpack_data_set(Path(shutil.make_archive(str(tmp_path / "street"), "zip", pair)), tmp_path / "out" / "street")
    assert found.in_words() == "Found in 'street': 1 pair in the layout folder, all with ground truth."
    assert [sample.name for sample in found.samples] == ["street"]
    assert found.samples[0].load().ground_truth is not None


def test_a_folder_that_the_system_does_not_open_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^The folder 'a+ \.\.\.' cannot be read here \(.*\)\.$"):
        find_data_set(Path("/" + "a" * 5000))


def test_a_zip_without_pairs_says_what_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "data"
    (root / "images").mkdir(parents=True)
    for name in ("images/a.png", "notes.txt"):
        (root / name).write_bytes(b"a")
    archive = Path(shutil.make_archive(str(tmp_path / "set"), "zip", root))
    said = r"The ZIP 'set' holds no pair in the layout csv or .*\. It holds 'images \(a folder\)', 'notes\.txt'\.$"
    with pytest.raises(ValueError, match=said):
        unpack_data_set(archive, tmp_path / "out")


def test_pairs_without_truth_are_counted_apart(tmp_path: Path) -> None:
    data = small_data_set(tmp_path / "data", "a", "b")
    (data / "a" / "disparity.pfm").unlink()
    assert "2 pairs in the layout folder, 1 with ground truth." in find_data_set(data).in_words()


def test_links_that_lead_out_of_the_allowed_folder_are_refused(tmp_path: Path) -> None:
    data = small_data_set(tmp_path / "allowed" / "street", "a")
    assert find_data_set(data, tmp_path / "allowed").samples[0].name == "a"
    outside = small_data_set(tmp_path / "outside", "b") / "b" / "right.png"
    right = data / "a" / "right.png"
    right.unlink()
    right.symlink_to(outside)
    with pytest.raises(ValueError, match="The pair 'a' names a file outside the folder that may be scored here"):
        find_data_set(data, tmp_path / "allowed")
    assert right in files_of(find_data_set(data).samples[0])
