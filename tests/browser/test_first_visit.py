"""The first visit after cloning, without weights and without a network: which model is chosen, and what is said about it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.visits import Visit

NOTE = "Depth Anything V2 Small is not on this machine and the Hugging Face Hub does not answer, so Depth Demo Tiny 2 is"


def test_an_example_clicked_at_once_waits_for_the_choice_of_the_bundled_model(first_visit: Visit) -> None:
    page = first_visit.page
    expect(first_visit.number("Model")).to_be_disabled()  # nobody knows yet which model can be had
    first_visit.example(0).click()
    expect(page.get_by_text("Depth Demo Tiny 2 is a small bundled model")).to_be_visible()
    expect(first_visit.result("estimate").locator("img").first).to_be_visible()
    expect(page.get_by_text(NOTE).locator("visible=true")).to_be_visible()
    expect(first_visit.number("Model")).to_have_value("Depth Demo Tiny 2 (relative, Apache-2.0)")
    expect(first_visit.number("Model")).to_be_enabled()
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


def test_a_model_that_was_chosen_is_never_replaced(first_visit: Visit) -> None:
    page = first_visit.page
    page.get_by_text(NOTE).locator("visible=true").wait_for()
    first_visit.number("Model").click()
    page.get_by_role("option", name="Depth Anything V2 Small (relative, Apache-2.0, 99 MB)").click()
    first_visit.example(0).click()
    toast = page.get_by_test_id("toast-body")
    expect(toast).to_contain_text("Depth Anything V2 Small cannot be loaded: the Hugging Face Hub cannot be reached")
    expect(toast).to_contain_text("or choose Depth Demo Tiny 2, which is bundled")
    expect(first_visit.number("Model")).to_have_value("Depth Anything V2 Small (relative, Apache-2.0, 99 MB)")
    expect(page.locator("canvas:visible")).to_have_count(0)
