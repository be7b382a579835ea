"""The tab Data set in a real browser: a ZIP is scored while a table grows, a run is stopped, and a pair goes to Compare."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import PAIRS
from tests.support.small_data_set import small_data_set
from tests.support.stranger import Stranger, upload_of
from tests.support.visits import FRAMES_LATER, Visit, visiting


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pairs, of which the last cannot be read."""
    root = small_data_set(tmp_path_factory.mktemp("data") / "street", *(f"scene_{number}" for number in range(6)))
    (root / "scene_5" / "right.png").write_bytes(b"no picture")
    return Path(shutil.make_archive(str(root), "zip", root))


def give(visit: Visit, archive: Path) -> None:
    visit.tab("Data set")
    visit.page.locator("#score-inputs input[type=file]").set_input_files(archive)


def cells(page: Page, column: int) -> Locator:
    return page.locator(f"#score-table [role=gridcell][aria-colindex='{column}']")


def cells_of_row(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#score-table [role=gridcell]").all_inner_texts()]


@pytest.fixture(scope="module")
def scored(context: BrowserContext, small_url: str, archive: Path) -> Iterator[Visit]:
    """A visitor who has scored the data set; for tests that look at it."""
    with visiting(context, small_url, PAIRS) as visit:
        give(visit, archive)
        visit.number("num_disparities [px]").last.fill("16")
        visit.page.get_by_role("button", name="Score", exact=True).click()
        visit.expect_run("score", "done")
        yield visit


def test_the_table_grows_others_are_served_and_stop_keeps_what_is_done(visit: Visit, archive: Path) -> None:
    page, words = visit.page, visit.page.locator("#score-words")
    give(visit, archive)
    expect(page.get_by_label("Or a folder")).to_be_visible()  # the page is served to this machine only
    expect(page.locator("#score-found")).to_have_text(
        "Found in 'street': 6 pairs in the layout folder, all with ground truth."
    )
    visit.number("num_disparities [px]").last.fill("16")
    visit.let_three_through()
    page.get_by_role("button", name="Score", exact=True).click()
    expect(words).to_contain_text("3 of 6 pairs done")
    expect(words).to_contain_text("Pair 4 of 6")
    expect(page.locator("#said")).to_have_text("Half of the pairs are done.")
    expect(cells(page, 1)).to_have_text(["scene_0", "scene_1", "scene_2"])
    with Stranger(page.url.partition("?")[0]) as guest:
        views: list[object] = [upload_of(guest.upload(path)) for path in (PAIRS[0].left, PAIRS[0].right)]
        assert "of the pixels matched" in guest.call("/match", views)
    visit.expect_run("score", "begun")  # still
    page.get_by_role("button", name="Stop", exact=True).locator("visible=true").click()
    expect(page.get_by_role("button", name="Stopping after this pair")).to_be_visible()
    visit.open_gate()
    visit.expect_run("score", "done")
    expect(words).to_contain_text("4 of 6 pairs done. The run was stopped. What was scored is kept.")
    expect(cells(page, 1)).to_have_count(4)
    for name in ("street_report.html", "street_results.csv", "street_rows.jsonl"):
        expect(page.locator("#score-files").get_by_role("link", name=f"Download {name}, ")).to_be_visible()
    page.get_by_role("button", name="Score", exact=True).click()
    expect(words).to_contain_text("6 of 6 pairs done, 1 with an error.")
    expect(words).to_contain_text("scene_5: Right view: This file cannot be read here")
    expect(page.locator("#said")).to_have_text("Data set: 6 of 6 pairs done, 1 with an error.")


def test_the_table_sorts_and_searches_and_a_row_goes_to_compare_by_keyboard(scored: Visit) -> None:
    page = scored.page
    head = page.locator("#score-table th:visible", has_text="EPE [px], stereo").last
    head.click()
    head.get_by_role("button", name="Open cell menu").click()
    page.get_by_text("Sort descending").click()
    values = cells(page, 6)
    expect(values.first).not_to_have_text("")
    numbers = [float(text) for text in values.all_inner_texts() if text]
    assert numbers == sorted(numbers, reverse=True)
    assert cells(page, 1).all_inner_texts() != [f"scene_{number}" for number in range(6)]
    page.get_by_label("Search the table").fill("scene_3")
    expect(cells(page, 1)).to_have_text(["scene_3"])
    page.get_by_label("Search the table").press("Tab")
    cells(page, 1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open scene_3 in Compare").press("Enter")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#compare-inputs img[alt$='as chosen']")).to_have_count(2)
    expect(page.locator("#compare-inputs").get_by_text("disparity .pfm")).to_be_visible()
    expect(scored.number("Focal [px]")).to_have_value("100")
    expect(scored.number("Baseline [m]")).to_have_value("0.1")
    expect(scored.number("num_disparities [px]").first).to_have_value("16")
    expect(page.get_by_label("Model", exact=True).locator("visible=true")).to_have_value(re.compile("Depth Demo Tiny"))
    page.get_by_role("button", name="Compare", exact=True).click()
    scored.expect_run("compare", "done")
    expect(scored.result("compare").get_by_text("disparity [px]").first).to_be_attached()


def test_compare_gives_a_pair_the_scores_of_its_row(visit: Visit, tmp_path: Path) -> None:
    """Also where Compare would choose another search range by itself."""
    pair, place = PAIRS[0], tmp_path / "data" / "upside_down"
    place.mkdir(parents=True)
    for path, name in ((pair.left, "left.png"), (pair.right, "right.png"), (pair.disparity, "disparity.png")):
        Image.open(path).transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(place / name)
    give(visit, Path(shutil.make_archive(str(tmp_path / "street"), "zip", tmp_path / "data")))
    page = visit.page
    page.get_by_role("button", name="Score", exact=True).click()
    visit.expect_run("score", "done")
    head = page.locator("#score-table th:visible").all_inner_texts()
    row = dict(zip([text.strip() for text in head], cells_of_row(page), strict=True))
    cells(page, 1).first.click()
    page.get_by_role("button", name="Open upside_down in Compare").click()
    checks = page.locator("#compare-inputs .preflight").first
    expect(checks).to_contain_text("can be matched with these settings")
    expect(checks).not_to_contain_text("The search range was set to")
    page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "done")
    visit.result("compare").get_by_role("tab", name="Scores").click()
    expect(visit.result("compare").get_by_text("bad-3, all truth [%]", exact=True).locator("visible=true")).to_be_visible()
    told = [text.strip() for text in visit.result("compare").inner_text().splitlines() if text.strip()]
    for score in ("fair: SSIM", "EPE [px]", "bad-3, all truth [%]"):
        assert float(told[told.index(score) + 2]) == float(row[f"{score}, stereo"])  # behind that of the monocular map


def test_the_reason_why_a_zip_is_refused_stays_on_the_page(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "street.zip").write_bytes(b"no ZIP")
    give(visit, tmp_path / "street.zip")
    message = visit.page.get_by_test_id("toast-body")
    expect(message).to_contain_text("The ZIP 'street.zip' cannot be unpacked")
    expect(visit.result("score")).to_have_attribute("data-changed", "")  # the page has heard of the choice
    visit.page.evaluate(FRAMES_LATER)
    expect(message).to_contain_text("The ZIP 'street.zip' cannot be unpacked", timeout=1)


def test_a_zip_that_is_refused_says_why_and_the_fields_stay(visit: Visit, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("nothing to see")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.tab("Data set")
    visit.number("Pairs at most").fill("7")
    give(visit, archive)
    expect(visit.page.locator("#score-found")).to_contain_text("Found in 'street'")
    visit.page.locator("#score-inputs").get_by_label("Clear", exact=True).click()
    expect(visit.page.locator("#score-found")).not_to_be_visible()
    give(visit, Path(shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path / "data")))
    message = visit.page.get_by_test_id("toast-body")
    expect(message).to_contain_text("The ZIP 'notes' holds no pair in the layout csv or")
    expect(visit.page.locator("#score-found")).not_to_be_visible()
    visit.dismiss()
    visit.page.get_by_role("button", name="Score", exact=True).click()
    expect(message).to_contain_text("It holds 'notes.txt'.")
    visit.expect_run("score", "failed")
    expect(visit.number("Pairs at most")).to_have_value("7")
    expect(visit.page.locator("#score-inputs .filename")).to_have_text("notes .zip")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
