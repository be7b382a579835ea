"""Where the weights of a row are: given, in a local folder, in the Hub's cache, or fetched. No torch, as the page asks too."""

from __future__ import annotations

import errno
import hashlib
import http.client
import logging
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils.tqdm import tqdm

from depth_demo.monocular.models import TINY, BundledCheckpoint, HubCheckpoint, Row, WeightsUnavailableError

log = logging.getLogger(__name__)

WEIGHTS_VARIABLE = "DEPTH_DEMO_WEIGHTS"
REACHABLE_WITHIN_S = 3.0
# Xet, where the Hub keeps large files, by itself waits five minutes for a silent connection, and that more than once; the
# other storages wait one in all, and so does Xet with these, unless somebody has set others.
XET_PATIENCE = {"HF_XET_CLIENT_READ_TIMEOUT": "10s", "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": "3"}
Progress = Callable[[float, str], None]  # share done from 0 to 1, what is being done

# The bases hold the errors of the Hub's HTTP client, which is httpx or httpx2; Xet, its storage, raises RuntimeError.
_DOWNLOAD_ERRORS: tuple[type[BaseException], ...] = (OSError, RuntimeError, *HfHubHTTPError.__bases__)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def locate(checkpoint: Row, weights: str | Path | None = None, progress: Progress | None = None) -> Path:
    """The file of a checkpoint, fetched if need be.

    Args:
        checkpoint: Which one.
        weights: A file, or a folder that holds `checkpoint.file` (or the same in another format). None: for a bundled
            checkpoint its own file and no other; else `find_on_machine`, then the Hub.
        progress: Called during a download.

    Raises:
        WeightsUnavailableError: If the file is in none of these places.
    """
    if weights is not None:
        return _find_given(checkpoint, Path(weights))
    if isinstance(checkpoint, BundledCheckpoint):
        return checkpoint.path
    return find_on_machine(checkpoint) or download(checkpoint, progress)


def fingerprint(checkpoint: Row, path: Path) -> str:
    """SHA-256 of a checkpoint's file; one that differs from the record gets a line in the log.

    A file is read once, as long as its size and its time stay the same.
    """
    state = path.stat()
    return _fingerprint(checkpoint, path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)
def _fingerprint(checkpoint: Row, path: Path, *_: int) -> str:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    recorded = checkpoint.sha256 if isinstance(checkpoint, HubCheckpoint) else None
    if recorded and path.name == checkpoint.file and found != recorded:
        log.warning("%s differs from the SHA-256 on record (%s); it is used if it fits.", path.name, recorded)
    return found


def find_on_machine(checkpoint: HubCheckpoint) -> Path | None:
    """The file in the folder named by DEPTH_DEMO_WEIGHTS, or in the Hub's cache; the network is not touched."""
    folder = os.environ.get(WEIGHTS_VARIABLE)
    return (_find_in(Path(folder), checkpoint) if folder else None) or _find_cached(checkpoint)


def obtainable(checkpoint: HubCheckpoint) -> bool:
    """Whether the file is on this machine or the Hub, asked for at most 3 s, answers at all."""
    return find_on_machine(checkpoint) is not None or (
        not constants.HF_HUB_OFFLINE and _answers(constants.ENDPOINT, REACHABLE_WITHIN_S)
    )


def _find_given(checkpoint: Row, place: Path) -> Path:
    path = place if place.is_file() else _find_in(place, checkpoint)
    if path is None:
        names = " or ".join(_local_names(checkpoint))
        raise WeightsUnavailableError(f"{checkpoint.title}: the place given for weights has no {names}.")
    return path


def _find_in(folder: Path, checkpoint: Row) -> Path | None:
    return next((folder / name for name in _local_names(checkpoint) if (folder / name).is_file()), None)


def _local_names(checkpoint: Row) -> tuple[str, ...]:
    """What the file may be called in a folder; V1's are all pytorch_model.bin on the Hub: there the repository tells."""
    if isinstance(checkpoint, BundledCheckpoint):
        return (checkpoint.file,)
    stem = Path(checkpoint.file).stem if checkpoint.file.endswith(".pth") else checkpoint.repo.rpartition("/")[2]
    return f"{stem}.safetensors", f"{stem}.pth", f"{stem}.bin"


def _find_cached(checkpoint: HubCheckpoint) -> Path | None:
    """The file in the Hub's cache folder, without touching the network."""
    # hf_hub_download(local_files_only=True) asks the Hub for a list of coding agents first.
    path = try_to_load_from_cache(checkpoint.repo, checkpoint.file, revision=checkpoint.revision)
    return Path(path) if isinstance(path, str) else None


def download(checkpoint: HubCheckpoint, progress: Progress | None = None) -> Path:
    """Fetch the file from the Hub into its cache, after asking for at most 3 s whether the Hub answers at all.

    The Hub's client itself takes 23 s to give up on an unknown host and minutes on a silent one. A transfer that falls
    silent is taken up again where it was, and given up after about a minute. Of several at once, in threads or processes,
    one fetches the file and the others wait for it.

    Raises:
        WeightsUnavailableError: If the Hub does not answer, refuses, or breaks off, or its cache cannot be written.
    """
    if constants.HF_HUB_OFFLINE:
        raise _unavailable(checkpoint, "HF_HUB_OFFLINE is set")
    if not _answers(constants.ENDPOINT, REACHABLE_WITHIN_S):
        raise _unavailable(checkpoint, "the Hugging Face Hub cannot be reached")
    for variable, value in XET_PATIENCE.items():
        os.environ.setdefault(variable, value)
    url = hf_hub_url(checkpoint.repo, checkpoint.file, revision=checkpoint.revision)
    try:
        # Asked once here, because hf_hub_download repeats the question for 23 s, or for minutes if nothing comes back.
        size = get_hf_file_metadata(url, timeout=REACHABLE_WITHIN_S).size
        bar = _progress_bar(progress, checkpoint.title, size) if size and progress is not None else None
        return Path(hf_hub_download(checkpoint.repo, checkpoint.file, revision=checkpoint.revision, tqdm_class=bar))
    except _DOWNLOAD_ERRORS as error:
        raise _unavailable(checkpoint, *_explain(error)) from error


def _explain(error: BaseException) -> tuple[str, str]:
    """Why a download failed, and what to do first."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    from_xet = re.search(r"\(os error (\d+)\)", str(error))  # it puts the system's number into its text
    number = int(from_xet[1]) if from_xet else getattr(error, "errno", None)
    if number in _FULL:
        return "the disk of the Hugging Face cache is full", "Make room there or name a folder on another disk in HF_HOME"
    if number in _UNWRITABLE:
        return "the Hugging Face cache cannot be written", "Name a folder that can be written in HF_HOME"
    return f"the Hub answered {status}" if status else "the download broke off", "Try again later"


def _unavailable(checkpoint: HubCheckpoint, reason: str, remedy: str = "Connect once") -> WeightsUnavailableError:
    name = Path(_local_names(checkpoint)[0]).with_suffix(Path(checkpoint.file).suffix)
    return WeightsUnavailableError(
        f"{checkpoint.title} cannot be loaded: {reason}, and {checkpoint.file} is not on this machine. {remedy}, or "
        f"put the file (from huggingface.co/{checkpoint.repo}) as {name} into a folder and name that folder in "
        f"{WEIGHTS_VARIABLE}, or copy the Hugging Face cache (HF_HOME) from a machine that has it, or choose {TINY.title}, "
        "which is bundled."
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
