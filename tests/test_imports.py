"""Imports run one way, and the page does not wait for torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "gradio", "plotly", "cv2", "skimage", "transformers")
OPENING_THE_PAGE = """
import os
os.environ["HF_HUB_OFFLINE"] = "1"
from depth_demo.ui.inputs import settle_model
settle_model(False)
"""


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in `sys.modules` of a fresh interpreter after `statement`."""
    code = f"{statement}\nimport sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import depth_demo, depth_demo.geometry", HEAVY),
        (
            (
                "import depth_demo.pipeline, depth_demo.comparison.probe, depth_demo.stereo.why.rejection, "
                "depth_demo.formats.truth, depth_demo.formats.cameras, depth_demo.formats.writers, "
                "depth_demo.render.report.report, depth_demo.evaluation.failures, depth_demo.evaluation.regions"
            ),
            ("torch", "gradio", "plotly"),
        ),
        ("import depth_demo.batch.engines, depth_demo.batch.report", ("torch", "gradio", "plotly", "distributed")),
        (
            (
                "import depth_demo.render.maps, depth_demo.render.surface, depth_demo.render.boxes, "
                "depth_demo.render.region_bars, depth_demo.wording.scores, depth_demo.wording.findings"
            ),
            ("torch", "gradio"),
        ),
        (
            "import depth_demo.comparison.fusion, depth_demo.evaluation.alignment_scores",
            ("torch", "gradio", "plotly", "skimage"),
        ),
        ("import depth_demo.monocular.estimator", ("gradio", "plotly", "skimage", "transformers", "diffusers")),
        ("from app import demo", ("torch", "skimage", "transformers", "diffusers")),
        (OPENING_THE_PAGE, ("torch", "skimage", "transformers", "diffusers")),
    ],
)
def test_heavy_packages_stay_out(statement: str, absent: tuple[str, ...]) -> None:
    """Modules that do without the same ones are imported together: what all of them do without, each does without."""
    assert not loaded_by(statement) & set(absent)


def test_torch_is_imported_while_a_visitor_looks_at_the_page_and_not_looked_through_for_garbage() -> None:
    """Nor is what the start leaves."""
    count = "import gc; from app import demo; assert gc.isenabled(); first = gc.get_freeze_count(); assert first"
    prepared = "from depth_demo.ui.models import prepare; prepare(); assert gc.get_freeze_count() > first"
    assert "torch" in loaded_by(f"{count}; {prepared}")


def test_nothing_else_imports_the_training() -> None:
    everything = "import depth_demo.ui.page, depth_demo.monocular.estimator, depth_demo.formats.writers, depth_demo.examples"
    training = f"{everything}\nimport sys\nassert not [name for name in sys.modules if name.startswith('depth_demo.training')]"
    assert "depth_demo" in loaded_by(training)
