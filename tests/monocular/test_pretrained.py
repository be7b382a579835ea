"""MiDaS and Depth Pro: other people's networks, from the Hub to a map, with tiny checkpoints that the library wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import DepthProForDepthEstimation, DPTForDepthEstimation
from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

from depth_demo.geometry import DepthKind, RgbImage
from depth_demo.monocular.answers import Shot
from depth_demo.monocular.depth_pro import read_depth_pro
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.models import find_model
from depth_demo.monocular.preprocessing import to_pixels
from tests.support.hub_server import HubServer
from tests.support.other_models import checkpoint, folder_with
from tests.support.tiny_checkpoints import MIDAS, depth_pro

NAMES = [*MIDAS, "depth-pro"]
ON_VIT = ["midas-large", "midas-hybrid"]


def photo(height: int, width: int, seed: int = 0) -> RgbImage:
    """Smooth colours, so that how a picture is resized matters little."""
    noise = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def loaded(name: str, place: Path) -> TorchEstimator:
    return load_estimator(name, folder_with(place, name), "cpu")


# Loading.


@pytest.fixture
def served(no_hub: None, hub: HubServer) -> HubServer:
    """All tiny checkpoints, on a Hub of this machine."""
    for name in NAMES:
        repo = find_model(name).hub_files[0].repo
        for file, content in checkpoint(name).items():
            hub.publish(repo, file, content)
    return hub


@pytest.mark.parametrize("name", NAMES)
def test_it_is_fetched_once_and_then_runs_without_a_network(name: str, served: HubServer) -> None:
    first = load_estimator(name, device="cpu")
    asked = served.count("GET")
    served.close()
    again = load_estimator(name, device="cpu")
    assert asked >= len(find_model(name).files)
    assert first.sha256 == again.sha256
    assert re.fullmatch("[0-9a-f]{64}", first.sha256)
    before, after = (estimator(photo(48, 64)).values for estimator in (first, again))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("name", ["midas-large", "depth-pro"])
def test_a_tensor_that_is_missing_or_misshapen_is_refused_by_its_name(name: str, place: Path) -> None:
    files = dict(checkpoint(name))
    tensors = safetensors.torch.load(files["model.safetensors"])
    removed = min(key for key in tensors if key.startswith("head."))
    kept = {key: value for key, value in tensors.items() if key != removed}
    files["model.safetensors"] = safetensors.torch.save(kept, {"format": "pt"})
    with pytest.raises(ValueError, match=rf"not those of {find_model(name).title} .*1 weights are missing \({removed}\)"):
        load_estimator(name, folder_with(place, name, files), "cpu")
    files["model.safetensors"] = safetensors.torch.save(kept | {removed: torch.zeros(1, 2, 3)}, {"format": "pt"})
    with pytest.raises(ValueError, match=rf"does not fit: 1 weights are of another shape \({removed}\)"):
        load_estimator(name, folder_with(place, name, files), "cpu")


def test_a_file_cut_short_is_refused(place: Path) -> None:
    files = dict(checkpoint("midas-large"))
    files["model.safetensors"] = files["model.safetensors"][:5000]
    with pytest.raises(ValueError, match="damaged or cut short"):
        load_estimator("midas-large", folder_with(place, "midas-large", files), "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_size": "wide"},
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
    ],
    ids=["words for numbers", "another package"],
)
def test_settings_that_make_no_network_are_refused(change: dict[str, object], place: Path) -> None:
    files = dict(checkpoint("midas-large"))
    files["config.json"] = json.dumps(json.loads(files["config.json"]) | change).encode()
    with pytest.raises(ValueError, match=r"not those of MiDaS 3 Large .*damaged or cut short, or of another model"):
        load_estimator("midas-large", folder_with(place, "midas-large", files), "cpu")


def test_files_of_two_folders_are_not_mixed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [folder_with(place / side, "depth-pro", depth_pro()) / "DepthPro-hf" for side in ("one", "two")]
    found = {"config.json": paths[0] / "config.json", "model.safetensors": paths[1] / "model.safetensors"}
    monkeypatch.setattr("depth_demo.monocular.hub.find_on_machine", lambda file: found[file.name])
    with pytest.raises(ValueError, match="lie in different folders: keep them together"):
        load_estimator("depth-pro", device="cpu")


def test_what_is_not_installed_is_said_before_a_download(monkeypatch: pytest.MonkeyPatch, served: HubServer) -> None:
    monkeypatch.setattr("depth_demo.monocular.spec.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"Depth Pro needs transformers: pip install 'depth-demo\[models\]'\."):
        load_estimator("depth-pro")
    assert not served.requests


# Maps.


@pytest.mark.parametrize("name", MIDAS)
def test_midas_gives_what_the_library_gives(name: str, place: Path) -> None:
    """Its own picture processor and its own enlargement, which is bicubic where ours is bilinear."""
    image, spec = photo(300, 410), find_model(name)
    taken = spec.preprocessing
    height, width = (taken.short_side, taken.short_side) if taken.square else (512, 704)
    processor = DPTImageProcessorPil(size={"height": height, "width": width}, resample=Image.Resampling.BILINEAR)
    inputs = processor(Image.fromarray(image), return_tensors="pt")
    estimator = loaded(name, place)
    assert torch.allclose(inputs["pixel_values"], torch.from_numpy(to_pixels(image, taken)), atol=1e-5)
    network = DPTForDepthEstimation.from_pretrained(place / spec.hub_files[0].repo.rpartition("/")[2]).eval()
    with torch.no_grad():
        output = network(**inputs)
    theirs = processor.post_process_depth_estimation(output, [image.shape[:2]])[0]["predicted_depth"].numpy()
    ours = estimator(image)
    spread = float(theirs.max() - theirs.min())
    assert ours.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert spread > 0.1
    assert np.abs(ours.values - theirs).mean() < 2e-3 * spread
    assert np.abs(ours.values - theirs).max() < 0.1 * spread
    answer = estimator.run(to_pixels(image, taken))
    assert np.abs(answer - output.predicted_depth.numpy()).max() < 1e-5 * spread


@pytest.mark.parametrize("name", ON_VIT)
@pytest.mark.parametrize("size", [(270, 480), (480, 270), (90, 160)], ids=str)
def test_a_square_network_answers_where_something_changed(name: str, size: tuple[int, int], place: Path) -> None:
    estimator = loaded(name, place)
    difference = np.abs(estimator(with_a_changed_strip(photo(*size))).values - estimator(photo(*size)).values)
    assert share_of_left_half(difference) > 0.63


def test_a_network_that_scrambles_is_never_handed_what_another_row_takes(place: Path) -> None:
    """The row of BEiT keeps the aspect ratio, which a ViT in its folder would take without a word."""
    with pytest.raises(ValueError, match=r"not those of MiDaS 3\.1 BEiT Large .* Its encoder must be beit, not vit\."):
        load_estimator("midas-beit-large", folder_with(place, "midas-beit-large", checkpoint("midas-large")), "cpu")


def test_the_network_of_midas_large_itself_scrambles_a_picture_of_16_to_9(place: Path) -> None:
    """So that the test above can fail. transformers 5.23: 9x16 patches are taken for 12x12, which is as many."""
    network = loaded("midas-large", place).network
    before, after = (
        torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]) / np.float32(127.5) - 1)
        for picture in (photo(144, 256), with_a_changed_strip(photo(144, 256)))
    )
    with torch.no_grad():
        difference = (network(after) - network(before)).abs()[0].numpy()
    assert difference.shape == (192, 192)
    assert share_of_left_half(difference) < 0.57


def with_a_changed_strip(image: RgbImage) -> RgbImage:
    changed = image.copy()
    changed[:, : image.shape[1] // 4] = 255 - changed[:, : image.shape[1] // 4]
    return changed


def share_of_left_half(difference: NDArray[np.float32]) -> float:
    """How much of all change lies in the left half of a map: about a half if it lies anywhere."""
    return float(difference[:, : difference.shape[1] // 2].sum() / difference.sum())


@pytest.mark.parametrize("name", MIDAS)
@pytest.mark.parametrize("size", [(32, 32), (30, 1500), (1500, 30)], ids=str)
def test_small_and_narrow_photos_are_estimated(name: str, size: tuple[int, int], place: Path) -> None:
    depth_map = loaded(name, place)(photo(*size))
    assert depth_map.shape == size
    assert depth_map.valid.all()


@pytest.mark.parametrize(
    "image",
    [np.zeros((32, 48)), np.zeros((32, 48, 4), np.uint8), np.zeros((32, 48, 3), np.float32), np.zeros((0, 48, 3), np.uint8)],
    ids=["grey", "with transparency", "float", "empty"],
)
def test_what_is_no_photo_is_refused(image: Any, place: Path) -> None:
    with pytest.raises(ValueError, match=r"A photo is \(H, W, 3\) uint8 RGB, not "):
        loaded("midas-large", place)(image)


def test_it_is_said_that_a_photo_is_squeezed() -> None:
    assert {name: find_model(name).warning for name in MIDAS} == {
        "midas-large": "MiDaS 3 Large is shown every photo squeezed to a square.",
        "midas-hybrid": "MiDaS 3 Hybrid is shown every photo squeezed to a square.",
        "midas-beit-large": "",
        "midas-swin2-tiny": "MiDaS 3.1 Swin2 Tiny is shown every photo squeezed to a square.",
    }


def test_a_network_of_one_size_refuses_others(place: Path) -> None:
    with pytest.raises(ValueError, match="input size must be 384, not 518"):
        loaded("midas-hybrid", place)(photo(60, 80), 518)


def by_hand(place: Path, image: RgbImage, focal_length_px: float | None) -> Any:
    """Depth Pro in the library, and its formula: metres = focal length / (canonical inverse depth x width)."""
    network = DepthProForDepthEstimation.from_pretrained(place / "DepthPro-hf", dtype=torch.float32).eval()
    pixels = torch.from_numpy(image.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    with torch.no_grad():
        output = network(torch.nn.functional.interpolate(pixels, (1536, 1536), mode="bilinear"))
    height, width = image.shape[:2]
    canonical = torch.nn.functional.interpolate(output.predicted_depth[None], (height, width), mode="bilinear")[0, 0].numpy()
    own = 0.5 * width / np.tan(np.radians(float(output.field_of_view)) / 2)
    return (focal_length_px or own) / (canonical * width)


def test_depth_pro_gives_metres_by_the_focal_length(place: Path) -> None:
    """Twice the focal length is twice the depth; without one, the network's own field of view counts, and is said."""
    image, estimator = photo(40, 60), loaded("depth-pro", place)
    guessed, known, doubled = (estimator(image, focal_length_px=pixels) for pixels in (None, 70, 140))
    for depth_map, theirs in ((guessed, by_hand(place, image, None)), (known, by_hand(place, image, 70))):
        assert depth_map.kind is DepthKind.METRIC_DEPTH
        near = depth_map.valid & (theirs < 100)
        assert near.mean() > 0.5
        assert depth_map.values[near] == pytest.approx(theirs[near], rel=1e-3)
    both = known.valid & doubled.valid
    assert doubled.values[both] == pytest.approx(2 * known.values[both], rel=1e-5)
    assert known.focal_length is not None
    assert (known.focal_length.pixels, known.focal_length.source) == (70, "as given")
    assert guessed.focal_length is not None
    assert re.fullmatch(
        r"Its metres grow with the focal length: \d+ px, estimated by Depth Pro, as a field of view of \d\d\.\d degrees\.",
        guessed.remark,
    )


def test_depth_pro_measures_nothing_where_it_sees_no_end() -> None:
    values = np.zeros((2, 4, 4), np.float32)
    values[0, :2], values[1] = 0.5, 60
    depth_map = read_depth_pro(values, Shot(4, 4))
    assert np.isnan(depth_map.values[3]).all()
    assert depth_map.values[0, 0] == pytest.approx(0.5 / np.tan(np.radians(30)) / 0.5)
    with pytest.raises(ValueError, match="finds no field of view"):
        read_depth_pro(values * 0, Shot(4, 4))


def test_a_focal_length_that_is_none_is_refused(place: Path) -> None:
    with pytest.raises(ValueError, match="Focal length must be a number larger than 0, not -5"):
        loaded("midas-large", place)(photo(32, 32), focal_length_px=-5)
