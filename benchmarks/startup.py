"""How much later than an empty Gradio page the demo is served: `python benchmarks/startup.py [rounds]`.

Both are started in turn, each time as a fresh process, and timed until the page answers 200. Machines are noisy, so
what counts is the median of the paired ratios; the processor seconds beside it are steadier.
"""

from __future__ import annotations

import os
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
EMPTY = """
import sys, gradio
with gradio.Blocks(analytics_enabled=False) as page:
    gradio.Markdown("empty")
page.launch(server_port=int(sys.argv[1]), ssr_mode=False)
"""


def time_to_page(*command: str) -> tuple[float, float]:
    """Wall and processor seconds from the start of a process until its page is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    server = subprocess.Popen([sys.executable, *command, port], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while not answers(f"http://127.0.0.1:{port}/"):
        if server.poll() is not None:
            sys.exit(f"the server ended with code {server.returncode}")
        time.sleep(0.01)
    wall = time.perf_counter() - started
    server.kill()
    server.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ratios: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        empty, demo = time_to_page("-c", EMPTY), time_to_page("app.py", "--port")
        if number:  # the first round warms the disk
            ratios.append((demo[0] / empty[0], demo[1] / empty[1]))
            print(f"empty {empty[0]:.2f} s ({empty[1]:.2f} s cpu), demo {demo[0]:.2f} s ({demo[1]:.2f} s cpu)")
    wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"the demo's page comes {wall:.2f} times as late as an empty one, for {cpu:.2f} times the processor time")


if __name__ == "__main__":
    main()
