"""Imports run one way, and the page does not wait for torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "gradio", "plotly", "cv2", "skimage", "transformers")
SERVING_THE_PAGE = """
import ast
import gc
import inspect
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
from depth_demo.serving.process import _import_gradio
segment, ast.get_source_segment = ast.get_source_segment, None  # Gradio cuts stubs for editors with it
_import_gradio()
ast.get_source_segment = segment
import gradio
assert inspect.getfile(gradio.Textbox).endswith("textbox.py")

from app import demo
from depth_demo.ui.inputs import settle_model
settle_model(False)  # as a visitor's page does when it opens
early = sorted(name for name in ("torch", "skimage", "transformers", "diffusers") if name in sys.modules)
assert early == [], early
assert gc.isenabled()
first = gc.get_freeze_count()
assert first

from depth_demo.ui.models import prepare
prepare()
assert gc.get_freeze_count() > first

import depth_demo.formats.writers, depth_demo.monocular.estimator
training = [name for name in sys.modules if name.startswith("depth_demo.training")]
assert training == [], training
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
    ],
)
def test_heavy_packages_stay_out(statement: str, absent: tuple[str, ...]) -> None:
    """Modules that do without the same ones are imported together: what all of them do without, each does without."""
    assert not loaded_by(statement) & set(absent)


def test_torch_is_imported_while_a_visitor_looks_at_the_page_and_not_looked_through_for_garbage() -> None:
    """Nor is what the start leaves. Neither the start nor the visitor's page imports torch, and nothing imports the training.

    Gradio writes no stubs for editors meanwhile.
    """
    assert "torch" in loaded_by(SERVING_THE_PAGE)
