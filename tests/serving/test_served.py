"""The whole app as strangers use it: many at once, some leave, some things break, and in the end nothing is left."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.client import Job
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import sync_playwright

from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.serving.process import LOCK
from depth_demo.serving.session_folders import FOLDERS
from depth_demo.serving.waiting_room import MAX_WAITING, MAX_WAITING_EACH
from tests.conftest import PAIRS, Served
from tests.support.hub_server import Delivery, HubServer
from tests.support.served import HANG_S, SCRIPT, health, serving, wait_until
from tests.support.small_data_set import small_data_set
from tests.support.stranger import Stranger, upload_of
from tests.support.visits import CHROMIUM, QUIET

EXAMPLE = PAIRS[0]
NO_WEIGHTS = bytes(2**20)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


Visitor = Callable[..., Client]


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Makes clients behind a proxy of ours, who all leave in the end."""
    clients: list[Client] = []

    def arrive(server: Served, address: str = "127.0.0.1") -> Client:
        clients.append(Client(server.url, verbose=False, headers={"X-Forwarded-For": address}))
        latest = clients[-1]
        wait_until(lambda: latest.predict(api_name="/connected") == "1", "the connection")  # or its end would go unnoticed
        return latest

    yield arrive
    for client in clients:
        client.close()


@pytest.fixture
def server(shared: Served, visitor: Visitor) -> Iterator[Served]:
    """The gate is shut, nobody is there, and the log is empty. In the end the gate is open, so that nothing waits for ever."""
    first = visitor(shared)
    first.predict(api_name="/shut")
    first.close()
    wait_until(lambda: health(shared)["sessions"] == 0, "the end of all sessions")
    wait_until(lambda: not files_of(shared), "an empty folder")
    os.truncate(shared.log, 0)
    yield shared
    if shared.process.poll() is None:
        visitor(shared).predict(api_name="/let_go")


def files_of(server: Served) -> list[Path]:
    return [Path(folder, name) for folder, _, names in os.walk(server.files) for name in names if name != LOCK]


def requests_in(server: Served) -> list[dict[str, str]]:
    """The log's lines on requests, as fields."""
    return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in server.log.read_text().splitlines() if " what=" in line]


def test_nothing_of_a_visitor_is_left_when_the_page_is_closed(server: Served, visitor: Visitor, tmp_path: Path) -> None:
    name = "my holiday in Kraków.png"
    photo = tmp_path / name
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)).save(photo)
    client = visitor(server)
    client.predict(handle_file(photo), model=TINY.name, api_name="/estimate")
    client.predict(handle_file(EXAMPLE.left), handle_file(EXAMPLE.right), num_disparities=64, api_name="/match")
    data_set = shutil.make_archive(str(tmp_path / "holiday"), "zip", small_data_set(tmp_path / "holiday", "a"))
    client.predict(handle_file(data_set), num_disparities=16, api_name="/score_data_set")
    assert list((server.files / FOLDERS).iterdir())
    assert len(files_of(server)) > 10
    now = health(server)
    assert now.pop("sessions") > 0
    assert now.pop("results_mb") == 0  # a program looks at no other view of a result
    assert now == {
        "ready": True,
        "replica": None,  # without a name that was given, the machine's is nobody's business
        "model": TINY.name,
        "device": "CPU, float32",
        "running": 0,
        "waiting": 0,
    }
    client.close()
    wait_until(lambda: not files_of(server), "an empty folder")
    gradios_own = server.files / "vibe_edit_history"  # of a part that is closed
    left = {gradios_own, server.files / LOCK, server.files / FOLDERS}
    wait_until(lambda: set(server.files.iterdir()) == left, "the end of the folders that the files were in")
    wait_until(lambda: not list((server.files / FOLDERS).iterdir()), "the end of the visitor's own folder")
    log = server.log.read_text()
    assert "holiday" not in log
    assert str(server.files) not in log
    estimate, match = (line for line in requests_in(server) if line["what"] in {"on_estimate", "on_match"})
    assert (estimate["megapixels"], estimate["model"], estimate["outcome"]) == ("0.02", TINY.name, "ok")
    assert (match["megapixels"], match["model"], match["outcome"]) == ("0.17", "auto", "ok")
    assert 0 < float(match["seconds"]) < HANG_S


def test_a_session_is_no_copy_of_the_page(server: Served, visitor: Visitor) -> None:
    client = visitor(server)
    client.predict(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
    described = client.predict(api_name="/described")
    assert EXAMPLE.left.name not in described
    assert described.count("'component_class_id'") < 10  # of more than 200
    assert len(client.config["components"]) > 200


def test_a_photo_that_was_only_looked_at_in_a_browser_goes_with_the_page(server: Served) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        page.goto(server.url)
        page.get_by_text("deleted from the server half a minute after you close this page").wait_for()
        page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(EXAMPLE.left)
        page.get_by_role("button", name="Remove Image").locator("visible=true").wait_for()
        wait_until(lambda: any(line["what"] == "claim_upload" for line in requests_in(server)), "the news of the upload")
        assert [path.name for path in files_of(server)] == [EXAMPLE.left.name]
        browser.close()
    wait_until(lambda: not files_of(server), "the end of the upload")


def test_an_upload_of_somebody_who_waits_is_not_lost_when_another_with_the_same_leaves(
    server: Served, visitor: Visitor
) -> None:
    first, second = visitor(server), visitor(server)
    first.predict(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
    held = second.submit("held up", api_name="/waiting")
    waits = second.submit(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
    wait_until(lambda: health(server)["waiting"] == 1, "somebody who waits")
    wait_until(lambda: health(server)["sessions"] == 2, "the end of whoever was there before")
    first.close()
    wait_until(lambda: health(server)["sessions"] == 1, "the end of the first")
    opener = visitor(server)
    opener.predict(api_name="/let_go")
    assert held.result(timeout=HANG_S) == "held up"
    assert waits.result(timeout=HANG_S)


def test_equal_photos_of_two_visitors_are_not_lost_with_the_first(server: Served, visitor: Visitor) -> None:
    first, second = visitor(server), visitor(server)
    for client in (first, second):
        client.predict(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
    wait_until(lambda: health(server)["sessions"] == 2, "the end of whoever was there before")
    first.close()
    wait_until(lambda: health(server)["sessions"] == 1, "the end of the first")
    (kept,) = server.files.rglob(EXAMPLE.left.name)
    assert kept.read_bytes() == EXAMPLE.left.read_bytes()
    second.close()
    wait_until(lambda: not files_of(server), "an empty folder")


def test_whoever_had_to_make_room_is_told_and_the_latest_looks_on(server: Served) -> None:
    with Stranger(server.url) as first, Stranger(server.url) as second, ExitStack() as leaving:
        run, view = (first.functions()[name]["id"] for name in ("on_run", "on_detail"))
        for name, stranger in (("first", first), ("second", second)):
            leaving.enter_context(stranger.http.stream("GET", f"/gradio_api/heartbeat/{name}"))
            upload = upload_of(stranger.upload(EXAMPLE.left))
            values = [upload, TINY.name, 0, 0, "Inferno", "fast", False, 0, 1, False]
            assert stranger.event(run, values, session=name)["success"]
        told = first.event(view, [None, "fine"], session="first")["output"]["error"]
        assert told == "This result had to make room for those of other visitors: please run it again."
        assert second.event(view, [None, "fine"], session="second")["success"]


def test_something_unforeseen_is_one_sentence_with_the_id_of_the_log(server: Served, visitor: Visitor) -> None:
    with pytest.raises(AppError, match="Something went wrong on the server") as caught:
        visitor(server).predict(handle_file(EXAMPLE.left), api_name="/broken")
    identity = str(caught.value).split()[-4].rstrip(".")
    (line,) = (line for line in requests_in(server) if line["what"] == "broken")
    assert (line["id"], line["error"], line["outcome"]) == (identity, "RuntimeError", "fault")
    log = server.log.read_text()
    assert f"{Path(SCRIPT).name}" in log  # the trace
    assert EXAMPLE.left.name not in log
    assert "is private" not in log.replace('f"{file} is private"', "")


def test_whoever_leaves_while_it_computes_does_not_hold_up_the_others(server: Served, visitor: Visitor) -> None:
    leaver, stayer = visitor(server), visitor(server)
    leaver.submit("lost", api_name="/waiting")
    wait_until(lambda: health(server)["running"] == 1, "a run")
    answer = stayer.submit("mine", api_name="/waiting")
    gone = leaver.submit("never begun", api_name="/waiting")
    wait_until(lambda: health(server)["waiting"] == 2, "two who wait")
    leaver.close()
    gone.cancel()
    opener = visitor(server)
    opener.predict(api_name="/let_go")
    assert answer.result(timeout=HANG_S) == "mine"
    for client in (stayer, opener):
        client.close()
    wait_until(lambda: health(server)["sessions"] == 0, "the end of all sessions")
    assert not files_of(server)


def test_a_run_that_ends_long_after_its_visitor_left_leaves_nothing(server: Served, visitor: Visitor) -> None:
    leaver, stayer = visitor(server), visitor(server)
    wait_until(lambda: health(server)["sessions"] == 2, "both sessions")
    leaver.submit("lost", api_name="/waiting")
    wait_until(lambda: health(server)["running"] == 1, "a run")
    leaver.close()
    wait_until(lambda: health(server)["sessions"] == 1, "the end of the session")
    stayer.predict(api_name="/let_go")
    stayer.close()
    wait_until(lambda: health(server)["sessions"] == 0, "the end of all sessions")


def test_when_too_many_wait_the_next_one_is_told_how_long_it_would_take(server: Served, visitor: Visitor) -> None:
    one, two = visitor(server, "1.1.1.1"), visitor(server, "8.8.8.8")
    jobs: list[Job] = [one.submit("first", api_name="/waiting")]
    wait_until(lambda: health(server)["running"] == 1, "a run")
    jobs += [two.submit("0", api_name="/waiting")]
    wait_until(lambda: health(server)["waiting"] == 1, "another address")
    jobs += [one.submit(str(number), api_name="/waiting") for number in range(MAX_WAITING_EACH)]
    wait_until(lambda: health(server)["waiting"] == MAX_WAITING_EACH + 1, "half of all places taken")
    with pytest.raises(AppError, match=f"{MAX_WAITING_EACH} requests from your address wait already, about"):
        one.predict("too many", api_name="/waiting")
    jobs += [two.submit(str(number), api_name="/waiting") for number in range(1, MAX_WAITING_EACH)]
    wait_until(lambda: health(server)["waiting"] == MAX_WAITING, "all places taken")
    sentence = r"The demo is busy: you would be number 3 in the queue and wait about \d+ (s|min)"  # after one of each
    with pytest.raises(AppError, match=sentence):
        visitor(server, "9.9.9.9").predict("no place", api_name="/waiting")
    with pytest.raises(AppError, match="Something went wrong"):  # light requests are answered all the while
        one.predict(None, api_name="/broken")
    one.predict(api_name="/let_go")
    numbers = [str(number) for number in range(MAX_WAITING_EACH)]
    assert [job.result(timeout=HANG_S) for job in jobs] == ["first", "0", *numbers, *numbers[1:]]


def test_who_waits_is_told_place_and_time(server: Served, visitor: Visitor) -> None:
    opener = visitor(server)
    opener.predict(api_name="/let_go")
    opener.predict("how long it takes", api_name="/waiting")
    opener.predict(api_name="/shut")
    pupils = [visitor(server, "8.8.4.4") for _ in range(3)]
    jobs = [pupils[0].submit("first", api_name="/waiting")]
    wait_until(lambda: health(server)["running"] == 1, "a run")
    jobs += [pupil.submit("next", api_name="/waiting") for pupil in pupils[1:]]
    wait_until(lambda: {job.status().rank for job in jobs[1:]} == {0, 1}, "both places told")
    assert all(job.status().eta is not None for job in jobs[1:])
    opener.predict(api_name="/let_go")
    assert [job.result(timeout=HANG_S) for job in jobs] == ["first", "next", "next"]


def test_nobody_waits_for_the_download_of_another(tmp_path: Path, visitor: Visitor) -> None:
    path = f"/cdn/{hashlib.sha256(NO_WEIGHTS).hexdigest()}"
    with HubServer() as hub, serving(tmp_path, {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0"}) as server:
        hub.publish(DEFAULT.hub_files[0].repo, DEFAULT.hub_files[0].name, NO_WEIGHTS)
        hub.deliveries = [Delivery(share=0.5, stalls=True)] * 5  # the client resumes after 10 s of silence
        one, two = visitor(server), visitor(server)
        waits = one.submit(handle_file(EXAMPLE.left), model=DEFAULT.name, api_name="/estimate")
        hub.await_requests(1, f"GET {path}")
        two.predict(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
        assert not waits.done()
        assert health(server)["running"] == 1
        hub.go_on.set()
        with pytest.raises(AppError, match="is damaged, cut short, or not a checkpoint"):
            waits.result(timeout=HANG_S)
        wait_until(lambda: health(server)["running"] == 0, "an idle server")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_cleanly_even_while_it_computes(
    tmp_path: Path, visitor: Visitor, signum: signal.Signals
) -> None:
    with serving(tmp_path) as server:
        client = visitor(server)
        client.predict(handle_file(EXAMPLE.left), model=TINY.name, api_name="/estimate")
        client.submit("never answered", api_name="/waiting")
        wait_until(lambda: health(server)["running"] == 1, "a run")
        server.process.send_signal(signum)
        assert server.process.wait(timeout=10) == 0
        assert not files_of(server)
        assert "Traceback" not in server.log.read_text()
