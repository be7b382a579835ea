"""The NPZ of a clip's maps: it comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depth_demo.formats.clip_maps import ClipMaps, load_clip_maps, save_clip_maps
from depth_demo.formats.clips import Clip
from depth_demo.geometry import DepthKind
from tests.fuzz.decoders import npy_with_header, refusal, written
from tests.support.handmade_clips import sweep

FRAMES = sweep(3, 40, 32)
DEPTH = np.linspace(1, 2, 3 * 32 * 40, dtype=np.float32).reshape(3, 32, 40)
FIELDS: dict[str, Any] = {
    "depth": DEPTH,
    "frames": FRAMES,
    "times_s": np.arange(3) / 10,
    "fps": 10.0,
    "kind": "relative inverse depth",
    "model": "Some model",
    "description": "All 3 frames.",
    "has_one_scale": False,
}


def npz(path: Path, **fields: Any) -> Path:
    np.savez(path, **FIELDS | fields)
    return path


@pytest.mark.parametrize("kind", DepthKind)
def test_what_was_saved_comes_back(tmp_path: Path, kind: DepthKind) -> None:
    values = DEPTH.copy()
    values[1, :4] = np.nan
    maps = ClipMaps(Clip(FRAMES, np.array([0, 0.1, 0.3]), 12.5, "All 3 frames."), values, kind, "Some model", True)  # noqa: FBT003
    path = save_clip_maps(tmp_path, "street_depth", maps)
    assert path.name == "street_depth.npz"
    back = load_clip_maps(path)
    np.testing.assert_array_equal(back.values, values)
    np.testing.assert_array_equal(back.clip.frames, FRAMES)
    np.testing.assert_array_equal(back.clip.times_s, [0, 0.1, 0.3])
    assert (back.clip.fps, back.clip.description) == (12.5, "All 3 frames.")
    assert (back.kind, back.model, back.has_one_scale) == (kind, "Some model", True)


def test_a_program_finds_kind_unit_and_direction_beside_the_maps(tmp_path: Path) -> None:
    maps = ClipMaps(Clip(FRAMES, np.arange(3) / 10, 10.0), DEPTH, DepthKind.METRIC_DEPTH, "Some model", True)  # noqa: FBT003
    with np.load(save_clip_maps(tmp_path, "a", maps), allow_pickle=False) as saved:
        assert saved["depth"].dtype == np.float32
        assert (str(saved["kind"]), str(saved["unit"]), bool(saved["nearer_is_larger"])) == ("depth", "m", False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "colour"}, "an unknown kind: its kind must be one of relative inverse depth, "),
        ({"depth": DEPTH[:2]}, "its depth is float32 of (2, 32, 40)"),
        ({"depth": DEPTH.astype(np.float64)}, "its depth is float64"),
        ({"depth": np.float32(1), "frames": np.uint8(1)}, "its depth is float32 of ()"),
        ({"frames": FRAMES[..., :2]}, "of shape (T, H, W, 3) uint8 RGB"),
        ({"times_s": np.array([0, 0.2, 0.1])}, "each later than the one before"),
        ({"times_s": np.array([0, 0.1, np.inf])}, "its times cannot be read"),
        ({"fps": "ten"}, "its times cannot be read"),
        ({"depth": np.full_like(DEPTH, np.inf)}, "infinite ones"),
        ({"kind": "depth", "depth": -DEPTH}, "metres that are not larger than 0"),
        ({"depth": np.zeros((33, 600, 600), np.float32)}, "its depth is float32 of shape (33, 600, 600)"),
    ],
)
def test_an_archive_that_holds_something_else(tmp_path: Path, fields: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(load_clip_maps, npz(tmp_path / "a.npz", **fields))


def test_an_archive_of_another_program_and_none_at_all(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", depth=DEPTH)
    said = refusal(load_clip_maps, tmp_path / "other.npz")
    assert "no clip that this app saved: it lacks frames, times_s, fps, kind" in said
    assert "Upload a video, or the NPZ" in said
    assert "The NPZ archive cannot be read" in refusal(load_clip_maps, written(tmp_path, b"PK and no archive"))


def test_a_header_that_promises_more_than_is_there(tmp_path: Path) -> None:
    content = npz(tmp_path / "a.npz").read_bytes()
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (32, 500, 500), }"
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(stream, "w") as changed:
        for name in given.namelist():
            changed.writestr(name, npy_with_header(header, bytes(40)) if name == "depth.npy" else given.read(name))
    assert refusal(load_clip_maps, written(tmp_path, stream.getvalue())) == "The NPZ archive is cut short."


def test_words_in_an_archive_are_harmless_on_the_page(tmp_path: Path) -> None:
    back = load_clip_maps(npz(tmp_path / "a.npz", model="<img src=x onerror=alert(1)>", description="x" * 5000))
    assert "<" not in back.model
    assert len(back.clip.description) <= 300
