"""The compiled matching gives OpenCV's disparities, bit for bit, wherever it is used; else OpenCV matches."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.caches import CACHE_VARIABLE
from depth_demo.geometry import StereoPair
from depth_demo.stereo.compiled import disparities, library
from depth_demo.stereo.compiled.disparities import compute, is_compiled
from depth_demo.stereo.compiled.library import COMPILER_VARIABLE, compile_into, find_compiler, load_library
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.opencv import opencv_matcher
from depth_demo.stereo.settings import Mode, SgbmSettings
from tests.conftest import PAIRS

MODES: tuple[Mode, ...] = ("SGBM_3WAY", "HH4")
CHANGES: dict[str, dict[str, Any]] = {
    "as they come": {},
    "the smallest range": {"num_disparities": 16},
    "a range that is no multiple of 32": {"num_disparities": 48},
    "cameras that look inwards": {"min_disparity": -20},
    "only behind infinity": {"min_disparity": -90, "num_disparities": 32},
    "a range that begins nearer": {"min_disparity": 9},
    "single pixels": {"block_size": 1},
    "smallest penalties, with many equal sums": {"p1": 0, "p2": 1},
    "a P1 of 0, which OpenCV takes as 2": {"p1": 0, "p2": 300},
    "gradients cut below 15, which OpenCV takes as 15": {"pre_filter_cap": 5},
    "all matches, however ambiguous": {"uniqueness_ratio": 0},
    "hardly any match is unique": {"uniqueness_ratio": 99},
    "a loose left-right check": {"disp12_max_diff": 5},
    "speckles stay": {"speckle_window_size": 0},
    "speckles end at every step": {"speckle_range": 0},
}


@pytest.fixture(scope="module")
def views() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    pair = PAIRS[0].load()
    return pair.left[:90], pair.right[:90]


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and nothing loaded yet. What is compiled is not optimised, which is soon done."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(library, "OPTIONS", ("-O0", *(option for option in library.OPTIONS if option != "-O3")))
    forget()
    yield tmp_path / "cache" / "matching"
    monkeypatch.undo()
    forget()


def forget() -> None:
    library._load.cache_clear()
    disparities._checked_library.cache_clear()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colours", ["colour", "grey"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_disparities_equal_opencvs(
    mode: Mode, colours: str, change: dict[str, Any], views: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> None:
    settings = replace(SgbmSettings(mode, num_disparities=64), **change)
    left, right = views if colours == "colour" else (cv2.cvtColor(view, cv2.COLOR_RGB2GRAY) for view in views)
    assert is_compiled(settings, left.shape)
    expected = opencv_matcher(settings).compute(left, right)
    for threads in (1, 3):
        np.testing.assert_array_equal(compute(left, right, settings, threads), expected)
    if settings.uniqueness_ratio < 99 and settings.min_disparity > -90:
        assert np.mean(expected >= 16 * settings.min_disparity) > 0.2


@pytest.mark.parametrize("mode", MODES)
def test_noise_flat_pictures_and_low_ones_are_matched_as_by_opencv(mode: Mode, random: np.random.Generator) -> None:
    settings = SgbmSettings(mode, num_disparities=32)
    for height in (1, 2, 3, 9, 24, 41):
        noise = random.integers(0, 256, (height, 70, 3), np.uint8)
        for left, right in ((noise, noise[:, ::-1].copy()), (noise, noise), (noise * 0 + 7, noise * 0 + 7)):
            if is_compiled(settings, left.shape):
                np.testing.assert_array_equal(compute(left, right, settings), opencv_matcher(settings).compute(left, right))


def test_other_modes_wide_windows_and_the_lowest_pictures_are_left_to_opencv() -> None:
    shape = (100, 200, 3)
    assert is_compiled(SgbmSettings("HH4"), shape)
    for settings in (
        SgbmSettings("HH"),
        SgbmSettings("SGBM"),
        SgbmSettings("BM", block_size=5),
        SgbmSettings("HH4", block_size=5),
    ):
        assert not is_compiled(settings, shape)
    assert not is_compiled(SgbmSettings("HH4", p2=8000), shape)
    assert not is_compiled(SgbmSettings("SGBM_3WAY"), (8, 200, 3))


def test_hh4_repeats_the_wall_in_the_last_rows_as_opencvs_does(random: np.random.Generator) -> None:
    """OpenCV 5.0: in the last `block_size // 2` rows all disparities cost the same, so a near floor there is not seen."""
    wall, floor, last = 8, 24, 2
    right = random.integers(0, 32, (40 + last, 400), np.uint8)
    left = np.concatenate([np.roll(right[:40], wall, axis=1), np.roll(right[40:], floor, axis=1)])
    settings = SgbmSettings("HH4", 0, 64, 2 * last + 1, 8, 32, uniqueness_ratio=0, speckle_window_size=0)
    assert is_compiled(settings, left.shape)
    found = compute(left, right, settings)
    np.testing.assert_array_equal(found, opencv_matcher(settings).compute(left, right))
    assert set(np.median(found[40:, 80:380], axis=1)) == {16 * wall}


def test_a_pair_is_matched_alike_with_and_without_a_compiler(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, settings = PAIRS[0].load(), SgbmSettings("SGBM_3WAY", num_disparities=64)
    pair = StereoPair(whole.left[:60], whole.right[:60])
    compiled = match_views(pair, settings).disparity.values
    assert [path.suffix for path in fresh.iterdir()] == [".so"]
    monkeypatch.setenv(COMPILER_VARIABLE, "none")
    forget()
    assert load_library() is None
    np.testing.assert_array_equal(match_views(pair, settings).disparity.values, compiled)


def test_a_library_is_kept(fresh: Path) -> None:
    assert load_library() is not None
    (kept,) = fresh.iterdir()
    made = kept.stat().st_mtime_ns
    forget()
    assert load_library() is not None
    assert kept.stat().st_mtime_ns == made


@pytest.mark.parametrize(("state", "mode"), [("damaged", 0o600), ("writable by others", 0o666)])
def test_a_library_is_made_again_if_it_is(state: str, mode: int, fresh: Path) -> None:
    compiler = find_compiler()
    assert compiler
    fresh.mkdir(parents=True)
    kept = fresh / f"{library._circumstances(compiler)}.so"
    kept.write_bytes(b"not a library")
    kept.chmod(mode)
    assert load_library() is not None, state
    assert kept.stat().st_size > 1000
    assert kept.stat().st_mode & 0o022 == 0


@pytest.mark.parametrize("fault", ["a compiler that fails", "no such compiler", "another algorithm"])
def test_a_fault_leaves_the_matching_to_opencv(
    fault: str, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    if fault == "another algorithm":
        monkeypatch.setattr(disparities, "opencv_matcher", lambda settings: opencv_matcher(replace(settings, p2=200)))
    else:
        compiler = tmp_path / "broken"
        compiler.write_text("#!/bin/sh\necho 'broken: sources displease me' >&2\nexit 1\n")
        compiler.chmod(0o755)
        monkeypatch.setenv(COMPILER_VARIABLE, str(compiler) if "fails" in fault else str(tmp_path / "absent"))
    settings = SgbmSettings("HH4", num_disparities=64)
    assert not is_compiled(settings, (100, 200, 3))
    assert match_views(PAIRS[0].load(), settings).disparity.valid.mean() > 0.7
    said = {
        "a compiler that fails": "could not be compiled",
        "no such compiler": "No C compiler is used",
        "another algorithm": f"differs from OpenCV {cv2.__version__}",
    }
    assert said[fault] in caplog.text


def test_a_cache_that_cannot_be_written_costs_a_line_in_the_log(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(fresh))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert load_library() is not None
    assert "cannot be kept" in caplog.text


def test_little_memory_is_an_error_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short:
        hh4_begin = staticmethod(lambda *_: None)

    settings, view = SgbmSettings("HH4", num_disparities=16), np.zeros((40, 80, 3), np.uint8)
    monkeypatch.setattr(disparities, "_checked_library", Short)
    with pytest.raises(MemoryError, match="too little memory to match 80x40 pixels"):
        compute(view, view, settings)


CHECKED = """
import ctypes, sys
import numpy as np
from depth_demo.geometry import StereoPair
from depth_demo.stereo.compiled import disparities
from depth_demo.stereo.settings import SgbmSettings
code = ctypes.CDLL(sys.argv[1])
disparities._checked_library = lambda: code
random, matched = np.random.default_rng(0), 0
for shape in ((33, 90, 3), (24, 61), (1, 70, 3), (17, 400, 3)):
    view = random.integers(0, 256, shape, np.uint8)
    for mode in ("HH4", "SGBM_3WAY"):
        for lowest in (0, -300, 7):
            for block in (1, 3, 7):
                settings = SgbmSettings(mode, lowest, 32, block, p2=500)
                try:
                    settings.check_size(*shape[:2])
                except ValueError:
                    continue
                if disparities.is_compiled(settings, shape):
                    disparities.compute(view, np.roll(view, -4, 1), settings, 2)
                    matched += 1
print(matched)
"""


def test_the_code_reads_and_writes_within_its_arrays(tmp_path: Path) -> None:
    """GCC's and Clang's sanitizers end the process at the first access or shift that C does not define."""
    compiler = find_compiler()
    assert compiler
    compile_into(
        tmp_path / "checked.so",
        compiler,
        "-O1",
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Werror",
    )
    named = [
        subprocess.check_output([compiler, f"-print-file-name=lib{name}.so"], text=True).strip() for name in ("asan", "ubsan")
    ]
    variables = os.environ | {"LD_PRELOAD": " ".join(named), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [sys.executable, "-c", CHECKED, str(tmp_path / "checked.so")],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 30


def test_the_compiler_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPILER_VARIABLE, "gcc")
    assert find_compiler() == shutil.which("gcc")
    monkeypatch.setenv(COMPILER_VARIABLE, "none")
    assert find_compiler() is None
