"""What lends GPUs on ZeroGPU, played on this machine: the package `spaces` asks it, and it answers as told.

It was written from the package's own client, version 0.51.3. There is no GPU behind it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

JSON, EVENTS = "application/json", "text/event-stream"
GATE_S = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request for a GPU."""

    status: int
    body: str = ""
    kind: str = JSON


def over_quota(left_s: int, wait_s: int) -> Reply:
    """As for a visitor who has used up the day's seconds."""
    return Reply(429, json.dumps({"left": left_s, "wait": wait_s}))


NONE_FREE = Reply(200, "event: failed\n\n", EVENTS)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, by the last part of its address and its fields."""

    what: str
    fields: dict[str, str]


@dataclass
class DeviceApi:
    """The lender at `url`, in threads of its own, for the length of a with block.

    Attributes:
        asked: All requests so far.
        replies: What the next requests for a GPU get, in turn; when the list is empty, they get one.
        gate: Requests for a GPU are answered while it is set.
    """

    asked: list[Asked] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def count(self, what: str, **fields: str) -> int:
        """Return how many requests of a kind had these fields."""
        return sum(asked.what == what and fields.items() <= asked.fields.items() for asked in self.asked)

    def reply(self, what: str) -> Reply:
        """Answer a request that is noted already."""
        if what != "schedule":
            return Reply(200)
        self.gate.wait(GATE_S)
        if self.replies:
            return self.replies.pop(0)
        lent = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": f"loan-{self.count(what)}"}
        return Reply(200, json.dumps(lent))


class _Handler(BaseHTTPRequestHandler):
    api: DeviceApi

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        what = address.path.strip("/")
        self.api.asked.append(Asked(what, dict(parse_qsl(address.query))))
        reply = self.api.reply(what)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""
