"""Stands before the whole app: what no visitor needs is refused there, with a sentence, and every answer gets its headers."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depth_demo.serving.clients import Proxies, Rate, RateLimit
from depth_demo.serving.gradio_internals import FnIndexInferError
from depth_demo.serving.request_log import Entry
from depth_demo.serving.sessions import Sessions

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MAX_JSON_BYTES = 1_000_000
FORM_BYTES = 100_000  # around the file that is uploaded
MAX_TOOL_BYTES = 20_000_000  # of a call by MCP, which may hold files in base64
MIN_FREE_BYTES = 2 * 2**30
# Of one address. A click sends a handful of requests, a page holds two of them open, and a class may sit behind one router.
REQUESTS, UPLOADS = Rate(600, 60.0), Rate(300, 60.0)
OPEN_EACH = 256
ALONE = 2  # times as much while nobody else is there

# Parts of Gradio that this page has no use for: fetching for others, editing the app, statistics, and state on disk.
CLOSED = re.compile(
    r"/gradio_api/(file[=/]\s*https?:|proxy=|component_server|stream/|vibe-|undo-vibe|process_recording|dev/|deep_link|runs"
    r"|run-history|custom_component|profiling)|/monitoring(?!/summary$)",
    re.IGNORECASE,
)
UPLOAD = re.compile(r"/gradio_api/upload/?$")
HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([^/]+)$")
FUNCTION = re.compile(r"/gradio_api/(call|run)/")
FILE = re.compile(r"/gradio_api/file[=/]")
TOOLS = re.compile(r"/gradio_api/mcp(/|$)")

# Gradio starts its page from a script in it, compiles handlers, as Plotly does shaders, and sets styles: hence "unsafe".
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self' https://huggingface.co"
)
# What visitors upload, and what is made of it, runs nothing even if it is opened as a page.
FILE_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in place of the app's."""

    status: int
    sentence: str
    retry_after_s: float = 0.0


class Guard:
    """The app behind its checks.

    Args:
        app: An ASGI application.
        sessions: Are told who is there.
        max_upload_bytes: The largest file.
        folder: Where uploads go.
        proxies: Are believed when they say who asks.
    """

    def __init__(self, app: App, sessions: Sessions, max_upload_bytes: int, folder: Path, proxies: Proxies) -> None:
        self._app, self._sessions, self._proxies = app, sessions, proxies
        self._max_upload_bytes, self._folder = max_upload_bytes, folder
        self._requests, self._uploads = RateLimit(REQUESTS, ALONE), RateLimit(UPLOADS, ALONE)
        self._open: Counter[str] = Counter()  # requests that are being answered, by client

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:  # nothing here speaks over a web socket
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, answer = str(scope["path"]), Answer(send, str(scope["path"]))
        client = self._client(scope)
        scope["client"] = (client, 0)  # for all who ask for it from here on
        refusal = self._refusal(scope, path, headers, client)
        if refusal:
            await answer.refuse(refusal)
            return
        is_alone = not self._open.keys() - {client}
        if self._open[client] >= OPEN_EACH * (ALONE if is_alone else 1):
            await answer.refuse(Refusal(429, "Too many connections from your address: please close some pages.", 10))
            return
        self._open[client] += 1
        try:
            await self._pass_on(scope, receive, path, answer)
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    async def _pass_on(self, scope: MutableMapping[str, Any], receive: Receive, path: str, answer: Answer) -> None:
        body = Body(receive, self._max_body(path))
        try:
            with self._present(path):
                await self._app(scope, body.receive, lambda message: answer.forward(message, self._too_large(body, path)))
        except Exception as error:  # noqa: BLE001
            if FUNCTION.search(path) and isinstance(error, FnIndexInferError | KeyError):  # handlers' own are caught inside
                await answer.refuse(
                    Refusal(404, "There is no such function here: the page lists them at its foot, under API.")
                )
                return
            if UPLOAD.search(path) and isinstance(error, ValueError | TypeError):
                await answer.refuse(self._too_large(body, path) or Refusal(400, "This is no form with a file in it."))
                return
            entry = Entry("http")
            if not body.ended:  # a client that hangs up while it sends is no fault of ours
                entry.write_fault(error)
            await answer.refuse(self._too_large(body, path) or Refusal(500, fault_sentence(entry.id)))

    def _client(self, scope: MutableMapping[str, Any]) -> str:
        """Return the address of the visitor. HAProxy adds a line of its own to those that came with the request."""
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
        return self._proxies.client_address((scope.get("client") or ("",))[0], lines)

    def _present(self, path: str) -> AbstractContextManager[None]:
        """Tell the sessions what is going on while this request is answered."""
        if beat := HEARTBEAT.search(path):
            return self._sessions.connected(beat[1])
        return self._sessions.uploading() if UPLOAD.search(path) else nullcontext()

    def _refusal(self, scope: MutableMapping[str, Any], path: str, headers: dict[str, str], client: str) -> Refusal | None:
        """Return a refusal that needs nothing of the body; None for most requests."""
        if CLOSED.search(path):
            return Refusal(404, "There is nothing here: this part of Gradio is closed.")
        if scope["method"] in {"GET", "HEAD"}:
            return None
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return Refusal(403, "Another web site sent this request: please use the page of the demo itself.")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._max_body(path):
            return self._large(path)
        return self._crowded(client, path)

    def _crowded(self, client: str, path: str) -> Refusal | None:
        """Return a refusal if one client sends too much, or all of them together have filled the disk."""
        wait_s = self._requests.wait_s(client) or (self._uploads.wait_s(client) if UPLOAD.search(path) else 0.0)
        if wait_s:
            seconds = math.ceil(wait_s)
            return Refusal(429, f"Too many requests from your address: please go on in {seconds} s.", seconds)
        if UPLOAD.search(path) and shutil.disk_usage(self._folder).free < MIN_FREE_BYTES:
            return Refusal(503, "The server has no room for another file: please try again in an hour.", 3600)
        return None

    def _max_body(self, path: str) -> int:
        if TOOLS.search(path):
            return MAX_TOOL_BYTES
        return self._max_upload_bytes + FORM_BYTES if UPLOAD.search(path) else MAX_JSON_BYTES

    def _too_large(self, body: Body, path: str) -> Refusal | None:
        return self._large(path) if body.too_large else None

    def _large(self, path: str) -> Refusal:
        if UPLOAD.search(path):
            return Refusal(413, f"The file is larger than the {self._max_upload_bytes / 1e6:.0f} MB that are accepted.")
        return Refusal(
            413, f"The request is larger than the {self._max_body(path) / 1e6:.0f} MB that are accepted: upload files first."
        )


class Body:
    """What a client sends, up to a limit, after which it seems to have hung up."""

    def __init__(self, receive: Receive, max_bytes: int) -> None:
        self._receive, self._left = receive, max_bytes
        self.ended = False  # without its end

    @property
    def too_large(self) -> bool:
        return self._left < 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        self.ended = self.too_large or message["type"] == "http.disconnect"
        return {"type": "http.disconnect"} if self.too_large else message


class Answer:
    """What goes back: the app's answer with our headers, or a refusal."""

    def __init__(self, send: Send, path: str) -> None:
        self._send, self._path = send, path
        self._started = self._refused = False

    async def forward(self, message: Message, refusal: Refusal | None) -> None:
        """Send a part of the app's answer, unless it is refused by now."""
        if refusal and not self._started:
            await self.refuse(refusal)
        if self._refused:
            return
        if message["type"] == "http.response.start":
            message["headers"] = self._headers(list(message.get("headers", [])))
            self._started = True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a sentence; nothing if an answer has begun."""
        if self._started:
            return
        self._started = self._refused = True
        body = json.dumps({"detail": refusal.sentence, "error": refusal.sentence}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if refusal.retry_after_s:
            headers.append((b"retry-after", str(math.ceil(refusal.retry_after_s)).encode()))
        await self._send({"type": "http.response.start", "status": refusal.status, "headers": self._headers(headers)})
        await self._send({"type": "http.response.body", "body": body})

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer. Gradio lets every site read answers with its visitors' cookies; here none may."""
        kept = [(name, value) for name, value in given if not name.lower().startswith(b"access-control-")]
        policy = FILE_POLICY if FILE.search(self._path) else PAGE_POLICY
        ours = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
        }
        return [*kept, *((name.encode(), value.encode()) for name, value in ours.items())]


def fault_sentence(identity: str) -> str:
    """Return what a visitor reads after an unforeseen fault."""
    return f"Something went wrong on the server, which noted it as {identity}. Please try again."
