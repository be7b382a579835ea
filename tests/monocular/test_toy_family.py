"""A family of models that the app has never heard of works everywhere: one file and one row are enough."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from depth_demo.geometry import DepthKind, RgbImage
from depth_demo.monocular.engines.choice import ENGINE_VARIABLE, load_fastest
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.input_size import InputSize, network_size
from depth_demo.monocular.models import MODELS
from depth_demo.monocular.timing import Pace
from depth_demo.pipeline import compare
from depth_demo.render.report.methods import Provenance, setup, sources
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.estimates import KeptEstimator, input_size_for
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.models import ModelShelf, about_model, model_choices, needs_download
from tests.conftest import PAIRS
from tests.monocular.toy_family import TOY

SETTINGS = SgbmSettings("SGBM_3WAY", num_disparities=64)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one row."""
    monkeypatch.setitem(MODELS, TOY.name, TOY)


@pytest.fixture
def photo() -> RgbImage:
    """White on the left, black on the right."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[:, :40] = 255
    return image


def test_it_estimates_in_its_own_kind_and_sizes(photo: RgbImage) -> None:
    estimator = load_estimator(TOY.name, device="cpu")
    depth_map = estimator(photo)
    assert (estimator.spec, estimator.sha256, estimator.device_name) == (TOY, "", "CPU, float32")
    assert depth_map.kind is DepthKind.RELATIVE_DEPTH
    assert depth_map.values[30, [10, 70]] == pytest.approx([0, 1], abs=1e-5)
    with pytest.raises(ValueError, match="multiple of 8 from 64 to 128, not 518"):
        estimator(photo, 518)


def test_it_runs_in_torch_where_openvino_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENGINE_VARIABLE)
    assert isinstance(load_fastest(TOY.name), TorchEstimator)


def test_it_is_compared_by_the_fit_of_its_kind() -> None:
    """It sees a picture that is shaded by the true depth, so that it is right up to scale, shift and sharpness."""
    pair, estimator = PAIRS[0].load(), load_estimator(TOY.name, device="cpu")
    assert pair.ground_truth is not None
    depth = 1 / pair.ground_truth.values
    shade = 255 * (depth.max() - depth) / (depth.max() - depth.min())
    picture = np.repeat(shade.astype(np.uint8)[..., None], 3, axis=2)
    fair = compare(pair, lambda _: estimator(picture), SETTINGS).monocular.fair
    assert str(fair.alignment).startswith("depth = ")
    assert fair.errors is not None
    assert fair.errors.epe_px < 0.3


def test_its_time_is_predicted_by_its_pixels() -> None:
    pace, taken = Pace(), TOY.preprocessing
    small, large = (network_size(100, 100, side, taken) for side in (64, 128))
    pace.learn(TOY, "CPU", small, 0.5)
    assert pace.seconds(TOY, "CPU", large) == pytest.approx(4 * 0.5)


def test_the_page_offers_and_runs_it(photo: RgbImage) -> None:
    assert ("Toy Brightness (affine depth, CC0-1.0)", TOY.name) in model_choices()
    assert about_model(TOY.name) == "This model comes with the app."
    assert not needs_download([TOY.name])
    chosen = input_size_for(photo, TOY, "fine", None)
    assert chosen == InputSize(128)
    kept = KeptEstimator(ModelShelf().get(TOY.name), chosen.pixels, MapCache(2**20, 60), Pace())
    assert kept.expected_s(photo) > 0
    assert kept(photo).kind is DepthKind.RELATIVE_DEPTH
    assert kept.recall(photo) is not None


def test_the_report_names_its_source_and_no_other_model() -> None:
    result = compare(PAIRS[0].load(), load_estimator(TOY.name, device="cpu"), SETTINGS)
    provenance = Provenance(
        title="Two planes", left="left.png", right="right.png", truth="disparity.png", truth_text="16-bit PNG",
        model=TOY, sha256="", chosen=InputSize(96), device="CPU, float32", created=datetime.now(UTC), versions={},
    )  # fmt: skip
    named = sources(TOY)
    assert "https://example.org/brightness" in dict(named).values()
    assert not any("Depth Anything" in title for title, _ in named)
    facts = dict(dict(setup(result, provenance))["Monocular"])
    assert facts["Model"] == "Toy Brightness (toy-brightness)"
    assert facts["Gives"] == "relative depth (no unit)"
    assert "saw 128x96" in facts["Input"]
    assert facts["SHA-256"] == "none: no file of weights"
