"""Every benchmark, one after another: `make bench`. What they print is shown and kept in benchmarks/RESULTS.md."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.paired import describe_machine

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
SCRIPTS: tuple[tuple[str, tuple[str, ...], str], ...] = (  # module, arguments, what it shows
    ("network", ("--rounds", "2"), "The forward pass"),
    ("engine", ("--rounds", "2", "--starts", "1"), "Graphs in OpenVINO"),
    ("other_models", ("--rounds", "3"), "Other people's networks"),
    ("click", ("2",), "A click on an example"),
    ("photo_click", ("7",), "A click, without the network"),
    ("feel", (), "What a person feels"),
    ("stereo", (), "Matching"),
    ("rectify", (), "Rectification"),
    ("subpixel", (), "Fractions of a pixel"),
    ("batch", ("12",), "A whole data set"),
    ("startup", ("3",), "From the start to the first result"),
    ("growth", (), "Time and memory against size"),
)


def printed_by(module: str, arguments: tuple[str, ...]) -> str:
    """What a benchmark prints, shown while it runs.

    Raises:
        RuntimeError: If it fails or is not there.
    """
    command = (sys.executable, "-m", f"benchmarks.{module}", *arguments)
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as script:
        for line in script.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if script.returncode:
        raise RuntimeError(f"benchmarks.{module} ended with code {script.returncode}.")
    return "".join(lines).strip()


def main() -> None:
    started = dt.datetime.now(dt.UTC)
    parts = [f"# Benchmarks\n\n`make bench`, {started:%d %B %Y}.\n\n{describe_machine()}"]
    for module, arguments, shows in SCRIPTS:
        heading = f"## {shows}: {module}"
        print(f"\n{heading}\n", flush=True)
        began = time.monotonic()
        printed = printed_by(module, arguments)
        parts.append(f"{heading}\n\n```text\n{printed}\n```\n\nIn {time.monotonic() - began:.0f} s.")
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
