"""What is done with every pair of a data set: which models, which matchers, and how."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import depth_demo
from depth_demo.monocular.hub import fingerprint, locate
from depth_demo.monocular.input_size import AS_PUBLISHED
from depth_demo.monocular.models import find_model
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import MATCHERS
from depth_demo.stereo.settings import MODES, SgbmSettings

MaskUse = Literal["nonocc", "all"]
MASK_USES: tuple[MaskUse, ...] = get_args(MaskUse)
BM_BLOCK_PX = 9  # block matching takes larger windows than the default of the other modes
NOT_COMPUTING = frozenset({"render", "serving", "training", "ui", "wording"})  # packages that no number depends on


@dataclass(frozen=True, slots=True)
class MatcherChoice:
    """A matcher as it was asked for.

    Attributes:
        label: The words that asked for it, such as "HH4" or "BM:block_size=15".
        settings: What they mean.
        has_range: Whether they say how many disparities are searched.
    """

    label: str
    settings: MatcherSettings
    has_range: bool = False

    @classmethod
    def parse(cls, label: str) -> MatcherChoice:
        """Read a mode of OpenCV's matchers, or the name of another matcher, with settings behind a colon.

        Raises:
            ValueError: If there is no such mode, matcher or setting, or it does not accept the value.
        """
        name, _, rest = label.partition(":")
        given = dict(_setting(part) for part in rest.split(",") if part)
        if name in {"auto", *MODES}:
            given = {"mode": name, **({"block_size": BM_BLOCK_PX} if name == "BM" else {}), **given}
            settings_type: type[Any] = SgbmSettings
        elif name in tuple(MATCHERS):
            settings_type = MATCHERS[name].settings_type
        else:
            raise ValueError(f"The matcher must be {' or '.join(('auto', *MODES, *MATCHERS))}, not {name!r}.")
        known = [field.name for field in dataclasses.fields(settings_type)]
        for field in given:
            if field not in known:
                raise ValueError(f"The matcher {name} has no setting {field!r}; it has {', '.join(known)}.")
        return cls(label, settings_type(**given), "num_disparities" in given)

    def over(self, num_disparities: int | None) -> MatcherSettings:
        """Return the settings with a search range [px], unless they have their own or there is none to take."""
        if self.has_range or num_disparities is None:
            return self.settings
        settings: MatcherSettings = dataclasses.replace(self.settings, num_disparities=num_disparities)
        return settings


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with every pair. It travels to other machines, and holds no pixels.

    Attributes:
        models: Names of monocular models.
        matchers: Stereo matchers; every model is compared with every one.
        checkpoints: SHA-256 of the files of each model, as `fingerprint` gives it; "" for a model without files.
        resolution: At which the models see the photos.
        mask: "nonocc" also scores the pixels that a benchmark's mask counts, where the data set has one; "all" does not.
        num_disparities: Search range for all pairs [px]; None takes the data set's, or the matcher's own.
        flip: Whether each model also runs on the mirrored view, which tells how far it doubts itself.
        threads: Of the processor for a network, whose number its last digits depend on; None leaves it as it is.
        maps: A folder for the maps of every pair; None keeps none.
        code: A checksum of the program.
    """

    models: tuple[str, ...]
    matchers: tuple[MatcherChoice, ...]
    checkpoints: tuple[str, ...] = ()
    resolution: str = AS_PUBLISHED
    mask: MaskUse = "nonocc"
    num_disparities: int | None = None
    flip: bool = False
    threads: int | None = None
    maps: Path | None = None
    code: str = ""

    @classmethod
    def prepare(
        cls,
        models: Sequence[str],
        matchers: Sequence[str],
        checkpoints: Sequence[str] | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Job:
        """Check what was asked for, and find the weights of every model, which may download them.

        Args:
            models: Names of models.
            matchers: As for `MatcherChoice.parse`.
            checkpoints: Of models that are loaded already; None finds them.
            more: Other fields.

        Raises:
            ValueError: If a name is unknown or stands there twice.
            WeightsUnavailableError: If the weights of a model cannot be had.
        """
        for what, names in (("model", models), ("matcher", matchers)):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"The {what} {twice} is named twice.")
        choices = tuple(MatcherChoice.parse(label) for label in matchers)
        specs = [find_model(name) for name in models]
        if checkpoints is None:
            checkpoints = [fingerprint(spec, locate(spec)) for spec in specs]
        return cls(tuple(models), choices, tuple(checkpoints), code=code_checksum(), **more)

    def settings(self) -> dict[str, Any]:
        """Return all that the numbers of a row depend on, as JSON holds it; rows of other settings are never mixed."""
        return {
            "models": dict(zip(self.models, self.checkpoints, strict=True)),
            "matchers": {choice.label: dataclasses.asdict(choice.settings) for choice in self.matchers},
            "resolution": self.resolution,
            "mask": self.mask,
            "num_disparities": self.num_disparities,
            "flip": self.flip,
            "version": depth_demo.__version__,
            "code": self.code,
        }


@cache
def code_checksum() -> str:
    """Return a checksum of the program's files that compute, so that rows of two programs are told apart."""
    root = Path(depth_demo.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] not in NOT_COMPUTING:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _setting(part: str) -> tuple[str, Any]:
    """Read a setting such as block_size=15; the settings themselves refuse what they do not accept."""
    name, _, value = part.partition("=")
    for number in (int, float):
        try:
            return name.strip(), number(value)
        except ValueError:
            continue
    return name.strip(), value.strip()
