"""What a file with both views puts into the fields, and what a single view leaves as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest

from depth_demo.formats.pairs import PairFile, load_pair
from depth_demo.formats.photos import load_views
from depth_demo.ui.panels.pair_file import answered, describe, filled, look_into, write_views
from tests.support.handmade_files import encoded, needs_heic, saved
from tests.support.handmade_pairs import heic, mpo, views, with_stereo_group

LEFT, RIGHT = views()


def mpo_file(folder: Path) -> str:
    path = folder / "DSC <1>.mpo"
    path.write_bytes(mpo([encoded(view, format="JPEG", quality=95) for view in (LEFT, RIGHT)], baseline=(77, 1000)))
    return str(path)


def test_a_file_fills_both_views_and_clears_what_belonged_to_others(tmp_path: Path) -> None:
    found: tuple[Any, ...] = filled(str(tmp_path / "cache"), 1, mpo_file(tmp_path))
    line, yes, no, kept, left, right, *camera, truth = found
    pair = load_pair(mpo_file(tmp_path))
    first, second = load_views(left, right)
    np.testing.assert_array_equal(first, pair.left)
    np.testing.assert_array_equal(second, pair.right)
    assert Path(left).name.endswith("_left.png")
    assert camera == [0, 0, 0]  # the focal length is not known
    assert truth is None
    assert kept == mpo_file(tmp_path)
    assert (yes.visible, no.visible) == (False, False)
    assert line.visible
    assert "For metres, fill in the focal length" in line.value


def test_a_single_view_is_left_alone(tmp_path: Path) -> None:
    single = str(saved(tmp_path / "a.png", LEFT))
    for path in (single, None):
        line, yes, no, kept, is_pair = look_into(path)
        assert (line.visible, yes.visible, no.visible, kept, is_pair) == (False, False, False, None, False)
    assert look_into(mpo_file(tmp_path))[3:] == (mpo_file(tmp_path), True)
    with pytest.raises(ValueError, match="holds no pair"):
        filled(str(tmp_path), 0, single)


def test_halves_of_an_unusual_shape_are_asked_about_and_an_answer_reads_them_anew(tmp_path: Path) -> None:
    path = str(saved(tmp_path / "a.png", np.hstack([view[:270, :240] for view in (LEFT, RIGHT)])))
    cache = str(tmp_path / "cache")
    line, yes, no, kept, *_ = cast(list[Any], filled(cache, 0, path))
    assert "Are the halves squeezed?" in line.value
    assert (yes.visible, no.visible, kept) == (True, True, path)
    assert (yes.variant, no.variant) == ("secondary", "secondary")
    for squeezed, width in ((False, 240), (True, 480)):
        line, yes, no, left, right = cast(list[Any], answered(cache, squeezed, path))
        assert "Are the halves squeezed?" not in line.value
        assert "as was answered" in line.value
        assert [button.variant == "primary" for button in (yes, no)] == [squeezed, not squeezed]
        first, second = load_views(left, right)
        assert first.shape == second.shape == (270, width, 3)
    assert answered(cache, squeezed, None) == (gr.skip(),) * 5


def test_known_lengths_are_filled_in() -> None:
    known = PairFile(LEFT, RIGHT, "Split.", 700.0, 0.064)
    assert describe(known) == "Split. Both lengths were filled in."
    assert describe(PairFile(LEFT, RIGHT, "Split.")) == "Split."


@needs_heic
def test_what_is_missing_for_metres_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(with_stereo_group(heic([LEFT, RIGHT]), x_um=(None, 64_000)))
    pair = load_pair(path)
    assert "For metres, fill in the focal length" in describe(pair)
    assert all(Path(file).is_file() for file in write_views(pair, "a/../b", str(tmp_path / "cache")))
