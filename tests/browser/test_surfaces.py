"""How surfaces answer: the wheel, a finger, their button, and how their captions read."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from depth_demo.render.frame import NARROW
from tests.support.visits import Visit

EYE = "plot => Object.values(plot._fullLayout.scene._scene.getCamera().eye)"
BOTH = "#compare-surfaces .js-plotly-plot"
TO_START = "plot => plot.scrollIntoView({ block: 'start' })"
SETTLED = """() => new Promise(done => {
  let last = scrollY, still = 0;
  const look = () => {
    still = scrollY == last ? still + 1 : 0;
    last = scrollY;
    still > 20 ? done(true) : requestAnimationFrame(look);
  };
  look();
})"""
PLOT = "document.querySelector('#estimate-result .js-plotly-plot')"
# Contrast of the caption with the box behind it, as WCAG counts, both mixed with the page's ground.
CONTRAST = """plot => {
  const of = color => color.match(/[\\d.]+/g).map(Number);
  const light = rgb => rgb.slice(0, 3).map(v => v / 255).map(v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const box = plot.querySelector(".annotation rect.bg"), text = plot.querySelector(".annotation text");
  const ground = of(getComputedStyle(plot.closest(".block")).backgroundColor);
  const share = Number(getComputedStyle(box).fillOpacity);
  const mixed = of(getComputedStyle(box).fill).slice(0, 3).map((v, i) => share * v + (1 - share) * ground[i]);
  const [dark, bright] = [light(mixed), light(of(getComputedStyle(text).fill))].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""


def show_surface(visit: Visit) -> Locator:
    """Estimate depth of an example, and open its surface."""
    visit.example(0).click()
    visit.expect_run("estimate", "done")
    visit.tab("Surface")
    expect(visit.page.get_by_role("button", name="Reset view")).to_be_visible()
    plot = visit.page.locator("#estimate-result .js-plotly-plot")
    plot.evaluate(TO_START)
    return plot


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_caption_reads_in_both_themes(visit: Visit, theme: Literal["light", "dark"]) -> None:
    visit.page.emulate_media(color_scheme=theme)
    visit.reload()
    assert show_surface(visit).evaluate(CONTRAST) >= 4.5


def test_the_wheel_scrolls_until_a_click_and_the_button_leads_back(visit: Visit) -> None:
    plot, page = show_surface(visit), visit.page
    home, before = plot.evaluate(EYE), page.evaluate("scrollY")
    plot.hover()
    page.mouse.wheel(0, -120)
    page.wait_for_function("before => scrollY < before", arg=before)
    assert plot.evaluate(EYE) == home
    plot.click()
    expect(page.get_by_text("Esc ends zoom")).to_be_visible()
    page.mouse.wheel(0, -120)
    page.wait_for_function(f"home => String(({EYE})(document.querySelector('.js-plotly-plot'))) != home", arg=str(home))
    page.get_by_role("button", name="Reset view").click()
    page.wait_for_function(
        f"home => ({EYE})(document.querySelector('.js-plotly-plot')).every((v, i) => Math.abs(v - home[i]) < 1e-3)",
        arg=home,
    )
    page.keyboard.press("Escape")
    expect(page.get_by_text("Click to zoom")).to_be_visible()


def test_a_finger_scrolls_until_a_tap_and_a_narrow_surface_has_a_camera_of_its_own(phone_visit: Visit) -> None:
    plot, page = show_surface(phone_visit), phone_visit.page
    narrow = plot.evaluate("plot => Object.values(plot.layout.meta.narrow.eye)")
    page.wait_for_function(f"eye => ({EYE})({PLOT}).every((v, i) => Math.abs(v - eye[i]) < 1e-3)", arg=narrow)
    assert plot.evaluate("plot => plot.clientWidth / plot.clientHeight") == pytest.approx(NARROW, rel=0.02)
    finger = page.context.new_cdp_session(page)

    def swipe() -> None:
        for kind, y in (("touchStart", 280), ("touchMove", 230), ("touchMove", 80), ("touchEnd", None)):
            points = [] if y is None else [{"x": 200, "y": y}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before, eye = page.evaluate("scrollY"), plot.evaluate(EYE)
    swipe()
    page.wait_for_function("before => scrollY > before + 50", arg=before)
    assert plot.evaluate(EYE) == eye
    page.wait_for_function(SETTLED)  # a swipe has momentum, and may carry the plot away from the finger
    plot.evaluate(TO_START)
    plot.tap()
    expect(page.get_by_text("Drag to turn")).to_be_visible()
    scrolled = page.evaluate("scrollY")
    swipe()
    page.wait_for_function(f"eye => String(({EYE})(document.querySelector('.js-plotly-plot'))) != eye", arg=str(eye))
    assert page.evaluate("scrollY") == scrolled


def test_plotlys_own_reset_of_one_surface_turns_the_other_too(visit: Visit) -> None:
    visit.tab("Compare")
    visit.example(0).click()
    visit.expect_run("compare", "done")
    visit.tab("Surfaces")
    one, other = (visit.page.locator("#compare-surfaces .js-plotly-plot").nth(number) for number in (0, 1))
    expect(visit.page.locator("#compare-surfaces .js-plotly-plot[data-together]")).to_have_count(2)
    expect(visit.page.get_by_role("button", name="Reset view")).to_have_count(2)
    home = other.evaluate("plot => Object.values(plot.layout.meta.narrow.eye)")  # beside a picture it is narrow
    eyes = f"[...document.querySelectorAll('{BOTH}')].map({EYE})"
    alike = f"eye => {eyes}.every(at => at.every((v, i) => Math.abs(v - eye[i]) < 1e-3))"
    aside = "{ eye: { x: 2, y: 1, z: 1 }, center: { x: 0, y: 0, z: 0 } }"
    one.evaluate(f"plot => Plotly.relayout(plot, {{ 'scene.camera': {aside} }})")
    visit.page.wait_for_function(alike, arg=[2, 1, 1])
    other.locator(".modebar-btn[data-attr=resetLastSave]").evaluate("button => button.click()")
    visit.page.wait_for_function(alike, arg=home)
