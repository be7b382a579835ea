from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from depth_demo.monocular.depth_anything import Variant, load_network
from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.tiny import TinyDepth
from depth_demo.training.__main__ import main
from depth_demo.training.batches import Batch, Samples, crop_and_flip, resize, scaled_size
from depth_demo.training.losses import LossWeights
from depth_demo.training.objectives import SelfTraining, Supervised, cap_near, perturb_mildly, predict
from depth_demo.training.photos import Photos
from depth_demo.training.pictures import draw_curve, draw_sheet
from depth_demo.training.scenes.generator import LAYOUTS
from depth_demo.training.store import make_block
from depth_demo.training.train import Plan, Trainer, validate


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two training blocks and one for the hold-out, 16 scenes each."""
    place = tmp_path_factory.mktemp("scenes")
    for number, seed in ((0, 1), (3, 1), (0, 999)):
        make_block(place, number, seed, count=16)
    return place


@pytest.fixture(scope="session")
def samples(folder: Path) -> Samples:
    return Samples(folder, 1)


@pytest.fixture
def batch(samples: Samples) -> Batch:
    return samples.draw(np.random.default_rng(0), 4, 0.5, 16)


def steps(trainer: Trainer, samples: Samples, pause_at: int | None = None) -> list[float]:
    return [loss for _, loss in trainer.run(samples, Supervised(), pause_at)]


def weights(network: torch.nn.Module) -> Tensor:
    return torch.cat([value.flatten().float() for value in network.state_dict().values()])


@pytest.fixture
def few_threads() -> Iterator[None]:
    """Sums in one order, so that two runs are the same to the last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_broken_run_goes_on_as_if_it_had_not_been_broken(samples: Samples, tmp_path: Path, few_threads: None) -> None:
    plan = Plan(steps=4, batch_size=4, scales=(0.4, 0.5), warm_up=2)
    torch.manual_seed(0)
    network = TinyDepth()
    start = {name: value.clone() for name, value in network.state_dict().items()}
    whole = Trainer(network, plan, tmp_path / "whole")
    losses = steps(whole, samples)
    first_network, second_network = TinyDepth(), TinyDepth()
    first_network.load_state_dict(start)
    first = Trainer(first_network, plan, tmp_path / "broken")
    before = steps(first, samples, pause_at=2)
    first.save()
    second = Trainer(second_network, plan, tmp_path / "broken")
    assert second.step == 2
    assert before + steps(second, samples) == losses
    assert torch.equal(weights(second.average), weights(whole.average))
    assert torch.equal(weights(second.network), weights(whole.network))


def test_training_learns(samples: Samples, tmp_path: Path) -> None:
    trainer = Trainer(TinyDepth(), Plan(steps=25, batch_size=8, scales=(0.4, 0.4), warm_up=5), tmp_path)
    losses = steps(trainer, samples)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_the_plan_warms_up_falls_to_a_hundredth_and_enlarges() -> None:
    plan = Plan(steps=1000, warm_up=10, scales=(0.5, 0.75, 1.0), shares=(0.6, 0.3, 0.1), most_area=12)
    assert plan.rate_share_at(0) == pytest.approx(0.1, rel=1e-3)
    assert plan.rate_share_at(500) == pytest.approx(0.505)
    assert plan.rate_share_at(1000) == pytest.approx(0.01)
    assert [plan.scale_at(step) for step in (0, 599, 600, 899, 900, 999)] == [0.5, 0.5, 0.75, 0.75, 1.0, 1.0]
    assert [plan.batch_at(step) for step in (0, 600, 900)] == [32, 21, 12]


@pytest.mark.parametrize(("average_over", "shares"), [(1000, (9 / 10, 9 / 11)), (1, (1, 1))])
def test_the_average_follows_the_weights_and_their_statistics(
    samples: Samples, tmp_path: Path, average_over: int, shares: tuple[float, float]
) -> None:
    """In step n the average moves by 9 / (n + 9) of the way, or by 1 / average_over if that is more."""
    plan = Plan(steps=2, batch_size=4, scales=(0.4, 0.4), warm_up=1, average_over=average_over)
    trainer = Trainer(TinyDepth(), plan, tmp_path)
    names = ("scratch.output_conv1.weight", "encoder.stem.1.running_mean")
    expected = {name: trainer.network.state_dict()[name].clone() for name in names}
    for (step, _), share in zip(trainer.run(samples, Supervised()), shares, strict=True):
        now, average = trainer.network.state_dict(), trainer.average.state_dict()
        for name in names:
            assert not torch.equal(now[name], expected[name]), (step, name)
            expected[name] += share * (now[name] - expected[name])
            assert torch.allclose(average[name], expected[name], atol=1e-6), (step, name)


def test_a_continued_run_takes_its_learning_rate_from_the_new_plan(samples: Samples, tmp_path: Path) -> None:
    first = Trainer(TinyDepth(), Plan(steps=4, batch_size=2, scales=(0.4, 0.4), warm_up=2), tmp_path)
    steps(first, samples, pause_at=2)
    first.save()
    plan = Plan(steps=6, batch_size=2, scales=(0.4, 0.4), warm_up=4, learning_rate=0.01)
    second = Trainer(TinyDepth(), plan, tmp_path)
    rates = [group["lr"] for group in second.optimizer.param_groups]
    for _ in second.run(samples, Supervised(), pause_at=3):
        rates += [group["lr"] for group in second.optimizer.param_groups]
    # Step 2 of 6: 3/4 of the warm-up, cosine at 60 degrees. Step 3: all of it, at 90 degrees.
    assert rates == pytest.approx(2 * [0.01 * 0.75 * (0.01 + 0.99 * 0.75)] + 2 * [0.01 * (0.01 + 0.99 * 0.5)])


def test_the_teachers_labels_are_not_changed_by_perturbing_its_images(batch: Batch) -> None:
    generator = torch.Generator().manual_seed(0)
    changed = perturb_mildly(batch.images, generator)
    assert changed.shape == batch.images.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (changed - batch.images).abs().mean() > 0.01


def test_a_student_that_is_its_teacher_has_little_to_learn_from_unperturbed_images(batch: Batch) -> None:
    """Feature alignment with itself is free, and its own labels fit better than those of another network."""
    torch.manual_seed(0)
    teacher, other = (TinyDepth().eval().requires_grad_(requires_grad=False) for _ in range(2))
    self_training = SelfTraining(teacher, LossWeights(), cutmix=0.0, alignment=1.0, margin=1.0)
    losses = [float(self_training(student, batch, torch.Generator().manual_seed(1))) for student in (teacher, other)]
    assert losses[0] < losses[1]


def test_only_the_student_gets_gradients(batch: Batch) -> None:
    torch.manual_seed(0)
    teacher, student = TinyDepth().eval().requires_grad_(requires_grad=False), TinyDepth()
    SelfTraining(teacher, alignment=0.5)(student, batch, torch.Generator().manual_seed(1)).backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert sum(float(p.grad.abs().sum()) > 0 for p in student.parameters() if p.grad is not None) > 50


def test_prediction_gives_the_map_and_the_coarsest_features(batch: Batch) -> None:
    depth, features = predict(TinyDepth().eval(), batch.images)
    assert depth.shape == batch.inverse_depth.shape
    assert depth.dtype == torch.float32
    height, width = batch.images.shape[2:]
    assert features.shape == (4, -(-height // 32) * -(-width // 32), 256)


def test_what_is_very_near_is_cut() -> None:
    values = torch.full((1, 10, 70), 1.0)
    values[0, 0, 0] = 50
    assert cap_near(values).max() == pytest.approx(1.3)


def test_crops_keep_image_and_truth_together(samples: Samples) -> None:
    """A batch whose image is its inverse depth must stay so, cropped, mirrored and not resized."""
    truth = torch.rand(4, 64, 96)
    cropped = crop_and_flip(Batch(truth[:, None].expand(-1, 3, -1, -1), truth, torch.zeros(4)), np.random.default_rng(0))
    assert torch.equal(cropped.images[:, 0], cropped.inverse_depth)
    assert cropped.inverse_depth.shape[1:] != truth.shape[1:]
    resized = resize(Batch(truth[:, None].expand(-1, 3, -1, -1), truth, torch.zeros(4)), scaled_size((64, 96), 0.5, 16))
    assert resized.images.shape == (4, 3, 32, 48)
    assert torch.isin(resized.inverse_depth, truth).all()  # nothing between two depths is made up


def test_samples_can_be_narrowed_to_a_layout(folder: Path, samples: Samples) -> None:
    street = Samples(folder, 1, frozenset({0}))
    assert 0 < len(street) < len(samples)
    assert all((batch.layouts == 0).all() for batch in street.in_order(8))
    with pytest.raises(ValueError, match="no samples of seed 5"):
        Samples(folder, 5)


def test_validation_scores_each_layout(folder: Path) -> None:
    scores = validate(TinyDepth().eval(), Samples(folder, 999), 0.5)
    assert set(scores) <= set(LAYOUTS)
    assert len(scores) >= 2
    assert all(0 < one.abs_rel < 5 and 0 <= one.delta1 <= 1 for one in scores.values())


def test_the_command_trains_a_teacher_and_a_student_and_writes_weights(folder: Path, tmp_path: Path) -> None:
    common = [str(folder), "--steps", "2", "--every", "1", "--batch", "4"]
    main(["teacher", common[0], str(tmp_path / "teacher"), *common[1:], "--edge", "1"])
    main(["weights", str(tmp_path / "teacher"), str(tmp_path / "teacher.safetensors")])
    state = safetensors.torch.load_file(tmp_path / "teacher.safetensors")
    assert {value.dtype for value in state.values()} == {torch.float16}
    main(["student", common[0], str(tmp_path / "student"), *common[1:], "--teacher", str(tmp_path / "teacher.safetensors")])
    lines = [json.loads(line) for line in (tmp_path / "student" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 1, 2]
    for name in ("curve.png", "samples.png"):
        picture = cv2.imread(str(tmp_path / "student" / name))
        assert picture is not None
        assert picture.std() > 10


def test_the_official_network_can_be_trained_further(samples: Samples, tmp_path: Path) -> None:
    """Its images come in whole patches; all of its weights but the unused ones move; it is written as an official file."""
    sizes = Variant(24, 4, 2, (0, 1, 2, 3), 8, (8, 8, 8, 8))
    network = DepthAnything(sizes)
    before = {name: value.clone() for name, value in network.named_parameters()}
    trainer = Trainer(network, Plan(steps=2, batch_size=2, scales=(0.4, 0.4), warm_up=1), tmp_path)
    losses = steps(trainer, samples)
    assert np.isfinite(losses).all()
    moved = [name for name, value in network.named_parameters() if not torch.equal(value, before[name])]
    assert len(moved) > 0.8 * len(before)
    trainer.save()
    main(["weights", str(tmp_path), str(tmp_path / "student.safetensors")])
    written = load_network(tmp_path / "student.safetensors", sizes).state_dict()
    average = trainer.average.state_dict()
    assert written.keys() == average.keys()
    assert all(torch.equal(value, average[name].half().float()) for name, value in written.items())


def test_a_student_learns_from_photos_without_labels(tmp_path: Path) -> None:
    for index, size in enumerate(((60, 90), (300, 200))):
        cv2.imwrite(str(tmp_path / f"{index}.png"), np.random.default_rng(index).integers(0, 255, (*size, 3), np.uint8))
    photos = Photos(tmp_path)
    batch = photos.draw(np.random.default_rng(1), 3, 0.4, 16)
    assert batch.images.shape[:2] == (3, 3)
    assert all(side % 16 == 0 for side in batch.images.shape[2:])
    assert batch.inverse_depth.isnan().all()  # a label that were looked at would show at once
    teacher = TinyDepth().eval().requires_grad_(requires_grad=False)
    trainer = Trainer(TinyDepth(), Plan(steps=1, batch_size=2, scales=(0.4, 0.4), warm_up=1), tmp_path / "run")
    losses = [loss for _, loss in trainer.run(photos, SelfTraining(teacher))]
    assert np.isfinite(losses).all()
    with pytest.raises(ValueError, match="holds no photos"):
        Photos(tmp_path / "run")


def test_a_sheet_has_photos_truths_and_predictions_below_each_other() -> None:
    photos = np.full((2, 4, 6, 3), 7, np.uint8)
    truth = np.linspace(0, 1, 48, dtype=np.float32).reshape(2, 4, 6)
    sheet = draw_sheet(photos, truth, 5 * truth)
    assert sheet.shape == (12, 12, 3)
    assert (sheet[:4] == 7).all()
    assert np.array_equal(sheet[4:8], sheet[8:])  # each map in its own range


def test_the_curve_has_a_line_for_each_layout_in_the_order_in_which_they_end(tmp_path: Path) -> None:
    scores = {seen: {name: {"abs_rel": (n + 1) / seen} for n, name in enumerate(LAYOUTS)} for seen in (10, 20, 40)}
    lines = [{"plan": "a line without scores"}, *({"seen": seen, "scores": one} for seen, one in scores.items())]
    (tmp_path / "log.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    drawn = draw_curve(tmp_path / "log.jsonl").axes[0].lines
    assert [line.get_label() for line in drawn] == [f"{name} {(5 - n) / 40:.3f}" for n, name in enumerate(reversed(LAYOUTS))]
    for line, share in zip(drawn, (5, 4, 3, 2, 1), strict=True):
        assert np.allclose(line.get_xydata(), [(seen, share / seen) for seen in (10, 20, 40)])
