"""The command `depth-demo`, or `python -m depth_demo`: the page, or one computation whose files are written to a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo import pipeline
from depth_demo.command import calibrate, rectify, score
from depth_demo.command.given import Given
from depth_demo.command.model import Model
from depth_demo.examples import list_examples
from depth_demo.formats.cameras import UNITS
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import StereoPair, choose_focal_length
from depth_demo.monocular.input_size import AS_PUBLISHED, RESOLUTIONS
from depth_demo.monocular.models import DEFAULT_MODEL, MODELS
from depth_demo.monocular.phone import PHONE
from depth_demo.render.files import photo_name, save_estimate, save_match
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.wording.summaries import phone_map_summary, photo_summary, stereo_summary

if TYPE_CHECKING:  # torch stays out until a model is loaded
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

NAME_VIEWS = "Name a left and a right view, one file that holds both, or an --example."
MODEL_HELP = "default: %(default)s; phone takes the depth map that a phone kept inside a portrait photo"
NAME_VIEWS_OR_TRUTH = "Name a left and a right view, one file that holds both, a left view and its --truth, or an --example."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, 1 after a refusal in one sentence, or that of `score`."""
    parser = argparse.ArgumentParser(prog="depth-demo", description="Depth from one photo and from two.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    for add in (_add_estimate, _add_calibrate, _add_rectify, _add_match, _add_compare, _add_score):
        add(commands)
    options, others = parser.parse_known_args(arguments)
    if others and options.run is not run_demo:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        return options.run(options, others) or 0
    except (ValueError, OSError) as error:
        print(f"depth-demo: {error}", file=sys.stderr)
        return 1


def _add(commands: Commands, name: str, about: str, run: Callable[..., int | None]) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about, add_help=run is not run_demo)
    command.set_defaults(run=run)
    return command


def _add_demo(commands: Commands) -> None:
    _add(commands, "demo", "Serve the page; `depth-demo demo --help` lists its options.", run_demo)


def _add_estimate(commands: Commands) -> None:
    command = _add(commands, "estimate", "Estimate depth from one photo; write its map and its surface.", run_estimate)
    command.add_argument("left", type=Path, metavar="photo")
    command.add_argument("--focal", type=float, default=0.0, metavar="PX", help="focal length (default: from EXIF data)")
    _add_model(command)
    _add_out(command)


def _add_calibrate(commands: Commands) -> None:
    command = _add(commands, "calibrate", calibrate.ABOUT, run_calibrate)
    calibrate.add_options(command)
    _add_out(command)


def _add_rectify(commands: Commands) -> None:
    command = _add(commands, "rectify", rectify.ABOUT, run_rectify)
    rectify.add_options(command)
    _add_out(command)


def _add_match(commands: Commands) -> None:
    command = _add(commands, "match", "Match a rectified pair; write disparity, depth and the surface.", run_match)
    _add_pair(command, NAME_VIEWS)
    _add_out(command)


def _add_compare(commands: Commands) -> None:
    about = "Compare one camera with two against ground truth; write the report, scores and maps."
    command = _add(commands, "compare", about, run_compare)
    _add_pair(command, NAME_VIEWS_OR_TRUTH)
    command.add_argument("--truth", type=Path, help="disparity or depth of the left view (default: confident stereo)")
    command.add_argument("--mask", type=Path, help="which pixels of the truth a benchmark counts, such as mask0nocc.png")
    command.add_argument("--encoding", choices=ENCODINGS, help="what the numbers of the truth mean (default: recognised)")
    command.add_argument(
        "--scale", type=float, metavar="N", help="stored value per px or per m, where the encoding asks for it"
    )
    _add_model(command)
    _add_out(command)


def _add_score(commands: Commands) -> None:
    command = _add(commands, "score", score.ABOUT, run_score)
    score.add_options(command)
    _add_out(command)


def _add_pair(command: argparse.ArgumentParser, wanted: str) -> None:
    command.set_defaults(truth=None, encoding=None, scale=None, mask=None, wanted=wanted)
    command.add_argument("left", type=Path, nargs="?", help="the left view, or one file with both (MPO, JPS, side by side)")
    command.add_argument(
        "right",
        type=Path,
        nargs="?",
        help="the right view, of the same size; `compare` also takes a left view and its --truth alone",
    )
    command.add_argument("--squeezed", choices=("yes", "no"), help="whether the halves of one file with both views are")
    names = [example.name for example in list_examples()]
    command.add_argument("--example", choices=names, help="a bundled pair in place of two files, with camera and truth")
    command.add_argument("--calibration", type=Path, help="a file that holds the camera")
    command.add_argument("--unit", choices=list(UNITS), help="of its baseline, where the file does not tell")
    command.add_argument("--disparities", type=int, metavar="N", help="how many to search, a multiple of 16 (default: 128)")
    command.add_argument("--min-disparity", type=int, default=0, metavar="PX", help="the smallest one (default: 0)")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", choices=[*MODELS, PHONE], default=DEFAULT_MODEL, metavar="NAME", help=MODEL_HELP)
    command.add_argument("--resolution", choices=RESOLUTIONS, default=AS_PUBLISHED, help="default: %(default)s")
    command.add_argument("--steps", type=int, default=0, metavar="N", help="of a model that draws (default: its own number)")
    command.add_argument("--members", type=int, default=0, metavar="N", help="answers that it draws and merges (default: 1)")
    command.add_argument("--weights", type=Path, help="a file of weights, or a folder of them (default: the Hugging Face Hub)")


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files go; it is made if need be")


def run_demo(_: argparse.Namespace, others: Sequence[str]) -> None:
    """Serve the page."""
    from depth_demo.ui.page import build_demo, launch

    launch(build_demo(), others)


def run_estimate(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Estimate depth from one photo."""
    photo = load_photo(options.left)
    focal = choose_focal_length(options.focal, photo.focal_length_px, photo.pixels)
    model = Model.load(options, photo.pixels, None if focal.assumed else focal)
    found, spec = model.estimate(photo.pixels), model.estimator.spec
    if focal.assumed and found.depth_map.focal_length:
        focal = found.depth_map.focal_length
    folder = _made(options.out)
    name, source = photo_name(options.left), model.own_map or f"{spec.title}, input size {model.chosen.pixels}"
    files = save_estimate(folder, name, found, source, focal.pixels, COLOR_MAPS[0])
    if photo.note:
        print(photo.note)
    if model.own_map:
        summary = phone_map_summary(found, model.own_map, focal)
    else:
        seen = model.seen(found.depth_map)
        summary = photo_summary(found, spec.title, spec.warning, model.estimator.device_name, seen, focal)
    print(_plain(summary))
    _print_files(files)


def run_calibrate(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Calibrate two cameras from photos of a board."""
    words, files = calibrate.calibrate_photos(options, options.out)
    print(_plain(words))
    _print_files(files)


def run_rectify(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Rectify two photos."""
    words, files = rectify.rectify_files(options, options.out)
    print(_plain(words))
    _print_files(files)


def run_match(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Match a pair."""
    given = Given.read(options)
    pair = given.views
    if not isinstance(pair, StereoPair):
        raise ValueError(NAME_VIEWS)
    found = pipeline.match(pair, given.settings)
    camera = pair.calibration
    focal = choose_focal_length(camera.focal_length_px if camera else 0, None, pair.left)
    name = photo_name(given.files[0])
    files = save_match(_made(options.out), name, found, focal.pixels, COLOR_MAPS[0])
    print(_plain(stereo_summary(found)))
    _print_files(files)


def run_compare(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Compare both methods, or score an estimate of one view against its truth."""
    from depth_demo.ui.results import CompareResult, GivenMask
    from depth_demo.ui.saving import save_with_report
    from depth_demo.wording.scores import headers_of, score_table, shown_columns

    given = Given.read(options)
    camera = given.views.calibration
    model = Model.load(options, given.views.left, camera.focal_length_px if camera else None)
    comparison = pipeline.compare(given.views, model.run, given.settings)
    loaded = model.estimator
    result = CompareResult(
        comparison,
        loaded.spec,
        loaded.device_name,
        given.truth_text,
        model.chosen,
        loaded.sha256,
        given.files,
        photo_name(given.files[0]),
        mask=GivenMask(str(options.mask), given.mask_text) if options.mask else None,
        own_map=model.own_map,
        views_text=given.views_text,
    )
    saved = save_with_report(result, COLOR_MAPS[0], _made(options.out))
    rows = [shown_columns(comparison, row) for row in score_table(comparison)]
    _print_table([row[:-1] for row in (headers_of(comparison), *rows)])
    print(f"\n{_plain(result.words())}")
    _print_files(saved)


def run_score(options: argparse.Namespace, _: Sequence[str]) -> int:
    """Score a data set."""
    return score.run_score(options)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _plain(markdown: str) -> str:
    return markdown.replace("**", "").replace("*", "")


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as their longest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_files(files: Sequence[Path]) -> None:
    print()
    for file in files:
        print(file)


if __name__ == "__main__":
    sys.exit(main())
