"""The folder for visitors' files: private, gone with the process, and the same by whatever path one gets there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from depth_demo.serving.process import own_folder

SCRIPT = (
    "from depth_demo.serving.process import own_folder; folder = own_folder(); print(folder, oct(folder.stat().st_mode)[-3:])"
)


def folder_and_mode(**variables: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name != "GRADIO_TEMP_DIR"}
    return subprocess.check_output([sys.executable, "-c", SCRIPT], env=environment | variables, text=True).split()


def test_it_is_private_and_goes_with_the_process(tmp_path: Path) -> None:
    folder, mode = folder_and_mode(TMPDIR=str(tmp_path))
    assert Path(folder).parent == tmp_path.resolve()
    assert mode == "700"
    assert list(tmp_path.iterdir()) == []


def test_links_on_the_way_to_it_are_followed_once_and_for_all(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert Path(folder_and_mode(TMPDIR=str(link))[0]).parent == real.resolve()
    assert folder_and_mode(GRADIO_TEMP_DIR=str(link))[0] == str(real.resolve())
    assert real.is_dir()


HOLDER = """
import os, sys
from depth_demo.serving.process import own_folder
own_folder()
own_folder()  # holds it already
child = os.fork()
if child:
    print(child, flush=True)
sys.stdin.read()  # for ever
"""


def sentence_of(folder: Path) -> str:
    """What the app says, and nothing else, when it is started on a folder."""
    root = Path(__file__).parents[2]
    environment = os.environ | {"GRADIO_TEMP_DIR": str(folder), "PYTHONPATH": str(root)}
    run = subprocess.run([sys.executable, "app.py"], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout == ""
    return run.stderr


def test_a_folder_that_a_live_process_holds_is_refused_in_a_sentence_until_that_process_is_dead(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env=os.environ | {"GRADIO_TEMP_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        assert sentence_of(tmp_path) == (
            f"depth-demo: Another Depth Demo keeps its files in {tmp_path}, and each would delete the other's: "
            "give this one a folder of its own by GRADIO_TEMP_DIR, or none.\n"
        )
        holder.kill()
        holder.wait()
        os.kill(child, 0)  # it lives, and holds nothing
        assert folder_and_mode(GRADIO_TEMP_DIR=str(tmp_path))[0] == str(tmp_path)


def test_a_folder_that_cannot_be_locked_is_used_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unsupported(lock: object, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    assert own_folder() == tmp_path
    assert caplog.messages == [f"{tmp_path} cannot be locked: see that no other Depth Demo uses it."]
