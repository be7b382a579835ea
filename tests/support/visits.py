"""A visitor of the page, in a real Chromium."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from depth_demo.examples import Example

# None leaves the choice to Playwright, which then uses the build that it installed itself.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-quic",
    "--process-per-site",
)  # fmt: skip
WAIT_MS = 120_000  # two full-size views on a busy machine, and drawing without a graphics card, take their time
expect.set_options(timeout=WAIT_MS)
# Chromium's own remarks about drawing without a graphics card.
HARMLESS = ("GPU stall due to ReadPixels", "Canvas2D: Multiple readback", "Method not implemented")
FRAMES_LATER = """() => new Promise(done => {
  let left = 15;
  const next = () => (left-- > 0 ? requestAnimationFrame(next) : done(true));
  next();
})"""


@dataclass
class Visit:
    """A page with its examples, and everything it complained about or asked others for."""

    page: Page
    examples: Sequence[Example]
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def watch(self, request: Request, home: str) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            self.strangers.append(request.url)

    def reload(self) -> None:
        """Load the page anew, and forget what the old one says of the requests that end because it is left."""
        self.page.reload()
        self.complaints.clear()

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def example(self, number: int) -> Locator:
        return self.page.get_by_role("button", name=self.examples[number].title).locator("visible=true")

    def upload(self, name: str, view: Path) -> None:
        field = self.page.locator(".block:visible", has_text=name).first
        field.locator("input[type=file]").set_input_files(view)
        expect(field.locator("img")).to_be_visible()

    def number(self, label: str) -> Locator:
        return self.page.get_by_label(label).locator("visible=true")

    def result(self, name: str) -> Locator:
        return self.page.locator(f"#{name}-result")

    def expect_run(self, name: str, state: str) -> None:
        expect(self.result(name)).to_have_attribute("data-run", state)

    def dismiss(self) -> None:
        """Close the message that is shown, unless it has gone by itself meanwhile."""
        self.page.evaluate("document.querySelectorAll('[data-testid=toast-close]').forEach(close => close.click())")
        expect(self.page.get_by_test_id("toast-body")).to_have_count(0)

    def shut_gate(self) -> None:
        """Hold up what needs the model from now on; the small app only."""
        self.page.request.get(f"{self.page.url.partition('?')[0]}gate/shut")

    def let_three_through(self) -> None:
        """Let three more estimates through, and hold up the others; the small app only."""
        self.page.request.get(f"{self.page.url.partition('?')[0]}gate/three")

    def open_gate(self) -> None:
        self.page.request.get(f"{self.page.url.partition('?')[0]}gate/open")


@contextmanager
def visiting(context: BrowserContext, url: str, examples: Sequence[Example]) -> Iterator[Visit]:
    """A visitor whom the server has never seen; what the browser has fetched and compiled for earlier ones is there."""
    context.clear_cookies()
    if not context.pages:  # a page that stays open keeps the process alive in which those of all visitors run
        context.new_page().goto(f"{url}/health")
    with context.new_page() as page:
        visit = Visit(page, examples)
        page.on("console", visit.hear)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("request", lambda request: visit.watch(request, url))
        page.set_default_timeout(WAIT_MS)
        page.goto(url)
        page.get_by_role("button", name="Estimate depth", exact=True).wait_for()
        yield visit
        assert visit.strangers == []
        assert [text for text in visit.complaints if not any(words in text for words in HARMLESS)] == []


def colors_in(surface: Locator) -> int:
    picture = Image.open(io.BytesIO(surface.screenshot())).convert("RGB")
    return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0))


def expect_drawn(surface: Locator) -> None:
    """The surface's canvas comes to hold many colours; the mesh is drawn some time after the canvas is there."""
    surface.wait_for()
    deadline = time.monotonic() + WAIT_MS / 1000
    while colors_in(surface) < 200:
        assert time.monotonic() < deadline, "the surface stayed empty"
        surface.evaluate(FRAMES_LATER)  # a look takes as long as many frames
