"""Too much of anything: a sentence for whoever sends it, and nothing for anybody else to notice."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

from depth_demo.monocular.models import TINY
from depth_demo.serving.clients import Proxies
from depth_demo.serving.middleware import ALONE, OPEN_EACH, REQUESTS, UPLOADS, Guard, Message
from depth_demo.serving.sessions import MAX_EACH, Sessions
from depth_demo.serving.unread import MAX_UNREAD
from tests.conftest import PAIRS
from tests.serving.conftest import App
from tests.support.stranger import Stranger, upload_of

PAIR = PAIRS[0]
MEGABYTE = 1_000_000


def test_too_large_an_upload_is_refused_with_a_sentence_and_leaves_nothing(app: App, stranger: Stranger) -> None:
    before = set(app.files.rglob("*"))
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.png"\r\n\r\n'
        + bytes(2 * MEGABYTE)
        + b"\r\n--b--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    declared = stranger.post("/gradio_api/upload", content=body, headers=headers)
    assert declared.status_code == 413
    assert declared.json()["detail"] == "The file is larger than the 1 MB that are accepted."
    assert set(app.files.rglob("*")) == before
    chunked = stranger.post(
        "/gradio_api/upload", content=(body[i : i + 2**16] for i in range(0, len(body), 2**16)), headers=headers
    )
    assert chunked.status_code == 413
    assert "maximum allowed size" in chunked.text or chunked.json() == declared.json()


def test_requests_that_are_no_requests(stranger: Stranger) -> None:
    json_type, form_type = {"content-type": "application/json"}, {"content-type": "multipart/form-data; boundary=b"}
    large = json.dumps({"data": ["x" * MEGABYTE], "fn_index": 0, "session_hash": "s"}).encode()
    for content in (large, (large[i : i + 2**16] for i in range(0, len(large), 2**16))):
        answer = stranger.post("/gradio_api/queue/join", content=content, headers=json_type)
        assert answer.status_code == 413
        assert "upload files first" in answer.json()["detail"]
    deep = b"[" * 100_000
    for content in (
        deep,
        b'{"data":' + deep + b"]" * 100_000 + b"}",
        b'{"data":[' + b"9" * 100_000 + b"]}",
        b"\xff",
        b"[]",
        b"",
    ):
        assert stranger.post("/gradio_api/queue/join", content=content, headers=json_type).status_code in {400, 422}
    part = b'--b\r\nContent-Disposition: form-data; name="files"%s\r\n\r\nx\r\n'
    for form in (part % b'; filename="x"' * 2000, part % b"" * 2000, part % b"" + b"--b--\r\n", b"\xff\x00", b"--b"):
        answer = stranger.post("/gradio_api/upload", content=form, headers=form_type)
        assert answer.status_code in {200, 400}
    endless = {"content-type": "multipart/form-data; boundary=" + "z" * 5000}
    assert stranger.post("/gradio_api/upload", content=b"x", headers=endless).status_code == 400
    for verb in ("PUT", "DELETE", "TRACE", "EVIL"):
        assert stranger.http.request(verb, "/").status_code == 405
    assert stranger.get("/health").json()["ready"]


def test_requests_that_never_end_hold_nobody_up(app: App, stranger: Stranger) -> None:
    parts = urlsplit(app.url)
    halves = [socket.create_connection((parts.hostname, parts.port)) for _ in range(3)]
    for half in halves:
        half.sendall(b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Le")
    assert stranger.get("/health").json()["ready"]
    for half in halves:
        half.close()


def test_a_flood_is_stopped_and_nobody_else_is(app: App) -> None:
    with Stranger(app.url) as flood, Stranger(app.url) as other:
        assert other.post("/gradio_api/cancel", json={}).status_code == 422
        answers = [flood.post("/gradio_api/cancel", json={}).status_code for _ in range(REQUESTS.count)]
        assert set(answers) == {422}
        refused = flood.post("/gradio_api/cancel", json={})
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= REQUESTS.seconds
        assert "Too many requests from your address: please go on in" in refused.json()["detail"]
        assert other.post("/gradio_api/cancel", json={}).status_code == 422
        assert flood.get("/health").status_code == 200


def test_one_address_holds_so_many_connections_open_and_no_more(tmp_path: Path) -> None:
    async def endless(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    async def hold() -> list[int]:
        guard = Guard(endless, Sessions(tmp_path, lambda name: None, lambda name: None, 0, 0), MEGABYTE, tmp_path, Proxies())
        statuses: list[int] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            statuses.append(message.get("status", 0))

        def ask(address: str) -> asyncio.Task[None]:
            scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": (address, 1)}
            return asyncio.create_task(guard(scope, receive, send))

        held = [ask("8.8.8.8") for _ in range(ALONE * OPEN_EACH)]
        await asyncio.sleep(0)
        await ask("8.8.8.8")
        other = ask("9.9.9.9")
        await asyncio.sleep(0)
        assert not other.done()
        for task in held[: OPEN_EACH * (ALONE - 1)]:
            task.cancel()
        await asyncio.wait(held[: OPEN_EACH * (ALONE - 1)])
        await ask("8.8.8.8")  # is no longer alone
        held[-1].cancel()
        await asyncio.wait(held[-1:])
        held.append(ask("8.8.8.8"))
        await asyncio.sleep(0)
        assert not held[-1].done()
        for task in [*held, other]:
            task.cancel()
        await asyncio.wait([*held, other])
        return statuses

    assert asyncio.run(hold()) == [429, 0, 429, 0]


def test_a_flood_of_uploads_is_stopped_sooner(app: App) -> None:
    with Stranger(app.url) as flood, Stranger(app.url) as other:
        other.post("/gradio_api/upload", content=b"")
        answers = [flood.post("/gradio_api/upload", content=b"").status_code for _ in range(UPLOADS.count + 1)]
        assert 429 not in answers[:-1]
        assert answers[-1] == 429


def test_answers_that_nobody_fetches_do_not_pile_up(app: App, stranger: Stranger) -> None:
    sent = [stranger.post("/gradio_api/call/on_color_map", json={"data": [None, "Inferno"]}) for _ in range(2 * MAX_UNREAD)]
    events = [answer.json()["event_id"] for answer in sent]
    assert "event: complete" in stranger.get(f"/gradio_api/call/on_color_map/{events[-1]}").text
    with stranger.http.stream("GET", f"/gradio_api/call/on_color_map/{events[0]}") as gone:
        assert "Not Found" in next(gone.iter_text())


def test_many_sessions_of_one_visitor_push_nobody_out(app: App) -> None:
    with Stranger(app.url) as visitor, Stranger(app.url) as flood:
        upload = upload_of(visitor.upload(PAIR.left))
        functions = visitor.functions()
        run, view = (functions[name]["id"] for name in ("on_run", "on_detail"))
        assert visitor.event(run, [upload, TINY.name, 168, 0, "Inferno", "fast", False, 0, 1, False], session="visitor")[
            "success"
        ]
        before = flood.get("/health").json()["sessions"]
        for number in range(MAX_EACH + 30):
            body = {"data": [None], "session_hash": f"flood{number}"}
            assert flood.post("/gradio_api/run/claim_upload", json=body).status_code == 200
        assert flood.get("/health").json()["sessions"] <= before + MAX_EACH
        answer = visitor.event(view, [None, "fine"], session="visitor")
        assert "plotly" in str(answer["output"]["data"])
