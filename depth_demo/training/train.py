"""The training loop: resumable, with a moving average of the weights, a log, and scores on scenes never trained on."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from depth_demo.training.batches import Batch, Samples, resize, scaled_size
from depth_demo.training.losses import LossWeights
from depth_demo.training.objectives import Network, Objective, predict, size_step
from depth_demo.training.photos import Photos
from depth_demo.training.scenes.generator import LAYOUTS
from depth_demo.training.scoring import Score, mean, score


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what comes out.

    Attributes:
        steps, batch_size: How long.
        scales: Sizes of the pictures relative to the stored ones; the first `first_share` of the steps use the first.
        learning_rate: At its highest, after `warm_up` steps; it falls along a cosine to 1 %.
        average_over: Steps that the moving average of the weights reaches back.
        losses: Weights of the losses.
        seed: Of weights and batches.
    """

    steps: int
    batch_size: int = 32
    scales: tuple[float, float] = (0.7, 1.0)
    first_share: float = 0.6
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warm_up: int = 300
    average_over: int = 1000
    losses: LossWeights = field(default_factory=LossWeights)
    seed: int = 1

    def rate_at(self, step: int) -> float:
        warm = min(1.0, (step + 1) / self.warm_up)
        return self.learning_rate * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * step / self.steps)))

    def scale_at(self, step: int) -> float:
        return self.scales[0 if step < self.first_share * self.steps else 1]


class Trainer:
    """A network under training, its average, and where both are kept.

    Args:
        network: Has a method `signed`, normalised (B, 3, H, W) RGB to (B, H, W) before the last ReLU.
        plan: What to do.
        folder: For `state.pt`, `log.jsonl` and pictures; what is there is continued.
    """

    def __init__(self, network: Network, plan: Plan, folder: Path, device: str = "cpu") -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.folder, self.device = plan, folder, torch.device(device)
        self.network = network.to(self.device).requires_grad_(requires_grad=True)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).eval().requires_grad_(requires_grad=False)
        decayed = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=plan.learning_rate, betas=(0.9, 0.98))
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.pt").exists():
            self._load(torch.load(folder / "state.pt", map_location=self.device, weights_only=True))

    def run(self, samples: Samples | Photos, objective: Objective, pause_at: int | None = None) -> Iterator[tuple[int, float]]:
        """Train to the end of the plan, or to `pause_at`; yields step and loss."""
        self.network.train()
        while self.step < min(self.plan.steps, pause_at or self.plan.steps):
            rng = np.random.default_rng((self.plan.seed, self.step))
            generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
            batch = samples.draw(rng, self.plan.batch_size, self.plan.scale_at(self.step), size_step(self.network))
            for group in self.optimizer.param_groups:
                group["lr"] = self.plan.rate_at(self.step)
            loss = objective(self.network, self._moved(batch), generator)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            self._follow()
            self.step += 1
            yield self.step, float(loss.detach())

    def save(self) -> None:
        """Write the state in one go, so that a broken run leaves the last whole one."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(state, self.folder / "state.part")
        (self.folder / "state.part").rename(self.folder / "state.pt")

    def log(self, **values: object) -> None:
        with (self.folder / "log.jsonl").open("a") as stream:
            stream.write(json.dumps({"step": self.step, "seen": self.step * self.plan.batch_size, **values}) + "\n")

    def _load(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _moved(self, batch: Batch) -> Batch:
        return Batch(batch.images.to(self.device), batch.inverse_depth.to(self.device), batch.layouts)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the weights; faster at first, when the weights are far from any good."""
        share = 1 - min(1 - 1 / self.plan.average_over, (1 + self.step) / (10 + self.step))
        for averaged, now in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if averaged.is_floating_point():
                averaged.lerp_(now, share)
            else:
                averaged.copy_(now)


@torch.inference_mode()
def validate(network: Network, samples: Samples, scale: float, per_block: int = 64) -> dict[str, Score]:
    """Mean scores by layout; pixels farther than 50 times the near ones are left to the sky."""
    scores: dict[str, list[Score]] = {name: [] for name in LAYOUTS}
    device = next(network.parameters()).device
    for shape, chosen in samples.chosen.items():
        for start in range(0, min(per_block, len(chosen)), 32):
            batch = resize(samples.read(chosen[start : start + 32]), scaled_size(shape, scale, size_step(network)))
            predicted = predict(network, batch.images.to(device))[0].relu().cpu().numpy()
            for one, truth, layout in zip(predicted, batch.inverse_depth.numpy(), batch.layouts.tolist(), strict=True):
                valid = truth > 0.02 * np.percentile(truth, 98)
                scores[list(LAYOUTS)[layout]].append(score(one, truth, valid))
    return {name: mean(found) for name, found in scores.items() if found}


def describe(scores: dict[str, Score]) -> str:
    return "  ".join(f"{name} {one.abs_rel:.3f}/{one.delta1:.3f}" for name, one in scores.items())
