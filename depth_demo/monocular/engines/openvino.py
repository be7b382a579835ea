"""The other engine for the CPU: OpenVINO runs the same network and weights.

No torch here: a process that finds its graph in the cache never imports it.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13

from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal, Shot
from depth_demo.monocular.engines.lock import ONE_AT_A_TIME
from depth_demo.monocular.engines.precision import BFLOAT16, FLOAT32, Precision
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.memory import SMALLER, enough_for
from depth_demo.monocular.models import ModelSpec, Sampling
from depth_demo.monocular.preprocessing import to_pixels

GRAPH = "graph.xml"
OPTIONS = {
    "INFERENCE_PRECISION_HINT": "f32",  # where the processor has bf16 units, bf16 is the default and 1e-2 wrong
    "PERFORMANCE_HINT": "LATENCY",
    "ENABLE_MMAP": False,  # whoever cut a mapped file short would end the process; without, it has the same size
    "ENABLE_CPU_PINNING": False,  # a thread that is bound to a busy core waits there
}
# By the name of a precision; a mixed graph says itself what is 16 bits.
HINTS = {BFLOAT16: {"INFERENCE_PRECISION_HINT": "bf16"}}


class OpenVinoEstimator:
    """An `Estimator` that runs a graph.

    Args:
        spec: The model.
        graph: The graph, or its file.
        sha256: Of the model's files.
        precision: Of the graph. `BFLOAT16` leaves the choice to OpenVINO, which rounds everything to 16 bits.
        owner: The network whose weights the graph shares; OpenVINO itself does not keep those of 16 bits.

    Attributes:
        spec: The model.
        sha256: Of its files.
        device_name: For people, with the precision and the engine.
    """

    def __init__(
        self, spec: ModelSpec, graph: ov.Model | Path, sha256: str = "", precision: Precision = FLOAT32, owner: object = None
    ) -> None:
        self.spec = spec
        self.sha256 = sha256
        self._owner = owner
        self.name_precision(precision)
        options = OPTIONS | HINTS.get(precision.name, {})
        self._compiled = ov.Core().compile_model(graph, "CPU", options)
        self._request = self._compiled.create_infer_request()
        self._ran_at: float | None = None  # since it last gave memory back

    def name_precision(self, precision: Precision) -> None:
        """Say in `device_name` how far off the graph is, once that is known."""
        self.device_name = f"CPU, {precision}, OpenVINO {'.'.join(ov.__version__.split('.')[:2])}"

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,  # noqa: ARG002 (no model that draws is exportable)
    ) -> DepthMap:
        """Estimate depth, as `Estimator.__call__` says."""
        shot = Shot.of(image, focal_length_px)
        with enough_for(f"{self.spec.title} at this input size", SMALLER):
            values = self.run(to_pixels(image, self.spec.preprocessing, input_size))
            return self.spec.to_map(values[0], shot)

    def run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the graph on (1, 3, h, w) normalised RGB and return (1, h, w)."""
        height, width = pixels.shape[2:]
        with ONE_AT_A_TIME:
            answer = self._request.infer([pixels, *self.spec.graph_inputs(height, width)], share_inputs=True)[0].copy()
            self._ran_at = time.monotonic()
            return answer

    def rest(self, idle_s: float) -> None:
        """Give back the memory that a run works in, some 200 MB for Small, if none has run for so long [s].

        The next run takes it again. Nothing happens while a network runs.
        """
        if ONE_AT_A_TIME.acquire(blocking=False):
            try:
                if self._ran_at is not None and time.monotonic() - self._ran_at >= idle_s:
                    self._compiled.release_memory()
                    self._ran_at = None
            finally:
                ONE_AT_A_TIME.release()


def write_graph(graph: ov.Model, folder: Path) -> None:
    """Write a graph into a folder, as `GRAPH` and a file of weights beside it."""
    ov.save_model(graph, folder / GRAPH, compress_to_fp16=False)


def conversion_gain() -> float:
    """Return how many times too small OpenVINO makes numbers, on average, when it converts them to bfloat16.

    OpenVINO 2026.4 rounds up only behind an odd last bit, so that numbers become 0.14 % smaller; 1 would be right.
    """
    numbers = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    given = opset13.parameter([-1], np.float32)
    graph = ov.Model([opset13.convert(opset13.convert(given, "bf16"), "f32")], [given])
    converted = ov.Core().compile_model(graph, "CPU", OPTIONS)([numbers])[0]
    return float(np.dot(numbers, numbers) / np.dot(numbers, converted))
