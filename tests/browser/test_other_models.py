"""MiDaS, Depth Pro and Marigold on the page, with tiny checkpoints: chosen, asked about, drawn, stopped, compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from depth_demo.examples import list_examples
from depth_demo.monocular.models import find_model
from tests.conftest import PAIRS, served_app
from tests.support.other_models import NAMES, folder_with
from tests.support.visits import Visit, visiting


@pytest.fixture(scope="module")
def others_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with tiny checkpoints of other people's models."""
    weights = tmp_path_factory.mktemp("weights")
    for name in NAMES:
        folder_with(weights, name)
    variables = {
        "DEPTH_DEMO_WEIGHTS": str(weights),
        "HF_HUB_OFFLINE": "1",
        "DEPTH_DEMO_CACHE": str(tmp_path_factory.mktemp("cache")),
    }
    with served_app(tmp_path_factory.mktemp("others"), variables) as url:
        yield url


@pytest.fixture
def visit(context: BrowserContext, others_url: str) -> Iterator[Visit]:
    with visiting(context, others_url, list_examples()) as visit:
        yield visit


def choose(visit: Visit, name: str) -> None:
    """Choose a row of the menu, and wait until the line above tells of it."""
    menu = visit.page.get_by_label("Model", exact=True).locator("visible=true")
    expect(menu).to_be_enabled()
    menu.click()
    visit.page.get_by_role("option", name=f"{find_model(name).title} (").click()
    expect(visit.page.get_by_text("Its weights are on this machine.").locator("visible=true")).to_be_visible()


def patience(visit: Visit) -> Locator:
    return visit.page.get_by_label("Run it all the same, however long it takes").locator("visible=true")


def estimate(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Estimate depth", exact=True).click()


def draw_with(visit: Visit, steps: int, members: int, side: int = 256) -> None:
    visit.page.get_by_role("button", name="Exact network input size").locator("visible=true").click()
    visit.number("Short side [px]").fill(str(side))
    visit.page.get_by_role("button", name="How the answer is drawn").locator("visible=true").click()
    visit.number("Steps").fill(str(steps))
    visit.number("Answers merged").fill(str(members))
    visit.number("Answers merged").blur()


def photo(visit: Visit, path: Path) -> None:
    visit.page.locator("input[type=file]").first.set_input_files(path)


@pytest.mark.parametrize("name", ["midas-swin2-tiny", "midas-hybrid", "midas-large", "midas-beit-large"])
def test_midas_runs(name: str, visit: Visit) -> None:
    photo(visit, PAIRS[0].left)
    choose(visit, name)
    if patience(visit).count():  # a busy machine predicts a long wait
        patience(visit).check()
    estimate(visit)
    visit.expect_run("estimate", "done")
    expect(visit.result("estimate").get_by_text(find_model(name).title).first).to_be_visible()


def test_marigold_is_asked_about_drawn_and_its_answers_differ(visit: Visit) -> None:
    photo(visit, PAIRS[0].left)
    choose(visit, "marigold-v1-1")
    patience(visit).wait_for()
    estimate(visit)
    visit.expect_run("estimate", "failed")
    expect(visit.page.get_by_text("If that is all right, tick").first).to_be_visible()
    patience(visit).check()
    draw_with(visit, steps=2, members=3)
    estimate(visit)
    visit.expect_run("estimate", "done")
    expect(visit.result("estimate").get_by_text("3 answers were merged, in 2 steps from noise of seed 0.")).to_be_visible()
    expect(visit.result("estimate").get_by_alt_text("How far the answers differ")).to_be_visible()


def test_a_link_to_a_slow_model_asks_and_offers_as_the_menu_does(visit: Visit) -> None:
    visit.page.goto(f"{visit.page.url.partition('?')[0]}?tab=photo&model=marigold-v1-1")
    expect(patience(visit)).to_be_visible()
    expect(visit.page.get_by_text("A photo takes").locator("visible=true")).to_be_visible()
    expect(visit.page.get_by_role("button", name="How the answer is drawn").locator("visible=true")).to_be_visible()


def test_a_run_is_stopped_between_two_steps(visit: Visit) -> None:
    photo(visit, PAIRS[0].left)
    choose(visit, "marigold-lcm")
    draw_with(visit, steps=50, members=20, side=768)  # minutes, however fast the machine
    patience(visit).check()
    stop = visit.page.get_by_role("button", name="Stop").locator("visible=true")
    expect(stop).to_have_count(0)
    estimate(visit)
    expect(visit.page.get_by_text("of 50, answer").locator("visible=true").first).to_be_visible()
    stop.click()
    visit.expect_run("estimate", "failed")
    expect(visit.page.get_by_text("The run was stopped.").first).to_be_visible()
    expect(stop).to_have_count(0)


def test_depth_pro_is_compared_in_metres(visit: Visit) -> None:
    visit.tab("Compare")
    for label, view in (("Left view", PAIRS[0].left), ("Right view", PAIRS[0].right)):
        visit.upload(label, view)
    visit.number("Focal [px]").fill("480")
    visit.number("Baseline [m]").fill("0.1")
    choose(visit, "depth-pro")
    patience(visit).check()
    visit.page.get_by_role("button", name="Compare", exact=True).click()
    visit.expect_run("compare", "done")
    expect(visit.result("compare").get_by_text("Monocular, raw (depth)")).to_be_visible()
