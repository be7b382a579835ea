"""What a visitor asks of a run over a data set, and how far it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depth_demo.batch.job import MaskUse, MatcherChoice

MOST_MODELS, MOST_MATCHERS, MOST_COMBINATIONS = 3, 4, 6  # all models of a run are in memory together
USUAL_PAIRS = 20
MOST_PAIRS, MOST_S = 200, 600.0  # of a run on a shared server, where others wait for their turn


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a run goes; None for no limit."""

    pairs: int | None = None
    seconds: float | None = None


OWN_MACHINE, SHARED = Limits(), Limits(MOST_PAIRS, MOST_S)


@dataclass(frozen=True, slots=True)
class AskedRun:
    """What a visitor asks for.

    Attributes:
        models, matchers: Of which every model is compared with every matcher.
        mask: As `Job.mask`.
        limit: Only the first so many pairs; 0 takes all.
        num_disparities: Search range for all pairs [px]; 0 takes the data set's, or the matcher's own.
    """

    models: Sequence[str]
    matchers: Sequence[str]
    mask: MaskUse
    limit: int = USUAL_PAIRS
    num_disparities: int = 0

    def check(self) -> None:
        """Refuse what is out of bounds, before anything is loaded.

        Raises:
            ValueError: If it is.
        """
        for what, names, most in (("model", self.models, MOST_MODELS), ("matcher", self.matchers, MOST_MATCHERS)):
            if not 1 <= len(names) <= most:
                raise ValueError(f"Choose 1 to {most} {what}s, not {len(names)}.")
        combinations = len(self.models) * len(self.matchers)
        if combinations > MOST_COMBINATIONS:
            raise ValueError(f"Choose up to {MOST_COMBINATIONS} combinations of model and matcher, not {combinations}.")
        if self.limit < 0:
            raise ValueError(f"The number of pairs must be 0 for all, or more, not {self.limit}.")
        for matcher in self.matchers:
            MatcherChoice.parse(matcher).over(self.num_disparities or None)  # which refuses what it does not accept
