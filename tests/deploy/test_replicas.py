"""The shipped HAProxy file before replicas of the real app: who comes where, who stays, and what if one of them ends."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect, sync_playwright

from depth_demo.examples import list_examples
from depth_demo.monocular.models import TINY
from tests.conftest import PAIRS
from tests.support.served import HANG_S, health, wait_until
from tests.support.site import Site, cookie_of, site_of
from tests.support.visits import CHROMIUM, QUIET, WAIT_MS, Visit

CLASS = 32
NAMES = ("r1", "r2", "r3")


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    folder.parent.chmod(0o755)  # HAProxy gives up the rights that it was started with
    with site_of(folder, NAMES) as site:
        yield site


@pytest.fixture
def site(whole_site: Site) -> Site:
    """With all replicas at work, whatever the test before did."""
    whole_site.revive()
    return whole_site


@pytest.fixture
def programs() -> Iterator[ExitStack]:
    """Clients that are closed in the end."""
    with ExitStack() as stack:
        yield stack


def program(site: Site, programs: ExitStack) -> Client:
    client = Client(site.url, verbose=False, analytics_enabled=False)
    programs.callback(client.close)
    return client


def program_on(name: str, site: Site, programs: ExitStack) -> Client:
    """A program on a certain replica: it comes when the pages on all others are more."""
    for other in set(NAMES) - {name}:
        hold_page(site, other, programs)
    client = program(site, programs)
    assert client.cookies["REPLICA"] == name
    return client


def hold_page(site: Site, name: str, programs: ExitStack) -> None:
    """Keep open what a page on a replica keeps open."""
    page = programs.enter_context(httpx.Client(base_url=site.url, cookies={"REPLICA": name}, timeout=HANG_S))
    beat = programs.enter_context(page.stream("GET", f"/gradio_api/heartbeat/page-on-{name}"))
    beat.raise_for_status()


def nobody_is_there(site: Site) -> None:
    """Wait until the proxy has noticed that the clients of the last test are gone."""
    wait_until(lambda: set(site.column("scur", "visits").values()) == {"0"}, "a site without visitors")


def test_a_class_behind_one_address_is_on_every_replica(site: Site) -> None:
    nobody_is_there(site)
    places = site.visits(CLASS)
    assert set(places) == set(NAMES)
    assert max(places.values()) <= CLASS // 2


def test_a_new_visitor_comes_where_the_fewest_pages_are_open(site: Site, programs: ExitStack) -> None:
    nobody_is_there(site)
    for name in ("r1", "r3", "r3"):
        hold_page(site, name, programs)
    assert [site.visit("/"), site.visit("/config")] == ["r2", "r2"]
    hold_page(site, "r2", programs)
    hold_page(site, "r2", programs)
    assert site.visit() == "r1"


def test_uploads_and_state_stay_on_one_replica_for_each_visitor(site: Site, programs: ExitStack, tmp_path: Path) -> None:
    nobody_is_there(site)
    visitors = [program_on(name, site, programs) for name in NAMES]
    for count, (number, visitor) in itertools.product((1, 2), enumerate(visitors)):
        file = tmp_path / f"{number}-{count}.bin"
        file.write_bytes(bytes(10 * number + count))
        own = visitor.cookies["REPLICA"]
        assert visitor.predict(api_name="/counted") == f"{own} {count}"
        assert visitor.predict(handle_file(file), api_name="/size_of") == f"{own} {10 * number + count}"


def test_the_app_answers_through_the_proxy_with_files_that_can_be_fetched(site: Site, programs: ExitStack) -> None:
    found = program(site, programs).predict(handle_file(PAIRS[0].left), model=TINY.name, api_name="/estimate")
    assert "Depth Demo Tiny" in found[3]
    depth = next(np.load(path) for path in found[2] if path.endswith("inverse_depth.npy"))
    assert np.isfinite(depth).all()


def test_a_program_without_cookies_stays_on_one_replica(site: Site) -> None:
    """The call and its answer are two requests, as with curl."""
    addresses = [f"8.8.{number}.1" for number in range(24)]
    assert [site.call(address, "/seen") for address in addresses] == addresses


def test_each_replica_sees_the_address_that_the_proxy_saw_and_none_that_a_visitor_wrote(site: Site) -> None:
    assert site.call("8.8.8.8", "/seen", **{"X-Forwarded-For": "6.6.6.6"}) == "8.8.8.8"
    assert site.call("8.8.8.8", "/seen", **{"X-Forwarded-For": "6.6.6.6, 127.0.0.1"}) == "8.8.8.8"
    assert site.call("173.245.48.7", "/seen", **{"X-Forwarded-For": "6.6.6.6, 1.1.1.1"}) == "1.1.1.1"  # the network's edge


def test_of_a_replica_that_is_killed_in_a_run_a_program_loses_one_call(site: Site, programs: ExitStack) -> None:
    nobody_is_there(site)
    client, other = program_on("r1", site, programs), program_on("r2", site, programs)
    assert [client.predict(api_name="/counted") for _ in range(2)] == ["r1 1", "r1 2"]
    job = client.submit(api_name="/endless")
    wait_until(job.outputs, "the beginning of a run")
    site.replicas["r1"].process.kill()
    with pytest.raises((CancelledError, httpx.TransportError)):
        job.result(timeout=HANG_S)
    answers = [client.predict(api_name="/counted") for _ in range(4)]  # at once, with the cookie of the dead replica
    place = answers[0].split()[0]
    assert place in {"r2", "r3"}
    assert answers == [f"{place} {count}" for count in (1, 2, 3, 4)]
    assert client.predict(handle_file(PAIRS[0].left), api_name="/size_of") == f"{place} {PAIRS[0].left.stat().st_size}"
    assert client.cookies["REPLICA"] == "r1"
    assert other.predict(api_name="/counted") == "r2 1"
    assert cookie_of(httpx.get(site.url, cookies={"REPLICA": "r1"}, timeout=HANG_S)) in {"r2", "r3"}  # a page changes over


def test_of_a_replica_that_is_killed_in_a_run_the_page_tells_in_a_sentence_and_goes_on_with_another(
    whole_site: Site, programs: ExitStack
) -> None:
    site = whole_site  # two replicas are enough, if one of them is dead by now
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        visit = Visit(browser.new_page(), list_examples())
        visit.page.set_default_timeout(WAIT_MS)
        visit.page.goto(site.url)
        visit.page.get_by_role("button", name="Estimate depth", exact=True).wait_for()
        (name,) = (cookie["value"] for cookie in visit.page.context.cookies() if cookie["name"] == "REPLICA")
        other = Client(site.url, verbose=False, analytics_enabled=False, httpx_kwargs={"cookies": {"REPLICA": name}})
        programs.callback(other.close)
        other_job = other.submit(api_name="/endless")
        wait_until(other_job.outputs, "the run before the visitor's")
        visit.tab("Stereo")
        visit.example(0).click()
        wait_until(lambda: health(site.replicas[name])["waiting"] == 1, "the visitor's run")
        with visit.page.expect_event("load"):  # Gradio loads the page anew where it reaches a server again
            site.replicas[name].process.kill()
            expect(visit.page.get_by_test_id("toast-body")).to_contain_text("Connection to the server was lost.")
        expect(visit.page.get_by_role("tab", name="Stereo")).to_have_attribute("aria-selected", "true")  # as its address says
        visit.example(1).click()
        visit.expect_run("match", "done")


def test_a_drained_replica_keeps_its_visitors_gets_no_new_ones_and_ends_when_it_is_told(
    site: Site, programs: ExitStack
) -> None:
    nobody_is_there(site)
    client = program_on("r2", site, programs)
    assert client.predict(api_name="/counted") == "r2 1"
    site.tell("set server work/r2 state drain")
    assert "r2" not in site.visits(CLASS)
    assert site.call("8.8.8.8", "/seen") == "8.8.8.8"
    assert client.predict(api_name="/counted") == "r2 2"
    assert client.predict(handle_file(PAIRS[0].left), api_name="/size_of").startswith("r2 ")
    replica = site.replicas["r2"]
    assert health(replica)["replica"] == "r2"
    assert health(replica)["sessions"] >= 1
    replica.process.send_signal(signal.SIGTERM)
    assert replica.process.wait(HANG_S) == 0
    assert client.predict(api_name="/counted") in {"r1 1", "r3 1"}
