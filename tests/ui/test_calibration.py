"""What a calibration file puts into the fields, and what of it outlives them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from depth_demo.geometry import Calibration
from depth_demo.ui.calibration import (
    FILE_TYPES,
    ReadFile,
    calibration_from,
    camera_numbers,
    on_calibration_file,
    on_left_view,
    on_unit,
)

SIZED = '{"fx": 70, "fy": 71, "cx": 30, "cy": 22, "baseline_m": 0.12, "doffs": 8, "width": 64, "height": 48}'
FROM_SIZED = Calibration(70, 0.12, 8, 71, (30, 22))
KITTI = "".join(f"P{i}: 70 0 31 {shift} 0 70 23 0 0 0 1 0\n" for i, shift in enumerate((0, -28, 4.2, -33.6)))


@pytest.fixture
def upload(tmp_path: Path) -> Any:
    def write(text: str, name: str = "camera.json") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def view(folder: Path, width: int = 64, height: int = 48, *, grey: bool = False) -> str:
    path = folder / f"left{width}{grey}.png"
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    Image.fromarray(pixels[..., 0] if grey else pixels).save(path)
    return str(path)


def told(updates: Sequence[Any]) -> str:
    *_, text, _ = updates
    assert isinstance(text, gr.Markdown)
    assert text.visible
    return str(text.value)


def test_a_file_fills_the_fields_and_says_how_it_was_read(upload: Any) -> None:
    updates: Any = on_calibration_file(upload(SIZED), None)
    assert updates[:3] == (70, 0.12, 8)
    assert updates[3].calibration == FROM_SIZED
    assert told(updates).startswith("Read as JSON; the baseline of 0.12 is in m, as the file says.")


def test_a_file_is_scaled_to_the_left_view(upload: Any, tmp_path: Path) -> None:
    updates: Any = on_calibration_file(upload(SIZED), view(tmp_path, 128, 96))
    assert updates[:3] == (140, 0.12, 16)
    assert "scaled by 2 to 128x96 pixels" in told(updates)


def test_a_grey_view_takes_the_grey_pair(upload: Any, tmp_path: Path) -> None:
    path = upload(KITTI, "calib.txt")
    assert on_calibration_file(path, view(tmp_path, grey=True))[1] == pytest.approx(0.4)
    assert on_calibration_file(path, view(tmp_path))[1] == pytest.approx(0.54)


def test_an_uncertain_unit_is_asked_for_and_the_answer_fills_the_fields(upload: Any) -> None:
    path = upload('{"fx": 70, "baseline": 120}')
    updates: Any = on_calibration_file(path, None)
    assert updates[:4] == (0, 0, 0, None)
    assert "The baseline is 120, which would be 120 m" in told(updates)
    assert updates[5].visible
    assert [value for _, value in updates[5].choices] == ["m", "cm", "mm", "in", "ft"]
    answered: Any = on_unit("mm", path, None)
    assert answered[:3] == (70, 0.12, 0)
    assert "taken in mm, as chosen" in told(answered)
    assert answered[5].visible  # a wrong answer can be changed


def test_a_refusal_leaves_no_number_of_an_earlier_file(upload: Any) -> None:
    updates: Any = on_calibration_file(upload('{"fx": 70}'), None)
    assert updates[:4] == (0, 0, 0, None)
    assert told(updates).startswith("**Not read.** The calibration lacks a baseline")
    assert not updates[5].visible


def test_what_the_file_says_beyond_the_fields_counts_while_they_hold_its_numbers() -> None:
    read = ReadFile("camera.json", None, FROM_SIZED)
    numbers = camera_numbers(FROM_SIZED)
    assert calibration_from(*numbers, read) == FROM_SIZED
    assert calibration_from(70, 0.13, 8, read) == Calibration(70, 0.13, 8)
    assert calibration_from(*numbers) == Calibration(*numbers)
    assert calibration_from(0, None, 0, read) is None
    with pytest.raises(ValueError, match="Baseline must be a number larger than 0"):
        calibration_from(70, 0, 0, read)


def test_another_left_view_has_the_file_read_again(upload: Any, tmp_path: Path) -> None:
    read = ReadFile(upload(SIZED), None, FROM_SIZED)
    larger, numbers = view(tmp_path, 128, 96), camera_numbers(FROM_SIZED)
    assert on_left_view(larger, read, *numbers)[:3] == (140, 0.12, 16)
    tall = on_left_view(view(tmp_path, 48, 64), read, *numbers)
    assert tall[:4] == (0, 0, 0, None)
    assert "another shape" in told(tall)


@pytest.mark.parametrize("numbers", [(70, 0.12, 0), (0, 0, 0), (None, None, None)])
def test_a_left_view_leaves_typed_numbers_alone(upload: Any, tmp_path: Path, numbers: tuple[float, float, float]) -> None:
    read = ReadFile(upload(SIZED), None, FROM_SIZED)
    untouched = [gr.skip()] * 6
    assert on_left_view(view(tmp_path), read, *numbers) == untouched
    assert on_left_view(view(tmp_path), None, *numbers) == untouched
    assert on_left_view(None, read, *camera_numbers(FROM_SIZED)) == untouched


def test_a_file_that_was_deleted_is_not_read_again(tmp_path: Path) -> None:
    read = ReadFile(str(tmp_path / "gone.json"), None, FROM_SIZED)
    assert on_left_view(view(tmp_path), read, *camera_numbers(FROM_SIZED)) == [gr.skip()] * 6


def test_all_endings_in_use_can_be_chosen() -> None:
    assert {".txt", ".json", ".yaml", ".yml", ".xml", ".conf", ".ini", ".cfg"} <= {*FILE_TYPES}
