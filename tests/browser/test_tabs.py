"""What people hand in: photos, pairs and calibrations, and what the tabs make of them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.conftest import PAIRS
from tests.support.visits import Visit, expect_drawn


def test_a_photo_becomes_a_map_and_a_surface(visit: Visit) -> None:
    page, result = visit.page, visit.result("estimate")
    page.locator("input[type=file]").first.set_input_files(PAIRS[0].left)
    expect(page.get_by_role("button", name="Remove Image")).to_be_visible()
    page.get_by_role("button", name="Estimate depth", exact=True).click()
    expect(page.get_by_text("larger is nearer; no unit").first).to_be_visible()
    result.get_by_role("tab", name="Surface").click()
    expect_drawn(page.locator("canvas:visible").first)
    result.get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the map").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        pictures = ["left_depth_coloured.png", "left_depth_grey.png"]
        endings = (".npy", "_16bit.png", "_16bit.json", ".pfm", ".tif")
        map_files = [f"left_relative_inverse_depth{ending}" for ending in endings]
        assert archive.namelist() == [*pictures, *map_files, "left_points.ply", "left_surface.glb"]
    assert download.value.suggested_filename == "left_depth.zip"
    files = page.locator("#estimate-files")
    expect(files.get_by_role("link")).to_have_count(2)
    expect(files.get_by_role("link", name="Download left_depth_coloured.png, ")).to_be_visible()
    expect(files.get_by_role("link", name="Download left_depth.zip, ")).to_be_visible()
    expect(files.get_by_role("button", name="Remove this file")).to_have_count(0)
    result.get_by_role("tab", name="Map").click()
    before = page.locator("img:visible").evaluate_all("images => images.map(image => image.src)")
    page.get_by_label("Colours").locator("visible=true").click()
    page.get_by_role("option", name="Turbo").click()
    page.wait_for_function(
        "before => [...document.images].some(i => i.offsetParent && !before.includes(i.src))", arg=before
    )  # a new picture, without a new estimate


ENDING_FOLLOWS = """name => {
    const stem = [...name.querySelector('.stem').getClientRects()], last = stem.at(-1);
    const ending = name.querySelector('.ext').getClientRects()[0];
    const behind = Math.abs(last.right - ending.left) < 1 && last.top == ending.top;
    return stem.length > 1 && (behind || (ending.top >= last.bottom - 1 && ending.left == last.left));
}"""


def test_a_long_name_of_a_file_wraps_with_its_ending_on_a_phone(visit: Visit, tmp_path: Path) -> None:
    page, photo = visit.page, tmp_path / "a photo of the street behind our house (1).png"
    photo.write_bytes(PAIRS[0].left.read_bytes())
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("input[type=file]").first.set_input_files(photo)
    expect(page.get_by_role("button", name="Remove Image")).to_be_visible()
    page.get_by_role("button", name="Estimate depth", exact=True).click()
    visit.expect_run("estimate", "done")
    visit.result("estimate").get_by_role("tab", name="Files").click()
    page.get_by_role("button", name="Download the map").click()
    name = page.locator("#estimate-files .filename").first
    expect(name).to_have_text("a_photo_of_the_street_behind_our_house_1_depth_coloured .png")
    assert name.evaluate(ENDING_FOLLOWS)


def test_a_picture_that_browsers_do_not_show_says_so(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    Image.open(PAIRS[0].left).save(path)
    visit.page.locator("input[type=file]").first.set_input_files(path)
    expect(visit.page.get_by_alt_text("No preview in this browser.")).to_be_visible()
    visit.page.get_by_role("button", name="Remove Image").click()
    visit.page.locator("input[type=file]").first.set_input_files(PAIRS[0].left)
    expect(visit.page.get_by_role("button", name="Remove Image")).to_be_visible()
    expect(visit.page.get_by_alt_text("No preview")).to_have_count(0)


def test_a_pair_is_checked_before_it_is_matched(visit: Visit) -> None:
    page = visit.page
    visit.tab("Stereo")
    for name, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(name, view)
    checks = page.locator(".block:visible", has_text="Before matching").last
    expect(checks).to_contain_text("Rows agree within 0.0 px")
    page.get_by_role("button", name="Use 5 to 36 px").click()
    expect(visit.number("num_disparities [px]").first).to_have_value("32")
    expect(checks).to_contain_text("settings look for 5 to 36 px")
    visit.example(1).click()  # brings its own range
    expect(checks).to_contain_text("settings look for 0 to 63 px")
    expect(page.get_by_text("of the pixels matched")).to_be_visible()
    disparities = page.get_by_label("number input for num_disparities [px]").locator("visible=true")
    for typed, checked in (("37", "must be a multiple of 16, not 37"), ("2000", "0 to 511 px"), ("", "0 to 15 px")):
        disparities.fill(typed)  # a range that cannot be is cut, and checked as it stands
        disparities.blur()
        expect(checks).to_contain_text(checked)


def test_swapped_views_are_swapped_by_a_button_and_matched_without_a_calibration(visit: Visit) -> None:
    visit.tab("Stereo")
    depth = visit.page.get_by_text("Left view | depth")
    expect(depth).to_be_visible()
    for name, view in (("Left view", PAIRS[0].right), ("Right view", PAIRS[0].left)):
        visit.upload(name, view)
    expect(visit.page.get_by_text("The views look swapped").locator("visible=true")).to_be_visible()
    visit.page.get_by_role("button", name="Swap left and right").locator("visible=true").click()
    expect(visit.page.get_by_text("The views are in order").locator("visible=true")).to_be_visible()
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(depth).to_have_count(0)  # without a calibration
    visit.example(0).click()
    expect(depth).to_be_visible()


def test_a_calibration_file_without_a_unit_asks_for_it(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Stereo")
    page, calibration = visit.page, tmp_path / "extrinsics.yml"
    matrix = "{}: !!opencv-matrix\n   rows: 3\n   cols: 4\n   data: [700, 0, 320, {}, 0, 700, 240, 0, 0, 0, 1, 0]\n"
    calibration.write_text("%YAML:1.0\n---\n" + matrix.format("P1", 0) + matrix.format("P2", -42000))
    page.locator("input[type=file][accept*=yml]").locator("nth=0").set_input_files(calibration)
    expect(page.get_by_text("The baseline is 60, and the file names no unit that is known here")).to_be_visible()
    page.get_by_role("radio", name="mm", exact=True).click()
    expect(visit.number("Baseline [m]")).to_have_value("0.06")
    expect(visit.number("Focal [px]")).to_have_value("700")
    expect(page.get_by_text("the baseline of 60 is taken in mm, as chosen")).to_be_visible()


def test_a_calibration_file_fills_the_fields(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Stereo")
    calibration = tmp_path / "calib.json"
    calibration.write_text('{"focal_px": 721.5, "baseline_mm": 532.7, "doffs_px": 1.5}')
    visit.page.locator("input[type=file][accept*=json]").locator("nth=0").set_input_files(calibration)
    expect(visit.number("Focal [px]")).to_have_value("721.5")
    expect(visit.number("Baseline [m]")).to_have_value("0.5327")


def test_a_file_of_another_size_is_scaled_and_its_principal_point_reaches_the_points(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Stereo")
    page, calibration = visit.page, tmp_path / "calib.json"
    with Image.open(PAIRS[0].left) as left:
        width, height = left.size
    of_twice_the_size = {"fx": 960, "cx": width - 20, "cy": height - 10, "width": 2 * width, "height": 2 * height}
    calibration.write_text(json.dumps(of_twice_the_size | {"baseline_m": 0.1}))
    for name, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(name, view)
    page.locator("input[type=file][accept*=json]").locator("nth=0").set_input_files(calibration)
    expect(page.get_by_text(f"are scaled by 0.5 to {width}x{height} pixels")).to_be_visible()
    expect(visit.number("Focal [px]")).to_have_value("480")
    page.get_by_role("button", name="Match", exact=True).click()
    visit.expect_run("match", "done")
    visit.result("match").get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download disparity, depth and the surface").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        cloud = archive.read(next(name for name in archive.namelist() if name.endswith(".ply")))
    # (width - 20 + 0.5) / 2 - 0.5, and the same of the row
    assert f"principal point at column {width / 2 - 10.25:.2f}, row {height / 2 - 5.25:.2f}".encode() in cloud[:400]


def test_an_uploaded_pair_without_truth_is_compared(visit: Visit) -> None:
    visit.tab("Compare")
    for name, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(name, view)
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    expect(visit.page.get_by_text("Monocular, against confident stereo,", exact=True)).to_be_visible()
    expect(visit.page.locator(".probed img[alt='Confident stereo']")).to_be_visible()
    expect(visit.page.locator(".probed img:visible")).to_have_count(5)
    widths = visit.page.locator(".probed:visible").evaluate_all("blocks => blocks.map(block => block.offsetWidth)")
    assert max(widths) - min(widths) <= 1  # the last one, alone in its row, too


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Stereo").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Match", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("toast-body")).to_contain_text("No image yet")
    page.get_by_role("tab", name="Stereo").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        if visit.examples[1].title in page.evaluate("document.activeElement.textContent"):
            break
    expect(visit.example(1)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("of the pixels matched").first).to_be_visible()
