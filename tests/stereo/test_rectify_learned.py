"""Where SIFT finds too little, ALIKED and LightGlue are asked: small networks of their form stand in for the real ones.

The made ALIKED finds a fixed set of points in a dark view, and in a bright one the same points as a turned camera beside sees
them; the made LightGlue matches descriptors that are most alike.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from depth_demo.__main__ import main
from depth_demo.command.learned import ALIKED, LIGHTGLUE, REPO, learned_matcher
from depth_demo.geometry import RgbImage
from depth_demo.stereo.learned import LearnedMatcher
from depth_demo.stereo.rectify import rectify
from tests.support.made_views import BASELINE, CENTRE, FOCAL, LEFT, SHAPE, right_viewer, see

COUNT = 160
DARK, BRIGHT = 64, 192


def constant(name: str, values: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)


Shape = list[int | str]
Constants = dict[str, NDArray[np.generic]]


def save_network(
    path: Path, nodes: list[onnx.NodeProto], given: dict[str, Shape], out: dict[str, tuple[int, Shape]], constants: Constants
) -> None:
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in given.items()]
    outputs = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in out.items()]
    graph = helper.make_graph(nodes, "made", inputs, outputs, [constant(*item) for item in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def as_network_has_it(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """From -1 to 1 over the view, whose edges are half a pixel beyond the centres of its pixels."""
    return ((points + 0.5) / SHAPE[::-1] * 2 - 1).astype(np.float32)


def save_aliked(path: Path) -> None:
    """Keypoints are dark + share * (bright - dark), where the share is 0 in a dark view and 1 in a bright one."""
    random = np.random.default_rng(5)
    left = random.uniform((80, 40), (SHAPE[1] - 80, SHAPE[0] - 40), (COUNT, 2))
    depth = random.uniform(2, 8, COUNT)
    rays = np.column_stack([(left - CENTRE) / FOCAL, np.ones(COUNT)]) * depth[:, np.newaxis]
    seen = (rays - (BASELINE, 0, 0)) @ right_viewer(2, 0.5, 1).turn.T
    right = FOCAL * seen[:, :2] / seen[:, 2:] + CENTRE
    first, second = as_network_has_it(left), as_network_has_it(right)
    low, high = DARK / 255, BRIGHT / 255
    constants: Constants = {
        "dark": first, "way": second - first, "low": np.array(low, np.float32),
        "span": np.array(high - low, np.float32), "words": random.normal(size=(COUNT, 128)).astype(np.float32),
        "sure": np.full(COUNT, 0.9, np.float32), "nothing": np.array(0, np.float32),
    }  # fmt: skip
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["mean", "low"], ["above"]),
        helper.make_node("Div", ["above", "span"], ["share"]),
        helper.make_node("Mul", ["way", "share"], ["moved"]),
        helper.make_node("Add", ["dark", "moved"], ["keypoints"]),
        helper.make_node("Mul", ["share", "nothing"], ["zero"]),
        helper.make_node("Add", ["words", "zero"], ["descriptors"]),
        helper.make_node("Add", ["sure", "zero"], ["scores"]),
    ]
    kind = TensorProto.FLOAT
    out: dict[str, tuple[int, Shape]] = {
        "keypoints": (kind, [COUNT, 2]), "descriptors": (kind, [COUNT, 128]), "scores": (kind, [COUNT])
    }  # fmt: skip
    save_network(path, nodes, {"image": [1, 3, 640, 640]}, out, constants)


def save_lightglue(path: Path) -> None:
    nodes = [
        helper.make_node("Transpose", ["desc1"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["desc0", "turned"], ["alike"]),
        helper.make_node("ArgMax", ["alike"], ["best"], axis=2, keepdims=0),
        helper.make_node("Squeeze", ["best", "first"], ["other"]),
        helper.make_node("Shape", ["other"], ["shape"]),
        helper.make_node("Squeeze", ["shape", "first"], ["count"]),
        helper.make_node("Range", ["start", "count", "step"], ["own"]),
        helper.make_node("Unsqueeze", ["own", "last"], ["own_column"]),
        helper.make_node("Unsqueeze", ["other", "last"], ["other_column"]),
        helper.make_node("Concat", ["own_column", "other_column"], ["matches0"], axis=1),
        helper.make_node("ReduceMax", ["alike"], ["score"], axes=[0, 2], keepdims=0),
        helper.make_node("ReduceSum", ["kpts0"], ["sum0"], keepdims=0),
        helper.make_node("ReduceSum", ["kpts1"], ["sum1"], keepdims=0),
        helper.make_node("Add", ["sum0", "sum1"], ["sums"]),
        helper.make_node("Mul", ["sums", "nothing"], ["zero"]),
        helper.make_node("Add", ["score", "zero"], ["mscores0"]),
    ]
    constants: Constants = {
        "first": np.array([0]), "last": np.array([1]), "start": np.array(0), "step": np.array(1),
        "nothing": np.array(0, np.float32),
    }  # fmt: skip
    given: dict[str, Shape] = {
        f"{name}{side}": [1, f"n{side}", size] for name, size in (("kpts", 2), ("desc", 128)) for side in (0, 1)
    }
    out: dict[str, tuple[int, Shape]] = {
        "matches0": (TensorProto.INT64, ["k", 2]), "mscores0": (TensorProto.FLOAT, ["k"])
    }  # fmt: skip
    save_network(path, nodes, given, out, constants)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("learned")
    save_aliked(made / ALIKED)
    save_lightglue(made / LIGHTGLUE)
    return made


def plain(grey: int) -> RgbImage:
    return np.full((*SHAPE, 3), grey, np.uint8)


def test_views_without_texture_are_rectified_by_learned_matches(folder: Path) -> None:
    with pytest.raises(ValueError, match="Only 0 points of the left view were found in the right one"):
        rectify(plain(DARK), plain(BRIGHT), focal_length_px=FOCAL)
    found = rectify(plain(DARK), plain(BRIGHT), focal_length_px=FOCAL, second_try=learned_matcher(folder))
    assert f"SIFT found only 0 matches, ALIKED and LightGlue {COUNT}: the more were taken." in found.description
    assert found.fit is not None
    assert np.degrees([found.fit.roll, found.fit.pitch]) == pytest.approx([-2, -0.5], abs=0.05)
    assert found.quality.rows is not None
    assert found.quality.rows.p95_px < 0.2


def test_the_command_takes_a_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, grey in (("left", DARK), ("right", BRIGHT)):
        Image.fromarray(plain(grey)).save(tmp_path / f"{name}.png")
    views = [str(tmp_path / f"{name}.png") for name in ("left", "right")]
    learned = ["--learned", str(folder), "--focal", str(FOCAL), "--out", str(tmp_path / "out")]
    assert main(["rectify", *views, *learned]) == 0
    assert f"SIFT found only 0 matches, ALIKED and LightGlue {COUNT}" in capsys.readouterr().out


def test_views_with_texture_are_not_tried_again() -> None:
    def never(left: RgbImage, right: RgbImage) -> None:
        raise AssertionError((left.shape, right.shape))

    found = rectify(LEFT, see(right_viewer(1))[0], focal_length_px=FOCAL, second_try=never)  # type: ignore[arg-type]
    assert "SIFT" not in found.description


def test_files_are_found_in_the_folder_of_weights(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPTH_DEMO_WEIGHTS", raising=False)
    assert learned_matcher() is None
    inner = tmp_path / REPO.partition("/")[2]
    inner.symlink_to(folder)
    monkeypatch.setenv("DEPTH_DEMO_WEIGHTS", str(tmp_path))
    assert learned_matcher() == LearnedMatcher(inner / ALIKED, inner / LIGHTGLUE)


def test_what_is_no_such_network(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"has no {ALIKED}, which is at huggingface.co/{REPO}"):
        learned_matcher(tmp_path)
    with pytest.raises(ValueError, match="they have other inputs or outputs, or are no ONNX files"):
        LearnedMatcher(folder / LIGHTGLUE, folder / LIGHTGLUE)(plain(9), plain(9))
