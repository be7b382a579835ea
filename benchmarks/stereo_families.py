"""Errors and seconds of the three families of matchers on real pairs: python -m benchmarks.stereo_families FOLDER.

FOLDER is a data set that `depth_demo.datasets` knows. The seconds are those of all cores together.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from depth_demo.datasets import open_dataset
from depth_demo.evaluation.metrics import evaluate
from depth_demo.geometry import DepthMap, StereoPair
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.reference.local import match_local
from depth_demo.stereo.reference.scan_lines import match_scan_lines
from depth_demo.stereo.settings import SgbmSettings

DISPARITIES = range(64)
MATCHERS: dict[str, Callable[[StereoPair], DepthMap]] = {
    "SAD 9x9": lambda pair: match_local(pair, "SAD", 9, DISPARITIES),
    "SSD 9x9": lambda pair: match_local(pair, "SSD", 9, DISPARITIES),
    "ZNCC 9x9": lambda pair: match_local(pair, "ZNCC", 9, DISPARITIES),
    "census": lambda pair: match_local(pair, "census", 9, DISPARITIES),
    "scan lines": lambda pair: match_scan_lines(pair, DISPARITIES),
    "SGBM": lambda pair: compute_disparity(pair, SgbmSettings(num_disparities=len(DISPARITIES))),
}


def main() -> None:
    """Print a line per pair and matcher."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for sample in open_dataset(parser.parse_args().folder):
        pair = sample.load()
        if pair.ground_truth is None:
            continue
        for name, match in MATCHERS.items():
            started = time.process_time()
            found = evaluate(match(pair), pair.ground_truth)
            seconds = time.process_time() - started
            if found.errors is None or found.errors_all is None:
                continue
            matched, everywhere = found.errors.bad_3, found.errors_all.bad_3
            print(f"{sample.name:34} {name:10} bad-3 {matched:5.1f} % matched {everywhere:5.1f} % all truth {seconds:6.2f} s")


if __name__ == "__main__":
    main()
