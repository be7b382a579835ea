"""The app on ZeroGPU: the real package `spaces` 0.51.3 lends a GPU that is not there, from a server on this machine.

What cannot be seen without the platform: CUDA itself and its emulation by a CUDA build of torch, real quotas, a worker that is
ended because its time is over, and which torch the platform's builder picks.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from depth_demo.monocular.engines import zerogpu
from depth_demo.monocular.estimator import load_estimator
from depth_demo.monocular.models import BUNDLED, TINY
from tests.conftest import PAIRS, Served, started
from tests.support.device_api import EVENTS, NONE_FREE, DeviceApi, Reply, over_quota

SCRIPT = "tests/support/app_on_zero_gpu.py"
ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0
MATCHED = "Estimating depth on a borrowed GPU"  # what the progress says once both views are matched
TOKEN = f"head.{base64.urlsafe_b64encode(b'{}').decode()}.signature"  # as Hugging Face adds it to a visitor's requests
VISITOR = {"x-ip-token": TOKEN}


@dataclass
class Space:
    """The app, the lender behind it, and photos that nobody has estimated yet."""

    served: Served
    api: DeviceApi
    folder: Path
    photos: int = 0

    def photo(self) -> Path:
        self.photos += 1
        path = self.folder / f"photo-{self.photos}.png"
        noise = np.random.default_rng(self.photos).integers(0, 255, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((160, 120), Image.Resampling.BICUBIC).save(path)
        return path

    def visitor(self) -> Client:
        return Client(self.served.url, verbose=False, headers=VISITOR)


@contextmanager
def on_zero_gpu(folder: Path, lender: str) -> Iterator[Served]:
    """The app with its weights in a folder, which borrows from this address."""
    weights = folder / "weights"
    weights.mkdir()
    for name in ("borrowing", "dying", "failing"):
        shutil.copy(BUNDLED / TINY.files[0].name, weights / f"{name}.safetensors")
    (weights / "damaged.safetensors").write_bytes(bytes(1000))
    variables = {
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": lender,
        "DEPTH_DEMO_WEIGHTS": str(weights),
        "HOME": str(folder),
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "*",
    }
    with started([], SCRIPT, folder, variables) as served:
        yield served


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    folder = tmp_path_factory.mktemp("space")
    with DeviceApi() as api, on_zero_gpu(folder, api.url) as served:
        assert [asked.what for asked in api.asked] == ["startup-report"]  # that something is decorated
        yield Space(served, api, folder)


def wait_for(condition: Callable[[], bool]) -> None:
    """Look again and again, for a minute at most."""
    until = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < until


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    if "space" in request.fixturenames:
        space: Space = request.getfixturevalue("space")
        space.api.asked.clear()


def estimate(visitor: Client, photo: Path, model: str = "borrowing") -> tuple[np.ndarray, str]:
    """Return the map and the summary."""
    *_, files, summary = visitor.submit(handle_file(photo), model=model, api_name="/estimate").result(TIMEOUT_S)
    array = next(file for file in files if file.endswith(".npy"))
    return np.load(array), summary


def test_an_estimate_borrows_a_gpu_once(space: Space) -> None:
    visitor, photo = space.visitor(), space.photo()
    values, summary = estimate(visitor, photo)
    expected = load_estimator(TINY.name, device="cpu")(np.asarray(Image.open(photo)))
    np.testing.assert_allclose(values, expected.values, rtol=1e-5, atol=1e-5)
    assert "ZeroGPU, float32" in summary
    assert [asked.what for asked in space.api.asked] == ["schedule", "allow", "release"]
    assert space.api.count("schedule", token=TOKEN, tokenVersion="2", durationSeconds="9") == 1
    assert space.api.count("release", fail="false") == 1
    estimate(visitor, photo)  # which is kept
    assert space.api.count("schedule") == 1
    estimate(visitor, space.photo())
    assert space.api.count("schedule") == 2
    assert space.api.count("allow") == 1  # the same worker, which has the network loaded


def test_what_is_bundled_runs_on_the_processor(space: Space) -> None:
    values, summary = estimate(space.visitor(), space.photo(), TINY.name)
    assert values.std() > 0
    assert "CPU, float32" in summary
    assert space.api.asked == []


def test_nobody_is_turned_away_from_an_empty_queue(space: Space) -> None:
    """Gradio gives the queue one place on ZeroGPU unless it is told another number."""
    visitors = [space.visitor() for _ in range(5)]
    jobs = [visitor.submit(handle_file(space.photo()), model="borrowing", api_name="/estimate") for visitor in visitors]
    assert all(job.result(TIMEOUT_S) for job in jobs)
    assert space.api.count("schedule", token=TOKEN) == len(jobs)
    assert space.api.count("release", fail="false") == len(jobs)


def test_compare_borrows_once_and_matches_meanwhile(space: Space) -> None:
    pair = PAIRS[0]
    views = [handle_file(path) for path in (pair.left, pair.right, pair.disparity)]
    space.api.gate.clear()
    try:
        job = space.visitor().submit(*views, model="borrowing", num_disparities=64, api_name="/compare")
        until = time.monotonic() + TIMEOUT_S
        while not any(step.desc == MATCHED for step in job.status().progress_data or ()):
            assert time.monotonic() < until
        assert not job.done()
    finally:
        space.api.gate.set()
    assert "ZeroGPU" in str(job.result(TIMEOUT_S))
    assert space.api.count("schedule", token=TOKEN) == 1  # whose time is counted although it ran in a thread of its own
    assert space.api.count("release", fail="false") == 1


def test_a_pair_that_cannot_be_matched_borrows_nothing(space: Space) -> None:
    left = handle_file(PAIRS[0].left)
    with pytest.raises(AppError, match="Both views are the same picture"):
        space.visitor().predict(left, left, model="borrowing", api_name="/compare")
    assert space.api.asked == []


def test_swapped_views_are_refused_and_borrow_no_more_than_the_others(space: Space) -> None:
    pair, visitor = PAIRS[0], space.visitor()
    views = [handle_file(path) for path in (pair.right, pair.left)]
    space.api.gate.clear()
    try:
        for number in range(zerogpu.AT_ONCE + 2):
            asked: dict[str, Any] = {"model": "borrowing", "input_size": 168 + 28 * number, "num_disparities": 64}
            with pytest.raises(AppError, match="look swapped"):
                visitor.submit(*views, **asked, api_name="/compare").result(TIMEOUT_S)
        assert space.api.count("schedule") <= zerogpu.AT_ONCE
    finally:
        space.api.gate.set()


def test_no_worker_outlives_a_server_that_ends_while_a_comparison_waits_for_a_gpu(tmp_path: Path) -> None:
    with DeviceApi() as api, on_zero_gpu(tmp_path, api.url) as served:
        visitor = Client(served.url, verbose=False)
        photo = handle_file(PAIRS[0].left)
        visitor.submit(photo, model="borrowing", api_name="/estimate").result(TIMEOUT_S)
        (worker,) = (int(asked.fields["pid"]) for asked in api.asked if asked.what == "allow")
        assert Path(f"/proc/{worker}").exists()
        api.gate.clear()
        visitor.submit(photo, handle_file(PAIRS[0].right), model="borrowing", input_size=196, api_name="/compare")
        wait_for(lambda: api.count("schedule") == 2)
        served.process.terminate()
        served.process.wait(TIMEOUT_S)
        wait_for(lambda: not Path(f"/proc/{worker}").exists())
        api.gate.set()


def test_without_the_lender_at_the_start_the_processor_computes_and_says_why(tmp_path: Path) -> None:
    with DeviceApi() as api:
        closed = api.url
    with on_zero_gpu(tmp_path, closed) as served:
        _, summary = estimate(Client(served.url, verbose=False), PAIRS[0].left)
    assert "CPU, float32, because the lender of GPUs failed at the start" in summary


REFUSED = {
    "a day's seconds are used up": (
        over_quota(3, 7260),
        r"used up \(this run asks for 9 s, 3 s are left, more comes in 2:01:00\)",
    ),
    "more than all are used up": (over_quota(-5, 60), "this run asks for 9 s, 0 s are left, more comes in 0:01:00"),
    "no more runs today": (over_quota(0, 0), "used up the number of GPU runs"),
    "longer than anybody may": (over_quota(100, -1), "lends no GPU for as long as this run would take"),
    "none free within a minute": (NONE_FREE, "No GPU was free within a minute"),
    "none free": (Reply(503), "No GPU is free just now"),
    "an old page": (Reply(401), "no longer knows your visit: reload the page"),
    "the lender is broken": (Reply(500), "No GPU could be borrowed just now"),
    "a success that the package overlooks beside a ping": (
        Reply(200, "event: ping\n\nevent: succeeded\ndata: {}\n\n", EVENTS),
        "No GPU could be borrowed just now",
    ),
    "an answer that is none": (Reply(200, "<html>"), "No GPU could be borrowed just now"),
}


@pytest.mark.parametrize(("reply", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_sentence_that_offers_the_processor(space: Space, reply: Reply, sentence: str) -> None:
    visitor, photo = space.visitor(), space.photo()
    space.api.replies.append(reply)
    with pytest.raises(AppError, match=sentence) as caught:
        estimate(visitor, photo)
    assert f"choose {TINY.title}, which runs on the CPU." in str(caught.value)
    assert "<" not in str(caught.value)
    estimate(visitor, photo)  # the next one gets a GPU


@pytest.mark.parametrize(
    ("model", "sentence", "failed"),
    [
        ("dying", "The GPU was taken away before the run ended, or the run failed there", "true"),
        ("failing", "The GPU was taken away before the run ended, or the run failed there", "true"),
        ("damaged", "is damaged, cut short, or not a checkpoint", "false"),
    ],
)
def test_what_fails_on_the_gpu_is_a_sentence_and_gives_it_back(space: Space, model: str, sentence: str, failed: str) -> None:
    visitor = space.visitor()
    with pytest.raises(AppError, match=sentence):
        estimate(visitor, space.photo(), model)
    assert space.api.count("release", fail=failed) == 1
    estimate(visitor, space.photo())
    assert space.api.count("release", fail="false") == 1 + (failed == "false")


@pytest.mark.parametrize(
    ("package", "problem"), [("raise ImportError('moved')", "ImportError"), ("def gpu(): ...", "AttributeError")]
)
def test_without_a_package_that_lends_the_processor_computes_and_says_why(tmp_path: Path, package: str, problem: str) -> None:
    (tmp_path / "spaces.py").write_text(package)
    program = """
import numpy as np
from depth_demo.monocular.engines.choice import load_fastest
loaded = load_fastest("depth-demo-tiny")
loaded(np.zeros((32, 32, 3), np.uint8))
print(loaded.device_name)
"""
    variables = {"SPACES_ZERO_GPU": "true", "PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True, timeout=TIMEOUT_S
    )
    assert run.stdout.strip() == f"CPU, float32, because the package spaces cannot be used ({problem})"


def test_elsewhere_the_function_is_itself_and_the_package_is_not_imported() -> None:
    program = """
import sys
import time
from depth_demo.monocular.engines import zerogpu
assert "spaces" not in sys.modules
assert not hasattr(zerogpu.infer, "__wrapped__")
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=TIMEOUT_S)
    assert not zerogpu.is_on_zero_gpu()


@pytest.mark.parametrize(("value", "is_on"), [("true", True), ("1", True), ("T", True), ("false", False), ("", False)])
def test_the_variable_is_read_as_the_package_reads_it(monkeypatch: pytest.MonkeyPatch, value: str, *, is_on: bool) -> None:
    monkeypatch.setenv(zerogpu.VARIABLE, value)
    assert zerogpu.is_on_zero_gpu() == is_on


def test_larger_models_and_inputs_ask_for_more_seconds(tmp_path: Path) -> None:
    sizes = {"depth-anything-v2-small": 99_218_434, "depth-anything-v2-large": 1_341_395_338}
    asked: dict[tuple[str, int], int] = {}
    for name, size in sizes.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
        for side in (518, 1036):
            asked[name, side] = zerogpu.gpu_seconds(name, [tmp_path / name], np.empty((1, 3, side, side), np.float32))
    assert list(asked.values()) == [9, 10, 22, 30]
