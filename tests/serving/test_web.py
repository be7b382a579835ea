"""The app as a server among strangers: who may ask what from where, and what never comes back."""

from __future__ import annotations

import getpass
import http.server
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import gradio
import httpx
import pytest
from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from depth_demo.monocular.models import TINY
from tests.conftest import PAIRS, served_app
from tests.serving.conftest import App
from tests.support.stranger import Stranger, estimate, sentence_in, upload_of
from tests.support.visits import CHROMIUM, HARMLESS, QUIET, WAIT_MS

PAIR = PAIRS[0]
ROOT = Path(__file__).parents[2]


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
            assert "fetches no web addresses" in sentence_in(estimate(stranger, upload_of(address)))
            assert "must be a file" in sentence_in(estimate(stranger, {"url": address}))
            for path in (f"/gradio_api/file={address}", f"/gradio_api/file%3D{address}", f"/gradio_api/proxy={address}"):
                assert stranger.get(path).status_code in {403, 404}
        for name in ("claim_upload", "on_calibration_file", "on_color_map"):
            values = [upload_of(addresses[0]), "Inferno"][: len(functions[name]["inputs"])]
            stranger.event(functions[name]["id"], values)
        assert "event: complete" in estimate(stranger, upload_of(own, url=addresses[0]))  # the path counts
        server.shutdown()
    assert listener.asked == []
    assert "198.51.100.7" not in app.connections.read_text()


def test_without_weights_and_hub_the_model_auto_is_the_bundled_one(stranger: Stranger) -> None:
    left, right = (upload_of(stranger.upload(path)) for path in (PAIR.left, PAIR.right))
    assert f"{TINY.title}: " in stranger.call("/estimate", [left])
    assert f"**Monocular**: {TINY.title}, " in stranger.call("/compare", [left, right])


CLOSED = (
    "/gradio_api/file=/etc/passwd /gradio_api/file=../../../etc/passwd /gradio_api/file=%2fetc%2fpasswd "
    "/gradio_api/file=//etc/passwd /gradio_api/file=/proc/self/environ /gradio_api/file=..%5c..%5cetc%5cpasswd "
    f"/gradio_api/file=app.py /gradio_api/file={ROOT / 'app.py'} /gradio_api/file=%00 /gradio_api/file=/dev/zero "
    "/static/%2e%2e/%2e%2e/routes.py /assets/..%2f..%2f..%2froutes.py /svelte/%2e%2e/%2e%2e/routes.py "
    "/examples/..%2f..%2fapp.py /examples/%2e%2e/labels.json /monitoring /gradio_api/vibe-code "
    "/gradio_api/component_server /gradio_api/dev/reload /gradio_api/runs /gradio_api/profiling/traces"
)


def test_nothing_but_uploads_and_results_is_served(stranger: Stranger) -> None:
    for path in CLOSED.split():
        answer = stranger.get(path)
        assert answer.status_code in {403, 404, 405}, path
        assert "root:" not in answer.text, path
        assert "import" not in answer.text, path


NAMES = [
    "<img src=x onerror=marked=1>.png",
    '"><script>marked=1<\u2215script>.png',
    "a\u202egnp.png",
    "..\\..\\x.png",
    "new%0d%0aX-Evil: 1.png",
    f"{'long' * 60}.png",
    "\U0001f600 'quoted' & $(id) `id`.png",
]


def test_an_upload_of_any_name_is_a_file_in_its_own_folder(app: App, stranger: Stranger) -> None:
    for name in NAMES:
        path = stranger.upload(PAIR.left, name)
        assert Path(path).parents[1] == app.files, name
        assert Path(path).is_file(), name
        answer = stranger.get("/gradio_api/file=" + httpx.URL("http://x", path=path).raw_path.decode())
        assert answer.status_code in {200, 403, 404}, name
        assert "x-evil" not in answer.headers, name
        assert "sandbox" in answer.headers["content-security-policy"], name
        assert "event: complete" in estimate(stranger, upload_of(path, orig_name=name)), name


@pytest.mark.parametrize(("name", "content"), [("x.html", b"<script>1</script>"), ("x.svg", b"<svg><script>1</script></svg>")])
def test_an_upload_that_could_run_is_only_handed_down(stranger: Stranger, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    answer = stranger.get(f"/gradio_api/file={stranger.upload(tmp_path / name)}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


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
        page.set_default_timeout(WAIT_MS)
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
        expect(page.get_by_text("Not read. The field fx must be a number, not '?img src=x onerror=marked=1?'")).to_be_visible()
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
        "/rectify",
        "/compare",
        "/video",
        "/score_data_set",
    }
