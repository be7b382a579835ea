"""The lock that every engine holds while a network runs."""

from __future__ import annotations

import threading

# One image at a time, whichever engine and model: each run uses all cores, and the device of an estimator may change.
ONE_AT_A_TIME = threading.RLock()
