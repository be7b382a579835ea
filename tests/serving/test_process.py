"""The folder for visitors' files: private, gone with the process, and the same by whatever path one gets there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
