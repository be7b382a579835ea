"""The model that was used last, kept for everybody. torch is imported by the first estimate, not by the page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from depth_demo.monocular.checkpoints import Progress
    from depth_demo.monocular.estimator import MonocularEstimator


class ModelShelf:
    """Room for one loaded model: another one takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: MonocularEstimator | None = None

    def get(self, name: str, progress: Progress | None = None) -> MonocularEstimator:
        """The model called `name`, loaded if need be; `progress` hears of downloads.

        Raises:
            ValueError, OSError: As `load_estimator`.
        """
        from depth_demo.monocular.estimator import load_estimator

        with self._lock:
            if self._loaded is None or self._loaded.checkpoint.name != name:
                self._loaded = None  # its memory is free before the next one is read
                self._loaded = load_estimator(name, progress=progress)
            return self._loaded


SHELF = ModelShelf()
