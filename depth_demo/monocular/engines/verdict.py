"""What was found out about the ways to run a model on a machine, as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from depth_demo.monocular.engines.precision import FLOAT32, Precision


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one model on one machine.

    Attributes:
        speed: Of the graph beside torch, each in its precision; above 1 is faster, 0 if there is no graph.
        in_graph: Precision of the graph.
        in_torch: Precision in torch.
    """

    speed: float = 0.0
    in_graph: Precision = FLOAT32
    in_torch: Precision = FLOAT32

    def to_json(self) -> dict[str, Any]:
        """Return numbers and texts."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Verdict:
        """Read what `to_json` gave.

        Raises:
            ValueError, LookupError, TypeError: If it is not that.
        """
        in_graph, in_torch = (Precision(**stored[name]) for name in ("in_graph", "in_torch"))
        return cls(float(stored["speed"]), in_graph, in_torch)
