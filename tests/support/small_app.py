"""The app as browser tests need it: the brighter the nearer, small random-dot pairs as examples, and a gate before the model.

GET /gate/shut holds up every run that needs the model, and GET /gate/open lets them go on. GET /gate/three lets three more
estimates through. A test thus looks at a page while a run goes on, and does not depend on how long a run takes.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
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
from depth_demo.serving.process import quick_start

with quick_start():
    from depth_demo.ui.models import ModelShelf
    from depth_demo.ui.page import build_demo, launch
    from depth_demo.ui.shared import Shared


class Gate:
    """Lets estimates through: all of them, none, or so many."""

    def __init__(self) -> None:
        self._open, self._left = threading.Condition(), float("inf")

    def let(self, count: float) -> None:
        with self._open:
            self._left = count
            self._open.notify_all()

    def wait(self, *, takes: int) -> None:
        """Wait until one may go through, which takes so many of those that are left."""
        with self._open:
            self._open.wait_for(lambda: self._left > 0)
            self._left -= takes


gate = Gate()


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
        gate.wait(takes=1)
        return DepthMap(image.mean(axis=2, dtype=np.float32), self.spec.kind)


class SmallShelf(ModelShelf):
    """Has every model at once, and hands it out when the gate is open."""

    def get(self, name: str, progress: Progress | None = None) -> BrightIsNear:  # noqa: ARG002
        gate.wait(takes=0)
        return BrightIsNear(find_model(name))


def after(action: Callable[[], object]) -> Callable[[Request], Awaitable[Response]]:
    """Return a route's handler that takes an action and answers with nothing."""

    async def answer(request: Request) -> Response:
        action()
        return Response()

    return answer


pairs = list_examples(Path(__file__).parents[1] / "pairs")
demo = build_demo(Shared(shelf=SmallShelf()), examples=[replace(pair, preview=pair.left) for pair in pairs])
for name, count in (("shut", 0), ("three", 3), ("open", float("inf"))):
    demo.addresses.append(Route(f"/gate/{name}", after(partial(gate.let, count))))
launch(demo, sys.argv[1:])
