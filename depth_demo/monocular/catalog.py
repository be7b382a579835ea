"""One row per checkpoint that the app can load. No torch here: the page lists models before torch is imported."""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.geometry import DepthKind

APACHE = "Apache-2.0"
NON_COMMERCIAL = "CC-BY-NC-4.0, non-commercial"
INDOOR_M, OUTDOOR_M = 20.0, 80.0


class WeightsUnavailableError(OSError):
    """The weights are nowhere to be had; the message says where they were looked for and what to do."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A published file of weights.

    Attributes:
        name: What programs call it.
        title: What people call it.
        repo, file, revision: Where the Hub keeps it.
        variant: Key of `depth_anything.VARIANTS`.
        licence: Of the weights.
        max_depth: Metres at the top of the sigmoid; None for relative inverse depth.
        sha256: As recorded by third parties (the publisher gives none); a mismatch is a warning. None if no one did.
    """

    name: str
    title: str
    repo: str
    file: str
    variant: str
    licence: str
    max_depth: float | None = None
    sha256: str | None = None
    revision: str = "main"

    @property
    def kind(self) -> DepthKind:
        return DepthKind.RELATIVE_INVERSE_DEPTH if self.max_depth is None else DepthKind.METRIC_DEPTH


# Size: encoder's letter, licence.
_SIZES = {"Small": ("s", APACHE), "Base": ("b", NON_COMMERCIAL), "Large": ("l", NON_COMMERCIAL)}

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


def _v2(size: str) -> Checkpoint:
    letter, licence = _SIZES[size]
    file = f"depth_anything_v2_vit{letter}.pth"
    return Checkpoint(
        name=f"depth-anything-v2-{size.lower()}",
        title=f"Depth Anything V2 {size}",
        repo=f"depth-anything/Depth-Anything-V2-{size}",
        file=file,
        variant=f"vit{letter}",
        licence=licence,
        sha256=_SHA256.get(file),
    )


def _v2_metric(size: str, place: str, data_set: str, max_depth: float) -> Checkpoint:
    letter, licence = _SIZES[size]
    file = f"depth_anything_v2_metric_{data_set.lower()}_vit{letter}.pth"
    return Checkpoint(
        name=f"depth-anything-v2-metric-{place}-{size.lower()}",
        title=f"Depth Anything V2 metric {place} {size}, up to {max_depth:.0f} m",
        repo=f"depth-anything/Depth-Anything-V2-Metric-{data_set}-{size}",
        file=file,
        variant=f"vit{letter}",
        licence=licence,
        max_depth=max_depth,
        sha256=_SHA256.get(file),
    )


def _v1(size: str) -> Checkpoint:
    letter, licence = _SIZES[size]
    return Checkpoint(
        name=f"depth-anything-v1-{size.lower()}",
        title=f"Depth Anything V1 {size}",
        repo=f"LiheYoung/depth_anything_vit{letter}14",
        file="pytorch_model.bin",
        variant=f"vit{letter}14",
        licence=licence,
    )


CATALOG: dict[str, Checkpoint] = {
    checkpoint.name: checkpoint
    for checkpoint in (
        *(_v2(size) for size in _SIZES),
        *(_v2_metric(size, "indoor", "Hypersim", INDOOR_M) for size in _SIZES),
        *(_v2_metric(size, "outdoor", "VKITTI", OUTDOOR_M) for size in _SIZES),
        *(_v1(size) for size in _SIZES),
    )
}
DEFAULT_MODEL = "depth-anything-v2-small"


def find_checkpoint(name: str) -> Checkpoint:
    """The row called `name`; ValueError, listing all, when there is none."""
    if name not in CATALOG:
        raise ValueError(f"Unknown model {name!r}; there are {', '.join(CATALOG)}.")
    return CATALOG[name]
