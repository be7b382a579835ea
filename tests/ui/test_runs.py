"""What two runs of one visitor share, and what the page shows of the one while the other goes on."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.conftest import PAIRS
from tests.ui.visits import EXAMPLES, Visit, expect_drawn


def without_seconds(text: str) -> str:
    return re.sub(r"\d+\.\d\d s", "", text)


def test_an_example_chosen_while_another_runs_has_the_last_word(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    visit.example(1).click()
    result = visit.page.locator("#match-result")
    expect(result).to_have_attribute("data-run", "done")
    expect(visit.number("Focal [px]")).to_have_value(f"{EXAMPLES[1].calibration.focal_length_px:g}")
    shown = visit.page.locator("#match-result").get_by_text("of the pixels matched").inner_text()
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(result).to_have_attribute("data-run", "begun")
    expect(result).to_have_attribute("data-run", "done")
    again = visit.page.locator("#match-result").get_by_text("of the pixels matched").inner_text()
    assert without_seconds(shown) == without_seconds(again)  # the results are those of the pictures in the fields


def test_a_refusal_leaves_nothing_of_an_earlier_run(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    matched = visit.page.get_by_text("of the pixels matched")
    matched.wait_for()
    visit.number("Focal [px]").fill("-3")
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("larger than 0, not -3")
    expect(matched).to_have_count(0)
    expect(visit.page.locator("canvas:visible")).to_have_count(0)


def test_an_open_tab_is_drawn_anew_when_a_run_ends(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    result = visit.page.locator("#match-result")
    expect(result).to_have_attribute("data-run", "done")
    result.get_by_role("tab", name="Surface").click()
    surface = result.locator(".js-plotly-plot")
    expect_drawn(surface)
    surface.evaluate("plot => plot.classList.add('earlier')")
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(result).to_have_attribute("data-run", "done")
    expect(result.locator(".js-plotly-plot:not(.earlier)")).to_be_visible()
    expect(result.locator(".earlier")).to_have_count(0)
    expect_drawn(surface)


def test_a_tab_opened_while_a_run_goes_on_shows_the_new_result(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    result = visit.page.locator("#compare-result")
    expect(result).to_have_attribute("data-run", "done")
    visit.number("num_disparities [px]").first.fill("64")
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    result.get_by_role("tab", name="Scores").click()  # the earlier result's, for now
    expect(result).to_have_attribute("data-run", "done")
    expect(result.get_by_text("0 to 63 px;")).to_be_visible()


def test_results_beside_another_picture_say_so(visit: Visit) -> None:
    visit.example(0).click()
    result = visit.page.locator("#estimate-result")
    expect(result).to_have_attribute("data-run", "done")
    visit.page.get_by_role("button", name="Remove Image").click()
    expect(result).to_have_attribute("data-run", "outdated")
    said = result.evaluate("column => getComputedStyle(column, '::before').content")
    assert "The pictures were changed after this run" in said
    visit.page.locator("input[type=file]").first.set_input_files(EXAMPLES[1].left)
    expect(visit.page.get_by_role("button", name="Remove Image")).to_be_visible()
    visit.page.get_by_role("button", name="Estimate depth", exact=True).click()
    expect(result).to_have_attribute("data-run", "done")
    visit.page.get_by_role("button", name="Remove Image").click()
    expect(result).to_have_attribute("data-run", "outdated")
    visit.page.locator("input[type=file]").first.set_input_files(EXAMPLES[1].left)
    expect(result).to_have_attribute("data-run", "done")


def test_pictures_changed_while_a_run_goes_on_are_not_those_of_its_results(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    result = visit.page.locator("#match-result")
    expect(result).to_have_attribute("data-run", "done")
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(result).to_have_attribute("data-run", "begun")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
    expect(result).to_have_attribute("data-run", "outdated")


def test_an_example_takes_its_camera_and_truth_along_when_another_pair_comes(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    expect(visit.page.locator("#compare-result")).to_have_attribute("data-run", "done")
    expect(visit.number("Focal [px]")).not_to_have_value("0")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
    visit.upload("Left view", PAIRS[0].left)
    expect(visit.number("Focal [px]")).to_have_value("0")
    expect(visit.number("Baseline [m]")).to_have_value("0")
    expect(visit.page.get_by_text("disparity.png").locator("visible=true")).to_have_count(0)
    visit.number("Focal [px]").fill("700")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").last.click()
    visit.upload("Right view", PAIRS[0].right)
    expect(visit.page.get_by_text("Rows agree within 0.0 px").locator("visible=true")).to_be_visible()
    expect(visit.number("Focal [px]")).to_have_value("700")  # the visitor's own


def test_the_truth_of_a_compared_pair_goes_when_another_view_comes(visit: Visit) -> None:
    visit.tab("Compare")
    visit.upload("Left view", PAIRS[0].left)
    visit.upload("Right view", PAIRS[0].right)
    truth = visit.page.locator(".block:visible", has_text="Ground truth, optional").last
    truth.locator("input[type=file]").set_input_files(PAIRS[0].disparity)
    named = truth.get_by_text(PAIRS[0].disparity.stem)
    expect(named).to_be_visible()
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").last.click()
    visit.upload("Right view", PAIRS[0].right)
    expect(visit.page.get_by_text("Rows agree within 0.0 px").locator("visible=true")).to_be_visible()
    expect(named).to_be_visible()  # it was not compared yet
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    result = visit.page.locator("#compare-result")
    expect(result).to_have_attribute("data-run", "done")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").last.click()
    visit.upload("Right view", PAIRS[1].right)
    expect(result).to_have_attribute("data-run", "outdated")
    expect(named).to_be_visible()  # it is the left view's
    for view, kept in ((PAIRS[0].left, 1), (PAIRS[1].left, 0)):
        visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
        expect(named).to_be_visible()
        visit.upload("Left view", view)
        expect(named).to_have_count(kept)


def test_the_truth_stays_when_a_view_is_corrected_after_a_refusal(visit: Visit) -> None:
    visit.tab("Compare")
    visit.upload("Left view", PAIRS[1].left)
    visit.upload("Right view", PAIRS[0].right)
    truth = visit.page.locator(".block:visible", has_text="Ground truth, optional").last
    truth.locator("input[type=file]").set_input_files(PAIRS[0].disparity)
    named = truth.get_by_text(PAIRS[0].disparity.stem)
    expect(named).to_be_visible()
    visit.number("Focal [px]").fill("-3")
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    expect(visit.page.locator("#compare-result")).to_have_attribute("data-run", "failed")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
    visit.upload("Left view", PAIRS[0].left)
    expect(visit.page.get_by_text("Rows agree within 0.0 px").locator("visible=true")).to_be_visible()
    expect(named).to_be_visible()


def test_results_come_into_view_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Stereo")
    for button in (visit.example(0), visit.page.get_by_role("button", name="Match", exact=True)):
        button.click()
        expect(visit.page.locator("#match-result")).to_be_in_viewport()
        expect(visit.page.locator("#match-result")).to_have_attribute("data-run", "done")


def test_a_refusal_on_a_phone_shows_what_is_to_be_corrected(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Stereo")
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("Left view: No image yet")
    expect(visit.page.locator(".block:visible", has_text="Left view").first).to_be_in_viewport(ratio=0.9)
