"""Chromium, and visitors of the app in it: of the small app, of the real one, and of the real one without weights."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from depth_demo.examples import list_examples
from tests.conftest import PAIRS, served_app, started
from tests.support.visits import CHROMIUM, QUIET, Visit, visiting


@pytest.fixture(scope="module")  # Playwright's event loop would be in the way of other modules
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What the visitors of a module share: the browser's cache, and the process in which their pages run."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="package")
def small_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a small estimator, and the small pairs as its examples."""
    folder = tmp_path_factory.mktemp("small")
    with started([], "tests/support/small_app.py", folder, {"HF_HUB_OFFLINE": "1"}) as served:
        yield served.url


@pytest.fixture(scope="package")
def clone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app of a fresh clone, without weights, and with a Hub that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silence:
        variables = {"HF_ENDPOINT": f"http://127.0.0.1:{silence.getsockname()[1]}"}
        with served_app(tmp_path_factory.mktemp("clone"), variables) as url:
            yield url


@pytest.fixture
def visit(context: BrowserContext, small_url: str) -> Iterator[Visit]:
    with visiting(context, small_url, PAIRS) as visit:
        yield visit
        visit.open_gate()


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone with a finger, upright."""
    with browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as context:
        yield context


@pytest.fixture
def phone_visit(phone: BrowserContext, small_url: str) -> Iterator[Visit]:
    with visiting(phone, small_url, PAIRS) as visit:
        yield visit


@pytest.fixture
def real_visit(context: BrowserContext, app_url: str) -> Iterator[Visit]:
    with visiting(context, app_url, list_examples()) as visit:
        yield visit


@pytest.fixture
def first_visit(context: BrowserContext, clone_url: str) -> Iterator[Visit]:
    with visiting(context, clone_url, list_examples()) as visit:
        yield visit
