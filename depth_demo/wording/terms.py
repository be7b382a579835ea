"""The terms of the field, each with a sentence for those who meet it here first."""

from __future__ import annotations

import html
import re

MEANINGS = {
    "SSIM": "Structural similarity: how alike two maps are, window by window, in mean, contrast and pattern. 1 is identical.",
    "EPE": "End-point error: how far the disparity is off the truth on average, in pixels.",
    "bad-1": "Share of the pixels whose disparity is more than 1 px wrong.",
    "bad-2": "Share of the pixels whose disparity is more than 2 px wrong.",
    "bad-3": "Share of the pixels whose disparity is more than 3 px wrong.",
    "D1": "KITTI's score: share of the pixels that are more than 3 px and more than 5 % wrong.",
    "AbsRel": "Absolute relative error: how far the depth is off on average, as a share of the true depth.",
    "RMSE": "Root of the mean squared error: large errors count more than in a plain average.",
    "delta1": "Share of the pixels whose depth is within a factor of 1.25 of the truth.",
    "SILog": "Scale-invariant logarithmic error: how uneven depth over true depth is. A wrong scale alone costs nothing.",
    "SGBM": "Semi-global block matching of OpenCV: it sums the costs of a match along several paths through the picture.",
    "HH4": "Mode of OpenCV's semi-global matching: costs are summed along four paths.",
    "SGBM_3WAY": "Mode of OpenCV's semi-global matching: costs are summed along three paths, which is quickest.",
    "ZNCC": "Zero-mean normalised cross-correlation: how alike two windows are, whatever their brightness and contrast.",
    "EXIF": "Notes that a camera writes into a photo's file, such as the focal length.",
    "doffs": "Column of the right camera's principal point minus that of the left one, in pixels. It is 0 for most cameras.",
    "disparity": "How many pixels farther left a point stands in the right view than in the left one. Larger is nearer.",
    "relative inverse depth": "One divided by the distance, up to a factor and a constant that one photo cannot tell.",
    "scale and shift": "A factor and a constant that turn the numbers of a relative map into pixels.",
    "unsearched band": "Strip at the edge of the left view where the search range would leave the right view.",
    "occluded": "Seen by one of the two cameras only, as something nearer hides it from the other.",
    "ground truth": "The true distance of every point, from a laser scanner or from the program that drew the scene.",
}
_TERMS = "|".join(re.escape(term) for term in sorted(MEANINGS, key=len, reverse=True))
# What is left alone, then a term as a word of its own; capital letters count in names without any small ones.
_PLACES = re.compile(rf"<[^>]*>|`[^`]*`|\[[^\]]*\]\([^)]*\)|(?<![\w-])(?P<term>{_TERMS})(?![\w-])", re.IGNORECASE)


def explained(text: str) -> str:
    """Return Markdown or HTML in which the first mention of each term can be asked for its meaning.

    A term becomes an `<abbr>` with the meaning as its title, which the keyboard and a tap reach. Tags, code and links stay.
    """
    met = set[str]()

    def mark(place: re.Match[str]) -> str:
        written = place["term"]
        term = written and next(
            (term for term in MEANINGS if term == written or (term.islower() and term == written.lower())), ""
        )
        if not term or term in met:
            return place[0]
        met.add(term)
        return f'<abbr class="term" tabindex="0" title="{html.escape(MEANINGS[term])}">{written}</abbr>'

    return _PLACES.sub(mark, text)
