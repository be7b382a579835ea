"""What the README promises holds: its snippet runs, its versions are the tested ones, the entry point stays thin."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import gradio

import depth_demo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def front_matter() -> dict[str, str]:
    block = README.split("---\n")[1]
    return dict(re.findall(r"^(\w+): *(.+)$", block, re.MULTILINE))


def test_a_space_would_run_the_tested_gradio() -> None:
    fields = front_matter()
    assert fields["sdk"] == "gradio"
    assert fields["sdk_version"] == gradio.__version__
    assert (ROOT / fields["app_file"]).is_file()
    assert len(fields["short_description"]) <= 60  # the Hub's limit


def test_the_python_snippet_runs(weights_folder: Path) -> None:
    snippet = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert snippet is not None
    run = subprocess.run(
        [sys.executable, "-c", snippet[1]],
        cwd=ROOT,
        env=os.environ | {"DEPTH_DEMO_WEIGHTS": str(weights_folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.match(r"relative inverse depth \(no unit\) depth \[m\] SSIM 0\.\d{3}, bad-3 \d+\.\d %", run.stdout)


def test_the_package_says_the_version_of_the_project() -> None:
    assert depth_demo.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_entry_point_is_thin() -> None:
    assert len((ROOT / "app.py").read_text("utf-8").splitlines()) <= 25


def test_every_picture_in_the_readme_exists() -> None:
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
