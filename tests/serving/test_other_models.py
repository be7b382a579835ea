"""MiDaS, Depth Pro and Marigold through the real app: by HTTP, and on the command line, with tiny checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from PIL.ExifTags import IFD, Base

from depth_demo.__main__ import main
from depth_demo.formats.photos import load_photo
from depth_demo.monocular.models import find_model
from depth_demo.monocular.moge import VARIANTS as MOGE_VARIANTS
from depth_demo.monocular.video_depth_anything import VARIANTS as VIDEO_VARIANTS
from tests.conftest import PAIRS, served_app
from tests.support.handmade_clips import gif, sweep
from tests.support.moge import official_config as moge_config
from tests.support.moge import random_state_dict as moge_weights
from tests.support.other_models import NAMES, folder_with
from tests.support.video_depth_anything import random_state_dict as video_weights

PAIR = PAIRS[0]
CAMERA = {"focal_length_px": 480, "baseline_m": 0.1, "num_disparities": 64}
DRAWN = {"input_size": 256, "steps": 1, "members": 3}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for name in NAMES:
        folder_with(folder, name)
    torch.save(video_weights(VIDEO_VARIANTS["vits"]), folder / "video_depth_anything_vits.pth")
    sizes = MOGE_VARIANTS["vits-normal"]
    content = {"model_config": moge_config(sizes), "model": moge_weights(sizes)}
    torch.save(content, folder / "moge-2-vits-normal.pt")
    return folder


@pytest.fixture(scope="module")
def client(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    variables = {
        "DEPTH_DEMO_WEIGHTS": str(weights),
        "HF_HUB_OFFLINE": "1",
        "DEPTH_DEMO_CACHE": str(tmp_path_factory.mktemp("cache")),
        "DEPTH_DEMO_HIDE": "depth-anything-v1-*, depth-anything-v2-metric-indoor-large",
    }
    with served_app(tmp_path_factory.mktemp("app"), variables) as url:
        yield Client(url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


def settings(name: str) -> dict[str, object]:
    return {"model": name, "patient": True, **(DRAWN if name.startswith("marigold") else {})}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_estimates_and_is_compared(name: str, client: Client) -> None:
    files: Any
    *_, files, summary = client.predict(handle_file(PAIR.left), api_name="/estimate", **settings(name))
    spec = find_model(name)
    assert spec.title in summary
    assert summary.startswith(f"**{spec.kind.value.capitalize()}**")
    assert spec.warning in summary
    stem = {"midas": "relative_inverse_depth", "depth": "depth_m", "marig": "relative_depth"}[name[:5]]
    numbers = next(Path(file) for file in files if file.endswith(f"{stem}.npy"))
    assert np.load(numbers).shape == load_photo(PAIR.left).pixels.shape[:2]
    compared = client.predict(
        handle_file(PAIR.left),
        handle_file(PAIR.right),
        handle_file(PAIR.disparity),
        api_name="/compare",
        **CAMERA,
        **settings(name),
    )
    assert spec.title in compared[10]
    scores = json.loads(next(Path(file) for file in compared[11] if file.endswith("_scores.json")).read_text("utf-8"))
    assert scores["model"]["name"] == name
    assert scores["model"]["licence"] == spec.licence
    assert len(scores["model"]["sha256"]) == (3 if name.startswith("marigold") else 1)


@pytest.mark.parametrize("views", [2, 1], ids=["a pair", "one view"])
def test_metres_are_compared_without_a_calibration(views: int, client: Client) -> None:
    right = handle_file(PAIR.right) if views == 2 else None
    compared = client.predict(
        handle_file(PAIR.left),
        right,
        handle_file(PAIR.disparity),
        num_disparities=64,
        api_name="/compare",
        **settings("depth-pro"),
    )
    report = next(Path(file) for file in compared[11] if file.endswith("_report.html")).read_text("utf-8")
    assert "robust scale + shift" in report


def test_moge_takes_the_focal_length(client: Client) -> None:
    """Its network at full size, with random weights."""
    asked = {"model": "moge-2-vits-normal", "input_size": 168, "focal_length_px": 480, "patient": True}
    *_, files, summary = client.predict(handle_file(PAIR.left), api_name="/estimate", **asked)
    assert "Its camera has a focal length of 480 px, as given." in summary
    depth = np.load(next(file for file in files if file.endswith("depth_m.npy")))
    assert depth.shape == load_photo(PAIR.left).pixels.shape[:2]


def test_a_model_of_videos_sees_all_frames_of_a_clip_at_once(client: Client, tmp_path: Path) -> None:
    """Its network at full size, with random weights."""
    clip = tmp_path / "street.gif"
    clip.write_bytes(gif(sweep(3)))
    files, summary = client.predict(
        handle_file(clip), model="video-depth-anything-small", resolution="fast", input_size=168, api_name="/video"
    )
    assert "This is a video model, and it saw all 3 frames at once." in summary
    with np.load(next(file for file in files if file.endswith(".npz"))) as saved:
        assert saved["depth"].shape == (3, 48, 64)
    *_, summary = client.predict(
        handle_file(PAIR.left), model="video-depth-anything-small", input_size=168, patient=True, api_name="/estimate"
    )
    assert "This is a video model, and it saw one frame." in summary


def test_a_model_of_stills_says_in_a_clip_what_it_says_of_a_photo(client: Client, tmp_path: Path) -> None:
    clip = tmp_path / "street.gif"
    clip.write_bytes(gif(sweep(2)))
    _, summary = client.predict(handle_file(clip), model="marigold-lcm", input_size=256, api_name="/video")
    assert "One answer was drawn, in one step from noise of seed 0." in summary
    with pytest.raises(AppError, match=r"Model must be one of .*, not 'phone'"):
        client.predict(handle_file(clip), model="phone", api_name="/video")


def test_depthcrafter_says_what_it_would_take_and_offers_others(client: Client, tmp_path: Path) -> None:
    clip = tmp_path / "street.gif"
    clip.write_bytes(gif(sweep(3)))
    sentence = r"DepthCrafter needs a GPU with CUDA\. .* of memory\. Choose Video Depth Anything Small or .*, which run here\."
    with pytest.raises(AppError, match=sentence):
        client.predict(handle_file(clip), model="depthcrafter", api_name="/video")


def test_three_answers_come_with_their_spread(client: Client) -> None:
    *_, files, summary = client.predict(handle_file(PAIR.left), api_name="/estimate", **settings("marigold-v1-1"))
    assert "3 answers were merged, in one step from noise of seed 0." in summary
    spread = np.load(next(file for file in files if file.endswith("_depth_spread.npy")))
    assert spread.min() >= 0
    assert spread.max() > 0


def test_the_focal_length_reaches_depth_pro_and_its_own_one_is_said(client: Client) -> None:
    def depth(focal_length_px: float) -> tuple[Any, str]:
        *_, files, summary = client.predict(
            handle_file(PAIR.left), focal_length_px=focal_length_px, api_name="/estimate", **settings("depth-pro")
        )
        return np.load(next(file for file in files if file.endswith("depth_m.npy"))), summary

    (near, _), (far, _), (_, own) = depth(300), depth(600), depth(0)
    both = np.isfinite(near) & np.isfinite(far)
    assert both.mean() > 0.5
    assert far[both] == pytest.approx(2 * near[both], rel=1e-4)
    assert own.count("estimated by Depth Pro, as a field of view of") == 2  # of the metres, and of the surface


def test_a_focal_length_from_exif_data_is_said_to_be_from_there(client: Client, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[Base.FocalLengthIn35mmFilm] = 50
    photo = tmp_path / "street.jpg"
    Image.new("RGB", (80, 64), "grey").save(photo, exif=exif)
    *_, summary = client.predict(handle_file(photo), api_name="/estimate", **settings("depth-pro"))
    assert summary.count("from the photo's EXIF data") == 2  # of the metres, and of the surface
    assert "as given" not in summary
    truth = tmp_path / "street_disparity.npy"
    np.save(truth, np.tile(np.linspace(5, 20, 80, dtype=np.float32), (64, 1)))
    compared = client.predict(
        handle_file(photo), None, handle_file(truth), truth_kind="disparity", api_name="/compare", **settings("depth-pro")
    )
    assert "from the photo's EXIF data" in compared[10]


def test_a_long_wait_is_asked_for_first_and_others_are_not(client: Client) -> None:
    with pytest.raises(AppError, match=r"Depth Pro takes about .* a photo on this machine\. If that is all right, tick"):
        client.predict(handle_file(PAIR.left), model="depth-pro", api_name="/estimate")
    *_, summary = client.predict(handle_file(PAIR.left), model="midas-swin2-tiny", api_name="/estimate")
    assert "MiDaS 3.1 Swin2 Tiny" in summary


def test_an_owner_hides_rows(client: Client) -> None:
    for hidden in ("depth-anything-v1-small", "depth-anything-v2-metric-indoor-large"):
        with pytest.raises(AppError, match=f"Model must be one of .*, not '{hidden}'"):
            client.predict(handle_file(PAIR.left), model=hidden, api_name="/estimate")


def test_too_many_steps_are_refused(client: Client) -> None:
    with pytest.raises(AppError, match="Steps must be from 1 to 50, not 51"):
        client.predict(handle_file(PAIR.left), model="marigold-lcm", steps=51, api_name="/estimate")


@pytest.mark.parametrize("name", ["midas-hybrid", "depth-pro", "marigold-lcm"])
def test_the_command_line_takes_every_family(
    name: str, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEPTH_DEMO_CACHE", str(tmp_path / "cache"))
    common = ["--model", name, "--weights", str(weights), "--resolution", "fast", "--out", str(tmp_path / "out")]
    assert main(["estimate", str(PAIR.left), *common, "--steps", "1"]) == 0
    assert find_model(name).title in capsys.readouterr().out
    camera = tmp_path / "camera.json"
    camera.write_text('{"focal_length_px": 480, "baseline_m": 0.1}')
    views = [
        str(PAIR.left),
        str(PAIR.right),
        "--truth",
        str(PAIR.disparity),
        "--disparities",
        "64",
        "--calibration",
        str(camera),
    ]
    assert main(["compare", *views, *common, "--steps", "1"]) == 0
