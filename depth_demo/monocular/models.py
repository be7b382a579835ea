"""One row per checkpoint that the app can load. No torch here: the page lists models before torch is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depth_demo.geometry import DepthKind
from depth_demo.monocular.input_size import DEFAULT_INPUT_SIZE, DEFAULT_LONGEST

APACHE = "Apache-2.0"
NON_COMMERCIAL = "CC-BY-NC-4.0, non-commercial"
INDOOR_M, OUTDOOR_M = 20.0, 80.0


class WeightsUnavailableError(OSError):
    """The weights are nowhere to be had; the message says where they were looked for and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A file of weights, and what people should know about it.

    Attributes:
        name: What programs call it.
        title: What people call it.
        file: Its name where it is kept.
        licence: Of the weights.
        input_size: Short side of the images that it was trained on [px].
        longest: Their longest side as a multiple of that.
        antialiased: Whether those were averaged when they were made smaller; else samples of a cubic, which alias.
        note: What its maps must not be read without, after "is"; empty for most.
    """

    name: str
    title: str
    file: str
    licence: str
    input_size: int = DEFAULT_INPUT_SIZE
    longest: float = DEFAULT_LONGEST
    antialiased: bool = False
    note: str = ""

    @property
    def kind(self) -> DepthKind:
        return DepthKind.RELATIVE_INVERSE_DEPTH

    @property
    def warning(self) -> str:
        """The note as sentences; "" where there is none."""
        return f"{self.title} is {self.note}" if self.note else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubCheckpoint(Checkpoint):
    """Weights of Depth Anything, as its authors published them.

    Attributes:
        repo, revision: Where the Hub keeps the file.
        variant: Key of `depth_anything.VARIANTS`.
        max_depth: Metres at the top of the sigmoid; None for relative inverse depth.
        sha256: As recorded by third parties (the publisher gives none); a mismatch is a warning. None if no one did.
    """

    repo: str
    variant: str
    max_depth: float | None = None
    sha256: str | None = None
    revision: str = "main"

    @property
    def kind(self) -> DepthKind:
        return DepthKind.RELATIVE_INVERSE_DEPTH if self.max_depth is None else DepthKind.METRIC_DEPTH


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledCheckpoint(Checkpoint):
    """Weights of `tiny.TinyDepth`, which come with the app."""

    @property
    def path(self) -> Path:
        return Path(__file__).parents[1] / "weights" / self.file


Row = HubCheckpoint | BundledCheckpoint

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


def _v2(size: str) -> HubCheckpoint:
    letter, licence = _SIZES[size]
    file = f"depth_anything_v2_vit{letter}.pth"
    return HubCheckpoint(
        name=f"depth-anything-v2-{size.lower()}",
        title=f"Depth Anything V2 {size}",
        repo=f"depth-anything/Depth-Anything-V2-{size}",
        file=file,
        variant=f"vit{letter}",
        licence=licence,
        sha256=_SHA256.get(file),
    )


def _v2_metric(size: str, place: str, data_set: str, max_depth: float) -> HubCheckpoint:
    letter, licence = _SIZES[size]
    file = f"depth_anything_v2_metric_{data_set.lower()}_vit{letter}.pth"
    return HubCheckpoint(
        name=f"depth-anything-v2-metric-{place}-{size.lower()}",
        title=f"Depth Anything V2 metric {place} {size}, up to {max_depth:.0f} m",
        repo=f"depth-anything/Depth-Anything-V2-Metric-{data_set}-{size}",
        file=file,
        variant=f"vit{letter}",
        licence=licence,
        max_depth=max_depth,
        sha256=_SHA256.get(file),
    )


def _v1(size: str) -> HubCheckpoint:
    letter, licence = _SIZES[size]
    return HubCheckpoint(
        name=f"depth-anything-v1-{size.lower()}",
        title=f"Depth Anything V1 {size}",
        repo=f"LiheYoung/depth_anything_vit{letter}14",
        file="pytorch_model.bin",
        variant=f"vit{letter}14",
        licence=licence,
    )


TINY = BundledCheckpoint(
    name="depth-demo-tiny",
    title="Depth Demo Tiny",
    file="depth-demo-tiny.safetensors",
    licence=APACHE,
    input_size=168,
    longest=2.35,
    antialiased=True,
    note="a small bundled model, trained on synthetic images only. Use Depth Anything V2 Small for real work.",
)
_ROWS: tuple[Row, ...] = (
    *(_v2(size) for size in _SIZES),
    *(_v2_metric(size, "indoor", "Hypersim", INDOOR_M) for size in _SIZES),
    *(_v2_metric(size, "outdoor", "VKITTI", OUTDOOR_M) for size in _SIZES),
    *(_v1(size) for size in _SIZES),
    TINY,
)
CATALOG = {row.name: row for row in _ROWS}
DEFAULT = _v2("Small")
DEFAULT_MODEL = DEFAULT.name


def find_checkpoint(name: str) -> Row:
    """The row called `name`; ValueError, listing all, when there is none."""
    if name not in tuple(CATALOG):
        raise ValueError(f"Unknown model {name!r}; there are {', '.join(CATALOG)}.")
    return CATALOG[name]
