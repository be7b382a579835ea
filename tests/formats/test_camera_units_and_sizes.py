"""What a calibration leaves open: the unit of its baseline, and the size of the pictures for which it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.formats.cameras import UnitQuestion, load_calibration, parse_camera, read_camera
from depth_demo.geometry import Calibration

MIDDLEBURY = (
    "cam0=[1400 0 700; 0 1400 500; 0 0 1]\ncam1=[1400 0 740; 0 1400 500; 0 0 1]\nbaseline={}\nwidth=1280\nheight=960\n"
)
PLAIN = '{{"fx": 700, "baseline": {}}}'
SIZED = '{"fx": 700, "fy": 710, "cx": 319.5, "cy": 200, "baseline_m": 0.12, "doffs": 8, "width": 640, "height": 480}'
UNSIZED = '{"fx": 700, "cx": 330, "cy": 250, "baseline_m": 0.12}'
KITTI = "S_rect_02: 1.242e+03 3.75e+02\n" + "".join(
    f"P_rect_0{i}: 700 0 600 {shift} 0 700 180 0 0 0 1 0\n" for i, shift in ((2, 42), (3, -336))
)


@pytest.mark.parametrize("baseline", [7.5, 120, 2.1, 0.0005])
@pytest.mark.parametrize("unit", ["m", "cm", "mm"])
def test_a_plain_baseline_that_is_hardly_in_metres_is_asked_about(baseline: float, unit: str) -> None:
    text = PLAIN.format(baseline)
    with pytest.raises(UnitQuestion, match=r"would be .* m if it were in m.* Choose its unit: m, cm, mm, in or ft") as asked:
        parse_camera(text)
    assert (asked.value.number, asked.value.choices) == (baseline, ("m", "cm", "mm", "in", "ft"))
    found = parse_camera(text, unit=unit)
    assert found.calibration.baseline_m == pytest.approx(baseline / {"m": 1, "cm": 100, "mm": 1000}[unit])
    assert f"is taken in {unit}, as chosen" in found.description


@pytest.mark.parametrize("baseline", [0.001, 0.01, 0.12, 2])
def test_a_plain_baseline_is_in_metres_which_is_said(baseline: float) -> None:
    found = parse_camera(PLAIN.format(baseline))
    assert found.calibration.baseline_m == baseline
    assert f"the baseline of {baseline:g} is in m, since the file names no unit" in found.description


@pytest.mark.parametrize(("word", "metres"), [("mm", 0.12), ("Millimeters", 0.12), ("cm", 1.2), ("m", 120)])
def test_a_field_of_its_own_names_the_unit(word: str, metres: float) -> None:
    assert parse_camera(f'{{"fx": 700, "baseline": 120, "unit": "{word}"}}').calibration.baseline_m == metres


@pytest.mark.parametrize(
    ("word", "metres"), [("in", 0.127), ("Inch", 0.127), ("inches", 0.127), ("ft", 1.524), ("feet", 1.524), ("foot", 1.524)]
)
def test_inches_and_feet_are_units_too(word: str, metres: float) -> None:
    assert parse_camera(f'{{"fx": 700, "baseline": 5, "unit": "{word}"}}').calibration.baseline_m == pytest.approx(metres)
    rows = "\n".join(f"P{i}: [700, 0, 320, {shift}, 0, 700, 240, 0, 0, 0, 1, 0]" for i, shift in ((1, 0), (2, -3500)))
    yaml = f"unit: {word}\n{rows}"
    assert parse_camera(yaml).calibration.baseline_m == pytest.approx(metres)


def test_inches_may_stand_in_the_name_or_be_the_answer() -> None:
    found = parse_camera('{"fx": 700, "baseline_in": 5}')
    assert found.calibration.baseline_m == pytest.approx(0.127)
    assert "the baseline of 5 is in inches, as the file says" in found.description
    assert parse_camera(PLAIN.format(120), unit="in").calibration.baseline_m == pytest.approx(3.048)


def test_a_word_that_is_no_unit_here_is_not_taken_for_metres() -> None:
    text = '{"fx": 700, "baseline": 0.12, "unit": "parsec"}'
    with pytest.raises(UnitQuestion, match=r"The baseline is 0\.12, and the file names no unit that is known here"):
        parse_camera(text)
    assert parse_camera(text, unit="m").calibration.baseline_m == 0.12
    assert parse_camera(text.replace("parsec", "pixels")).calibration.baseline_m == 0.12  # the unit of other fields


def test_middlebury_in_metres_is_asked_about() -> None:
    with pytest.raises(UnitQuestion, match=r"The baseline is 0\.11, which would be 0\.00011 m if it were in mm") as asked:
        parse_camera(MIDDLEBURY.format(0.11))
    assert asked.value.number == 0.11
    assert parse_camera(MIDDLEBURY.format(0.11), unit="m").calibration.baseline_m == 0.11


def test_a_unit_that_the_file_names_stays() -> None:
    found = parse_camera('{"fx": 700, "baseline_mm": 0.5}', unit="m")
    assert found.calibration.baseline_m == 0.0005
    assert "is in mm, as the file says" in found.description


@pytest.mark.parametrize("unit", ["inch", "", "M"])
def test_other_units_are_refused(unit: str) -> None:
    with pytest.raises(ValueError, match=f"The unit must be one of m, cm, mm, in, ft, not '{unit}'"):
        parse_camera(PLAIN.format(1), unit=unit)


def test_pictures_of_half_the_size_have_half_the_focal_length() -> None:
    found = parse_camera(MIDDLEBURY.format(120), (480, 640))
    # cx + 0.5 is scaled: the first pixel's edge stays where it is.
    assert found.calibration == Calibration(700, 0.12, 20, principal_point_px=(349.75, 249.75))
    assert (
        "holds for 1280x960 pixels: focal length, doffs and principal point are scaled by 0.5 to 640x480" in found.description
    )


def test_pictures_of_the_files_size_keep_its_numbers() -> None:
    found = parse_camera(SIZED, (480, 640))
    assert found.calibration == Calibration(700, 0.12, 8, 710, (319.5, 200))
    assert "scaled" not in found.description


def test_without_a_size_the_numbers_stay_and_their_size_is_told(tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    path.write_text(SIZED)
    assert "It holds for pictures of 640x480 pixels." in read_camera(path).description
    assert load_calibration(path).focal_length_px == 700
    assert load_calibration(path, (960, 1280)).focal_length_px == 1400


def test_a_principal_point_at_the_centre_is_none() -> None:
    text = SIZED.replace('"cy": 200', '"cy": 239.5')
    assert parse_camera(text, (480, 640)).calibration.principal_point_px is None
    assert parse_camera(text, (240, 320)).calibration.principal_point_px is None


@pytest.mark.parametrize("size", [(352, 1216), (375, 1224), (370, 1242)])
def test_cropped_pictures_keep_the_focal_length_and_lose_the_principal_point(size: tuple[int, int]) -> None:
    found = parse_camera(KITTI, size)
    assert found.calibration == Calibration(700, 0.54)
    assert "they are taken as cropped, not as resized, so the focal length stays" in found.description


@pytest.mark.parametrize("size", [(375, 600), (375, 1500), (500, 500), (187, 1242)])
def test_pictures_of_another_shape_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=rf"holds for pictures of 1242x375 pixels, but these have {size[1]}x{size[0]}"):
        parse_camera(KITTI, size)


def test_a_principal_point_tells_of_another_size() -> None:
    assert parse_camera(UNSIZED, (480, 640)).calibration.focal_length_px == 700
    for size in ((240, 320), (960, 1280), (480, 320), (240, 640)):
        with pytest.raises(ValueError, match="made for pictures of about 660x500 pixels; these have"):
            parse_camera(UNSIZED, size)


def test_a_rounded_half_size_is_scaled() -> None:
    found = parse_camera(KITTI, (188, 621))
    assert found.calibration.focal_length_px == 350
    assert "scaled by 0.5 to 621x188" in found.description
