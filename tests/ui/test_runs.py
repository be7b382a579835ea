"""What two runs of one visitor share, and what the page shows of the one while the other goes on."""

from __future__ import annotations

import gradio as gr
import pytest
from gradio_client import Client
from playwright.sync_api import expect

from depth_demo.ui.run import make_late
from tests.conftest import PAIRS
from tests.ui.visits import EXAMPLES, Visit, expect_drawn


def test_a_surface_is_made_once_and_what_makes_it_given_up_before() -> None:
    def make() -> None: ...

    assert make_late(make) == (None, make)  # in the order of the outputs: the state first
    assert make_late(None) == (gr.skip(), gr.skip())  # another run took it: what that shows stays


@pytest.mark.parametrize("title", ["Estimate depth", "Match", "Compare"])
def test_what_an_earlier_run_left_goes_before_the_next_one_starts(app_url: str, title: str) -> None:
    """A page waits for the answer to the first event of a click before it sees to the next."""
    config = Client(app_url, verbose=False).config
    button = next(c["id"] for c in config["components"] if c["type"] == "button" and c["props"]["value"] == title)
    clicked = [event for event in config["dependencies"] if (button, "click") in map(tuple, event["targets"])]
    assert "delete late.dataset.made" in clicked[0]["js"]
    assert [event["backend_fn"] for event in clicked] == [False, True]


def test_an_example_chosen_while_another_runs_has_the_last_word(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    visit.example(1).click()
    expect(visit.page.get_by_text("72.6 % of the pixels matched").locator("visible=true")).to_be_visible()
    expect(visit.page.get_by_role("cell", name="cloud.ply")).to_be_visible()
    expect_drawn(visit.page.locator("#match-late-0"))  # not its canvas, of which the second run brings another


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


def test_a_new_run_hides_the_old_surface_and_shows_its_own(visit: Visit) -> None:
    visit.tab("Stereo")
    visit.example(0).click()
    surface = visit.page.locator("#match-late-0")
    expect_drawn(surface)
    visit.page.get_by_role("button", name="Match", exact=True).click()
    expect(surface).to_be_hidden()
    visit.page.get_by_label("coarse").locator("visible=true").click()  # cannot before the run has ended
    assert visit.page.locator("#match-result").get_attribute("data-run") == "done"
    expect_drawn(surface)


def test_results_beside_another_picture_say_so(visit: Visit) -> None:
    visit.example(0).click()
    expect(visit.page.get_by_role("cell", name="cloud.ply")).to_be_visible()
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
    expect(visit.page.locator("#match-late-0")).to_be_visible()


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
