"""A Hugging Face Hub on this machine: what the real client asks for a file, answered well or badly, as told."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

COMMIT = "c0ffee" + "0" * 34
XET_CHUNK = 2**16  # bytes of a file per chunk in Xet's storage

# Where the Hub keeps a file: in git, in large file storage behind a redirect, or in Xet (all large files of today).
Storage = Literal["git", "lfs", "xet"]


@dataclass(frozen=True, slots=True)
class Published:
    """A file on the Hub."""

    content: bytes
    storage: Storage

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one download goes.

    Attributes:
        status: Of the answer; other than 200 it comes without the file.
        share: How much of what was asked for is sent before the connection closes.
        announced: Whether Content-Length promises all of it, so that the client can tell that something is missing.
        ranges: Whether a request for the rest of a file is understood; otherwise the file begins again.
        stalls: Whether the connection stays open and silent after that share, until `HubServer.go_on` is set.
    """

    status: int = 200
    share: float = 1.0
    announced: bool = True
    ranges: bool = True
    stalls: bool = False


class HubServer:
    """The Hub at `url`, in threads of its own, for the length of a with block.

    Attributes:
        requests: "HEAD /path" of all requests so far.
        deliveries: How the next downloads go, in turn; when the list is empty, they go well.
        refusal: Status and X-Error-Code with which every question about a file is answered.
        silent: Whether questions about a file are left without an answer.
        speaks_http: If not, connections are greeted as by a mail server.
        go_on: Set it, and deliveries that stall send the rest.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.deliveries: list[Delivery] = []
        self.refusal: tuple[int, str] | None = None
        self.silent = False
        self.speaks_http = True
        self.files: dict[str, Published] = {}
        self.closing, self.go_on = threading.Event(), threading.Event()
        self.news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._server.daemon_threads = False  # server_close() then waits for the answers that are under way
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; its port refuses connections from now on."""
        if not self.closing.is_set():
            self.closing.set()
            self.go_on.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def note(self, request: str) -> None:
        with self.news:
            self.requests.append(request)
            self.news.notify_all()

    def await_requests(self, count: int, start: str) -> None:
        """Wait until so many requests have begun like this."""
        with self.news:
            assert self.news.wait_for(lambda: self.count(start) >= count, 20), self.requests

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.requests)

    def publish(self, repo: str, file: str, content: bytes, storage: Storage = "lfs") -> None:
        """Put a file onto the main branch of a repository."""
        self.files[f"/{repo}/resolve/main/{file}"] = Published(content, storage)


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    timeout = 10  # s of silence, on either side

    def handle(self) -> None:
        if self.hub.speaks_http:
            super().handle()
        else:
            self.hub.note("?")
            self.rfile.readline()
            self.wfile.write(b"220 mail.example ESMTP\r\n")

    def do_HEAD(self) -> None:
        path = urlsplit(self.path).path
        self.hub.note(f"{self.command} {path}")
        folder, _, name = path.removeprefix("/").partition("/")
        if path == "/":
            self._reply(200)
        elif path == "/api/agent-harnesses":  # part of the client's user agent, unless telemetry is off
            self._reply(200, b'{"standardEnvVars": [], "harnesses": {}}')
        elif folder == "api" and "/xet-read-token/" in path:
            self._give_xet_token()
        elif path.startswith("/v1/reconstructions/"):
            self._plan_xet_download(name.rpartition("/")[2])
        elif folder in {"cdn", "xorb"}:
            file = self._file_of(name)
            self._deliver(xorb(file.content) if folder == "xorb" else file.content)
        else:
            self._resolve(path)

    do_GET = do_POST = do_HEAD  # noqa: N815 (the POST is Xet's telemetry, which finds nothing here)

    def _resolve(self, path: str) -> None:
        """What the Hub knows about a file; a small file itself."""
        file = self.hub.files.get(path)
        if self.hub.silent:
            self.hub.closing.wait(self.timeout)
        elif self.hub.refusal:
            status, code = self.hub.refusal
            self._reply(status, headers={"X-Error-Code": code} if code else {})
        elif file is None:
            self._reply(404, headers={"X-Error-Code": "EntryNotFound"})
        elif file.storage == "git":
            self._deliver(file.content, {"X-Repo-Commit": COMMIT, "ETag": f'"{file.digest}"'})
        else:
            self._reply(302, headers=self._pointer(path, file))

    def _pointer(self, path: str, file: Published) -> dict[str, str]:
        repo = path.partition("/resolve/")[0]
        # The storage is another host to the client (which would follow a redirect on the same one, and find no commit).
        headers = {
            "Location": f"http://localhost:{self.hub.port}/cdn/{file.digest}",
            "X-Repo-Commit": COMMIT,
            "X-Linked-Etag": f'"{file.digest}"',
            "X-Linked-Size": str(len(file.content)),
        }
        if file.storage == "xet":
            headers["X-Xet-Hash"] = file.digest
            headers["Link"] = f'<{self.hub.url}/api/models{repo}/xet-read-token/{COMMIT}>; rel="xet-auth"'
        return headers

    def _give_xet_token(self) -> None:
        expiry = int(time.time()) + 3600
        headers = {"X-Xet-Cas-Url": self.hub.url, "X-Xet-Access-Token": "token", "X-Xet-Token-Expiration": str(expiry)}
        self._reply(200, json.dumps({"casUrl": self.hub.url, "accessToken": "token", "exp": expiry}).encode(), headers)

    def _plan_xet_download(self, digest: str) -> None:
        """Xet's recipe for a file: all chunks of the one block that holds it."""
        delivery = self._next_delivery()
        if delivery.status != 200:
            self._reply(delivery.status)
            return
        content = self._file_of(digest).content
        block, chunks = xorb(content), {"start": 0, "end": -(-len(content) // XET_CHUNK)}
        source = {"range": chunks, "url": f"{self.hub.url}/xorb/{digest}", "url_range": {"start": 0, "end": len(block) - 1}}
        term = {"hash": digest, "unpacked_length": len(content), "range": chunks}
        recipe = {"offset_into_first_range": 0, "terms": [term], "fetch_info": {digest: [source]}}
        self._reply(200, json.dumps(recipe).encode())

    def _file_of(self, digest: str) -> Published:
        return next(file for file in self.hub.files.values() if file.digest == digest)

    def _deliver(self, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A file, or the part of it that the Range header names."""
        delivery = self._next_delivery()
        if delivery.status != 200:
            self._reply(delivery.status)
            return
        first, last = self._range(len(content)) if delivery.ranges else (0, len(content) - 1)
        part = content[first : last + 1]
        sent = part[: round(len(part) * delivery.share)]
        extra = dict(headers or {}) | {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        partial = len(part) < len(content)
        self._reply(206 if partial else 200, sent, extra if partial else headers, len(part) if delivery.announced else None)
        if delivery.stalls:
            self.hub.go_on.wait()
            with suppress(OSError):  # the client has hung up
                self.wfile.write(part[len(sent) :])

    def _next_delivery(self) -> Delivery:
        return self.hub.deliveries.pop(0) if self.hub.deliveries and self.command == "GET" else Delivery()

    def _range(self, size: int) -> tuple[int, int]:
        """First and last byte asked for."""
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        return int(first), min(int(last or size - 1), size - 1)

    def _reply(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response(status)  # in HTTP/1.0: the connection closes after each answer, so none is left open
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the requests are in `HubServer.requests`."""


def xorb(content: bytes) -> bytes:
    """A block of Xet's storage: uncompressed chunks, each after version, size, compression and size again."""
    chunks = [content[start : start + XET_CHUNK] for start in range(0, len(content), XET_CHUNK)]
    sizes = [len(chunk).to_bytes(3, "little") for chunk in chunks]
    return b"".join(b"\0" + size + b"\0" + size + chunk for size, chunk in zip(sizes, chunks, strict=True))
