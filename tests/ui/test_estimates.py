"""Nothing is computed twice, previews come only where they pay, and every wait has a number."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from depth_demo.geometry import RgbImage
from depth_demo.monocular.estimator import Estimator, TorchEstimator
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.input_size import InputSize, network_size
from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.monocular.timing import Pace
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.estimates import KeptEstimator, KeptMap, digest, input_size_for, shrunk
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare import CompareTab
from depth_demo.ui.tabs.photo import PhotoTab
from tests.conftest import PAIRS
from tests.support.layout import laid_out
from tests.support.small_model import small_estimator

QUICK = {"model": TINY.name, "input_size": 196}  # a size that no other test uses


@pytest.fixture(scope="module")
def photo() -> RgbImage:
    return np.random.default_rng(0).integers(0, 255, (96, 128, 3), dtype=np.uint8)


class Runs:
    """The sizes (H, W) of all inputs that a network has been given."""

    def __init__(self, estimator: TorchEstimator) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.handle = estimator.network.register_forward_pre_hook(self._hear)

    def _hear(self, _: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        height, width = inputs[0].shape[2:]
        self.sizes.append((height, width))


@dataclass(frozen=True)
class Page:
    """The tabs of one page."""

    shared: Shared
    photo: PhotoTab
    compare: CompareTab

    def estimate(self, **asked: object) -> list[tuple[Any, ...]]:
        return list(cast(Any, self.photo.on_estimate)(str(PAIRS[0].left), **asked))


@pytest.fixture
def page() -> Page:
    shared = Shared()
    return laid_out(lambda: Page(shared, PhotoTab([], shared), CompareTab([], shared)))


@pytest.fixture
def bundled(page: Page) -> Iterator[Runs]:
    loaded = page.shared.shelf.get(TINY.name)
    assert isinstance(loaded, TorchEstimator)
    runs = Runs(loaded)
    yield runs
    runs.handle.remove()


Maps = MapCache[KeptMap]


def kept_estimator(estimator: Estimator, cache: Maps, input_size: int = 196, pace: Pace | None = None) -> KeptEstimator:
    return KeptEstimator(estimator, input_size, cache, pace or Pace())


def test_the_same_photo_model_and_size_are_computed_once(photo: RgbImage) -> None:
    estimator, cache = small_estimator(), Maps(2**20, 60)
    runs = Runs(estimator)
    first = kept_estimator(estimator, cache)
    computed = first(photo)
    again = kept_estimator(estimator, cache)
    assert again(photo.copy()) is computed
    assert runs.sizes == [(196, 266)]
    assert not first.latest.cached
    assert again.latest.cached
    assert again.latest.seconds == first.latest.seconds
    assert first.latest.took == f"{first.latest.seconds:.2f} s"
    assert again.latest.took == f"from the cache, computed in {first.latest.seconds:.2f} s"


def test_whatever_else_is_computed(photo: RgbImage) -> None:
    """Another photo, shape, size, model or file of weights."""
    cache = Maps(2**22, 60)
    estimator, metric, other = small_estimator(), small_estimator("depth-anything-v2-metric-indoor-small"), small_estimator()
    other.sha256 = "of other weights"
    changed = photo.copy()
    changed[50, 60, 1] ^= 1
    cases = [
        (estimator, photo, 196),
        (estimator, changed, 196),
        (estimator, photo.reshape(128, 96, 3), 196),
        (estimator, photo, 210),
        (metric, photo, 196),
        (other, photo, 196),
    ]
    for used, image, input_size in cases:
        kept = kept_estimator(used, cache, input_size)
        kept(image)
        assert not kept.latest.cached
    for used, image, input_size in cases:
        assert kept_estimator(used, cache, input_size).recall(image) is not None


def test_a_preview_is_a_third_of_the_size_from_a_small_photo() -> None:
    estimator, pace = small_estimator(), Pace()
    image = np.zeros((1080, 1920, 3), np.uint8)
    pace.learn(DEFAULT, estimator.device_name, network_size(1080, 1920, 518, DEFAULT.preprocessing), 2.0)
    kept = kept_estimator(estimator, Maps(2**20, 60), 518, pace)
    runs = Runs(estimator)
    preview = kept.preview(image)
    assert preview is not None
    assert runs.sizes == [(168, 294)]  # 518 / 3 = 172.7; 900x506 becomes 298.8 -> 21.3 patches
    assert preview.depth_map.shape == (506, 900)
    assert kept.recall(image) is None  # it is no answer


@pytest.mark.parametrize(
    ("input_size", "seconds", "why"), [(518, 0.9, "the wait is short"), (252, 60.0, "168 px would take half of it")]
)
def test_no_preview_where_it_does_not_pay(input_size: int, seconds: float, why: str) -> None:
    estimator, pace = small_estimator(), Pace()
    image = np.zeros((90, 160, 3), np.uint8)
    pace.learn(DEFAULT, estimator.device_name, network_size(90, 160, input_size, DEFAULT.preprocessing), seconds)
    runs = Runs(estimator)
    assert kept_estimator(estimator, Maps(2**20, 60), input_size, pace).preview(image) is None, why
    assert runs.sizes == []


def test_the_bundled_model_has_no_preview(page: Page, bundled: Runs) -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    assert (
        kept_estimator(page.shared.shelf.get(TINY.name), Maps(2**20, 60), TINY.preprocessing.short_side).preview(image) is None
    )
    assert bundled.sizes == []


def test_the_machine_is_measured_once_by_small_runs(photo: RgbImage) -> None:
    estimator, pace = small_estimator(), Pace()
    runs = Runs(estimator)
    first = kept_estimator(estimator, Maps(2**20, 60), 518, pace).expected_s(photo)
    measured = len(runs.sizes)
    assert set(runs.sizes) == {(168, 168)}
    assert kept_estimator(estimator, Maps(2**20, 60), 518, pace).expected_s(photo) == first > 0
    assert len(runs.sizes) == measured


def test_what_is_announced(photo: RgbImage) -> None:
    estimator, pace = small_estimator(), Pace()
    pace.learn(DEFAULT, estimator.device_name, network_size(96, 128, 196, DEFAULT.preprocessing), 7.2)
    kept = kept_estimator(estimator, Maps(2**20, 60), 196, pace)
    assert kept.announce(photo) == "Estimating depth, about 7 s"
    kept(photo)
    assert kept.announce(photo) == "Estimating depth"


@pytest.mark.parametrize("shape", [(1, 40, 3), (3, 40, 3), (96, 128, 3)])
def test_a_change_of_any_pixel_changes_the_digest(shape: tuple[int, int, int]) -> None:
    photo = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    turned = photo[::-1, ::-1]
    assert digest(photo.copy()) == digest(photo)
    assert digest(np.ascontiguousarray(turned)) == digest(turned) != digest(photo)
    for row in {0, shape[0] // 3, shape[0] // 2, shape[0] - 1}:
        changed = photo.copy()
        changed[row, 30, 1] ^= 1
        assert digest(changed) != digest(photo)


def test_a_number_overrules_the_resolution() -> None:
    wide = np.zeros((375, 1242, 3), np.uint8)
    assert input_size_for(wide, DEFAULT, "as published", 518) == InputSize(518)
    assert input_size_for(wide, DEFAULT, "as published", None).pixels == 392
    assert input_size_for(wide, TINY, "as published", 0) == InputSize(252)


def test_shrunk() -> None:
    image = np.zeros((30, 3000, 3), np.uint8)
    assert shrunk(image, 900).shape == (9, 900, 3)
    assert shrunk(image, 3000) is image


# Through the handlers of the page.


def test_colours_and_detail_of_a_photo_run_no_model(page: Page, bundled: Runs) -> None:
    asked = {"focal_length_px": 0, "color_map": "Inferno", "resolution": "as published", "phones_own": False}
    *_, shown = list(cast(Any, page.photo.on_run)(str(PAIRS[0].left), **QUICK, **asked))
    computed = list(bundled.sizes)
    assert computed[-1] == (196, 266)
    result = shown[page.photo.result]
    other: Any = page.photo.on_color_map(result, "Turbo")
    assert not np.array_equal(other[1], shown[page.photo.slider][1])
    coarse: Any = page.photo.on_detail(result, "coarse")
    surface = cast(Any, page.photo.draw_surface(result, "standard")[page.photo.surface])
    assert len(coarse().data[0].x) < len(surface().data[0].x)
    [(_, _, _, summary)] = page.estimate(**QUICK, color_map="Gray", detail="fine")
    assert "from the cache, computed in" in summary
    assert bundled.sizes == computed


def test_whatever_a_comparison_shows_runs_no_model(page: Page, bundled: Runs) -> None:
    pair = PAIRS[1]
    files = [str(path) for path in (pair.left, pair.right, pair.disparity)]
    matcher = dataclasses.asdict(SgbmSettings(num_disparities=64))
    asked = {"focal_length_px": 480, "baseline_m": 0.1, "doffs_px": 0, "truth_kind": "recognised", "truth_scale": 0, **QUICK}
    shown = list(cast(Any, page.compare.on_run)(*files, **asked, **matcher, color_map="Inferno", resolution="fast", read=None))
    view = page.compare.view
    result = next(filter(None, (values.get(view.result) for values in shown)))
    computed = list(bundled.sizes)
    assert computed[-1] == (196, 266)
    view.on_color_map(result, "Turbo")
    view.on_shape(result, "coarse", "SSIM")
    for tab in view.lazy:
        tab.draw(result, *(field.value for field in tab.view))
    again = cast(Any, page.compare.on_compare)(*files, **asked, num_disparities=64, uniqueness_ratio=5)
    assert "from the cache, computed in" in again[10]
    assert bundled.sizes == computed
    *_, (_, _, _, summary) = list(cast(Any, page.photo.on_estimate)(str(pair.left), **QUICK))  # shared by both tabs
    assert "from the cache" in summary
    assert bundled.sizes == computed


def test_a_preview_comes_first_and_is_replaced(page: Page, weights_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights_folder))
    loaded = page.shared.shelf.get(DEFAULT.name)
    page.shared.pace.learn(
        DEFAULT, loaded.device_name, network_size(360, 480, 518, DEFAULT.preprocessing), 30.0
    )  # 84 GMAC; fast 17
    preview, final = page.estimate()
    assert preview[1:3] == (None, None)
    assert preview[3] == "**Preview.** The full map takes about 30 s on this machine. Resolution *Fast* would take about 6 s."
    assert [picture.shape for picture in preview[0]] == [picture.shape for picture in final[0]]
    assert not np.array_equal(preview[0][1], final[0][1])
    assert "the network saw 686x518" in final[3]
    [only] = page.estimate()
    assert "from the cache" in only[3]
    np.testing.assert_array_equal(only[0][1], final[0][1])
