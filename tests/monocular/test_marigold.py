"""Marigold: depth drawn from noise, with tiny pipelines that diffusers wrote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers import MarigoldDepthPipeline
from PIL import Image

from depth_demo.caches import CACHE_VARIABLE
from depth_demo.geometry import DepthKind
from depth_demo.monocular.engines.zerogpu import gpu_seconds
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.models import Sampling, find_model
from tests.monocular.test_pretrained import photo
from tests.support.other_models import folder_with
from tests.support.tiny_checkpoints import Files, marigold

ROWS = ["marigold-v1-1", "marigold-lcm"]
SIDE = 256  # px: the longest side of what the network sees here


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def loaded(place: Path, name: str = "marigold-v1-1", files: Files | None = None) -> TorchEstimator:
    return load_estimator(name, folder_with(place, name, files), "cpu")


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("members", [1, 3])
def test_it_draws_what_the_library_draws(name: str, members: int, tmp_path: Path) -> None:
    """At the size of the photo, where neither side resizes; of three answers, with their uncertainty."""
    image, estimator = photo(160, SIDE), loaded(tmp_path, name)
    sampling = Sampling(steps=2, members=members)
    ours = estimator(image, SIDE, sampling=sampling)
    library: Any = MarigoldDepthPipeline
    pipeline = library.from_pretrained(tmp_path / find_model(name).hub_files[0].repo.rpartition("/")[2], local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        Image.fromarray(image),
        num_inference_steps=2,
        ensemble_size=members,
        processing_resolution=SIDE,
        generator=torch.Generator().manual_seed(0),
        output_uncertainty=members > 1,
        ensembling_kwargs={"max_res": 128},
    )
    assert ours.kind is DepthKind.RELATIVE_DEPTH
    assert np.ptp(ours.values) > 0.5
    limit = 2e-3 if members == 1 else 2e-2  # how answers are fitted to each other depends on the last bits
    assert np.abs(ours.values - theirs.prediction[0, :, :, 0]).max() < limit
    assert (ours.spread is None) == (members == 1)
    if ours.spread is not None:
        assert np.abs(ours.spread - theirs.uncertainty[0, :, :, 0]).max() < limit
        assert ours.spread.max() > 0.01


def test_the_same_seed_gives_the_same_map_and_another_one_another(tmp_path: Path) -> None:
    image, estimator = photo(64, 96), loaded(tmp_path)
    first, again, other = (estimator(image, SIDE, sampling=Sampling(steps=1, seed=seed)).values for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 0.05


def test_two_answers_tell_nothing_of_their_spread(tmp_path: Path) -> None:
    """The median of two is the lower one, so that diffusers 0.42 says that both agree everywhere."""
    assert loaded(tmp_path)(photo(64, 96), SIDE, sampling=Sampling(steps=1, members=2)).spread is None


def test_the_map_says_how_it_was_drawn(tmp_path: Path) -> None:
    estimator = loaded(tmp_path)
    assert estimator(photo(64, 96), SIDE).remark == (
        "One answer was drawn, in 4 steps from noise of seed 0. Another seed gives another map."
    )
    merged = estimator(photo(64, 96), SIDE, sampling=Sampling(steps=1, members=3, seed=7))
    assert merged.remark == "3 answers were merged, in one step from noise of seed 7. Another seed gives another map."


class StopError(Exception):
    """Somebody had enough."""


def test_each_step_is_told_and_a_run_can_be_stopped(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []

    def tell(share: float, text: str) -> None:
        told.append((share, text))
        if text == "Step 2 of 2, answer 2 of 3":
            raise StopError

    estimator = loaded(tmp_path)
    with pytest.raises(StopError):
        estimator(photo(64, 96), SIDE, sampling=Sampling(steps=2, members=3, tell=tell))
    assert [text for _, text in told] == [f"Step {step} of 2, answer {member} of 3" for member in (1, 2) for step in (1, 2)]
    assert [share for share, _ in told] == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6])
    assert estimator(photo(64, 96), SIDE).valid.all()  # and the next one finds nothing of it


@pytest.mark.parametrize("size", [(32, 32), (30, 1500), (1500, 30)], ids=str)
def test_small_and_narrow_photos_are_estimated(size: tuple[int, int], tmp_path: Path) -> None:
    depth_map = loaded(tmp_path)(photo(*size), SIDE)
    assert depth_map.shape == size
    assert depth_map.valid.all()


def test_the_text_encoder_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It only ever encodes no text: the answer is kept, and the maps stay the same to the bit."""
    image = photo(64, 96)
    first = loaded(tmp_path)(image, SIDE).values
    monkeypatch.setattr("depth_demo.monocular.diffusion._encode_nothing", lambda _: pytest.fail("the encoder was loaded"))
    again = load_estimator("marigold-v1-1", tmp_path, "cpu")
    assert np.array_equal(again(image, SIDE).values, first)


def test_a_pipeline_that_gives_disparity_is_refused(tmp_path: Path) -> None:
    files = dict(marigold())
    files["model_index.json"] = json.dumps(json.loads(files["model_index.json"]) | {"prediction_type": "disparity"}).encode()
    with pytest.raises(ValueError, match="This pipeline gives disparity, not depth"):
        loaded(tmp_path, files=files)


def test_a_pipeline_of_surface_normals_is_refused(tmp_path: Path) -> None:
    files, index = dict(marigold()), json.loads(marigold()["model_index.json"])
    del index["prediction_type"]
    files["model_index.json"] = json.dumps(index | {"_class_name": "MarigoldNormalsPipeline"}).encode()
    with pytest.raises(ValueError, match="This pipeline is a MarigoldNormalsPipeline, which gives no depth"):
        loaded(tmp_path, files=files)


@pytest.mark.parametrize("file", ["model_index.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json"])
def test_damaged_settings_are_refused_by_their_name(file: str, tmp_path: Path) -> None:
    name = file.rpartition("/")[2]
    for content, words in (
        (b"{", "is damaged or cut short"),
        (b"\xff\xfe\xfa", "is damaged or cut short"),
        (b"[]", "holds no settings"),
    ):
        with pytest.raises(ValueError, match=f"not those of Marigold 1.1 .* {name} {words}"):
            loaded(tmp_path, files=dict(marigold()) | {file: content})


@pytest.mark.parametrize("words", [{}, {"<|startoftext|>": 99, "<|endoftext|>": 1}], ids=["none", "unknown to the encoder"])
def test_words_that_the_text_encoder_does_not_know_are_refused(words: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="damaged or cut short, or of another model"):
        loaded(tmp_path, files=dict(marigold()) | {"tokenizer/vocab.json": json.dumps(words).encode()})


@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model"])
def test_a_tensor_that_is_missing_is_refused_by_its_name(part: str, tmp_path: Path) -> None:
    files = dict(marigold())
    tensors = safetensors.torch.load(files[f"{part}.safetensors"])
    removed = max(tensors)
    del tensors[removed]
    files[f"{part}.safetensors"] = safetensors.torch.save(tensors, {"format": "pt"})
    with pytest.raises(ValueError, match=rf"1 weights are missing \({re.escape(removed)}\)"):
        loaded(tmp_path, files=files)


def test_what_makes_no_sampling_is_refused() -> None:
    with pytest.raises(ValueError, match="Steps must be from 1 to 50, not 0"):
        Sampling(steps=0)
    with pytest.raises(ValueError, match="Ensemble members must be from 1 to 20, not 21"):
        Sampling(steps=1, members=21)


@pytest.mark.parametrize("steps", [1.5, float("inf"), float("nan"), -1, 51, "4", True], ids=str)
def test_steps_that_are_no_number_of_steps_are_refused(steps: Any) -> None:
    with pytest.raises(ValueError, match=r"^Steps must be (from 1 to 50|a whole number), not "):
        Sampling(steps=steps)
    with pytest.raises(ValueError, match=r"^Steps must be (from 1 to 50|a whole number), not "):
        find_model("marigold-v1-1").drawing(steps, None)


@pytest.mark.parametrize("seed", [-1, 1.5, 2**70, None], ids=str)
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"^The seed must be a whole number from 0 to 4294967295, not "):
        Sampling(steps=1, seed=seed)


def test_more_steps_and_answers_cost_more() -> None:
    spec, size = find_model("marigold-v1-1"), NetworkSize(480, 768, capped=False)
    one = spec.work(size, Sampling(steps=1))
    assert one == pytest.approx(3.17e12)
    assert spec.work(size) == pytest.approx(4.961e12)
    assert spec.work(size, Sampling(steps=4, members=5)) == pytest.approx(21.6e12, rel=0.02)
    assert replace(spec, sampling=Sampling(steps=1)).work(size) == one


def test_a_borrowed_gpu_is_asked_for_as_long_as_all_steps_take(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"0" * 10**6)
    pixels = np.zeros((1, 3, 480, 768), np.float32)
    short, usual, long = (
        gpu_seconds("marigold-v1-1", [weights] * 2000, pixels, sampling)
        for sampling in (Sampling(steps=1), None, Sampling(steps=4, members=5))
    )
    assert short < usual < long
