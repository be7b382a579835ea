"""A visitor who looks at a finished comparison while others wait: new colours, a probed pixel, an example's card."""

from __future__ import annotations

import itertools
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from benchmarks.visitors import FAILED, OK, Answer, Request, Visitor, judged

COLOURS = ("Turbo", "Viridis", "Gray", "Inferno")
EVERY_S = 2.0
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """One of the page's own, private events."""

    number: int
    queued: bool


class Bystander:
    """Uses the page as a browser does, in a session that holds a comparison.

    Raises:
        RuntimeError: If there was none to be had.
    """

    def __init__(self, visitor: Visitor) -> None:
        compared = visitor.ask(visitor.prepare(Request("compare", 0.3)))
        if compared.outcome != OK:
            raise RuntimeError(f"The bystander's own comparison {compared.outcome}: {compared.text}")
        self.client, self.looks = visitor.client, itertools.count()
        self.recolour = self._event("Colours", "change", "Each box: photo, truth, method")
        self.probe = self._event("Left view", "select", "Values of the pixel")
        self.card = self._event("Examples: one click runs them", "click", "Ground truth, optional")

    def look(self) -> list[Answer]:
        """One of each."""
        number = next(self.looks)
        pixel = {"index": [100 + number % 400, 100], "value": None}
        return [
            self._timed("recolour", self.recolour, [None, COLOURS[number % len(COLOURS)]]),
            self._timed("probe", self.probe, [None], pixel),
            self._timed("example", self.card, [number % 2]),
        ]

    def stay(self, until: float) -> list[Answer]:
        """Look every two seconds until this time of the monotonic clock."""
        answers: list[Answer] = []
        while time.monotonic() < until:
            began = time.monotonic()
            answers += self.look()
            time.sleep(max(began + EVERY_S - time.monotonic(), 0))
        return answers

    def _event(self, label: str, trigger: str, output: str) -> Event:
        """The one that this trigger of a component so labelled sets off, with an output so labelled."""
        labels = {component["id"]: component["props"].get("label") for component in self.client.config["components"]}
        for event in self.client.config["dependencies"]:
            triggers = {(labels.get(component), name) for component, name in event["targets"]}
            if (label, trigger) in triggers and output in map(labels.get, event["outputs"]):
                return Event(event["id"], event["queue"])
        raise RuntimeError(f"The page has no event {trigger} of {label} that shows {output}.")

    def _timed(self, name: str, event: Event, data: list[Any], event_data: Any = None) -> Answer:  # noqa: ANN401
        body = {"fn_index": event.number, "session_hash": self.client.session_hash, "data": data, "event_data": event_data}
        started = time.perf_counter()
        try:
            first = (self._queued if event.queued else self._at_once)(body)["data"][0]
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            outcome = judged(text)
        except (OSError, RuntimeError) as error:
            outcome, text = FAILED, str(error)
        else:
            skipped = not first or (isinstance(first, dict) and "path" not in first)
            outcome, text = (FAILED, "the session's result is gone") if skipped else (OK, "")
        return Answer(Request(name, 0), outcome, time.perf_counter() - started, text)

    def _at_once(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._opened("run/predict", body) as answer:
            return json.load(answer)

    def _queued(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._opened("queue/join", body) as answer:
            event_id = json.load(answer)["event_id"]
        with self._opened(f"queue/data?session_hash={self.client.session_hash}") as messages:
            for line in messages:
                message = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if message.get("msg") == "process_completed" and message["event_id"] == event_id:
                    if not message["success"]:
                        raise RuntimeError(str(message["output"]))
                    return message["output"]
        raise RuntimeError("the stream ended without an answer")

    def _opened(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.client.src_prefixed + path, data, {"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=PATIENCE_S)
