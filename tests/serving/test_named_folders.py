"""A folder of the server's machine may be named from that machine alone, or within the one that its owner offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from depth_demo.serving.named_folders import OFF, OUTSIDE, NamedFolders
from depth_demo.ui.page import read_options


def request(client: str = "127.0.0.1", host: str = "localhost:7860", http: str = "1.1", **headers: str) -> Request:
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    return Request({"type": "http", "http_version": http, "client": (client, 5000), "headers": raw})


HERE = request()
EVERYBODY = "0.0.0.0"  # noqa: S104


@pytest.fixture(autouse=True)
def no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADIO_SERVER_NAME", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)


def of_server(*options: str) -> NamedFolders:
    given = read_options(options)
    named_proxies = given.trusted_proxies.networks is not None
    return NamedFolders.of_server(given.host, given.data_folder, share=given.share, behind_proxy=named_proxies)


def test_on_ones_own_machine_any_folder_may_be_named(tmp_path: Path) -> None:
    rule = of_server()
    assert rule.resolve(f" {tmp_path} ", HERE) == tmp_path
    assert rule.is_offered(request("::1", "[::1]:7860"))
    with pytest.raises(ValueError, match="There is no folder 'gone' on this machine"):
        rule.resolve(str(tmp_path / "gone"), HERE)
    with pytest.raises(ValueError, match="must be named from the root of the disk"):
        rule.resolve("kitti", HERE)
    with pytest.raises(ValueError, match="one line of printable characters"):
        rule.resolve("/data\0", HERE)
    with pytest.raises(ValueError, match="must be named from the root of the disk"):
        rule.resolve("~nobody-has-this-name/data", HERE)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(request("192.168.1.7"), id="from the network"),
        pytest.param(request(host="evil.example:7860"), id="by another name"),
        pytest.param(request(host=""), id="by no name"),
        pytest.param(request(host="[::1"), id="by half a name"),
        pytest.param(request(http="1.0"), id="through nginx as it is installed, which names nobody"),
        pytest.param(request(x_forwarded_for="127.0.0.1"), id="through a proxy"),
        pytest.param(request(forwarded="for=127.0.0.1"), id="through another proxy"),
        pytest.param(request(x_forwarded_host="localhost"), id="through a proxy that names only the host"),
        pytest.param(None, id="from nowhere"),
    ],
)
def test_from_elsewhere_no_folder_may_be_named(asked: Request | None, tmp_path: Path) -> None:
    assert not of_server().is_offered(asked)
    with pytest.raises(ValueError, match=OFF):
        of_server().resolve(str(tmp_path), asked)


def test_a_shared_server_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [NamedFolders(), of_server("--share"), of_server("--host", EVERYBODY), of_server("--host", "192.168.1.7")]
    monkeypatch.setenv("GRADIO_SERVER_NAME", EVERYBODY)
    rules.append(of_server())
    monkeypatch.setenv("GRADIO_SERVER_NAME", "127.0.0.1")
    rules.append(of_server("--trusted-proxies", "127.0.0.1"))
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/depth")
    rules.append(of_server())
    monkeypatch.delenv("GRADIO_ROOT_PATH")
    monkeypatch.setenv("SPACE_ID", "somebody/depth")
    rules.append(of_server())
    for rule in rules:
        with pytest.raises(ValueError, match=OFF):
            rule.resolve(str(tmp_path), HERE)


def test_an_offered_folder_may_be_named_by_everybody_and_nothing_outside(tmp_path: Path) -> None:
    for name in ("offered/kitti/training", "offered/sintel", "outside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "offered" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "offered" / "near").symlink_to(tmp_path / "offered" / "kitti")
    rule, guest = of_server("--share", "--data-folder", str(tmp_path / "offered")), request("8.8.8.8", "depth.example")
    assert rule.resolve("kitti/training", guest) == tmp_path / "offered" / "kitti" / "training"
    assert rule.resolve(str(tmp_path / "offered" / "sintel"), guest) == tmp_path / "offered" / "sintel"
    assert rule.resolve(".", guest) == tmp_path / "offered"
    assert rule.resolve("near", guest) == tmp_path / "offered" / "kitti"
    too_long = "a" * 5000
    for name in ("link", "../outside", "..", str(tmp_path / "outside"), str(tmp_path / "gone"), "/", too_long):
        for asked in (guest, HERE):
            with pytest.raises(ValueError, match=OUTSIDE):
                rule.resolve(name, asked)
    with pytest.raises(ValueError, match=r"no folder 'gone' within .*; it holds 'kitti', 'link', 'near', 'sintel'\.$"):
        rule.resolve("gone", guest)


def test_visitors_files_are_never_offered_even_where_they_lie_in_the_offered_folder(tmp_path: Path) -> None:
    for name in ("kitti", "uploads/somebody"):
        (tmp_path / name).mkdir(parents=True)
    rule, guest = NamedFolders(tmp_path, private=tmp_path / "uploads"), request("8.8.8.8", "depth.example")
    for name in ("uploads", "uploads/somebody", "kitti/../uploads/gone"):
        with pytest.raises(ValueError, match=OUTSIDE):
            rule.resolve(name, guest)
    with pytest.raises(ValueError, match=r"it holds 'kitti'\.$"):
        rule.resolve("gone", guest)


def test_the_offered_folder_must_be_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        read_options(["--data-folder", str(tmp_path / "gone")])
    assert "must be a folder that is there" in capsys.readouterr().err
