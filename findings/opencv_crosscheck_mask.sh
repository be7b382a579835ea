#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93: cv2.BFMatcher(crossCheck=True).match(query, train, mask) raises an assertion.
#
# `match` takes a mask of the pairs that may be matched, and crossCheck keeps the pairs that choose each other. Both together
# are what stereo needs: mutual nearest neighbours along nearly the same row. The mask alone and crossCheck alone work; with
# both, even a mask that allows every pair is refused by "mask.empty()". Mutual neighbours under a mask take two searches.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1
"$folder/venv/bin/python" - <<'PY'
import cv2
import numpy as np

random = np.random.default_rng(0)
query, train = random.random((5, 128), np.float32), random.random((7, 128), np.float32)
everything = np.ones((5, 7), np.uint8)
print("mask alone:      ", len(cv2.BFMatcher(cv2.NORM_L2).match(query, train, everything)), "matches")
print("crossCheck alone:", len(cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(query, train)), "matches")
try:
    cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(query, train, everything)
except cv2.error as error:
    print("both:            ", str(error).strip().splitlines()[0])
    assert "mask.empty()" in str(error)
else:
    raise SystemExit("both work together now: the behaviour has changed")
PY
