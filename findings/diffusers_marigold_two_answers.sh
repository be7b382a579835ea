#!/usr/bin/env bash
# diffusers 0.42.1: the uncertainty of two of Marigold's answers is zero everywhere, however far they differ.
#
# The pipeline refuses to tell an uncertainty of one answer and takes two. It merges answers by their median, and tells the
# median distance to it. Of two numbers torch's median is the lower one, so that one distance is always 0, and 0 is again the
# lower of the two distances. The merged map is the smaller answer at each pixel.
# Seen: two maps that have nothing in common: uncertainty 0.0 to 0.0; three such maps: up to 0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check diffusers==0.42.1 transformers==5.24.0 torch==2.13.0 scipy==1.17.1 numpy==2.4.6
cd "$folder"
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - <<'PY'
import torch
from diffusers import MarigoldDepthPipeline

maps = torch.rand(3, 1, 24, 32, generator=torch.Generator().manual_seed(0))
for count in (2, 3):
    _, uncertainty = MarigoldDepthPipeline.ensemble_depth(maps[:count].clone(), output_uncertainty=True)
    print(count, "answers: uncertainty from", float(uncertainty.min()), "to", round(float(uncertainty.max()), 2))
    assert (float(uncertainty.max()) == 0) == (count == 2)
PY
