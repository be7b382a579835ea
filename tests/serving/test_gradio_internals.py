"""What the app reads of Gradio's internals is there, and a Gradio that lacks it is refused with a sentence."""

from __future__ import annotations

import asyncio

import gradio as gr
import pytest
from gradio.queueing import Queue

from depth_demo.serving import gradio_internals
from depth_demo.serving.gradio_internals import TESTED, OpenQueue, check_gradio
from tests.support.requirements import bounds_of


def test_another_gradio_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match=r"lacks Queue\.pending_messages_per_session, .* install \"gradio>=") as caught:
        check_gradio(object())
    assert TESTED in str(caught.value)
    monkeypatch.setattr(gradio_internals, "_METHODS", ((Queue, ("push", "no_such_method")),))
    with pytest.raises(RuntimeError, match=r"lacks Queue\.no_such_method"):
        check_gradio(object())


def test_the_sentence_names_the_bounds_of_the_requirements() -> None:
    assert bounds_of("gradio") == TESTED.removeprefix("gradio")


def test_an_empty_queue_is_looked_at_a_hundred_times_a_second_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def look_around() -> None:
        with gr.Blocks() as page:
            queue: Queue = page.queue()._queue
        OpenQueue(queue)

        async def note(seconds: float) -> None:
            slept.append(seconds)
            queue.stopped = len(slept) % 3 == 0

        monkeypatch.setattr(asyncio, "sleep", note)
        for task in (queue.start_processing, queue.start_progress_updates):
            queue.stopped = False
            await task()

    asyncio.run(look_around())
    assert slept == [0.01] * 3 + [0.05] * 3
