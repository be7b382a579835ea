"""The page for those who hear it, and for those who have no mouse."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.conftest import PAIRS
from tests.support.axe import violations
from tests.support.small_data_set import small_data_set
from tests.support.visits import Visit, visiting

DRAWN = {  # what the tabs of a result show when they are drawn
    "Map": ".prose p",
    "Surface": ".js-plotly-plot",
    "Files": "button:has-text('Download')",
    "Maps": ".probed img",
    "Scores": ".prose strong:text('Truth')",
    "Boxes": ".crops img",
    "Regions": ".js-plotly-plot",
    "Surfaces": ".js-plotly-plot",
    "Alignment": ".table [role=gridcell]",
    "Fused": "img[alt=Fused]",
    "Report": "button:has-text('Write the report')",
}
# Words fade while they are drawn anew.
NOTHING_FADES = """() => [...document.querySelectorAll("[id$=-result] .prose")].every(words => {
  if (!words.offsetParent) return true;
  for (let element = words; element; element = element.parentElement)
    if (getComputedStyle(element).opacity < 1) return false;
  return true;
})"""
BUTTONS = {"Photo": "Estimate depth", "Stereo": "Match", "Compare": "Compare"}
RUNS = {"Photo": "estimate", "Stereo": "match", "Compare": "compare"}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_in_any_tab_before_and_after_a_run(
    visit: Visit, tmp_path: Path, scheme: str, width: int
) -> None:
    page = visit.page
    archive = shutil.make_archive(str(tmp_path / "set"), "zip", small_data_set(tmp_path / "data", "a"))
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    visit.reload()
    found: dict[str, list[str]] = {}
    for tab, run in RUNS.items():
        visit.tab(tab)
        expect(visit.example(0)).to_be_visible()
        for folded in page.locator("button.label-wrap[aria-expanded=false] >> visible=true").all()[::-1]:
            folded.click()
        found[f"{tab}, unfolded"] = violations(page)
        page.get_by_role("button", name=BUTTONS[tab], exact=True).locator("visible=true").click()
        expect(page.get_by_test_id("toast-body")).to_contain_text("No image yet")
        found[f"{tab}, refused"] = violations(page, ".toast-wrap")
        visit.dismiss()
        visit.example(0).click()
        visit.expect_run(run, "done")
        for inner in visit.result(run).get_by_role("tab").all():
            inner.click()
            drawn = visit.result(run).locator(f"{DRAWN[inner.inner_text()]} >> visible=true")
            expect(drawn.first).to_be_visible()
            expect(inner).to_have_attribute("aria-selected", "true")
            page.wait_for_function(NOTHING_FADES)
            found[f"{tab}, {inner.inner_text()}"] = violations(page, f"#{run}-result")
    visit.tab("Data set")
    page.locator("#score-inputs input[type=file]").set_input_files(archive)
    page.get_by_role("button", name="What a ZIP may hold").click()
    page.get_by_role("button", name="Score", exact=True).click()
    visit.expect_run("score", "done")
    page.locator("#score-table [role=gridcell]").first.click()
    expect(page.get_by_role("button", name="Open a in Compare")).to_be_enabled()
    found["Data set, scored"] = violations(page)
    assert len(found) == 3 + 3 + 3 + 3 + 8 + 1
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


def test_a_term_of_the_field_shows_its_meaning_to_a_tap_and_to_the_keyboard(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Compare")
    term = visit.result("compare").locator("abbr", has_text="SSIM").first
    meaning = "term => getComputedStyle(term, '::after').content"
    assert term.evaluate(meaning) == "none"
    term.focus()
    assert "how alike two maps are" in term.evaluate(meaning)
    assert term.evaluate("term => term.tabIndex") == 0


@pytest.fixture
def heard(visit: Visit) -> list[str]:
    """All that the page announces from now on, by Gradio's region and by its own."""
    said: list[str] = []
    visit.page.expose_function("hear", lambda text: said.append(str(text)))
    visit.page.evaluate("""() => {
      let last = "";
      new MutationObserver(() => {
        for (const region of document.querySelectorAll("[role=status]")) {
          const text = region.textContent.trim();
          if (text && text != last) hear((last = text));
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }""")
    return said


def test_results_are_announced_in_sentences_and_never_as_a_key(visit: Visit, heard: list[str]) -> None:
    expected = {
        "Photo": "Depth map ready: Relative inverse depth, larger is nearer; no unit",
        "Stereo": "Matched: Disparity in pixels, larger is nearer",
        "Compare": "Compared: Can one camera replace two here? That cannot be said",
    }
    own = visit.page.locator("#said")
    for tab, sentence in expected.items():
        visit.tab(tab)
        visit.example(0).click()
        visit.expect_run(RUNS[tab], "done")
        expect(own).to_contain_text(sentence)
    finished = visit.page.locator("[role=status]:not(#said)").filter(has_text="Finished.")
    expect(finished).to_have_count(1)  # Gradio's own region, which takes up to 5 s
    assert [text for text in heard if re.fullmatch(r"[a-z_]+\\.[a-z_]+", text)] == []


def test_tabs_answer_arrow_keys_outer_and_inner(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Photo").focus()
    for key, name in (
        ("ArrowRight", "Stereo"),
        ("End", "Data set"),
        ("ArrowRight", "Photo"),
        ("ArrowLeft", "Data set"),
        ("ArrowLeft", "Video"),
        ("ArrowLeft", "Compare"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    visit.result("compare").get_by_role("tab", name="Maps").focus()
    page.keyboard.press("ArrowRight")
    expect(visit.result("compare").get_by_role("tab", name="Scores")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=tab][tabindex='0']:visible")).to_have_count(2)  # one stop for each row of tabs


def test_the_slider_between_two_pictures_has_a_name_a_value_and_keys(visit: Visit) -> None:
    visit.example(0).click()
    visit.expect_run("estimate", "done")
    slider = visit.page.get_by_role("slider", name="Photo | depth map")
    expect(slider).to_have_attribute("aria-valuenow", "50")
    slider.focus()
    visit.page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "55")
    expect(slider).to_have_attribute("aria-valuetext", "55 % Photo")
    visit.page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    expect(visit.result("estimate").get_by_alt_text("depth map", exact=True)).to_be_visible()
    expect(visit.page.get_by_alt_text("Photo, as chosen")).to_be_visible()


@pytest.fixture(scope="module")
def compared(context: BrowserContext, small_url: str) -> Iterator[Visit]:
    """A visitor who has compared an example; for tests that look at it."""
    with visiting(context, small_url, PAIRS) as visit:
        visit.tab("Compare")
        visit.example(0).click()
        visit.expect_run("compare", "done")
        yield visit


def test_a_pixel_is_probed_by_its_numbers_and_by_enter_on_a_map(compared: Visit) -> None:
    compared.tab("Maps")
    page, result = compared.page, compared.result("compare")
    cells = result.locator(".probe-cells")
    column, row = compared.number("x [px]"), compared.number("y [px]")
    expect(column).not_to_have_value("")
    column.fill("240")
    row.fill("179")
    expect(cells).to_contain_text("x 240, y 179")
    result.locator(".probed button", has=page.get_by_alt_text("Stereo", exact=True)).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("x 240, y 179: truth")
    column.fill("480")
    expect(result.get_by_text("The picture has columns 0 to 479 and rows 0 to 359, no x 480, y 179.")).to_be_visible()
    result.locator(".probed").get_by_alt_text("Truth", exact=True).click(position={"x": 30, "y": 40})
    expect(column).not_to_have_value("480")
    below = cells.bounding_box()
    last = result.locator(".probed").last.bounding_box()
    assert below is not None
    assert last is not None
    assert 0 <= below["y"] - (last["y"] + last["height"]) < 100  # right under the maps


def test_what_folds_and_what_is_drawn_says_so_and_headings_outline_the_page(compared: Visit) -> None:
    page = compared.page
    compared.tab("Photo")
    folded = page.get_by_role("button", name="Exact network input size").locator("visible=true")
    expect(folded).to_have_attribute("aria-expanded", "false")
    folded.click()
    expect(folded).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("heading", level=2)).to_have_text("Depth from one photo")
    compared.tab("Compare")
    expect(page.get_by_role("heading", level=2)).to_have_text("One camera and two, compared")
    compared.tab("Maps")
    expect(page.get_by_role("figure", name="Disparity along row")).to_be_visible()
    compared.tab("Regions")
    expect(page.get_by_role("figure", name="Share of pixels without an answer or more than 3 px off.")).to_be_visible()
    compared.tab("Surfaces")
    expect(page.get_by_role("figure", name="Surface, stereo. The depth map as a surface in space.")).to_be_visible()
