"""The tab Video in a real browser: a clip, its player, its files, and a run that is stopped."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Request, expect

from tests.conftest import PAIRS
from tests.support.axe import violations
from tests.support.handmade_clips import gif, sweep
from tests.support.visits import Visit, visiting

RUN, FRAMES = "Estimate depth of the clip", 5
PLAYS = """content => new Promise((played, failed) => {
  const video = Object.assign(document.createElement("video"), { src: `data:video/mp4;base64,${content}`, muted: true });
  video.onloadeddata = () => played([video.videoWidth, video.videoHeight, video.duration]);
  video.onerror = () => failed(video.error.message);
})"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "street.gif"
    path.write_bytes(gif(sweep(FRAMES, 96, 64)))
    return path


def choose(visit: Visit, clip: Path) -> None:
    visit.page.locator("#video-inputs input[type=file]").set_input_files(clip)
    expect(visit.page.locator("#video-inputs .file-preview")).to_contain_text(clip.suffix)


def run(visit: Visit, clip: Path) -> Locator:
    """Estimate a clip; return the result."""
    visit.tab("Video")
    choose(visit, clip)
    visit.page.get_by_role("button", name=RUN).click()
    visit.expect_run("video", "done")
    return visit.result("video")


def shown(result: Locator) -> list[str]:
    """The addresses of the frame and the map that are seen."""
    seen = result.locator("img:visible")
    expect(seen).to_have_count(2)  # the line changes at once, and a picture is seen when it has been loaded
    addresses: list[str] = seen.evaluate_all("images => images.map(image => image.src)")
    return addresses


@pytest.fixture(scope="module")
def watching(context: BrowserContext, small_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A visitor whose clip was estimated, with a name in capital letters, as phones give it; for tests that look at it."""
    path = tmp_path_factory.mktemp("clip") / "IMG_0001.GIF"
    path.write_bytes(gif(sweep(FRAMES, 96, 64)))
    with visiting(context, small_url, PAIRS) as visit:
        run(visit, path)
        yield visit


def go_to_start(visit: Visit) -> Locator:
    """Show the first frame, and return the slider of frames, which has the focus."""
    slider = visit.result("video").get_by_role("slider", name=re.compile("Frame"))
    slider.focus()
    visit.page.keyboard.press("Home")
    expect(visit.result("video").locator("#video-line")).to_contain_text("Frame 1 of 5, at 0.00 s")
    return slider


def test_a_clip_becomes_frames_beside_maps_with_the_flicker_in_a_sentence(watching: Visit) -> None:
    result = watching.result("video")
    expect(result.get_by_text("Flicker 25.0 %: the depth of a point changes by this share")).to_be_visible()
    expect(result.get_by_text("All 5 frames, from 0.5 s, at 96x64.")).to_be_visible()
    expect(result.locator("#video-line")).to_contain_text("Frame 1 of 5, at 0.00 s")
    for name in ("Frame", "Depth"):
        expect(result.get_by_alt_text(name, exact=True)).to_be_visible()
    expect(watching.page.locator("#said")).to_contain_text("Clip ready: Flicker 25.0 %")
    assert watching.page.url.endswith("?tab=video")


def test_the_keyboard_goes_through_the_frames_without_asking_the_server(watching: Visit) -> None:
    result, slider = watching.result("video"), go_to_start(watching)
    first, asked = shown(result), list[str]()

    def note(request: Request) -> None:
        if "/queue/" in request.url:
            asked.append(request.url)

    watching.page.on("request", note)
    expect(slider).to_have_attribute("max", str(FRAMES))
    watching.page.keyboard.press("ArrowRight")
    expect(result.locator("#video-line")).to_contain_text("Frame 2 of 5, at 0.10 s")
    watching.page.keyboard.press("End")
    expect(result.locator("#video-line")).to_contain_text("Frame 5 of 5, at 0.40 s")
    last = shown(result)
    assert not set(first) & set(last)
    watching.page.keyboard.press("Home")
    expect(result.locator("#video-line")).to_contain_text("Frame 1 of 5, at 0.00 s")
    assert shown(result) == first
    assert asked == []
    watching.page.remove_listener("request", note)


def test_play_goes_on_by_itself_until_pause(watching: Visit) -> None:
    go_to_start(watching)
    play = watching.result("video").locator("#video-play")
    expect(play).to_have_text("Play")
    play.click()
    expect(play).to_have_text("Pause")
    for line in ("Frame 3 of 5", "Frame 1 of 5"):  # it begins anew
        watching.page.wait_for_function("line => document.querySelector('#video-line').innerText.startsWith(line)", arg=line)
    play.click()
    expect(play).to_have_text("Play")


def test_other_colours_keep_the_frame_that_is_seen(watching: Visit) -> None:
    result = watching.result("video")
    go_to_start(watching)
    watching.page.keyboard.press("End")
    expect(result.locator("#video-line")).to_contain_text("Frame 5 of 5")
    frame, depth = shown(result)
    result.get_by_label("Colours").click()
    watching.page.get_by_role("option", name="Viridis").click()
    expect(result.get_by_alt_text("Depth", exact=True)).not_to_have_attribute("src", depth)
    assert shown(result)[1] != depth
    expect(result.locator("#video-line")).to_contain_text("Frame 5 of 5")
    assert frame.endswith(".jpg")


def test_the_files_are_a_video_that_browsers_play_and_maps_that_the_tab_takes_back(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    result = run(visit, clip)
    words = result.locator("#video-words").inner_text()
    result.get_by_role("tab", name="Files").click()
    with visit.page.expect_download() as download:
        result.get_by_role("button", name="Write the video and the maps").click()
    assert download.value.suggested_filename == "street_depth.mp4"
    content = base64.b64encode(Path(download.value.path()).read_bytes()).decode()
    width, height, seconds = visit.page.evaluate(PLAYS, content)
    assert (width, height) == (196, 110)  # both pictures, the gap, and the bar below
    assert seconds == pytest.approx(0.5, abs=0.05)
    with visit.page.expect_download() as download:
        result.get_by_role("link", name="Download street_depth.npz, ").click()
    saved = tmp_path / "street_depth.npz"
    download.value.save_as(saved)
    with np.load(saved, allow_pickle=False) as maps:
        assert maps["depth"].shape == (FRAMES, 64, 96)
    result.get_by_role("tab", name="Frames").click()
    visit.page.locator("#video-inputs").get_by_role("button", name="Clear").click()
    visit.expect_run("video", "outdated")
    run(visit, saved)
    expect(result.get_by_text("Read from a saved result, made by Depth Demo Tiny 2")).to_be_visible()
    assert result.locator("#video-words").inner_text() == words


def test_stop_ends_a_run_shows_nothing_of_it_and_another_can_begin(visit: Visit, clip: Path) -> None:
    result = run(visit, clip)
    stop = visit.page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_hidden()
    visit.shut_gate()
    visit.page.get_by_role("button", name=RUN).click()
    visit.expect_run("video", "begun")
    stop.click()
    visit.expect_run("video", "failed")
    expect(stop).to_be_hidden()
    expect(result.locator("img:visible")).to_have_count(0)
    expect(result.get_by_text("Flicker")).to_have_count(0)
    visit.open_gate()
    visit.page.get_by_role("button", name=RUN).click()
    visit.expect_run("video", "done")
    expect(result.get_by_text("Flicker 25.0 %")).to_be_visible()
    assert len(shown(result)) == 2


def test_what_is_no_clip_is_refused_in_a_sentence_and_nothing_of_an_earlier_run_stays(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    result = run(visit, clip)
    text = tmp_path / "text.mp4"
    text.write_text("This is no video.")
    visit.page.locator("#video-inputs").get_by_role("button", name="Clear").click()
    choose(visit, text)
    visit.page.get_by_role("button", name=RUN).click()
    expect(visit.page.get_by_test_id("toast-body")).to_contain_text("This file is no video that can be read here")
    visit.expect_run("video", "failed")
    expect(result.locator("img:visible")).to_have_count(0)


def test_an_address_opens_the_tab_with_its_settings(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.partition('?')[0]}?tab=video&resolution=fast&color_map=Turbo")
    expect(visit.page.get_by_role("button", name=RUN)).to_be_visible()
    expect(visit.page.locator("#video-inputs").get_by_label("Fast")).to_be_checked()
    expect(visit.result("video").get_by_label("Colours")).to_have_value("Turbo")
    visit.complaints.clear()  # of requests that ended as the page was left


def test_a_model_that_is_slow_for_clips_says_so_when_it_is_chosen(visit: Visit) -> None:
    visit.tab("Video")
    menu = visit.page.locator("#video-inputs").get_by_label("Model")
    menu.click()
    visit.page.get_by_role("option", name=re.compile("Depth Anything V2 Large")).click()
    expect(visit.page.locator("#video-cost")).to_contain_text("about 10 times as long as with Depth Anything V2 Small")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(visit: Visit, clip: Path, scheme: str, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    visit.reload()
    visit.tab("Video")
    expect(page.get_by_role("button", name=RUN)).to_be_visible()
    found = {"before": violations(page)}
    page.get_by_role("button", name=RUN).click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("No clip yet")
    found["refused"] = violations(page, ".toast-wrap")
    visit.dismiss()
    result = run(visit, clip)
    for tab in ("Files", "Frames"):
        result.get_by_role("tab", name=tab).click()
        expect(result.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        found[tab] = violations(page, "#video-result")
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
