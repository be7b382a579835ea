"""What a click does that runs a model or a matcher, from the click to the last of its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.inputs import ModelInputs, settle_model
from depth_demo.ui.outputs import Downloads, PhotoInput, Surface

MODEL_QUEUE, MATCHER_QUEUE = "model", "matcher"  # of what takes long, one at a time for all visitors
HEAVY = frozenset({MODEL_QUEUE, MATCHER_QUEUE})
PICTURES_MS = 300  # that a surface waits for the pictures beside it, at most
CSS = """
[data-run=begun] > :not(.told), [data-run=outdated] > * { opacity: 0.35; }
[data-run=begun] > :not(.told, .tabs), [data-run=begun] .tabitem { pointer-events: none; }
[data-run=outdated]::before { content: "The pictures were changed after this run: run again."; }
[data-run]:not([data-run=failed]) .late:not([data-made]) { visibility: hidden; }
"""
SILENT: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def one_at_a_time(queue: str) -> dict[str, Any]:
    """For an event of one of `HEAVY`."""
    return {"concurrency_id": queue, "concurrency_limit": 1}


def make_late(make: object) -> tuple[object, object]:
    """For a state and its output: what makes the output is given up before; who finds nothing comes after another run."""
    return (None, make) if make else (gr.skip(), gr.skip())


def compute_on(
    button: gr.Button,
    cards: gr.Dataset,
    contents: Sequence[Mapping[Any, object]],
    handler: Callable[..., object],
    inputs: Sequence[gr.components.Component],
    outputs: Sequence[gr.components.Component],
    api_name: str,
    queue: str,
    told: Sequence[gr.components.Component],
    chosen: ModelInputs | None = None,
) -> None:
    """Run a heavy handler on a click and on the choice of an example, one of each `queue` at a time for all visitors.

    `contents` is what each example puts into which fields. With `chosen`, an example waits until a model is chosen.
    The page shows everything else before it makes `Surface` and `Downloads`, and does not wait for the one to show the
    other; the endpoint `api_name` answers with all at once. The page's fields lie in the elements
    `<api_name>-inputs` and `<api_name>-result`. The latter's `data-run` is "begun", "done", "failed" or, when other
    pictures are chosen, "outdated"; what an earlier run left fades meanwhile, and no click changes how it is drawn, but for
    what is `told` of the run: its progress in the first of these, a preview in all.
    """
    heavy = one_at_a_time(queue) | {"show_progress_on": told[0]}
    again: dict[str, Any] = {"trigger_mode": "multiple", "api_visibility": "private"}  # an example chosen while another runs
    gr.Button(visible=False).click(handler, inputs, outputs, api_name=api_name, **heavy)
    # First, as the page waits for one answer to a click before it sees to the next: a preview does not stand beside what an
    # earlier run left.
    uploads = [field for field in inputs if isinstance(field, PhotoInput | gr.File)]
    button.click(None, uploads, js=begun(api_name), **SILENT)
    cards.click(js=begun(api_name), **SILENT)
    late = {output: gr.State(time_to_live=KEPT_S) for output in outputs if isinstance(output, Surface | Downloads)}
    for number, output in enumerate(late):
        output.elem_id, output.elem_classes = f"{api_name}-late-{number}", [*output.elem_classes, "late"]
        output.change(js=_made(api_name, output.elem_id), **SILENT)
    for teller in told:
        teller.elem_classes = [*teller.elem_classes, "told"]
    shown = [late[output] if isinstance(output, Surface | Downloads) else output for output in outputs]
    clicked = button.click(handler, inputs, shown, **again, **heavy)
    fields = list(contents[0]) if contents else []
    filled = cards.click(lambda index: contents[index], cards, fields, show_progress="hidden", **again)
    if chosen is not None:
        settled = [chosen.settled, chosen.model]
        filled = filled.then(settle_model, chosen.settled, settled, show_progress="hidden", **again)
    example = filled.then(handler, inputs, shown, **again, **heavy)
    for last in (clicked, example):
        last.success(js=ended(api_name), **SILENT)
        events = [last]
        for output, maker in late.items():
            events.append(events[-1].success(make_late, maker, [maker, output], js=_once_shown(api_name), **again))
        for event in events:  # nothing of an earlier run stays beside inputs that it does not belong to
            event.failure(lambda: [None] * len(outputs), None, list(outputs), js=failed(api_name), **SILENT)
    gr.on(changes_by_hand(uploads), None, uploads, js=outdated(api_name), **SILENT)


def changes_by_hand(inputs: Sequence[gr.components.Component]) -> list[Callable[..., Any]]:
    """The events of uploads that are changed, but not by an example."""
    photos = [field for field in inputs if isinstance(field, PhotoInput)]
    files = [field for field in inputs if isinstance(field, gr.File)]
    return [
        *(event for photo in photos for event in (photo.input, photo.upload, photo.clear)),
        *(event for file in files for event in (file.upload, file.clear, file.delete)),
    ]


def begun(api_name: str) -> str:
    """JavaScript: what is made late hides (to take a drawing down would keep the browser busy); show where results come.

    Its arguments are the uploads that the run is of; an example's are not there yet.
    """
    return f"""(...uploads) => {{
      for (const late of document.querySelectorAll("[id^={api_name}-late-]")) delete late.dataset.made;
      const result = document.getElementById("{api_name}-result");
      result.dataset.run = "begun";
      result.dataset.of = JSON.stringify(uploads.map(file => file?.path));
      delete result.dataset.changed;
      {_on_a_phone_show(f"{api_name}-result")}
    }}"""


def ended(api_name: str) -> str:
    """JavaScript: the results are there, of the pictures chosen now or of earlier ones."""
    return f"""() => {{
      const result = document.getElementById("{api_name}-result");
      result.dataset.run = "changed" in result.dataset ? "outdated" : "done";
    }}"""


def failed(api_name: str) -> str:
    """JavaScript: nothing is waited for; show what is to be corrected."""
    return f"""() => {{
      const result = document.getElementById("{api_name}-result");
      result.dataset.run = "failed";
      delete result.dataset.of;
      {_on_a_phone_show(f"{api_name}-inputs")}
      return [];
    }}"""


def _made(api_name: str, element: str) -> str:
    """JavaScript: show what was made late; while a run goes on it is an earlier one's, in a tab that is opened only now."""
    return f"""() => {{
      if (document.getElementById("{api_name}-result").dataset.run != "begun")
        document.getElementById("{element}").dataset.made = "";
    }}"""


def outdated(api_name: str) -> str:
    """JavaScript: other uploads are chosen than those of the results, or these again.

    The event may come after the run that it precedes: it tells what is chosen, not that something was changed.
    """
    return f"""(...uploads) => {{
      const result = document.getElementById("{api_name}-result");
      if (!result) return;  // in what was never opened
      const same = uploads.length && result.dataset.of == JSON.stringify(uploads.map(file => file?.path));
      result.toggleAttribute("data-changed", !same);
      if (["done", "outdated"].includes(result.dataset.run)) result.dataset.run = same ? "done" : "outdated";
    }}"""


def _once_shown(api_name: str) -> str:
    """JavaScript that waits: what is drawn next may keep the browser busy for a while, and so may a picture."""
    return f"""async make => {{
      const shown = async () => {{
        for (const _ of [1, 2]) await new Promise(requestAnimationFrame);  // until then the earlier pictures may be there
        const pictures = [...document.querySelectorAll("#{api_name}-result img")];
        await Promise.allSettled(pictures.map(picture => picture.decode()));
      }};
      await Promise.race([shown(), new Promise(done => setTimeout(done, {PICTURES_MS}))]);
      return [make];
    }}"""


def _on_a_phone_show(element: str) -> str:
    """JavaScript: on a phone results are below the settings."""
    return f"""if (innerWidth < 700) document.getElementById("{element}").scrollIntoView()"""
