"""The app as browser tests need it: the brighter the nearer, small random-dot pairs as examples, and a gate before the model.

GET /gate/shut holds up every run that needs the model, and GET /gate/open lets them go on. A test thus looks at a page while
a run goes on, and does not depend on how long a run takes.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from depth_demo.examples import list_examples
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal
from depth_demo.monocular.hub import Progress
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.models import ModelSpec, Sampling, find_model
from depth_demo.ui.models import ModelShelf
from depth_demo.ui.page import build_demo, launch
from depth_demo.ui.shared import Shared

gate = threading.Event()
gate.set()


class BrightIsNear:
    """An estimator without a network."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec, self.sha256, self.device_name = spec, "", "CPU, float32"

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,  # noqa: ARG002
        focal_length_px: Focal = None,  # noqa: ARG002
        sampling: Sampling | None = None,  # noqa: ARG002
    ) -> DepthMap:
        return DepthMap(image.mean(axis=2, dtype=np.float32), self.spec.kind)


class SmallShelf(ModelShelf):
    """Has every model at once, and hands it out when the gate is open."""

    def get(self, name: str, progress: Progress | None = None) -> BrightIsNear:  # noqa: ARG002
        gate.wait()
        return BrightIsNear(find_model(name))


def after(action: Callable[[], None]) -> Callable[[Request], Awaitable[Response]]:
    """Return a route's handler that takes an action and answers with nothing."""

    async def answer(request: Request) -> Response:
        action()
        return Response()

    return answer


pairs = list_examples(Path(__file__).parents[1] / "pairs")
demo = build_demo(Shared(shelf=SmallShelf()), examples=[replace(pair, preview=pair.left) for pair in pairs])
demo.addresses += [Route("/gate/shut", after(gate.clear)), Route("/gate/open", after(gate.set))]
launch(demo, sys.argv[1:])
