#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93: StereoSGBM's MODE_HH4 looks at nothing in the last blockSize // 2 rows of a picture.
#
# Where the window of a row would reach below the picture, HH4 gives all disparities the same cost, so that those rows repeat
# their neighbours above. Here a far wall (8 px) ends in a near floor (24 px) that is as high as half a window. The other three
# modes, which let the last row count again, measure the floor. HH4 gives 8 px for it, and marks nothing as missing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import cv2
import numpy as np

WALL, FLOOR, ROWS = 8, 24, 40
MODES = {name: getattr(cv2, f"STEREO_SGBM_MODE_{name}") for name in ("SGBM", "HH", "SGBM_3WAY", "HH4")}

for block in (7, 11):
    disparity = [WALL] * ROWS + [FLOOR] * (block // 2)
    right = np.random.default_rng(0).integers(0, 256, (len(disparity), 400), np.uint8)
    left = np.stack([np.roll(row, shift) for row, shift in zip(right, disparity)])
    for name, mode in MODES.items():
        matcher = cv2.StereoSGBM.create(0, 64, block, 8, 32, 1, 63, 0, 0, 0, mode)
        rows = np.median(matcher.compute(left, right)[:, 80:380], axis=1) / 16
        floor = rows[ROWS:].tolist()
        print(f"window {block:2}, {name:9}: wall {rows[20]:.0f} px, the last {len(floor)} rows {floor}")
        expected = WALL if name == "HH4" else FLOOR
        assert floor == [expected] * (block // 2), "the behaviour changed"
PY
