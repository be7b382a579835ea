"""From the start to the first result: `python -m benchmarks.startup [rounds]`.

An empty Gradio page and the demo are started in turn, each time as a fresh process, and timed until the page answers
200. Then Chromium counts the bytes of a first visit, and a client that comes at once waits for its first estimate.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from gradio_client import Client, handle_file
from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.paired import describe_machine
from benchmarks.servers import APP, CHROMIUM, SOFTWARE_GL, served
from depth_demo.examples import list_examples
from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.models import DEFAULT, TINY, ModelSpec
from tests.support.official import random_state_dict

EMPTY = """
import sys, gradio
with gradio.Blocks(analytics_enabled=False) as page:
    gradio.Markdown("empty")
page.launch(server_port=int(sys.argv[1]), ssr_mode=False)
"""
LATER = 3  # estimates after the first one


def time_to_page(*command: str) -> tuple[float, float]:
    """Wall and processor seconds from the start of a process until its page is served."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with served(command):
        wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_pages(rounds: int) -> None:
    print("| until the page is served | empty page | demo | ratio |")
    print("|---|---|---|---|")
    time_to_page("-c", EMPTY)  # warms the disk
    time_to_page(*APP)
    pairs = [(time_to_page("-c", EMPTY), time_to_page(*APP)) for _ in range(rounds)]
    for column, name in enumerate(("seconds", "processor seconds")):
        empty, demo = ([page[column] for page in pages] for pages in zip(*pairs, strict=True))
        ratios = [ours / bare for ours, bare in zip(demo, empty, strict=True)]
        medians = " | ".join(f"{statistics.median(values):.2f}" for values in (empty, demo, ratios))
        print(f"| {name} | {medians} ({min(ratios):.2f} to {max(ratios):.2f}) |")


def weigh_page() -> None:
    """Bytes over the wire, as the browser counts them, of all that a first visit fetches."""
    sizes: list[int] = []
    with served(APP) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_GL)
        page = browser.new_page()
        network: CDPSession = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(url)
        page.get_by_text("Weights are fetched once").or_(page.get_by_text("is not on this machine")).first.wait_for()
        page.wait_for_timeout(2000)  # what is fetched after the page can be seen
        browser.close()
    print(f"\nA first visit: {len(sizes)} requests, {sum(sizes) / 1e6:.2f} MB over the wire (goal: at most 1.5).")


def first_estimates(row: ModelSpec, variables: Mapping[str, str]) -> tuple[float, float]:
    """Seconds that a client waits for its first estimate, asked for once the page is served, and for later ones."""
    photo = list_examples()[0].left
    with served(APP, variables) as url:
        client = Client(url, verbose=False, download_files=False)
        seconds = []
        for _ in range(1 + LATER):
            started = time.perf_counter()
            client.predict(handle_file(photo), api_name="/estimate", model=row.name)
            seconds.append(time.perf_counter() - started)
    return seconds[0], statistics.median(seconds[1:])


def compare_estimates() -> None:
    print("\n| cold start, nobody saw the page | first estimate s | later ones s | difference s (goal: 3.5) |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        torch.save(random_state_dict(VARIANTS["vits"]), Path(folder) / DEFAULT.files[0].name)
        for row in (TINY, DEFAULT):
            first, later = first_estimates(row, {WEIGHTS_VARIABLE: folder})
            print(f"| {row.title} | {first:.2f} | {later:.2f} | {first - later:.2f} |")


def main() -> None:
    print(describe_machine(("gradio", "torch", "plotly", "opencv-python-headless")), end="\n\n")
    compare_pages(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    weigh_page()
    compare_estimates()


if __name__ == "__main__":
    main()
