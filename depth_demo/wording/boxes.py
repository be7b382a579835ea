"""Failure boxes in words."""

from __future__ import annotations

import math

from depth_demo.evaluation.failures import FailureBox

SMALLEST_PX = 0.05  # an error that one digit can show


def box_caption(box: FailureBox) -> str:
    """Write two lines: how much is lost in the box, how far off it is, and the likely cause."""
    error = "" if math.isnan(box.error_px) else f", {signed_error(box.error_px)}"
    cause = [f"likely cause: {box.cause}"] if box.cause else []
    more = [f"stands out: {box.shows}"] if box.shows else []
    figures = f"{box.name}, {box.fails}: {box.loss_share:.0f} % of the loss, {box.coverage:.0f} % answered{error}"
    return "\n".join((figures, *filter(None, ["; ".join(cause + more)])))


def signed_error(error_px: float) -> str:
    """Say a mean of d - d* in words, such as '1.2 px too near'."""
    return f"{abs(error_px):.1f} px too {'near' if error_px > 0 else 'far'}" if abs(error_px) >= SMALLEST_PX else "0.0 px off"
