"""Tab "Data set": every pair of a data set is scored, while a table grows."""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from depth_demo.batch import glance
from depth_demo.batch.job import MaskUse
from depth_demo.formats.archives import BOUNDS
from depth_demo.monocular.models import MODELS, TINY
from depth_demo.serving.blocks import KEPT_S, ServedBlocks
from depth_demo.stereo.matcher import MATCHERS
from depth_demo.stereo.settings import MODES
from depth_demo.ui.address import Shareable
from depth_demo.ui.asked_run import MOST_MATCHERS, MOST_MODELS, MOST_PAIRS, MOST_S, OWN_MACHINE, SHARED, USUAL_PAIRS, AskedRun
from depth_demo.ui.endpoints import documented
from depth_demo.ui.given_data import GivenData
from depth_demo.ui.inputs import in_sentences, own
from depth_demo.ui.models import model_choices
from depth_demo.ui.outputs import ArchiveInput, Downloads
from depth_demo.ui.panels.open_pair import pair_values
from depth_demo.ui.run import DATA_SET_QUEUE, PRIVATE, SILENT, Values, in_turn, wire_run
from depth_demo.ui.scoring import ScoredSet, Scorer, Snapshot
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_button
from depth_demo.ui.tabs.compare import CompareTab
from depth_demo.wording.data_set import pairs_in_words
from depth_demo.wording.durations import about
from depth_demo.wording.terms import explained

ZIP_SAYS = (
    "The layout is recognised: KITTI, Middlebury, ETH3D, Sintel, Virtual KITTI, Cityscapes, a table `pairs.csv`, or a folder "
    f"for each pair with `left.*`, `right.*` and `disparity.*`. A ZIP holds {BOUNDS.in_words()}."
)
RUNS_SAY = (
    f"On a shared server a run takes up to {MOST_PAIRS} pairs and {MOST_S / 60:.0f} minutes. Data sets are scored one after "
    "another, and between two pairs other visitors' runs go first. **Score** goes on where an earlier run ended."
)
MASKS = [("Non-occluded pixels too, where the data set says which", "nonocc"), ("All pixels only", "all")]
WAITING = "Here a table grows while the pairs are scored: a row for each pair."
TABLE_SAYS = (
    "Choose a row by a tap, or by arrow keys and Enter, to open its pair. The menu **⋮** in the head of a column sorts and "
    "filters; it is there while the head is chosen. Compare takes the first model and the first matcher."
)
WIDTHS = {glance.PAIR: "150px", glance.SIZE: "120px", glance.SECONDS: "90px", glance.ERROR: "900px", glance.REMARK: "300px"}
SCORE_WIDTH = "130px"
NEWS = {1: "A quarter of the pairs is done.", 2: "Half of the pairs are done.", 3: "Three quarters of the pairs are done."}
STOP, STOPPING = "Stop", "Stopping after this pair"
CHOOSE = "Open a pair in Compare"


class DataSetTab:
    """The tab's fields and results, laid out and wired."""

    def __init__(self, shared: Shared, demo: ServedBlocks, compare: CompareTab) -> None:
        self.demo, self.compare, self.given = demo, compare, GivenData(demo)
        self.scorer = Scorer(shared, partial(demo.others_run, DATA_SET_QUEUE))
        with gr.Row():
            with gr.Column(scale=4, min_width=320, elem_id="score-inputs"):
                archive = ArchiveInput(label="Data set as a ZIP", file_types=[".zip"], height=150)
                own(archive)
                self.folder = folder = gr.Textbox(label="Or a folder", visible=False, max_lines=1, elem_id="score-folder")
                found = gr.Markdown(visible=False, elem_id="score-found")
                run = gr.Button("Score", variant="primary")
                stop = stop_button()
                gr.Markdown(RUNS_SAY)
                fields = self._settings()
                with gr.Accordion("What a ZIP may hold", open=False):
                    gr.Markdown(ZIP_SAYS)
            with gr.Column(scale=6, min_width=320, elem_id="score-result"):
                self._lay_out_results()
        self.stop = stop
        stop.click(lambda: gr.Button(STOPPING), None, stop, queue=False, **SILENT)
        # Not when it is uploaded: the page's own handler of a change closes the messages before it, and comes later than that.
        given = gr.on([archive.change, folder.submit], self.on_given, [archive, folder], found, **PRIVATE)
        for nothing_found in (archive.clear, given.failure):
            nothing_found(lambda: gr.Markdown(visible=False), None, found, queue=False, **SILENT)
        wire_run(
            "score", DATA_SET_QUEUE, run, self.on_run, [archive, folder, *fields.values()], [self.words],
            told=[self.words, self.table, self.how, self.onward],
            kept=[self.table, self.scored, self.files, self.chosen, self.onward, self.how, stop],
        )  # fmt: skip
        self.table.select(self.on_row, None, [self.chosen, self.onward], queue=False, **SILENT)
        opens = [
            compare.left, compare.right, compare.preflight.brought, compare.truth, *compare.reading, compare.mask,
            compare.phones_own, *compare.camera.filled, compare.camera.file, compare.chosen.model, compare.chosen.settled,
            compare.chosen.resolution, compare.chosen.input_size, *compare.matcher.all,
        ]  # fmt: skip
        opened = self.onward.click(self.on_open, [self.scored, self.chosen], opens, **PRIVATE)
        opened.success(js="() => (depthDemo.carry('Compare', []), [])", **SILENT)
        self.shareable = Shareable("data set", "score", fields, {})
        self.shareable.watch()
        gr.Button(visible=False).click(
            self.on_score, [archive, *fields.values(), folder], [self.words, self.table, self.files],
            api_name="score_data_set", **in_turn(DATA_SET_QUEUE),
        )  # fmt: skip

    def _settings(self) -> dict[str, Component]:
        """Lay out the fields, by the names that the endpoint has for them."""
        photos = [choice for choice in model_choices() if MODELS[choice[1]].frames == 1]
        quick = f"{TINY.title} is quick and comes with the app. Others are better."
        models = gr.Dropdown(
            photos, value=[TINY.name], multiselect=True, max_choices=MOST_MODELS, label="Models",
            info=f"{quick} Every model is compared with every matcher.",
        )  # fmt: skip
        others = list(MATCHERS)[1:]  # the default one's modes are named instead
        matchers = gr.Dropdown(
            ["auto", *MODES, *others], value=["auto"], multiselect=True, max_choices=MOST_MATCHERS, label="Matchers",
            info="Modes of OpenCV's matchers. auto takes HH4, and for large views SGBM_3WAY.",
        )  # fmt: skip
        mask = gr.Radio(MASKS, value="nonocc", label="Pixels")
        with gr.Row():
            limit = gr.Number(
                USUAL_PAIRS, precision=0, minimum=0, label="Pairs at most", info="The first ones. 0 takes all.", min_width=120
            )
            search = gr.Number(
                0, precision=0, minimum=0, step=16, label="num_disparities [px]", min_width=120,
                info="Search range of all pairs. 0 takes the data set's, or 128.",
            )  # fmt: skip
        return {"models": models, "matchers": matchers, "mask": mask, "limit": limit, "num_disparities": search}

    def _lay_out_results(self) -> None:
        self.scored, self.chosen = gr.State(time_to_live=KEPT_S), gr.State(time_to_live=KEPT_S)
        self.words = gr.Markdown(WAITING, label="Scores of the data set", min_height=90, elem_id="score-words")
        self.table = gr.Dataframe(
            label="Pairs", interactive=False, visible=False, max_height=520, show_search="search", pinned_columns=1, wrap=True,
            elem_classes=["table", "pairs"], elem_id="score-table", buttons=[],
        )  # fmt: skip
        self.how = gr.Markdown(TABLE_SAYS, visible=False)
        self.onward = gr.Button(CHOOSE, size="sm", interactive=False, visible=False, elem_id="score-open")
        self.files = Downloads(label="Files", file_count="multiple", interactive=False, visible=False, elem_id="score-files")

    def offer_folder(self, request: gr.Request) -> object:
        """Show the field for a folder to whoever may name one."""
        if not self.demo.named_folders.is_offered(request):
            return gr.skip()
        within = self.demo.named_folders.within
        info = f"Within {within.name}, which this server offers." if within else "On this machine, such as /home/me/kitti."
        return gr.Textbox(visible=True, info=info)

    @in_sentences
    def on_given(self, archive: str | None, folder: str | None, request: gr.Request) -> object:
        """Unpack a ZIP or look into a folder, and say what was found."""
        if not archive and not (folder or "").strip():
            return gr.Markdown(visible=False)
        return gr.Markdown(self.given.find(archive, folder, request).in_words(), visible=True)

    @in_sentences
    def on_run(
        self,
        archive: str | None,
        folder: str | None,
        models: list[str],
        matchers: list[str],
        mask: MaskUse,
        limit: float | None,
        num_disparities: float | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        """Show the table as it grows, then what it says, and the files."""
        yield {self.stop: gr.Button(STOP), self.chosen: None, self.onward: gr.Button(CHOOSE, interactive=False)}
        shown: Snapshot | None = None
        asked = AskedRun(models, matchers, mask, int(limit or 0), int(num_disparities or 0))
        for snapshot in self._run(archive, folder, asked, request, progress):
            values: Values = {self.table: snapshot.table, self.words: explained(snapshot.words) or under_way(snapshot)}
            if shown is None:
                kinds: Any = glance.datatypes(snapshot.headers)
                widths: list[str | int] = [WIDTHS.get(header, SCORE_WIDTH) for header in snapshot.headers]
                values[self.table] = gr.Dataframe(snapshot.table, datatype=kinds, column_widths=widths, visible=True)
                values |= {
                    self.scored: snapshot.scored,
                    self.how: gr.Markdown(visible=True),
                    self.onward: gr.Button(visible=True),
                    self.files: gr.File(visible=False),
                }
            if snapshot.has_ended:
                values[self.files] = gr.File(snapshot.scored.save, visible=True)
            shown = snapshot
            yield values

    def on_row(self, event: gr.SelectData) -> tuple[object, object]:
        """Take the pair of the row that was chosen, wherever sorting has put it."""
        row = event.row_value
        name = str(row[0]) if isinstance(row, list) and row and row[0] else None
        if name is None:
            return gr.skip(), gr.skip()
        return name, gr.Button(f"Open {name} in Compare", interactive=True)

    @in_sentences
    def on_open(self, scored: ScoredSet | None, name: str | None) -> Values:
        """Fill the fields of Compare with a pair."""
        if scored is None:
            raise ValueError("There is no result yet: score a data set first.")
        values, cut = pair_values(self.compare, scored, name)
        if cut:
            gr.Info(cut)
        return values

    @in_sentences
    @documented
    def on_score(
        self,
        data_set: str | None = None,
        models: list[str] = [TINY.name],  # noqa: B006 (Gradio shows it)
        matchers: list[str] = ["auto"],  # noqa: B006
        mask: MaskUse = "nonocc",
        limit: float | None = USUAL_PAIRS,
        num_disparities: float | None = 0,
        folder: str | None = None,
        request: gr.Request = None,  # type: ignore[assignment]
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[str, object, object]:
        """Score a whole data set of stereo pairs against its ground truth: every model with every matcher.

        A pair that cannot be scored becomes a row that says why, and the run goes on. Runs take turns on the server, which
        bounds them.

        Args:
            data_set: A ZIP with the data set: KITTI, Middlebury, ETH3D, Sintel, Virtual KITTI, Cityscapes, a table pairs.csv,
                or a folder for each pair with left, right and disparity.
            models: Names of monocular models, up to three.
            matchers: Modes of OpenCV's matchers, or names of other matchers, up to four. At most six combinations of model and
                matcher are scored.
            mask: "nonocc" also scores the pixels that a benchmark's mask counts, where the data set has one; "all" does not.
            limit: Only the first so many pairs are scored; 0 takes all. A shared server takes up to 200, in up to 10 minutes.
            num_disparities: Search range of all pairs [px], a multiple of 16; 0 takes the data set's, or 128.
            folder: A folder of the server's machine, in place of a ZIP, where the server offers that.

        Returns:
            summary: How many pairs were scored, and who is ahead (Markdown).
            pairs: A table: a row for each pair with its main scores, seconds, and the error if there is one.
            files: The report on one page (HTML), all scores as a table (CSV), and all rows (JSON lines).
        """
        asked = AskedRun(models, matchers, mask, int(limit or 0), int(num_disparities or 0))
        *_, last = self._run(data_set, folder, asked, request, progress, tell=True)
        self.given.forget()  # a program opens no pair
        return last.words, last.table, last.scored.save

    def _run(
        self,
        archive: str | None,
        folder: str | None,
        asked: AskedRun,
        request: gr.Request,
        progress: gr.Progress,
        *,
        tell: bool = False,
    ) -> Iterator[Snapshot]:
        """Score what was given; keep its folders meanwhile, whatever becomes of the page."""
        asked.check()
        data = self.given.find(archive, folder, request)
        place = self.given.results()
        limits = OWN_MACHINE if self.demo.named_folders.is_own(request) else SHARED
        folders = self.demo.sessions.folders
        with folders.in_use(place), folders.in_use(data.root):
            for snapshot in self.scorer.run(data, asked, place, limits, progress):
                if tell:
                    done, total = snapshot.progress.done, snapshot.progress.total
                    progress(done / total, f"Pair {min(done + 1, total)} of {total}")
                yield snapshot
        self.given.forget_results()


def under_way(snapshot: Snapshot) -> str:
    """Write a bar, which pair comes next, and how long it will take, as HTML."""
    progress = snapshot.progress
    percent, pair = f"{progress.done / progress.total:.0%}", min(progress.done + 1, progress.total)
    left = f", {about(progress.seconds_left)} left" if progress.seconds_left else ""
    news = NEWS.get(4 * progress.done // progress.total, "")
    said = html.escape(pairs_in_words(progress.done, progress.total, progress.errors))
    head = f"<strong>Pair {pair} of {progress.total}</strong>{left} &ndash; {percent}"
    return (
        f'<div class="steps under-way"><span class="unseen-text news">{news}</span><p>{head}</p>'
        f'<div class="bar"><div style="width: {percent}"></div></div><ul><li>{said}.</li></ul></div>'
    )
