"""Each layout finds its own files, in small folders laid out as the data set is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from depth_demo.datasets import DATASETS, open_dataset
from depth_demo.examples import ROOT
from depth_demo.geometry import Calibration
from tests.conftest import PAIRS
from tests.support.handmade_files import encoded, noise, pfm

Files = Mapping[str, bytes | str]
WIDTH, HEIGHT = 50, 40
VIEWS = [encoded(noise(HEIGHT, WIDTH, 3) // part, format="PNG") for part in (1, 2)]
MIDDLEBURY = "cam0=[700 0 25; 0 700 20; 0 0 1]\ndoffs=2\nbaseline=100\nndisp= 70\n"
KITTI = "P2: 700 0 25 42 0 700 20 0 0 0 1 0\nP3: 700 0 25 -336 0 700 20 0 0 0 1 0\n"
CITYSCAPES = '{"extrinsic": {"baseline": 0.25}, "intrinsic": {"fx": 700}}'
CAMERAS = {"middlebury": Calibration(700, 0.1, 2), "kitti": Calibration(700, 0.54), "cityscapes": Calibration(700, 0.25)}


def write(root: Path, files: Files) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def constant(stored: int, kind: type[np.generic] = np.uint16, width: int = WIDTH) -> bytes:
    return encoded(np.full((HEIGHT, width), stored, kind), format="PNG")


def views(*names: str) -> Files:
    return dict(zip(names, VIEWS, strict=True))


def kitti(left: str, right: str, truths: Sequence[str], camera: str) -> Files:
    later = views(f"training/{left}/000007_11.png", f"training/{right}/000007_11.png")  # without truth
    first = views(f"training/{left}/000007_10.png", f"training/{right}/000007_10.png")
    both = {f"training/{folder}/000007_10.png": constant(stored) for folder, stored in zip(truths, (1280, 512), strict=True)}
    return {**later, **first, **both, f"training/{camera}/000007.txt": KITTI}


def cityscapes(kind: str, ending: str) -> str:
    return f"{kind}/val/ulm/ulm_000000_000019_{kind}.{ending}"


FLOATS = pfm(np.full((HEIGHT, WIDTH), 5.0))
# Layout, files, name, search range. Every truth is 5 px: 1280 / 256, (1281 - 1) / 256.
FOLDERS: dict[str, tuple[str, Files, str, int | None]] = {
    "kitti-2015": ("kitti", kitti("image_2", "image_3", ("disp_occ_0", "disp_noc_0"), "calib_cam_to_cam"), "000007_10", None),
    "kitti-2012": ("kitti", kitti("colored_0", "colored_1", ("disp_occ", "disp_noc"), "calib"), "000007_10", None),
    "middlebury-2014": (
        "middlebury",
        {**views("Piano/im0.png", "Piano/im1.png"), "Piano/disp0.pfm": FLOATS, "Piano/calib.txt": MIDDLEBURY},
        "Piano",
        80,
    ),
    "cityscapes": (
        "cityscapes",
        {
            **views(cityscapes("leftImg8bit", "png"), cityscapes("rightImg8bit", "png")),
            cityscapes("disparity", "png"): constant(1281),
            cityscapes("camera", "json"): CITYSCAPES,
        },
        "ulm_000000_000019",
        None,
    ),
    "bundled": (
        "bundled",
        {
            **views("alley/left.png", "alley/right.png"),
            "alley/disparity.png": constant(1280),
            "alley/calib.txt": MIDDLEBURY,
            "alley/README.md": "# An alley\n",
        },
        "alley",
        80,
    ),
    "folder": (
        "folder",
        {**views("yard/left.png", "yard/right.png"), "yard/disparity.pfm": FLOATS, "yard/calib.txt": MIDDLEBURY},
        "yard",
        None,
    ),
}


@pytest.mark.parametrize(("layout", "files", "name", "search_range"), FOLDERS.values(), ids=FOLDERS)
def test_a_layout_finds_its_files(tmp_path: Path, layout: str, files: Files, name: str, search_range: int | None) -> None:
    (sample,) = open_dataset(write(tmp_path, files))
    assert open_dataset(tmp_path, layout) == [sample]
    assert (sample.name, sample.num_disparities) == (name, search_range)
    pair = sample.load()
    np.testing.assert_array_equal(pair.left, noise(HEIGHT, WIDTH, 3))
    np.testing.assert_array_equal(pair.right, noise(HEIGHT, WIDTH, 3) // 2)
    assert pair.ground_truth is not None
    assert (pair.ground_truth.values == 5).all()
    expected, camera = CAMERAS.get(layout, CAMERAS["middlebury"]), pair.calibration
    assert camera is not None
    numbers = camera.focal_length_px, camera.baseline_m, camera.doffs_px
    assert numbers == (expected.focal_length_px, expected.baseline_m, expected.doffs_px)


def test_every_layout_has_a_folder_here() -> None:
    assert {layout for layout, *_ in FOLDERS.values()} == set(DATASETS)


@pytest.mark.parametrize("name", [name for name in FOLDERS if name != "bundled"])
def test_views_alone_are_a_sample_without_truth(tmp_path: Path, name: str) -> None:
    layout, files, *_ = FOLDERS[name]
    (sample,) = open_dataset(write(tmp_path, {path: view for path, view in files.items() if view in VIEWS}), layout)
    pair = sample.load()
    assert (pair.ground_truth, pair.calibration, sample.num_disparities) == (None, None, None)


@pytest.mark.parametrize(("width", "stored"), [(450, 20), (900, 10), (1800, 5)])
def test_middlebury_2003_stores_a_factor_that_its_size_tells(tmp_path: Path, width: int, stored: int) -> None:
    view = encoded(noise(HEIGHT, width, 3), format="PNG")
    truth = constant(stored, np.uint8, width)
    write(tmp_path, {"cones/im2.png": view, "cones/im6.png": view, "cones/disp2.png": truth})
    pair = open_dataset(tmp_path)[0].load()
    assert pair.ground_truth is not None
    assert (pair.ground_truth.values == 5).all()


def test_middlebury_2003_has_no_other_size(tmp_path: Path) -> None:
    write(tmp_path, {**views("cones/im2.png", "cones/im6.png"), "cones/disp2.png": constant(5, np.uint8)})
    with pytest.raises(ValueError, match=r"cones is 50 pixels wide; Middlebury 2003 has 450 or 900 or 1800\."):
        open_dataset(tmp_path)


@pytest.mark.parametrize(("name", "stored"), [("middlebury2001_tsukuba", 40), ("middlebury2003q_cones", 20), ("other", 5)])
def test_a_folders_name_tells_the_factor_of_an_8_bit_truth(tmp_path: Path, name: str, stored: int) -> None:
    write(tmp_path / name, {**views("left.png", "right.png"), "disparity.png": constant(stored, np.uint8)})
    pair = open_dataset(tmp_path)[0].load()
    assert pair.ground_truth is not None
    assert (pair.ground_truth.values == 5).all()


def test_the_bundled_scenes_are_a_data_set_with_labels() -> None:
    samples = open_dataset(ROOT)
    assert [(sample.name, sample.num_disparities) for sample in samples] == [("466", 160), ("515", 160)]
    assert all(sample.labels for sample in samples)
    assert open_dataset(PAIRS[0].left.parents[1])[0].load_labels() is None


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        pytest.param(lambda root: open_dataset(root / "gone"), r"^There is no folder 'gone'\.$", id="no-folder"),
        pytest.param(
            lambda root: open_dataset(root, "kiti"), r"^The layout must be kitti or .*, not 'kiti'\.$", id="no-layout"
        ),
        pytest.param(open_dataset, "holds no pair in the layout kitti or cityscapes or", id="empty"),
        pytest.param(lambda root: open_dataset(root, "kitti"), r"no pair in the layout kitti\.$", id="another-layout"),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, ask: Callable[[Path], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ask(tmp_path)
