"""The app as it is, with the examples that it brings: each tab once, by a click on a card."""

from __future__ import annotations

import re
import zipfile

from playwright.sync_api import expect

from tests.support.visits import Visit, expect_drawn


def test_every_tab_shows_the_examples_at_once_and_small(real_visit: Visit) -> None:
    page, examples = real_visit.page, real_visit.examples
    cards = page.locator(".examples button:visible")
    for tab in ("Photo", "Stereo", "Compare"):
        real_visit.tab(tab)
        expect(cards).to_contain_text([example.title for example in examples])
        expect(cards).to_contain_text([example.look_for if tab != "Photo" else "" for example in examples])
        for number, example in enumerate(examples):
            expect(cards.nth(number)).to_be_in_viewport(ratio=1)
            source = cards.nth(number).locator("img").evaluate("image => image.decode().then(() => image.currentSrc)")
            assert page.request.get(source).body() == example.preview.read_bytes()
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert any(name.endswith(f"{examples[0].name}.jpg") for name in loaded)
    assert not any(name.endswith(("left.png", "right.png")) for name in loaded)


def test_a_photo_example_runs_on_a_click_with_the_default_model(real_visit: Visit) -> None:
    expect(real_visit.number("Model")).to_be_enabled()
    expect(real_visit.number("Model")).to_have_value("Depth Anything V2 Small (relative, Apache-2.0, 99 MB)")
    expect(real_visit.page.get_by_text("Its weights are on this machine.").locator("visible=true")).to_be_visible()
    real_visit.example(0).click()
    expect(real_visit.page.get_by_text("larger is nearer; no unit").first).to_be_visible()
    expect(real_visit.page.get_by_text("Depth Anything V2 Small: ").first).to_be_visible()
    expect(real_visit.page.get_by_role("button", name="Remove Image")).to_be_visible()


def test_a_stereo_example_is_matched_on_a_click_and_then_by_three_families(real_visit: Visit) -> None:
    page, example = real_visit.page, real_visit.examples[0]
    real_visit.tab("Stereo")
    real_visit.example(0).click()
    expect(page.get_by_text("of the pixels matched")).to_be_visible()
    expect(real_visit.number("Focal [px]")).to_have_value(f"{example.calibration.focal_length_px:.10g}")
    expect(real_visit.number("Baseline [m]")).to_have_value(f"{example.calibration.baseline_m:.10g}")
    expect(real_visit.number("num_disparities [px]").first).to_have_value(str(example.num_disparities))
    page.get_by_role("button", name="Local, global, semi-global").click()
    page.get_by_label("NCC (zero-mean)").check()
    page.get_by_role("button", name="Match by all three").click()
    expect(page.get_by_role("paragraph").filter(has_text="Reduced from 1920x1200 to 741x463 pixels")).to_be_visible()
    for name in ("Local", "Global", "Semi-global", "Truth"):
        expect(page.get_by_alt_text(name, exact=True)).to_be_visible()
    expect(page.get_by_text("Local: ZNCC in a window.")).to_be_visible()
    expect(page.get_by_text("over all truth, a hole counting as wrong.")).to_have_count(3)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")


def test_a_comparison_runs_on_a_click(real_visit: Visit) -> None:
    page = real_visit.page
    real_visit.tab("Compare")
    real_visit.number("Stored value per px or m").fill("100")  # of an earlier truth: the example brings its own
    real_visit.example(1).click()
    expect(page.get_by_text("Can one camera replace two here?", exact=True)).to_be_visible()
    expect(page.get_by_text("Rows agree within").locator("visible=true")).to_be_visible()
    real_visit.tab("Scores")
    expect(page.get_by_text("fair: SSIM", exact=True).locator("visible=true").first).to_be_visible()
    expect(page.get_by_text("value / 256")).to_be_visible()
    real_visit.tab("Maps")
    page.locator(".probed img[alt=Truth]").click()  # in its middle, which is below that of the map: there is a bar
    expect(page.locator(".probe-cells").first).to_contain_text(re.compile(r"x 9[56]\d, y (73|74)\d"))
    real_visit.tab("Surfaces")
    canvases = page.locator("canvas:visible")
    expect(canvases).to_have_count(2)
    for index in range(2):
        expect_drawn(canvases.nth(index))
    similar = page.locator("#compare-surfaces img:visible")
    expect(similar).to_have_count(2)  # each method's SSIM map beside its surface
    real_visit.tab("Report")
    with page.expect_download() as download:
        page.get_by_role("button", name="Write the report").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist()[2:4] == ["515_left_report.html", "515_left_scores.json"]
