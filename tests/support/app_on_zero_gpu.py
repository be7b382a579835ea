"""The app as it runs on ZeroGPU, with the real package `spaces`, on a machine without CUDA.

The names that a torch without CUDA lacks are added before the package reads them, and the two steps of a worker that need a
GPU do nothing. Three models borrow a GPU: one that works, one whose process dies, and one that breaks.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch


def is_in_bad_fork() -> bool:
    return False


if torch.version.cuda is None:  # a build of torch for CUDA has these names
    torch.version.cuda = "12.8"
    vars(torch._C)["_cuda_init"] = lambda: None
    torch.cuda._is_in_bad_fork = is_in_bad_fork

import spaces.zero.torch  # noqa: E402 (which the page has imported)

from depth_demo.monocular.models import MODELS, TINY, HubFile  # noqa: E402
from depth_demo.ui.page import build_demo, launch  # noqa: E402

spaces.zero.torch.init = spaces.zero.torch.move = lambda *_, **__: None


def die(path: Path) -> Any:
    os._exit(1)


def fail(path: Path) -> Any:
    raise RuntimeError(f"{path} is nobody's business")


LOADERS = {"borrowing": TINY.loader, "dying": f"{__name__}:die", "failing": f"{__name__}:fail", "damaged": TINY.loader}
for name, loader in LOADERS.items():
    MODELS[name] = replace(TINY, name=name, title=name.title(), loader=loader, files=(HubFile("tests/zero", f"{name}.pth"),))

if __name__ == "__main__":
    launch(build_demo(), sys.argv[1:])
