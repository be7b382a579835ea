"""From a row of the catalog to its weights: a local folder, the Hub's cache, or the Hub, in this order."""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import pickle
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils.tqdm import tqdm
from torch import Tensor

from depth_demo.monocular.catalog import Checkpoint, WeightsUnavailableError

WEIGHTS_VARIABLE = "DEPTH_DEMO_WEIGHTS"
REACHABLE_WITHIN_S = 3.0
Progress = Callable[[float, str], None]  # share done from 0 to 1, what is being done
log = logging.getLogger(__name__)

# The bases hold the errors of the Hub's HTTP client, which is httpx or httpx2; Xet, its storage, raises RuntimeError.
_DOWNLOAD_ERRORS: tuple[type[BaseException], ...] = (OSError, RuntimeError, *HfHubHTTPError.__bases__)
# What safetensors and torch's unpickler raise on bytes that are not theirs, or not all there.
_DAMAGE = (
    safetensors.SafetensorError,
    pickle.UnpicklingError,
    struct.error,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


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
    if checkpoint.sha256 and path.name == checkpoint.file and _sha256(path) != checkpoint.sha256:
        log.warning("%s differs from the SHA-256 on record (%s); it is used if it fits.", path.name, checkpoint.sha256)
    return read_state_dict(path)


def find_local(checkpoint: Checkpoint, weights: str | Path | None = None) -> Path | None:
    """The file in the given place or in DEPTH_DEMO_WEIGHTS; a place given as an argument must hold it."""
    place = Path(weights) if weights is not None else Path(os.environ.get(WEIGHTS_VARIABLE, ""))
    if weights is not None and place.is_file():
        return place
    names = _local_names(checkpoint)
    if place != Path():
        for name in names:
            if (place / name).is_file():
                return place / name
    if weights is not None:
        raise WeightsUnavailableError(f"{checkpoint.title}: the place given for weights has no {' or '.join(names)}.")
    return None


def _local_names(checkpoint: Checkpoint) -> tuple[str, str, str]:
    """What the file may be called in a folder; V1's are all pytorch_model.bin on the Hub: there the repository tells."""
    stem = Path(checkpoint.file).stem if checkpoint.file.endswith(".pth") else checkpoint.repo.rpartition("/")[2]
    return f"{stem}.safetensors", f"{stem}.pth", f"{stem}.bin"


def find_cached(checkpoint: Checkpoint) -> Path | None:
    """The file in the Hub's cache folder, without touching the network."""
    # hf_hub_download(local_files_only=True) asks the Hub for a list of coding agents first.
    path = try_to_load_from_cache(checkpoint.repo, checkpoint.file, revision=checkpoint.revision)
    return Path(path) if isinstance(path, str) else None


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
    url = hf_hub_url(checkpoint.repo, checkpoint.file, revision=checkpoint.revision)
    try:
        # Asked once here, because hf_hub_download repeats the question for 23 s, or for minutes if nothing comes back.
        size = get_hf_file_metadata(url, timeout=REACHABLE_WITHIN_S).size
        bar = _progress_bar(progress, checkpoint.title, size) if size and progress is not None else None
        return Path(hf_hub_download(checkpoint.repo, checkpoint.file, revision=checkpoint.revision, tqdm_class=bar))
    except _DOWNLOAD_ERRORS as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = f"the Hub answered {status}" if status else "the download broke off"
        raise _unavailable(checkpoint, reason) from error


def _unavailable(checkpoint: Checkpoint, reason: str) -> WeightsUnavailableError:
    name = Path(_local_names(checkpoint)[0]).with_suffix(Path(checkpoint.file).suffix)
    return WeightsUnavailableError(
        f"{checkpoint.title} cannot be loaded: {reason}, and {checkpoint.file} is not on this machine. Connect once, or "
        f"put the file (from huggingface.co/{checkpoint.repo}) as {name} into a folder and name that folder in "
        f"{WEIGHTS_VARIABLE}, or copy the Hugging Face cache (HF_HOME) from a machine that has it."
    )


def _answers(url: str, seconds: float) -> bool:
    """Whether anything speaks HTTP at `url`; in a thread, because name resolution knows no time limit."""
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):  # noqa: S310
                answered.set()
        except urllib.error.HTTPError as page:
            page.close()
            answered.set()  # an error page is an answer
        except (OSError, ValueError, http.client.HTTPException):
            pass  # nobody there, no such name, no address at all, something that speaks another language

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answered.is_set()


def _progress_bar(progress: Progress, title: str, size: int) -> type[tqdm]:
    """A class for the Hub's client to report to, for a file of `size` bytes; it goes on drawing on a terminal.

    Only growth is reported: Xet draws one bar for the bytes received and one, behind it, for the bytes written.
    """
    farthest = 0.0

    class Bar(tqdm):
        received = 0.0

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal farthest
            self.received += n or 0
            share = min(self.received / size, 1.0)  # with its framing, Xet receives a little more
            if share > farthest:
                farthest = share
                progress(share, f"Downloading {title}: {share * size / 1e6:.0f} of {size / 1e6:.0f} MB")
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
    except _DAMAGE as error:
        raise ValueError(f"{path.name} is damaged, cut short, or not a checkpoint: delete it and try again.") from error
    if not isinstance(content, Mapping) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items()):
        raise ValueError(f"{path.name} does not hold a state dict of tensors.")
    return content
