"""What the endpoints say of themselves to programs, and what may be left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from gradio_client import Client

from depth_demo.stereo.controls import controls
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.endpoints import one_line_each
from tests.conftest import PAIRS
from tests.support.stranger import Stranger, sentence_in, upload_of

EXAMPLE = PAIRS[0]


@pytest.fixture(scope="module")
def client(app_url: str) -> Client:
    return Client(app_url, verbose=False)


def test_each_entry_of_a_docstring_comes_to_stand_on_one_line() -> None:
    text = """Match.

        More on it,
            indented.

        Args:
            left: One
                view.
            right: Another.

        Returns:
            map: A picture
                of depth.
        """
    words = "Match.\n\nMore on it,\n    indented.\n\nArgs:\n    left: One view.\n    right: Another.\n\n"
    assert one_line_each(text).rstrip() == f"{words}Returns:\n    map: A picture of depth."


def test_every_parameter_and_result_is_described_and_only_pictures_are_required(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name, about in endpoints.items():
        for told in (*about["parameters"], *about["returns"]):
            words = told["python_type"]["description"]
            assert re.search(r"\w{3}.*\.$", words), (name, told)
            assert "URL" not in words
        assert all(re.fullmatch("[a-z]+(_[a-z]+)*", result["label"]) for result in about["returns"])
        required = [told["parameter_name"] for told in about["parameters"] if not told["parameter_has_default"]]
        assert (
            required
            == {
                "/estimate": ["image"],
                "/match": ["left"],
                "/rectify": ["left", "right"],
                "/compare": ["left"],
                "/video": ["clip"],
                "/score_data_set": [],
            }[name]
        )
        files = [
            told["example_input"]
            for told in about["parameters"]
            if told["component"] in {"Image", "File", "Photoinput", "Clipinput", "Archiveinput"}
        ]
        known = {"photo.png", "left_view.png", "right_view.png", "truth.png", "clip.mp4", "stereo.yaml", "data_set.zip"}
        assert all(file["url"] in known for file in files)


def test_settings_are_described_by_their_controls_with_unit_and_range(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name in ("/match", "/compare"):
        told = {each["parameter_name"]: each["python_type"] for each in endpoints[name]["parameters"]}
        for field, control in controls(SgbmSettings).items():
            assert told[field]["description"] == control.explained
            assert (told[field]["type"] == "int") == (control.kind != "choice" and control.step > 0)
        assert told["num_disparities"]["description"].endswith("A whole number from 16 to 512 px in steps of 16.")


def test_fewer_inputs_over_http_mean_the_defaults(app_url: str) -> None:
    with Stranger(app_url) as stranger:
        left, right = (upload_of(stranger.upload(path)) for path in (EXAMPLE.left, EXAMPLE.right))
        assert "of the pixels matched" in stranger.call("/match", [left, right])
        assert "There is no right view: add one, or give one file with both views" in sentence_in(
            stranger.call("/match", [left])
        )


def test_the_readmes_client_snippet_runs(app_url: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    snippet = re.search(r"```python\n(from gradio_client.*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)
    assert snippet is not None
    script = snippet[1].replace("http://127.0.0.1:7860", app_url)
    variables = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", script]
    answer = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=True).stdout
    assert "**Stereo** has an answer for" in answer or "confident" in answer
