"""Each layout finds its own files, in small folders laid out as the data set is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from depth_demo.datasets import DATASETS, open_dataset, recognise
from depth_demo.datasets.middlebury import search_range
from depth_demo.evaluation.metrics import as_disparity
from depth_demo.examples import ROOT
from depth_demo.geometry import Calibration, DepthKind
from tests.conftest import PAIRS
from tests.support.handmade_files import encoded, noise, pfm

Files = Mapping[str, bytes | str]
WIDTH, HEIGHT = 50, 40
VIEWS = [encoded(noise(HEIGHT, WIDTH, 3) // part, format="PNG") for part in (1, 2)]
MIDDLEBURY = "cam0=[700 0 25; 0 700 20; 0 0 1]\ndoffs=2\nbaseline=100\nndisp= 70\n"
KITTI = "P2: 700 0 25 42 0 700 20 0 0 0 1 0\nP3: 700 0 25 -336 0 700 20 0 0 0 1 0\n"
CITYSCAPES = '{"extrinsic": {"baseline": 0.25}, "intrinsic": {"fx": 700}}'
CAMERAS = {
    "middlebury": Calibration(700, 0.1, 2),
    "kitti": Calibration(700, 0.54),
    "cityscapes": Calibration(700, 0.25),
    "sintel": None,
}


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
    "sintel": (
        "sintel",
        {
            **views("training/final_left/alley_1/frame_0001.png", "training/final_right/alley_1/frame_0001.png"),
            "training/disparities/alley_1/frame_0001.png": encoded(
                np.full((HEIGHT, WIDTH, 3), (1, 64, 0), np.uint8),
                format="PNG",  # 4 x 1 + 64 / 64
            ),
        },
        "final/alley_1/frame_0001",
        None,
    ),
    "eth3d": (
        "eth3d",
        {
            **views("two_view_training/yard_1l/im0.png", "two_view_training/yard_1l/im1.png"),
            "two_view_training/yard_1l/calib.txt": MIDDLEBURY,
            "two_view_training_gt/yard_1l/disp0GT.pfm": FLOATS,
        },
        "yard_1l",
        80,
    ),
    "csv": (
        "csv",
        {
            **views("views/a.png", "views/b.png"),
            "truth.png": constant(10, np.uint8),
            "camera.txt": MIDDLEBURY,
            "pairs.csv": "left,right,truth,calibration,id,kind,encoding,scale,num_disparities\n"
            "views/a.png,views/b.png,truth.png,camera.txt,first,disparity,middlebury,2,48\n",
        },
        "first",
        48,
    ),
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
    if expected is None:
        assert camera is None
        return
    assert camera is not None
    numbers = camera.focal_length_px, camera.baseline_m, camera.doffs_px
    assert numbers == (expected.focal_length_px, expected.baseline_m, expected.doffs_px)


def test_every_layout_has_a_folder_here() -> None:
    assert {layout for layout, *_ in FOLDERS.values()} | {"vkitti"} == set(DATASETS)


def test_virtual_kitti_gives_depth_which_its_one_camera_turns_into_disparity(tmp_path: Path) -> None:
    frames = "Scene20/fog/frames"
    jpeg = encoded(noise(HEIGHT, WIDTH, 3), format="JPEG")
    write(tmp_path, {f"{frames}/rgb/Camera_{side}/rgb_00007.jpg": jpeg for side in (0, 1)})
    write(tmp_path, {f"{frames}/depth/Camera_0/depth_00007.png": constant(1000)})
    (sample,) = open_dataset(tmp_path)
    pair = sample.load()
    assert sample.name == "Scene20/fog/00007"
    assert pair.ground_truth is not None
    assert pair.ground_truth.kind is DepthKind.METRIC_DEPTH
    assert (pair.ground_truth.values == 10).all()
    assert pair.calibration is not None
    disparity = as_disparity(pair.ground_truth, pair.calibration)
    np.testing.assert_allclose(disparity.values, 725.0087 * 0.532725 / 10)


@pytest.mark.parametrize("name", [name for name in FOLDERS if name not in {"bundled", "csv"}])
def test_views_alone_are_a_sample_without_truth(tmp_path: Path, name: str) -> None:
    layout, files, *_ = FOLDERS[name]
    (sample,) = open_dataset(write(tmp_path, {path: view for path, view in files.items() if view in VIEWS}), layout)
    pair = sample.load()
    assert (pair.ground_truth, pair.calibration, sample.num_disparities) == (None, None, None)


HALF = np.where(np.arange(WIDTH) < WIDTH // 2, 255, 0).astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)
HALF_PNG = encoded(HALF, format="PNG")
# The files beside those above that tell which pixels count.
MASKS: dict[str, Files] = {
    "kitti-2015": {"training/disp_noc_0/000007_10.png": encoded(np.where(HALF, np.uint16(512), 0), format="PNG")},
    "kitti-2012": {"training/disp_noc/000007_10.png": encoded(np.where(HALF, np.uint16(512), 0), format="PNG")},
    "middlebury-2014": {"Piano/mask0nocc.png": HALF_PNG},
    "eth3d": {"two_view_training_gt/yard_1l/mask0nocc.png": HALF_PNG},
    "folder": {"yard/mask0nocc.png": HALF_PNG},
    "sintel": {"training/occlusions/alley_1/frame_0001.png": encoded(255 - HALF, format="PNG")},
}


@pytest.mark.parametrize("name", MASKS)
def test_a_benchmarks_mask_counts_half_of_the_pixels_if_it_is_asked_for(tmp_path: Path, name: str) -> None:
    _, files, *_ = FOLDERS[name]
    (sample,) = open_dataset(write(tmp_path, {**files, **MASKS[name]}))
    assert sample.has_mask
    assert sample.load().counted is None
    counted = sample.load(masked=True).counted
    assert counted is not None
    np.testing.assert_array_equal(counted, HALF > 0)


def test_sintel_leaves_out_what_is_occluded_and_what_is_out_of_the_frame(tmp_path: Path) -> None:
    top = np.zeros((HEIGHT, WIDTH), np.uint8)
    top[: HEIGHT // 2] = 255
    outside = {"training/outofframe/alley_1/frame_0001.png": encoded(top, format="PNG")}
    (sample,) = open_dataset(write(tmp_path, {**FOLDERS["sintel"][1], **MASKS["sintel"], **outside}))
    counted = sample.load(masked=True).counted
    assert counted is not None
    np.testing.assert_array_equal(counted, (HALF > 0) & (top == 0))


def test_middlebury_2001_stores_8_times_the_disparity(tmp_path: Path) -> None:
    view, truth = encoded(noise(HEIGHT, WIDTH, 3), format="PPM"), encoded(np.full((HEIGHT, WIDTH), 40, np.uint8), format="PPM")
    write(tmp_path, {"venus/im2.ppm": view, "venus/im6.ppm": view, "venus/disp2.pgm": truth})
    write(tmp_path, {f"tsukuba/scene1.row3.col{column}.ppm": view for column in (3, 5)})
    write(tmp_path, {"tsukuba/truedisp.row3.col3.pgm": truth})
    pairs = {sample.name: sample.load() for sample in open_dataset(tmp_path)}
    assert set(pairs) == {"venus", "tsukuba"}
    for pair in pairs.values():
        assert pair.ground_truth is not None
        assert (pair.ground_truth.values == 5).all()


@pytest.mark.parametrize(("width", "stored"), [(1390, 5), (695, 10), (463, 15)])
def test_middlebury_2006_stores_the_number_by_which_its_width_is_divided(tmp_path: Path, width: int, stored: int) -> None:
    view = encoded(noise(HEIGHT, width, 3), format="PNG")
    write(tmp_path, {"Aloe/view1.png": view, "Aloe/view5.png": view, "Aloe/disp1.png": constant(stored, np.uint8, width)})
    pair = open_dataset(tmp_path)[0].load()
    assert pair.ground_truth is not None
    assert (pair.ground_truth.values == 5).all()
    assert pair.calibration is None


def test_middlebury_2006_has_no_other_size(tmp_path: Path) -> None:
    write(tmp_path, {**views("Aloe/view1.png", "Aloe/view5.png"), "Aloe/disp1.png": constant(5, np.uint8)})
    with pytest.raises(ValueError, match=r"Aloe is 50 pixels wide; Middlebury 2005 and 2006 have 1200 to 1499 or"):
        open_dataset(tmp_path)


def test_a_table_that_is_named_may_name_files_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, {**views("data/a.png", "data/b.png"), "tables/mine.csv": "left,right\n../data/a.png, ../data/b.png\n"})
    (sample,) = open_dataset(tmp_path / "tables" / "mine.csv")
    assert sample.name == "../data/a.png"
    np.testing.assert_array_equal(sample.load().left, noise(HEIGHT, WIDTH, 3))
    write(tmp_path, {"tables/pairs.csv": "left,right\n../data/a.png,../data/b.png\n"})
    with pytest.raises(ValueError, match=r"^Line 2 of 'pairs\.csv' names a file outside its folder\."):
        open_dataset(tmp_path / "tables")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("left,truth\n", r"'pairs\.csv' has no column right: its columns are left, right, "),
        ("left,right,size\n", r"'pairs\.csv' has a column 'size'"),
        ("left,right\na.png\n", r"^Line 2 of 'pairs\.csv' has not as many fields"),
        ("left,right\na.png,b.png\na.png,\n", r"^Line 3 of 'pairs\.csv' names no right view\.$"),
        ("left,right\n/etc/hostname,b.png\n", "names a file outside its folder"),
        ("left,right,scale\na.png,b.png,x\n", "the scale must be a number, not 'x'"),
        ("left,right,num_disparities\na.png,b.png,50\n", "num_disparities must be a multiple of 16, not '50'"),
        ("left,right,encoding\na.png,b.png,kiti\n", "the encoding must be raw or .*, not 'kiti'"),
        ("left,right,kind\na.png,b.png,metres\n", "the kind must be .*, not 'metres'"),
        (b"\xff\xfe\x00", "is no CSV file in UTF-8"),
        (
            "left,right\na\0.png,b.png\n",
            r"^Line 2 of 'pairs\.csv': the left must be one line of up to 500 printable characters\.$",
        ),
        ('left,right,id\na.png,b.png,"a\nb"\n', "the id must be one line"),
        (f"left,right,id\na.png,b.png,{'i' * 501}\n", "the id must be one line of up to 500"),
    ],
)
def test_a_table_with_a_mistake_is_refused_by_its_line(tmp_path: Path, content: bytes | str, said: str) -> None:
    write(tmp_path, {"pairs.csv": content})
    with pytest.raises(ValueError, match=said):
        open_dataset(tmp_path)


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


@pytest.mark.parametrize("names", [("im2.png", "im6.png", "disp2.png"), ("view1.png", "view5.png", "disp1.png")])
def test_a_truth_that_is_no_picture_spoils_its_own_pair_only(tmp_path: Path, names: tuple[str, str, str]) -> None:
    *both, truth = names
    for place in ("a", "b"):
        write(tmp_path / place, views(*both))
    write(tmp_path / "a", {truth: b"no picture"})
    broken, whole = open_dataset(tmp_path)
    assert whole.load().ground_truth is None
    with pytest.raises(ValueError, match=f"'{truth}'|cannot be read here"):
        broken.load()


def test_folders_with_a_readme_are_a_data_set_even_without_a_camera(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path, {**views(f"{name}/left.png", f"{name}/right.png"), f"{name}/README.md": "notes"})
    layout, samples = recognise(tmp_path)
    assert layout == "folder"
    assert [sample.name for sample in samples] == ["a", "b"]


def test_one_bundled_scene_alone_has_no_labels_and_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "466").symlink_to(ROOT / "466")
    (sample,) = open_dataset(tmp_path, "bundled")
    assert sample.labels is None
    assert sample.load().ground_truth is not None


def test_a_search_range_is_read_from_the_beginning_of_a_camera_only(tmp_path: Path) -> None:
    path = tmp_path / "calib.txt"
    for content, found in (("doffs=0\nndisp=70\n", 80), ("ndisp=" + "9" * 5000, None), ("\n" * 200_000 + "ndisp=70", None)):
        path.write_text(content)
        assert search_range(path) == found


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path, {**views("a.png", "b.png"), "pairs.csv": "left,right,truth\na.png,b.png,c.pfm\n"})
    with pytest.raises(ValueError, match=r"^The data set has no file 'c\.pfm' for this pair\.$"):
        open_dataset(tmp_path)[0].load()


def test_the_bundled_scenes_are_a_data_set_with_labels() -> None:
    samples = open_dataset(ROOT)
    assert [(sample.name, sample.num_disparities) for sample in samples] == [("466", 160), ("515", 160)]
    assert all(sample.labels for sample in samples)
    assert open_dataset(PAIRS[0].left.parents[1])[0].load_labels() is None


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        pytest.param(lambda root: open_dataset(root / "gone"), r"^There is no folder 'gone'\.$", id="no-folder"),
        pytest.param(lambda root: open_dataset(root, "kiti"), r"^The layout must be csv or .*, not 'kiti'\.$", id="no-layout"),
        pytest.param(open_dataset, "holds no pair in the layout csv or kitti or", id="empty"),
        pytest.param(
            lambda root: open_dataset(root, "kitti"), r"no pair in the layout kitti\. It is empty\.$", id="another-layout"
        ),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, ask: Callable[[Path], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ask(tmp_path)


def test_a_refusal_says_what_the_folder_holds(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("a.png", "b.png", "c.png", "notes.txt"):
        (tmp_path / name).touch()
    said = r"It holds 'a\.png', 'b\.png', 'c\.png', 'images \(a folder\)' and 1 more\.$"
    with pytest.raises(ValueError, match=said):
        open_dataset(tmp_path)
