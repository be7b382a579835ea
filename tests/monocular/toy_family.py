"""A toy family of models: its network, its loader and its one row."""

from __future__ import annotations

from torch import Tensor, nn

from depth_demo.geometry import DepthKind
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.models import ModelSpec, Source


class Brightness(nn.Module):
    """A network without weights: the brighter, the nearer."""

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, 3, H, W), from 0 to 1, to depth without a unit, (B, H, W)."""
        return 1 - image.mean(dim=1)


def load_brightness() -> Brightness:
    return Brightness().eval()


TOY = ModelSpec(
    name="toy-brightness",
    title="Toy Brightness",
    licence="CC0-1.0",
    kind=DepthKind.RELATIVE_DEPTH,
    files=(),
    loader="tests.monocular.toy_family:load_brightness",
    preprocessing=Preprocessing(mean=(0, 0, 0), std=(1, 1, 1), step=8, short_side=96, smallest=64, largest=128),
    sources=(Source("Brightness as depth: nobody, never", "https://example.org/brightness"),),
)
