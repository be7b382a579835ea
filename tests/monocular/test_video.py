"""Models of videos behind one call: frames in, maps with one scale out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from depth_demo.geometry import DepthKind
from depth_demo.monocular.engines import zerogpu
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.models import MODELS, ModelSpec, find_model
from depth_demo.monocular.video import VideoEstimator, load_video_estimator
from depth_demo.monocular.video_depth_anything import VARIANTS
from tests.monocular.test_depthcrafter import clip
from tests.monocular.test_pretrained import photo
from tests.support.hub_server import HubServer
from tests.support.video_depth_anything import TINY, random_state_dict

NAME = "video-depth-anything-small"
SIDE = 168  # px: the short side of what the network sees here


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The official file's name, and a small network in it."""
    path = tmp_path_factory.mktemp("weights") / "video_depth_anything_vits.pth"
    torch.save(random_state_dict(TINY), path)
    return path


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VARIANTS, "vits", TINY)


@pytest.fixture
def still(weights: Path) -> TorchEstimator:
    return load_estimator(NAME, weights, "cpu")


def test_all_frames_get_a_map_of_their_size(weights: Path) -> None:
    video = load_video_estimator(NAME, weights, "cpu")
    maps = video.maps(clip(3), SIDE)
    assert [depth_map.shape for depth_map in maps] == 3 * [(60, 120)]
    assert {depth_map.kind for depth_map in maps} == {video.kind} == {DepthKind.RELATIVE_INVERSE_DEPTH}
    assert {depth_map.remark for depth_map in maps} == {"This is a video model, and it saw all 3 frames at once."}
    assert video.spec is find_model(NAME)
    assert video.most_frames == 32
    assert video.device_name == "CPU, float32"
    assert len(video.sha256) == 64


def test_a_frame_has_another_map_in_its_clip_than_alone(still: TorchEstimator) -> None:
    frames = clip(3)
    together, alone = VideoEstimator(still).maps(frames, SIDE)[1], still(frames[1], SIDE)
    assert alone.remark == "This is a video model, and it saw one frame."
    assert np.abs(together.values - alone.values).max() > 0.05 * np.ptp(together.values)
    assert np.array_equal(VideoEstimator(still).maps(frames[1:2], SIDE)[0].values, alone.values)


def test_the_short_call_gives_the_same_numbers_and_tells_frames(
    still: TorchEstimator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the trained size, which is made small here."""
    video, frames = VideoEstimator(still), clip(5, 20, 20)
    told: list[tuple[int, int]] = []
    values = video(frames, lambda done, total: told.append((done, total)))
    assert values.shape == (5, 20, 20)
    assert values.dtype == np.float32
    assert np.array_equal(values, np.stack([depth_map.values for depth_map in video.maps(frames)]))
    assert told == [(0, 5), (3, 5), (4, 5), (4, 5), (4, 5)]


def test_a_run_can_be_stopped(still: TorchEstimator) -> None:
    class StopError(Exception):
        """Somebody had enough."""

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        VideoEstimator(still)(clip(2), stop)


def test_a_model_that_sees_one_photo_is_refused() -> None:
    sentence = (
        "Depth Anything V2 Small sees one photo at a time. Models of videos are video-depth-anything-small and depthcrafter."
    )
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        load_video_estimator("depth-anything-v2-small")
    with pytest.raises(ValueError, match="Depth Demo Tiny 2 sees one photo at a time"):
        VideoEstimator(load_estimator("depth-demo-tiny", device="cpu"))


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((60, 120, 3), np.uint8), ((2, 60, 120), np.uint8), ((2, 60, 120, 4), np.uint8), ((0, 60, 120, 3), np.uint8),
     ((2, 60, 120, 3), np.float32)],
    ids=str,
)  # fmt: skip
def test_what_is_no_clip_is_refused(shape: tuple[int, ...], kind: type, still: TorchEstimator) -> None:
    with pytest.raises(ValueError, match=r"Frames are \(T, H, W, 3\) uint8 RGB, not "):
        VideoEstimator(still)(np.zeros(shape, kind))


def test_more_frames_than_it_takes_and_odd_input_sizes_are_refused(still: TorchEstimator) -> None:
    with pytest.raises(ValueError, match="Video Depth Anything Small takes up to 32 frames at once, not 33"):
        VideoEstimator(still)(clip(33, 8, 8))
    with pytest.raises(ValueError, match="multiple of 14 from 168 to 1036, not 100"):
        VideoEstimator(still).maps(clip(1), 100)


def test_too_little_memory_is_said(still: TorchEstimator, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(still, "run", run)
    with pytest.raises(ValueError, match=r"not enough free memory for Video Depth Anything Small on 2 frames .* fewer frames"):
        VideoEstimator(still)(clip(2))


def test_a_borrowed_gpu_sees_the_clip_at_once(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a lender, the same functions run here."""
    monkeypatch.setattr(zerogpu, "_kept", {})
    borrowing = VideoEstimator(zerogpu.BorrowingEstimator(find_model(NAME), [weights]))
    here = VideoEstimator(load_estimator(NAME, weights, "cpu"))
    assert np.array_equal(borrowing.maps(clip(2), SIDE)[1].values, here.maps(clip(2), SIDE)[1].values)
    weights_of_nobody = VideoEstimator(zerogpu.BorrowingEstimator(find_model(NAME), [weights.parent / "gone"]))
    with pytest.raises(ValueError, match="are gone from this machine"):
        weights_of_nobody.maps(clip(2), SIDE)


def test_it_is_fetched_once_and_then_runs_without_a_network(no_hub: None, hub: HubServer, weights: Path) -> None:
    (file,) = find_model(NAME).hub_files
    hub.publish(file.repo, file.name, weights.read_bytes())
    first = load_video_estimator(NAME, device="cpu")
    hub.close()
    again = load_video_estimator(NAME, device="cpu")
    assert first.sha256 == again.sha256
    before, after = (estimator.maps(clip(2), SIDE)[1].values for estimator in (first, again))
    assert np.array_equal(before, after)


def test_models_of_stills_are_all_others() -> None:
    assert [spec.name for spec in MODELS.values() if spec.frames > 1] == [NAME, "depthcrafter"]
    assert [spec.name for spec in MODELS.values() if spec.needs_gpu] == ["depthcrafter"]
    assert ModelSpec.__dataclass_fields__["frames"].default == 1


def test_a_photo_of_another_shape_is_a_clip_too(still: TorchEstimator) -> None:
    for size in ((32, 32), (30, 600), (600, 30)):
        depth_map = still(photo(*size), SIDE)
        assert depth_map.shape == size
        assert depth_map.valid.all()
