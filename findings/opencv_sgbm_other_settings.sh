#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93: StereoSGBM computes with a P1 of 2 where 0 is set, and with a preFilterCap of at least 15.
#
# P1 = 0 does not make steps of one pixel free: the map is that of P1 = 2, and not that of P1 = 1. All caps below 15 give the map
# of 15, and an even cap that of the next odd one. The getters answer what was set, so nothing shows that something else ran.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import cv2
import numpy as np

right = np.random.default_rng(0).integers(0, 256, (60, 400), np.uint8)
left = np.vstack([np.roll(right[:30], 8, axis=1), np.roll(right[30:], 11, axis=1)])
left, right = (cv2.GaussianBlur(view, (0, 0), 1.2) for view in (left, right))


def disparity(p1, cap):
    matcher = cv2.StereoSGBM.create(0, 64, 3, p1, 300, 1, cap, 0, 0, 0, cv2.STEREO_SGBM_MODE_SGBM)
    assert (matcher.getP1(), matcher.getPreFilterCap()) == (p1, cap)
    return matcher.compute(left, right)


def same(one, other):
    return bool((disparity(*one) == disparity(*other)).all())


p1 = {value: same((0, 63), (value, 63)) for value in (1, 2, 3)}
cap = {pair: same((8, pair[0]), (8, pair[1])) for pair in ((1, 15), (14, 15), (15, 17), (30, 31), (31, 33))}
print("P1 of 0 gives the map of:", p1)
print("preFilterCap gives the map of:", cap)
assert p1 == {1: False, 2: True, 3: False}, "the behaviour changed"
assert cap == {(1, 15): True, (14, 15): True, (15, 17): False, (30, 31): True, (31, 33): False}, "the behaviour changed"
PY
