"""What two runs of one visitor share, and what the page shows of the one while the other goes on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.conftest import PAIRS
from tests.support.visits import Visit, expect_drawn


def test_an_example_chosen_while_another_runs_has_the_last_word(visit: Visit) -> None:
    visit.tab("Compare")
    visit.shut_gate()
    visit.example(0).click()
    expect(visit.number("Focal [px]")).to_have_value("480")
    visit.example(1).click()
    expect(visit.result("compare")).to_have_attribute("data-queued", "")
    visit.open_gate()
    visit.expect_run("compare", "done")
    words = visit.result("compare").locator(".prose.told")
    expect(words).to_contain_text("Can one camera replace two here?")
    shown = words.inner_text()
    visit.shut_gate()
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "begun")
    visit.open_gate()
    visit.expect_run("compare", "done")
    assert words.inner_text() == shown  # the results are those of the pictures in the fields
    visit.example(0).click()
    expect(words).not_to_have_text(shown)


def test_the_maps_of_a_run_that_goes_on_stand_out_unless_another_run_was_asked_for(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    visit.expect_run("compare", "done")
    result = visit.result("compare")
    block = result.locator(".probed").first
    visit.shut_gate()
    visit.example(1).click()
    visit.expect_run("compare", "begun")
    expect(block).to_have_css("opacity", "0.35")  # an earlier run's
    words = result.locator(".prose.told")
    words.evaluate("words => words.insertAdjacentHTML('beforeend', '<i class=under-way></i>')")  # as the first map brings
    expect(block).to_have_css("opacity", "1")
    visit.example(0).click()
    expect(result).to_have_attribute("data-queued", "")
    expect(block).to_have_css("opacity", "0.35")
    visit.open_gate()
    visit.expect_run("compare", "done")
    expect(result).not_to_have_attribute("data-queued", "")
    expect(block).to_have_css("opacity", "1")


def test_after_two_quick_clicks_the_fields_hold_the_second_example(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(1).click()
    visit.expect_run("compare", "done")
    second = visit.number("Focal [px]").input_value()
    visit.example(0).click()
    visit.example(1).click()
    visit.expect_run("compare", "done")
    expect(visit.number("Focal [px]")).to_have_value(second)


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
    visit.expect_run("match", "done")
    result = visit.result("match")
    result.get_by_role("tab", name="Surface").click()
    surface = result.locator(".js-plotly-plot")
    expect_drawn(surface)
    surface.evaluate("plot => plot.classList.add('earlier')")
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(result.locator(".js-plotly-plot:not(.earlier)")).to_be_visible()
    expect(result.locator(".earlier")).to_have_count(0)
    expect_drawn(surface)


def test_a_tab_opened_while_a_run_goes_on_shows_the_new_result(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    visit.expect_run("compare", "done")
    visit.number("num_disparities [px]").first.fill("32")
    visit.shut_gate()
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "begun")
    result = visit.result("compare")
    result.get_by_role("tab", name="Scores").click()
    expect(result.get_by_text("pixels, 0 to 63 px,")).to_be_visible()  # the earlier result's, for now
    visit.open_gate()
    visit.expect_run("compare", "done")
    expect(result.get_by_text("pixels, 0 to 31 px,")).to_be_visible()


def test_results_beside_another_picture_say_so(visit: Visit) -> None:
    photo, remove = visit.page.locator("input[type=file]").first, visit.page.get_by_role("button", name="Remove Image")
    visit.example(0).click()
    visit.expect_run("estimate", "done")
    remove.click()
    visit.expect_run("estimate", "outdated")
    said = visit.result("estimate").evaluate("column => getComputedStyle(column, '::before').content")
    assert "The pictures were changed after this run" in said
    photo.set_input_files(PAIRS[1].left)
    expect(remove).to_be_visible()
    visit.page.get_by_role("button", name="Estimate depth", exact=True).click()
    visit.expect_run("estimate", "done")
    remove.click()
    visit.expect_run("estimate", "outdated")
    photo.set_input_files(PAIRS[1].left)
    visit.expect_run("estimate", "done")


def test_pictures_changed_while_a_run_goes_on_are_not_those_of_its_results(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    visit.expect_run("compare", "done")
    visit.shut_gate()
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "begun")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
    expect(visit.result("compare")).to_have_attribute("data-changed", "")
    visit.open_gate()
    visit.expect_run("compare", "outdated")


def test_an_example_takes_its_camera_and_truth_along_when_another_pair_comes(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    visit.expect_run("compare", "done")
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
    visit.expect_run("compare", "done")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").last.click()
    visit.upload("Right view", PAIRS[1].right)
    visit.expect_run("compare", "outdated")
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
    visit.expect_run("compare", "failed")
    visit.page.get_by_role("button", name="Remove Image").locator("visible=true").first.click()
    visit.upload("Left view", PAIRS[0].left)
    expect(visit.page.get_by_text("Rows agree within 0.0 px").locator("visible=true")).to_be_visible()
    expect(named).to_be_visible()
