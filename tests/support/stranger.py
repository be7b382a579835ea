"""Speaks to the served app as a stranger does, without its client: any bytes may be sent."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from depth_demo.monocular.models import TINY

ADDRESSES = itertools.count()


class Stranger:
    """Somebody behind the proxy of this machine, at an address of their own.

    Args:
        url: Of the app.
        address: None takes one that nobody has had yet.
    """

    def __init__(self, url: str, address: str | None = None) -> None:
        number = next(ADDRESSES)
        self.address = address or f"8.8.{number // 250}.{number % 250 + 1}"
        self.http = httpx.Client(base_url=url, headers={"x-forwarded-for": self.address}, timeout=60)
        self.seen: list[str] = []  # all that came back

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._keep(self.http.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._keep(self.http.post(path, **options))

    def upload(self, path: Path, name: str | None = None) -> str:
        """Where it is on the server."""
        files = {"files": (name or path.name, path.read_bytes())}
        return str(self.post("/gradio_api/upload", files=files).raise_for_status().json()[0])

    def call(self, endpoint: str, values: list[object]) -> str:
        """What a public endpoint answers in the end; NaN and infinity are sent as Python writes them."""
        sent = self.post(
            f"/gradio_api/call{endpoint}",
            content=json.dumps({"data": values}),
            headers={"content-type": "application/json"},
        )
        if sent.status_code != 200:
            return sent.text
        return self.get(f"/gradio_api/call{endpoint}/{sent.json()['event_id']}").text

    def event(self, function: object, values: object, session: object = "stranger", **more: object) -> Any:
        """What any function of the page answers in the end, whether it is public or not."""
        body = {"data": values, "fn_index": function, "session_hash": session, **more}
        sent = self.post("/gradio_api/queue/join", content=json.dumps(body), headers={"content-type": "application/json"})
        if sent.status_code != 200:
            return sent.json()
        for message in self._messages(str(session)):
            if message["msg"] in {"process_completed", "unexpected_error"}:
                return message
        raise AssertionError("the stream ended without an answer")

    def functions(self) -> dict[str, dict[str, Any]]:
        """The page's functions by name."""
        return {function["api_name"]: function for function in self.get("/config").json()["dependencies"]}

    def _messages(self, session: str) -> Iterator[dict[str, Any]]:
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    self.seen.append(line)
                    yield json.loads(line.removeprefix("data:"))

    def _keep(self, response: httpx.Response) -> httpx.Response:
        self.seen.append(response.text if "image" not in response.headers.get("content-type", "") else "")
        return response


def estimate(stranger: Stranger, file: object) -> str:
    """What /estimate answers in the end, quickly."""
    return stranger.call("/estimate", [file, TINY.name, 168, 0, "Inferno", "coarse", "fast"])


def upload_of(path: str, **more: object) -> dict[str, object]:
    """As Gradio's clients speak of a file."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def sentence_in(answer: str) -> str:
    """Of an endpoint's error."""
    found = re.findall(r"event: error\ndata: (.*)", answer)
    assert found, answer[-300:]
    return str(json.loads(found[-1])["error"])
