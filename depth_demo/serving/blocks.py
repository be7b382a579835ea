"""Gradio's Blocks as strangers may use them: every event is written down, and what goes wrong becomes one sentence."""

from __future__ import annotations

import asyncio
import dataclasses
import html
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import gradio as gr
from gradio.blocks import Block
from starlette.routing import Route

from depth_demo.serving.api_info import describe
from depth_demo.serving.clients import Proxies
from depth_demo.serving.gradio_internals import (
    MAX_SESSION_NAME,
    Gate,
    OpenQueue,
    SlimStateHolder,
    check_gradio,
    is_lambda,
    put_before,
)
from depth_demo.serving.inputs import check_inputs, with_local_path
from depth_demo.serving.malloc import give_memory_back
from depth_demo.serving.middleware import Guard, fault_sentence
from depth_demo.serving.named_folders import NamedFolders
from depth_demo.serving.request_log import CURRENT, Entry
from depth_demo.serving.results import Kept, ResultShelf
from depth_demo.serving.sessions import Sessions
from depth_demo.serving.unread import UnreadAnswers
from depth_demo.serving.waiting_room import ASIDE, ASIDE_PLACES, WaitingRoom, address_of

KEPT_S = 3600  # for results, and for files of clients that keep no connection
GRACE_S = 30.0  # those of a page that was closed
SWEEP_S, CLEANING_S = 1.0, 10.0
DAY_S = 24 * 3600  # after which Gradio itself deletes a file, whoever may still look at it
MAX_RESULT_BYTES = 2 * 2**30
MAX_OPEN_ENTRIES = 256
MAX_EVENTS = 4096  # that wait, light ones included; without a number Gradio takes 1 on ZeroGPU, and refuses in riddles
SESSION: ContextVar[str] = ContextVar("session", default="")


@runtime_checkable
class HasLightPictures(Protocol):
    """A component that knows a smaller picture for some files, to be shown in their place."""

    def light_address(self, value: object) -> str | None:
        """Return the address of the smaller picture; None where there is none."""
        ...


class ServedBlocks(gr.Blocks):
    """Blocks with a shelf for results, sessions that end, a log, and a queue with a bound on what takes long.

    Args:
        heavy: The concurrency ids of what takes long.
        folder: Where Gradio keeps files; a path without links.
        grace_s: How long a session outlives its page [s].
        others: As gr.Blocks.
    """

    def __init__(self, heavy: frozenset[str], folder: Path, grace_s: float = GRACE_S, **others: Any) -> None:  # noqa: ANN401
        self.heavy, self.folder = heavy, folder
        self.shelf = ResultShelf(MAX_RESULT_BYTES)
        self.addresses: list[Route] = []  # addresses beside the page
        self.sessions = Sessions(folder, self._drop_state, self._drop_answers, grace_s, KEPT_S)
        self.named_folders = NamedFolders()
        self.housekeeping: list[Callable[[], object]] = []  # what else is to be done every `CLEANING_S`
        self._finished = False  # something, since the last search for garbage
        self._entries: OrderedDict[str, Entry] = OrderedDict()  # of generators, between their answers
        super().__init__(delete_cache=(KEPT_S, DAY_S), **others)

    def open_queue(self, concurrency: int, needs_download: Callable[[Sequence[object], Sequence[object]], bool]) -> None:
        """Set up the queue; to be called before anything is laid out.

        Args:
            concurrency: How many events of what does not take long are answered at once.
            needs_download: Whether an event with these fields and values will fetch something, aside from others of its room.
        """
        self.queue(default_concurrency_limit=concurrency, max_size=MAX_EVENTS, api_open=False)
        check_gradio(self._queue)
        self.event_queue = OpenQueue(self._queue)
        self.event_queue.hear_answers(UnreadAnswers(self.event_queue).add)

        async def gate(enter: Gate, body: Any, request: Any, username: str | None) -> Any:  # noqa: ANN401
            """Admit or refuse an event. Gradio's own bound counts light events too, and its refusal tells nobody anything."""
            fn = self.fns.get(body.fn_index)
            if fn is None:
                return False, f"There is no function {body.fn_index} here.", "error"
            if body.session_hash is not None and not 1 <= len(body.session_hash) <= MAX_SESSION_NAME:
                return False, f"The name of a session has 1 to {MAX_SESSION_NAME} characters.", "error"
            body.data = [with_local_path(value) for value in body.data]
            if fn.api_visibility == "public":
                body.data = [*body.data, *first_values(fn.inputs[len(body.data) :])]  # as the clients do
            if body.session_hash:
                self.sessions.claim(body.session_hash, body.data)  # while it waits, and if it is refused
            is_heavy = fn.concurrency_id in self.heavy
            room = ASIDE if is_heavy and needs_download(fn.inputs, body.data) else fn.concurrency_id
            address, waiting_room = address_of(request), self.waiting_room()
            refusal, place = waiting_room.refusal(room, address) if is_heavy else None, waiting_room.place(room, address)
            if refusal:
                body.fn_index, body.data = self._refusing, [refusal]
            has_entered, event_id, status = await enter(body, request, username)
            if has_entered and is_heavy and not refusal:
                if room == ASIDE:
                    self.event_queue.move(str(event_id), ASIDE, ASIDE_PLACES)
                self.event_queue.bring_forward(str(event_id), place)
            return has_entered, event_id, status

        self.event_queue.guard_entrance(gate)

    def get_api_info(self, *args: Any, **others: Any) -> Any:  # noqa: ANN401
        """Return what Gradio tells programs of the endpoints, in the words of the handlers' docstrings."""
        info = super().get_api_info(*args, **others)
        for fn in self.fns.values():
            endpoint = info["named_endpoints"].get(f"/{fn.api_name}")
            if endpoint and fn.fn and fn.api_visibility == "public":
                describe(endpoint, fn.fn)
        return info

    def waiting_room(self) -> WaitingRoom:
        """Return who waits for what takes long."""
        return WaitingRoom(self.event_queue, self.heavy | {ASIDE})

    def others_run(self, room: str) -> bool:
        """Return whether somebody waits, or is being answered, in another room than this one. Any thread may ask.

        Downloads aside do not count: they take minutes, and little of the processor.
        """
        others = self.heavy - {room}
        return bool(self.event_queue.waiting(others) or self.event_queue.running(others))

    def lay_out_refusal(self) -> None:
        """Lay out what answers in place of a handler whose queue is full. To be called among the components."""
        sentence = gr.Textbox(visible=False)
        refused = sentence.change(refuse, sentence, None, concurrency_limit=None, api_visibility="private")
        self._refusing: int = refused["id"]

    @asynccontextmanager
    async def guarded(self, app: Any, max_upload_bytes: int, proxies: Proxies) -> AsyncIterator[None]:  # noqa: ANN401
        """While the server runs: the guard stands before it, in place of Starlette's handler of last resort."""
        app.state_holder = SlimStateHolder(self, lambda name: self.sessions.claim(name, None))
        put_before(app, lambda inner: Guard(inner, self.sessions, max_upload_bytes, self.folder, proxies))
        sweeping = asyncio.create_task(self._sweep_on())
        try:
            yield
        finally:
            sweeping.cancel()
            self.sessions.close()

    async def _sweep_on(self) -> None:
        while True:
            for _ in range(round(CLEANING_S / SWEEP_S)):
                await asyncio.sleep(SWEEP_S)
                self.sessions.sweep()
                if gone := self.sessions.over_folders():
                    await asyncio.to_thread(self.sessions.folders.delete, gone)
            self.sessions.sweep_strays()
            for chore in self.housekeeping:
                chore()
            await asyncio.to_thread(give_memory_back, garbage=self._has_finished_and_rests())

    def _has_finished_and_rests(self) -> bool:
        """Return whether something has run since the last call, and nothing that takes long is running now."""
        if not self._finished or self.event_queue.running(self.heavy):
            return False
        self._finished = False
        return True

    def _drop_state(self, session: str) -> None:
        """Drop what a session holds. A program needs nothing between calls, and strangers could fill the memory with it."""
        if isinstance(self.state_holder, SlimStateHolder):  # while the page is served
            self.state_holder.forget(session)

    def _drop_answers(self, session: str) -> None:
        """Drop the answers that nobody fetched."""
        self.event_queue.drop_answers(session)

    async def process_api(  # type: ignore[override]
        self,
        block_fn: Any,  # noqa: ANN401
        inputs: list[Any],
        state: Any = None,  # noqa: ANN401
        session_hash: str | None = None,
        event_id: str | None = None,
        **others: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """Answer an event, or one step of it, as Gradio does, and write a line."""
        entry = self._entries.pop(event_id or "", None) or Entry(block_fn.name)
        CURRENT.set(entry)
        SESSION.set(session_hash or event_id or "")
        if (request := others.get("request")) is not None:
            self.sessions.belongs(SESSION.get(), address_of(request))
        try:
            answer = await super().process_api(block_fn, inputs, state, session_hash=session_hash, event_id=event_id, **others)
        except gr.Error as error:
            error.message = html.escape(error.message, quote=False)  # the page shows it as HTML, and it repeats what came
            entry.write("refused")
            raise
        except Exception as error:
            entry.write_fault(error)
            raise gr.Error(fault_sentence(entry.id), print_exception=False) from error
        if answer.get("is_generating") and event_id:
            self._entries[event_id] = entry
            while len(self._entries) > MAX_OPEN_ENTRIES:
                self._entries.popitem(last=False)
        elif not is_lambda(block_fn):
            self._finished = True
            entry.write("ok")
        return answer

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *others: Any) -> list[Any]:  # noqa: ANN401
        """Check the inputs, read them as Gradio does, and put each result in place of its handle."""
        try:
            check_inputs(block_fn.inputs, inputs, self.folder)
            self.sessions.claim(SESSION.get(), inputs)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from error
        given = await super().preprocess_data(block_fn, inputs, *others)
        try:
            return [self.shelf.get(value) if isinstance(value, Kept) else value for value in given]
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from error

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:  # noqa: ANN401
        """Write the outputs as Gradio does. Results go to the shelf, and files become the session's."""
        outputs = block_fn.outputs
        if isinstance(predictions, dict) and all(isinstance(key, Block) for key in predictions):  # values by component
            predictions = {output: self._shelved(value, output) for output, value in predictions.items()}
        elif len(outputs) == 1:
            predictions = self._shelved(predictions, outputs[0])
        elif isinstance(predictions, list | tuple):
            predictions = [self._shelved(value, output) for value, output in zip(predictions, outputs, strict=False)]
        with self.sessions.writing():
            data = await super().postprocess_data(block_fn, predictions, state)
            self.sessions.claim(SESSION.get(), data)
        for output, value in zip(outputs, data, strict=False):
            address = output.light_address(value) if isinstance(output, HasLightPictures) else None
            if address:
                value["url"] = address
        return data

    def _shelved(self, value: object, output: object) -> object:
        """Return what a state is to hold: for a result, which is a dataclass, its handle."""
        is_result = isinstance(output, gr.State) and dataclasses.is_dataclass(value)
        return self.shelf.keep(value) if is_result else value


def first_values(fields: Sequence[object]) -> list[object]:
    """Return what the page shows at first in its fields."""
    return [getattr(field, "value", None) for field in fields]


def refuse(sentence: str) -> None:
    """Tell it."""
    raise gr.Error(sentence, title="Busy", print_exception=False)
