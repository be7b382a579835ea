"""The command `depth-demo calibrate`: photos of a board in, two calibrated cameras out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from depth_demo.formats.cameras import UNITS
from depth_demo.formats.writers import safe_name
from depth_demo.render.calibrated import save_calibration
from depth_demo.stereo.boards.board import MARKERS, Board, board_size
from depth_demo.stereo.boards.calibration import calibrate_folder
from depth_demo.wording.calibration import calibration_in_words

ABOUT = "Calibrate two cameras from photos of a chessboard or a ChArUco board; write what `rectify --calibration` reads."


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `calibrate`, but for --out."""
    command.add_argument(
        "folder", type=Path, help="the photos, in the folders left and right or named left01, right01, or the like"
    )
    command.add_argument(
        "right", type=Path, nargs="?", help="the folder of the right photos, where they have one of their own"
    )
    command.add_argument(
        "--board",
        metavar="9x6",
        help="inner corners of a chessboard (default: recognised), or squares of a ChArUco board",
    )
    command.add_argument("--square", type=float, required=True, metavar="N", help="side of a square, in --unit")
    command.add_argument("--unit", choices=list(UNITS), default="mm", help="of --square and --marker (default: %(default)s)")
    command.add_argument("--marker", type=float, metavar="N", help="side of a marker, which makes it a ChArUco board")
    command.add_argument("--markers", choices=list(MARKERS), default="", help="which markers (default: recognised)")


def calibrate_photos(options: argparse.Namespace, folder: Path) -> tuple[str, list[Path]]:
    """Calibrate what the options name; return what to say, in Markdown, and the files that were written.

    Raises:
        ValueError, OSError: If a file cannot be read, or the photos do not calibrate the cameras.
    """
    square = options.square / UNITS[options.unit]
    board = None
    if options.marker is not None:
        if options.board is None:
            raise ValueError("A ChArUco board needs its number of squares, such as --board 8x6.")
        board = Board(*board_size(options.board), square, options.marker / UNITS[options.unit], options.markers)
    elif options.markers:
        raise ValueError("A ChArUco board needs the side of its markers, such as --marker 18.")
    elif options.board is not None:
        board = Board(*board_size(options.board), square)
    elif not square > 0:
        raise ValueError(f"The side of a square must be a number larger than 0, not {options.square:g}.")
    found = calibrate_folder(options.folder, board, square, options.right, _tell)
    folder.mkdir(parents=True, exist_ok=True)
    files = save_calibration(folder, safe_name(options.folder.resolve().name), found)
    onward = f"Rectify with it: `depth-demo rectify LEFT RIGHT --calibration {files[0]} --out FOLDER`"
    return f"{calibration_in_words(found)}\n\n{onward}", files


def _tell(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - how far it is, apart from the result
