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

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")  # headers of proxies, behind which anybody may be
OFF = "This server scores no folders of its own machine: upload the data set as a ZIP."
OUTSIDE = "Only folders within the one that this server offers can be scored here: name one of them, or upload a ZIP."
SHOWN = 12  # folders in a refusal


@dataclass(frozen=True, slots=True)
class NamedFolders:
    """The rule of a server.

    Attributes:
        within: Only folders within this one, for all visitors; None names none.
        own_machine: Whether the server listens on this machine only, and has no public link.
    """

    within: Path | None = None
    own_machine: bool = False

    @classmethod
    def of_server(cls, host: str | None, within: Path | None, *, share: bool) -> NamedFolders:
        """Return the rule of a server by its options.

        Args:
            host: What it listens on; None takes GRADIO_SERVER_NAME, or this machine.
            within: The folder that its owner offers.
            share: Whether it has a public link.
        """
        listens = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
        return cls(within, own_machine=is_loopback(listens) and not share and "SPACE_ID" not in os.environ)

    def is_own(self, request: Any) -> bool:  # noqa: ANN401
        """Return whether a request comes from whoever sits at the server's machine, as far as it tells.

        The name that the browser asked for must be this machine's too: else a web site whose name was turned to this
        machine's address could ask in a visitor's place.
        """
        if not self.own_machine or request is None or request.client is None:
            return False
        headers: Mapping[str, str] = request.headers
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        return is_loopback(request.client.host) and is_loopback(host) and not any(name in headers for name in FORWARDED)

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
            return _inside(self.within.resolve(), name)
        path = Path(name).expanduser()
        if not path.is_absolute():
            raise ValueError(
                f"The folder must be named from the root of the disk, such as /home/me/kitti, not {quoted(name)}."
            )
        if not _is_there(path):
            raise ValueError(f"There is no folder {quoted(path.name)} on this machine.")
        return path


def _inside(offered: Path, name: str) -> Path:
    try:
        path = (offered / name).resolve()
    except (OSError, RuntimeError) as error:  # links in a circle
        raise ValueError(OUTSIDE) from error
    if not path.is_relative_to(offered):
        raise ValueError(OUTSIDE)
    if not path.is_dir():
        inside = sorted(folder.name for folder in offered.iterdir() if folder.is_dir())
        known = ", ".join(map(quoted, inside[:SHOWN])) or "no folder"
        raise ValueError(f"There is no folder {quoted(path.name)} within the one that this server offers; it holds {known}.")
    return path


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the system, or no permission
        return False


def is_loopback(host: str) -> bool:
    """Return whether an address or a name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
