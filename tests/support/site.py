"""A site of several replicas behind HAProxy, with the file that is shipped; nothing leaves the loopback interface."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import Served, started
from tests.support.served import OFFLINE, wait_until

SHIPPED = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
SCRIPT = "tests/support/app_replica.py"
CDN = "173.245.48.0/20"  # a network whose proxies the replicas believe
HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or "haproxy"
UP, DOWN = "2", "0"  # as HAProxy writes it


def free_port() -> int:
    """A port that nobody listens on, below those of connections: one of them might take it before a replica is back."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def with_ports(front: str, ports: dict[str, int]) -> str:
    """The shipped file with other ports, and a line of its own for each replica.

    Args:
        front: What is bound in place of port 8080, a line each.
        ports: By the name of the replica; r1 and r2 are in the file.
    """
    lines = []
    for line in SHIPPED.read_text("utf-8").splitlines():
        words = line.split()
        if line.strip() == "bind :8080":
            lines += [f"    bind {address}" for address in front.splitlines()]
        elif words[:2] == ["server", "r1"]:
            lines += [line.replace("r1", name).replace("7861", str(port)) for name, port in ports.items()]
        elif words[:2] != ["server", "r2"] and (os.getuid() == 0 or words[:1] not in (["user"], ["group"])):
            lines.append(line)
    return "\n".join(lines) + "\n"


class Announced(http.client.HTTPConnection):
    """A connection of a visitor whose address another proxy announces; here, one that may be outside this machine."""

    def __init__(self, port: int, address: str) -> None:
        super().__init__("127.0.0.1", port, timeout=60)
        self.address = address

    def connect(self) -> None:
        super().connect()
        self.sock.sendall(f"PROXY TCP4 {self.address} 127.0.0.1 1234 80\r\n".encode())


@dataclass
class Site:
    """Replicas by name, and the proxy before them.

    Attributes:
        url: Of the proxy.
        announced: A port of the proxy where connections begin with the address of the visitor.
        socket: Takes commands of the administrator.
    """

    url: str
    announced: int
    socket: Path
    folder: Path
    ports: dict[str, int]
    stack: ExitStack  # ends what was started
    replicas: dict[str, Served] = field(default_factory=dict)

    def tell(self, command: str) -> list[str]:
        """Give HAProxy a command; return the lines of its answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.socket))
            control.sendall(f"{command}\n".encode())
            with control.makefile() as answer:
                return answer.read().split("\n")

    def column(self, name: str, backend: str) -> dict[str, str]:
        """A column of HAProxy's statistics by replica."""
        header, *lines = (line.split(",") for line in self.tell("show stat") if line)
        names = [name.strip("# ") for name in header]
        rows = (dict(zip(names, line, strict=False)) for line in lines)
        return {row["svname"]: row[name] for row in rows if row["pxname"] == backend and row["svname"] in self.ports}

    def are_up(self) -> bool:
        """Whether every replica takes visitors."""
        return all(set(self.column("status", backend).values()) == {"UP"} for backend in ("visits", "work"))

    def start(self, name: str) -> None:
        """Start a replica."""
        own = self.folder / name
        own.mkdir(exist_ok=True)
        variables = {**OFFLINE, "DEPTH_DEMO_REPLICA": name, "GRADIO_IS_E2E_TEST": "1"}
        served = started(("--trusted-proxies", CDN), SCRIPT, own, variables, self.ports[name])
        self.replicas[name] = self.stack.enter_context(served)

    def revive(self) -> None:
        """Start those that have ended, and let all take visitors."""
        ended = [name for name, replica in self.replicas.items() if replica.process.poll() is not None]
        with ThreadPoolExecutor(len(self.ports)) as threads:
            list(threads.map(self.start, ended))
        for name in self.ports:
            self.tell(f"set server work/{name} state ready")
        wait_until(self.are_up, "a site of all replicas")

    def visit(self, path: str = "/config") -> str:
        """The name of the replica where a new visitor comes."""
        return cookie_of(httpx.get(self.url + path, timeout=60))

    def visits(self, count: int) -> Counter[str]:
        """Where so many new visitors come at once, all from one address."""
        with ThreadPoolExecutor(count) as threads:
            return Counter(threads.map(lambda _: self.visit(), range(count)))

    def call(self, address: str, endpoint: str, **headers: str) -> str:
        """What an endpoint without inputs answers to somebody at an address, who keeps no cookies."""
        sent = self._ask(address, "POST", f"/gradio_api/call{endpoint}", '{"data": []}', headers)
        events = self._ask(address, "GET", f"/gradio_api/call{endpoint}/{json.loads(sent)['event_id']}", None, headers)
        return str(json.loads(events.partition("event: complete\ndata: ")[2])[0])

    def _ask(self, address: str, method: str, path: str, body: str | None, headers: dict[str, str]) -> str:
        connection = Announced(self.announced, address)
        connection.request(method, path, body, {**headers, "Content-Type": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 200, text
        return text


def cookie_of(answer: httpx.Response) -> str:
    return str(answer.raise_for_status().cookies["REPLICA"])


@contextmanager
def site_of(folder: Path, names: Sequence[str]) -> Iterator[Site]:
    """A site with replicas of these names, all of which take visitors."""
    front, announced, control = free_port(), free_port(), folder / "admin.sock"
    ports = {name: free_port() for name in names}
    file = folder / "haproxy.cfg"
    file.write_text(with_ports(f"127.0.0.1:{front}\n127.0.0.1:{announced} accept-proxy", ports))
    environment = os.environ | {"DEPTH_DEMO_SOCKET": str(control)}
    with ExitStack() as stack, (folder / "haproxy.log").open("w") as log:
        site = Site(f"http://127.0.0.1:{front}", announced, control, folder, ports, stack)
        with ThreadPoolExecutor(len(names)) as threads:
            list(threads.map(site.start, names))
        proxy = subprocess.Popen([HAPROXY, "-db", "-f", str(file)], env=environment, stdout=log, stderr=log)
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        wait_until(lambda: proxy.poll() is not None or (control.exists() and site.are_up()), "a site of all replicas")
        assert proxy.poll() is None, (folder / "haproxy.log").read_text()
        yield site
