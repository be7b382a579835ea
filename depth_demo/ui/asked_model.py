"""Which model a visitor asks for, and how it shall run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import gradio as gr

from depth_demo.geometry import RgbImage
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.input_size import network_size
from depth_demo.monocular.models import ModelSpec
from depth_demo.ui.estimates import input_size_for
from depth_demo.ui.models import refuse_long


@dataclass(frozen=True, slots=True)
class AskedModel:
    """What the fields of `ModelInputs` hold.

    Attributes:
        name: Of the model, `models.AUTO`, or that of the phone's own map.
        input_size: Short side of the network's input [px]; 0 or None takes the resolution.
        resolution: One of `RESOLUTIONS`.
        steps, members: Of a model that draws its answer; 0 takes the model's own.
        patient: Whether the visitor waits however long it takes.
    """

    name: str
    input_size: int | None
    resolution: str
    steps: float | None = 0
    members: float | None = 0
    patient: bool = False

    def sampling(self, spec: ModelSpec, photo: RgbImage) -> Sampling | None:
        """Return how the model shall draw; None if it does not.

        Raises:
            ValueError: If the model does not take the input size, there are too many steps or members, or the run takes long
                and the visitor was not asked.
        """
        sampling = spec.drawing(self.steps, self.members)
        chosen = input_size_for(photo, spec, self.resolution, self.input_size)
        size = network_size(photo.shape[0], photo.shape[1], chosen.pixels, spec.preprocessing)
        refuse_long(spec, sampling, size, patient=self.patient)
        return sampling


def told(sampling: Sampling | None, progress: gr.Progress, begin: float, end: float) -> Sampling | None:
    """Return a sampling whose steps the progress shows, between two shares of the whole run."""
    if sampling is None:
        return None
    return replace(sampling, tell=lambda share, text: progress(begin + share * (end - begin), text))
