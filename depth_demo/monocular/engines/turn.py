"""Networks run one image at a time, whichever engine and model: each has all cores, and the device may change."""

from __future__ import annotations

import threading

TURN = threading.RLock()
