"""A portrait photo with a depth map of its own, put into the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from tests.support.handmade_portraits import PHOTO, gdepth, with_xmp
from tests.support.visits import Visit


def test_the_phones_own_map_is_offered_and_shown_instead_of_an_estimate(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(with_xmp(PHOTO, *gdepth()))
    page = visit.page
    own = page.get_by_label("The phone's own map")
    expect(own).to_have_count(0)
    page.locator("input[type=file]").first.set_input_files(path)
    own.check()
    page.get_by_role("button", name="Estimate depth", exact=True).click()
    expect(page.get_by_text("No network ran.")).to_be_visible()
    visit.example(0).click()
    expect(page.get_by_text("larger is nearer; no unit").first).to_be_visible()
    expect(page.get_by_text("No network ran.")).to_have_count(0)
    expect(own).to_have_count(0)


def test_the_phones_own_map_is_compared_instead_of_an_estimate(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(with_xmp(PHOTO, *gdepth()))
    np.save(tmp_path / "depth.npy", np.tile(np.linspace(2, 8, 104, dtype=np.float32), (80, 1)))
    visit.tab("Compare")
    page = visit.page
    own = page.get_by_label("The phone's own map").locator("visible=true")
    expect(own).to_have_count(0)
    visit.upload("Left view", path)
    own.check()
    truth = page.locator(".block:visible", has_text="Ground truth, optional").last
    truth.locator("input[type=file]").set_input_files(tmp_path / "depth.npy")
    expect(truth.get_by_text("depth")).to_be_visible()
    page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "done")
    visit.result("compare").get_by_role("tab", name="Scores").click()
    expect(page.get_by_text("the phone's own map, in the place of an estimate").locator("visible=true")).to_be_visible()
    visit.example(0).click()
    visit.expect_run("compare", "done")
    expect(own).to_have_count(0)
