"""The C code of this folder as a library, compiled once for a machine and kept in its cache."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from depth_demo.caches import cache_folder

COMPILER_VARIABLE = "DEPTH_DEMO_COMPILER"
COMPILERS = ("cc", "gcc", "clang")
NONE = "none"
HERE = Path(__file__).parent
SOURCES = ("three_way.c", "hh4.c")
OPTIONS = ("-std=c11", "-D_DEFAULT_SOURCE", "-O3", "-fPIC", "-shared")
TUNED: tuple[tuple[str, ...], ...] = (("-march=native",), ("-mcpu=native",), ())  # a compiler for Arm may know the second only
TIMEOUT_S = 120
log = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.Lock()


def load_library() -> ctypes.CDLL | None:
    """Return the compiled code, or None where no compiler is, or it is not wanted (`DEPTH_DEMO_COMPILER=none`).

    The first call on a machine compiles, which takes a few seconds.
    """
    with _ONE_AT_A_TIME:
        return _load(find_compiler())


def find_compiler() -> str | None:
    """Return the path of the compiler in DEPTH_DEMO_COMPILER, or of the first of `COMPILERS`; None if there is none."""
    given = os.environ.get(COMPILER_VARIABLE)
    if given == NONE or os.name != "posix":
        return None
    return next((path for name in ([given] if given else COMPILERS) if (path := shutil.which(name))), None)


@functools.cache
def _load(compiler: str | None) -> ctypes.CDLL | None:
    if compiler is None:
        log.info("No C compiler is used, so OpenCV matches: the same disparities in more time.")
        return None
    try:
        return _open(compiler)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("The matching could not be compiled (%s), so OpenCV matches: the same disparities in more time.", error)
        return None


def _open(compiler: str) -> ctypes.CDLL:
    """Open the library in the cache. It is compiled if it is not there, damaged, or another user could have written it."""
    folder = cache_folder() / "matching"
    library = folder / f"{_circumstances(compiler)}.so"
    if _is_ours(library):
        with suppress(OSError):  # damaged
            return ctypes.CDLL(str(library))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as place:
            compile_into(Path(place) / library.name, compiler)
            return ctypes.CDLL(str((Path(place) / library.name).replace(library)))
    except PermissionError as error:
        log.warning("The compiled matching cannot be kept (%s); the next start compiles again.", error)
    with tempfile.TemporaryDirectory() as place:  # what is open stays when its file goes
        compile_into(Path(place) / library.name, compiler)
        return ctypes.CDLL(str(Path(place) / library.name))


def _is_ours(library: Path) -> bool:
    try:
        found = library.stat()
    except FileNotFoundError:
        return False
    return found.st_uid in (os.getuid(), 0) and not found.st_mode & 0o022


def compile_into(library: Path, compiler: str, *options: str) -> None:
    """Compile the sources for this processor.

    Args:
        library: The file to write.
        compiler: Path of a C compiler that takes the options of GCC and Clang.
        options: More of them.

    Raises:
        OSError, subprocess.SubprocessError: If the compiler fails with each of `TUNED`.
    """
    sources = [str(HERE / name) for name in SOURCES]
    for tuned in TUNED:
        command = [compiler, *OPTIONS, *tuned, *options, "-o", str(library), *sources]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)  # noqa: S603
        if done.returncode == 0:
            return
    raise OSError(f"{compiler}: {(done.stderr.strip() or 'failed').splitlines()[0]}")


def _circumstances(compiler: str) -> str:
    """Return a name for what the library depends on: the sources, the options, the compiler and the processor."""
    sources = [path.read_bytes() for path in sorted(HERE.glob("*.[ch]"))]
    program = Path(compiler).resolve().stat()
    known = (sources, OPTIONS, TUNED, compiler, program.st_size, program.st_mtime_ns, platform.machine(), _processor())
    return hashlib.sha256(repr(known).encode()).hexdigest()[:32]


def _processor(description: Path = Path("/proc/cpuinfo")) -> str:
    """Return what Linux says of the first processor's units; elsewhere its name."""
    try:
        lines = description.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.lower().startswith(("flags", "features"))), platform.processor())
