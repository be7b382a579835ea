"""The downloads of a comparison: the report first, then the files for other programs."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import cv2

import depth_demo
from depth_demo.examples import find_example
from depth_demo.pipeline import align
from depth_demo.render.report.methods import Provenance
from depth_demo.render.report.report import render_report
from depth_demo.ui.results import CompareResult
from depth_demo.wording.findings import doubt

DOWNLOADS_SAY = "`report.html` is this comparison on one page: it opens offline, prints on A4, and can be handed in."


def save_with_report(result: CompareResult, color_map: str, folder: Path) -> list[Path]:
    """Write report.html and what `result.save_numbers` writes.

    Args:
        result: What to report; of its files only the names are written.
        color_map: Of the maps.
        folder: Where to; it exists.
    """
    left, right, truth = (Path(file).name if file else "" for file in result.files)
    example = find_example(*result.files) if truth else None
    provenance = Provenance(
        title=example.title if example else f"{left} and {right}",
        left=left,
        right=right,
        truth=truth,
        truth_text=result.truth_text,
        model=result.model,
        sha256=result.sha256,
        chosen=result.chosen,
        device=result.device,
        created=datetime.now(UTC),
        versions=versions(),
        warning=doubt(result.comparison),
    )
    path = folder / "report.html"
    page = render_report(
        result.comparison,
        provenance,
        result.maps(color_map) | result.fused(color_map),
        result.box_crops(color_map),
        align(result.comparison, "truth"),
    )
    path.write_text(page, "utf-8")
    return [path, *result.save_numbers(folder)]


def versions() -> dict[str, str]:
    """Return the versions of the app, Python, and the packages that the numbers depend on."""
    packages = {name: version(package) for name, package in _PACKAGES.items()}
    return {
        "This app": depth_demo.__version__,
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "OpenCV": cv2.__version__,
        **packages,
    }


_PACKAGES = {"NumPy": "numpy", "PyTorch": "torch", "Gradio": "gradio"}
