"""The paragraph beside a result: what was computed, by what, from what, and how to read it."""

from __future__ import annotations

from depth_demo.comparison.fusion import confidence_in_words
from depth_demo.comparison.results import Comparison, Estimate, Match
from depth_demo.geometry import DepthKind, FocalLength, size_text
from depth_demo.wording.alignments import fit_in_words
from depth_demo.wording.scores import metres_in_words, ssim_in_words

ONE_VIEW = "**One view**: there is no right view, so the map is scored against the truth alone."
FEW = 15.0  # % of the pixels; unrelated images match 1 %, real pairs more than 60 %
MEANINGS = {
    DepthKind.METRIC_DEPTH: "in metres; smaller is nearer",
    DepthKind.RELATIVE_DEPTH: "smaller is nearer; no unit, known only up to scale and shift",
    DepthKind.RELATIVE_INVERSE_DEPTH: "larger is nearer; no unit, known only up to scale and shift",
    DepthKind.DISPARITY: "in pixels; larger is nearer",
}


def photo_summary(estimate: Estimate, model: str, warning: str, device: str, seen: str, focal_length: FocalLength) -> str:
    """Describe an estimate.

    Args:
        estimate: The result.
        model: Title of the model.
        warning: What its maps must not be read without; "" for most models.
        device: Where it ran.
        seen: At which size the network saw the photo.
        focal_length: Behind the surface.
    """
    origin = f"{model}: {estimate.took} on {device}. The photo has {size_text(estimate.image)} pixels, {seen}."
    origin = " ".join(filter(None, (origin, warning, estimate.depth_map.remark)))
    return _map_summary(estimate, origin, focal_length)


def phone_map_summary(estimate: Estimate, description: str, focal_length: FocalLength) -> str:
    """Describe a map that came with the photo, enlarged to its size.

    Args:
        estimate: The map.
        description: Where it comes from, in a sentence.
        focal_length: Behind the surface.
    """
    origin = f"{description} The map is shown at the photo's {size_text(estimate.image)} pixels. No network ran."
    return _map_summary(estimate, origin, focal_length)


def _map_summary(estimate: Estimate, origin: str, focal_length: FocalLength) -> str:
    kind = estimate.depth_map.kind
    doubt = "**No pixel of this photo has an answer, so there is nothing to show.** " if estimate.depth_map.is_empty else ""
    shape = "in metres" if kind.unit else "a shape without metres: how far the background lies behind is a choice"
    return (
        f"{doubt}**{kind.value.capitalize()}**, {MEANINGS[kind]}. {origin}\n\n"
        f"The surface is {shape}, cut at depth edges. Focal length {focal_length.pixels:.0f} px, {focal_length.source}."
    )


def stereo_summary(match: Match) -> str:
    """Describe a match, with a doubt first where hardly anything matches."""
    rejected = 100 - match.coverage - match.band_share
    few = "Hardly anything matches: are these two views of one rectified pair?" if match.coverage < FEW else ""
    doubt = f"**{match.warning or few}** " if match.warning or few else ""
    metres = (
        "Depth Z = f B / (d + doffs) in metres; the surface takes the principal point at the image centre."
        if match.depth
        else "No calibration, so no metres: the surface shows the shape only, with an assumed focal length."
    )
    return (
        f"{doubt}**Disparity** in pixels, larger is nearer: {match.description}, "
        f"{match.took}. "
        f"{match.coverage:.1f} % of the pixels matched. {match.band_share:.1f} % lie in the unsearched band, "
        f"where the search range would leave the right view. The checks rejected the other {max(rejected, 0):.1f} %. {metres}"
    )


def comparison_summary(comparison: Comparison, truth_text: str, mask_text: str, made: str, warning: str) -> str:
    """Describe what was compared, and how the scores are to be read.

    Args:
        comparison: The result.
        truth_text: How the truth's file was understood; "" without one.
        mask_text: How the benchmark's mask was understood; "" without one.
        made: What made the monocular map: how, where and at which size.
        warning: What that map must not be read without, in sentences; "" for most models.
    """
    match = comparison.match
    stereo = (
        f"**Stereo**: {match.description}, {match.took}; {match.coverage:.1f} % of the pixels matched." if match else ONE_VIEW
    )
    mask = f"**Mask**: {mask_text} Scores marked *non-occluded* are over its pixels alone.\n\n" if mask_text else ""
    fit = fit_in_words(comparison.monocular.fair.alignment, comparison.reference.kind.unit)
    shown = "" if comparison.aligned else "; the map is shown as it came"
    return (
        f"**Truth**: {truth_text or _no_truth(comparison)}\n\n{mask}"
        f"**Monocular**: {made}; fitted to {'the ' if comparison.truth else ''}{comparison.judge}: {fit}{shown}. "
        f"{warning}\n\n{stereo}\n\n{_protocol(comparison)}"
    )


def _no_truth(comparison: Comparison) -> str:
    share = 100 * float(comparison.reference.valid.mean())
    confident = confidence_in_words(both_directions=comparison.matched.left_right_diff is not None)
    return (
        f"none was given, so the monocular map is set against the {share:.1f} % of the pixels where stereo is confident: "
        f"{confident}. The scores say how far the two agree, not which one is right; a box is a place worth looking at."
    )


def _protocol(comparison: Comparison) -> str:
    rests_on = " ".join(filter(None, (ssim_in_words(comparison), metres_in_words(comparison))))
    if comparison.truth is None:
        return f"Scores are in pixels of disparity. {rests_on}"
    if comparison.match is None:
        return (
            f"Scores are of the map after the fit, over the pixels that have truth. {rests_on} Those marked *report* are "
            "computed as in the written comparison: min-max scaling takes the place of the fit."
        )
    return (
        f"Scores marked *fair* put both methods in pixels of disparity and judge them on the same pixels. {rests_on} "
        f"Those marked *report* are computed as in the written comparison, whose min-max scaling is a "
        f"hidden alignment of the monocular map alone."
    )
