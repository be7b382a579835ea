"""One file with both views, put into the page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.support.handmade_files import encoded
from tests.support.handmade_pairs import mpo, views
from tests.support.visits import Visit


def test_a_file_of_a_stereo_camera_fills_both_views_and_is_matched(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "camera.mpo"
    path.write_bytes(mpo([encoded(view, format="JPEG", quality=95) for view in views()]))
    visit.tab("Stereo")
    page = visit.page
    page.locator("input[type=file][accept*=mpo]").locator("nth=0").set_input_files(path)
    expect(page.get_by_text("Two frames of a stereo camera").locator("visible=true")).to_be_visible()
    expect(page.get_by_text("The views are in order").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Match", exact=True).click()
    expect(page.get_by_text("of the pixels matched")).to_be_visible()
    page.get_by_role("button", name="Swap left and right").locator("visible=true").click()
    expect(page.get_by_text("The views look swapped").locator("visible=true")).to_be_visible()
