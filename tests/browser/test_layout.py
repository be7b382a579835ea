"""How the page looks: on a phone, in a full screen, in light and dark."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from depth_demo.render.maps import bar_text_px
from tests.conftest import PAIRS
from tests.support.visits import Visit, visiting

# What lies over the corners of a picture, its own button apart.
COVERING = """image => {
  const { left, top, right, bottom } = image.getBoundingClientRect();
  return [...image.closest(".block").querySelectorAll("label, .icon-button")]
    .filter(other => {
      const box = other.getBoundingClientRect();
      return box.right > left + 1 && box.left < right - 1 && box.bottom > top + 1 && box.top < bottom - 1;
    }).map(other => other.textContent.trim() || other.ariaLabel);
}"""
FITS = "document.documentElement.scrollWidth <= innerWidth"
# Texts of the form that are wider than their place.
CUT = """() => [...document.querySelectorAll("[data-testid=block-info]")]
  .filter(text => text.checkVisibility())
  .filter(text => text.getBoundingClientRect().right > text.closest(".block").getBoundingClientRect().right)
  .map(text => text.textContent.trim())"""
# Notes every shift, and when the results have taken their place above the fields, as a click asks them to.
WATCH_SHIFTS = """id => {
  const result = document.getElementById(id), shifts = (window.shifts = []);
  window.placed = Infinity;
  window.shiftObserver = new PerformanceObserver(list => shifts.push(...list.getEntries()));
  window.shiftObserver.observe({ type: "layout-shift", buffered: true });
  new MutationObserver((_, observer) => {
    if (result.dataset.run != "begun") return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (window.placed = performance.now())));
  }).observe(result, { attributes: true });
}"""
# The sum of those after that. Browsers excuse what moves within half a second of a click; on a slow machine that is later.
SHIFTED = """() => {
  window.shifts.push(...window.shiftObserver.takeRecords());
  window.shiftObserver.disconnect();
  const counted = window.shifts.filter(shift => shift.startTime > window.placed);
  return [window.placed, counted.reduce((sum, shift) => sum + shift.value, 0)];
}"""
SIZES = {390: 844, 640: 450, 800: 900, 844: 390}  # a phone upright, 200 % zoom, a tablet, and a phone on its side


def at_each_size(visit: Visit) -> Iterator[None]:
    for width, height in SIZES.items():
        visit.page.set_viewport_size({"width": width, "height": height})
        yield


def test_nothing_sticks_out_or_is_cut_and_plots_drawn_in_hidden_tabs_fit(visit: Visit) -> None:
    for tab in ("Photo", "Stereo", "Compare"):
        visit.tab(tab)
        expect(visit.example(0)).to_be_visible()
        if tab == "Stereo":
            visit.page.get_by_text("All matcher settings").locator("visible=true").click()
            expect(visit.number("speckle_window_size")).to_be_visible()
        for _ in at_each_size(visit):
            visit.page.wait_for_function(FITS)
            assert visit.page.evaluate(CUT) == []
    visit.page.set_viewport_size({"width": 390, "height": SIZES[390]})
    for tab in ("Regions", "Surfaces", "Maps"):
        visit.tab(tab)
    visit.example(0).click()
    visit.expect_run("compare", "done")
    for tab in ("Surfaces", "Regions"):
        visit.tab(tab)
        expect(visit.page.locator("#compare-result .js-plotly-plot:visible").first).to_be_visible()
        for _ in at_each_size(visit):
            visit.page.wait_for_function(FITS)
    expect(visit.result("compare").get_by_text("whole picture:").last).to_be_visible()  # no definition hides in a hover


def test_a_run_on_a_phone_moves_little_once_its_result_has_a_place(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for tab, name in (("Photo", "estimate"), ("Stereo", "match"), ("Compare", "compare")):
        visit.tab(tab)
        expect(visit.example(0)).to_be_visible()
        visit.page.evaluate(WATCH_SHIFTS, f"{name}-result")
        visit.example(0).click()
        visit.expect_run(name, "done")
        expect(visit.result(name).locator("img:visible").first).to_be_visible()
        visit.page.wait_for_function(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
        placed, shifted = visit.page.evaluate(SHIFTED)
        assert math.isfinite(placed), tab
        assert shifted <= 0.25, tab


def test_a_run_on_a_phone_comes_into_view_and_so_does_what_is_to_be_corrected(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Stereo")
    match = visit.page.get_by_role("button", name="Match", exact=True)
    match.click()
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("Left view: No image yet")
    expect(visit.page.locator(".block:visible", has_text="Left view").first).to_be_in_viewport(ratio=0.9)
    for button in (visit.example(0), match):
        button.click()
        expect(visit.result("match")).to_be_in_viewport()
        visit.expect_run("match", "done")


def test_an_example_on_a_phone_on_its_side_comes_into_view(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 844, "height": 390})
    visit.tab("Compare")
    visit.shut_gate()
    visit.example(0).click()
    expect(visit.result("compare")).to_have_attribute("data-run", "begun")
    expect(visit.result("compare").locator(".told").first).to_be_in_viewport()
    visit.open_gate()
    visit.expect_run("compare", "done")


@pytest.fixture(scope="module")
def compared(context: BrowserContext, small_url: str) -> Iterator[Visit]:
    """A visitor on a phone who has compared an example; for tests that look at it, each at the widths that it sets."""
    with visiting(context, small_url, PAIRS) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 844})
        visit.tab("Compare")
        visit.example(0).click()
        visit.expect_run("compare", "done")
        yield visit


def test_a_table_on_a_phone_says_that_it_scrolls_to_its_explanations(compared: Visit) -> None:
    compared.page.set_viewport_size({"width": 390, "height": 844})
    compared.tab("Scores")
    table = compared.result("compare").locator(".table:visible")
    last = table.locator("th:visible", has_text="What it says").last
    expect(last).not_to_be_in_viewport()
    expect(table).to_have_class(re.compile(r"\bwide\b"))
    assert "sideways" in table.evaluate("table => getComputedStyle(table, '::before').content")
    compared.page.set_viewport_size({"width": 1280, "height": 844})
    expect(table).not_to_have_class(re.compile(r"\bwide\b"))
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=0.9)


def test_a_full_screen_fits_a_phone(phone_visit: Visit) -> None:
    page, result = phone_visit.page, phone_visit.result("estimate")
    phone_visit.example(0).tap()
    phone_visit.expect_run("estimate", "done")
    result.get_by_role("button", name="Fullscreen").first.tap()
    out = result.get_by_role("button", name="Exit fullscreen mode")
    expect(out).to_be_in_viewport(ratio=1)
    assert page.evaluate("innerWidth") == 390
    out.tap()
    expect(out).to_have_count(0)


def test_the_api_can_be_read_on_a_phone_and_its_snippets_name_local_files(phone_visit: Visit) -> None:
    page = phone_visit.page
    page.get_by_role("button", name="Use via API").tap()
    page.locator("li", has_text="Python").tap()  # the panel opens with the snippet for assistants
    snippets = page.locator("code", has_text="client.predict(").locator("visible=true")
    expect(snippets).to_have_count(6)
    expect(snippets.nth(0)).to_contain_text("image=handle_file('photo.png')")
    expect(snippets.nth(2)).to_contain_text("left=handle_file('left_view.png')")
    expect(page.locator("body")).to_contain_text("A whole number from 16 to 512 px in steps of 16.")
    expect(page.locator("body")).not_to_contain_text("githubusercontent")
    expect(page.locator("body")).not_to_contain_text("publicly available")


def test_what_belongs_together_stands_out_from_the_page_in_light_and_dark(visit: Visit) -> None:
    fills = set()
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.reload()
        expect(visit.example(0)).to_be_visible()
        fill = visit.page.locator("body").evaluate("element => getComputedStyle(element).backgroundColor")
        expect(visit.example(0)).not_to_have_css("background-color", fill)
        fills.add(fill)
    assert len(fills) == 2


@pytest.mark.parametrize("width", [390, 1280])
def test_bars_are_readable_and_nothing_lies_over_a_result_picture(compared: Visit, width: int) -> None:
    compared.page.set_viewport_size({"width": width, "height": 844})
    for tab in ("Maps", "Fused"):
        compared.tab(tab)
        pictures = compared.result("compare").locator(".image-frame img:visible")
        expect(pictures.nth(2)).to_be_visible()
        for picture in pictures.all():
            picture.scroll_into_view_if_needed()  # pictures out of sight are not fetched
            picture.evaluate("image => image.decode()")
            shown, drawn = picture.evaluate("image => [image.clientWidth, image.naturalWidth]")
            assert shown / drawn * bar_text_px(drawn) >= 11
            covering = picture.evaluate(COVERING)
            assert covering == [], picture.get_attribute("alt")
