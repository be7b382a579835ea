"""When the panel "Rectify" is offered, why, and how it looks then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from depth_demo.formats.photos import load_pair_of_photos
from depth_demo.geometry import size_text
from depth_demo.stereo.preflight import Status
from depth_demo.ui.calibration import told_of
from depth_demo.ui.panels.preflight import CheckedPair
from depth_demo.ui.rectifying import RectifiedPair, current
from depth_demo.ui.rigs import AS_THE_FILE_SAYS, may_be_rig

IDLE = (
    "Matching looks along rows, so a point must lie in the same row of both views. Rectify turns the views until it does: by "
    "a calibration file with both cameras, else by the photos' own matches and the focal length."
)
ROWS_DIFFER = "The rows of the two views differ. **Rectify** turns the views until they agree."
FAR_APART = (
    "Hardly a point of the left view was found near its row in the right one. **Rectify** looks farther, also where one "
    "camera stood above the other."
)
SIZES_DIFFER = (
    "The views have {} and {} pixels. **Rectify** brings the right one to the size of the left one, and its rows too."
)
IS_RIG = "The calibration file holds two cameras that are not rectified yet. **Rectify** turns both views with it, in metres."
SWAPPED = "The photos were put back and swapped. **Rectify** them again in this order."
DONE = "The views in the fields above are rectified. Undo puts the photos back."


def done_state() -> tuple[Any, ...]:
    """Return values for `RectifyPanel.state` where the pair in the fields is rectified."""
    shown, hidden = gr.Button(visible=True), gr.Button(visible=False)
    return (
        gr.Accordion(open=True),
        DONE,
        hidden,
        shown,
        gr.Column(visible=True),
        gr.Radio(value=AS_THE_FILE_SAYS, visible=False),
    )


def idle_state(line: str, *, wanted: bool = False) -> tuple[Any, ...]:
    """Return values for `RectifyPanel.state` where it is not; unfolded, and its button bright, where that is wanted."""
    button = gr.Button(visible=True, variant="primary" if wanted else "secondary")
    hidden = gr.Button(visible=False), gr.Column(visible=False), gr.Radio(value=AS_THE_FILE_SAYS, visible=False)
    return gr.Accordion(open=wanted), line, button, *hidden


def offer(
    left: str | None,
    right: str | None,
    paths: Sequence[str] | str | None,
    unit: str | None,
    made: RectifiedPair | None,
    checked: CheckedPair | None,
    *numbers: float | None,
) -> tuple[Any, ...]:
    """Return the panel's state for the pair in the fields, what was made, and the calibration fields.

    The camera of an earlier rectified pair goes with its views.
    """
    if current(made, left, right):
        return *done_state(), *(gr.skip() for _ in range(7))
    reason = reason_for(left, right, checked, is_rig=may_be_rig(paths, unit), has_camera=any(numbers))
    swapped = made is not None and (left, right) == made.given[::-1]
    if swapped:
        reason = f"{SWAPPED} {reason}".strip()
    kept = gr.skip() if swapped else None  # the checks of a pair may end twice, and the second says it again
    state = idle_state(reason or IDLE, wanted=bool(reason))
    if made is None or not _alike(made.numbers, numbers):
        return *state, kept, *(gr.skip() for _ in range(6))
    before, read = made.before
    return *state, kept, *(number or 0 for number in before), *told_of(read)


def _alike(own: Sequence[float | None], now: Sequence[float | None]) -> bool:
    return all(abs((one or 0) - (other or 0)) <= 1e-6 * abs(one or 0) for one, other in zip(own, now, strict=True))


def reason_for(
    left: str | None, right: str | None, checked: CheckedPair | None, *, is_rig: bool = False, has_camera: bool = False
) -> str:
    """Say why a pair should be rectified; "" where nothing speaks for it.

    Args:
        left, right: Files of both views.
        checked: What the checks of a pair found.
        is_rig: Whether there is a calibration file with two cameras before rectification.
        has_camera: Whether the fields of the calibration hold something, as after a file of a rectified pair.
    """
    if left is None or right is None:
        return ""
    if is_rig and not has_camera:
        return IS_RIG
    if checked and checked.files == (left, right):
        found = checked.preflight.findings
        differ = any(finding.subject == "Rows" and finding.status is Status.BAD for finding in found)
        far = any(finding.subject == "Matches" and finding.status is Status.UNKNOWN for finding in found)
        return IS_RIG if is_rig and (differ or far) else ROWS_DIFFER if differ else FAR_APART if far else ""
    try:
        photos = load_pair_of_photos(left, right)
    except ValueError:  # which the checks of the pair tell
        return ""
    sizes = [size_text(photo.pixels) for photo in photos]
    return SIZES_DIFFER.format(*sizes) if sizes[0] != sizes[1] else ""
