"""What a row of the list of models is: files, loader, preprocessing, cost, and what people must know. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.answers import ReadAnswer, Sampling, Shot, enlarged
from depth_demo.monocular.input_size import NetworkSize, Preprocessing

LIBRARIES = "models"  # the optional extra with other people's networks


class WeightsUnavailableError(OSError):
    """The weights cannot be had. The message says where they were looked for and what to do."""


class MisfitError(ValueError):
    """The weights are those of another network."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of the Hugging Face Hub.

    Attributes:
        repo, revision: Where the Hub keeps the file.
        name: Of the file there, with its folders.
        sha256: As third parties recorded it, because the publisher gives none. None if nobody did.
        in_folder: Whether the file keeps its name, in a folder with the repository's name, where weights are copied by hand.
    """

    repo: str
    name: str
    revision: str = "main"
    sha256: str | None = None
    in_folder: bool = False

    @property
    def local_names(self) -> tuple[str, ...]:
        """Return what the file may be called in a folder of weights.

        Weights may come in another format. A name such as pytorch_model.bin says nothing, so the repository's stands for
        it. A file in a folder belongs to a model of several files, which keeps its layout.
        """
        path, title = PurePosixPath(self.name), self.repo.rpartition("/")[2]
        if self.in_folder or len(path.parts) > 1:
            other = {"pytorch_model.bin": "model.safetensors", "model.safetensors": "pytorch_model.bin"}.get(path.name)
            return (f"{title}/{path}", *([f"{title}/{path.with_name(other)}"] if other else []))
        stem = path.stem if path.suffix == ".pth" else title
        return tuple(f"{stem}{suffix}" for suffix in dict.fromkeys((".safetensors", ".pth", ".bin", path.suffix)))


def files_of(repo: str, *names: str, revision: str = "main") -> tuple[HubFile, ...]:
    """Return the rows of a model's files, which lie in one folder here as they do on the Hub."""
    return tuple(HubFile(repo, name, revision=revision, in_folder=True) for name in names)


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file that comes with the app.

    Attributes:
        path: Where it is.
        sha256: What it should be; None if nobody recorded it.
    """

    path: Path
    sha256: str | None = None

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.name

    @property
    def local_names(self) -> tuple[str, ...]:
        """Return what the file may be called in a folder of weights."""
        return (self.name,)


WeightsFile = HubFile | BundledFile


@dataclass(frozen=True, slots=True)
class Source:
    """What a model is taken from: a title as people cite it, and an address."""

    title: str
    address: str


def per_pixel(size: NetworkSize, multiply_adds: float = 1.0) -> float:
    """Return the multiply-adds of a run of a network of convolutions: so many for each pixel of its input."""
    return multiply_adds * size.height * size.width


def no_inputs(height: int, width: int) -> tuple[NDArray[np.float32], ...]:  # noqa: ARG001
    """Return nothing: an exported graph takes the pixels only."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """All that the app knows of one model.

    Attributes:
        name: What programs call it.
        title: What people call it.
        family: Models of one family stand together in the menu.
        licence: Of the weights, in words.
        kind: What its maps mean.
        files: What must be on the machine, in the order in which `loader` takes the paths. May be empty.
        download_bytes: Size of the files that are fetched.
        memory_bytes: What loading and a run need at most on the CPU; 0 if that is little.
        loader: "module:function". The function takes the paths of `files` and `options`, and returns the network in
            evaluation mode, float32, on the CPU: (1, 3, h, w) pixels to (1, h, w), or to (1, c, h, w) if `reading` takes more.
            With `sampling`, it takes a `Sampling` as well. Its module is imported at loading.
        options: Further arguments of the loader.
        preprocessing: What the network takes.
        reading: What makes a map of the answer, (h, w) or (c, h, w) float32, for a photo. None enlarges it. Imports no torch.
        takes_focal_length: Whether `reading` computes with the photo's focal length.
        sampling: Its usual sampling; None if the network does not draw.
        cost: Multiply-adds of a run. Imports no torch.
        sampled_cost: The same for a network that draws.
        frames: Most frames of a clip that it sees at once, so that all maps have one scale. More than 1 makes it a model of
            videos. Its network takes (T, 3, h, w) pixels, in the order of time, to (T, h, w), and a photo is a clip of one
            frame. Without `sampling`, the network may be given a `Tell` as well.
        needs_gpu: Whether a run on the processor would take so long that it must be asked for.
        half_on_gpu: Whether the network computes in 16 bits on CUDA. A small one gains nothing, and steps would show.
        exportable: Whether OpenVINO may run the network.
        graph_inputs: Height and width of the input [px] to the arrays that an exported graph takes beside the pixels. The
            network's forward pass takes the same as tensors. Imports no torch.
        mixed: "module:function" of what makes a network with 16-bit products of an exportable one, as `mix` in
            `depth_anything.mixed`; "" if nothing does.
        sources: Papers, for the report.
        needs: Name of the optional extra to install; "" for none.
        packages: What the extra brings and the loader imports.
        note: What people must know to read its maps, after "is"; "" for most.
    """

    name: str
    title: str
    family: str = ""
    licence: str
    kind: DepthKind
    files: tuple[WeightsFile, ...]
    download_bytes: int = 0
    memory_bytes: int = 0
    loader: str
    options: Mapping[str, object] = field(default_factory=dict, hash=False)
    preprocessing: Preprocessing
    reading: ReadAnswer | None = None
    takes_focal_length: bool = False
    sampling: Sampling | None = None
    cost: Callable[[NetworkSize], float] = per_pixel
    sampled_cost: Callable[[NetworkSize, Sampling], float] | None = None
    frames: int = 1
    needs_gpu: bool = False
    half_on_gpu: bool = False
    exportable: bool = False
    graph_inputs: Callable[[int, int], tuple[NDArray[np.float32], ...]] = no_inputs
    mixed: str = ""
    sources: tuple[Source, ...] = ()
    needs: str = ""
    packages: tuple[str, ...] = ()
    note: str = ""

    @property
    def warning(self) -> str:
        """Return the note as sentences; "" where there is none."""
        return f"{self.title} is {self.note}" if self.note else ""

    @property
    def hub_files(self) -> tuple[HubFile, ...]:
        """Return the files that may have to be downloaded."""
        return tuple(file for file in self.files if isinstance(file, HubFile))

    def drawing(self, steps: float | None, members: float | None) -> Sampling | None:
        """Return how the model shall draw its answer; None if it does not draw.

        Args:
            steps: 0 or None takes the model's own number.
            members: 0 or None takes the model's own number.

        Raises:
            ValueError: If there are too many, or a fraction.
        """
        own = self.sampling
        return own and replace(own, steps=cast("int", steps or own.steps), members=cast("int", members or own.members))

    def work(self, size: NetworkSize, sampling: Sampling | None = None) -> float:
        """Return the multiply-adds of a run; without a sampling, of the model's own."""
        how = sampling or self.sampling
        return self.sampled_cost(size, how) if self.sampled_cost and how else self.cost(size)

    @property
    def lacking_packages(self) -> str:
        """Say which package must be installed first; "" if all are there. Nothing is imported."""
        missing = [package for package in self.packages if find_spec(package) is None]
        return f"{self.title} needs {missing[0]}: pip install 'depth-demo[{self.needs}]'." if missing else ""

    @property
    def tensor_files(self) -> tuple[WeightsFile, ...]:
        """Return the files that hold weights, not settings; exports tell their checksums."""
        return tuple(file for file in self.files if not file.name.endswith(".json"))

    def to_map(self, values: NDArray[np.float32], shot: Shot) -> DepthMap:
        """Make a map of the photo's size from the network's answer, (h, w) or (c, h, w) float32."""
        return self.reading(values, shot) if self.reading else enlarged(values, shot, self.kind)

    def import_loader(self) -> Callable[..., Any]:
        """Import the function that builds the network.

        Returns:
            The loader with its options bound: paths of `files` to the network, a torch module.

        Raises:
            ValueError: If a package of the extra that the model needs is not installed.
        """
        if lack := self.lacking_packages:
            raise ValueError(lack)
        module, _, function = self.loader.partition(":")
        try:
            return partial(getattr(import_module(module), function), **self.options)
        except ModuleNotFoundError as error:
            if not self.needs:
                raise
            raise ValueError(
                f"{self.title} needs {error.name}, which is not installed: pip install 'depth-demo[{self.needs}]'."
            ) from error
