"""A pair of a data set fills the fields of Compare with all that the data set knows of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from depth_demo.batch.data_set import DataSet, find_data_set
from depth_demo.batch.job import Job
from depth_demo.datasets import Sample
from depth_demo.formats.masks import load_mask
from depth_demo.geometry import Calibration
from depth_demo.monocular.models import TINY
from depth_demo.ui.calibration import known_camera
from depth_demo.ui.matcher_form import form_names, settings_from
from depth_demo.ui.panels.open_pair import pair_values
from depth_demo.ui.scoring import ScoredSet
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare import CompareTab
from tests.support.layout import laid_out
from tests.support.small_data_set import HEIGHT, WIDTH, small_data_set

JOB = Job.prepare([TINY.name], ["HH:block_size=5"], [""], num_disparities=16)


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CompareTab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    return laid_out(lambda: CompareTab([], Shared()))


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return find_data_set(small_data_set(tmp_path / "a street & more", "a", "b"))


def opened(compare: CompareTab, data: DataSet, job: Job = JOB, **changes: Any) -> tuple[dict[Any, Any], str]:
    sample: Sample = replace(data.samples[0], **changes)
    values, cut = pair_values(compare, ScoredSet(replace(data, samples=(sample,)), job, data.root), "a")
    return dict(values), cut


def test_views_truth_camera_model_and_matcher_are_those_of_the_run(compare: CompareTab, data: DataSet, tmp_path: Path) -> None:
    values, cut = opened(compare, data)
    for field, own in ((compare.left, "left.png"), (compare.right, "right.png"), (compare.truth, "disparity.pfm")):
        copy = Path(values[field])
        assert copy.is_relative_to(tmp_path / "cache")
        assert copy.read_bytes() == (data.root / "a" / own).read_bytes()
    assert [values[field] for field in compare.reading] == ["disparity", 0]
    assert [values[field] for field in compare.calibration] == [100, 0.1, 0]
    camera = known_camera(values[compare.camera.read], (100, 0.1, 0))
    assert camera is not None
    assert camera.baseline_m == 0.1
    assert values[compare.mask] is None
    assert values[compare.preflight.brought] == (values[compare.left], values[compare.right])
    assert values[compare.chosen.model]["value"] == TINY.name
    assert settings_from([values[field] for field in compare.matcher.all]) == JOB.matchers[0].over(16)
    assert not cut
    assert set(values) <= {
        *(
            compare.left,
            compare.right,
            compare.preflight.brought,
            compare.truth,
            compare.mask,
            compare.phones_own,
            *compare.reading,
        ),
        *(*compare.camera.filled, compare.camera.file, *compare.matcher.all),
        *(compare.chosen.model, compare.chosen.settled, compare.chosen.resolution, compare.chosen.input_size),
    }


def test_a_mask_goes_along_where_the_run_used_it(compare: CompareTab, data: DataSet, tmp_path: Path) -> None:
    seen = np.zeros((HEIGHT, WIDTH), np.uint8)
    seen[:, 20:] = 255
    mask, hidden = tmp_path / "mask.png", tmp_path / "hidden.png"
    Image.fromarray(seen).save(mask)
    Image.fromarray(255 - seen).save(hidden)
    for changes in ({"mask": mask}, {"left_out": (hidden,)}):
        values, _ = opened(compare, data, **changes)
        np.testing.assert_array_equal(load_mask(values[compare.mask], (HEIGHT, WIDTH)).counted, seen > 0)
        values, _ = opened(compare, data, replace(JOB, mask="all"), **changes)
        assert values[compare.mask] is None


def test_a_camera_without_a_file_is_named_as_that_of_the_data_set(compare: CompareTab, data: DataSet) -> None:
    camera = Calibration(725.0, 0.53, 0.0, principal_point_px=(10.0, 20.0))
    values, _ = opened(compare, data, calibration=None, camera=camera)
    numbers = [values[field] for field in compare.calibration]
    assert numbers == [725, 0.53, 0]
    read, told, _ = (values[field] for field in compare.camera.beside)
    assert known_camera(read, (725, 0.53, 0)) == camera
    assert told.value == "The camera is that of the data set."
    values, _ = opened(compare, data, calibration=None)
    assert [values[field] for field in compare.calibration] == [0, 0, 0]
    assert values[compare.camera.read] is None


def test_an_encoding_and_its_scale_are_those_of_the_data_set(compare: CompareTab, data: DataSet) -> None:
    assert [opened(compare, data, encoding="kitti")[0][field] for field in compare.reading] == ["kitti", 0]
    assert [opened(compare, data, scale=8.0)[0][field] for field in compare.reading] == ["disparity", 8]


def test_a_range_that_the_fields_cannot_hold_is_cut_with_a_sentence(compare: CompareTab, data: DataSet) -> None:
    values, cut = opened(compare, data, replace(JOB, num_disparities=None), num_disparities=800)
    assert "scored with 800 px of disparity. The fields end at 512 px" in cut
    assert values[dict(zip(form_names(), compare.matcher.all, strict=True))["num_disparities"]] == 512


def test_what_is_not_there_is_refused_in_a_sentence(compare: CompareTab, data: DataSet) -> None:
    scored = ScoredSet(data, JOB, data.root)
    with pytest.raises(ValueError, match=r"^Choose a row of the table first\.$"):
        pair_values(compare, scored, None)
    with pytest.raises(ValueError, match="There is no pair 'z' any more"):
        pair_values(compare, scored, "z")
    with pytest.raises(ValueError, match=r"^The files of this data set are deleted, as another one was chosen since"):
        pair_values(compare, ScoredSet(replace(data, root=data.root / "gone"), JOB, data.root), "a")
    data.samples[0].right.unlink()
    with pytest.raises(ValueError, match=r"The file 'right\.png' is not there any more"):
        pair_values(compare, scored, "a")
