"""One file with both views, put into the page."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.handmade_files import encoded, saved
from tests.support.handmade_pairs import jps, mpo, views
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


@pytest.mark.parametrize("name", ["camera.mpo", "camera.JPS"])
def test_the_left_field_takes_the_file_of_a_stereo_camera_from_its_dialog(visit: Visit, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frames = [encoded(view, format="JPEG", quality=95) for view in views()]
    path.write_bytes(mpo(frames) if name.endswith("mpo") else jps(np.hstack(views())))
    visit.tab("Stereo")
    left = visit.page.locator(".block:visible", has_text="Left view").first
    with visit.page.expect_file_chooser() as chooser:
        left.locator("button:has(input[type=file])").click()
    assert {".mpo", ".jps", "image/*"} <= set(str(chooser.value.element.get_attribute("accept")).split(","))
    chooser.value.set_files(path)
    expect(visit.page.get_by_text("is taken as the left view").locator("visible=true")).to_be_visible()
    expect(visit.page.get_by_text("The views are in order").locator("visible=true")).to_be_visible()
    expect(visit.page.get_by_text("Invalid file type")).to_have_count(0)


def test_the_file_of_a_stereo_camera_may_be_dropped_onto_the_left_field(visit: Visit) -> None:
    frames = [encoded(view, format="JPEG", quality=95) for view in views()]
    visit.tab("Stereo")
    left = visit.page.locator(".block:visible", has_text="Left view").first
    content = base64.b64encode(mpo(frames)).decode()
    dropped = visit.page.evaluate_handle(
        """content => {
          const files = new DataTransfer();
          files.items.add(new File([Uint8Array.from(atob(content), each => each.charCodeAt(0))], "camera.mpo"));
          return files;
        }""",
        content,
    )
    left.locator("button:has(input[type=file])").dispatch_event("drop", {"dataTransfer": dropped})
    expect(visit.page.get_by_text("Two frames of a stereo camera").locator("visible=true")).to_be_visible()
    expect(visit.page.get_by_text("Invalid file type")).to_have_count(0)


def test_squeezed_halves_are_asked_about_and_an_answer_reads_the_views_anew(visit: Visit, tmp_path: Path) -> None:
    path = saved(tmp_path / "halves.png", np.hstack([view[:270, :240] for view in views()]))
    visit.tab("Stereo")
    visit.upload("Left view", path)
    page = visit.page
    expect(page.get_by_text("Are the halves squeezed?").locator("visible=true")).to_be_visible()
    expect(page.get_by_text("480x270 pixels can be matched").locator("visible=true")).to_be_visible()
    page.get_by_role("button", name="Not squeezed: keep their shape").locator("visible=true").click()
    expect(page.get_by_text("The halves are not squeezed, as was answered").locator("visible=true")).to_be_visible()
    expect(page.get_by_text("240x270 pixels can be matched").locator("visible=true")).to_be_visible()
    visit.example(0).click()
    expect(page.get_by_role("button", name="Not squeezed").locator("visible=true")).to_have_count(0)
    visit.expect_run("match", "done")
