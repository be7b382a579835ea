"""The network of Video Depth Anything: against a plain one on shared random weights, and which files it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from depth_demo.monocular.depth_anything import VARIANTS as BEFORE
from depth_demo.monocular.input_size import NetworkSize, network_size
from depth_demo.monocular.video_depth_anything import VARIANTS, load_network
from depth_demo.monocular.video_depth_anything import motion as motion_modules
from depth_demo.monocular.video_depth_anything.cost import multiply_adds, run_cost
from depth_demo.monocular.video_depth_anything.network import VideoDepthAnything
from depth_demo.monocular.video_depth_anything.variants import PREPROCESSING
from tests.support.official import official_shapes as shapes_of_v2
from tests.support.video_depth_anything import TINY, official_answer, official_shapes, random_state_dict

MOTION = "head.motion_modules.2.temporal_transformer"


def clip(count: int, height: int, width: int) -> Tensor:
    """Frames that have nothing to do with each other, so that it shows what one takes from another."""
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(count + height + width))


def answer(frames: Tensor, network: VideoDepthAnything | None = None) -> Tensor:
    with torch.inference_mode():
        return (network or load_network(random_state_dict(TINY), TINY))(frames)


def error(ours: Tensor, plain: Tensor) -> float:
    """Largest difference over the range."""
    assert ours.shape == plain.shape
    found = float((ours - plain).abs().max() / (plain.max() - plain.min()))
    print(f"largest error over range: {found:.1e}")
    return found


@pytest.mark.parametrize(
    ("count", "height", "width"),
    [(1, 14, 28), (1, 56, 98), (2, 42, 28), (3, 28, 56), (5, 70, 42), (8, 28, 42), (32, 28, 42), (2, 14, 84)],
)
def test_equals_the_plain_network(count: int, height: int, width: int) -> None:
    frames = clip(count, height, width)
    plain = official_answer(random_state_dict(TINY), TINY, frames)
    assert plain.shape == (count, height, width)
    assert plain.std() > 0.05 * plain.mean() > 0  # not flat, so that agreement means something
    assert error(answer(frames), plain) <= 1e-5


def test_pixels_pass_through_the_motion_modules_in_any_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not see each other."""
    frames = clip(3, 42, 56)
    whole = answer(frames)
    monkeypatch.setattr(motion_modules, "PIXELS_AT_ONCE", 5)
    assert error(answer(frames), whole) <= 1e-5


def test_frames_see_each_other_and_their_order_counts() -> None:
    frames = clip(6, 42, 56)
    together = answer(frames)
    alone = torch.cat([answer(frame[None]) for frame in frames])
    reversed_ = answer(frames.flip(0)).flip(0)
    span = together.max() - together.min()
    assert (together - alone).abs().max() > 0.05 * span
    assert (together - reversed_).abs().max() > 0.05 * span


def test_runs_are_equal_to_the_bit_and_never_negative() -> None:
    network, frames = load_network(random_state_dict(TINY), TINY), clip(5, 56, 70)
    first, again = answer(frames, network), answer(frames, network)
    assert torch.equal(first, again)
    assert first.min() >= 0


def test_how_far_it_is_is_told_and_a_run_can_be_stopped() -> None:
    told: list[tuple[float, str]] = []

    class StopError(Exception):
        """Somebody had enough."""

    def tell(share: float, text: str) -> None:
        told.append((share, text))
        if text == "Drawing frame 5 of 6":
            raise StopError

    network = load_network(random_state_dict(TINY), TINY)
    with pytest.raises(StopError), torch.inference_mode():
        network(clip(6, 28, 28), tell)
    assert [text for _, text in told] == [
        "Seeing frame 1 of 6",
        "Seeing frame 5 of 6",
        "Relating all frames to each other",
        "Drawing frame 1 of 6",
        "Drawing frame 5 of 6",
    ]
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] < 1


def test_the_official_file_has_these_keys() -> None:
    """The published code of October 2025 has 351 names for its small network, with 29,080,193 numbers."""
    shapes = official_shapes(VARIANTS["vits"])
    assert (len(shapes), sum(value.numel() for value in shapes.values())) == (351, 29_080_193)
    assert tuple(shapes["head.motion_modules.0.temporal_transformer.proj_in.weight"].shape) == (192, 192)
    block = f"{MOTION}.transformer_blocks.0"
    assert tuple(shapes[f"{block}.attention_blocks.1.pos_encoder.pe"].shape) == (1, 32, 64)
    assert tuple(shapes[f"{block}.ff.net.0.proj.weight"].shape) == (512, 64)


def test_every_official_key_is_taken_at_full_size_or_ignored_by_name() -> None:
    network = load_network(official_shapes(VARIANTS["vits"]), "vits")
    folded = 2 + 2 + 6 * 12  # class token and bias of the patches, the last norm, and of a block two norms and two scales
    ignored = 1 + 4  # the token that masks patches, and two convolutions that have nothing to fuse with
    assert len(network.state_dict()) == 351 - folded - ignored
    assert not network.training
    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda w: w.pop(f"{MOTION}.proj_out.bias"), rf"1 weights are missing \({MOTION}.proj_out.bias\)"),
        (
            lambda w: w.update({f"{MOTION}.norm.weight": torch.zeros(32)}),
            rf"1 weights are of another shape \({MOTION}.norm.weight\)",
        ),
        (lambda w: w.update({"head.extra": torch.zeros(1)}), r"1 weights are unknown \(head.extra\)"),
    ],
    ids=["removed", "misshapen", "unknown"],
)
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(
    damage: Callable[[dict[str, Tensor]], object], message: str
) -> None:
    weights = random_state_dict(TINY)
    damage(weights)
    with pytest.raises(ValueError, match=message):
        load_network(weights, TINY)


def test_the_files_of_v2_are_refused() -> None:
    weights = {name: torch.zeros(1).expand(shape) for name, shape in shapes_of_v2(BEFORE["vits"])}
    with pytest.raises(ValueError, match=r"weights are missing \(head\..*unknown \(depth_head\."):
        load_network(weights, "vits")


def test_a_file_gives_what_its_tensors_give(tmp_path: Path) -> None:
    torch.save(random_state_dict(TINY), tmp_path / "tiny.pth")
    frames = clip(2, 28, 42)
    assert torch.equal(answer(frames, load_network(tmp_path / "tiny.pth", TINY)), answer(frames))


def test_unknown_variants_odd_sizes_and_long_clips_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown variant 'giant'; there are vits"):
        load_network({}, "giant")
    with pytest.raises(ValueError, match="multiples of 14, not 28x30"):
        answer(clip(1, 28, 30))
    with pytest.raises(ValueError, match="takes up to 32 frames at once, not 33"):
        answer(clip(33, 14, 14))


@pytest.mark.parametrize(
    ("count", "height", "width", "expected"),  # torch.utils.flop_counter over the published code
    [(1, 14, 14, 0.056422528), (1, 518, 518, 60.535307392), (8, 294, 518, 241.289868288), (32, 98, 126, 66.214539264)],
)
def test_multiply_adds(count: int, height: int, width: int, expected: float) -> None:
    size = NetworkSize(height, width, capped=False)
    assert multiply_adds("vits", size, count) / 1e9 == pytest.approx(expected, rel=1e-9)
    assert run_cost(size, "vits") > multiply_adds("vits", size)


@pytest.mark.parametrize(
    ("height", "width", "seen"),
    [(1080, 1920, (518, 924)), (480, 640, (518, 686)), (288, 512, (518, 924)), (512, 288, (924, 518))],
)
def test_frames_are_seen_at_the_size_of_the_published_program(height: int, width: int, seen: tuple[int, int]) -> None:
    size = network_size(height, width, 518, PREPROCESSING)
    assert (size.height, size.width) == seen


def test_frames_longer_than_16_to_9_are_seen_about_as_large() -> None:
    """The published program takes 224x896 for 4:1: a short side of 518 x 1.777 / 4 px, in whole patches."""
    size = network_size(400, 1600, 518, PREPROCESSING)
    assert (size.height, size.width) == (238, 924)


def test_what_is_asked_before_loading_needs_no_torch() -> None:
    package = "depth_demo.monocular.video_depth_anything"
    code = f"import sys, {package}, {package}.cost; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
