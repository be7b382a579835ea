"""A left view with truth and no right view on the page: what is shown, and that a pair afterwards has all its parts again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.support.visits import Visit


def photo_and_depth(folder: Path) -> tuple[Path, Path]:
    """Write a photo that is brighter the nearer, but for a dark board, and its depth [m]."""
    nearness = np.tile(np.linspace(40, 240, 320, dtype=np.float32), (240, 1))
    bright = nearness.copy()
    bright[80:160, 100:200] = 40
    Image.fromarray(bright.astype(np.uint8)).save(folder / "photo.png")
    np.save(folder / "depth.npy", 240 / nearness)
    return folder / "photo.png", folder / "depth.npy"


def test_a_left_view_with_its_truth_is_scored_without_a_word_on_stereo(visit: Visit, tmp_path: Path) -> None:
    visit.tab("Compare")
    photo, depth = photo_and_depth(tmp_path)
    visit.upload("Left view", photo)
    run = visit.page.get_by_role("button", name="Compare", exact=True)
    run.click()
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("add a right view to match, or the ground truth")
    truth = visit.page.locator(".block:visible", has_text="Ground truth, optional").last
    truth.locator("input[type=file]").set_input_files(depth)
    expect(truth.get_by_text("depth")).to_be_visible()
    run.click()
    visit.expect_run("compare", "done")
    result = visit.result("compare")
    expect(result.locator(".prose.told")).to_contain_text("off by a factor of 1.25 or more")
    expect(result.locator(".prose.told")).not_to_contain_text("tereo")
    shown = result.get_by_role("tabpanel")  # the one that is seen
    expect(shown).to_contain_text("Monocular, aligned")
    expect(shown.locator(".js-plotly-plot")).to_be_visible()
    expect(shown.get_by_text("M = monocular")).to_be_hidden()
    expect(shown.get_by_text("Costs along the disparities")).to_be_hidden()
    expect(shown.get_by_text("Does matching work here")).to_have_count(0)
    stereo = result.locator(".probed-3, .probed-5")
    expect(stereo.locator("visible=true")).to_have_count(0)
    result.get_by_role("tab", name="Scores").click()
    table = result.locator(".table").locator("visible=true")
    expect(table).to_contain_text("RMSE [m]")
    expect(table).to_contain_text("report: SSIM of depth")
    expect(table).not_to_contain_text("Stereo")
    for tab in ("Boxes", "Regions", "Surfaces", "Alignment"):
        result.get_by_role("tab", name=tab).click()
    result.get_by_role("tab", name="Fused").click()
    expect(result.get_by_text("This needs both views: add the right one.").locator("visible=true")).to_be_visible()
    expect(result.get_by_role("button", name="Measure uncertainty")).to_be_hidden()
    expect(result.get_by_text("Anchored", exact=True)).to_be_hidden()
    result.get_by_role("tab", name="Alignment").click()
    expect(shown).not_to_contain_text("both methods", use_inner_text=True)
    result.get_by_role("tab", name="Report").click()
    expect(shown).not_to_contain_text("Stereo:", use_inner_text=True)
    result.get_by_role("tab", name="Maps").click()
    visit.example(1).click()
    visit.expect_run("compare", "done")
    expect(stereo.locator("visible=true")).to_have_count(2)
    expect(shown.get_by_text("Costs along the disparities")).to_be_visible()
    expect(shown.get_by_text("M = monocular")).to_be_visible()
    result.get_by_role("tab", name="Scores").click()
    expect(table).to_contain_text("Stereo")
    result.get_by_role("tab", name="Fused").click()
    expect(result.get_by_role("button", name="Measure uncertainty")).to_be_visible()
