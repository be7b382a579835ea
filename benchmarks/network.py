"""The forward pass of Depth Anything V2 beside everything that a user would pick instead.

    python -m benchmarks.network [--rounds 5] [--threads 2] [--sizes vits-518x518 ...] [--rivals ours onnxruntime ...]

All rivals have the same random weights, see the same image and run in turn. The official code's stand-in is the slow forward
pass of the tests, with whole matrices of attention, as the official code has them without xFormers. The exported graphs are
made from it, with the position embedding as a constant, because engines resample it differently. OpenVINO runs it twice:
told to calculate in float32, and as it comes, which is in bfloat16 on some processors. So do we, in torch and in OpenVINO:
in float32, and with 16-bit products (`depth_anything.mixed`).
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.paired import Timing, describe_machine, interleave, lead, print_table
from depth_demo.monocular.depth_anything import VARIANTS, Variant, load_network
from depth_demo.monocular.depth_anything.mixed import mix
from depth_demo.monocular.engines.precision import bf16_units
from depth_demo.monocular.models import DEFAULT
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


def openvino(case: Case, precision: str) -> Forward:
    from openvino import Core

    options = {"INFERENCE_NUM_THREADS": torch.get_num_threads()} | (
        {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    )
    request = Core().compile_model(exported_graph(case), "CPU", options).create_infer_request()
    image = case.image.numpy()
    return lambda: torch.from_numpy(np.array(request.infer([image])[0]))


def ours(case: Case, *, mixed: bool) -> Forward:
    network = load_network(case.weights, case.variant)
    chosen = mix(network) if mixed else network
    return lambda: chosen(case.image)


def ours_in_openvino(case: Case, *, mixed: bool) -> Forward:
    from depth_demo.monocular.engines.export import trace
    from depth_demo.monocular.engines.openvino import OpenVinoEstimator, conversion_gain

    network = load_network(case.weights, case.variant)
    chosen = mix(network, conversion_gain()) if mixed else network
    engine = OpenVinoEstimator(DEFAULT, trace(chosen, DEFAULT), owner=chosen)
    pixels = case.image.numpy()
    return lambda: torch.from_numpy(engine.run(pixels))


BEST, EXACT_BEST = "ours in OpenVINO, 16-bit products", "ours in OpenVINO"
RIVALS: dict[str, tuple[str, Callable[[Case], Forward]]] = {  # each with the package that it needs
    "official": ("torch", official),
    "transformers-eager": ("transformers", lambda case: transformers(case, "eager")),
    "transformers-sdpa": ("transformers", lambda case: transformers(case, "sdpa")),
    "onnxruntime": ("onnxruntime", onnxruntime),
    "openvino": ("openvino", partial(openvino, precision="f32")),
    "openvino as it comes": ("openvino", partial(openvino, precision="")),
    "ours": ("torch", partial(ours, mixed=False)),
    "ours, 16-bit products": ("torch", partial(ours, mixed=True)),
    EXACT_BEST: ("openvino", partial(ours_in_openvino, mixed=False)),
    BEST: ("openvino", partial(ours_in_openvino, mixed=True)),
}
SLOW_WITHOUT_UNITS = ("ours, 16-bit products", BEST)


def compare(size: str, rivals: Sequence[str], rounds: int) -> None:
    """Print a table: speed against the official code, largest and mean error as shares of its range, share of the ceiling."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        case = make_case(size, Path(folder))
        runs = {name: RIVALS[name][1](case) for name in rivals if _can_run(name)}
        work = _multiply_adds(case)
    with torch.inference_mode():
        reference = official(case)()
        errors = {name: error_in_words(run(), reference) for name, run in runs.items()}
        left, right = torch.randn(2, SIDE, SIDE).unbind()
        left @ right  # as the rivals, it has run once
        timings = interleave({CEILING: lambda: left @ right} | runs, rounds, warm_up=0)
    ceiling = SIDE**3 / min(timings.pop(CEILING).wall)
    print(f"\n{size}: {work / 1e9:.1f} GMAC; a matrix product's rate is {ceiling / 1e9:.1f} GMAC/s; {rounds} rounds")
    remarks = {"": f"{'error: most, mean':>17} {'of ceiling':>10}"}
    remarks |= {name: f"{errors[name]:>17} {work / min(timings[name].wall) / ceiling:10.0%}" for name in runs}
    print_table(timings, next(iter(timings)), remarks)
    print_lead(size, timings)


def error_in_words(values: Tensor, reference: Tensor) -> str:
    """Return the largest and the mean difference, as shares of the reference's range."""
    wrong = (values.float() - reference).abs() / (reference.max() - reference.min())
    return f"{float(wrong.max()):.1e} {float(wrong.mean()):.1e}"


def print_lead(size: str, timings: dict[str, Timing]) -> None:
    """Print how many times as fast as each rival our fastest is, rounds paired."""
    ours = next((name for name in (BEST, EXACT_BEST, "ours") if name in timings), "")
    for name, timing in timings.items():
        if ours and name != ours:
            lead(size, ours, timings[ours], name, timing)


def make_case(size: str, folder: Path) -> Case:
    name, height, width = size.replace("x", "-").split("-")
    image = torch.randn(1, 3, int(height), int(width), generator=torch.Generator().manual_seed(1))
    return Case(VARIANTS[name], random_state_dict(VARIANTS[name]), image, folder)


def _can_run(rival: str) -> bool:
    package = RIVALS[rival][0]
    if rival in SLOW_WITHOUT_UNITS and not bf16_units():
        print(f"{rival} is left out: this processor has no units for bfloat16")
        return False
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
