"""The page says what was measured, asks nobody for anything, and shows text of others as text."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from depth_demo.comparison.results import Comparison, Scores
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.pipeline import align, compare
from depth_demo.render.boxes import COLORS, METHOD_COLORS
from depth_demo.render.report.methods import SOURCES, Provenance
from depth_demo.render.report.report import render_report
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.boxes import box_caption
from depth_demo.wording.findings import findings, shown
from depth_demo.wording.scores import score_table
from tests.conftest import PAIRS, stereo_of

VOID = {"meta", "img", "input", "br", "rect"}
PROVENANCE = Provenance(
    title="Two planes",
    left="left.png",
    right="right.png",
    truth="disparity.png",
    truth_text="16-bit PNG, read as disparity.",
    model=TINY,
    sha256="ab" * 32,
    chosen=InputSize(TINY.preprocessing.short_side),
    device="CPU, float32",
    created=datetime(2026, 3, 4, 15, 6, tzinfo=UTC),
    versions={"OpenCV": "5.0.0", "PyTorch": "2.13.0"},
)


class Page(HTMLParser):
    """Text, tags with their attributes, and a check that every tag is closed in turn."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.pieces: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []
        self.text = " ".join("".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.pieces.append(data)

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def comparison(sign: float = 1.0, *, calibrated: bool = True, judged: bool = True) -> Comparison:
    pair = PAIRS[0].load()
    assert pair.ground_truth is not None
    bent = DepthMap(sign * pair.ground_truth.values**1.5, DepthKind.RELATIVE_INVERSE_DEPTH)
    camera = pair.calibration if calibrated else None
    plain = StereoPair(pair.left, pair.right, camera, pair.ground_truth if judged else None)
    return compare(plain, lambda image: bent, SgbmSettings("SGBM_3WAY", num_disparities=64))


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return comparison()


def written(result: Comparison, provenance: Provenance = PROVENANCE) -> str:
    picture, strip = np.zeros((700, 900, 3), np.uint8), np.zeros((238, 728, 3), np.uint8)
    judge = ["Truth", "SSIM, stereo"] if result.truth else ["Confident stereo"]
    maps = ["Left view", "Monocular", "Stereo", "SSIM, monocular", *judge]
    return render_report(
        result, provenance, dict.fromkeys(maps, picture), [strip] * len(result.failures), align(result, "truth")
    )


def test_it_asks_nobody_for_anything(compared: Comparison) -> None:
    source = written(compared)
    page = Page(source)
    assert {name for name, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form"})
    sources = [attributes["src"] or "" for _, attributes in page.tags if "src" in attributes]
    assert len(sources) == 7 + len(compared.failures)
    assert all(address.startswith(("data:image/jpeg;base64,", "data:image/webp;base64,")) for address in sources)
    links = [attributes["href"] for attributes in page.all("a")]
    assert links == [address for _, address in SOURCES] + [paper.address for paper in TINY.sources]
    assert source.count("http") == len(links) + source.count("http-equiv")
    assert "url(" not in source
    assert "@import" not in source
    policy = next(a["content"] or "" for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")


def test_it_carries_every_score_sentence_and_setting(compared: Comparison) -> None:
    page = Page(written(compared))
    rows = score_table(compared)
    assert len(rows) >= 15
    scores = page.text[page.text.index("What it says") :].replace(" ", "")
    assert scores.startswith("".join(["What it says", *("".join(row) for row in rows)]).replace(" ", ""))
    assert all(part in page.text for part in findings(compared).replace("**", "").split("\n\n"))
    for box in compared.failures:
        figures, *cause = box_caption(box).removeprefix(f"{box.name}, ").split("\n")
        assert f"{box.name} {figures}." in page.text
        assert all(text.capitalize() in page.text for text in cause)
    for name, value in dataclasses.asdict(compared.matched.settings).items():
        assert f"{name}{value}" in page.text
    assert f"{compared.monocular.fair.alignment}" in page.text
    expected = (
        "Two planes", "4 March 2026, 15:06 UTC", "left.png, 480x360 px", "disparity.png: 16-bit PNG, read as disparity.",
        "Depth Demo Tiny 2", "Apache-2.0", "on synthetic images only", "ab" * 32, "CPU, float32", "OpenCV5.0.0",
        "the network saw 336x252", f"{compared.estimate.seconds:.2f} s", f"{compared.matched.seconds:.2f} s",
        "B = 0.1 m",
    )  # fmt: skip
    assert [text for text in expected if text not in page.text] == []


def test_the_bars_are_the_measurements(compared: Comparison) -> None:
    page = Page(written(compared))
    assert compared.fused is not None
    methods = [list(shown(scores.regions)) for scores in (compared.monocular, stereo_of(compared), compared.fused)]
    measured = [row for rows in zip(*methods, strict=True) for row in rows]
    bars = page.all("rect")
    assert [float(bar["width"] or "") for bar in bars] == pytest.approx([row.wrong for row in measured], abs=0.005)
    assert [bar["fill"] for bar in bars[:3]] == [f"rgb{color}" for color in METHOD_COLORS.values()]
    assert all(row.definition in page.text and f"{row.pixels:,} px" in page.text for row in measured)


def test_regions_of_few_pixels_are_left_out(compared: Comparison) -> None:
    speck = RegionErrors("speck", "", "label", 199, 1.0, 0.0, 50.0, 100.0)

    def with_speck(scores: Scores) -> Scores:
        return dataclasses.replace(scores, regions=(*scores.regions, speck))

    result = dataclasses.replace(compared, monocular=with_speck(compared.monocular), stereo=with_speck(stereo_of(compared)))
    assert "speck" not in Page(written(result)).text.replace("speckle", "")


def test_text_of_others_stays_text(compared: Comparison) -> None:
    nasty = """<script>alert("1")</script> & '<img src=http://x.y/z>' **x**"""
    fields: dict[str, Any] = dict.fromkeys(("title", "left", "right", "truth", "truth_text", "device"), nasty)
    page = Page(written(compared, dataclasses.replace(PROVENANCE, **fields, versions={nasty: nasty})))
    assert page.all("script") == []
    assert len(page.all("img")) == len(Page(written(compared)).all("img"))
    assert page.text.count(nasty) == 2 + 5 + 2  # as title and heading, in five more fields, twice as a version


def test_an_inverted_map_has_no_bars_and_says_why() -> None:
    result = comparison(-1)
    page = Page(written(result))
    assert {bar["fill"] for bar in page.all("rect")} == {f"rgb{COLORS['only stereo']}"}
    assert "as it came: it is inverted against the truth" in page.text
    assert "both maps share" not in page.text
    assert "fair: SSIMinverted" in page.text


def test_without_a_calibration_it_says_that_there_are_no_metres() -> None:
    assert "none, so no metres" in Page(written(comparison(calibrated=False))).text


def test_a_checksum_is_set_beside_the_one_on_record(compared: Comparison) -> None:
    def text(sha256: str) -> str:
        return Page(written(compared, dataclasses.replace(PROVENANCE, model=DEFAULT, sha256=sha256))).text

    recorded = DEFAULT.files[0].sha256
    assert recorded is not None
    assert f"{recorded} (as on record)" in text(recorded)
    assert f"{'0' * 64} (differs from the one on record)" in text("0" * 64)
    assert "none: no file of weights" in text("")


def test_a_suspicion_about_the_truth_is_said_at_the_top(compared: Comparison) -> None:
    page = Page(written(compared, dataclasses.replace(PROVENANCE, warning="**The truth is about 2 times too large?**")))
    assert page.text.index("The truth is about 2 times too large?") < page.text.index("In words")


def test_without_truth_nothing_is_called_true() -> None:
    result = comparison(judged=False)
    page = Page(written(result, dataclasses.replace(PROVENANCE, truth="", truth_text="")))
    assert "without ground truth: how far the two agree." in page.text
    assert "Confident stereo, known for" in page.text
    assert "fitted to confident stereo." in page.text
    assert "No truth was given." in page.text
    assert "Truthnone" in page.text
    assert "SSIM, stereo" not in page.text
    assert len(page.all("rect")) == len(shown(result.monocular.regions))
    assert findings(result).startswith("**Monocular, against confident stereo,** has an answer for 100.0 % of the pixels with")
