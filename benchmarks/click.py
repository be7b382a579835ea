"""What a click on an example costs: `python -m benchmarks.click [--against CHECKOUT] [rounds]`.

Every round starts the app of this checkout, then that of the other one, each as a fresh process without a Hub. Where no
weights lie on the machine, its page chooses Depth Demo Tiny. A visitor in Chromium clicks example 515, which is the first
click that a new server sees. Once all is quiet the visitor clicks example 466, and that click counts.

- The pictures are there when the last of them is loaded, decoded and takes up room on the page.
- Processor seconds are those of the server's process and its children, until all is quiet. An idle Gradio takes part in them
  with 0.05 to 0.09 s per second.
- Bytes are answers with their headers, and bodies of requests. Scripts, style sheets and what lies under /assets/ do not
  count, because a browser keeps them. Pictures count, because no visitor has seen those of 466 before.
- A server call is a POST that runs a handler, whatever it is for.

This file imports nothing of `depth_demo`: the two checkouts need only the examples, the tabs and the pictures in common.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gradio_client import Client, handle_file
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.paired import describe_machine, summarize
from benchmarks.servers import APP, CHROMIUM, ROOT, SOFTWARE_GL, Server, served, started

Sample = dict[str, float]  # by measure, of one rival in one round
WARM_UP, COUNTED = "515", "466"
PATIENCE_S = 180
QUIET_STEPS, QUIET_STEP_MS = 15, 100
IDLE = 0.15  # of one core; Gradio's queue looks for work all the time, which takes 0.05 to 0.09
CAMERA = {"focal_length_px": 658.557, "baseline_m": 0.4, "num_disparities": 160}  # of both examples
CALLS = ("/gradio_api/queue/join", "/gradio_api/run/", "/gradio_api/call/")
FRAME = "() => new Promise(requestAnimationFrame)"
# Milliseconds from the click on a card until all pictures are other ones than before, and decoded.
UNTIL_SHOWN = """async (card, {selector, count, patience}) => {
  const pictures = () => [...document.querySelectorAll(selector)];
  const before = new Set(pictures().map(picture => picture.src)), started = performance.now();
  const isNew = picture => picture.complete && picture.naturalWidth && picture.offsetWidth && !before.has(picture.src);
  card.click();
  while (pictures().length != count || !pictures().every(isNew)) {
    await new Promise(requestAnimationFrame);
    if (performance.now() - started > patience)
      throw new Error(`${pictures().filter(isNew).length} new of ${pictures().length} pictures, not ${count}: ${selector}`);
  }
  await Promise.all(pictures().map(picture => picture.decode()));
  return performance.now() - started;
}"""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the page.

    Attributes:
        name: What it is called.
        selector: CSS of the pictures that a click has to bring.
        count: How many these are.
    """

    name: str
    selector: str
    count: int


MAPS = ("Left view", "Truth", "Monocular", "Stereo", "SSIM, monocular", "SSIM, stereo")
TABS = (
    Tab("Compare", ", ".join(f'#compare-result img[alt="{alt}"]' for alt in MAPS), len(MAPS)),
    Tab("Stereo", "#match-result img[data-testid=imageslider-image]", 4),  # two sliders of two pictures
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server and its page have spent up to now."""

    processor_s: float
    wire_bytes: int
    calls: int


class Meter:
    """Reads what a server's processes and the traffic of one page amount to."""

    def __init__(self, server: Server, network: CDPSession) -> None:
        self.server = server
        self.wire_bytes = self.calls = 0
        self.received: dict[str, int] = {}  # bytes by request, of those that count
        self.packed: set[str] = set()  # requests whose answers are compressed
        network.on("Network.requestWillBeSent", self._sent)
        network.on("Network.responseReceived", self._answered)
        network.on("Network.dataReceived", self._arrived)
        network.on("Network.loadingFinished", self._finished)
        network.send("Network.enable", {"maxPostDataSize": 2**26})

    def read(self) -> Reading:
        return Reading(processor_seconds(self.server.process_id), self.wire_bytes, self.calls)

    def _sent(self, event: dict[str, Any]) -> None:
        request = event["request"]
        path = urlsplit(request["url"]).path
        if not request["url"].startswith(self.server.url) or "/assets/" in path or path.endswith((".js", ".css")):
            return
        self.received[event["requestId"]] = 0
        self.wire_bytes += len(request.get("postData", "").encode())
        self.calls += request["method"] == "POST" and path.startswith(CALLS)

    def _answered(self, event: dict[str, Any]) -> None:
        if "content-encoding" in map(str.lower, event["response"]["headers"]):
            self.packed.add(event["requestId"])

    def _arrived(self, event: dict[str, Any]) -> None:
        """Add what came; Chromium tells the length on the wire late, and of a stream that the page ends not all of it."""
        length = "encodedDataLength" if event["requestId"] in self.packed else "dataLength"
        self._add(event["requestId"], event[length])

    def _finished(self, event: dict[str, Any]) -> None:
        """Correct the request's bytes to what Chromium tells at its end: headers included, nothing for what it had kept."""
        self._add(event["requestId"], int(event["encodedDataLength"]) - self.received.get(event["requestId"], 0))

    def _add(self, request: str, size: int) -> None:
        if request in self.received:
            self.received[request] += size
            self.wire_bytes += size


def processor_seconds(process_id: int) -> float:
    """Return the seconds that a process and its children, living or waited for, have worked in all their threads."""
    ticks, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks[int(path.parent.name)] = sum(map(int, fields[11:15]))
            parents[int(path.parent.name)] = int(fields[1])
    family = {process_id}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(ticks.get(member, 0) for member in family) / os.sysconf("SC_CLK_TCK")


def until_quiet(page: Page, meter: Meter) -> Reading:
    """Wait until the server rests and sends nothing while the page has time to ask; return what was spent until then.

    Raises:
        TimeoutError: If that does not come.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        before, since = meter.read(), time.perf_counter()
        for _ in range(QUIET_STEPS):
            page.evaluate(FRAME)
            page.wait_for_timeout(QUIET_STEP_MS)
        now = meter.read()
        worked = (now.processor_s - before.processor_s) / (time.perf_counter() - since)
        if worked <= IDLE and (now.wire_bytes, now.calls) == (before.wire_bytes, before.calls):
            return before
    raise TimeoutError(f"The server is still at work after {PATIENCE_S} s.")


@contextmanager
def opened(server: Server, tab: Tab) -> Iterator[tuple[Page, Meter]]:
    """The page in a fresh Chromium, with this tab open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_GL)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(1000 * PATIENCE_S)
        meter = Meter(server, page.context.new_cdp_session(page))
        page.goto(server.url)
        page.get_by_role("tab", name=tab.name, exact=True).click()
        yield page, meter
        browser.close()


def click(page: Page, meter: Meter, tab: Tab, example: str) -> Sample:
    """Click an example's card and measure what that costs."""
    card = page.locator(".examples button", has_text=example).locator("visible=true")
    card.wait_for()
    before = until_quiet(page, meter)
    asked = {"selector": tab.selector, "count": tab.count, "patience": 1000 * PATIENCE_S}
    milliseconds: float = card.evaluate(UNTIL_SHOWN, asked)
    after = until_quiet(page, meter)
    return {
        "seconds until the last picture": milliseconds / 1000,
        "processor seconds of the server": after.processor_s - before.processor_s,
        "MB on the wire": (after.wire_bytes - before.wire_bytes) / 1e6,
        "server calls": after.calls - before.calls,
    }


def visit(root: Path, tab: Tab) -> Sample:
    """Start a checkout's app, click twice in a tab, and return both clicks' costs, the counted one first."""
    with started(APP, root=root) as server, opened(server, tab) as (page, meter):
        first, counted = [click(page, meter, tab, example) for example in (WARM_UP, COUNTED)]
    return counted | {f"first click: {measure}": value for measure, value in first.items()}


def ask(root: Path) -> Sample:
    """Start a checkout's app and call its endpoint `/compare`, which answers with everything at once."""
    since = time.perf_counter()
    with served(APP, root=root) as url:
        until_served = time.perf_counter() - since
        client = Client(url, verbose=False, download_files=False)
        compare(client, WARM_UP)
        since = time.perf_counter()
        compare(client, COUNTED)
        return {"seconds from the start to the page": until_served, "seconds of /compare": time.perf_counter() - since}


def compare(client: Client, example: str) -> None:
    """Call the endpoint with the files of this checkout, whichever app answers."""
    files = {"left": "left.png", "right": "right.png", "ground_truth": "disparity.png"}
    uploads = {name: handle_file(ROOT / "examples" / example / file) for name, file in files.items()}
    client.predict(**uploads, **CAMERA, model="depth-demo-tiny", api_name="/compare")


def in_turn(rivals: Mapping[str, Path], rounds: int, measure: Callable[[Path], Sample]) -> dict[str, list[Sample]]:
    """Measure every rival once per round; return one sample per round of each."""
    samples: dict[str, list[Sample]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, root in rivals.items():
            samples[name].append(measure(root))
    return samples


def print_table(title: str, samples: Mapping[str, Sequence[Sample]]) -> None:
    """Print a row per measure: the median of each rival and, of two, the median of the rounds' ratios."""
    ratio = ["this / other (quartiles)"] if len(samples) > 1 else []
    print(f"| {' | '.join([title, *samples, *ratio])} |")
    print("|---" * (1 + len(samples) + len(ratio)) + "|")
    for measure in samples["this"][0]:
        values = {name: [sample[measure] for sample in rounds] for name, rounds in samples.items()}
        cells = [f"{statistics.median(column):.3g}" for column in values.values()]
        if ratio:
            cells.append(str(summarize([mine / theirs for mine, theirs in zip(*values.values(), strict=True)])))
        print(f"| {' | '.join([measure, *cells])} |")
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a click on an example costs.")
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="another work tree, whose app takes turns with this one"
    )
    options = parser.parse_args()
    rivals = {"this": ROOT}
    if options.against:
        rivals["other"] = options.against.resolve(strict=True)
    print(describe_machine(("gradio", "torch", "plotly", "opencv-python-headless")))
    print(f"load {os.getloadavg()[0]:.1f} at the start\n", flush=True)
    for tab in TABS:
        print_table(f"{tab.name}, example {COUNTED}", in_turn(rivals, options.rounds, partial(visit, tab=tab)))
    print_table(f"Without a browser, example {COUNTED}", in_turn(rivals, options.rounds, ask))


if __name__ == "__main__":
    main()
