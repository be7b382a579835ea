"""Where the files of a model are: given, bundled, in a folder, in the Hub's cache, or on the Hub.

No torch, because the page asks too.
"""

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
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils.tqdm import tqdm

from depth_demo.monocular.models import TINY, BundledFile, HubFile, ModelSpec, WeightsFile, WeightsUnavailableError

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
_NO_ENTRY = (401, 403)
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def locate(spec: ModelSpec, weights: str | Path | None = None, progress: Progress | None = None) -> tuple[Path, ...]:
    """Return the paths of a model's files, and download those that are not on this machine.

    Args:
        spec: The model.
        weights: The file of a model of one file, or a folder that holds the files (or the same in another format), or the
            model's own folder, with its repository's name. None
            takes bundled files from the app, and looks for the others as `find_on_machine` does, then on the Hub.
        progress: Called during a download.

    Raises:
        WeightsUnavailableError: If a file is in none of these places.
    """
    if weights is not None:
        return _find_given(spec, Path(weights))
    return tuple(_obtain(spec, file, progress) for file in spec.files)


def fingerprint(spec: ModelSpec, paths: Sequence[Path]) -> str:
    """Return the SHA-256 of each file of weights, with spaces between. One that differs from the record is logged.

    A file is read once, as long as its size and its time stay the same. Files of settings do not count.
    """
    held = [(file, path, path.stat()) for file, path in zip(spec.files, paths, strict=True) if file in spec.tensor_files]
    return " ".join(_fingerprint(file, path, state.st_size, state.st_mtime_ns) for file, path, state in held)


@lru_cache(maxsize=16)
def _fingerprint(file: WeightsFile, path: Path, *_: int) -> str:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if file.sha256 and path.name == PurePosixPath(file.name).name and found != file.sha256:
        log.warning("%s differs from the SHA-256 on record (%s); it is used if it fits.", path.name, file.sha256)
    return found


def find_on_machine(file: HubFile) -> Path | None:
    """Find a file in the folder named by DEPTH_DEMO_WEIGHTS, or in the Hub's cache. The network is not touched."""
    folder = os.environ.get(WEIGHTS_VARIABLE)
    return (_find_in(Path(folder), file) if folder else None) or _find_cached(file)


def is_on_machine(spec: ModelSpec) -> bool:
    """Return whether all files of a model are on this machine. The network is not touched."""
    return all(find_on_machine(file) is not None for file in spec.hub_files)


def obtainable(spec: ModelSpec) -> bool:
    """Return whether all files are on this machine or the Hub answers at all. Asking the Hub takes at most 3 s."""
    return is_on_machine(spec) or (not constants.HF_HUB_OFFLINE and _answers(constants.ENDPOINT, REACHABLE_WITHIN_S))


def _obtain(spec: ModelSpec, file: WeightsFile, progress: Progress | None) -> Path:
    if isinstance(file, BundledFile):
        return file.path
    return find_on_machine(file) or download(spec, file, progress)


def _find_given(spec: ModelSpec, place: Path) -> tuple[Path, ...]:
    if place.is_file() and len(spec.files) == 1:
        return (place,)
    found = []
    for file in spec.files:
        path = _find_in(place, file) or _find_in(place.parent, file, only_below=place)
        if path is None:
            names = " or ".join(file.local_names)
            raise WeightsUnavailableError(f"{spec.title}: the place given for weights has no {names}.")
        found.append(path)
    return tuple(found)


def _find_in(folder: Path, file: WeightsFile, only_below: Path | None = None) -> Path | None:
    paths = (folder / name for name in file.local_names)
    return next((path for path in paths if path.is_file() and (only_below is None or only_below in path.parents)), None)


def _find_cached(file: HubFile) -> Path | None:
    """Find a file in the Hub's cache folder, without touching the network."""
    # hf_hub_download(local_files_only=True) asks the Hub for a list of coding agents first.
    path = try_to_load_from_cache(file.repo, file.name, revision=file.revision)
    return Path(path) if isinstance(path, str) else None


def download(spec: ModelSpec, file: HubFile, progress: Progress | None = None) -> Path:
    """Download a file of a model from the Hub into its cache, after asking for at most 3 s whether the Hub answers at all.

    The Hub's client itself takes 23 s to give up on an unknown host and minutes on a silent one. A transfer that falls
    silent is resumed where it was, and given up after about a minute. If several threads or processes want the same file,
    one downloads it and the others wait.

    Raises:
        WeightsUnavailableError: If the Hub does not answer, refuses, or breaks off, or its cache cannot be written.
    """
    if constants.HF_HUB_OFFLINE:
        raise _unavailable(spec, file, "HF_HUB_OFFLINE is set")
    if not _answers(constants.ENDPOINT, REACHABLE_WITHIN_S):
        raise _unavailable(spec, file, "the Hugging Face Hub cannot be reached")
    for variable, value in XET_PATIENCE.items():
        os.environ.setdefault(variable, value)
    url = hf_hub_url(file.repo, file.name, revision=file.revision)
    try:
        # Asked once here, because hf_hub_download repeats the question for 23 s, or for minutes if nothing comes back.
        size = get_hf_file_metadata(url, timeout=REACHABLE_WITHIN_S).size
        bar = _progress_bar(progress, spec.title, size) if size and progress is not None else None
        return Path(hf_hub_download(file.repo, file.name, revision=file.revision, tqdm_class=bar))
    except _DOWNLOAD_ERRORS as error:
        raise _unavailable(spec, file, *_explain(error, file.repo)) from error


def _explain(error: BaseException, repo: str) -> tuple[str, str]:
    """Return why a download from a repository failed, and what to do first."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    from_xet = re.search(r"\(os error (\d+)\)", str(error))  # it puts the system's number into its text
    number = int(from_xet[1]) if from_xet else getattr(error, "errno", None)
    if number in _FULL:
        return "the disk of the Hugging Face cache is full", "Make room there or name a folder on another disk in HF_HOME"
    if number in _UNWRITABLE:
        return "the Hugging Face cache cannot be written", "Name a folder that can be written in HF_HOME"
    if status in _NO_ENTRY:
        account = "there with an account of the Hub, set HF_TOKEN to a token of it, and try again"
        return f"the Hub answered {status}", f"If huggingface.co/{repo} has terms, accept them {account}"
    return f"the Hub answered {status}" if status else "the download broke off", "Try again later"


def _unavailable(spec: ModelSpec, file: HubFile, reason: str, remedy: str = "Connect once") -> WeightsUnavailableError:
    name = PurePosixPath(file.local_names[0]).with_suffix(PurePosixPath(file.name).suffix)
    return WeightsUnavailableError(
        f"{spec.title} cannot be loaded: {reason}, and {file.name} is not on this machine. {remedy}, or "
        f"put the file (from huggingface.co/{file.repo}) as {name} into a folder and name that folder in "
        f"{WEIGHTS_VARIABLE}, or copy the Hugging Face cache (HF_HOME) from a machine that has it, or choose {TINY.title}, "
        "which is bundled."
    )


def _answers(url: str, seconds: float) -> bool:
    """Return whether anything speaks HTTP at `url`. A thread asks, because name resolution knows no time limit."""
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
    """Make a class for the Hub's client to report to, for a file of `size` bytes. It also draws on a terminal.

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
