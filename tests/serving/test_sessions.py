"""When a session is over its files go, unless they are somebody else's too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from depth_demo.serving.inputs import paths_in
from depth_demo.serving.session_folders import FOLDERS
from depth_demo.serving.sessions import Sessions

GRACE_S, UNCONNECTED_S = 60.0, 3600.0


class Server:
    """Sessions on a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.now, self.idle, self.over = 0.0, list[str](), list[str]()
        self.folder = folder
        self.sessions = Sessions(folder, self.idle.append, self.over.append, GRACE_S, UNCONNECTED_S, lambda: self.now)

    def file(self, name: str) -> Path:
        path = self.folder / f"hash of {name}" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"pixels")
        return path

    def pass_s(self, seconds: float) -> None:
        self.now += seconds
        self.sessions.sweep()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def data(*paths: Path) -> list[object]:
    """As Gradio passes files around."""
    return ["text", None, *({"files": [{"path": str(path), "meta": {"_type": "gradio.FileData"}}]} for path in paths)]


def test_files_go_a_while_after_the_page_was_closed(server: Server) -> None:
    photo = server.file("photo.png")
    with server.sessions.connected("ann"):
        server.sessions.claim("ann", data(photo))
        server.pass_s(10 * UNCONNECTED_S)
        assert photo.is_file()
    server.pass_s(GRACE_S - 1)
    assert photo.is_file()
    server.pass_s(1)
    assert server.over == ["ann"]
    assert list(server.folder.iterdir()) == []
    assert len(server.sessions) == 0


def test_a_page_that_comes_back_in_time_keeps_everything(server: Server) -> None:
    photo = server.file("photo.png")
    with server.sessions.connected("ann"):
        server.sessions.claim("ann", data(photo))
    server.pass_s(GRACE_S - 1)
    with server.sessions.connected("ann"):
        server.pass_s(GRACE_S)
        assert photo.is_file()
    assert server.idle == server.over == []


def test_what_a_run_leaves_behind_after_its_page_was_closed_goes_as_soon(server: Server) -> None:
    with server.sessions.connected("ann"):
        pass
    server.pass_s(GRACE_S)
    late = server.file("late.png")
    server.sessions.claim("ann", data(late))
    server.pass_s(GRACE_S - 1)
    assert late.is_file()
    server.pass_s(1)
    assert server.over == ["ann", "ann"]
    assert not late.exists()


def test_equal_files_of_two_visitors_are_one_and_stay_for_the_other(server: Server) -> None:
    photo = server.file("homework.png")
    with server.sessions.connected("bob"):
        with server.sessions.connected("ann"):
            for name in ("ann", "bob"):
                server.sessions.claim(name, data(photo))
        server.pass_s(GRACE_S)
        assert server.over == ["ann"]
        assert photo.is_file()
    server.pass_s(GRACE_S)
    assert not photo.exists()


def test_a_file_that_somebody_else_has_just_sent_again_stays_for_them(server: Server) -> None:
    photo = server.file("homework.png")
    server.sessions.claim("ann", data(photo))
    os.utime(photo, (2**40, 2**40))  # sent again after Ann was seen last, and not yet claimed
    server.pass_s(UNCONNECTED_S)
    assert server.over == ["ann"]
    assert photo.is_file()


def test_a_program_without_a_connection_has_an_hour(server: Server) -> None:
    result = server.file("map.npy")
    server.sessions.claim("curl", data(result))
    server.pass_s(GRACE_S)
    server.pass_s(UNCONNECTED_S - GRACE_S - 1)
    assert server.idle == ["curl"]  # once
    assert result.is_file()
    server.pass_s(1)
    assert not result.exists()


def test_nothing_goes_while_files_are_written(server: Server) -> None:
    photo = server.file("photo.png")
    server.sessions.claim("ann", data(photo))
    with server.sessions.writing():
        server.pass_s(UNCONNECTED_S)
        assert photo.is_file()
        server.sessions.claim("bob", data(photo))  # the same file, just written again
    server.pass_s(0)
    assert server.over == ["ann"]
    assert photo.is_file()


def test_an_upload_that_broke_off_goes_once_nobody_sends_any_more(server: Server) -> None:
    (server.folder / "tmp1234").write_bytes(b"half a pho")
    with server.sessions.uploading():
        server.sessions.sweep_strays()
        assert (server.folder / "tmp1234").is_file()
    server.sessions.sweep_strays()
    assert not (server.folder / "tmp1234").exists()


def test_what_nobody_spoke_of_goes_in_the_end(server: Server) -> None:
    young, old, owned = (server.file(name) for name in ("young", "old", "owned"))
    server.sessions.claim("ann", data(owned))
    for path in (old, owned):
        os.utime(path, (0, 0))
    server.sessions.sweep_strays()
    assert [path.is_file() for path in (young, old, owned)] == [True, False, True]


def test_files_elsewhere_are_nobodys(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_text("secret")
    photo = server.file("photo.png")
    traps = server.folder / ".." / elsewhere.parent.name / "secret", photo.parent, server.folder, Path("\0"), Path("x" * 9999)
    server.sessions.claim("eve", data(elsewhere, *traps))
    server.pass_s(UNCONNECTED_S)
    assert server.over == ["eve"]
    assert elsewhere.is_file()
    assert photo.is_file()


def test_paths_are_found_wherever_they_are() -> None:
    deep: object = {"path": "c"}
    for _ in range(100_000):
        deep = [deep]
    assert sorted(paths_in([{"path": "a", "url": None}, [{"x": {"path": "b"}}], {"path": 3}, "path", deep])) == ["a", "b", "c"]


def test_a_folder_goes_with_its_session_and_stays_while_it_is_used(server: Server) -> None:
    sessions, folders = server.sessions, server.sessions.folders
    names = ["ann", "../ben", "eve"]
    for name in names:
        file = folders.of(name) / "unpacked" / "left.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"left")
        os.utime(file, (0, 0))
    assert {folders.of(name).parent for name in names} == {server.folder / FOLDERS}
    with sessions.connected("ann"):
        sessions.claim("../ben", None)
        sessions.sweep_strays()  # no file in a folder is a stray
        assert set(sessions.over_folders()) == {folders.of("eve")}
        with folders.in_use(folders.of("eve") / "unpacked"):
            folders.delete(sessions.over_folders())
            assert (folders.of("eve") / "unpacked" / "left.png").is_file()
        server.pass_s(UNCONNECTED_S)
        folders.delete(sessions.over_folders())
    assert list((server.folder / FOLDERS).iterdir()) == [folders.of("ann")]


def test_at_the_end_of_the_server_nobodys_files_and_folders_are_left(server: Server) -> None:
    photo, unpacked = server.file("photo.png"), server.sessions.folders.of("ann") / "unpacked"
    used = server.sessions.folders.of("bob") / "unpacked"
    for folder in (unpacked, used):
        folder.mkdir(parents=True)
        (folder / "left.png").write_bytes(b"pixels")
    with server.sessions.connected("ann"):
        server.sessions.claim("ann", data(photo))
        with server.sessions.folders.in_use(used):  # a run that cannot be stopped
            server.sessions.close()
    assert not photo.exists()
    assert list((server.folder / FOLDERS).iterdir()) == [used.parent]
    server.sessions.close()
    assert list((server.folder / FOLDERS).iterdir()) == []
