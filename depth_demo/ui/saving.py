"""The downloads of a comparison: the report first, then the files for other programs."""

from __future__ import annotations

import json
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
from depth_demo.render.report.scores_file import scores_record
from depth_demo.ui.results import CompareResult


def save_with_report(result: CompareResult, color_map: str, folder: Path) -> list[Path]:
    """Write both maps in colours, the report, the scores, both maps in grey, and every map as numbers.

    Args:
        result: What to report; of its files only the names are written.
        color_map: Of the maps.
        folder: Where to; it exists.
    """
    provenance = provenance_of(result)
    report, scores = folder / f"{result.name}_report.html", folder / f"{result.name}_scores.json"
    page = render_report(
        result.comparison,
        provenance,
        result.maps(color_map) | result.fused(color_map),
        result.box_crops(color_map),
        align(result.comparison, "truth"),
    )
    report.write_text(page, "utf-8")
    pictures, maps = result.save_pictures(color_map, folder), [*result.save_grey(folder), *result.save_maps(folder)]
    record = scores_record(result.comparison, provenance, [path.name for path in (*pictures, report, *maps)])
    scores.write_text(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    return [*pictures, report, scores, *maps]


def provenance_of(result: CompareResult) -> Provenance:
    """Say where a comparison comes from, by the names of its files; nothing of this machine's folders."""
    left, right, truth = (Path(file).name if file else "" for file in result.files)
    example = find_example(*result.files) if truth else None
    return Provenance(
        title=example.title if example else f"{left} and {right}" if right else left,
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
        warning=result.doubt(),
        mask=Path(result.mask.file).name if result.mask else "",
        mask_text=result.mask.text if result.mask else "",
        own_map=result.own_map,
        views_text=result.views_text,
    )


def versions() -> dict[str, str]:
    """Return the versions of the app, Python, and the packages that the numbers depend on."""
    packages = {name: version(package) for name, package in _PACKAGES.items()}
    return {
        "Depth Demo": depth_demo.__version__,
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "OpenCV": cv2.__version__,
        **packages,
    }


_PACKAGES = {"NumPy": "numpy", "PyTorch": "torch", "Gradio": "gradio"}
