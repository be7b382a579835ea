"""Fresh processes from their start to the first map, in each engine: `python -m benchmarks.engine [--starts 3]`.

The graph is kept, as after the first run of the app. `benchmarks.network` times the engines themselves.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import torch

from benchmarks.paired import describe_machine, interleave, lead, print_table
from depth_demo.caches import CACHE_VARIABLE
from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.engines.choice import ENGINE_VARIABLE, ENGINES
from depth_demo.monocular.engines.precision import EXACT, PRECISION_VARIABLE
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL
from tests.support.official import random_state_dict

FIRST_RESULT = f"""
import numpy as np
from depth_demo.monocular.engines.choice import load_fastest
load_fastest({DEFAULT_MODEL!r})(np.zeros((518, 518, 3), np.uint8))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    print(describe_machine(("torch", "openvino")))
    with tempfile.TemporaryDirectory() as folder:
        torch.save(random_state_dict(VARIANTS["vits"]), Path(folder) / DEFAULT.files[0].name)
        places = {"DEPTH_DEMO_WEIGHTS": folder, CACHE_VARIABLE: f"{folder}/cache", PRECISION_VARIABLE: EXACT}

        def start(engine: str) -> None:
            environment = {**os.environ, **places, ENGINE_VARIABLE: engine}
            subprocess.run([sys.executable, "-c", FIRST_RESULT], env=environment, check=True, capture_output=True)

        timings = interleave({engine: partial(start, engine) for engine in ENGINES}, options.starts)
    print(f"\nFrom the start of a process to its first 518x518 map, {options.starts} starts")
    print_table(timings, "torch")
    lead("first map of a process", "ours in OpenVINO", timings["openvino"], "ours in torch", timings["torch"])


if __name__ == "__main__":
    main()
