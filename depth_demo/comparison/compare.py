"""Score an estimate and a match of one pair; no model and no matcher runs here."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from depth_demo.comparison.fusion import MIN_CONFIDENT, confident_stereo
from depth_demo.comparison.one_view import align_one_view, aligned_by
from depth_demo.comparison.results import Comparison, Estimate, Match, Scores
from depth_demo.evaluation.alignment_scores import AlignedScores, score_alignments
from depth_demo.evaluation.failures import Method, find_failures, structure_loss
from depth_demo.evaluation.metrics import FairScores, as_disparity, evaluate, evaluate_counted
from depth_demo.evaluation.region_errors import measure_regions
from depth_demo.evaluation.regions import find_regions
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.stereo.unseen import keep_in_view, keep_judged


def compare_results(estimated: Estimate, matched: Match, *, boxes: bool = True) -> Comparison:
    """Score both methods against the pair's ground truth, or the estimate against confident stereo.

    What a view of the pair does not show is judged nowhere.

    Args:
        estimated: Depth from the left view alone.
        matched: Depth from both views, with the pair.
        boxes: Whether to look for the boxes where each method fails; tables over many pairs have no use for them.

    Raises:
        ValueError: If the truth is depth and there is no calibration, or there is neither truth nor confident stereo.
    """
    pair = matched.pair
    truth = pair.ground_truth and as_disparity(pair.ground_truth, pair.calibration)
    if pair.seen:
        truth = truth and keep_judged(truth, pair.seen)
        estimated = replace(estimated, depth_map=keep_in_view(estimated.depth_map, pair.seen[0]))
    reference = truth or _stand_in(matched)
    common = matched.disparity.valid & estimated.depth_map.valid
    score = partial(evaluate, reference=reference, calibration=pair.calibration, mask=common)
    with ThreadPoolExecutor(2) as threads:  # beside this one; NumPy leaves the interpreter free
        scoring: list[Future[FairScores]] = [threads.submit(score, m) for m in (estimated.depth_map, matched.disparity)]
        finding = threads.submit(find_regions, pair.left, reference, matched.unsearched, pair.labels)
        monocular, stereo = (scored.result() for scored in scoring)
        regions = finding.result()
        aligned = aligned_by(estimated.depth_map, monocular)
        losses = structure_loss(monocular, reference), structure_loss(stereo, reference)

        def located(method: Method, fair: FairScores, disparity: DepthMap | None) -> Scores:
            if disparity is None:
                return Scores(fair, (), (), None if pair.counted is None else fair)
            own, other = losses if method == "monocular" else losses[::-1]
            failures = find_failures(method, own, other, disparity, reference, regions) if boxes else ()
            counted = pair.counted
            inside = None if counted is None else evaluate_counted(disparity, reference, counted, pair.calibration, common)
            return Scores(fair, failures, measure_regions(disparity, reference, regions), inside)

        locating = threads.submit(located, "monocular", monocular, aligned)
        locating_stereo = truth and threads.submit(located, "stereo", stereo, matched.disparity)
    return Comparison(
        views=pair,
        estimate=estimated,
        match=matched,
        judge="truth" if truth else "confident stereo",
        reference=reference,
        aligned=aligned,
        monocular=locating.result(),
        stereo=locating_stereo.result() if locating_stereo else None,
    )


def _stand_in(matched: Match) -> DepthMap:
    """Return stereo where it is confident, to judge by where there is no truth."""
    confident = confident_stereo(matched.disparity, matched.left_right_diff)
    if np.count_nonzero(confident) < MIN_CONFIDENT:
        raise ValueError(
            "There is neither ground truth nor confident stereo to set the monocular map against: choose a file that holds "
            "the left view's disparity or depth, or check that these are the two views of one scene."
        )
    return DepthMap(np.where(confident, matched.disparity.values, np.float32(np.nan)), DepthKind.DISPARITY)


def align(comparison: Comparison, fitted_to: Literal["truth", "stereo"]) -> tuple[AlignedScores, ...]:
    """Score the monocular map under every alignment, fitted to the truth or to confident stereo.

    Without truth, and of one view, both are the same.

    Raises:
        ValueError: If fewer than two confident pixels are there to fit to.
    """
    match, monocular, camera = comparison.match, comparison.estimate.depth_map, comparison.views.calibration
    if match is None:
        return align_one_view(comparison)
    reference = comparison.reference
    common = match.disparity.valid & monocular.valid & reference.valid
    target, where = reference, common
    if fitted_to == "stereo":
        target, where = match.disparity, confident_stereo(match.disparity, match.left_right_diff)
    return score_alignments(monocular, reference, common, target, where, camera)
