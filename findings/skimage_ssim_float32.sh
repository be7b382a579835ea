#!/usr/bin/env bash
# scikit-image 0.26.0: structural_similarity of two float32 depth maps leaves its range.
#
# The maps are a nearly flat wall at 1,000 (millimetres, say) with a relief of some hundredths, and the same wall with noise.
# SSIM is at most 1 by definition. In float64 the mean is 0.67. In float32 it is about -13, and single pixels reach thousands,
# without a warning: the variances are differences of squares near 1,000,000, which float32 cannot hold.
# So depth maps, which are float32 nearly everywhere, have to be converted before they are compared.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check scikit-image==0.26.0 numpy==2.4.1
"$folder/venv/bin/python" - <<'PY'
import numpy as np
from skimage.metrics import structural_similarity

random = np.random.default_rng(0)
wall = 1000 + random.normal(0, 0.02, (120, 160))
noisy = wall + random.normal(0, 0.02, wall.shape)
data_range = float(np.ptp(wall))
exact, exact_map = structural_similarity(noisy, wall, full=True, data_range=data_range)
coarse, coarse_map = structural_similarity(noisy.astype(np.float32), wall.astype(np.float32), full=True, data_range=data_range)
print(f"float64: mean {exact:.3f}, from {exact_map.min():.3f} to {exact_map.max():.3f}")
print(f"float32: mean {coarse:.3f}, from {coarse_map.min():.1f} to {coarse_map.max():.1f}")
assert -1 <= exact_map.min() and exact_map.max() <= 1, "float64 keeps the range"
assert abs(coarse) > 1.5 or np.abs(coarse_map).max() > 10, "float32 leaves it: if not, the behaviour has changed"
PY
