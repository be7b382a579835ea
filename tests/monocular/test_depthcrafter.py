"""DepthCrafter: depth of a clip drawn from noise, with a tiny checkpoint that the libraries wrote."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers.pipelines.stable_video_diffusion import pipeline_stable_video_diffusion as published
from numpy.typing import NDArray
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from depth_demo.geometry import DepthKind
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.depthcrafter import DEPTHCRAFTER, MOST_FRAMES
from depth_demo.monocular.engines import zerogpu
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.hub import download
from depth_demo.monocular.input_size import NetworkSize, network_size
from depth_demo.monocular.models import WeightsUnavailableError
from depth_demo.monocular.timing import refuse_without_gpu
from depth_demo.monocular.video import VideoEstimator, load_video_estimator
from depth_demo.monocular.video_diffusion import each_frame_its_own, shrunk
from tests.monocular.test_pretrained import photo
from tests.support.hub_server import HubServer
from tests.support.tiny_checkpoints import Files
from tests.support.tiny_depthcrafter import BASE, OWN, depthcrafter, depthcrafter_folder

SIDE = 256  # px: the longest side of what the network sees here


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return depthcrafter_folder(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def still(place: Path) -> TorchEstimator:
    return load_estimator("depthcrafter", place, "cpu")


@pytest.fixture(scope="module")
def video(still: TorchEstimator) -> VideoEstimator:
    return VideoEstimator(still)


def clip(count: int, height: int = 60, width: int = 120) -> NDArray[np.uint8]:
    return np.stack([photo(height, width, seed) for seed in range(count)])


def damaged(repo: str, name: str, content: bytes) -> dict[str, Files]:
    files = depthcrafter()
    return files | {repo: files[repo] | {name: content}}


# What it gives.


def test_a_photo_is_a_clip_of_one_frame(still: TorchEstimator, video: VideoEstimator) -> None:
    image = photo(90, 120)
    depth_map = still(image, SIDE)
    assert depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert depth_map.shape == (90, 120)
    assert 0 <= depth_map.values.min() < depth_map.values.max() - 0.1 < 0.9
    assert depth_map.remark == (
        "This is a video model, and it saw one frame. "
        "The answer was drawn in 5 steps from noise of seed 0. Another seed gives another map."
    )
    (same,) = video.maps(image[None], SIDE)
    assert np.array_equal(same.values, depth_map.values)


@pytest.mark.parametrize(("height", "width", "steps"), [(64, 128, 5), (128, 64, 2)])
def test_of_one_frame_it_draws_what_the_library_draws(height: int, width: int, steps: int, still: TorchEstimator) -> None:
    """With one frame, the video network's own pipeline has the same parts, noise and steps. It is told 7 frames as 8 - 1."""
    network, image = still.network, photo(height, width)
    pipeline: Any = published.StableVideoDiffusionPipeline(
        vae=network.autoencoder,
        image_encoder=network.image_encoder,
        unet=network.unet,
        scheduler=network.scheduler,
        feature_extractor=CLIPImageProcessorPil(),
    )
    pipeline.set_progress_bar_config(disable=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        drawn = pipeline(
            Image.fromarray(image),
            height=height,
            width=width,
            num_frames=1,
            num_inference_steps=steps,
            min_guidance_scale=1.0,
            max_guidance_scale=1.0,
            fps=8,
            generator=torch.Generator().manual_seed(0),
            output_type="np",
        )
    theirs = drawn.frames[0, 0].mean(axis=2)
    pixels = torch.from_numpy(image.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)
    with torch.inference_mode():
        ours = network(pixels, Sampling(steps=steps))[0].numpy()
    assert np.ptp(theirs) > 0.2
    assert np.abs(ours - theirs).max() < 1e-4


def test_a_clip_has_a_map_for_each_frame(video: VideoEstimator) -> None:
    maps = video.maps(clip(3), SIDE, Sampling(steps=1, seed=7))
    assert [depth_map.shape for depth_map in maps] == 3 * [(60, 120)]
    (remark,) = {depth_map.remark for depth_map in maps}
    assert remark == (
        "This is a video model, and it saw all 3 frames at once. "
        "The answer was drawn in one step from noise of seed 7. Another seed gives another map."
    )


def test_the_same_seed_gives_the_same_maps_and_another_one_others(video: VideoEstimator) -> None:
    def drawn(seed: int) -> NDArray[np.float32]:
        return np.stack([depth_map.values for depth_map in video.maps(clip(2), SIDE, Sampling(steps=2, seed=seed))])

    first, again, other = drawn(0), drawn(0), drawn(1)
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 0.05


def test_frames_see_each_other(video: VideoEstimator) -> None:
    """The second frame changes the map of the first, whose noise stays the same."""
    network = video._engine.network  # type: ignore[attr-defined]  # the pixels of both, without resizing
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    changed = torch.stack((pixels[0], pixels[0]))
    with torch.inference_mode():
        first, second = (network(frames, Sampling(steps=2))[0] for frames in (pixels, changed))
    assert (first - second).abs().max() > 0.01


def test_each_frame_is_given_its_own_vector(still: TorchEstimator) -> None:
    """The library gives one vector to all frames. With equal vectors, both ways are the same to the bit."""
    unet = still.network.get_submodule("unet")
    generator = torch.Generator().manual_seed(0)
    latents, told = torch.randn(1, 3, 8, 8, 8, generator=generator), torch.tensor([[7.0, 127.0, 0.02]])
    vectors = torch.randn(3, 32, generator=generator)

    def answer(own: torch.Tensor | None) -> torch.Tensor:
        with torch.inference_mode():
            if own is None:
                return unet(latents, 1.0, vectors[:1, None], told, return_dict=False)[0]
            with each_frame_its_own(unet, own):
                return unet(latents, 1.0, vectors[:1, None], told, return_dict=False)[0]

    alike, library, mixed = answer(vectors[:1].repeat(3, 1)), answer(None), answer(vectors)
    assert torch.equal(alike, library)
    assert (mixed - library)[0, 1:].abs().amax(dim=(1, 2, 3)).min() > 1e-3
    assert torch.equal(answer(None), library)  # and nothing of it stays


@pytest.mark.parametrize("size", [(512, 320), (64, 448), (192, 192)], ids=str)
def test_frames_are_shrunk_as_published(size: tuple[int, int]) -> None:
    frames = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
    theirs = published._resize_with_antialiasing(frames, (224, 224))
    assert (shrunk(frames, 224) - theirs).abs().max() < 1e-5


def test_nothing_that_the_libraries_say_to_each_other_is_heard(place: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_estimator("depthcrafter", place, "cpu")(photo(32, 32), SIDE, sampling=Sampling(steps=1)).valid.all()


@pytest.mark.parametrize("type_", [torch.bfloat16, torch.float16], ids=str)
def test_in_16_bits_as_on_a_gpu_it_gives_about_the_same(type_: torch.dtype, still: TorchEstimator) -> None:
    frames = torch.from_numpy(np.stack([image.transpose(2, 0, 1) for image in clip(2, 64, 128)])) / 127.5 - 1
    with torch.inference_mode():
        whole = still.network(frames, Sampling(steps=5))
        with torch.autocast("cpu", type_):
            half = still.network(frames, Sampling(steps=5))
    assert half.dtype == torch.float32
    assert 0 < (half - whole).abs().max() < 0.1 * (whole.max() - whole.min())


# Progress.


class StopError(Exception):
    """Somebody had enough."""


def test_each_step_is_told_and_a_run_can_be_stopped(video: VideoEstimator) -> None:
    told: list[tuple[float, str]] = []

    def tell(share: float, text: str) -> None:
        told.append((share, text))
        if text == "Decoding frame 9 of 9":
            raise StopError

    with pytest.raises(StopError):
        video.maps(clip(9, 32, 64), SIDE, Sampling(steps=2), tell)
    assert [text for _, text in told] == [
        "Step 1 of 2", "Step 2 of 2", "Decoding frame 1 of 9", "Decoding frame 9 of 9",
    ]  # fmt: skip
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] < 1
    assert video.maps(clip(1), SIDE)[0].valid.all()  # and the next run finds nothing of it


def test_a_photo_tells_its_steps_too(still: TorchEstimator) -> None:
    told: list[str] = []
    still(photo(32, 32), SIDE, sampling=Sampling(steps=3, tell=lambda _, text: told.append(text)))
    assert told == ["Step 1 of 3", "Step 2 of 3", "Step 3 of 3", "Decoding frame 1 of 1"]


# Refusals.


def test_several_answers_are_refused(still: TorchEstimator) -> None:
    with pytest.raises(ValueError, match="DepthCrafter draws one answer: set the ensemble members to 1, not 3"):
        still(photo(32, 32), SIDE, sampling=Sampling(steps=1, members=3))


def test_more_frames_than_it_takes_are_refused(video: VideoEstimator) -> None:
    assert video.most_frames == MOST_FRAMES == 32
    with pytest.raises(ValueError, match="DepthCrafter takes up to 32 frames at once, not 33"):
        video(np.zeros((33, 8, 8, 3), np.uint8))


@pytest.mark.parametrize("load", [load_estimator, load_video_estimator], ids=["stills", "videos"])
def test_without_a_gpu_it_says_what_it_would_take(load: object, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr("depth_demo.monocular.timing.machine_rate", lambda: 50e9)
    monkeypatch.setattr("depth_demo.monocular.estimator.best_device", lambda: "cpu")
    sentence = (
        "DepthCrafter needs a GPU with CUDA. On the processor of this machine, a photo would take about a minute, a clip of "
        "32 frames about 44 minutes, and both 10.3 GiB of memory. Choose Video Depth Anything Small or Depth Anything V2 "
        "Small, which run here."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        load("depthcrafter", place)  # type: ignore[operator]


def test_a_slow_machine_is_told_more_minutes() -> None:
    with pytest.raises(ValueError, match="a photo would take about 7 minutes, a clip of 32 frames about 220 minutes"):
        refuse_without_gpu(DEPTHCRAFTER, rate=10e9)


def test_where_no_gpu_can_be_borrowed_it_is_not_run_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zerogpu, "_PROBLEMS", ["the package spaces cannot be used"])
    with pytest.raises(ValueError, match="DepthCrafter needs a GPU"):
        zerogpu.load(DEPTHCRAFTER)


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        (OWN, "diffusion_pytorch_model.safetensors"),
        (BASE, "vae/diffusion_pytorch_model.fp16.safetensors"),
        (BASE, "image_encoder/model.fp16.safetensors"),
    ],
)
@pytest.mark.parametrize("damage", ["missing", "of another shape"])
def test_a_tensor_that_does_not_fit_is_refused_by_its_name(repo: str, name: str, damage: str, tmp_path: Path) -> None:
    tensors = safetensors.torch.load(depthcrafter()[repo][name])
    victim = max(key for key, value in tensors.items() if value.ndim > 1)
    if damage == "missing":
        del tensors[victim]
    else:
        tensors[victim] = tensors[victim][:-1].contiguous()
    place = depthcrafter_folder(tmp_path, damaged(repo, name, safetensors.torch.save(tensors, {"format": "pt"})))
    with pytest.raises(ValueError, match=rf"not those of DepthCrafter .*1 weights are {damage} \({re.escape(victim)}\)"):
        load_estimator("depthcrafter", place, "cpu")


def test_another_scheduler_is_refused(tmp_path: Path) -> None:
    name = "scheduler/scheduler_config.json"
    config = json.loads(depthcrafter()[BASE][name]) | {"_class_name": "DDIMScheduler"}
    place = depthcrafter_folder(tmp_path, damaged(BASE, name, json.dumps(config).encode()))
    with pytest.raises(ValueError, match="Its scheduler must be EulerDiscreteScheduler, not DDIMScheduler"):
        load_estimator("depthcrafter", place, "cpu")


@pytest.mark.parametrize("status", [401, 403])
def test_the_base_that_asks_for_its_terms_to_be_accepted_is_named(
    status: int, no_hub: None, hub: HubServer, tmp_path: Path
) -> None:
    hub.refusal = status, "GatedRepo"
    file = DEPTHCRAFTER.hub_files[0]
    sentence = (
        f"DepthCrafter cannot be loaded: the Hub answered {status}, and {file.name} is not on this machine. If "
        f"huggingface.co/{BASE} has terms, accept them there with an account of the Hub, set HF_TOKEN to a token of it, and "
        "try again, or put the file"
    )
    with pytest.raises(WeightsUnavailableError, match=f"^{re.escape(sentence)}"):
        download(DEPTHCRAFTER, file)


# Its row.


@pytest.mark.parametrize(
    ("photo_size", "seen"),
    [((1200, 1600), (384, 512)), ((1080, 1920), (256, 512)), ((32, 32), (512, 512)), ((30, 1500), (64, 512))],
)
def test_frames_are_seen_in_multiples_of_64(photo_size: tuple[int, int], seen: tuple[int, int]) -> None:
    size = network_size(*photo_size, DEPTHCRAFTER.preprocessing.short_side, DEPTHCRAFTER.preprocessing)
    assert (size.height, size.width) == seen


@pytest.mark.parametrize(
    ("height", "width", "steps", "expected"),  # torch.utils.flop_counter over networks of the published sizes, in 1e9
    [
        (192, 320, 1, 167.3 + 127.8 + 353.5 + 143.0),
        (320, 512, 5, 167.3 + 344.9 + 946.9 + 5 * 395.9),
        (512, 512, 5, 167.3 + 558.3 + 1521.4 + 5 * 656.3),
    ],
)
def test_the_cost_is_that_of_the_networks(height: int, width: int, steps: int, expected: float) -> None:
    work = DEPTHCRAFTER.work(NetworkSize(height, width, capped=False), Sampling(steps=steps))
    assert work / 1e9 == pytest.approx(expected, rel=2e-3)


def test_its_licence_is_said_in_words() -> None:
    assert DEPTHCRAFTER.licence == "academic, research and education only"


def test_it_is_fetched_once_and_then_runs_without_a_network(no_hub: None, hub: HubServer) -> None:
    for repo, files in depthcrafter().items():
        for name, content in files.items():
            hub.publish(repo, name, content)
    first = load_estimator("depthcrafter", device="cpu")
    hub.close()
    again = load_estimator("depthcrafter", device="cpu")
    assert first.sha256 == again.sha256
    assert re.fullmatch("[0-9a-f]{64}( [0-9a-f]{64}){2}", first.sha256)  # of the files of weights
    before, after = (estimator(photo(48, 64), SIDE, sampling=Sampling(steps=1)).values for estimator in (first, again))
    assert np.array_equal(before, after)


def test_the_base_is_asked_before_the_rest_is_fetched(no_hub: None, hub: HubServer) -> None:
    """Only its own files are public here, and whoever has not accepted the terms waits for none of them."""
    for name, content in depthcrafter()[OWN].items():
        hub.publish(OWN, name, content)
    with pytest.raises(WeightsUnavailableError, match=rf"put the file \(from huggingface.co/{BASE}\)"):
        load_estimator("depthcrafter", device="cpu")
    assert not hub.count("GET /cdn")
