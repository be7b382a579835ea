"""What many pairs say, in words: who is ahead, and whether the way of scoring turns that round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depth_demo.evaluation.summary import INTERVAL_PERCENT, Lead, Spread

NONE = "-"
SPREADS = (
    f"Each cell is the median over the pairs, below it the quartiles, and in brackets the {INTERVAL_PERCENT} % bootstrap "
    "interval of the median over pairs: what other pairs of this kind could have given."
)


def spread_cell(spread: Spread | None, form: str) -> tuple[str, str, str]:
    """Return a median, its quartiles and its interval as texts; "-" and nothing where no pair has the score."""
    if spread is None:
        return NONE, "", ""
    written = [form.format(value) for value in (spread.median, spread.low, spread.high, spread.sure_low, spread.sure_high)]
    return written[0], f"{written[1]} to {written[2]}", f"[{written[3]}, {written[4]}]"


def lead_in_words(name: str, found: Lead | None, first: str = "stereo", second: str = "the monocular map") -> str:
    """Say in one sentence in how many pairs the first is ahead in a score, and how sure that is."""
    if found is None:
        return f"In {name} no pair tells them apart."
    share = f"{found.sure_low:.0f} to {found.sure_high:.0f} %"
    if found.sure_low > 50:
        verdict = f"{first} is ahead"
    elif found.sure_high < 50:
        verdict = f"{second} is ahead"
    else:
        verdict = "that leaves open who is ahead"
    counted = f"{first} is better in {found.ahead} of {found.pairs} pairs"
    return f"In {name} {counted} ({INTERVAL_PERCENT} % interval {share}): {verdict}."


def protocols_in_words(medians: Mapping[str, tuple[float, float]]) -> str:
    """Say whether ways of computing SSIM agree on who is ahead.

    Args:
        medians: Of the monocular map and of stereo, by what the score is called.
    """
    ahead: dict[bool, list[str]] = {True: [], False: []}
    for name, (monocular, stereo) in medians.items():
        if monocular != stereo:
            ahead[monocular > stereo].append(f"{name} ({monocular:.3f} against {stereo:.3f})")
    if not any(ahead.values()):
        return ""
    if all(ahead.values()):
        return (
            f"**How SSIM is computed decides who wins**: the monocular map has the higher median in {_listed(ahead[True])}, "
            f"stereo in {_listed(ahead[False])}."
        )
    who = "the monocular map" if ahead[True] else "stereo"
    return f"All ways of computing SSIM agree: {who} has the higher median in {_listed(ahead[True] or ahead[False])}."


def counts_in_words(scored: int, total: int, refused: int) -> str:
    """Say how many pairs were scored, of how many, and how many could not be."""
    pairs = f"{scored:,} pair{'' if scored == 1 else 's'}"
    of_all = "" if scored + refused == total else f" of {total:,}"
    left_out = f" {refused:,} could not be scored wholly; they are listed below with the reason." if refused else ""
    return f"{pairs}{of_all}.{left_out}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def pairs_in_words(done: int, total: int, errors: int) -> str:
    """Say how many pairs have a row, and how many rows say why there are no scores."""
    with_errors = f", {errors:,} with an error" if errors else ""
    return f"{done:,} of {total:,} pair{'' if total == 1 else 's'} done{with_errors}"


def end_in_words(done: int, total: int, errors: int, left_out: int, why: str = "", most: int | None = None) -> str:
    """Say how a run over a data set ended.

    Args:
        done: Pairs that have a row.
        total: Pairs that were asked for.
        errors: Rows that say why there are no scores, or not all of them.
        left_out: Further pairs of the data set.
        why: A sentence on what ended the run early; "" if nothing did.
        most: Pairs that a run of this server takes at most; None for no bound.
    """
    said = [f"{pairs_in_words(done, total, errors)}."]
    if why:
        said.append(why)
    if done < total:
        said.append("What was scored is kept. **Score** goes on with the next pair.")
    if left_out:
        more = f"The data set holds {left_out:,} more pair{'' if left_out == 1 else 's'}"
        larger = "a larger limit takes them" if left_out > 1 else "a larger limit takes it"
        said.append(f"{more}: {larger if most is None or total < most else f'this server takes up to {most:,} in a run'}.")
    return " ".join(said)
