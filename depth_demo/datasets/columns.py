"""Find the pairs that a CSV file names: a line per pair, below a line with the names of its columns.

`left` and `right` are needed. `truth`, `calibration`, `mask`, `id`, `kind`, `encoding`, `scale` and `num_disparities` may be
there too, and may be empty. Files are named from the folder of the CSV. In a folder, pairs.csv may name only files inside it.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import cast, get_args

from depth_demo.datasets.sample import Sample
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.truth import TruthKind
from depth_demo.formats.untrusted import quoted

FILE = "pairs.csv"
NEEDED = ("left", "right")
FILES = (*NEEDED, "truth", "calibration", "mask")
COLUMNS = (*FILES, "id", "kind", "encoding", "scale", "num_disparities")
MAX_BYTES = 100_000_000
MAX_LENGTH = 500  # characters of a field


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of a CSV file, or of pairs.csv in a folder, none without it; no file that it names is opened.

    Raises:
        ValueError: If the file has other columns or lacks what is needed; the sentence names the line.
    """
    table = root if root.is_file() else root / FILE
    if not table.is_file():
        return []
    if table.stat().st_size > MAX_BYTES:
        raise ValueError(f"The table {quoted(table.name)} is larger than {MAX_BYTES / 1e6:.0f} MB.")
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.DictReader(stream)
            _check_columns(table, list(lines.fieldnames or ()))
            return [_sample(table, number, line, inside=table != root) for number, line in enumerate(lines, 2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"The table {quoted(table.name)} is no CSV file in UTF-8.") from error


def _check_columns(table: Path, names: list[str]) -> None:
    lacking = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if lacking or unknown:
        said = f"has no column {lacking[0]}" if lacking else f"has a column {quoted(unknown[0])}"
        raise ValueError(f"The table {quoted(table.name)} {said}: its columns are {', '.join(COLUMNS)}.")


def _sample(table: Path, number: int, line: dict[str | None, str | None], *, inside: bool) -> Sample:
    where = f"Line {number} of {quoted(table.name)}"
    if None in line or None in line.values():
        raise ValueError(f"{where} has not as many fields as there are columns.")
    given = {name: value.strip() for name, value in cast("dict[str, str]", line).items() if value.strip()}
    for name, text in given.items():
        if len(text) > MAX_LENGTH or not text.isprintable():
            raise ValueError(f"{where}: the {name} must be one line of up to {MAX_LENGTH} printable characters.")
    for name in NEEDED:
        if name not in given:
            raise ValueError(f"{where} names no {name} view.")
    files = {name: table.parent / given[name] for name in FILES if name in given}
    for path in files.values():
        if inside and not path.resolve().is_relative_to(table.parent.resolve()):
            raise ValueError(
                f"{where} names a file outside its folder. On the command line, a table that is named itself may do so."
            )
    kind, encoding = given.get("kind", "recognised"), given.get("encoding")
    for value, accepted, what in ((kind, get_args(TruthKind), "kind"), (encoding, tuple(ENCODINGS), "encoding")):
        if value is not None and value not in accepted:
            raise ValueError(f"{where}: the {what} must be {' or '.join(accepted)}, not {quoted(value)}.")
    return Sample(
        given.get("id", given["left"]),
        files["left"],
        files["right"],
        files.get("truth"),
        cast("TruthKind", kind),
        encoding,
        _number(where, "scale", given.get("scale")),
        files.get("calibration"),
        num_disparities=_whole(where, given.get("num_disparities")),
        mask=files.get("mask"),
    )


def _number(where: str, name: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{where}: the {name} must be a number, not {quoted(text)}.") from error


def _whole(where: str, text: str | None) -> int | None:
    number = _number(where, "num_disparities", text)
    if number is not None and number % 16:
        raise ValueError(f"{where}: num_disparities must be a multiple of 16, not {quoted(str(text))}.")
    return None if number is None else int(number)
