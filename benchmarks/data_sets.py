"""The figures of docs/data_set_figures.md: `python -m benchmarks.data_sets` scores the published pairs and ours anew.

Numbers only: the pictures of others stay where they are. Rows are made anew in build/data_sets; `--go-on` keeps
those of a run that was interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from depth_demo.__main__ import main as depth_demo
from depth_demo.batch.leaderboard import leaders, leaders_table, leads_in_words
from depth_demo.batch.results import Results
from depth_demo.stereo.settings import MODES

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "data_set_figures.md"
SETS = {"published": ROOT.parent / "shared" / "data" / "stereo", "bundled": ROOT / "examples"}
TITLES = {
    "published": "Ten published pairs: KITTI 2012 and 2015, Middlebury 2001 to 2014, Scene Flow",
    "bundled": "The two bundled scenes",
}
SHOWN = (
    "bad-3, all truth [%]",
    "EPE [px]",
    "fair: SSIM",
    "fair: SSIM, all truth",
    "coverage [%]",
    "report: SSIM of disparity",
)
MODEL = ["--model", "depth-demo-tiny"]


def main(arguments: Sequence[str]) -> None:
    matchers = [word for mode in MODES for word in ("--matcher", mode)]
    restart = [] if "--go-on" in arguments else ["--restart"]
    parts = []
    for name, data in SETS.items():
        if not data.is_dir():
            print(f"{data} is not there; its table stays out")
            continue
        out = ROOT / "build" / "data_sets" / name
        status = depth_demo(["score", str(data), *MODEL, *matchers, "--out", str(out), *restart])
        if status:
            raise SystemExit(status)
        parts.append(described(name, out))
    FIGURES.write_text("\n".join((HEAD, *parts)), "utf-8")
    print(FIGURES)


HEAD = """# Figures over data sets

Depth Demo Tiny 2, which is bundled, and every mode of OpenCV's matchers with the app's defaults (block matching with windows
of 9 px). `python -m benchmarks.data_sets` makes this page anew; `docs/data_sets.md` says what the columns mean.

A cell is the median over the pairs, with its quartiles. Scores that are not over all truth are on the pixels that both methods
have: the model is set beside the first matcher.
"""


def described(name: str, out: Path) -> str:
    """Return a section in Markdown: the leaderboard, and who is ahead."""
    results = Results.read(out)
    scored = [each for each in results.combinations if results.ids[each]]
    headers, rows = leaders_table(results, leaders(results, scored))
    kept = [number for number, header in enumerate(headers) if header in SHOWN]
    lines = [
        f"## {TITLES[name]}",
        "",
        f"| method | {' | '.join(headers[number] for number in kept)} |",
        f"|---|{'---|' * len(kept)}",
        *(f"| {kind}: {method} | {' | '.join(_cell(cells[number]) for number in kept)} |" for kind, method, _, cells in rows),
        "",
    ]
    if results.pairs > 2:
        lines += [f"- {combination}: {' '.join(sentences)}" for combination, sentences in leads_in_words(results, scored)]
        lines.append("")
    return "\n".join(lines)


def _cell(cell: tuple[str, str, str]) -> str:
    median, quartiles, _ = cell
    return f"**{median}** ({quartiles})" if quartiles else median


if __name__ == "__main__":
    main(sys.argv[1:])
