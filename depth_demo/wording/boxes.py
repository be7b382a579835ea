"""Failure boxes in words."""

from __future__ import annotations

import math

from depth_demo.evaluation.failures import FailureBox

DIGITS = {"px": 1, "m": 2}  # behind the point, by the unit of an error


def box_caption(box: FailureBox) -> str:
    """Write two lines: how much is lost in the box, how far off it is, and the likely cause."""
    error = "" if math.isnan(box.error) else f", {signed_error(box.error, box.unit)}"
    cause = [f"likely cause: {box.cause}"] if box.cause else []
    more = [f"stands out: {box.shows}"] if box.shows else []
    figures = f"{box.name}, {box.fails}: {box.loss_share:.0f} % of the loss, {box.coverage:.0f} % answered{error}"
    return "\n".join((figures, *filter(None, ["; ".join(cause + more)])))


def signed_error(error: float, unit: str) -> str:
    """Say a mean error in words, such as '1.2 px too near': d - d* [px] or Z* - Z [m]."""
    digits = DIGITS[unit]
    if not shows(error, unit):
        return f"{0:.{digits}f} {unit} off"
    return f"{abs(error):.{digits}f} {unit} too {'near' if error > 0 else 'far'}"


def shows(error: float, unit: str) -> bool:
    """Tell whether an error is more than 0 with the digits that are written."""
    return abs(error) >= 0.5 * 10 ** -DIGITS[unit]
