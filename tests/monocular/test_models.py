"""The rows of the models: what is published, and what they say about their loaders."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from depth_demo.geometry import DepthKind
from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.estimator import load_estimator
from depth_demo.monocular.models import APACHE, DEFAULT_MODEL, MODELS, NON_COMMERCIAL, TINY

# Repository, file, variant, maximum [m], the beginning of the SHA-256 on record.
PUBLISHED = """
depth-anything/Depth-Anything-V2-Small depth_anything_v2_vits.pth vits - 715fade1
depth-anything/Depth-Anything-V2-Base depth_anything_v2_vitb.pth vitb - 0d2b7002
depth-anything/Depth-Anything-V2-Large depth_anything_v2_vitl.pth vitl - a7ea19fa
depth-anything/Depth-Anything-V2-Metric-Hypersim-Small depth_anything_v2_metric_hypersim_vits.pth vits 20 -
depth-anything/Depth-Anything-V2-Metric-Hypersim-Base depth_anything_v2_metric_hypersim_vitb.pth vitb 20 9dc9e274
depth-anything/Depth-Anything-V2-Metric-Hypersim-Large depth_anything_v2_metric_hypersim_vitl.pth vitl 20 6f82ff2b
depth-anything/Depth-Anything-V2-Metric-VKITTI-Small depth_anything_v2_metric_vkitti_vits.pth vits 80 9203e538
depth-anything/Depth-Anything-V2-Metric-VKITTI-Base depth_anything_v2_metric_vkitti_vitb.pth vitb 80 4dad67a7
depth-anything/Depth-Anything-V2-Metric-VKITTI-Large depth_anything_v2_metric_vkitti_vitl.pth vitl 80 239b1054
LiheYoung/depth_anything_vits14 pytorch_model.bin vits14 - -
LiheYoung/depth_anything_vitb14 pytorch_model.bin vitb14 - -
LiheYoung/depth_anything_vitl14 pytorch_model.bin vitl14 - -
"""


def test_the_models_are_those_that_are_published() -> None:
    published = [spec for spec in MODELS.values() if spec.family.startswith("Depth Anything V")]
    rows = []
    for spec in published:
        (file,) = spec.hub_files
        variant, max_depth = str(spec.options["variant"]), spec.options["max_depth"]
        top = "-" if max_depth is None else f"{max_depth:g}"
        rows.append(f"{file.repo} {file.name} {variant} {top} {(file.sha256 or '-')[:8]}")
        assert variant in VARIANTS
        assert spec.kind is (DepthKind.RELATIVE_INVERSE_DEPTH if max_depth is None else DepthKind.METRIC_DEPTH)
        assert spec.licence == (APACHE if variant.startswith("vits") else NON_COMMERCIAL)
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert spec.preprocessing.short_side == 518
    assert sorted(rows) == sorted(PUBLISHED.strip().splitlines())
    assert [spec for spec in MODELS.values() if not spec.hub_files] == [TINY]
    others = {spec.name: spec.hub_files[-1].repo for spec in MODELS.values() if spec.hub_files and spec not in published}
    assert others == {
        "depth-anything-3-mono-large": "depth-anything/DA3MONO-LARGE",
        "depth-anything-3-metric-large": "depth-anything/DA3METRIC-LARGE",
        "moge-2-vits-normal": "Ruicheng/moge-2-vits-normal",
        "midas-swin2-tiny": "Intel/dpt-swinv2-tiny-256",
        "midas-hybrid": "Intel/dpt-hybrid-midas",
        "midas-large": "Intel/dpt-large",
        "midas-beit-large": "Intel/dpt-beit-large-512",
        "depth-pro": "apple/DepthPro-hf",
        "marigold-v1-1": "prs-eth/marigold-depth-v1-1",
        "marigold-lcm": "prs-eth/marigold-depth-lcm-v1-0",
        "video-depth-anything-small": "depth-anything/Video-Depth-Anything-Small",
        "depthcrafter": "tencent/DepthCrafter",
    }
    assert MODELS[DEFAULT_MODEL].files[0].name == "depth_anything_v2_vits.pth"


def test_names_and_titles_are_unique() -> None:
    assert list(MODELS) == [spec.name for spec in MODELS.values()]
    assert len({spec.title for spec in MODELS.values()}) == len(MODELS)


def test_every_model_names_its_loader_and_its_papers() -> None:
    for spec in MODELS.values():
        assert callable(spec.import_loader()), spec.name
        assert spec.sources, spec.name


def test_an_extra_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(TINY, name="absent", title="Far Sight", loader="no_such_package.depth:load", needs="far-sight")
    monkeypatch.setitem(MODELS, "absent", absent)
    sentence = "Far Sight needs no_such_package, which is not installed: pip install 'depth-demo[far-sight]'."
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        load_estimator("absent")
    monkeypatch.setitem(MODELS, "absent", replace(absent, needs=""))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        load_estimator("absent")
