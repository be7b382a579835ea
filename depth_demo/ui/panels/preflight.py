"""Panel "Before matching", for a pair and its settings: what is wrong with the pair, and a search range to take over."""

from __future__ import annotations

import dataclasses
import html
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr
import numpy as np

from depth_demo.examples import Example
from depth_demo.formats.photos import Photo, load_pair_of_photos
from depth_demo.geometry import StereoPair
from depth_demo.render.histogram import render_histogram
from depth_demo.serving.blocks import KEPT_S
from depth_demo.stereo.preflight import Finding, Preflight, SearchRange, Status, check_range, check_size
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.matcher_form import (
    MAX_OFFERED_DISPARITIES,
    MatcherInputs,
    form_names,
    range_fields,
    range_names,
    settings_from,
)
from depth_demo.ui.rectifying import RectifiedPair, current

MARKS = {
    Status.GOOD: ("\u2713", "fine"),
    Status.COSTLY: ("!", "could be better"),
    Status.BAD: ("\u00d7", "look at this"),
    Status.UNKNOWN: ("?", "unknown"),
}
SET_BY_ITSELF = "The search range was set to {} for this pair; change it in the fields below if you know better."


@dataclass(frozen=True, slots=True, eq=False)
class CheckedPair:
    """Which files were checked, and what was found: other settings check no picture again.

    Attributes:
        files: Left and right view.
        preflight: What was found.
        chosen: The search range that the page chose by itself; None where a person or an example did.
    """

    files: tuple[str, str]
    preflight: Preflight
    chosen: SearchRange | None = None

    def show(self, fields: Sequence[Any]) -> tuple[object, object, object]:
        """Return the lines and both buttons for these matcher fields; offer only a range that the fields can hold."""
        found, suggestion = self.preflight, self.preflight.suggestion
        said = [*found.findings, *findings_on(found, fields)]
        if self.chosen and self.chosen == _range_in(fields):
            said.append(Finding("Choice", Status.GOOD, SET_BY_ITSELF.format(self.chosen)))
        lines = gr.HTML(lines_html(said, rows_html(found)), visible=True)
        swap = _swap_button(wanted=found.swapped)
        if suggestion is None or suggestion.num_disparities > MAX_OFFERED_DISPARITIES or suggestion == _range_in(fields):
            return lines, gr.Button(visible=False), swap
        if self.chosen == suggestion:  # which a person has changed
            return lines, gr.Button(f"Back to {suggestion}", visible=True), swap
        text = f"Use {suggestion}: min_disparity {suggestion.min_disparity}, num_disparities {suggestion.num_disparities}"
        return lines, gr.Button(text, visible=True), swap


def _swap_button(*, wanted: bool = False) -> gr.Button:
    """The button that exchanges the views, which stands out where they look swapped."""
    return gr.Button(variant="primary" if wanted else "secondary")


def _range_in(fields: Sequence[Any]) -> SearchRange | None:
    try:
        settings = settings_from(fields)
    except ValueError:
        return None
    return SearchRange(settings.min_disparity, settings.num_disparities)


def findings_on(found: Preflight, fields: Sequence[Any]) -> list[Finding]:
    """Check what depends on the settings. Fields that are no settings yet, as while a number is typed, get a sentence."""
    try:
        settings = settings_from(fields)
    except ValueError as error:
        return [Finding("Settings", Status.BAD, str(error))]
    measured = None if found.swapped else found.disparities
    ranges = [check_range(measured, settings, found.shape[1])] if measured else []
    return [*ranges, check_size(found.shape, settings)]


def lines_html(findings: Sequence[Finding], on_rows: str = "") -> str:
    """Write one line per finding, with a mark that needs no colour. `on_rows` goes below the line on rows."""
    items = []
    for finding in findings:
        sign, meaning = MARKS[finding.status]
        mark = f'<span class="mark" role="img" aria-label="{meaning}">{sign}</span>'
        text = html.escape(finding.text) + (on_rows if finding.subject == "Rows" else "")
        items.append(f'<li class="{finding.status.value}">{mark}<div>{text}</div></li>')
    return f"<strong>Before matching</strong><ul>{''.join(items)}</ul>"


def rows_html(found: Preflight) -> str:
    """Draw the histogram behind the line on rows, folded."""
    if not len(found.row_gap):
        return ""
    half_range = max(2, math.ceil(float(np.percentile(np.abs(found.row_gap), 95))))
    caption = "How many points lie how much higher (left of 0) or lower (right) in the right view."
    bars = render_histogram(found.row_gap, half_range, "px")
    return f"<details><summary>Histogram</summary>{bars}{caption}</details>"


@in_sentences
def on_views(
    examples: Sequence[Example],
    inspect: Callable[[StereoPair], Preflight],
    left: str | None,
    right: str | None,
    checked: CheckedPair | None,
    touched: bool,  # noqa: FBT001
    *fields: object,
) -> tuple[object, ...]:
    """Check a pair, and choose its search range for a visitor who never touched it; an example brings its own.

    Returns:
        What is shown, the checked pair, and the fields of the search range.
    """
    same = tuple(gr.skip() for _ in range_names())
    if left is None or right is None:
        return gr.HTML(visible=False), gr.Button(visible=False), _swap_button(), None, *same
    if checked and checked.files == (left, right):
        return *(gr.skip() for _ in range(4)), *same
    try:
        photos = load_pair_of_photos(left, right)
        pair = StereoPair(photos[0].pixels, photos[1].pixels)
    except ValueError as error:
        refusal = lines_html([Finding("Files", Status.BAD, str(error))])
        return gr.HTML(refusal, visible=True), gr.Button(visible=False), _swap_button(), None, *same
    found = _with_notes(inspect(pair), photos)
    suggestion = found.suggestion
    given = touched or found.swapped or any(example.is_given(left, right) for example in examples)
    if given or suggestion is None or suggestion.num_disparities > MAX_OFFERED_DISPARITIES:
        checked = CheckedPair((left, right), found)
        return *checked.show(fields), checked, *same
    checked = CheckedPair((left, right), found, suggestion)
    search, with_it = _with_range(suggestion, fields)
    return *checked.show(with_it), checked, *search


def _with_notes(found: Preflight, photos: Sequence[Photo]) -> Preflight:
    """Return what was found, with a line for each note on how the files were read."""
    notes = dict.fromkeys(photo.note for photo in photos if photo.note)
    return dataclasses.replace(found, findings=(*found.findings, *(Finding("Reading", Status.GOOD, note) for note in notes)))


def _with_range(search: SearchRange, fields: Sequence[Any]) -> tuple[tuple[int, ...], list[Any]]:
    """Return the values of the range's fields, of every matcher, and all fields with them."""
    names = range_names()
    values = dataclasses.astuple(search) * (len(names) // 2)
    return values, list((dict(zip(form_names(), fields, strict=True)) | dict(zip(names, values, strict=True))).values())


def on_fields(checked: CheckedPair | None, *fields: object) -> tuple[object, object, object]:
    return checked.show(fields) if checked else (gr.skip(), gr.skip(), gr.skip())


def on_apply(checked: CheckedPair | None, *fields: Any) -> tuple[object, ...]:  # noqa: ANN401
    """Put the suggested search range into its fields, and show the checks with it."""
    suggestion = checked.preflight.suggestion if checked else None
    if checked is None or suggestion is None:
        return tuple(gr.skip() for _ in range(len(range_names()) + 3))
    search, with_it = _with_range(suggestion, fields)
    return *search, *checked.show(with_it)


def on_swap(left: str | None, right: str | None, made: RectifiedPair | None) -> tuple[str | None, str | None]:
    """Exchange the views; of a rectified pair the photos, as what was found of it does not hold the other way round."""
    now = current(made, left, right)
    return now.given[::-1] if now else (right, left)


@dataclass(frozen=True, slots=True)
class PreflightPanel:
    """The panel's place on the page, empty until both views are there; `watch` brings it to life.

    `brought` holds the two views that came with settings of their own; their search range stays.
    """

    lines: gr.HTML
    apply: gr.Button
    swap: gr.Button
    checked: gr.State
    brought: gr.State

    def watch(
        self,
        name: str,
        views: Sequence[gr.Image],
        inputs: MatcherInputs,
        examples: Sequence[Example],
        inspect: Callable[[StereoPair], Preflight],
        made: gr.State,
    ) -> Any:  # noqa: ANN401 (Gradio's own type of events is not public)
        """Check whenever both views are there; one pair at a time for all visitors, beside the matcher's own queue.

        The checks of an example wait until its run, which has the same name, has ended: they do not compete with it.
        `made` holds what was rectified of the views.

        Returns:
            The event of the checks, after which `checked` holds what was found.
        """
        checked, touched, matcher = self.checked, gr.State(value=False), cast(list[Any], inputs.all)
        search = range_fields(inputs)
        shown = [self.lines, self.apply, self.swap]
        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "always_last"}
        one = {"concurrency_id": "preflight", "concurrency_limit": 1}
        changes = [view.change for view in views]
        wait = f"async (...values) => {{ await depthDemo.idle('{name}'); return values; }}"

        def check(
            left: str | None,
            right: str | None,
            checked: CheckedPair | None,
            touched: bool,  # noqa: FBT001
            brought: tuple[str, str] | None,
            *fields: object,
        ) -> tuple[object, ...]:
            return on_views(examples, inspect, left, right, checked, touched or brought == (left, right), *fields)

        given, found = [*views, checked, touched, self.brought, *matcher], [*shown, checked, *search]
        ran = gr.on(changes, check, given, found, js=wait, **one, **hidden)
        gr.on([field.input for field in cast(list[Any], search)], lambda: True, None, touched, queue=False, **hidden)
        ranges = json.dumps([[f.minimum, f.maximum] if isinstance(f, gr.Slider) else None for f in matcher])
        cut = f"(checked, ...fields) => [checked, ...depthDemo.cut({ranges}, fields)]"
        gr.on([field.input for field in matcher], on_fields, [checked, *matcher], shown, js=cut, **hidden)
        self.apply.click(on_apply, [checked, *matcher], [*search, *shown], **hidden)
        self.swap.click(on_swap, [*views, made], list(views), queue=False, **hidden)
        return ran


def preflight_panel() -> PreflightPanel:
    return PreflightPanel(
        gr.HTML(visible=False, elem_classes="preflight", container=True, padding=True),
        gr.Button(visible=False, size="sm"),
        gr.Button("Swap left and right", size="sm"),
        gr.State(time_to_live=KEPT_S),
        gr.State(time_to_live=KEPT_S),
    )
