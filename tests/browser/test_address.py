"""The address carries what was chosen: reloading, going back and sharing it bring that again. Pairs go from tab to tab."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.visits import Visit

COMPARED = re.compile("Can one camera replace two here")


def test_a_reloaded_address_runs_its_example_with_its_settings(visit: Visit) -> None:
    page, home = visit.page, visit.page.url
    visit.tab("Compare")
    expect(page).to_have_url(re.compile(r"\?tab=compare$"))
    page.get_by_role("button", name="All matcher settings").locator("visible=true").click()
    visit.number("uniqueness_ratio").first.fill("5")
    visit.number("uniqueness_ratio").first.press("Tab")
    visit.example(0).click()
    expect(visit.result("compare").get_by_text(COMPARED)).to_be_visible()
    address = rf"\?tab=compare&.*example={visit.examples[0].name}"
    expect(page).to_have_url(re.compile(address))
    expect(page).to_have_url(re.compile("uniqueness_ratio=5"))
    shared = page.url

    visit.reload()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(visit.result("compare").get_by_text(COMPARED)).to_be_visible()
    page.get_by_role("button", name="All matcher settings").locator("visible=true").click()
    expect(visit.number("uniqueness_ratio").first).to_have_value("5")
    assert page.url == shared

    visit.tab("Stereo")
    expect(page).to_have_url(re.compile(r"\?tab=stereo$"))
    page.go_back()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(shared)
    page.goto(f"{home}?tab=compare&uniqueness_ratio=500")
    visit.complaints.clear()
    expect(page.get_by_text("Left out of the link: uniqueness_ratio must be 0 to 99, not 500.")).to_be_visible()


def test_a_pair_goes_from_stereo_to_compare_with_its_settings_and_without_an_earlier_truth(visit: Visit) -> None:
    page = visit.page
    visit.tab("Compare")
    visit.example(1).click()
    expect(visit.result("compare").get_by_text(COMPARED)).to_be_visible()
    visit.tab("Stereo")
    visit.example(0).click()
    expect(visit.result("match").get_by_text("pixels matched")).to_be_visible()
    page.get_by_role("button", name="Take this pair to Compare").click()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(visit.result("compare")).to_have_attribute("data-run", "outdated")
    expect(page.locator("#compare-inputs").get_by_text("disparity.png")).to_have_count(0)
    page.get_by_role("button", name="Compare", exact=True).locator("visible=true").click()
    judged = visit.result("compare").get_by_text("against confident stereo")  # there is no truth
    expect(judged.first).to_be_visible()
