"""Whether a visitor may name a folder of the server's machine, and which.

On one's own machine any folder may be named, as on the command line: if the server listens on this machine only, and the
request comes from there. The owner of a shared server may allow the folders within one. Everywhere else nothing may be named.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from depth_demo.formats.untrusted import quoted

FORWARDED = ("x-forwarded-", "forwarded", "x-real-ip", "via", "cf-connecting-ip")  # begin headers of proxies
OFF = "This server scores no folders of its own machine: upload the data set as a ZIP."
OUTSIDE = "Only folders within the one that this server offers can be scored here: name one of them, or upload a ZIP."
SHOWN = 12  # folders in a refusal


@dataclass(frozen=True, slots=True)
class NamedFolders:
    """The rule of a server.

    Attributes:
        within: Only folders within this one, for all visitors; None names none.
        own_machine: Whether the server listens on this machine only, and has neither a public link nor a proxy.
        private: A folder that never counts as within another: that of visitors' files.
    """

    within: Path | None = None
    own_machine: bool = False
    private: Path | None = None

    @classmethod
    def of_server(
        cls, host: str | None, within: Path | None, *, share: bool, behind_proxy: bool = False, private: Path | None = None
    ) -> NamedFolders:
        """Return the rule of a server by its options.

        Args:
            host: What it listens on; None takes GRADIO_SERVER_NAME, or this machine.
            within: The folder that its owner offers.
            share: Whether it has a public link.
            behind_proxy: Whether its owner named proxies.
            private: Where visitors' files are.
        """
        behind_proxy = behind_proxy or bool(os.environ.get("GRADIO_ROOT_PATH"))  # a folder of a web site
        listens = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
        is_public = share or behind_proxy or "SPACE_ID" in os.environ
        return cls(within, own_machine=is_loopback(listens) and not is_public, private=private)

    def is_own(self, request: Any) -> bool:  # noqa: ANN401
        """Return whether a request comes from whoever sits at the server's machine, as far as it tells.

        The name that the browser asked for must be this machine's too: else a web site whose name was turned to this
        machine's address could ask in a visitor's place. HTTP/1.0 is spoken by no browser, but by nginx as it is installed,
        which tells neither who asks nor for which name.
        """
        if not self.own_machine or request is None or request.client is None:
            return False
        headers: Mapping[str, str] = request.headers
        if any(name.lower().startswith(FORWARDED) for name in headers) or _http_version(request) == "1.0":
            return False
        return is_loopback(request.client.host) and is_loopback(_host(headers.get("host", "")))

    def is_offered(self, request: Any) -> bool:  # noqa: ANN401
        """Return whether whoever sent a request may name a folder."""
        return self.within is not None or self.is_own(request)

    def resolve(self, text: str, request: Any) -> Path:  # noqa: ANN401
        """Return the folder that somebody names.

        Raises:
            ValueError: If it may not be named, or is not there; nothing tells whether a folder outside is there.
        """
        name = text.strip()
        if not self.is_offered(request):
            raise ValueError(OFF)
        if not name.isprintable():
            raise ValueError("The name of the folder must be one line of printable characters.")
        if self.within is not None:
            return _inside(self.within.resolve(), name, self.private)
        try:
            path = Path(name).expanduser()
        except RuntimeError:  # of a user whom nobody knows
            path = Path(name)
        if not path.is_absolute():
            raise ValueError(
                f"The folder must be named from the root of the disk, such as /home/me/kitti, not {quoted(name)}."
            )
        if not _is_there(path):
            raise ValueError(f"There is no folder {quoted(path.name)} on this machine.")
        return path


def _inside(offered: Path, name: str, private: Path | None) -> Path:
    try:
        path = (offered / name).resolve()
        is_there = path.is_dir()
    except (OSError, RuntimeError) as error:  # links in a circle, or a name too long for the system
        raise ValueError(OUTSIDE) from error
    if not path.is_relative_to(offered) or (private is not None and path.is_relative_to(private)):
        raise ValueError(OUTSIDE)
    if not is_there:
        inside = sorted(folder.name for folder in offered.iterdir() if folder.is_dir() and folder.resolve() != private)
        known = ", ".join(map(quoted, inside[:SHOWN])) or "no folder"
        raise ValueError(f"There is no folder {quoted(path.name)} within the one that this server offers; it holds {known}.")
    return path


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the system, or no permission
        return False


def _host(named: str) -> str:
    """Return the host in a header, without its port; "" for what is none."""
    try:
        return urlsplit(f"//{named}").hostname or ""
    except ValueError:
        return ""


def _http_version(request: Any) -> str:  # noqa: ANN401
    """Return the version of HTTP, whether a request is Starlette's or Gradio's, which wraps one."""
    scope: Mapping[str, Any] = getattr(request, "request", request).scope
    return str(scope.get("http_version", ""))


def is_loopback(host: str) -> bool:
    """Return whether an address or a name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
