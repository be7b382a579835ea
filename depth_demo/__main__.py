"""The command `depth-demo`, or `python -m depth_demo`: the page, or one computation whose files are written to a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo import pipeline
from depth_demo.comparison.results import Estimate
from depth_demo.examples import find_example, list_examples
from depth_demo.formats.cameras import UNITS, read_camera
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.masks import load_mask
from depth_demo.formats.photos import load_photo, load_views
from depth_demo.formats.truth import SeenView, TruthKind, load_ground_truth
from depth_demo.geometry import Calibration, DepthMap, RgbImage, SingleView, StereoPair, choose_focal_length, is_grey
from depth_demo.monocular.input_size import AS_PUBLISHED, RESOLUTIONS, InputSize, choose_input_size, network_size
from depth_demo.monocular.models import DEFAULT_MODEL, MODELS
from depth_demo.render.files import photo_name, save_estimate, save_match
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.summaries import photo_summary, stereo_summary

if TYPE_CHECKING:  # torch stays out until a model is loaded
    from depth_demo.monocular.estimator import TorchEstimator

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

NAME_VIEWS = "Name a left and a right view, or an --example."
NAME_VIEWS_OR_TRUTH = "Name a left and a right view, a left view and its --truth, or an --example."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, or 1 after a refusal in one sentence."""
    parser = argparse.ArgumentParser(prog="depth-demo", description="Depth from one photo and from two.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands)
    for add in (_add_estimate, _add_match, _add_compare):
        add(commands)
    options, others = parser.parse_known_args(arguments)
    if others and options.run is not run_demo:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        options.run(options, others)
    except (ValueError, OSError) as error:
        print(f"depth-demo: {error}", file=sys.stderr)
        return 1
    return 0


def _add(commands: Commands, name: str, about: str, run: Callable[..., None]) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about, add_help=run is not run_demo)
    command.set_defaults(run=run)
    return command


def _add_demo(commands: Commands) -> None:
    _add(commands, "demo", "Serve the page; `depth-demo demo --help` lists its options.", run_demo)


def _add_estimate(commands: Commands) -> None:
    command = _add(commands, "estimate", "Estimate depth from one photo; write its map and its surface.", run_estimate)
    command.add_argument("photo", type=Path)
    command.add_argument("--focal", type=float, default=0.0, metavar="PX", help="focal length (default: from EXIF data)")
    _add_model(command)
    _add_out(command)


def _add_match(commands: Commands) -> None:
    command = _add(commands, "match", "Match a rectified pair; write disparity, depth and the surface.", run_match)
    _add_pair(command)
    _add_out(command)


def _add_compare(commands: Commands) -> None:
    about = "Compare one camera with two against ground truth; write the report, scores and maps."
    command = _add(commands, "compare", about, run_compare)
    _add_pair(command)
    command.add_argument("--truth", type=Path, help="disparity or depth of the left view (default: confident stereo)")
    command.add_argument("--mask", type=Path, help="which pixels of the truth a benchmark counts, such as mask0nocc.png")
    command.add_argument("--encoding", choices=ENCODINGS, help="what the numbers of the truth mean (default: recognised)")
    command.add_argument(
        "--scale", type=float, metavar="N", help="stored value per px or per m, where the encoding asks for it"
    )
    _add_model(command)
    _add_out(command)


def _add_pair(command: argparse.ArgumentParser) -> None:
    command.set_defaults(truth=None, encoding=None, scale=None, mask=None)
    command.add_argument("left", type=Path, nargs="?", help="the left view")
    command.add_argument(
        "right",
        type=Path,
        nargs="?",
        help="the right view, of the same size; `compare` also takes a left view and its --truth alone",
    )
    names = [example.name for example in list_examples()]
    command.add_argument("--example", choices=names, help="a bundled pair in place of two files, with camera and truth")
    command.add_argument("--calibration", type=Path, help="a file that holds the camera")
    command.add_argument("--unit", choices=list(UNITS), help="of its baseline, where the file does not tell")
    command.add_argument("--disparities", type=int, metavar="N", help="how many to search, a multiple of 16 (default: 128)")
    command.add_argument("--min-disparity", type=int, default=0, metavar="PX", help="the smallest one (default: 0)")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", choices=MODELS, default=DEFAULT_MODEL, metavar="NAME", help="default: %(default)s")
    command.add_argument("--resolution", choices=RESOLUTIONS, default=AS_PUBLISHED, help="default: %(default)s")
    command.add_argument("--weights", type=Path, help="a file of weights, or a folder of them (default: the Hugging Face Hub)")


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files go; it is made if need be")


def run_demo(_: argparse.Namespace, others: Sequence[str]) -> None:
    """Serve the page."""
    from depth_demo.ui.page import build_demo, launch

    launch(build_demo(), others)


def run_estimate(options: argparse.Namespace, _: Sequence[str]) -> None:
    """Estimate depth from one photo."""
    photo = load_photo(options.photo)
    focal = choose_focal_length(options.focal, photo.focal_length_px, photo.pixels)
    model = Model.load(options, photo.pixels)
    found, spec = model.estimate(photo.pixels), model.estimator.spec
    folder = _made(options.out)
    name, source = photo_name(options.photo), f"{spec.title}, input size {model.chosen.pixels}"
    files = save_estimate(folder, name, found, source, focal.pixels, COLOR_MAPS[0])
    seen = model.seen(found.depth_map)
    if photo.note:
        print(photo.note)
    print(_plain(photo_summary(found, spec.title, spec.warning, model.estimator.device_name, seen, focal)))
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
    model = Model.load(options, given.views.left)
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
    )
    saved = save_with_report(result, COLOR_MAPS[0], _made(options.out))
    rows = [shown_columns(comparison, row) for row in score_table(comparison)]
    _print_table([row[:-1] for row in (headers_of(comparison), *rows)])
    print(f"\n{_plain(result.words())}")
    _print_files(saved)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A pair, or one view with truth, as the command line names it, and how a pair is matched."""

    views: StereoPair | SingleView
    settings: SgbmSettings
    truth_text: str
    mask_text: str
    files: tuple[str | None, str | None, str | None]

    @classmethod
    def read(cls, options: argparse.Namespace) -> Given:
        """Read the views, the camera and the truth, or take a bundled example's.

        Raises:
            ValueError: If there are no two views, nor one with truth, or a file cannot be read.
        """
        example = next((e for e in list_examples() if e.name == options.example), None)
        if example is None and (options.left is None or (options.right is None and options.truth is None)):
            raise ValueError(NAME_VIEWS_OR_TRUTH if options.run is run_compare else NAME_VIEWS)
        if example is None and options.right is None:
            return cls._read_one_view(options)
        left, right = (example.left, example.right) if example else (options.left, options.right)
        truth_file = options.truth or (example.disparity if example else None)
        known = find_example(left, right, truth_file) if truth_file else None
        count = options.disparities or (example.num_disparities if example else SgbmSettings().num_disparities)
        settings = SgbmSettings(min_disparity=options.min_disparity, num_disparities=count)
        views = load_views(left, right)
        camera = _read_camera(options, views[0]) if options.calibration else example.calibration if example else None
        asked = None if known else StereoPair(*views, camera)
        kind: TruthKind = "disparity" if example else "recognised"
        truth = load_ground_truth(truth_file, kind, options.scale, options.encoding, asked) if truth_file else None
        if truth and truth.question:
            print(f"{truth.question.text}\n", file=sys.stderr)
        mask = load_mask(options.mask, views[0].shape[:2]) if options.mask else None
        labels, counted = known.labels if known else None, mask.counted if mask else None
        pair = StereoPair(*views, camera, truth.depth_map if truth else None, labels=labels, counted=counted)
        files = str(left), str(right), str(truth_file) if truth_file else None
        return cls(pair, settings, truth.description if truth else "", mask.description if mask else "", files)

    @classmethod
    def _read_one_view(cls, options: argparse.Namespace) -> Given:
        photo = load_photo(options.left).pixels
        size = photo.shape[0], photo.shape[1]
        camera = _read_camera(options, photo) if options.calibration else None
        truth = load_ground_truth(
            options.truth, scale=options.scale, encoding=options.encoding, view=SeenView(size, camera)
        )  # fmt: skip
        if truth.question:
            print(f"{truth.question.text}\n", file=sys.stderr)
        mask = load_mask(options.mask, size) if options.mask else None
        view = SingleView(photo, truth.depth_map, camera, counted=mask.counted if mask else None)
        files = str(options.left), None, str(options.truth)
        return cls(view, SgbmSettings(), truth.description, mask.description if mask else "", files)


def _read_camera(options: argparse.Namespace, left: RgbImage) -> Calibration:
    """Read the camera for views of this size, and print how it was read."""
    read = read_camera(options.calibration, left.shape[:2], options.unit, grey=is_grey(left))
    print(read.description)
    return read.calibration


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A loaded model, and at which size it sees a photo."""

    estimator: TorchEstimator
    chosen: InputSize

    @classmethod
    def load(cls, options: argparse.Namespace, photo: RgbImage) -> Model:
        """Load the model that the options name; a download tells its progress on the terminal."""
        from depth_demo.monocular.estimator import load_estimator

        estimator = load_estimator(options.model, options.weights)
        spec, (height, width) = estimator.spec, photo.shape[:2]
        return cls(estimator, choose_input_size(height, width, options.resolution, spec.preprocessing))

    def run(self, photo: RgbImage) -> DepthMap:
        """Run the model on a photo."""
        return self.estimator(photo, self.chosen.pixels)

    def estimate(self, photo: RgbImage) -> Estimate:
        """Run the model on a photo, and time it."""
        return pipeline.estimate(photo, self.run)

    def seen(self, depth_map: DepthMap) -> str:
        """Say at which size the network saw the photo."""
        return self.chosen.seen(network_size(*depth_map.shape, self.chosen.pixels, self.estimator.spec.preprocessing))


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
