"""One pair becomes one row: the numbers of Compare, and words for what could not be scored."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from depth_demo.batch.job import Job
from depth_demo.batch.work import NO_TRUTH, OTHER_CODE, score_sample
from depth_demo.datasets import Sample, open_dataset
from depth_demo.formats.truth import load_ground_truth
from depth_demo.monocular.estimator import load_estimator
from depth_demo.pipeline import compare
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import stereo_of
from tests.support.small_data_set import HEIGHT, RANGE_PX, WIDTH, add_pair

TINY = "depth-demo-tiny"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    root = tmp_path_factory.mktemp("data")
    add_pair(root, "square")
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, WIDTH // 2 :] = 255
    Image.fromarray(mask).save(root / "square" / "mask0nocc.png")
    return replace(open_dataset(root)[0], mask=root / "square" / "mask0nocc.png")


def job(*matchers: str, **more: Any) -> Job:
    return Job.prepare([TINY], matchers or ["HH4"], **{"num_disparities": RANGE_PX} | more)


def test_a_row_holds_the_numbers_of_compare(sample: Sample) -> None:
    row = score_sample(sample, job()).row
    estimator = load_estimator(TINY)
    settings = SgbmSettings("HH4", num_disparities=RANGE_PX)
    compared = compare(sample.load(masked=True), lambda image: estimator(image, focal_length_px=100), settings)
    (result,) = row["results"]
    assert (row["id"], row["error"], result["error"]) == ("square", None, None)
    stereo, errors = stereo_of(compared), stereo_of(compared).fair.errors
    assert errors is not None
    assert result["scores"]["fair"]["stereo"]["epe_px"] == errors.epe_px
    assert result["scores"]["fair"]["stereo"]["ssim"] == stereo.fair.ssim
    assert stereo.non_occluded is not None
    assert result["scores"]["non_occluded"]["stereo"]["coverage_percent"] == stereo.non_occluded.coverage
    report = compared.as_written["stereo"].disparity
    assert report is not None
    assert result["scores"]["report"]["stereo"]["ssim_disparity"] == report.ssim
    assert result["regions"]["stereo"]["depth edges"]["bad_3_percent"] == next(
        region.wrong for region in stereo.regions if region.name == "depth edges"
    )
    fit = compared.monocular.fair.alignment
    assert fit is not None
    assert result["fit"]["scale"] == fit.scale
    assert result["alignments"]["robust scale + shift"]["inverted"] is bool(fit.inverted)
    assert result["matched_percent"] == compared.matched.coverage
    assert row["inputs"] == {"size_px": f"{WIDTH}x{HEIGHT}", "known_percent": 100, "counted_percent": 50, "has_camera": True}


def test_a_row_is_json_and_says_where_and_how_long(sample: Sample) -> None:
    scored = score_sample(sample, job("HH4", "BM:block_size=7"))
    row = json.loads(json.dumps(scored.row, allow_nan=False))
    assert [result["matcher"] for result in row["results"]] == ["HH4", "BM:block_size=7"]
    assert row["host"]
    seconds = row["seconds"]
    assert list(seconds["match"]) == ["HH4", "BM:block_size=7"]
    parts = [seconds["read"], *seconds["estimate"].values(), *seconds["match"].values(), *seconds["score"].values()]
    assert len(parts) == 1 + 1 + 2 + 2
    assert 0 < sum(parts) <= seconds["total"]
    assert scored.strip is not None
    assert scored.strip.startswith(b"\xff\xd8")


def test_all_leaves_the_mask_out(sample: Sample) -> None:
    row = score_sample(sample, job(mask="all")).row
    assert row["inputs"]["counted_percent"] is None
    assert row["results"][0]["scores"]["non_occluded"]["stereo"] is None


def test_the_mirrored_view_tells_what_a_model_doubts(sample: Sample) -> None:
    without, flipped = (score_sample(sample, job(flip=flip)).row["results"][0]["risk_px"] for flip in (False, True))
    assert without["stereo"] == flipped["stereo"]
    assert len(without["stereo"]["risk"]) == len(without["stereo"]["oracle"]) == 20
    assert all(best <= risk + 1e-9 for best, risk in zip(without["stereo"]["oracle"], without["stereo"]["risk"], strict=True))
    assert without["monocular"] is None


def test_maps_are_kept_as_pfm(sample: Sample, tmp_path: Path) -> None:
    score_sample(sample, job(maps=tmp_path))
    assert "HH4.pfm" in {path.name for path in (tmp_path / "square").iterdir()}
    kept = load_ground_truth(tmp_path / "square" / "HH4.pfm", "disparity").depth_map
    assert np.isclose(np.nanmedian(kept.values), 3, atol=0.3)
    assert all(path.suffix == ".pfm" for path in (tmp_path / "square").iterdir())


def test_one_matcher_that_cannot_does_not_keep_the_others_back(sample: Sample) -> None:
    first, second = score_sample(sample, job("HH4:num_disparities=128", "SGBM")).row["results"]
    assert "is wider than the image" in first["error"]
    assert second["error"] is None


def test_what_cannot_be_scored_is_a_row_with_a_sentence(sample: Sample, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(sample.left.read_bytes()[:500])
    other_size = tmp_path / "disparity.png"
    Image.fromarray(np.full((HEIGHT, WIDTH - 8), 1280, np.uint16)).save(other_size)
    said = {
        "unreadable": replace(sample, left=broken),
        "must have the size of the left image, 112x64 pixels, but it is 104x64": replace(sample, truth=other_size),
        "The data set has no file 'gone.png' for this pair.": replace(sample, right=tmp_path / "gone.png"),
        NO_TRUTH: replace(sample, truth=None),
    }
    rows = {words: score_sample(each, job()).row for words, each in said.items()}
    assert all(row["results"] == [] for row in rows.values())
    assert [words for words, row in rows.items() if words != "unreadable" and words not in row["error"]] == []
    assert rows["unreadable"]["error"].startswith("Left view: ")
    assert all(math.isfinite(row["seconds"]["total"]) for row in rows.values())


def test_another_program_or_other_weights_on_another_machine_are_refused(sample: Sample) -> None:
    assert score_sample(sample, replace(job(), code="of another version")).row["error"] == OTHER_CODE
    (result,) = score_sample(sample, replace(job(), checkpoints=("of other weights",))).row["results"]
    assert result["error"].startswith("This machine has other weights of Depth Demo Tiny")


@pytest.mark.parametrize(
    ("models", "matchers", "said"),
    [
        ([TINY], ["SGM"], r"^The matcher must be auto or HH or .*, not 'SGM'\.$"),
        ([TINY], ["HH4:size=5"], r"^The matcher HH4 has no setting 'size'; it has mode, "),
        ([TINY], ["HH4:block_size=4"], r"^block_size must be one of 1, 3, 5"),
        ([TINY], ["HH4:block_size=x"], r"^block_size must be a whole number"),
        ([TINY], ["HH4", "HH4"], r"^The matcher HH4 is named twice\.$"),
        ([TINY, TINY], ["HH4"], r"^The model depth-demo-tiny is named twice\.$"),
        (["biggest"], ["HH4"], r"^Unknown model 'biggest'"),
    ],
)
def test_a_job_that_cannot_run_is_refused_before_it_runs(models: list[str], matchers: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Job.prepare(models, matchers)
