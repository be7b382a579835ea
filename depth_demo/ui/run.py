"""One click, one call: a run of a model or a matcher, and the tabs of its result that are drawn when they are opened.

The page's fields lie in the elements `<name>-inputs` and `<name>-result`; `assets/page.js` keeps the state of a run there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from depth_demo.monocular.engines.zerogpu import AT_ONCE, is_on_zero_gpu
from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.inputs import ModelInputs, in_sentences, settle_model
from depth_demo.ui.models import choose_model
from depth_demo.ui.outputs import PhotoInput

MODEL_QUEUE, MATCHER_QUEUE, DATA_SET_QUEUE = "model", "matcher", "data set"  # of what takes long, for all visitors
HEAVY = frozenset({MODEL_QUEUE, MATCHER_QUEUE, DATA_SET_QUEUE})
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
SILENT: dict[str, Any] = PRIVATE | {"show_progress": "hidden"}
Values = dict[Any, object]  # by component


def in_turn(queue: str) -> dict[str, Any]:
    """Return the options of an event in one of `HEAVY`: one runs at a time, or some where each borrows a GPU."""
    return {"concurrency_id": queue, "concurrency_limit": AT_ONCE if queue == MODEL_QUEUE and is_on_zero_gpu() else 1}


@dataclass(frozen=True, slots=True)
class LazyTab:
    """A tab of a result whose content is made when it is opened.

    Attributes:
        tab: The tab.
        draw: Returns the content from the result and the values of `view`.
        view: Fields that decide how it is drawn.
        outputs: The components of the content.
        drawn: Which result the content is of, by its token.
    """

    tab: gr.Tab
    draw: Callable[..., Values]
    view: Sequence[Component]
    outputs: Sequence[Component]
    drawn: gr.State

    @property
    def blank(self) -> Values:
        """The content without a result."""
        return dict.fromkeys(self.outputs) | {self.drawn: None}


def lazy_tab(
    tab: gr.Tab,
    name: str,
    result: gr.State,
    draw: Callable[..., Values],
    view: Sequence[Component],
    outputs: Sequence[Component],
    kept: Sequence[Any] = (),
) -> LazyTab:
    """Wire a tab so that it is drawn once for each result: when it is opened, or when a run ends while it is open.

    To be called inside the tab, which gets a hidden button that the page's script presses.

    Args:
        tab: The tab, whose label in small letters the page's script knows.
        name: Of the run.
        result: Holds what `draw` takes first; it has a `token`.
        draw: See `LazyTab`.
        view: See `LazyTab`.
        outputs: See `LazyTab`.
        kept: What `draw` sets too, and a new run does not clear.
    """
    lazy = LazyTab(tab, draw, view, outputs, gr.State(time_to_live=KEPT_S))

    @in_sentences
    def show(found: Any, drawn: str | None, *values: object) -> Values:  # noqa: ANN401
        if found is None or drawn == found.token:
            return {lazy.drawn: gr.skip()}
        return draw(found, *values) | {lazy.drawn: found.token}

    trigger = gr.Button(elem_id=f"{name}-open-{str(tab.label).lower()}", elem_classes="trigger")
    inputs, changed = [result, lazy.drawn, *view], [*outputs, *kept, lazy.drawn]
    # Of a drawing that is under way when a run ends, the result is an earlier one: the tab is drawn once more after it.
    last = PRIVATE | {"trigger_mode": "always_last", "show_progress_on": outputs[0]}
    gr.on([tab.select, trigger.click], show, inputs, changed, **last)
    return lazy


def wire_run(
    name: str,
    queue: str,
    button: gr.Button,
    handler: Callable[..., Iterator[Values]],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    told: Sequence[Component],
    cards: gr.Dataset | None = None,
    contents: Mapping[str, Mapping[Component, object]] | None = None,
    chosen: ModelInputs | None = None,
    kept: Sequence[Any] = (),
) -> list[Any]:
    """Run a heavy handler on a click, and on the choice of an example, which fills its fields meanwhile.

    What an earlier run left fades meanwhile, except for what is `told` of the run.

    Args:
        name: Of the run, as in the ids of its elements.
        queue: One of `HEAVY`, see `in_turn`.
        button: Starts a run.
        handler: Takes the values of `inputs`, and yields values of `outputs`.
        inputs: The fields.
        outputs: All that the handler may set; they are cleared when a run fails.
        told: Where progress is shown, and what may show a preview.
        cards: The examples.
        contents: What each example puts into which fields, by its name.
        chosen: For an example a model is chosen, unless this was done before.
        kept: What the handler may set too, and a run that fails leaves as it is.

    Returns:
        The events that run, for a button that cancels them.
    """
    for teller in told:
        teller.elem_classes = [*teller.elem_classes, "told"]
    again = PRIVATE | {"trigger_mode": "multiple"}  # an example chosen while another runs
    heavy = in_turn(queue) | {"show_progress_on": told[0]} | again
    uploads = [field for field in inputs if isinstance(field, PhotoInput | gr.File)]
    places = [list(inputs).index(upload) for upload in uploads]
    begin = f"(...values) => (depthDemo.begun('{name}', {places}.map(place => values[place])), values)"
    button.elem_id = f"{name}-run"
    runs = [button.click(handler, inputs, [*outputs, *kept], js=begin, **heavy)]
    if cards is not None:
        brought = list((contents or {}).values())
        fields = list(brought[0]) if brought else []
        settled = [chosen.settled, chosen.model] if chosen else []

        def run_example(
            index: int,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
            *values: object,
        ) -> Iterator[Values]:
            """Run with the example's values, which are on their way to the page's fields meanwhile."""
            known, given = values[: len(settled[:1])], dict(zip(inputs, values[len(settled[:1]) :], strict=True))
            if chosen and not all(known):
                given[chosen.model] = choose_model()[0]
            yield from handler(*(given | dict(brought[index])).values(), progress=progress)

        def fill(index: int, *known: bool) -> list[object]:
            return [*brought[index].values(), *(settle_model(*known) if chosen else ())]

        # The page sees to the events of one click in turn, so the run has a click of its own.
        trigger = gr.Button(elem_id=f"{name}-example", elem_classes="trigger")
        runs.append(trigger.click(run_example, [cards, *settled[:1], *inputs], [*outputs, *kept], **heavy))
        start = f"(...values) => (depthDemo.runExample('{name}', {list(contents or ())}[values[0]]), values)"
        # In turn, so that after two quick clicks the fields hold the second example, as the result does.
        light = SILENT | {"trigger_mode": "always_last", "queue": False, "js": start}
        cards.click(fill, [cards, *settled[:1]], [*fields, *settled], **light)
    for run in runs:
        run.success(js=f"() => depthDemo.ended('{name}')", **SILENT)
        # Nothing of an earlier run stays beside inputs that it does not belong to.
        failed = f"() => (depthDemo.failed('{name}'), [])"
        run.failure(lambda: dict.fromkeys(outputs), None, list(outputs), js=failed, **SILENT)
    if uploads:
        gr.on(changes_by_hand(uploads), None, uploads, js=f"(...files) => depthDemo.chosen('{name}', files)", **SILENT)
    return runs


def changes_by_hand(uploads: Sequence[Component]) -> list[Callable[..., Any]]:
    """Return the events of uploads that a person changes, not an example."""
    photos = [field for field in uploads if isinstance(field, PhotoInput)]
    files = [field for field in uploads if isinstance(field, gr.File)]
    return [
        *(event for photo in photos for event in (photo.input, photo.upload, photo.clear)),
        *(event for file in files for event in (file.upload, file.clear, file.delete)),
    ]
