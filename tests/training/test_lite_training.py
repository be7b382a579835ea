"""The training of a network on a pretrained encoder: what learns, how fast, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from depth_demo.monocular.efficientnet import fold
from depth_demo.monocular.tiny_lite import TinyLite
from depth_demo.training.batches import Samples
from depth_demo.training.objectives import Supervised, size_step
from depth_demo.training.store import make_block
from depth_demo.training.train import Plan, Trainer
from tests.support.efficientnet import random_checkpoint

PRETRAINED = fold(random_checkpoint())


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    place = tmp_path_factory.mktemp("scenes")
    make_block(place, 1, 1, count=16)
    return Samples(place, 1)


def plan(steps: int, frozen_share: float = 0.5) -> Plan:
    return Plan(steps, batch_size=2, scales=(0.25, 0.25), warm_up=1, pretrained_rate=0.25, frozen_share=frozen_share)


def new_network(seed: int = 0) -> TinyLite:
    torch.manual_seed(seed)
    return TinyLite(PRETRAINED, rank=4)


def copies(network: TinyLite) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def changed(before: dict[str, Tensor], network: TinyLite) -> set[str]:
    """What parts have a weight that is another now."""
    return {name.split(".")[0] for name, value in network.state_dict().items() if not torch.equal(value, before[name])}


def test_the_encoder_is_adapted_after_the_frozen_steps_and_keeps_what_it_was_given(samples: Samples, tmp_path: Path) -> None:
    network = new_network()
    trainer = Trainer(network, plan(steps=4), tmp_path)
    start, steps = copies(network), trainer.run(samples, Supervised())
    given = [buffer.clone() for buffer in network.buffers()]
    for _ in range(2):
        next(steps)
    assert changed(start, network) == {"scratch", "details"}
    assert list(steps)[-1][0] == 4
    assert changed(start, network) == {"scratch", "details", "encoder"}
    assert all(torch.equal(one, other) for one, other in zip(given, trainer.average.buffers(), strict=True))


def test_the_pretrained_part_has_a_learning_rate_of_its_own(samples: Samples, tmp_path: Path) -> None:
    network = new_network()
    trainer = Trainer(network, plan(steps=2), tmp_path)
    groups = trainer.optimizer.param_groups
    adapted = {id(parameter) for parameter in network.encoder.parameters()}
    slow = [group["initial_lr"] == pytest.approx(0.25 * trainer.plan.learning_rate) for group in groups]
    assert slow == [all(id(parameter) in adapted for parameter in group["params"]) for group in groups]
    assert True in slow
    assert False in slow
    kept = [parameter for group in groups if group["weight_decay"] == 0 for parameter in group["params"]]
    assert all(parameter.ndim == 1 for parameter in kept)


def test_a_broken_run_goes_on_as_if_it_had_not_been_broken(samples: Samples, tmp_path: Path) -> None:
    whole = Trainer(new_network(), plan(steps=4), tmp_path / "whole")
    losses = [loss for _, loss in whole.run(samples, Supervised())]
    first = Trainer(new_network(), plan(steps=4), tmp_path / "broken")
    before = [loss for _, loss in first.run(samples, Supervised(), pause_at=3)]
    first.save()
    second = Trainer(new_network(seed=1), plan(steps=4), tmp_path / "broken")
    assert second.step == 3
    assert before + [loss for _, loss in second.run(samples, Supervised())] == pytest.approx(losses, rel=1e-4)
    saved = torch.load(tmp_path / "broken" / "state.pt", weights_only=True)["network"]
    assert not [name for name in saved if name.startswith("encoder") and name.endswith((".weight", ".bias"))]


def test_it_learns(samples: Samples, tmp_path: Path) -> None:
    trainer = Trainer(new_network(), Plan(20, 4, (0.25, 0.25), warm_up=4, frozen_share=0.3), tmp_path)
    losses = [loss for _, loss in trainer.run(samples, Supervised())]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_it_is_trained_at_sizes_that_the_app_shows_it() -> None:
    assert size_step(new_network()) == 14
