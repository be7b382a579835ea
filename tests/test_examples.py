"""The bundled street scenes are whole and small enough to be shown at once; folders are read without their pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from depth_demo.examples import Example, find_example, list_examples
from tests.conftest import PAIRS

BUNDLED = list_examples()
each_bundled = pytest.mark.parametrize("example", BUNDLED, ids=lambda example: example.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An example whose pictures are no pictures."""
    folder = tmp_path / "alley"
    folder.mkdir()
    for name in ("left.png", "right.png", "disparity.png"):
        (folder / name).touch()
    (folder / "README.md").write_text("# An alley\n\nLook at the\ndoor: it is near. Nothing else is.\n")
    shutil.copy(PAIRS[0].left.with_name("calib.txt"), folder)
    return folder


def test_the_bundled_examples_are_466_and_515() -> None:
    assert [example.name for example in BUNDLED] == ["466", "515"]


@each_bundled
def test_a_bundled_example_says_in_a_sentence_what_to_look_for(example: Example) -> None:
    assert example.title.startswith(f"{example.name} — ")
    assert example.look_for.endswith(".")
    assert 30 <= len(example.look_for) <= 160
    assert not set(example.look_for) & set("*_`[]<>#")  # it is shown as plain text


@each_bundled
def test_a_bundled_example_is_of_full_size_and_its_preview_is_not(example: Example) -> None:
    formats = {"left": "RGB", "right": "RGB", "disparity": "I;16"}
    for name, mode in formats.items():
        with Image.open(getattr(example, name)) as picture:
            assert (picture.size, picture.mode) == ((1920, 1200), mode)
    with Image.open(example.preview) as picture:
        assert picture.size == (384, 240)
    assert example.preview.stat().st_size <= 40_000


@each_bundled
def test_the_search_range_of_a_bundled_example_covers_its_truth(example: Example) -> None:
    pair = example.load()
    assert pair.ground_truth is not None
    assert 0 < pair.ground_truth.values[pair.ground_truth.valid].max() < example.num_disparities


@each_bundled
def test_an_example_is_known_by_its_content_wherever_its_files_are(example: Example, tmp_path: Path) -> None:
    own = example.left, example.right, example.disparity
    left, right, truth = (Path(shutil.copy(path, tmp_path / f"copy {path.name}")) for path in own)
    assert find_example(left, right, truth) == find_example(left, right) == example
    assert find_example(left, right, truth, root=tmp_path) is None
    assert find_example(right, left, truth) is None
    assert find_example(left, right, right) is None
    assert find_example(None, right) is None


@each_bundled
def test_an_example_has_labels_for_its_pixels(example: Example) -> None:
    labels = example.labels
    assert labels is not None
    assert labels.ids.shape == (1200, 1920)
    assert set(labels.ids.ravel()) <= set(labels.names)
    assert {"road", "glass", "vegetation"} <= set(labels.names.values())


def test_an_example_without_labels_has_none() -> None:
    assert PAIRS[0].labels is None
    assert PAIRS[0].load().labels is None


def test_listing_reads_no_picture(folder: Path) -> None:
    (example,) = list_examples(folder.parent)
    assert (example.name, example.title, example.look_for) == ("alley", "An alley", "Look at the door: it is near.")
    assert example.num_disparities == 64


def test_a_folder_without_a_left_view_is_no_example(folder: Path) -> None:
    (folder / "left.png").unlink()
    assert list_examples(folder.parent) == ()


def test_without_a_folder_there_are_no_examples(tmp_path: Path) -> None:
    assert list_examples(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("text", ["", "# Title only\n", "# Title\n\n## Another heading.\n", "No title. At all.\n"])
def test_a_readme_must_say_what_to_look_for(folder: Path, text: str) -> None:
    (folder / "README.md").write_text(text)
    with pytest.raises(ValueError, match=r"README\.md of example alley must be a heading, then"):
        list_examples(folder.parent)


def test_a_calibration_must_give_the_search_range(folder: Path) -> None:
    calibration = folder / "calib.txt"
    calibration.write_text(calibration.read_text().replace("ndisp", "other"))
    with pytest.raises(ValueError, match=r"calib\.txt of example alley has no line ndisp="):
        list_examples(folder.parent)
