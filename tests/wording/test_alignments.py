"""The table holds the scores, and the sentence says exactly where the winner changes."""

from __future__ import annotations

import numpy as np

from depth_demo.evaluation.alignment import Alignment, AlignmentMode
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.evaluation.errors import DepthErrors, DisparityErrors
from depth_demo.evaluation.metrics import FairScores
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, alignment_table, what_flips


def scores(mode: AlignmentMode, epe: float, bad_3: float, bad_3_all: float, ssim: float) -> AlignedScores:
    fit = Alignment(2.0, 1.0, 1000, 0.25)
    return AlignedScores(mode, fit, ssim, errors(epe, bad_3), errors(epe, bad_3_all))


def errors(epe: float, bad_3: float) -> DisparityErrors:
    return DisparityErrors(1000, epe, 0, 0, 0, bad_3, 0)


STEREO = FairScores(
    0.9, np.zeros((1, 1), np.float32), 0.8, 90, 50, errors=errors(1.0, 5.0), errors_all=errors(1.0, 15.0),
    depth=DepthErrors(0.05, 1, 97.25, 4.0),
)  # fmt: skip


def test_the_table() -> None:
    inverted = AlignedScores("scale + shift", Alignment(-2, 1, 1000, 0.25))
    rows = alignment_table([scores("none", 2.0, 20.0, 21.0, 0.5), inverted], STEREO)
    assert all(len(row) == len(ALIGNMENT_HEADERS) for row in rows)
    fit = "disparity = 2 \N{MULTIPLICATION SIGN} value + 1 px, residual 0.25 px"
    assert rows[0] == ("none", "2.00", "20.0", "21.0", "-", "-", "0.5000", fit)
    assert rows[1] == ("scale + shift", *["-"] * 6, "inverted")
    assert rows[2] == ("stereo, as matched", "1.00", "5.0", "15.0", "0.050", "97.2", "0.9000", "-")


def test_what_flips_is_named_with_its_modes() -> None:
    rows = [
        scores("none", 9.0, 90.0, 90.0, 0.3),
        scores("median", 0.9, 8.0, 10.0, 0.7),
        scores("scale", 0.8, 7.0, 9.0, 0.8),
    ]
    assert what_flips(rows, STEREO) == (
        "The alignment decides who wins: in EPE and bad-3 over all truth the monocular map is ahead with median and scale, "
        "stereo with every other."
    )


def test_fits_that_are_all_inverted_decide_nothing() -> None:
    inverted = AlignedScores("scale + shift", Alignment(-2, 1, 1000, 0.25))
    assert what_flips([scores("none", 0.5, 1.0, 1.0, 0.99), inverted], STEREO).startswith("No fit counts")


def test_nothing_flips() -> None:
    behind = [scores("none", 9.0, 90.0, 90.0, 0.3), scores("scale", 1.0, 6.0, 16.0, 0.8)]  # 1.00 px each is no lead
    said = "No alignment changes who wins: stereo is ahead in EPE, bad-3, bad-3 over all truth, AbsRel, delta1 "
    said += "and SSIM where both have answers."
    assert what_flips(behind, STEREO) == said
    mixed = [scores("none", 0.5, 90.0, 90.0, 0.3), scores("scale", 0.5, 6.0, 16.0, 0.8)]
    assert what_flips(mixed, STEREO).endswith(
        "stereo is ahead in bad-3, bad-3 over all truth, AbsRel, delta1 and SSIM where both have answers, "
        "the monocular map is ahead in EPE."
    )
