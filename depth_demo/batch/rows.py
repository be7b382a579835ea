"""The file of rows: one JSON line a pair behind a line with the settings, appended as pairs are scored, and gone on with."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Self

from depth_demo.formats.untrusted import quoted

Row = dict[str, Any]
FILE = "rows.jsonl"
SCHEMA, VERSION = "depth-demo/rows", 1
SYNC_EVERY_S = 5.0


class RowsFile:
    """The rows of a run, open to append to. Nobody else can open it meanwhile.

    Attributes:
        path: The file.
        done: The ids that have a row.
        errors: How many of these rows say why there are no scores, or not all of them.
    """

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path, self._stream = path, stream
        self.done: set[str] = set()
        self.errors = 0
        self._synced = time.monotonic()

    @classmethod
    def open(cls, folder: Path, settings: Mapping[str, Any], *, restart: bool = False, retry: bool = False) -> Self:
        """Open the rows of a folder, which is made if need be; a last line that was cut short is dropped.

        Args:
            folder: Of the results.
            settings: What the numbers depend on; the rows that are there must have been made with the same.
            restart: Whether to drop all rows that are there.
            retry: Whether to drop rows that are errors, so that their pairs are scored again.

        Raises:
            ValueError: If the rows are of other settings, another program writes to them, or it is another file.
            OSError: If the file cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        if retry and not restart and path.is_file():
            _drop_errors(path)
        stream = path.open("a+b")
        try:
            _lock(stream, folder)
            rows = cls(path, stream)
            if restart:
                stream.truncate(0)
            rows._begin(dict(settings))
        except BaseException:
            stream.close()
            raise
        return rows

    def _begin(self, settings: Row) -> None:
        """Write the line with the settings, or read all rows that are there."""
        self._stream.seek(0)
        first = self._stream.readline()
        if not first.endswith(b"\n"):
            self._stream.truncate(0)
            self._write({"schema": SCHEMA, "schema_version": VERSION, "settings": settings})
            return
        found = _parsed(first, self.path)
        if (found.get("schema"), found.get("schema_version")) != (SCHEMA, VERSION):
            raise ValueError(f"The file {quoted(self.path.name)} in that folder is no file of rows: name another folder.")
        changed = [name for name, value in _as_json(settings).items() if found["settings"].get(name) != value]
        if changed:
            raise ValueError(
                f"The folder {quoted(self.path.parent.name)} holds rows of other settings ({', '.join(changed)}): name "
                "another folder, or add --restart to begin anew."
            )
        whole = len(first)
        for line in self._stream:
            if line.endswith(b"\n"):
                self._count(_parsed(line, self.path))
                whole += len(line)
        self._stream.truncate(whole)

    def append(self, row: Row) -> None:
        """Write a row behind the others; a row that could not be written wholly is taken back.

        Raises:
            OSError: If the disk is full, or the folder is gone; the sentence says so.
        """
        self._write(row)
        self._count(row)
        if time.monotonic() - self._synced > SYNC_EVERY_S:
            self.sync()

    def _count(self, row: Row) -> None:
        self.done.add(str(row["id"]))
        self.errors += is_error(row)

    def _write(self, row: Row) -> None:
        descriptor = self._stream.fileno()
        state = os.fstat(descriptor)
        where = f"The rows cannot be written to {quoted(self.path.parent.name)}"
        if state.st_nlink == 0:
            raise OSError(f"{where}: the folder is gone. {len(self.done)} pairs had been scored.")
        line = memoryview(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")
        try:
            while line:
                line = line[os.write(descriptor, line) :]
        except OSError as error:
            os.ftruncate(descriptor, state.st_size)
            raise OSError(
                f"{where}: {error.strerror}. {len(self.done)} pairs have rows; make room, and run the same command again."
            ) from error

    def sync(self) -> None:
        """Have the system write what it holds back."""
        os.fsync(self._stream.fileno())
        self._synced = time.monotonic()

    def close(self) -> None:
        """Write what is held back, and let others open the file."""
        self.sync()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_rows(folder: Path) -> Iterator[Row]:
    """Yield the settings of a folder's rows, then each row; a last line that was cut short is left out.

    Raises:
        ValueError: If there are none, or a line is broken.
    """
    path = folder / FILE
    if not path.is_file():
        raise ValueError(f"There are no rows in the folder {quoted(folder.name)}.")
    with path.open("rb") as stream:
        for number, line in enumerate(stream):
            if line.endswith(b"\n"):
                row = _parsed(line, path)
                yield row["settings"] if number == 0 else row


def _drop_errors(path: Path) -> None:
    """Leave out the rows that are errors; the file is replaced as a whole, so that nothing is lost half-way."""
    own = path.with_suffix(".new")
    with path.open("rb") as old, own.open("wb") as new:
        _lock(old, path.parent)
        for number, line in enumerate(old):
            if line.endswith(b"\n") and (number == 0 or not is_error(_parsed(line, path))):
                new.write(line)
        new.flush()
        os.fsync(new.fileno())
        own.replace(path)


def is_error(row: Row) -> bool:
    """Return whether a pair could not be scored, or one of its combinations could not."""
    return bool(row["error"]) or any(result["error"] for result in row["results"])


def _parsed(line: bytes, path: Path) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"The file {quoted(path.name)} holds a line that is no row: add --restart to begin anew.") from error
    if not isinstance(row, dict):
        raise ValueError(f"The file {quoted(path.name)} holds a line that is no row: add --restart to begin anew.")
    return row


def _as_json(settings: Row) -> Row:
    """Return settings as they come back from a file: lists for tuples, and words for paths."""
    return dict(json.loads(json.dumps(settings)))


def _lock(stream: IO[bytes], folder: Path) -> None:
    """Keep others from writing to the same rows, where the system has such locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(f"Another program writes rows to the folder {quoted(folder.name)}: wait, or stop it.") from error
    except OSError:  # a network file system without locks
        return
