"""Two photos as people have them, rectified on the page between the uploads and the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, expect

from tests.support.handmade_files import saved
from tests.support.made_views import BASELINE, LEFT, Viewer, right_viewer, see, turned
from tests.support.visits import Visit

ROLLED = see(right_viewer(0.8, 0.3, 0.5))[0]


def choose(visit: Visit, folder: Path, tab: str) -> Locator:
    """Choose two photos whose rows differ, and wait until the page offers to rectify them."""
    visit.tab(tab)
    visit.upload("Left view", saved(folder / "left.png", LEFT))
    visit.upload("Right view", saved(folder / "right.png", ROLLED))
    expect(visit.page.get_by_text("The rows of the two views differ.").locator("visible=true")).to_be_visible()
    return visit.page.get_by_role("button", name="Rectify", exact=True).locator("visible=true")


def test_a_pair_is_rectified_matched_and_put_back(visit: Visit, tmp_path: Path) -> None:
    choose(visit, tmp_path, "Stereo").click()
    page = visit.page
    expect(page.get_by_text("Rows agree within").locator("visible=true")).to_be_visible()
    expect(page.get_by_text("The right view alone was turned").locator("visible=true")).to_be_visible()
    handle = page.get_by_role("slider", name="Rows before | rows after")
    handle.focus()
    page.keyboard.press("End")
    expect(handle).to_have_attribute("aria-valuetext", "100 % Rows before")
    page.get_by_role("button", name="Match", exact=True).click()
    visit.expect_run("match", "done")
    expect(page.locator("#match-summary")).to_contain_text("No depth in metres")
    page.get_by_role("button", name="Undo: use the photos as they are").locator("visible=true").click()
    visit.expect_run("match", "outdated")
    expect(page.get_by_text("Rows differ:").locator("visible=true")).to_be_visible()


def test_a_rectified_pair_is_taken_to_compare_with_its_state(visit: Visit, tmp_path: Path) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    choose(visit, tmp_path, "Stereo").click()
    page = visit.page
    expect(page.get_by_text("Rows agree within").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Take this pair to Compare").click()
    expect(page.locator("#compare-rectify").get_by_text("The right view alone was turned")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "done")


def test_a_rectified_pair_that_is_swapped_is_put_back_and_can_be_rectified_anew(visit: Visit, tmp_path: Path) -> None:
    choose(visit, tmp_path, "Stereo").click()
    page = visit.page
    expect(page.get_by_text("Rows agree within").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Swap left and right").locator("visible=true").click()
    expect(page.get_by_text("The photos were put back and swapped.").locator("visible=true")).to_be_visible()
    expect(page.get_by_role("button", name="Rectify", exact=True).locator("visible=true")).to_be_enabled()
    expect(page.get_by_role("button", name="Undo: use the photos as they are").locator("visible=true")).to_have_count(0)


def test_a_pair_one_above_the_other_is_offered_turned_and_shown_upright(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Stereo")
    visit.upload("Left view", saved(tmp_path / "upper.png", LEFT))
    visit.upload("Right view", saved(tmp_path / "lower.png", see(Viewer((0, BASELINE, 0), turned(0.5)))[0]))
    page = visit.page
    expect(page.get_by_text("where one camera stood above the other").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Rectify", exact=True).locator("visible=true").click()
    expect(page.get_by_text("Maps and surfaces are turned back").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Match", exact=True).click()
    visit.expect_run("match", "done")
    shown = page.locator("#match-result img").first.bounding_box()
    assert shown is not None
    assert shown["width"] > shown["height"]


def test_photos_that_cannot_be_rectified_stay_with_one_sentence(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Compare")
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    visit.upload("Left view", saved(tmp_path / "left.png", LEFT))
    visit.upload("Right view", saved(tmp_path / "right.png", noise))
    page = visit.page
    expect(page.get_by_text("The views have 640x480 and 320x240 pixels.").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Rectify", exact=True).locator("visible=true").click()
    expect(page.locator(".toast-body.error")).to_contain_text("Only 0 points")
    right = page.locator(".block:visible", has_text="Right view").first
    expect(right.locator("img")).to_be_visible()
    expect(page.get_by_role("button", name="Rectify", exact=True).locator("visible=true")).to_be_enabled()
