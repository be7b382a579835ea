"""The benchmarks, one after another. What they print is shown, and kept in benchmarks/RESULTS.md with a summary on top.

    python -m benchmarks             # about five minutes on two idle cores
    python -m benchmarks --full      # all of them
    python -m benchmarks --only network stereo

Sections of RESULTS.md that did not run stay as they are, with the day and the machine on which they did.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
QUICK: dict[str, tuple[tuple[str, ...], str]] = {  # module: arguments, what it shows
    "network": (("--rounds", "4", "--sizes", "vits-518x518", "vits-518x924"), "The forward pass"),
    "engine": (("--starts", "1"), "Engines from the start"),
    "stereo": ((), "Matching"),
    "startup": (("3",), "From the start to the first result"),
}
SLOW: dict[str, tuple[tuple[str, ...], str]] = {
    "other_models": (("--rounds", "3"), "Other people's networks"),
    "click": (("2",), "A click on an example"),
    "photo_click": (("7",), "A click, without the network"),
    "feel": ((), "What a person feels"),
    "rectify": ((), "Rectification"),
    "subpixel": ((), "Fractions of a pixel"),
    "batch": (("12",), "A whole data set"),
    "replicas": (("5",), "Many visitors, several processes"),
    "growth": ((), "Time and memory against size"),
}
LEAD = re.compile(r"^(?P<what>.+): (?P<ours>ours.*) is (?P<ratio>\S+ \(.+?\)) times as fast as (?P<rival>.+)$", re.MULTILINE)
MACHINE = re.compile(r"^(.+, \d+ cores \(.+?\))", re.MULTILINE)  # as paired.describe_machine begins


def printed_by(module: str, arguments: tuple[str, ...]) -> str:
    """Return what a benchmark prints, shown while it runs.

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


def read_sections(text: str) -> dict[str, str]:
    """Return the sections of RESULTS.md by their headings, without the summary."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {heading: body.strip() for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def summarize(sections: dict[str, str]) -> str:
    """Return a table of ours against each rival, from what the sections printed, with the processor of each."""
    lines = ["| | ours | rival | ours is so many times as fast (quartiles) | processor |", "|---|---|---|---|---|"]
    for body in sections.values():
        machine = MACHINE.search(body)
        on = machine[1] if machine else "not named"
        lines += [
            "| {what} | {ours} | {rival} | {ratio} | {on} |".format(on=on, **match.groupdict())
            for match in LEAD.finditer(body)
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--full", action="store_true", help="run the slow ones too")
    chosen.add_argument("--only", nargs="+", choices=tuple(QUICK | SLOW), default=(), metavar="NAME", help="run these")
    options = parser.parse_args()
    sections = read_sections(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    scripts = QUICK | SLOW
    for module in options.only or (scripts if options.full else QUICK):
        arguments, shows = scripts[module]
        heading = f"{shows}: {module}"
        print(f"\n## {heading}\n", flush=True)
        began = time.monotonic()
        printed = printed_by(module, arguments)
        took = f"In {time.monotonic() - began:.0f} s, {dt.datetime.now(dt.UTC):%d %B %Y}."
        sections[heading] = f"```text\n{printed}\n```\n\n{took}"
    parts = [
        "# Benchmarks\n\nBy `make bench` and `python -m benchmarks --full`. Each row and each section names its processor."
    ]
    parts.append(summarize(sections))
    parts.extend(f"## {heading}\n\n{body}" for heading, body in sections.items())
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
