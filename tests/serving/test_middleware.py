"""What never reaches the app, and what every answer carries."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from depth_demo.serving.clients import Proxies
from depth_demo.serving.middleware import ALONE, FORM_BYTES, MAX_JSON_BYTES, REQUESTS, UPLOADS, Guard
from depth_demo.serving.sessions import Sessions

MAX_UPLOAD = 1_000_000
WORDS = "a name from a path"
JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def sentence(self) -> str:
        return str(json.loads(self.body)["detail"])


class App:
    """Answers with the length of what it was sent; keeps what it has seen."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.clients: list[str] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        self.clients.append(scope["client"][0])
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            length += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        if scope["path"] == "/broken":
            raise RuntimeError(WORDS)
        headers = [(b"content-type", b"text/plain"), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": str(length).encode()})


class Client:
    def __init__(self, folder: Path) -> None:
        self.app = App()
        self.sessions = Sessions(folder, lambda session: None, lambda session: None, 0, 0)
        self.guard = Guard(self.app, self.sessions, MAX_UPLOAD, folder, Proxies())

    def ask(
        self, path: str, method: str = "POST", body: Iterable[bytes] = (b"",), peer: str = "8.8.8.8", **headers: str
    ) -> Got:
        parts = list(body)
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "client": (peer, 1234),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, object]:
            if not parts:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.guard(scope, receive, send))
        start, *rest = sent
        assert start["type"] == "http.response.start"
        assert all(message["type"] == "http.response.body" for message in rest)
        found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Got(start["status"], found, b"".join(message["body"] for message in rest))


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.com/a.png",
        "/gradio_api/file= HTTP://127.0.0.1/",
        "/gradio_api/file/http://example.com",
        "/gradio_api/proxy=https://example.com",
        "/gradio_api/component_server",
        "/gradio_api/vibe-edit/",
        "/gradio_api/deep_link",
        "/gradio_api/dev/reload",
        "/monitoring",
        "/monitoring/summary/",
    ],
)
def test_parts_of_gradio_that_the_page_does_not_need_are_closed(client: Client, path: str) -> None:
    assert [client.ask(path, method).status for method in ("GET", "POST", "HEAD")] == [404] * 3
    assert client.app.paths == []


def test_other_paths_pass(client: Client) -> None:
    for path in ("/", "/config", "/gradio_api/file=/tmp/x/photo.png", "/gradio_api/queue/data"):
        assert client.ask(path, "GET").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_neither_send_nor_read(client: Client, site: str) -> None:
    got = client.ask(JOIN, origin="https://evil.example", sec_fetch_site=site)
    assert got.status == 403
    assert "please use the page of the demo itself" in got.sentence
    assert client.ask(JOIN, sec_fetch_site="same-origin").status == 200
    assert "access-control-allow-origin" not in client.ask("/config", "GET", origin="https://evil.example").headers


@pytest.mark.parametrize(
    ("path", "limit", "words"),
    [
        (UPLOAD, MAX_UPLOAD + FORM_BYTES, "The file is larger than the 1 MB that are accepted."),
        (JOIN, MAX_JSON_BYTES, "upload"),
    ],
)
def test_what_is_too_large_is_refused_whether_it_says_so_or_not(client: Client, path: str, limit: int, words: str) -> None:
    declared = client.ask(path, body=[b"x"], content_length=str(limit + 1))
    assert client.app.paths == []
    streamed = client.ask(path, body=[b"x" * (limit // 2)] * 3)
    for got in (declared, streamed):
        assert got.status == 413
        assert words in got.sentence
    assert client.ask(path, body=[b"x" * limit], content_length=str(limit)).body == str(limit).encode()


def test_one_client_may_not_take_it_all(client: Client) -> None:
    assert client.ask(JOIN, peer="9.9.9.9").status == 200
    for _ in range(REQUESTS.count):
        assert client.ask(JOIN).status == 200
    got = client.ask(JOIN)
    assert got.status == 429
    assert 0 < int(got.headers["retry-after"]) <= REQUESTS.seconds
    assert "Too many requests from your address" in got.sentence
    assert client.ask(JOIN, x_forwarded_for="1.1.1.1").status == 429  # a peer from outside is no proxy of ours
    assert client.ask(JOIN, peer="9.9.9.9").status == 200
    assert client.ask("/config", "GET").status == 200


def test_whom_a_proxy_names_is_the_client_for_all_and_who_comes_past_it_is_not_believed(client: Client) -> None:
    client.ask("/config", "GET", peer="10.0.0.3", x_forwarded_for="1.1.1.1")
    client.ask("/config", "GET", peer="8.8.8.8", x_forwarded_for="1.1.1.1")
    assert client.app.clients == ["1.1.1.1", "8.8.8.8"]
    for _ in range(REQUESTS.count):
        client.ask(JOIN, peer="10.0.0.3", x_forwarded_for="1.1.1.1")
    assert client.ask(JOIN, peer="10.0.0.4", x_forwarded_for="9.9.9.9").status == 200
    assert client.ask(JOIN, peer="10.0.0.4", x_forwarded_for="1.1.1.1").status == 429


def test_a_client_who_is_alone_may_take_more_but_not_all(client: Client) -> None:
    assert {client.ask(JOIN).status for _ in range(ALONE * REQUESTS.count)} == {200}
    assert client.ask(JOIN).status == 429
    assert client.ask(JOIN, peer="9.9.9.9").status == 200


def test_uploads_have_their_own_limit(client: Client) -> None:
    client.ask(UPLOAD, peer="9.9.9.9")
    assert {client.ask(UPLOAD).status for _ in range(UPLOADS.count)} == {200}
    assert client.ask(UPLOAD).status == 429
    assert client.ask(JOIN).status == 200


def test_every_answer_has_its_headers(client: Client) -> None:
    page, file = client.ask("/", "GET").headers, client.ask("/gradio_api/file=/tmp/x/drawing.svg", "GET").headers
    assert "default-src 'self'" in page["content-security-policy"]
    assert file["content-security-policy"].endswith("sandbox")
    refused = client.ask("/monitoring").headers
    for headers in (page, file, refused):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_a_fault_is_a_sentence_with_an_id_and_its_words_stay_here(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    got = client.ask("/broken", "GET")
    assert got.status == 500
    assert WORDS.encode() not in got.body
    identity = got.sentence.split()[-4].rstrip(".")
    assert f"id={identity} what=http error=RuntimeError" in caplog.text
    assert not any(WORDS in message for message in caplog.messages)


def test_a_client_that_hangs_up_is_no_fault(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "depth_demo")
    client.ask("/broken", body=[])
    assert caplog.messages == []


def test_a_heartbeat_tells_who_is_there(client: Client) -> None:
    client.ask("/gradio_api/heartbeat/ann", "GET")
    assert len(client.sessions) == 1


def test_web_sockets_are_closed(client: Client) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    asyncio.run(client.guard({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
