"""The forward pass of Depth Anything V2 beside everything that a user would pick instead.

    python -m benchmarks.network [--rounds 5] [--threads 2] [--sizes vits-518x518 ...] [--rivals ours onnxruntime ...]

All rivals have the same random weights, see the same image and run in turn. The official code's stand-in is the slow forward
pass of the tests, with whole matrices of attention, as the official code has them without xFormers. The exported graphs are
made from it, with the position embedding as a constant, because engines resample it differently, and OpenVINO is told to
calculate in float32, which is not its choice on every processor.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.paired import Timing, describe_machine, interleave, print_table, speed
from depth_demo.monocular.depth_anything import VARIANTS, Variant, load_network
from tests.support.official import official_depth, official_positions, random_state_dict

SIZES = ("vits-518x518", "vits-518x924", "vitb-518x518")
PACKAGES = ("torch", "transformers", "onnxruntime", "openvino")
CEILING, SIDE = "matrix product", 3072  # of square float32 matrices


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One comparison: weights under the official names, a (1, 3, H, W) image, and a folder for exported graphs."""

    variant: Variant
    weights: dict[str, Tensor]
    image: Tensor
    folder: Path


Forward = Callable[[], Tensor]


class Official(nn.Module):
    """The slow forward pass for one size of image, its position embedding a constant."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.weights, self.variant = case.weights, case.variant
        rows, columns = (side // 14 for side in case.image.shape[2:])
        self.positions = official_positions(case.weights, rows, columns)

    def forward(self, image: Tensor) -> Tensor:
        return official_depth(self.weights, self.variant, image, self.positions)


def official(case: Case) -> Forward:
    network = Official(case)
    return lambda: network(case.image)


def transformers(case: Case, attention: str) -> Forward:
    from tests.support.transformers_network import transformers_network

    network = transformers_network(case.weights, case.variant, None)
    network.backbone.set_attn_implementation(attention)
    return lambda: network(case.image).predicted_depth


def onnxruntime(case: Case) -> Forward:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = InferenceSession(exported_graph(case), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: case.image.numpy()}
    return lambda: torch.from_numpy(session.run(None, feed)[0])


def openvino(case: Case) -> Forward:
    from openvino import Core

    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    request = Core().compile_model(exported_graph(case), "CPU", options).create_infer_request()
    image = case.image.numpy()
    return lambda: torch.from_numpy(np.array(request.infer([image])[0]))


def ours(case: Case) -> Forward:
    network = load_network(case.weights, case.variant)
    return lambda: network(case.image)


RIVALS: dict[str, tuple[str, Callable[[Case], Forward]]] = {  # each with the package that it needs
    "official": ("torch", official),
    "transformers-eager": ("transformers", lambda case: transformers(case, "eager")),
    "transformers-sdpa": ("transformers", lambda case: transformers(case, "sdpa")),
    "onnxruntime": ("onnxruntime", onnxruntime),
    "openvino": ("openvino", openvino),
    "ours": ("torch", ours),
}


def compare(size: str, rivals: Sequence[str], rounds: int) -> None:
    """Print a table: speed against the official code, largest error relative to its largest value, share of the ceiling."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        case = make_case(size, Path(folder))
        runs = {name: RIVALS[name][1](case) for name in rivals if _installed(name)}
        work = _multiply_adds(case)
    with torch.inference_mode():
        reference = official(case)()
        errors = {name: float((run() - reference).abs().max() / reference.abs().max()) for name, run in runs.items()}
        left, right = torch.randn(2, SIDE, SIDE).unbind()
        left @ right  # as the rivals, it has run once
        timings = interleave({CEILING: lambda: left @ right} | runs, rounds, warm_up=0)
    ceiling = SIDE**3 / min(timings.pop(CEILING).wall)
    print(f"\n{size}: {work / 1e9:.1f} GMAC; a matrix product's rate is {ceiling / 1e9:.1f} GMAC/s; {rounds} rounds")
    remarks = {"": f"{'error':>8} {'of ceiling':>10}"}
    remarks |= {name: f"{errors[name]:8.1e} {work / min(timings[name].wall) / ceiling:10.0%}" for name in runs}
    print_table(timings, next(iter(timings)), remarks)
    print_lead(timings)


def print_lead(timings: dict[str, Timing]) -> None:
    """How many times as fast as each rival we are, rounds paired."""
    for name, timing in timings.items():
        if "ours" in timings and name != "ours":
            print(f"ours is {speed(timings['ours'], timing)} times as fast as {name}")


def make_case(size: str, folder: Path) -> Case:
    name, height, width = size.replace("x", "-").split("-")
    image = torch.randn(1, 3, int(height), int(width), generator=torch.Generator().manual_seed(1))
    return Case(VARIANTS[name], random_state_dict(VARIANTS[name]), image, folder)


def _installed(rival: str) -> bool:
    package = RIVALS[rival][0]
    found = importlib.util.find_spec(package) is not None
    if not found:
        print(f"{rival} is left out: {package} is not installed")
    return found


def exported_graph(case: Case) -> Path:
    """The slow forward pass as ONNX, for the size of this image."""
    path = case.folder / "official.onnx"
    if not path.exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the older exporter is called old, and its constants constant
            torch.onnx.export(Official(case), (case.image,), path, dynamo=False, opset_version=17)
    return path


def _multiply_adds(case: Case) -> float:
    """Of the network; the counter does not know the fused attention, so it sees the plain products."""
    network = load_network(case.weights, case.variant)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        network(case.image)
    return counter.get_total_flops() / 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.network", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="VARIANT-HEIGHTxWIDTH")
    parser.add_argument("--rivals", nargs="+", default=tuple(RIVALS), choices=tuple(RIVALS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of every rival")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(describe_machine(PACKAGES), f"\n{torch.get_num_threads()} threads", sep="")
    for size in options.sizes:
        compare(size, options.rivals, options.rounds)


if __name__ == "__main__":
    main()
