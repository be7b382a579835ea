"""Monocular models on real photos with ground truth, beside three baselines that look at no image.

    python -m benchmarks.monocular_truth FOLDER [--model depth-demo-tiny] [--pictures FOLDER]
    python -m benchmarks.monocular_truth FOLDER --model tiny-lite --weights FILE   # in training: depth_demo.training

FOLDER holds `stereo/` and `mono/` with one folder per scene. Every map gets the best scale and shift per image, in inverse
depth; the quadratic surface gets its best six parameters, which makes it an oracle. The last number is the boundary F1 of
the fitted map, cut off at the nearest and farthest truth: where the truth has gaps, it counts what is left.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.datasets import open_dataset
from depth_demo.evaluation.boundaries import boundary_f1
from depth_demo.examples import ROOT
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import RgbImage
from depth_demo.monocular.models import MODELS, TINY
from depth_demo.training.pictures import draw_sheet, save
from depth_demo.training.scoring import Map, Score, constant, fit, mean, quadratic_surface, row_prior, score


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo, (H, W) true inverse depth in any unit, and where that is known."""

    group: str
    name: str
    photo: RgbImage
    truth: Map
    valid: NDArray[np.bool_]


GROUPS = {
    "kitti2012": "KITTI 2012", "kitti2015": "KITTI 2015", "middlebury2001": "Middlebury 2001-03",
    "middlebury2003q": "Middlebury 2001-03", "middlebury2014": "Middlebury 2014", "middlebury2014q": "Middlebury 2014",
    "sceneflow": "SceneFlow", "nyu": "NYU", "sintel": "Sintel",
}  # fmt: skip
SKY_M = 1e4
BASELINES = {"constant": constant, "row prior": row_prior, "quadratic (oracle)": quadratic_surface}


def scenes(folder: Path) -> Iterator[Scene]:
    """The real ones of a folder, then the two bundled ones."""
    bundled = [(sample, "bundled") for sample in open_dataset(ROOT)]
    for sample, group in [*((sample, None) for sample in open_dataset(folder / "stereo")), *bundled]:
        pair = sample.load()
        if pair.ground_truth is not None:
            yield _scene(sample.name, pair.left, pair.ground_truth.values, group)
    for place in sorted((folder / "mono").iterdir()):
        photo, depth = next(place.glob("rgb.png"), place / "image.png"), next(place.glob("depth.npy"), place / "depth.dpt")
        yield _scene(place.name, load_photo(photo).pixels, np.float32(1) / load_ground_truth(depth, "depth").depth_map.values)


def _scene(name: str, photo: RgbImage, truth: Map, group: str | None = None) -> Scene:
    """Resized to at most 640 px, as nearest values, which leaves the scores as they are and saves time."""
    step = max(1, max(truth.shape) // 640)
    truth = truth[step // 2 :: step, step // 2 :: step].astype(np.float32)
    valid = np.isfinite(truth) & (truth > 0) & (truth > 1 / SKY_M)
    return Scene(group or GROUPS[name.split("_", maxsplit=1)[0]], name, photo, np.where(valid, truth, 0), valid)


def outlines(predicted: Map, scene: Scene) -> float:
    """Return the boundary F1 of a map that is fitted to the scene's truth."""
    known = scene.truth[scene.valid]
    fitted = np.ones_like(scene.truth)
    fitted[scene.valid] = np.clip(fit(predicted, scene.truth, scene.valid), known.min(), known.max())
    return boundary_f1(fitted, scene.truth, scene.valid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="depth-demo-tiny")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--input-size", type=int)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    from depth_demo.monocular.estimator import load_estimator
    from depth_demo.monocular.tiny_lite import PREPROCESSING

    loader = "depth_demo.monocular.tiny_lite:load_tiny_lite"
    MODELS["tiny-lite"] = replace(TINY, name="tiny-lite", title="Tiny Lite", loader=loader, preprocessing=PREPROCESSING)
    estimator = load_estimator(options.model, options.weights)
    rows: dict[str, dict[str, list[Score]]] = {}
    print(f"AbsRel / delta1 / rank correlation, {options.model}")
    for scene in scenes(options.folder):
        predicted = estimator(scene.photo, options.input_size) if options.input_size else estimator(scene.photo)
        predicted_small = cv2.resize(predicted.values, scene.truth.shape[::-1], interpolation=cv2.INTER_AREA)
        found = {name: score(prior(scene.truth.shape), scene.truth, scene.valid) for name, prior in BASELINES.items()}
        found[options.model] = score(predicted_small, scene.truth, scene.valid)
        print(
            f"  {scene.name:36}",
            "  ".join(f"{name} {_text(one)}" for name, one in found.items()),
            f"  outlines {outlines(predicted_small, scene):.3f}",
        )
        for name, one in found.items():
            rows.setdefault(scene.group, {}).setdefault(name, []).append(one)
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            photo = cv2.resize(scene.photo, scene.truth.shape[::-1], interpolation=cv2.INTER_AREA)
            save(options.pictures / f"{scene.name}.jpg", draw_sheet(photo[None], scene.truth[None], predicted_small[None]))
    for group, table in rows.items():
        print(f"| {group} ({len(table['constant'])}) |", " | ".join(_text(mean(found)) for found in table.values()), "|")


def _text(one: Score) -> str:
    return f"{one.abs_rel:.3f}/{one.delta1:.3f}/{one.rank:.3f}"


if __name__ == "__main__":
    main()
