"""Truth in HDF5 and OpenEXR, read by their own libraries in a process of their own."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import OpenEXR
import pytest

from depth_demo.formats.foreign import HDF5, Library, read_foreign
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import Calibration, DepthKind, StereoPair
from tests.support.handmade_files import refusal

VALUES = np.arange(1, 2501, dtype=np.float32).reshape(50, 50) / 100
GREY = np.zeros((50, 50, 3), np.uint8)


def hdf5(path: Path, **members: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in members.items():
            file.create_dataset(name, data=values, compression="gzip")
    return path


def exr(path: Path, **channels: np.ndarray) -> Path:
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    with OpenEXR.File(header, channels) as file:
        file.write(str(path))
    return path


def test_spring_is_twice_as_large_as_its_views_and_in_their_pixels(tmp_path: Path) -> None:
    small = StereoPair(GREY[:25, :25], GREY[:25, :25] + 1)
    truth = load_ground_truth(hdf5(tmp_path / "a.dsp5", disparity=VALUES), encoding="spring", pair=small)
    assert truth.depth_map.kind is DepthKind.DISPARITY
    np.testing.assert_allclose(truth.depth_map.values, VALUES[1::2, 1::2])
    assert "HDF5, 'disparity' (float32)" in truth.description


def test_hypersim_is_half_floats_along_the_ray(tmp_path: Path) -> None:
    pair = StereoPair(GREY, GREY + 1, Calibration(50.0, 0.1))
    truth = load_ground_truth(hdf5(tmp_path / "a.hdf5", dataset=VALUES.astype(np.float16)), encoding="hypersim", pair=pair)
    assert truth.depth_map.kind is DepthKind.METRIC_DEPTH
    assert truth.depth_map.values[0, 0] < VALUES[0, 0]


@pytest.mark.parametrize(
    ("channels", "chosen", "kind"),
    [
        (("R", "Z"), "Z", DepthKind.DISPARITY),
        (("Z", "disparityL"), "disparityL", DepthKind.DISPARITY),
        (("A", "depth.V"), "depth.V", DepthKind.METRIC_DEPTH),
    ],
)
def test_the_channel_of_an_exr_is_chosen_by_its_name(
    tmp_path: Path, channels: tuple[str, ...], chosen: str, kind: DepthKind
) -> None:
    planes = {name: VALUES if name == chosen else np.zeros_like(VALUES) for name in channels}
    truth = load_ground_truth(exr(tmp_path / "a.exr", **planes))
    np.testing.assert_array_equal(truth.depth_map.values, VALUES)
    assert truth.depth_map.kind is kind
    assert f"OpenEXR, '{chosen}' (float32)" in truth.description


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    words = hdf5(tmp_path / "words.h5", name=np.arange(3))
    assert "holds no two-dimensional map of numbers" in refusal(load_ground_truth, words)
    large = tmp_path / "large.h5"
    with h5py.File(large, "w") as file:
        file.create_dataset("depth", (100_000, 100_000), np.uint8, compression="gzip")
    assert "holds a map of 100000x100000, and up to 50 megapixels are accepted" in refusal(load_ground_truth, large)
    cut = tmp_path / "cut.exr"
    cut.write_bytes(exr(tmp_path / "a.exr", Z=VALUES).read_bytes()[:400])
    assert "is damaged, or needs too much memory" in refusal(load_ground_truth, cut)


def test_without_the_library_it_says_what_to_install() -> None:
    with pytest.raises(ValueError, match='need a library that is not here: pip install "h5py'):
        read_foreign(Library("HDF5", "no_such_module", HDF5.requirement), b"\x89HDF")
