"""What axe-core, Deque's checker of accessibility, finds wrong with a page."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
# The rules that axe-core has by default, without those whose impact, which is that of all they find, is less than serious.
RUN = """async within => {
  const impacts = ["serious", "critical"], { rules, tagExclude } = axe._audit;
  const weighty = rules.filter(({ enabled, impact, tags }) =>
    enabled && impacts.includes(impact) && !tags.some(tag => tagExclude.includes(tag)));
  const runOnly = { type: "rule", values: weighty.map(({ id }) => id) };
  const { violations } = await axe.run(within, { resultTypes: ["violations"], runOnly });
  return violations.flatMap(({ id, impact, nodes }) => impacts.includes(impact)
    ? nodes.map(({ target, html, failureSummary }) => [id, target.join(" "), html, failureSummary]) : []);
}"""
# Neither a name nor a role is there yet for a moment after Gradio made an element: the page's script adds them.
UNMENDED = (
    ".empty[aria-label]:not([role]), .js-plotly-plot:not([role]), button.label-wrap:not([aria-expanded]), .toast-header[role]"
)
BUSY = "[data-testid=status-tracker]:not(.hide), .pending"
# The bar of a message runs for ten seconds, and a waiting sign for ever.
STILL = """() => document.getAnimations().every(
  animation => animation.playState != "running" || animation.effect.getComputedTiming().endTime > 2000)"""


def violations(page: Page, within: str = "body") -> list[str]:
    """Return what axe-core finds serious or critical in a part of the page, once nothing is loading any more."""
    for passing in (UNMENDED, BUSY):
        page.wait_for_function(
            "selector => ![...document.querySelectorAll(selector)].some(element => element.offsetParent)", arg=passing
        )
    page.wait_for_function(STILL)  # half of a colour's way is no colour of the page
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    return [f"{rule} at {target}: {html[:200]} {summary}" for rule, target, html, summary in page.evaluate(RUN, within)]
