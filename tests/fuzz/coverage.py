"""Coverage-guided fuzzing of one decoder: `python -m tests.fuzz.coverage DECODER SECONDS [FOLDER]`, on Linux.

It goes on after a finding: each kind is kept once in FOLDER, with the input that shows it; counts are in summary.json.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import atheris

# Neither formats.truth nor NumPy, which compare whole arrays: atheris 3.0.0 never frees such a comparison.
_OURS = [
    f"depth_demo.formats.{name}"
    for name in ("arrays", "cameras", "containers", "pictures", "pnm", "tables", "tiff", "untrusted")
]
with atheris.instrument_imports(include=[*_OURS, "PIL", "zipfile", "json"], enable_loader_override=False):
    from tests.fuzz.decoders import DECODERS, HANG_S, MAX_ALLOCATION, answer, unchanged


class Run:
    """One decoder's fuzzing: what came in, and what was found."""

    def __init__(self, name: str, folder: Path, scratch: Path) -> None:
        self.decoder, self.folder, self.path = DECODERS[name], folder, scratch / "input.bin"
        self.counts = {"inputs": 0, "accepted": 0}
        self.slowest_s = 0.0
        self.findings: dict[str, int] = {}
        self.began = self.written = time.monotonic()

    def one(self, data: bytes) -> None:
        """One input; its last byte says whether it is repaired first."""
        content = self.decoder.repair(data[:-1]) if data[-1:] > b"\x7f" else data[:-1]
        self.counts["inputs"] += 1
        start = time.monotonic()
        try:
            self.counts["accepted"] += not answer(self.decoder, content, self.path)
        except BaseException as error:  # noqa: BLE001 - whatever is no ValueError with a sentence is what is looked for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self._note(f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno} {str(error)[:60]!r}", content)
        duration = time.monotonic() - start
        if duration > HANG_S:
            self._note(f"slow: {duration:.0f} s", content)
        self.slowest_s = max(self.slowest_s, duration)
        if time.monotonic() - self.written > 5:
            self.summarise()

    def _note(self, finding: str, content: bytes) -> None:
        if finding not in self.findings and len(self.findings) < 200:
            (self.folder / f"finding{len(self.findings)}.bin").write_bytes(content)
            self.findings[finding] = 0
        if finding in self.findings:
            self.findings[finding] += 1

    def summarise(self) -> None:
        self.written = time.monotonic()
        summary = {
            **self.counts,
            "seconds": round(self.written - self.began),
            "slowest_s": round(self.slowest_s, 3),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "findings": self.findings,
        }
        (self.folder / "summary.json").write_text(json.dumps(summary, indent=1))


def main() -> None:
    """Fuzz the decoder named on the command line."""
    name, seconds = sys.argv[1:3]
    scratch = Path(tempfile.mkdtemp(prefix="fuzz"))
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else scratch / "findings"
    corpus = scratch / "corpus"
    for place in (folder, corpus):
        place.mkdir(parents=True)
    decoder = DECODERS[name]
    for number, seed in enumerate(decoder.seeds()):
        for last in (b"\0",) if decoder.repair is unchanged else (b"\0", b"\xff"):
            (corpus / f"seed{number}{last.hex()}").write_bytes(seed + last)
    warnings.simplefilter("ignore")
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MAX_ALLOCATION, taken + MAX_ALLOCATION))
    run = Run(name, folder, scratch)
    limits = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=6000", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], run.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
