"""Panel of the tab "Stereo": local, global and semi-global matching side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import gradio as gr

from depth_demo.comparison.families import MAX_WIDTH, Families, FamilyMatch, match_families
from depth_demo.comparison.upright import upright_map
from depth_demo.examples import find_example
from depth_demo.formats.photos import load_views
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import StereoPair, size_text
from depth_demo.render.maps import render_map, value_range
from depth_demo.serving.blocks import KEPT_S
from depth_demo.stereo.reference.costs import Cost
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.matcher_form import MatcherInputs, range_fields
from depth_demo.ui.outputs import picture
from depth_demo.ui.rectifying import RectifiedPair, current
from depth_demo.ui.run import MATCHER_QUEUE, PRIVATE, SILENT, Values, wire_run

LOCAL_COSTS: tuple[tuple[str, Cost], ...] = (("SAD", "SAD"), ("SSD", "SSD"), ("NCC (zero-mean)", "ZNCC"), ("Census", "census"))
FAMILIES = ("Local", "Global", "Semi-global")
NOTE = f"""Three ways to match the two views above over the search range above, reduced to at most {MAX_WIDTH} px of width so
that they answer in seconds. What each minimises stands below its map."""


def match_files(
    left: str | None,
    right: str | None,
    min_disparity: int,
    num_disparities: int,
    cost: Cost,
    window: int,
    progress: gr.Progress,
    made: RectifiedPair | None = None,
) -> tuple[Families, StereoPair]:
    """Match a pair by each family, and score the bundled examples, whose truth is known; return the given pair too."""
    progress(0.0, "Reading the images")
    if made := current(made, left, right):
        pair = made.pair(None)
    else:
        views = load_views(left, right)
        example = find_example(left, right)
        truth = load_ground_truth(example.disparity, "disparity").depth_map if example else None
        pair = StereoPair(*views, ground_truth=truth)
    progress(0.2, "Matching three times")
    found = match_families(pair, min_disparity, num_disparities, cost, window)
    if made and made.found.is_turned:
        found = replace(found, matches=tuple(replace(one, disparity=upright_map(one.disparity)) for one in found.matches))
    return found, pair


def on_color_map(result: Families | None, color_map: str) -> object:
    return maps(result, color_map) if result else tuple(gr.skip() for _ in range(4))


def maps(result: Families, color_map: str) -> tuple[object, ...]:
    """Draw one map per family, and the truth if there is one, all in the colours of one range of values."""
    truth = result.pair.ground_truth
    limits = value_range(truth or result.matches[-1].disparity)
    drawn = (render_map(match.disparity, color_map, limits) for match in result.matches)
    return *drawn, gr.update(value=render_map(truth, color_map, limits) if truth else None, visible=truth is not None)


def caption(match: FamilyMatch) -> str:
    """Describe one family in words."""
    matched = f"{match.seconds:.2f} s; {match.coverage:.1f} % of the pixels matched."
    if match.evaluation and match.evaluation.errors and match.evaluation.errors_all:
        found, everywhere = match.evaluation.errors, match.evaluation.errors_all
        matched += (
            f" **Bad-3 {found.bad_3:.1f} %** and **EPE {found.epe_px:.2f} px** where matched; "
            f"bad-3 {everywhere.bad_3:.1f} % over all truth, a hole counting as wrong."
        )
    return f"**{match.name}.** {match.minimises}\n\n{matched}"


def summary(result: Families, given: StereoPair) -> str:
    """Say on which pixels, by whose code, and against which truth."""
    at = f"{size_text(result.pair.left)} pixels"
    size = f"On {at}" if result.factor == 1 else f"Reduced from {size_text(given.left)} to {at} ({100 * result.factor:.0f} %)"
    truth = (
        "Errors are in pixels of this size, against the example's truth sampled to it: bad-3 is the share that is more "
        "than 3 px wrong, EPE the mean error."
        if given.ground_truth
        else "There are errors on the bundled examples only, whose truth is known."
    )
    band = max(result.disparities.stop, 0)
    return (
        f"{size}, {result.disparities[0]} to {result.disparities[-1]} px. The first two matchers are ours, on grey values, in "
        f"whole pixels; SGBM is OpenCV's with the app's default settings, whatever the fields say. All three discard matches "
        f"that right-to-left matching does not confirm within 1 px. SGBM cannot search the leftmost {band} columns and "
        f"leaves them empty. {truth}"
    )


def build_families_panel(
    left: gr.Image, right: gr.Image, matcher: MatcherInputs, color_map: gr.Dropdown, made: gr.State
) -> None:
    """Lay out the panel below the tab's own fields, and wire it; `made` tells whether the pair was rectified here."""
    with gr.Accordion("Local, global, semi-global: the three families on this pair", open=False):
        gr.Markdown(NOTE)
        with gr.Row(elem_id="families-inputs"):
            cost = gr.Radio(list(LOCAL_COSTS), value="SAD", label="Local cost", info="How the local matcher compares windows.")
            window = gr.Slider(3, 31, 9, step=2, label="Window [px]", info="Wide: less noise, edges fray.")
        run = gr.Button("Match by all three", variant="primary")
        pictures, captions = [], []
        with gr.Column(elem_id="families-result"):
            about = gr.Markdown(min_height=90)
            with gr.Row():
                for family in FAMILIES:
                    with gr.Column(min_width=280):
                        pictures.append(picture(family))
                        captions.append(gr.Markdown())
                truth = picture("Truth", visible=False)
    result = gr.State(time_to_live=KEPT_S)

    @in_sentences
    def on_run(
        left: str | None,
        right: str | None,
        min_disparity: int,
        num_disparities: int,
        cost: Cost,
        window: int,
        color_map: str,
        made: RectifiedPair | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        found, pair = match_files(left, right, min_disparity, num_disparities, cost, window, progress, made)
        texts = dict(zip(captions, map(caption, found.matches), strict=True))
        drawn = dict(zip([*pictures, truth], maps(found, color_map), strict=True))
        yield drawn | texts | {about: summary(found, pair), result: found}

    inputs = [left, right, *range_fields(matcher)[:2], cost, window, color_map, made]
    outputs = [*pictures, truth, *captions, about, result]
    wire_run("families", MATCHER_QUEUE, run, on_run, inputs, outputs, told=[about])
    views: list[gr.Image] = [left, right]  # an example changes them too, and runs only what stands above
    gr.on([view.change for view in views], None, views, js="(...files) => depthDemo.chosen('families', files)", **SILENT)
    color_map.change(on_color_map, [result, color_map], [*pictures, truth], **PRIVATE)
