"""From a row of the catalog to its weights: a local folder, the Hub's cache, or the Hub, in this order."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from huggingface_hub.utils import tqdm
from torch import Tensor

from depth_demo.monocular.catalog import Checkpoint

WEIGHTS_VARIABLE = "DEPTH_DEMO_WEIGHTS"
REACHABLE_WITHIN_S = 3.0
Progress = Callable[[float, str], None]  # share done from 0 to 1, what is being done
log = logging.getLogger(__name__)


class WeightsUnavailableError(OSError):
    """The weights are nowhere to be had; the message says where they were looked for and what to do."""


def read_checkpoint(
    checkpoint: Checkpoint, weights: str | Path | None = None, progress: Progress | None = None
) -> Mapping[str, Tensor]:
    """Find, fetch if need be, and read a checkpoint.

    Args:
        checkpoint: Which one.
        weights: A file, or a folder that holds `checkpoint.file` (or the same with `.safetensors`). None: the folder
            named by DEPTH_DEMO_WEIGHTS if it holds the file, then the Hub's cache, then the Hub.
        progress: Called during a download.

    Raises:
        WeightsUnavailableError: If the file is in none of these places.
        ValueError: If the file is damaged.
    """
    path = find_local(checkpoint, weights) or find_cached(checkpoint) or download(checkpoint, progress)
    if checkpoint.sha256 and _sha256(path) != checkpoint.sha256 and path.name == checkpoint.file:
        log.warning("%s differs from the SHA-256 on record (%s); it is used if it fits.", path.name, checkpoint.sha256)
    return read_state_dict(path)


def find_local(checkpoint: Checkpoint, weights: str | Path | None = None) -> Path | None:
    """The file in the given place or in DEPTH_DEMO_WEIGHTS; a place given as an argument must hold it."""
    place = Path(weights) if weights is not None else Path(os.environ.get(WEIGHTS_VARIABLE, ""))
    if place.is_file():
        return place
    if place != Path() and place.is_dir():
        # V1's files are all called pytorch_model.bin, so they are told apart by the repository's name.
        stem = Path(checkpoint.file).stem if checkpoint.file.endswith(".pth") else checkpoint.repo.rpartition("/")[2]
        for name in (f"{stem}.safetensors", f"{stem}.pth", f"{stem}.bin"):
            if (place / name).is_file():
                return place / name
    if weights is not None:
        raise WeightsUnavailableError(f"{checkpoint.title}: {checkpoint.file} is not in the place given for weights.")
    return None


def find_cached(checkpoint: Checkpoint) -> Path | None:
    """The file in the Hub's cache folder, without touching the network."""
    try:
        return Path(hf_hub_download(checkpoint.repo, checkpoint.file, revision=checkpoint.revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None


def download(checkpoint: Checkpoint, progress: Progress | None = None) -> Path:
    """Fetch the file from the Hub into its cache, after asking for at most 3 s whether the Hub answers at all.

    The Hub's client itself takes 23 s to give up on an unknown host and minutes on a silent one.

    Raises:
        WeightsUnavailableError: If the Hub does not answer, refuses, or breaks off.
    """
    if constants.HF_HUB_OFFLINE:
        raise _unavailable(checkpoint, "HF_HUB_OFFLINE is set")
    if not _answers(constants.ENDPOINT, REACHABLE_WITHIN_S):
        raise _unavailable(checkpoint, "the Hugging Face Hub cannot be reached")
    bar = _progress_bar(progress, checkpoint.title) if progress else None
    try:
        return Path(hf_hub_download(checkpoint.repo, checkpoint.file, revision=checkpoint.revision, tqdm_class=bar))
    except (OSError, *HfHubHTTPError.__bases__) as error:  # the bases hold the HTTP client's own errors
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = f"the Hub answered {status}" if status else "the download broke off"
        raise _unavailable(checkpoint, reason) from error


def _unavailable(checkpoint: Checkpoint, reason: str) -> WeightsUnavailableError:
    return WeightsUnavailableError(
        f"{checkpoint.title} cannot be loaded: {reason}, and {checkpoint.file} is not on this machine. Connect once, or "
        f"put the file (from huggingface.co/{checkpoint.repo}) into a folder and name that folder in {WEIGHTS_VARIABLE}, "
        f"or copy the Hugging Face cache (HF_HOME) from a machine that has it."
    )


def _answers(url: str, seconds: float) -> bool:
    """Whether anything speaks HTTP at `url`; in a thread, because name resolution knows no time limit."""
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):  # noqa: S310
                answered.set()
        except urllib.error.HTTPError:
            answered.set()  # an error page is an answer
        except OSError:
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answered.is_set()


def _progress_bar(progress: Progress, title: str) -> type[tqdm]:
    """A class for the Hub's client to report to; it goes on drawing its own bar on a terminal."""

    class Bar(tqdm):  # type: ignore[type-arg]
        received = 0

        def update(self, n: float | None = 1) -> bool | None:
            self.received += n or 0
            if self.total:
                done = f"{self.received / 1e6:.0f} of {self.total / 1e6:.0f} MB"
                progress(min(self.received / self.total, 1.0), f"Downloading {title}: {done}")
            return super().update(n)

    return Bar


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_state_dict(path: Path) -> Mapping[str, Tensor]:
    """The tensors of a `.safetensors` file, or of a pickle (`.pth`, `.bin`) read without running any code in it.

    Raises:
        ValueError: If the file is damaged, cut short, or holds something other than named tensors.
        OSError: If it cannot be opened.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (safetensors.SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{path.name} is damaged, cut short, or not a checkpoint: delete it and try again.") from error
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ValueError(f"{path.name} does not hold a state dict of tensors.")
    return content
