"""A run over a data set for a visitor: bounded, giving way to others between two pairs, and kept when it ends.

The rows lie in a folder of the visitor's session. The same click goes on where an earlier one ended.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from depth_demo.batch import glance
from depth_demo.batch.data_set import DataSet
from depth_demo.batch.job import Job
from depth_demo.batch.leaderboard import leads_in_words
from depth_demo.batch.report import FILE as REPORT
from depth_demo.batch.report import write_report
from depth_demo.batch.results import Results
from depth_demo.batch.rows import FILE as ROWS
from depth_demo.batch.rows import read_rows
from depth_demo.batch.run import Progress, score_dataset
from depth_demo.batch.table import FILE as TABLE
from depth_demo.batch.work import Load, Scored, score_sample
from depth_demo.datasets import Sample
from depth_demo.formats.writers import safe_name
from depth_demo.monocular.models import find_model
from depth_demo.serving.request_log import note
from depth_demo.ui.asked_run import MOST_S, AskedRun, Limits
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import StoppedError, stop_if_asked
from depth_demo.wording.data_set import end_in_words

MOST_SHOWN = 1000  # rows of the table on the page; the files hold all
GIVE_WAY_S, LOOK_S = 30.0, 0.05  # how long a pair waits for others' runs, and how often it looks
LONG_TABLE, TELL_S = 100, 0.5  # rows, from which on the page is told only so often
SHOWN_ERRORS = 3
HERE = "the demo's server"  # in the rows, which a visitor takes away
MARKDOWN = re.compile(r"[\\`*_~\[\]#$|]")
STOPPED = "The run was stopped."
TIME_IS_UP = f"The run ended after {MOST_S / 60:.0f} minutes, as others may wait for their turn."


@dataclass(frozen=True, slots=True, eq=False)
class ScoredSet:
    """What a run is about, for whoever opens a pair of it.

    Attributes:
        data: The data set.
        job: What was done.
        folder: Of the rows.
    """

    data: DataSet
    job: Job
    folder: Path

    def save(self, folder: Path) -> list[Path]:
        """Copy the report, the table and the rows into a folder, named after the data set."""
        names = [name for name in (REPORT, TABLE, ROWS) if (self.folder / name).is_file()]
        stem = safe_name(self.data.name)
        return [Path(shutil.copyfile(self.folder / name, folder / f"{stem}_{name}")) for name in names]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run as the page shows it.

    Attributes:
        scored: What it is about.
        headers, rows: Of the table; the latest rows, if there are many.
        progress: How far it is.
        words: How it ended, in Markdown; "" while it goes on.
    """

    scored: ScoredSet
    headers: list[str]
    rows: list[list[glance.Cell]]
    progress: Progress
    words: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether this is the last one."""
        return bool(self.words)

    @property
    def table(self) -> dict[str, object]:
        """The table as Gradio takes it."""
        return {"headers": self.headers, "data": self.rows}


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores data sets for visitors.

    Attributes:
        shared: Holds the model that is loaded.
        others_run: Tells whether other visitors wait for a run, or have one.
    """

    shared: Shared
    others_run: Callable[[], bool]

    def run(
        self, data: DataSet, asked: AskedRun, place: Path, limits: Limits, progress: gr.Progress
    ) -> Generator[Snapshot, None, None]:
        """Score the pairs one after another, and tell how far the run is; whoever stops asking ends it.

        Args:
            data: The data set.
            asked: What is done.
            place: For a folder of rows, that of an earlier run of the same.
            limits: Of the run.
            progress: Is told of the models that are loaded first.

        Raises:
            ValueError: If nothing can be scored.
        """
        asked.check()
        job, load = self._loaded(asked, progress)
        count = min(filter(None, (asked.limit, limits.pairs, len(data.samples))))
        samples = data.samples[:count]
        scored = ScoredSet(data, job, place / _digest(data, job))
        note(model=",".join(job.models), pairs=count)
        masked = job.mask == "nonocc" and any(sample.has_mask for sample in samples)
        rows = _rows_so_far(scored, {sample.name for sample in samples}, masked=masked)
        shown = Snapshot(scored, glance.columns(job, masked=masked), [], Progress(0, count, 0))
        why, told, started = "", 0.0, time.monotonic()

        def engine(todo: Sequence[Sample], job: Job) -> Iterator[Scored]:
            for sample in todo:
                self._give_way()
                found = score_sample(sample, job, load)
                yield replace(found, row=found.row | {"host": HERE})

        try:
            with closing(
                score_dataset(samples, job, scored.folder, engine, data=data.root, called=data.name)  # type: ignore[arg-type]
            ) as run:
                for latest in run:
                    if latest.row:
                        rows[str(latest.row["id"])] = glance.cells(latest.row, job, masked=masked)
                    shown = replace(shown, rows=list(rows.values())[-MOST_SHOWN:], progress=latest)
                    if len(rows) < LONG_TABLE or time.monotonic() - told > TELL_S:
                        told = time.monotonic()
                        yield shown
                    if limits.seconds and time.monotonic() - started > limits.seconds and latest.done < count:
                        why = TIME_IS_UP
                        break
        except StoppedError:
            why = STOPPED
        except (ValueError, OSError) as error:
            if not rows:
                raise ValueError(str(error)) from error
            why = str(error)
        yield replace(shown, words=self._end(shown, why, limits))

    def _loaded(self, asked: AskedRun, progress: gr.Progress) -> tuple[Job, Load]:
        """Load all models, which may download them, and return what is done with each pair, and what gives a model."""
        loaded = {}
        for name in asked.models:
            progress(0.0, f"Loading {find_model(name).title}")
            loaded[name] = self.shared.shelf.get(name, progress)
        checkpoints = [estimator.sha256 for estimator in loaded.values()]
        job = Job.prepare(
            asked.models, asked.matchers, checkpoints, mask=asked.mask, num_disparities=asked.num_disparities or None
        )
        return job, lambda name, _: loaded[name]

    def _give_way(self) -> None:
        """Let others' runs go first, for a while.

        Raises:
            StoppedError: If the visitor wants the run to end.
        """
        until = time.monotonic() + GIVE_WAY_S
        while self.others_run() and time.monotonic() < until:
            stop_if_asked()
            time.sleep(LOOK_S)
        stop_if_asked()

    def _end(self, shown: Snapshot, why: str, limits: Limits) -> str:
        """Write the report of what is there, and return how the run ended, in words."""
        data, progress = shown.scored.data, shown.progress
        left_out = len(data.samples) - progress.total
        said = end_in_words(progress.done, progress.total, progress.errors, left_out, why, limits.pairs)
        said += _errors_in_words(shown)
        with suppress(ValueError, OSError):  # where there is no row, or no room
            write_report(shown.scored.folder, data.samples)
            results = Results.read(shown.scored.folder)
            scored = [combination for combination in results.combinations if results.ids[combination]]
            for name, leads in leads_in_words(results, scored):
                said += f"\n\n**{name}**\n\n" + "\n".join(f"- {lead}" for lead in leads)
        return said


def _errors_in_words(shown: Snapshot) -> str:
    """Return the first errors as a list; the table and the report have all of them."""
    place = shown.headers.index(glance.ERROR)
    failed = [row for row in shown.rows if row[place]]
    lines = "".join(f"\n- {as_it_is(str(row[0]))}: {as_it_is(str(row[place]))}" for row in failed[:SHOWN_ERRORS])
    return f"\n\n**Why pairs have no scores**{' (the first ones)' if failed[SHOWN_ERRORS:] else ''}\n{lines}" if failed else ""


def as_it_is(text: str) -> str:
    """Return words of a file or of its name so that Markdown shows them as they are."""
    return html.escape(MARKDOWN.sub(r"\\\g<0>", text), quote=False)


def _digest(data: DataSet, job: Job) -> str:
    """Return a name for the folder of rows, one for each data set and all that its rows depend on."""
    told = json.dumps([str(data.root), data.name, job.settings()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _rows_so_far(scored: ScoredSet, names: set[str], *, masked: bool) -> dict[str, list[glance.Cell]]:
    """Return the cells of the rows that an earlier run left, of these pairs."""
    if not (scored.folder / ROWS).is_file():
        return {}
    rows = read_rows(scored.folder)
    next(rows, None)
    return {str(row["id"]): glance.cells(row, scored.job, masked=masked) for row in rows if row["id"] in names}
