"""The page in a real Chromium: upload, run, look, and nothing leaves the machine."""

from __future__ import annotations

import re
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.conftest import PAIRS, served_app
from tests.ui.visits import EXAMPLES, WAIT_MS, Visit, expect_drawn, visiting

NOTE = "Depth Anything V2 Small is not on this machine and the Hugging Face Hub does not answer, so Depth Demo Tiny is chosen"


@pytest.fixture(scope="module")
def clone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app of a fresh clone, without weights, and with a Hub that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silence:
        variables = {"HF_ENDPOINT": f"http://127.0.0.1:{silence.getsockname()[1]}"}
        with served_app(tmp_path_factory.mktemp("clone"), variables) as url:
            yield url


@pytest.fixture
def first_visit(browser: Browser, clone_url: str) -> Iterator[Visit]:
    with visiting(browser, clone_url) as visit:
        yield visit


def test_a_photo_becomes_a_map_and_a_surface(visit: Visit) -> None:
    page = visit.page
    page.locator("input[type=file]").first.set_input_files(PAIRS[0].left)
    expect(page.get_by_role("button", name="Remove Image")).to_be_visible()
    page.get_by_role("button", name="Estimate depth", exact=True).click()
    expect(page.get_by_text("larger is nearer; no unit").first).to_be_visible()
    result = page.locator("#estimate-result")
    result.get_by_role("tab", name="Surface").click()
    expect_drawn(page.locator("canvas:visible").first)
    result.get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the map").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert set(archive.namelist()) == {"map.npy", "map.png", "map.json", "cloud.ply"}
    result.get_by_role("tab", name="Map").click()
    before = page.locator("img:visible").evaluate_all("images => images.map(image => image.src)")
    page.get_by_label("Colours").locator("visible=true").click()
    page.get_by_role("option", name="Turbo").click()
    page.wait_for_function(
        "before => [...document.images].some(i => i.offsetParent && !before.includes(i.src))", arg=before
    )  # a new picture, without a new estimate


@pytest.mark.parametrize("tab", ["Photo", "Stereo", "Compare"])
def test_every_tab_shows_the_examples_at_once_and_small(visit: Visit, tab: str) -> None:
    visit.tab(tab)
    cards = visit.page.locator(".examples button:visible")
    expect(cards).to_contain_text([example.title for example in EXAMPLES])
    expect(cards).to_contain_text([example.look_for if tab != "Photo" else "" for example in EXAMPLES])
    for number, example in enumerate(EXAMPLES):
        expect(cards.nth(number)).to_be_in_viewport(ratio=1)
        source = cards.nth(number).locator("img").evaluate("image => image.decode().then(() => image.currentSrc)")
        assert visit.page.request.get(source).body() == example.preview.read_bytes()
    loaded = visit.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any(name.endswith(f"{EXAMPLES[0].name}.jpg") for name in loaded)
    assert not any(name.endswith(("left.png", "right.png")) for name in loaded)


def test_a_photo_example_runs_on_a_click(visit: Visit) -> None:
    visit.example(0).click()
    expect(visit.page.get_by_text("larger is nearer; no unit").first).to_be_visible()
    expect(visit.page.get_by_role("button", name="Remove Image")).to_be_visible()


def test_a_stereo_example_runs_on_a_click(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    expect(visit.page.get_by_text("of the pixels matched")).to_be_visible()
    camera = EXAMPLES[0].calibration
    expect(visit.number("Focal [px]")).to_have_value(f"{camera.focal_length_px:.10g}")
    expect(visit.number("Baseline [m]")).to_have_value(f"{camera.baseline_m:.10g}")
    expect(visit.number("num_disparities [px]").first).to_have_value(str(EXAMPLES[0].num_disparities))


def test_a_pair_is_checked_before_it_is_matched(visit: Visit) -> None:
    visit.tab("Stereo")
    for name, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(name, view)
    expect(visit.page.get_by_text("Rows agree within 0.0 px")).to_be_visible()
    visit.page.get_by_role("button", name="Use 5 to 36 px").click()
    expect(visit.number("num_disparities [px]").first).to_have_value("32")
    expect(visit.page.get_by_text("the settings look for 5 to 36 px")).to_be_visible()
    visit.example(0).click()  # brings its own range
    expect(visit.page.get_by_text("the settings look for 0 to 159 px")).to_be_visible()
    expect(visit.page.get_by_text("of the pixels matched")).to_be_visible()


def test_a_picture_that_browsers_do_not_show_says_so(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    Image.open(EXAMPLES[0].left).resize((96, 60)).save(path)
    visit.page.locator("input[type=file]").first.set_input_files(path)
    expect(visit.page.get_by_alt_text("No preview in this browser.")).to_be_visible()
    visit.page.get_by_role("button", name="Remove Image").click()
    visit.page.locator("input[type=file]").first.set_input_files(EXAMPLES[0].left)
    expect(visit.page.get_by_role("button", name="Remove Image")).to_be_visible()
    expect(visit.page.get_by_alt_text("No preview")).to_have_count(0)


def test_a_range_that_cannot_be_is_cut_and_checked_as_it_stands(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    searched = visit.page.get_by_text("the settings look for").locator("visible=true")
    expect(searched).to_contain_text("0 to 159 px")
    disparities = visit.page.get_by_label("number input for num_disparities [px]").locator("visible=true")
    for typed, checked in (("37", "must be a multiple of 16, not 37"), ("2000", "0 to 511 px"), ("", "0 to 15 px")):
        disparities.fill(typed)
        disparities.blur()
        expect(visit.page.locator(".block:visible", has_text="Before matching").last).to_contain_text(checked)


def test_three_families_match_an_example_side_by_side(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    expect(visit.page.get_by_text("of the pixels matched")).to_be_visible()
    visit.page.get_by_role("button", name="Local, global, semi-global").click()
    visit.page.get_by_label("NCC (zero-mean)").check()
    visit.page.get_by_role("button", name="Match by all three").click()
    expect(visit.page.get_by_text("Reduced from 1920x1200 to 741x463 pixels")).to_be_visible()
    for name in ("Local", "Global", "Semi-global", "Truth"):
        expect(visit.page.get_by_alt_text(name, exact=True)).to_be_visible()
    expect(visit.page.get_by_text("Local: ZNCC in a window.")).to_be_visible()
    expect(visit.page.get_by_text("over all truth, a hole counting as wrong.")).to_have_count(3)
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.page.wait_for_function("document.documentElement.scrollWidth <= 390")


@pytest.mark.parametrize(("tab", "key", "number"), [("Photo", "Enter", 0), ("Stereo", "Space", 1)])
def test_an_example_runs_by_keyboard(visit: Visit, tab: str, key: str, number: int) -> None:
    visit.tab(tab)
    visit.example(number).wait_for()
    for _ in range(8):
        visit.page.keyboard.press("Tab")
        if EXAMPLES[number].title in visit.page.evaluate("document.activeElement.textContent"):
            break
    expect(visit.example(number)).to_be_focused()
    visit.page.keyboard.press(key)
    done = {"Photo": "larger is nearer; no unit", "Stereo": "of the pixels matched"}[tab]
    expect(visit.page.get_by_text(done).first).to_be_visible()


def test_a_comparison_runs_on_a_click(visit: Visit) -> None:
    visit.tab("Compare")
    visit.number("Stored value per px or m").fill("100")  # of an earlier truth: the example brings its own
    visit.example(1).click()
    expect(visit.page.get_by_text("Can one camera replace two here?")).to_be_visible()
    expect(visit.page.get_by_text("Rows agree within").locator("visible=true")).to_be_visible()
    visit.tab("Scores")
    expect(visit.page.get_by_text("fair: SSIM", exact=True).locator("visible=true").first).to_be_visible()
    expect(visit.page.get_by_text("value / 256")).to_be_visible()
    visit.tab("Maps")
    visit.page.locator(".probed img[alt=Truth]").click()  # in its middle, which is below that of the map: there is a bar
    expect(visit.page.locator(".probe-cells").first).to_contain_text(re.compile(r"x 9[56]\d, y (69|70)\d"))
    visit.tab("Surfaces")
    canvases = visit.page.locator("canvas:visible")
    expect(canvases).to_have_count(2)
    for index in range(2):
        expect_drawn(canvases.nth(index))
    similar = visit.page.locator("#compare-surfaces img:visible")
    expect(similar).to_have_count(2)  # each method's SSIM map beside its surface
    visit.tab("Report")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Write the report").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist()[:2] == ["report.html", "scores.json"]
    visit.page.set_viewport_size({"width": 390, "height": 844})  # a phone: nothing sticks out at its side
    visit.page.wait_for_function("document.documentElement.scrollWidth <= 390")


def test_an_uploaded_pair_without_truth_is_compared(visit: Visit) -> None:
    visit.tab("Compare")
    for name, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(name, view)
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    expect(visit.page.get_by_text("Monocular, against confident stereo,")).to_be_visible()
    expect(visit.page.locator(".probed img[alt='Confident stereo']")).to_be_visible()
    expect(visit.page.locator(".probed img:visible")).to_have_count(5)
    widths = visit.page.locator(".probed:visible").evaluate_all("blocks => blocks.map(block => block.offsetWidth)")
    assert max(widths) - min(widths) <= 1  # the last one, alone in its row, too


def test_a_calibration_file_fills_the_fields(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Stereo")
    calibration = tmp_path / "calib.json"
    calibration.write_text('{"focal_px": 721.5, "baseline_mm": 532.7, "doffs_px": 1.5}')
    visit.page.locator("input[type=file][accept*=json]").locator("nth=0").set_input_files(calibration)
    expect(visit.number("Focal [px]")).to_have_value("721.5")
    expect(visit.number("Baseline [m]")).to_have_value("0.5327")


def test_a_file_that_is_no_photo_gets_a_sentence(visit: Visit, tmp_path: Path) -> None:
    fake = tmp_path / "fake.png"
    fake.write_text("This is not a picture.")
    visit.page.locator("input[type=file]").first.set_input_files(fake)
    visit.page.get_by_role("button", name="Estimate depth", exact=True).click()
    toast = visit.page.get_by_test_id("toast-body")
    expect(toast).to_contain_text("not SVG, PDF or text")
    expect(toast).not_to_contain_text(str(tmp_path))


def test_a_plot_drawn_in_a_hidden_tab_fits_when_it_is_shown(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Compare")
    for tab in ("Regions", "Surfaces", "Maps"):
        visit.tab(tab)
    visit.example(0).click()
    expect(visit.page.locator("#compare-result")).to_have_attribute("data-run", "done")
    for tab in ("Surfaces", "Regions"):
        visit.tab(tab)
        expect(visit.page.locator("#compare-result .js-plotly-plot:visible").first).to_be_visible()
        visit.page.wait_for_function("document.documentElement.scrollWidth <= 390")


def test_swapped_views_are_swapped_by_a_button_and_matched_without_a_calibration(visit: Visit) -> None:
    visit.tab("Stereo")
    depth = visit.page.get_by_text("Left view | depth")
    expect(depth).to_be_visible()
    for name, view in (("Left view", PAIRS[0].right), ("Right view", PAIRS[0].left)):
        visit.upload(name, view)
    swap = visit.page.get_by_role("button", name="Swap the two views").locator("visible=true")
    swap.click()
    expect(visit.page.get_by_text("The views are in order").locator("visible=true")).to_be_visible()
    expect(swap).to_have_count(0)
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(depth).to_have_count(0)  # without a calibration
    visit.example(0).click()
    expect(depth).to_be_visible()


@pytest.mark.parametrize("tab", ["Photo", "Stereo", "Compare"])
def test_nothing_sticks_out_on_a_phone(visit: Visit, tab: str) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab(tab)
    expect(visit.example(0)).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_full_screen_fits_a_phone(browser: Browser, app_url: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as phone:
        page = phone.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(app_url)
        page.get_by_role("button", name=EXAMPLES[0].title).locator("visible=true").tap()
        result = page.locator("#estimate-result")
        expect(result).to_have_attribute("data-run", "done")
        result.get_by_role("button", name="Fullscreen").first.tap()
        out = result.get_by_role("button", name="Exit fullscreen mode")
        expect(out).to_be_in_viewport(ratio=1)
        assert page.evaluate("innerWidth") == 390
        out.tap()
        expect(out).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_belongs_together_stands_out_from_the_page(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.reload()
    cards = visit.page.get_by_role("button", name=EXAMPLES[0].title).locator("visible=true")
    fill = "element => getComputedStyle(element).backgroundColor"
    expect(cards).not_to_have_css("background-color", visit.page.locator("body").evaluate(fill))


def test_the_keyboard_is_enough(visit: Visit) -> None:
    visit.page.get_by_role("tab", name="Stereo").focus()
    visit.page.keyboard.press("Enter")
    run = visit.page.get_by_role("button", name="Match", exact=True)
    run.focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("No image yet")


# Which model.


def test_the_default_model_is_chosen_where_its_weights_are(visit: Visit) -> None:
    for tab in ("Photo", "Compare"):
        visit.tab(tab)
        expect(visit.number("Model")).to_have_value("Depth Anything V2 Small (Apache-2.0)")
        expect(visit.number("Model")).to_be_enabled()
        expect(visit.page.get_by_text("Weights are fetched once, then kept.").locator("visible=true")).to_be_visible()


@pytest.mark.parametrize("patience", ["waits for the note", "clicks at once"])
def test_a_fresh_clone_without_a_network_says_so_and_estimates(first_visit: Visit, patience: str) -> None:
    page = first_visit.page
    note = page.get_by_text(NOTE).locator("visible=true")
    if patience == "clicks at once":
        expect(first_visit.number("Model")).to_be_disabled()  # nobody knows yet which model can be had
        first_visit.example(0).click()
    else:
        note.wait_for()
        first_visit.example(0).click()
    expect(page.get_by_text("Depth Demo Tiny is a small bundled model, trained on synthetic images only.")).to_be_visible()
    expect(page.locator("#estimate-result img").first).to_be_visible()
    expect(note).to_be_visible()
    expect(first_visit.number("Model")).to_have_value("Depth Demo Tiny (Apache-2.0)")
    expect(first_visit.number("Model")).to_be_enabled()
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


def test_a_model_that_was_chosen_is_never_replaced(first_visit: Visit) -> None:
    page = first_visit.page
    page.get_by_text(NOTE).locator("visible=true").wait_for()
    first_visit.number("Model").click()
    page.get_by_role("option", name="Depth Anything V2 Small (Apache-2.0)").click()
    first_visit.example(0).click()
    toast = page.get_by_test_id("toast-body")
    expect(toast).to_contain_text("Depth Anything V2 Small cannot be loaded: the Hugging Face Hub cannot be reached")
    expect(toast).to_contain_text("or choose Depth Demo Tiny, which is bundled")
    expect(first_visit.number("Model")).to_have_value("Depth Anything V2 Small (Apache-2.0)")
    expect(page.locator("canvas:visible")).to_have_count(0)
