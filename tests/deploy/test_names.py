"""Replicas from a name in DNS, as containers have them: who is in the answer gets visitors, and keeps them."""

from __future__ import annotations

import http.server
import os
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.served import HANG_S, wait_until
from tests.support.site import HAPROXY, SHIPPED, cookie_of, free_port

FIRST, SECOND = "127.0.0.2", "127.0.0.3"
NAME = "app"
A, QUESTION_AT = b"\x00\x01", 12


@dataclass
class Names:
    """A DNS server that knows one name.

    Attributes:
        addresses: Of the replicas.
    """

    addresses: list[str] = field(default_factory=list)

    def answer(self, query: bytes) -> bytes:
        """Answer with the addresses if they are asked for, and with none for other kinds of record."""
        end = query.index(0, QUESTION_AT) + 5
        found = self.addresses if query[end - 4 : end - 2] == A else []
        head = query[:2] + b"\x81\x80\x00\x01" + len(found).to_bytes(2, "big") + bytes(4)
        record = b"\xc0\x0c" + A + b"\x00\x01" + (1).to_bytes(4, "big") + b"\x00\x04"  # for a second
        return head + query[QUESTION_AT:end] + b"".join(record + socket.inet_aton(address) for address in found)


class Replica(http.server.BaseHTTPRequestHandler):
    """Answers everything with its address."""

    def do_GET(self) -> None:
        host = str(self.connection.getsockname()[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(host)))
        self.end_headers()
        self.wfile.write(host)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Site:
    url: str
    names: Names

    def come(self) -> tuple[str, dict[str, str]]:
        """The replica where a new visitor comes, and the cookie from there."""
        answer = httpx.get(f"{self.url}/config", timeout=HANG_S)
        return answer.text, {"REPLICA": cookie_of(answer)} if answer.is_success else {}

    def place_of(self, cookies: dict[str, str]) -> str:
        """The replica where one with a cookie is."""
        return httpx.get(f"{self.url}/gradio_api/queue/data", cookies=cookies, timeout=HANG_S).text


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    port, front, names = free_port(), free_port(), Names([FIRST, SECOND])

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request[1].sendto(names.answer(self.request[0]), self.client_address)

    with ExitStack() as stack:
        dns = socketserver.UDPServer(("127.0.0.1", 0), Answering)
        stack.enter_context(serving(dns))
        for address in (FIRST, SECOND):
            stack.enter_context(serving(http.server.ThreadingHTTPServer((address, port), Replica)))
        text = SHIPPED.read_text("utf-8")
        for shipped, own in {
            "bind :8080": f"bind 127.0.0.1:{front}",
            "parse-resolv-conf": f"nameserver own 127.0.0.1:{dns.server_address[1]}",
            '"${DEPTH_DEMO_DNS}":7860': f'"${{DEPTH_DEMO_DNS}}":{port}',
            "hold valid 5s": "hold valid 100ms",
            "user haproxy": "",
            "group haproxy": "",
        }.items():
            assert shipped in text
            text = text.replace(shipped, own)
        file = tmp_path / "haproxy.cfg"
        file.write_text(text)
        environment = os.environ | {"DEPTH_DEMO_DNS": NAME, "DEPTH_DEMO_SOCKET": str(tmp_path / "admin.sock")}
        with (tmp_path / "log").open("w") as log:
            proxy = subprocess.Popen([HAPROXY, "-db", "-f", str(file)], env=environment, stdout=log, stderr=log)
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        wait_until((tmp_path / "admin.sock").exists, "a proxy")
        yield Site(f"http://127.0.0.1:{front}", names)


def test_replicas_with_one_name_share_the_visitors_until_one_is_gone_from_it(site: Site) -> None:
    found: dict[str, dict[str, str]] = {}

    def all_are_found() -> bool:
        place, cookies = site.come()
        found.update({place: cookies} if cookies else {})
        return {FIRST, SECOND} <= set(found)

    wait_until(all_are_found, "both replicas")
    wait_until(lambda: {site.place_of(found[place]) for place in found} == {FIRST, SECOND}, "the other list")
    assert all(site.place_of(found[place]) == place for place in (FIRST, SECOND) for _ in range(3))
    site.names.addresses.remove(FIRST)
    wait_until(lambda: site.place_of(found[FIRST]) == SECOND, "the end of a replica")
    wait_until(lambda: {site.come()[0] for _ in range(4)} == {SECOND}, "the end in the other list")
    assert site.place_of(found[SECOND]) == SECOND
