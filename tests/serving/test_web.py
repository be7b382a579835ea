"""The app as a server among strangers: who may ask what from where, and what never comes back."""

from __future__ import annotations

import asyncio
import getpass
import http.server
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import gradio
import httpx
import pytest
from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from depth_demo.monocular.catalog import TINY
from depth_demo.serving.clients import client_address
from depth_demo.serving.guard import OPEN_EACH, REQUESTS, UPLOADS, Guard, Message
from depth_demo.serving.sessions import MAX_EACH, Sessions
from depth_demo.serving.unread import MAX_UNREAD
from tests.conftest import PAIRS, served_app
from tests.serving.http import Stranger, sentence_in, upload_of
from tests.ui.test_browser import CHROMIUM, HARMLESS, QUIET

PAIR = PAIRS[0]
ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
# Loaded by Python before anything else: writes down every address that the process connects to or asks names for.
EARS = """
import sys
def hear(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        host = arguments[1][0] if event == "socket.connect" and isinstance(arguments[1], tuple) else arguments[0]
        with open({log!r}, "a") as log:
            print(event, host, file=log)
sys.addaudithook(hear)
"""


@dataclass
class App:
    """A served app, what it was heard to connect to, and its folder of files."""

    url: str
    connections: Path
    files: Path


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Without weights or a Hub; uploads up to 1 MB."""
    folder = tmp_path_factory.mktemp("web")
    log = folder / "connections.txt"
    log.touch()
    (folder / "sitecustomize.py").write_text(EARS.format(log=str(log)))
    variables = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(folder)}
    with served_app(folder, variables, "--max-file-size", "1") as url:
        yield App(url, log, folder / "gradio")


@pytest.fixture
def stranger(app: App) -> Iterator[Stranger]:
    with Stranger(app.url) as stranger:
        yield stranger


def estimate(stranger: Stranger, file: object) -> str:
    return stranger.call("/estimate", [file, TINY.name, 168, 0, "Inferno", "coarse", "fast"])


@dataclass
class Listener:
    """A server that hopes to be asked."""

    asked: list[str] = field(default_factory=list)

    @property
    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            do_HEAD = do_GET  # noqa: N815

        return Handler


def test_the_server_fetches_nothing_for_anybody(app: App, stranger: Stranger) -> None:
    listener = Listener()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), listener.handler) as server:
        threading.Thread(target=server.serve_forever).start()
        port = server.server_port
        hosts = ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]")
        addresses = [f"http://{host}:{port}/x.png" for host in hosts]
        addresses += [f"HTTP://127.0.0.1:{port}/x.png", f"//127.0.0.1:{port}/x.png", "http://198.51.100.7/x.png"]
        functions = stranger.functions()
        own = stranger.upload(PAIR.left)
        for address in addresses:
            assert "never uploaded" in sentence_in(estimate(stranger, upload_of(address)))
            assert "must be a file" in sentence_in(estimate(stranger, {"url": address}))
            for path in (f"/gradio_api/file={address}", f"/gradio_api/file%3D{address}", f"/gradio_api/proxy={address}"):
                assert stranger.get(path).status_code in {403, 404}
        for name in ("received", "on_calibration_file", "on_color_map"):
            values = [upload_of(addresses[0]), "Inferno"][: len(functions[name]["inputs"])]
            stranger.event(functions[name]["id"], values)
        assert "event: complete" in estimate(stranger, upload_of(own, url=addresses[0]))  # the path counts
        server.shutdown()
    assert listener.asked == []
    assert "198.51.100.7" not in app.connections.read_text()


@pytest.mark.parametrize(
    "path",
    [
        *("/gradio_api/file=/etc/passwd", "/gradio_api/file=../../../etc/passwd", "/gradio_api/file=%2fetc%2fpasswd"),
        *("/gradio_api/file=//etc/passwd", "/gradio_api/file=/proc/self/environ", "/gradio_api/file=..%5c..%5cetc%5cpasswd"),
        *(
            "/gradio_api/file=app.py",
            f"/gradio_api/file={ROOT / 'app.py'}",
            "/gradio_api/file=%00",
            "/gradio_api/file=/dev/zero",
        ),
        *("/static/%2e%2e/%2e%2e/routes.py", "/assets/..%2f..%2f..%2froutes.py", "/svelte/%2e%2e/%2e%2e/routes.py"),
        *("/examples/..%2f..%2fapp.py", "/examples/%2e%2e/labels.json", "/monitoring", "/gradio_api/vibe-code"),
        *("/gradio_api/component_server", "/gradio_api/dev/reload", "/gradio_api/runs", "/gradio_api/profiling/traces"),
    ],
)
def test_nothing_but_uploads_and_results_is_served(stranger: Stranger, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code in {403, 404, 405}
    assert "root:" not in answer.text
    assert "import" not in answer.text


NAMES = [
    "<img src=x onerror=marked=1>.png",
    '"><script>marked=1<\u2215script>.png',
    "a\u202egnp.png",
    "..\\..\\x.png",
    "new%0d%0aX-Evil: 1.png",
    f"{'long' * 60}.png",
    "\U0001f600 'quoted' & $(id) `id`.png",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_of_any_name_is_a_file_in_its_own_folder(app: App, stranger: Stranger, name: str) -> None:
    path = stranger.upload(PAIR.left, name)
    assert Path(path).parents[1] == app.files
    assert Path(path).is_file()
    answer = stranger.get("/gradio_api/file=" + httpx.URL("http://x", path=path).raw_path.decode())
    assert answer.status_code in {200, 403, 404}
    assert "x-evil" not in answer.headers
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "event: complete" in estimate(stranger, upload_of(path, orig_name=name))


@pytest.mark.parametrize(("name", "content"), [("x.html", b"<script>1</script>"), ("x.svg", b"<svg><script>1</script></svg>")])
def test_an_upload_that_could_run_is_only_handed_down(stranger: Stranger, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    answer = stranger.get(f"/gradio_api/file={stranger.upload(tmp_path / name)}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


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
        guard = Guard(endless, Sessions(tmp_path, lambda name: None, 0, 0), MEGABYTE, tmp_path)
        statuses: list[int] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            statuses.append(message.get("status", 0))

        def ask(address: str) -> asyncio.Task[None]:
            scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": (address, 1)}
            return asyncio.create_task(guard(scope, receive, send))

        held = [ask("8.8.8.8") for _ in range(OPEN_EACH)]
        await asyncio.sleep(0)
        await ask("8.8.8.8")
        other = ask("9.9.9.9")
        await asyncio.sleep(0)
        assert not other.done()
        held[0].cancel()
        await asyncio.wait(held[:1])
        held.append(ask("8.8.8.8"))
        await asyncio.sleep(0)
        assert not held[-1].done()
        for task in [*held, other]:
            task.cancel()
        await asyncio.wait([*held, other])
        return statuses

    assert asyncio.run(hold()) == [429, 0]


def test_a_flood_of_uploads_is_stopped_sooner(app: App) -> None:
    with Stranger(app.url) as flood:
        answers = [flood.post("/gradio_api/upload", content=b"").status_code for _ in range(UPLOADS.count + 1)]
        assert 429 not in answers[:-1]
        assert answers[-1] == 429


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),  # the first is what the client claims
        ("127.0.0.1", "8.8.8.8, 10.0.0.7", "8.8.8.8"),
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),  # no proxy of ours
        ("127.0.0.1", "", "127.0.0.1"),
        ("unknown", "8.8.8.8", "unknown"),
    ],
)
def test_only_a_proxy_of_our_own_is_believed(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, {"x-forwarded-for": forwarded}) == client


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
        run, view = (functions[name]["id"] for name in ("on_estimate", "on_detail"))
        assert visitor.event(run, [upload, TINY.name, 168, 0, "Inferno", "coarse", "fast"], session="visitor")["success"]
        before = flood.get("/health").json()["sessions"]
        for number in range(MAX_EACH + 30):
            body = {"data": [None], "session_hash": f"flood{number}"}
            assert flood.post("/gradio_api/run/received", json=body).status_code == 200
        assert flood.get("/health").json()["sessions"] <= before + MAX_EACH
        answer = visitor.event(view, [None, "fine"], session="visitor")
        assert "plotly" in str(answer["output"]["data"])


def test_no_other_site_may_ask_or_read(stranger: Stranger) -> None:
    evil = {"origin": "https://evil.example"}
    preflight = {**evil, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    join = {"data": [], "fn_index": 0, "session_hash": "s"}
    answers = [
        stranger.get("/config", headers=evil),
        stranger.get("/", headers=evil),
        stranger.post("/gradio_api/queue/join", json=join, headers=evil),
        stranger.http.options("/gradio_api/queue/join", headers=preflight),
        stranger.http.options("/gradio_api/upload", headers={**preflight, "origin": "null"}),
    ]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control-")]
    for site in ("cross-site", "same-site"):
        answer = stranger.post("/gradio_api/queue/join", json=join, headers={**evil, "sec-fetch-site": site})
        assert answer.status_code == 403
        assert "Another web site" in answer.json()["detail"]
    assert stranger.post("/gradio_api/queue/join", json=join, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_no_answer_names_a_folder_of_the_server(app: App, stranger: Stranger) -> None:
    """But that of uploads and results, by which Gradio's pages ask for them."""
    left, right, truth = (upload_of(stranger.upload(path)) for path in (PAIR.left, PAIR.right, PAIR.disparity))
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/openapi.json", "/theme.css", "/manifest.json", "/nothing"):
        stranger.get(path)
    fields = stranger.get("/gradio_api/info").json()["named_endpoints"]["/compare"]["parameters"][3:]
    values = {field["parameter_name"]: field["parameter_default"] for field in fields}
    quick = {"model": TINY.name, "num_disparities": 64, "detail": "coarse", "resolution": "fast"}
    compared = stranger.call("/compare", [left, right, truth, *(values | quick).values()])
    assert "event: complete" in compared
    texts = [path for path in re.findall(r'"path": "([^"]+)"', compared) if path.endswith((".html", ".json"))]
    assert len(texts) > 2
    for path in texts:
        stranger.get(f"/gradio_api/file={path}")
    estimate(stranger, upload_of("/etc/passwd"))
    stranger.post("/gradio_api/run/nothing", json={"data": []})
    stranger.get("/gradio_api/file=/nothing")
    said = "\n".join(stranger.seen).replace(str(app.files), "")
    hidden = {
        str(ROOT),
        str(Path.home()),
        str(app.files.parent),
        str(Path(gradio.__file__).parents[1]),
        "site-packages",
        "Traceback",
    }
    assert [text for text in hidden if len(text) > 1 and text in said] == []
    user = getpass.getuser()
    assert not re.search(rf"/(home|Users)/{re.escape(user)}\b", said)


def test_the_page_asks_nobody_else_and_runs_nothing_of_a_visitor(app: App, tmp_path: Path) -> None:
    evil = "<img src=x onerror=marked=1>"
    bad = tmp_path / f"{evil}.json"
    bad.write_text(json.dumps({"fx": evil, "baseline_m": 1}))
    photo = tmp_path / f"{evil}.png"
    photo.write_bytes(PAIR.left.read_bytes())
    complaints: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{app.url}/?__theme=dark")
        page.get_by_role("button", name="Estimate depth", exact=True).wait_for()
        page.locator("input[type=file]").first.set_input_files(photo)
        page.get_by_role("button", name="Remove Image").wait_for()
        page.get_by_role("tab", name="Stereo").click()
        page.locator("input[type=file][accept*='.txt']").first.set_input_files(bad)
        expect(page.get_by_test_id("toast-body")).to_contain_text(f"fx must be a number, not '{evil}'")
        page.get_by_role("tab", name="Compare").click()
        page.locator("input[type=file]:not([accept])").or_(page.locator("input[type=file][accept='']")).last.set_input_files(
            photo
        )
        expect(page.get_by_text("onerror").locator("visible=true").first).to_be_visible()
        assert page.evaluate("typeof marked") == "undefined"
        browser.close()
    assert [text for text in complaints if not any(words in text for words in HARMLESS)] == []
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []


def test_the_server_connected_to_nobody(app: App) -> None:
    """The last test here: of all that was done before, nothing made it look outside."""
    targets = {line.split(maxsplit=1)[1].strip() for line in app.connections.read_text().splitlines()}
    assert {
        host for host in targets if not re.fullmatch(r"b?'?(127\.0\.0\.1|localhost|::1|0\.0\.0\.0)'?|/.*|None", host)
    } == set()


@pytest.fixture(scope="module")
def locked_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    variables = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
    with served_app(tmp_path_factory.mktemp("locked"), variables, "--auth", "class:depth:2026") as url:
        yield url


def test_with_a_password_nothing_is_done_for_those_who_lack_it(locked_url: str) -> None:
    with Stranger(locked_url) as stranger:
        asked = [
            *(stranger.get(path) for path in ("/config", "/gradio_api/info", "/gradio_api/file=/x", "/gradio_api/queue/data")),
            *(
                stranger.post(f"/gradio_api/{path}", json={"data": []})
                for path in ("queue/join", "call/match", "run/x", "upload")
            ),
        ]
        assert [answer.status_code for answer in asked] == [401] * len(asked)
        assert '"components":[]' in stranger.get("/").text
        assert stranger.get("/health").status_code == 200
        for password in ("", "depth", "depth:2027", "x" * 10_000):
            refused = stranger.post("/login", data={"username": "class", "password": password})
            assert refused.status_code in {400, 422}
            assert "set-cookie" not in refused.headers
        let_in = stranger.post("/login", data={"username": "class", "password": "depth:2026"})
        assert let_in.status_code == 200
        cookies = let_in.headers.get_list("set-cookie")
        assert cookies
        assert all("httponly" in cookie.lower() and "samesite" in cookie.lower() for cookie in cookies)
        assert stranger.get("/config").status_code == 200


def test_with_a_password_the_client_works(locked_url: str, tmp_path: Path) -> None:
    client = Client(locked_url, auth=("class", "depth:2026"), verbose=False, download_files=str(tmp_path))
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/estimate",
        "/match",
        "/compare",
    }
