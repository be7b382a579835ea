"""The other engine: as exact as torch on every grid, without torch once its graph is kept, and never by surprise."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch
import torch.nn.functional as F
from openvino import opset13

from depth_demo.monocular.depth_anything import VARIANTS, load_network
from depth_demo.monocular.depth_anything.positions import cubic_weights, resampling_weights
from depth_demo.monocular.efficientnet import fold
from depth_demo.monocular.engines import graph_cache
from depth_demo.monocular.engines.choice import load_fastest
from depth_demo.monocular.engines.export import trace
from depth_demo.monocular.engines.lock import ONE_AT_A_TIME
from depth_demo.monocular.engines.openvino import OpenVinoEstimator, write_graph
from depth_demo.monocular.engines.trial import times_as_fast
from depth_demo.monocular.engines.verdict import Verdict
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, TINY, find_model
from depth_demo.monocular.tiny_lite import PREPROCESSING, load_tiny_lite
from depth_demo.serving.malloc import give_memory_back
from tests.support.efficientnet import random_checkpoint, random_tiny_lite
from tests.support.faults import disk_full_after
from tests.support.official import random_state_dict
from tests.support.small_model import SMALL_NETWORK

PHOTO = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)
METRIC = find_model("depth-anything-v2-metric-indoor-small")


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the small network, under the name of the default model's file."""
    path = tmp_path_factory.mktemp("weights") / DEFAULT.files[0].name
    torch.save(random_state_dict(SMALL_NETWORK), path)
    return path


@pytest.fixture(scope="module")
def filled_cache(weights_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `load_fastest` leaves in an empty cache."""
    folder = tmp_path_factory.mktemp("filled") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPTH_DEMO_CACHE", str(folder))
        patch.delenv("DEPTH_DEMO_ENGINE")
        patch.setitem(VARIANTS, "vits", SMALL_NETWORK)
        load_fastest(DEFAULT_MODEL, weights_file)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no wish for an engine."""
    monkeypatch.setenv("DEPTH_DEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DEPTH_DEMO_ENGINE")
    return tmp_path / "cache"


@pytest.fixture
def small_weights(weights_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the default model, whose network is a small one here."""
    monkeypatch.setitem(VARIANTS, "vits", SMALL_NETWORK)
    return Path(shutil.copy(weights_file, tmp_path))


@pytest.fixture
def kept(cache: Path, small_weights: Path, filled_cache: Path) -> Path:
    """The folder of the only graph in the cache, which an earlier run of the app has left."""
    shutil.copytree(filled_cache, cache)
    (folder,) = (cache / "graphs").iterdir()
    return folder


def relative_error(network: torch.nn.Module, engine: OpenVinoEstimator, height: int, width: int) -> float:
    pixels = np.random.default_rng(5).standard_normal((1, 3, height, width), np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).numpy()
    assert expected.std() > 0.01 * expected.mean() > 0
    return float(np.abs(engine.run(pixels) - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("max_depth", [None, 80.0])
def test_equals_torch_on_the_trained_grid_and_an_odd_one_with_every_activation(max_depth: float | None) -> None:
    network = load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK, max_depth)
    spec = METRIC if max_depth else DEFAULT
    engine = OpenVinoEstimator(spec, trace(network, spec))
    for height, width in ((518, 518), (182, 322), (14, 14)):
        assert relative_error(network, engine, height, width) <= 1e-5
    expected = TorchEstimator(spec, network, "cpu")(PHOTO, 168)
    ours = engine(PHOTO, 168)
    assert ours.kind is expected.kind
    np.testing.assert_allclose(ours.values, expected.values, rtol=0, atol=1e-5 * float(np.nanmax(expected.values)))


def test_equals_torch_with_the_network_that_is_published() -> None:
    network = load_network(random_state_dict(VARIANTS["vits"]), "vits")
    assert relative_error(network, OpenVinoEstimator(DEFAULT, trace(network, DEFAULT)), 182, 238) <= 1e-5


def test_equals_torch_with_padding_that_depends_on_the_size() -> None:
    """The convolutions with stride 2 pad even and odd sides differently; these sizes have both, on each level."""
    network = load_tiny_lite(random_tiny_lite(), fold(random_checkpoint()))
    spec = replace(TINY, preprocessing=PREPROCESSING)
    engine = OpenVinoEstimator(spec, trace(network, spec))
    for height, width in ((252, 336), (168, 392), (182, 238), (56, 42), (518, 70)):
        assert relative_error(network, engine, height, width) <= 1e-4


def test_an_idle_engine_gives_back_the_memory_it_works_in_and_answers_as_before() -> None:
    engine = OpenVinoEstimator(DEFAULT, trace(load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK), DEFAULT))
    pixels = np.random.default_rng(0).standard_normal((1, 3, 518, 518)).astype(np.float32)
    engine.rest(0)  # nothing to give back yet
    first = engine.run(pixels)
    engine.rest(3600)
    busy = own_bytes()
    engine.rest(0)
    assert busy - own_bytes() > 8e6
    np.testing.assert_array_equal(engine.run(pixels), first)
    again = own_bytes()
    with ONE_AT_A_TIME, ThreadPoolExecutor(1) as other:  # while a network runs
        other.submit(engine.rest, 0).result()
    assert own_bytes() > again - 3e6


def own_bytes() -> int:
    """Memory of this process, without what the C library keeps of freed memory."""
    give_memory_back()
    kilobytes = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
    assert kilobytes
    return 1024 * int(kilobytes[1])


@pytest.mark.parametrize("count", [1, 12, 37, 66, 148])
def test_positions_are_resampled_as_by_torch(count: int) -> None:
    trained = torch.eye(37)[None, None]
    scale = ((count + 0.1) / 37, 1.0)
    expected = F.interpolate(trained, scale_factor=scale, mode="bicubic", antialias=False)[0, 0]
    np.testing.assert_allclose(cubic_weights(count), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(cubic_weights(count).sum(axis=1), 1, rtol=0, atol=1e-6)


def test_the_trained_grid_is_not_resampled() -> None:
    for weights in resampling_weights(37, 37):
        np.testing.assert_array_equal(weights, np.eye(37))
    assert not np.array_equal(resampling_weights(37, 66)[0], np.eye(37))


def test_the_first_process_keeps_what_the_next_one_reads_without_torch(cache: Path, small_weights: Path) -> None:
    """In the second process the small network's sizes are unknown: everything comes from the graph."""
    first = load_fastest(DEFAULT_MODEL, small_weights)
    forced = {**os.environ, "DEPTH_DEMO_ENGINE": "openvino"}
    code = f"""
import sys
import numpy as np
from depth_demo.monocular.engines.choice import load_fastest
estimator = load_fastest({DEFAULT_MODEL!r}, {str(small_weights)!r})
photo = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)
np.save(sys.argv[1], estimator(photo, 168).values)
print(estimator.device_name, estimator.sha256, "torch" in sys.modules, sep="|")
"""
    saved = small_weights.parent / "map.npy"
    run = subprocess.run([sys.executable, "-c", code, saved], env=forced, capture_output=True, text=True, check=True)
    device, sha256, has_torch = run.stdout.strip().split("|")
    assert device.startswith("CPU, float32, OpenVINO 20")
    assert sha256 == first.sha256
    assert has_torch == "False"
    expected = first(PHOTO, 168).values
    np.testing.assert_allclose(np.load(saved), expected, rtol=0, atol=1e-5 * expected.max())


def set_speed(kept: Path, speed: float) -> None:
    """As if the engine of this graph were that fast."""
    verdict = json.loads((kept / graph_cache.VERDICT).read_text())
    (kept / graph_cache.VERDICT).write_text(json.dumps(verdict | {"speed": speed}))


def test_the_kept_verdict_decides_unless_an_engine_is_asked_for(
    kept: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [
        (1.1, "", OpenVinoEstimator),
        (0.9, "", TorchEstimator),
        (0.9, "openvino", OpenVinoEstimator),
        (1.1, "torch", TorchEstimator),
    ]
    for speed, wish, chosen in cases:
        set_speed(kept, speed)
        monkeypatch.setenv("DEPTH_DEMO_ENGINE", wish)
        estimator = load_fastest(DEFAULT_MODEL, small_weights)
        assert isinstance(estimator, chosen), (speed, wish)
        assert estimator.spec is find_model(DEFAULT_MODEL)
        assert json.loads((kept / graph_cache.VERDICT).read_text())["speed"] == speed  # timed once only


def test_speed_is_that_of_the_first_against_the_second() -> None:
    """A run of 1 s against 3 s; the first round, of 1 s against 100 s, does not count."""
    calls: list[str] = []
    moments = iter([0, 1, 101, *(moment for start in (200, 300, 400) for moment in (start, start + 1, start + 4))])
    speed = times_as_fast(lambda: calls.append("a"), lambda: calls.append("b"), lambda: float(next(moments)))
    assert calls == ["a", "b"] * 4
    assert speed == 3


def test_a_damaged_graph_is_made_again(
    kept: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    expected = load_fastest(DEFAULT_MODEL, small_weights)(PHOTO, 168).values
    assert "made again" not in caplog.text
    (kept / "graph.xml").write_bytes(b"<net")
    again = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(again, OpenVinoEstimator)
    np.testing.assert_array_equal(again(PHOTO, 168).values, expected)
    assert "damaged; it is made again" in caplog.text
    caplog.clear()
    load_fastest(DEFAULT_MODEL, small_weights)
    assert "damaged" not in caplog.text


def test_a_graph_deleted_just_before_it_is_read_is_made_again(
    kept: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process may make room between the look into the cache and the reading."""
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    find = graph_cache.find

    def find_and_delete(*circumstances: object) -> graph_cache.KeptGraph | None:
        found = find(*circumstances)
        assert found is not None
        (found.folder / "graph.xml").unlink()
        patch.undo()  # what is made anew stays
        return found

    with monkeypatch.context() as patch:
        patch.setattr(graph_cache, "find", find_and_delete)
        estimator = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(estimator, OpenVinoEstimator)
    assert estimator(PHOTO, 168).valid.all()
    assert "cannot be read" in caplog.text
    assert list(kept.parent.iterdir()) == [kept]
    assert {path.name for path in kept.iterdir()} == {"graph.xml", "graph.bin", "verdict.json"}
    from_file = load_fastest(DEFAULT_MODEL, small_weights)
    os.truncate(kept / "graph.bin", 0)  # under the running engine
    np.testing.assert_array_equal(from_file(PHOTO, 182).values, estimator(PHOTO, 182).values)


def test_a_disk_too_full_for_a_graph_keeps_none(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph = ov.Model([opset13.result(opset13.constant(np.ones(10**6, np.float32)))], [], "4 MB")
    with disk_full_after(2**20):
        graph_cache.keep(lambda folder: write_graph(graph, folder), Verdict(1.5), "a")
    assert "cannot be kept" in caplog.text
    assert not list((cache / "graphs").iterdir())


def test_a_machine_without_memory_for_making_a_graph_runs_torch(
    cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def trace_in_vain(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("depth_demo.monocular.engines.export.trace", trace_in_vain)
    estimator = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(estimator, TorchEstimator)
    assert estimator(PHOTO, 168).valid.all()
    assert "cannot be prepared for OpenVINO" in caplog.text


def test_a_cache_that_cannot_be_written_costs_time(
    cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_text("a file where the folder should be")
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    estimator = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(estimator, OpenVinoEstimator)
    assert "cannot be kept" in caplog.text
    assert estimator(PHOTO, 168).valid.all()


def test_the_bundled_model_and_one_without_openvino_run_in_torch(
    cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(load_fastest(TINY.name), TorchEstimator)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert isinstance(load_fastest(DEFAULT_MODEL, small_weights), TorchEstimator)
    assert not cache.exists()
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    with pytest.raises(ValueError, match="openvino, which is not installed"):
        load_fastest(DEFAULT_MODEL, small_weights)


def test_an_unknown_engine_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "onnx")
    with pytest.raises(ValueError, match="must be torch or openvino, not 'onnx'"):
        load_fastest(DEFAULT_MODEL)


def test_the_page_prepares_the_engine_that_will_run(
    cache: Path, small_weights: Path, filled_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPTH_DEMO_WEIGHTS", str(small_weights.parent))
    code = "from depth_demo.monocular.engines.choice import import_expected; import_expected(); import sys; "
    code += "print(*{'torch', 'openvino'} & set(sys.modules))"
    for imported in ("torch", "openvino"):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.split() == [imported]
        if imported == "torch":
            shutil.copytree(filled_cache, cache)  # as after a run of the app that loaded the model
            (kept,) = (cache / "graphs").iterdir()
            set_speed(kept, 1.5)
