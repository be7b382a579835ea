"""What a form of calibration is: one row of `CAMERA_FORMS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from depth_demo.formats.cameras.documents import Document, Size
from depth_demo.formats.cameras.found import FoundCamera


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of several cameras in a file is meant.

    Attributes:
        size: (height, width) of the pictures [px]; None where it is not known.
        grey: Whether they are grey; None where it is not known.
    """

    size: Size | None = None
    grey: bool | None = None


@dataclass(frozen=True, slots=True)
class CameraForm:
    """A form in which the camera of a pair is published.

    Attributes:
        title: What people call it, for "Read as ...".
        maker: Whose it is, for the list of what is accepted.
        source: Where the form is documented or found.
        fits: Whether a document looks like this form.
        parse: Finds the camera; raises ValueError with a sentence for a person.
    """

    title: str
    maker: str
    source: str
    fits: Callable[[Document], bool]
    parse: Callable[[Document, Wanted], FoundCamera]
