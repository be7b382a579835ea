"""Numbers, choices and files that no page sends: through Python and through HTTP, each gets a sentence."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest

from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import Calibration, DepthKind, DepthMap, choose_focal_length
from depth_demo.monocular.input_size import choose_input_size, network_size
from depth_demo.monocular.models import DEFAULT
from depth_demo.render.maps import render_map
from depth_demo.render.surface import render_surface
from depth_demo.serving.inputs import check_inputs, file_inside
from depth_demo.serving.sessions import MAX_EACH, Sessions
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS
from tests.support.stranger import Stranger, sentence_in, upload_of

PAIR = PAIRS[0]
FIELDS = [field.name for field in dataclasses.fields(SgbmSettings)]
NOT_FINITE = [math.nan, math.inf, -math.inf]
HUGE = [1e308, -1e308, 2**63, 10**400, -(2**31)]
NO_NUMBERS: list[object] = ["NaN", "abc", "", [], {}, True, b"1", 1j]
HOSTILE = [*NOT_FINITE, *HUGE, *NO_NUMBERS, None]
PICTURE = np.zeros((40, 50, 3), np.uint8)
MAP = DepthMap(np.linspace(1, 2, 2000, dtype=np.float32).reshape(40, 50), DepthKind.DISPARITY)


def test_no_setting_of_the_matcher_takes_a_hostile_value() -> None:
    for name, value in itertools.product(FIELDS, HOSTILE):
        with pytest.raises(ValueError, match="must be"):
            SgbmSettings(**{name: cast(Any, value)})


@pytest.mark.parametrize(
    "use",
    [
        lambda value: Calibration(value, 0.1),
        lambda value: Calibration(500, value),
        lambda value: choose_input_size(400, 500, value, DEFAULT.preprocessing),
        lambda value: network_size(400, 500, value, DEFAULT.preprocessing),
        lambda value: render_map(MAP, value),
        lambda value: render_surface(MAP.values, "m", PICTURE, 500, value),
        lambda value: load_ground_truth(PAIR.disparity, value),
    ],
)
def test_no_function_takes_a_hostile_value(use: Callable[[Any], object]) -> None:
    for value in HOSTILE:
        with pytest.raises(ValueError, match="must be"):
            use(value)


@pytest.mark.parametrize("value", [math.nan, -math.inf, "abc", True])
def test_optional_numbers_are_numbers(value: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        choose_focal_length(value, None, PICTURE)
    with pytest.raises(ValueError, match="must be"):
        load_ground_truth(PAIR.disparity, "disparity", value)
    with pytest.raises(ValueError, match="must be"):
        Calibration(500, 0.1, value if value is not True else math.nan)


CORNERS = {
    "mode": ("SGBM", "HH", "SGBM_3WAY", "HH4", "BM"),
    "min_disparity": (-64, 64),
    "num_disparities": (16, 96),
    "block_size": (5, 11),
    "p1": (0, 7999),
    "p2": (8000,),
    "disp12_max_diff": (-1, 1024),
    "pre_filter_cap": (1, 63),
    "uniqueness_ratio": (0, 99),
    "speckle_window_size": (0, 10_000),
    "speckle_range": (0, 1024),
    "left_right_max_diff": (-1024, 1024),
}
MATCH_CORNERS = """
import json, sys
import numpy as np
from depth_demo.geometry import StereoPair
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.settings import SgbmSettings
random = np.random.default_rng(0)
left, right = random.integers(0, 256, (2, 24, 200, 3), dtype=np.uint8)
for settings in json.load(sys.stdin):
    print(json.dumps(settings), flush=True)
    compute_disparity(StereoPair(left, right), SgbmSettings(**settings))
print("all")
"""


def test_every_corner_of_the_settings_can_be_matched() -> None:
    """In a process of its own, as OpenCV ends the whole process on some values that its types allow."""
    columns = [itertools.cycle(values) for values in CORNERS.values()]
    ends = [dict(zip(CORNERS, (next(column) for column in columns), strict=True)) for _ in range(10)]
    random = np.random.default_rng(0)
    mixed = [{name: values[random.integers(len(values))] for name, values in CORNERS.items()} for _ in range(60)]
    done = subprocess.run(
        [sys.executable, "-c", MATCH_CORNERS], input=json.dumps(ends + mixed), capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("all\n"), [*done.stdout.splitlines()[-1:], done.stderr[-500:], done.returncode]


def test_a_field_takes_what_its_page_sends(tmp_path: Path) -> None:
    upload = tmp_path / "hash" / "left.png"
    upload.parent.mkdir()
    upload.touch()
    cards = gr.Dataset(components=["html"], samples=[["one"], ["two"]])
    fields = [gr.Number(), gr.Slider(0, 4), gr.Radio(["a", "b"]), gr.Image(), gr.File(), gr.State(), cards, gr.Checkbox()]
    fields += [gr.Number(precision=0), gr.Slider(0, 4, precision=0)]
    check_inputs(fields, [1.5, 4, "b", upload_of(str(upload)), None, {"path": "/etc/passwd"}, 1, True, 3.0, 4], tmp_path)
    check_inputs(fields, [None, 0, "a", None, upload_of(str(upload)), None, 0, False, None, 0], tmp_path)
    hostile: list[tuple[int, object]] = [(0, "1"), (0, True), (1, None), (1, 5), (2, None), (2, ["a"]), (3, "x"), (4, [])]
    for index, value in [*hostile, (6, -1), (6, 2), (6, True), (6, "0"), (7, 1), (7, None), (8, 1.5), (9, 3.5)]:
        values: list[object] = [1, 1, "a", None, None, None, 0, False, 3, 3]
        values[index] = value
        with pytest.raises(ValueError, match=r"must be|is none of them"):
            check_inputs(fields, values, tmp_path)
    with pytest.raises(ValueError, match="must be 10, not 1"):
        check_inputs(fields, [1], tmp_path)


def test_only_files_below_the_folder_of_uploads_count(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    inside, outside = folder / "hash" / "photo.png", tmp_path / "secret.png"
    inside.parent.mkdir(parents=True)
    inside.touch()
    outside.touch()
    assert file_inside(folder, str(inside)) == inside
    assert file_inside(folder, f"{folder}/hash/../hash/photo.png") == inside
    beside = [str(outside), f"{folder}/../secret.png", f"{folder}/hash/../../secret.png", "secret.png", str(folder)]
    nowhere = [
        str(inside.parent),
        f"{folder}/hash/\0.png",
        f"{folder}/{'x' * 5000}",
        "",
        "http://8.8.8.8/x.png",
        "file:///etc",
    ]
    assert not any(file_inside(folder, path) for path in beside + nowhere)


def test_the_end_of_a_session_deletes_nothing_but_its_uploads(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    upload, kept = folder / "hash" / "photo.png", tmp_path / "kept.txt"
    upload.parent.mkdir(parents=True)
    upload.touch()
    kept.touch()
    sessions = Sessions(folder, lambda name: None, lambda name: None, 0, 0)
    sessions.claim("evil", [{"path": f"{folder}/../kept.txt"}, {"path": str(upload.parent)}, {"path": f"{folder}/\0"}])
    sessions.claim("evil", {"deep": [upload_of(str(upload))]})
    sessions.sweep()
    assert kept.exists()
    assert not upload.parent.exists()
    assert len(sessions) == 0


def test_too_many_idle_sessions_of_one_address_end_the_longest_silent_of_them(tmp_path: Path) -> None:
    clock, ended = itertools.count(), list[str]()
    sessions = Sessions(tmp_path, lambda name: None, ended.append, 1e9, 1e9, clock=lambda: next(clock))
    upload = tmp_path / "hash" / "photo.png"
    upload.parent.mkdir()
    upload.touch()
    sessions.belongs("other", "9.9.9.9")
    with sessions.connected("page"):
        sessions.belongs("page", "8.8.8.8")
        sessions.belongs("first", "8.8.8.8")
        sessions.claim("first", upload_of(str(upload)))
        for number in range(MAX_EACH - 1):
            sessions.belongs(str(number), "8.8.8.8")
        assert ended == []
        with sessions.writing():  # an equal file may be written just now
            sessions.belongs("one more", "8.8.8.8")
            assert ended == ["first"]
        assert upload.exists()
        sessions.belongs("and one more", "8.8.8.8")
        assert ended == ["first", "0"]


@pytest.fixture(scope="module")
def stranger(app_url: str) -> Iterator[Stranger]:
    with Stranger(app_url) as stranger:
        yield stranger


def parameters(stranger: Stranger, endpoint: str) -> list[dict[str, Any]]:
    return list(stranger.get("/gradio_api/info").json()["named_endpoints"][endpoint]["parameters"])


@pytest.mark.parametrize("endpoint", ["/estimate", "/match", "/rectify", "/compare"])
def test_every_field_of_an_endpoint_refuses_hostile_values_with_a_sentence(stranger: Stranger, endpoint: str) -> None:
    """One after the other through all fields, each with another value, so that every field and every value has its turn."""
    upload = upload_of(stranger.upload(PAIR.left))
    fields = parameters(stranger, endpoint)
    usual = [upload if field["component"] in {"Image", "File"} else field["parameter_default"] for field in fields]
    hostile = [value for value in HOSTILE if not isinstance(value, bytes | complex | None) and value != 10**400]
    for number, field in enumerate(fields):
        for value in {id(v): v for v in (hostile[number % len(hostile)], math.nan, "abc")}.values():
            if value is True and field["component"] == "Checkbox":
                continue
            values = [*usual[:number], value, *usual[number + 1 :]]
            sentence = sentence_in(stranger.call(endpoint, values))
            assert "must be" in sentence, (field["parameter_name"], value, sentence)
            assert "noted it as" not in sentence
    assert stranger.get("/health").json()["ready"]


def test_no_file_but_an_upload_is_read(stranger: Stranger) -> None:
    usual = [field["parameter_default"] for field in parameters(stranger, "/estimate")[1:]]
    paths = [
        str(PAIR.left),
        "examples/466/left.png",
        "/etc/passwd",
        "../../../../etc/passwd",
        "/proc/self/environ",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "http://169.254.169.254/latest/meta-data",
        "x" * 5000,
        "\0",
    ]
    metas: list[dict[str, object]] = [{"meta": {"_type": "gradio.FileData"}}, {}, {"meta": {}}]
    for path, meta in zip(paths, itertools.cycle(metas), strict=False):
        said = "fetches no web addresses" if "//" in path else "never uploaded"
        assert said in sentence_in(stranger.call("/estimate", [{"path": path, **meta}, *usual])), path


def test_functions_of_the_page_answer_garbage_politely(stranger: Stranger) -> None:
    functions = stranger.functions()
    for name in ("on_run", "on_color_map", "on_click", "on_calibration_file", "claim_upload", "show"):
        for values in ([], ["x"] * 40):
            answer = stranger.event(functions[name]["id"], values)
            assert "The number of inputs must be" in answer["output"]["error"], name
    cards = next(f for f in functions.values() if [*f["inputs"], "click"] in f["targets"])  # they ask with their own number
    for example in (-1, 2, "0", None, [0], 1.5, True, 2**70):
        assert "is none of them" in stranger.event(cards["id"], [example])["output"]["error"]
    for number in (-1, 10_000, 2**70):
        assert "There is no function" in stranger.event(number, [])["detail"]
    for path in ("call/nothing", "call/v2/nothing", "run/nothing", "run/predict"):
        sent = stranger.post(f"/gradio_api/{path}", json={"data": [], "fn_index": 9999 if path == "run/predict" else None})
        assert (sent.status_code, "There is no such function" in sent.json()["detail"]) == (404, True), path
    no_numbers: list[object] = ["abc", [], 1.5, None]
    for wrong in no_numbers:
        assert stranger.event(wrong, [])["detail"]
    assert stranger.get("/health").json()["ready"]


def test_clicks_and_sessions_of_garbage(stranger: Stranger) -> None:
    click = stranger.functions()["on_click"]["id"]
    for index in ([1e9, -5], "abc", None, [None], {"a": 1}):
        assert stranger.event(click, [None, None], event_data={"index": index, "value": 1}, trigger_id=10**9)["success"]
    no_events: list[object] = ["x", [], 5, {"a": "b"}]
    for event in no_events:
        assert "noted it as" in stranger.event(click, [None, None], event_data=event)["output"]["error"]
    for session in ("", "x" * 10_000):
        assert "1 to 64 characters" in stranger.event(click, [None, None], session=session)["detail"]
    for session in ("../../etc", "\u202e\U0001f600"):
        assert stranger.event(click, [None, None], session=session, event_data={"index": [1, 2], "value": 1})["success"]
    assert stranger.get("/health").json()["ready"]
    assert not [text for text in stranger.seen if "Traceback" in text or "site-packages" in text]
