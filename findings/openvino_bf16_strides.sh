#!/usr/bin/env bash
# openvino 2026.4.1, torch 2.13.0: convert_model takes a bfloat16 weight as contiguous, whatever its strides are.
#
# A convolution in torch.channels_last, as PyTorch advises on CPUs, keeps its weights with the channels last. The same module
# converts rightly in float32. In bfloat16 the constant in the graph is a reinterpreted block of memory, in another order, so
# the answer has nothing to do with the right one, without a word. `.contiguous()` before the conversion avoids it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check torch==2.13.0 openvino==2026.4.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import warnings

import numpy as np
import openvino as ov
import torch

torch.manual_seed(0)
torch.set_grad_enabled(False)
warnings.simplefilter("ignore")


class Half(torch.nn.Module):
    """A convolution whose products are in one type, between float32 and float32."""

    def __init__(self, dtype, memory_format):
        super().__init__()
        self.layer = torch.nn.Conv2d(8, 4, 3, padding=1, bias=False).to(dtype=dtype, memory_format=memory_format)

    def forward(self, x):
        return self.layer(x.to(self.layer.weight.dtype)).float()


image = torch.randn(1, 8, 20, 28)


def error(dtype, memory_format):
    network = Half(dtype, memory_format).eval()
    graph = ov.convert_model(torch.jit.trace(network, image), example_input=image)
    answer = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(image.numpy())[0]
    expected = network(image).numpy()
    wrong = np.nan_to_num(np.abs(answer - expected), nan=np.inf, posinf=np.inf)
    return float(wrong.max() / np.abs(expected).max())


found = {}
for dtype in (torch.float32, torch.bfloat16):
    for memory_format in (torch.contiguous_format, torch.channels_last):
        found[dtype, memory_format] = error(dtype, memory_format)
        print(f"{dtype}, {memory_format}: largest error {found[dtype, memory_format]:.2g} of the largest answer")
assert found[torch.float32, torch.contiguous_format] < 1e-5 and found[torch.float32, torch.channels_last] < 1e-5
assert found[torch.bfloat16, torch.contiguous_format] < 0.02
assert found[torch.bfloat16, torch.channels_last] > 0.5
PY
