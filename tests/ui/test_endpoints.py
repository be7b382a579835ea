"""The six endpoints through the real client: what they return, and that bad input gets one clear sentence."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from depth_demo.examples import list_examples
from depth_demo.geometry import StereoPair
from depth_demo.monocular.hub import locate
from depth_demo.monocular.input_size import network_size
from depth_demo.monocular.models import TINY
from depth_demo.stereo.features import match_features
from tests.conftest import PAIRS
from tests.support import rig_files
from tests.support.handmade_clips import gif, sweep
from tests.support.handmade_files import encoded
from tests.support.handmade_pairs import mpo, views
from tests.support.handmade_portraits import PHOTO, gdepth, with_xmp
from tests.support.made_views import FOCAL, LEFT, Viewer, right_viewer, see

EXAMPLE = PAIRS[0]
STREET = list_examples()[0]
CAMERA = {"focal_length_px": 480, "baseline_m": 0.1, "num_disparities": 64}
QUICK = {"input_size": 196}


@pytest.fixture(scope="module")
def client(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app_url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


def call(client: Client, api_name: str, *files: Path | None, **parameters: object) -> Any:
    return client.predict(*(file and handle_file(file) for file in files), api_name=api_name, **parameters)


def by_name(files: list[str]) -> dict[str, Path]:
    return {Path(file).name: Path(file) for file in files}


def size_of(path: str) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_the_public_endpoints_are_the_six_documented_ones(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    first = {name: [p["parameter_name"] for p in about["parameters"]] for name, about in endpoints.items()}
    assert set(first) == {"/estimate", "/match", "/rectify", "/compare", "/video", "/score_data_set"}
    assert first["/estimate"][:3] == ["image", "model", "input_size"]
    assert first["/estimate"][-5:] == ["resolution", "plots", "steps", "members", "patient"]
    assert first["/compare"][-7:] == ["resolution", "plots", "mask", "squeezed", "steps", "members", "patient"]
    assert first["/match"][-3:] == ["detail", "plots", "squeezed"]
    assert first["/video"] == ["clip", "model", "resolution", "input_size", "color_map", "steps", "members"]
    assert first["/score_data_set"] == ["data_set", "models", "matchers", "mask", "limit", "num_disparities", "folder"]
    assert first["/rectify"] == ["left", "right", "calibration", "focal_length_px", "unit", "right_calibration"]
    camera = ["focal_length_px", "baseline_m", "doffs_px"]
    assert first["/match"][:7] == ["left", "right", *camera, "mode", "min_disparity"]
    assert first["/compare"][:9] == ["left", "right", "ground_truth", *camera, "model", "input_size", "mode"]


def test_with_the_pictures_alone_each_endpoint_answers(client: Client) -> None:
    _, surface, _, summary = client.predict(handle_file(EXAMPLE.left), api_name="/estimate")
    assert "Depth Anything V2 Small: " in summary  # its weights are there
    assert surface is None
    _, depth, surface, _, _ = client.predict(*map(handle_file, (EXAMPLE.left, EXAMPLE.right)), api_name="/match")
    assert depth is surface is None
    result = client.predict(*map(handle_file, (EXAMPLE.left, EXAMPLE.right)), api_name="/compare")
    assert "**Monocular**: Depth Anything V2 Small, " in result[10]
    assert [result[8], result[9], result[14]] == [None] * 3
    assert json.loads(by_name(result[11])["left_scores.json"].read_text())["model"]["title"] == "Depth Anything V2 Small"


def test_an_unknown_model_is_refused_with_the_accepted_ones(client: Client) -> None:
    sentence = "Model must be one of auto, depth-anything-v2-small,"
    refused(client, "/estimate", sentence, EXAMPLE.left, model="depth-anything-v9")


def test_a_fraction_where_a_whole_number_belongs(client: Client) -> None:
    sentence = "num_disparities [px] must be a whole number, not 64.5"
    refused(client, "/match", sentence, EXAMPLE.left, EXAMPLE.right, num_disparities=64.5)


def test_a_web_address_in_place_of_a_file(client: Client) -> None:
    address = {"path": "https://example.com/photo.png", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError, match=r"fetches no web addresses\. Please download the file, .*handle_file\('photo.jpg'\)"):
        client.predict(address, api_name="/estimate")


def test_estimate(client: Client) -> None:
    slider, surface, downloads, summary = call(client, "/estimate", EXAMPLE.left, **QUICK, plots=True)
    photo, picture = (size_of(path) for path in slider)
    assert photo == picture
    assert picture[0] == 900  # small maps are enlarged so that the bar can be read
    assert json.loads(surface["plot"])["data"][0]["type"] == "mesh3d"
    files = by_name(downloads)
    assert next(iter(files)) == "left_depth_coloured.png"
    assert files["left_depth_coloured.png"].read_bytes()[:4] == b"\x89PNG"
    map_files = {f"left_relative_inverse_depth{end}" for end in (".npy", "_16bit.png", "_16bit.json", ".pfm", ".tif")}
    others = {"left_depth_coloured.png", "left_depth_grey.png", "left_points.ply", "left_surface.glb"}
    assert set(files) == others | map_files
    values = np.load(files["left_relative_inverse_depth.npy"])
    assert values.shape == (360, 480)
    assert values.dtype == np.float32
    assert "larger is nearer; no unit" in summary
    assert "on CPU, float32" in summary
    assert "assumed" in summary


def test_match(client: Client) -> None:
    slider, depth, surface, downloads, summary = call(
        client, "/match", EXAMPLE.left, EXAMPLE.right, **CAMERA, plots=True
    )  # fmt: skip
    assert json.loads(surface["plot"])["data"][0]["type"] == "mesh3d"
    assert size_of(slider[0]) == size_of(slider[1]) == size_of(depth[0]) == size_of(depth[1])
    files = by_name(downloads)
    disparity, metres = np.load(files["left_disparity_px.npy"]), np.load(files["left_depth_m.npy"])
    np.testing.assert_allclose((disparity * metres)[np.isfinite(metres)], 48, rtol=1e-5)
    assert not np.isnan(np.load(files["left_disparity_filled_px.npy"])).any()
    assert "of the pixels matched" in summary


def test_match_without_calibration_says_that_there_are_no_metres(client: Client) -> None:
    _, depth, _, downloads, summary = call(client, "/match", EXAMPLE.left, EXAMPLE.right, num_disparities=64)
    assert depth is None
    assert "left_depth_m.npy" not in by_name(downloads)
    assert "no metres" in summary


def test_rectify(client: Client, tmp_path: Path) -> None:
    right = saved(tmp_path, "right.png", see(right_viewer(0.8, 0.3, 0.5))[0])
    left = saved(tmp_path, "photo.png", LEFT)
    first, second, masks, camera, yaml, summary = call(client, "/rectify", left, right, focal_length_px=FOCAL)
    np.testing.assert_array_equal(np.asarray(Image.open(first)), LEFT)  # as PNG, and the left view is untouched
    views = [np.asarray(Image.open(path)) for path in (first, second)]
    gaps = match_features(StereoPair(views[0], views[1])).row_gap
    assert np.median(np.abs(gaps)) < 0.3
    shown = [np.asarray(Image.open(path)) == 255 for path in masks]
    assert shown[0].all()
    assert not views[1][~shown[1]].all()
    assert json.loads(Path(camera).read_text())["baseline_m"] is None
    assert "H2: !!opencv-matrix" in Path(yaml).read_text()
    assert "**Before**, the rows differ by" in summary
    assert "There is no depth in metres before" in summary


def test_rectify_with_a_calibration_gives_metres(client: Client, tmp_path: Path) -> None:
    left = see(Viewer((0, 0, 0), np.eye(3), rig_files.K1, rig_files.D1))[0]
    right = see(Viewer(tuple(rig_files.PLACE), rig_files.TURN, rig_files.K2, rig_files.D2))[0]
    views = saved(tmp_path, "left.png", left), saved(tmp_path, "right.png", right)
    file = tmp_path / "stereo.yaml"
    file.write_text(rig_files.opencv_yaml())
    *_, camera, yaml, summary = call(client, "/rectify", *views, file, unit="mm")
    assert json.loads(Path(camera).read_text())["baseline_m"] == pytest.approx(float(np.linalg.norm(rig_files.PLACE)))
    assert "Q: !!opencv-matrix" in Path(yaml).read_text()
    assert "**Expected error of depth**" in summary
    sides = []
    for name, text in zip(("left", "right"), rig_files.ros(), strict=True):
        sides.append(tmp_path / f"{name}.yaml")
        sides[-1].write_text(text)
    *_, by_ros, _, _ = call(client, "/rectify", *views, sides[0], right_calibration=handle_file(sides[1]))
    lengths = [json.loads(Path(file).read_text())["baseline_m"] for file in (by_ros, camera)]
    assert lengths[0] == pytest.approx(lengths[1])
    refused(client, "/rectify", "names no unit that is known here. Choose m, cm, mm, in or ft", *views, file)


def test_what_cannot_be_rectified_is_refused(client: Client, tmp_path: Path) -> None:
    refused(client, "/rectify", "Rectifying takes both views: add the missing one.", EXAMPLE.left, None)
    refused(client, "/rectify", "Both views are the same picture", EXAMPLE.left, EXAMPLE.left)
    file = tmp_path / "camera.json"
    file.write_text('{"fx": 70, "fy": 71, "cx": 30, "cy": 22, "baseline_m": 0.12, "width": 64, "height": 48}')
    refused(client, "/rectify", "The calibration holds no two cameras with K, D, R and T", EXAMPLE.left, EXAMPLE.right, file)


def test_compare(client: Client) -> None:
    result = call(client, "/compare", EXAMPLE.left, EXAMPLE.right, EXAMPLE.disparity, **CAMERA, **QUICK, plots=True)
    scores, photo, truth, monocular, stereo, ssim_monocular, ssim_stereo, boxes, surface, other, summary, report = result[:12]
    words, gallery, bars = result[12:]
    rows = {row[0]: row[1:3] for row in scores["data"]}
    assert float(rows["fair: SSIM"][1]) > 0.97
    assert float(rows["EPE [px]"][1]) < 0.2
    assert {"coverage [%]", "D1 [%]", "AbsRel", "report: SSIM of disparity", "report: SSIM of depth"} <= set(rows)
    (size,) = {size_of(path) for path in (truth, monocular, stereo, ssim_monocular, ssim_stereo)}
    assert size_of(photo)[0] == size[0]  # without a colour bar, which is not a photo's
    assert size_of(photo)[1] < size[1]
    assert boxes["headers"][0] == "Method"
    eyes = [json.loads(plot["plot"])["layout"]["scene"]["camera"]["eye"] for plot in (surface, other)]
    assert eyes[0] != eyes[1]  # with random weights the monocular map cannot be aligned, and is framed by itself
    assert "value / 256" in summary
    names = [Path(file).name for file in report[:4]]
    coloured = ["left_monocular_coloured.png", "left_stereo_coloured.png"]
    assert names == [*coloured, "left_report.html", "left_scores.json"]
    saved_report = json.loads(by_name(report)["left_scores.json"].read_text())
    plain = words.replace("**", "")
    said = [finding["text"] for finding in saved_report["findings"] if finding["code"] != "inverted"]
    assert all(text.split(" ", 1)[1] in plain for text in said)
    assert saved_report["inputs"]["left"] == EXAMPLE.left.name
    assert f"{saved_report['scores']['fair']['stereo']['epe_px']:.2f}" == rows["EPE [px]"][1]
    assert len(gallery) == len(boxes["data"]) > 0
    assert [box["rank"] for box in saved_report["failure_boxes"]] == [int(row[1][1:]) for row in boxes["data"]]
    measured = {method: [row["name"] for row in rows] for method, rows in saved_report["regions"].items() if rows}
    assert ("monocular" in measured) == (rows["fair: SSIM"][0] != "inverted")  # random weights may see upside down
    assert [bar["name"] for bar in json.loads(bars["plot"])["data"]] == list(measured)
    named = [name.capitalize() for name in measured if name != "fused"]
    assert re.findall(r"\*\*(\w+)\*\* has an answer for \d+\.\d %", words) == named
    assert all({"whole picture", "unsearched band", "occluded areas"} <= set(names) for names in measured.values())


def test_compare_with_the_mask_of_a_benchmark(client: Client, tmp_path: Path) -> None:
    with Image.open(EXAMPLE.left) as left:
        width, height = left.size
    levels = np.full((height // 2, width // 2), 255, np.uint8)  # half size: the nearest value is taken
    levels[:, : width // 4] = 128
    mask = handle_file(saved(tmp_path, "mask0nocc.png", levels))
    result = call(client, "/compare", EXAMPLE.left, EXAMPLE.right, EXAMPLE.disparity, **CAMERA, model=TINY.name, mask=mask)
    assert result[0]["data"][0][0] == "non-occluded: SSIM"
    assert "**Mask**: 8-bit PNG, where 255 (non-occluded) counts" in result[10]
    files = by_name(result[11])
    record = json.loads(files["left_scores.json"].read_text())
    assert record["inputs"]["mask"] == "mask0nocc.png"
    inside, whole = (record["scores"][name]["stereo"]["coverage_percent"] for name in ("non_occluded", "fair"))
    assert inside > whole  # the mask leaves out the unsearched band
    assert "mask0nocc.png: 8-bit PNG" in files["left_report.html"].read_text()
    refused(client, "/compare", "choose the ground truth too", EXAMPLE.left, EXAMPLE.right, model=TINY.name, mask=mask)


def test_compare_of_one_view_with_its_truth(client: Client, tmp_path: Path) -> None:
    with Image.open(EXAMPLE.left) as left:
        width, height = left.size
    truth = tmp_path / "depth.npy"
    np.save(truth, np.tile(np.linspace(50, 2, height, dtype=np.float32)[:, np.newaxis], width))  # the ground is near
    result = call(client, "/compare", EXAMPLE.left, None, truth, model=TINY.name, plots=True)
    scores, photo, shown, monocular, stereo, ssim, ssim_stereo, boxes, surface, other, summary, report, words = result[:13]
    assert scores["headers"] == ["Score", "Monocular", "What it says"]
    assert {"fair: SSIM", "AbsRel", "RMSE [m]"} <= {row[0] for row in scores["data"]}
    assert all((photo, shown, monocular, ssim, surface))
    assert stereo is ssim_stereo is other is None
    assert boxes["headers"][4] == "Mean error [m]"
    assert "**One view**: there is no right view" in summary
    assert "stereo" not in f"{summary}{words}".lower()
    files = by_name(report)
    assert {"left_monocular_depth_m.npy", "left_truth_depth_m.npy"} <= set(files)
    assert "stereo" not in re.sub(r"base64,[^\"]*", "", files["left_report.html"].read_text()).lower().split("<body>")[1]
    assert json.loads(files["left_scores.json"].read_text())["matcher"] is None


def test_compare_of_one_view_alone_says_what_to_add(client: Client) -> None:
    refused(client, "/compare", "add a right view to match, or the ground truth of the left view", EXAMPLE.left)


def test_compare_without_truth(client: Client) -> None:
    result = call(client, "/compare", EXAMPLE.left, EXAMPLE.right, **CAMERA, **QUICK, model=TINY.name)
    scores, *_, ssim_stereo, boxes, _, _, summary, report = result[:12]
    assert {row[2] for row in scores["data"]} == {"-"}  # stereo does not judge itself
    assert not any("truth" in row[0] or "report" in row[0] for row in scores["data"])
    assert ssim_stereo is None
    assert "none was given" in summary
    assert {row[0] for row in boxes["data"]} <= {"Monocular", "no box"}
    saved_report = json.loads(by_name(report)["left_scores.json"].read_text())
    assert saved_report["judged_by"] == "confident_stereo"
    assert set(saved_report["regions"]) <= {"monocular"}
    assert "left_confident_stereo_disparity_px.npy" in by_name(report)


def test_what_is_no_photo_gets_one_sentence(client: Client, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("This is not a picture.")
    refused(client, "/estimate", "No image yet", None)
    refused(client, "/estimate", "cannot be read here: it must be PNG, JPEG", tmp_path / "text.png")


def refused(client: Client, api_name: str, sentence: str, *files: Path | None, **parameters: object) -> None:
    """The call fails with this sentence, and with nothing that belongs to the server."""
    with pytest.raises(AppError) as caught:
        call(client, api_name, *files, **parameters)
    message = str(caught.value)
    assert sentence in message
    assert "Traceback" not in message
    assert "/" not in message.replace("left/right", "").replace("0/16", "")


def saved(folder: Path, name: str, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_views_of_different_sizes(client: Client, tmp_path: Path) -> None:
    other = saved(tmp_path, "other.png", np.zeros((300, 480, 3), np.uint8))
    refused(client, "/match", "left is 480x360 and right is 480x300", EXAMPLE.left, other)


def test_truth_of_another_shape(client: Client, tmp_path: Path) -> None:
    truth = saved(tmp_path, "truth.png", np.arange(200 * 240, dtype=np.uint8).reshape(200, 240))
    refused(client, "/compare", "480x360 pixels, but it is 240x200", EXAMPLE.left, EXAMPLE.right, truth, **CAMERA)


def test_a_focal_length_that_is_not_positive(client: Client) -> None:
    sentence = "Focal length must be a number larger than 0, not 0"
    refused(client, "/match", sentence, EXAMPLE.left, EXAMPLE.right, focal_length_px=0, baseline_m=0.1)


def test_a_disparity_range_wider_than_the_image(client: Client) -> None:
    sentence = "The disparity range 0..511 px is wider than the image (480 px)"
    refused(client, "/match", sentence, EXAMPLE.left, EXAMPLE.right, num_disparities=512)


def test_the_bundled_model_estimates_offline_at_its_own_size(client: Client) -> None:
    slider, surface, downloads, summary = call(client, "/estimate", STREET.left, model=TINY.name, plots=True)
    photo, picture = (size_of(path) for path in slider)
    assert photo == picture
    assert json.loads(surface["plot"])["data"][0]["type"] == "mesh3d"
    assert np.load(by_name(downloads)["466_left_relative_inverse_depth.npy"]).shape == (1200, 1920)
    assert (
        f"{TINY.title}, input size {TINY.preprocessing.short_side}"
        in by_name(downloads)["466_left_relative_inverse_depth_16bit.json"].read_text()
    )
    size = network_size(1200, 1920, TINY.preprocessing.short_side, TINY.preprocessing)
    assert f"the network saw {size.width}x{size.height}." in summary
    assert f"{TINY.title}: " in summary
    assert TINY.warning in summary


def test_the_bundled_model_is_compared_offline(client: Client) -> None:
    camera = STREET.calibration
    result = call(
        client, "/compare", STREET.left, STREET.right, STREET.disparity, model=TINY.name,
        focal_length_px=camera.focal_length_px, baseline_m=camera.baseline_m, num_disparities=STREET.num_disparities,
    )  # fmt: skip
    scores, summary, report = result[0], result[10], by_name(result[11])
    rows = {row[0]: row[1:3] for row in scores["data"]}
    assert float(rows["fair: SSIM"][1]) > 0.5
    assert f"**Monocular**: {TINY.title}, " in summary
    assert f"{TINY.title} is a small bundled model" in summary
    assert json.loads(report["466_left_scores.json"].read_text())["model"]["title"] == TINY.title
    page = report["466_left_report.html"].read_text("utf-8")
    assert hashlib.sha256(locate(TINY)[0].read_bytes()).hexdigest() in page
    assert f"<h1>{STREET.title}</h1>" in page  # known by its content
    assert json.loads(report["466_left_monocular_disparity_px_16bit.json"].read_text())["source"] == TINY.title


@pytest.mark.parametrize(("asked", "seen"), [({}, "686x518"), (QUICK, "266x196")])
def test_the_default_model_sees_518_unless_told_otherwise(client: Client, asked: dict[str, int], seen: str) -> None:
    summary = call(client, "/estimate", EXAMPLE.left, **asked)[-1]
    assert "Depth Anything V2 Small: " in summary
    assert f"the network saw {seen}." in summary
    assert "bundled" not in summary


def test_a_very_wide_photo_is_seen_with_fewer_pixels_and_that_is_said(client: Client, tmp_path: Path) -> None:
    wide = saved(tmp_path, "wide.png", np.random.default_rng(0).integers(0, 255, (100, 331, 3), dtype=np.uint8))
    summary = call(client, "/estimate", wide, resolution="fast")[-1]
    assert "the network saw 560x168 (short side 168 instead of 308 px: 'fast' is at most 484 patches of 14x14 px)." in summary
    summary = call(client, "/estimate", wide, resolution="fast", input_size=196)[-1]
    assert "the network saw 644x196." in summary  # a number is taken as it is


def test_the_same_question_is_answered_from_the_cache(client: Client) -> None:
    first, again = (call(client, "/estimate", STREET.left, input_size=182) for _ in range(2))
    seconds = re.search(r"Depth Anything V2 Small: (\d+\.\d\d s) on CPU", first[-1])
    assert seconds is not None
    assert f"from the cache, computed in {seconds[1]} on CPU" in again[-1]
    maps = [np.load(by_name(downloads)["466_left_relative_inverse_depth.npy"]) for downloads in (first[2], again[2])]
    np.testing.assert_array_equal(*maps)


def test_an_input_size_between_the_steps(client: Client) -> None:
    refused(client, "/estimate", "a multiple of 14 from 168 to 1036, not 519", EXAMPLE.left, input_size=519)


def test_weights_that_cannot_be_had_and_the_app_goes_on(client: Client) -> None:
    with pytest.raises(AppError, match=r"Depth Anything V2 Base cannot be loaded.*DEPTH_DEMO_WEIGHTS.*choose Depth Demo Tiny"):
        call(client, "/estimate", EXAMPLE.left, model="depth-anything-v2-base", **QUICK)
    assert call(client, "/estimate", EXAMPLE.left, **QUICK)


def test_video(client: Client, tmp_path: Path) -> None:
    clip = tmp_path / "street.gif"
    clip.write_bytes(gif(sweep(3)))
    files, summary = call(client, "/video", clip, model=TINY.name)
    saved = by_name(files)
    assert [*saved] == ["street_depth.mp4", "street_depth.npz"]
    with np.load(saved["street_depth.npz"], allow_pickle=False) as maps:
        assert maps["depth"].shape == maps["frames"].shape[:3] == (3, 48, 64)
        assert maps["depth"].dtype == np.float32
        np.testing.assert_allclose(maps["times_s"], [0, 0.1, 0.2])
        assert str(maps["kind"]) == "relative inverse depth"
        assert str(maps["model"]) == f"{TINY.title}, input size 252"
    assert summary.startswith("**Flicker ")
    assert f"All 3 frames, from 0.3 s, at 64x48. {TINY.title}: " in summary
    _, again = call(client, "/video", saved["street_depth.npz"], model=TINY.name)
    assert again.split("\n")[0] == summary.split("\n")[0]
    refused(client, "/video", "No clip yet", None)
    refused(client, "/video", "a picture, not a video: the tab Photo takes it", EXAMPLE.left)


def test_the_readmes_http_snippet_runs(app_url: str) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not on this machine")
    root = Path(__file__).parents[2]
    snippet = re.search(r"```sh\n(url=.*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)
    assert snippet is not None
    script = snippet[1].replace("http://127.0.0.1:7860", app_url)
    answer = subprocess.run(["bash", "-c", script], cwd=root, capture_output=True, text=True, check=True).stdout
    assert "event: complete" in answer
    assert "of the pixels matched" in answer


def test_one_file_with_both_views_needs_no_right_view(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "camera.mpo"
    path.write_bytes(mpo([encoded(view, format="JPEG", quality=95) for view in views()]))
    summary = call(client, "/match", path, num_disparities=64)[-1]
    assert summary.startswith("Both views are from one file. Two frames of a stereo camera")
    assert "of the pixels matched" in summary
    halves = saved(tmp_path, "halves.png", np.hstack([view[:270, :240] for view in views()]))
    said = {answer: call(client, "/match", halves, num_disparities=64, squeezed=answer)[-1] for answer in ("ask", "yes", "no")}
    assert "Are the halves squeezed? Each half is 240x270 pixels, an unusual shape" in said["ask"]
    assert "on 480x270 pixels" in said["yes"]
    assert "on 240x270 pixels" in said["no"]


def test_the_phones_own_map_takes_the_place_of_an_estimate_by_name(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(with_xmp(PHOTO, *gdepth()))
    assert "No network ran." in call(client, "/estimate", path, model="phone")[-1]
    np.save(tmp_path / "depth.npy", np.tile(np.linspace(2, 8, 104, dtype=np.float32), (80, 1)))
    truth = handle_file(tmp_path / "depth.npy")
    answer = call(client, "/compare", path, ground_truth=truth, model="phone")
    assert any("the phone's own map, in the place of an estimate" in part for part in answer if isinstance(part, str))
    refused(client, "/estimate", "holds no depth map of its own", EXAMPLE.left, model="phone")
