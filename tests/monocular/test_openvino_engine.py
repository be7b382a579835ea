"""The optional engine: as exact as torch on every grid, without torch once its graph is kept, and never by surprise."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch
import torch.nn.functional as F
from openvino import opset13

from depth_demo.monocular.depth_anything import VARIANTS, Variant, load_network
from depth_demo.monocular.depth_anything.positions import cubic_weights, resampling_weights
from depth_demo.monocular.engines import choice as engines
from depth_demo.monocular.engines import graph_cache
from depth_demo.monocular.engines.choice import load_fastest
from depth_demo.monocular.engines.export import trace
from depth_demo.monocular.engines.openvino import OpenVinoEstimator, write_graph
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.hub import fingerprint
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, TINY, find_model
from tests.monocular.test_network import TINY as SMALL_NETWORK
from tests.support.faults import disk_full_after
from tests.support.official import random_state_dict

PHOTO = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)
METRIC = find_model("depth-anything-v2-metric-indoor-small")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, weights for the default model, and no wish for an engine."""
    monkeypatch.setenv("DEPTH_DEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DEPTH_DEMO_ENGINE")
    return tmp_path / "cache"


@pytest.fixture
def small_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the default model, whose network is a small one here."""
    monkeypatch.setitem(VARIANTS, "vits", SMALL_NETWORK)
    torch.save(random_state_dict(SMALL_NETWORK), tmp_path / DEFAULT.files[0].name)
    return tmp_path / DEFAULT.files[0].name


def relative_error(network: torch.nn.Module, engine: OpenVinoEstimator, height: int, width: int) -> float:
    pixels = np.random.default_rng(5).standard_normal((1, 3, height, width), np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).numpy()
    assert expected.std() > 0.01 * expected.mean() > 0
    return float(np.abs(engine.run(pixels) - expected).max() / np.abs(expected).max())


def test_equals_torch_at_full_size_and_on_odd_grids() -> None:
    network = load_network(random_state_dict(VARIANTS["vits"]), "vits")
    engine = OpenVinoEstimator(DEFAULT, trace(network, DEFAULT))
    for height, width in ((518, 518), (518, 924), (518, 182), (266, 322), (14, 14)):
        assert relative_error(network, engine, height, width) <= 1e-5


@pytest.mark.parametrize(("variant", "max_depth"), [(VARIANTS["vits"], 20.0), (SMALL_NETWORK, 80.0), (SMALL_NETWORK, None)])
def test_equals_torch_with_every_activation(variant: Variant, max_depth: float | None) -> None:
    network = load_network(random_state_dict(variant), variant, max_depth)
    spec = METRIC if max_depth else DEFAULT
    engine = OpenVinoEstimator(spec, trace(network, spec))
    assert relative_error(network, engine, 182, 238) <= 1e-5
    expected = TorchEstimator(spec, network, "cpu")(PHOTO, 168)
    ours = engine(PHOTO, 168)
    assert ours.kind is expected.kind
    np.testing.assert_allclose(ours.values, expected.values, rtol=0, atol=1e-5 * float(np.nanmax(expected.values)))


@pytest.mark.parametrize("count", [1, 2, 12, 19, 36, 37, 38, 66, 148])
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


@pytest.mark.parametrize(("speed", "wish", "chosen"), [(1.1, "", 1), (0.9, "", 0), (0.9, "openvino", 1), (1.1, "torch", 0)])
def test_the_kept_verdict_decides_unless_an_engine_is_asked_for(
    speed: float, wish: str, chosen: int, cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_speed", lambda *_: speed)
    load_fastest(DEFAULT_MODEL, small_weights)
    monkeypatch.setattr(engines, "_speed", None)  # timed once only
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", wish)
    estimator = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(estimator, (TorchEstimator, OpenVinoEstimator)[chosen])
    assert estimator.spec is find_model(DEFAULT_MODEL)


def test_speed_is_that_of_the_first_against_the_second() -> None:
    calls: list[str] = []
    speed = engines._speed(lambda: calls.append("a"), lambda: calls.append("b" if sum(range(10**5)) else ""))
    assert calls == ["a", "b"] * 4
    assert speed > 1


@pytest.mark.parametrize(
    ("file", "damage"),
    [("graph.xml", b"<net"), ("graph.bin", b""), ("graph.bin", None), ("verdict.json", b"{"), ("verdict.json", b"[]")],
)
def test_damage_costs_time_and_a_line_in_the_log(
    file: str,
    damage: bytes | None,
    cache: Path,
    small_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DEPTH_DEMO_ENGINE", "openvino")
    expected = load_fastest(DEFAULT_MODEL, small_weights)(PHOTO, 168).values
    (kept,) = (cache / "graphs").iterdir()
    if damage is None:
        content = bytearray((kept / file).read_bytes())
        content[len(content) // 2] ^= 255
        damage = bytes(content)
    (kept / file).write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        again = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(again, OpenVinoEstimator)
    np.testing.assert_array_equal(again(PHOTO, 168).values, expected)
    assert "damaged; it is made again" in caplog.text
    caplog.clear()
    load_fastest(DEFAULT_MODEL, small_weights)
    assert "damaged" not in caplog.text


def test_a_graph_that_cannot_be_read_is_made_again(
    cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its folder is whole but for the graph, which another process could delete just before it is read."""
    monkeypatch.setattr(engines, "_speed", lambda *_: 1.5)
    circumstances = engines._circumstances(DEFAULT, fingerprint(DEFAULT, [small_weights]))
    graph_cache.keep(lambda folder: (folder / "graph.bin").touch(), 1.5, *circumstances)
    estimator = load_fastest(DEFAULT_MODEL, small_weights)
    assert isinstance(estimator, OpenVinoEstimator)
    assert estimator(PHOTO, 168).valid.all()
    assert "cannot be read" in caplog.text
    (kept,) = (cache / "graphs").iterdir()
    assert {path.name for path in kept.iterdir()} == {"graph.xml", "graph.bin", "verdict.json"}
    from_file = load_fastest(DEFAULT_MODEL, small_weights)
    os.truncate(kept / "graph.bin", 0)  # under the running engine
    np.testing.assert_array_equal(from_file(PHOTO, 182).values, estimator(PHOTO, 182).values)


def test_a_disk_too_full_for_a_graph_keeps_none(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph = ov.Model([opset13.result(opset13.constant(np.ones(10**6, np.float32)))], [], "4 MB")
    with disk_full_after(2**20):
        graph_cache.keep(lambda folder: write_graph(graph, folder), 1.5, "a")
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
    for _ in range(2):
        caplog.clear()
        estimator = load_fastest(DEFAULT_MODEL, small_weights)
        assert isinstance(estimator, OpenVinoEstimator)
        assert "cannot be kept" in caplog.text
    assert estimator(PHOTO, 168).valid.all()


def test_the_cache_is_bounded_and_what_was_used_last_stays(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(folder: Path) -> None:
        (folder / "graph.bin").write_bytes(bytes(1000))

    monkeypatch.setattr(graph_cache, "MAX_BYTES", 2500)
    for second, name in enumerate("ab"):
        graph_cache.keep(write, 1.0, name)
        kept = graph_cache.find(name)
        assert kept is not None
        os.utime(kept.folder / graph_cache.VERDICT, (second, second))
    assert graph_cache.find("a") is not None  # now used after b
    graph_cache.keep(write, 2.0, "c")
    assert [graph_cache.find(name) is not None for name in "abc"] == [True, False, True]
    assert not [path for path in (cache / "graphs").iterdir() if path.name.startswith(".")]


def test_other_circumstances_are_another_graph(cache: Path) -> None:
    graph_cache.keep(lambda folder: (folder / "graph.bin").touch(), 1.5, "weights", 1)
    kept = graph_cache.find("weights", 1)
    assert kept is not None
    assert kept.speed == 1.5
    assert graph_cache.find("weights", 2) is None


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


def test_the_page_prepares_the_engine_that_will_run(cache: Path, small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_speed", lambda *_: 1.5)
    monkeypatch.setenv("DEPTH_DEMO_WEIGHTS", str(small_weights.parent))
    code = "from depth_demo.monocular.engines.choice import import_expected; import_expected(); import sys; "
    code += "print(*{'torch', 'openvino'} & set(sys.modules))"
    for imported in ("torch", "openvino"):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.split() == [imported]
        load_fastest(DEFAULT_MODEL)
