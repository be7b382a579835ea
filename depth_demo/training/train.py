"""The training loop. It can be resumed, averages the weights, writes a log and scores scenes outside the training set."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import PARAM_LIST, AveragedModel, get_ema_multi_avg_fn

from depth_demo.monocular.tiny_lite import TinyLite
from depth_demo.training.batches import Batch, Samples, resize, scaled_size
from depth_demo.training.losses import LossWeights
from depth_demo.training.objectives import Network, Objective, predict, size_step
from depth_demo.training.photos import Photos
from depth_demo.training.scenes.generator import LAYOUTS
from depth_demo.training.scoring import Score, mean, score


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of a run. Together with the samples and the first weights they decide its result.

    Attributes:
        steps: Number of batches.
        batch_size: Images in a batch.
        scales: Image sizes relative to the stored ones, from first to last.
        shares: Share of the steps that use each scale. They add up to 1.
        most_area: Most images in a batch at scale 1. At other scales their number rises as the area falls.
        learning_rate: Highest learning rate.
        pretrained_rate: Learning rate of a pretrained encoder's parameters, as a share of `learning_rate`.
        frozen_share: Share of the steps, the first ones, that leave a pretrained encoder as it is.
        weight_decay: Weight decay of matrices and kernels. Biases and norms have none.
        warm_up: Steps in which the learning rate rises to its highest value.
        average_over: Number of steps that the moving average of the weights covers.
        losses: Weights of the losses.
        seed: Seed of the weights and batches.
    """

    steps: int
    batch_size: int = 32
    scales: tuple[float, ...] = (0.7, 1.0)
    shares: tuple[float, ...] = (0.6, 0.4)
    most_area: float = math.inf
    learning_rate: float = 2e-3
    pretrained_rate: float = 0.3
    frozen_share: float = 0.1
    weight_decay: float = 0.02
    warm_up: int = 300
    average_over: int = 1000
    losses: LossWeights = field(default_factory=LossWeights)
    seed: int = 1

    def rate_share_at(self, step: int) -> float:
        """Return the share of the highest learning rate: a linear rise, times a cosine that falls to 1 %."""
        warm = min(1.0, (step + 1) / self.warm_up)
        return warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * step / self.steps)))

    def scale_at(self, step: int) -> float:
        """Return the image size of a step, relative to the stored size."""
        for scale, end in zip(self.scales, accumulate(self.shares), strict=True):
            if step < round(end * self.steps):
                return scale
        return self.scales[-1]

    def batch_at(self, step: int) -> int:
        """Return the number of images in the batch of a step: all, or as many as the shares of their areas allow."""
        return max(1, int(min(self.batch_size, self.most_area / self.scale_at(step) ** 2)))


class Trainer:
    """A network in training, with the moving average of its weights.

    Args:
        network: The network to train. Its weights change in place.
        plan: Settings of the run.
        folder: Folder of `state.pt`, `log.jsonl` and the pictures. A run found there is continued.
        device: Device of PyTorch.

    Attributes:
        average: A copy of the network, in evaluation mode, that holds the averaged weights.
        step: Number of steps done.
    """

    def __init__(self, network: Network, plan: Plan, folder: Path, device: str = "cpu") -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.folder, self.device = plan, folder, torch.device(device)
        self.network = network.to(self.device).requires_grad_(requires_grad=True)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._averaged = AveragedModel(
            self.network, self.device, multi_avg_fn=_moving_average(plan.average_over), use_buffers=True
        )
        self.average: Network = self._averaged.module.eval().requires_grad_(requires_grad=False)  # type: ignore[assignment]
        self.optimizer = torch.optim.AdamW(_groups(network, plan), lr=plan.learning_rate, betas=(0.9, 0.98))
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.pt").exists():
            self._load(torch.load(folder / "state.pt", map_location=self.device, weights_only=True))
        self._averaged.n_averaged.fill_(self.step + 1)  # one more than the steps: the initial weights count too
        for group, planned in zip(self.optimizer.param_groups, _groups(network, plan), strict=True):
            group["initial_lr"] = planned["lr"]  # of this plan, not of the stored run
        self._schedule = LambdaLR(self.optimizer, plan.rate_share_at, last_epoch=self.step - 1)

    def run(self, samples: Samples | Photos, objective: Objective, pause_at: int | None = None) -> Iterator[tuple[int, float]]:
        """Train to the end of the plan, or to step `pause_at`. Yield each step and its loss."""
        self.network.train()
        step_px = size_step(self.network)
        while self.step < min(self.plan.steps, pause_at or self.plan.steps):
            rng = np.random.default_rng((self.plan.seed, self.step))
            generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
            batch = samples.draw(rng, self.plan.batch_at(self.step), self.plan.scale_at(self.step), step_px)
            if isinstance(self.network, TinyLite):
                self.network.encoder.frozen = self.step < self.plan.frozen_share * self.plan.steps
            loss = objective(self.network, self._moved(batch), generator)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            self._schedule.step()
            self._averaged.update_parameters(self.network)
            self.step += 1
            yield self.step, float(loss.detach())

    @property
    def seen(self) -> int:
        """The number of images seen, by the plan."""
        return sum(self.plan.batch_at(step) for step in range(self.step))

    def save(self) -> None:
        """Write `state.pt`. The file is replaced at once, so an interrupted write leaves the previous one whole."""
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(state, self.folder / "state.part")
        (self.folder / "state.part").rename(self.folder / "state.pt")

    def log(self, **values: object) -> None:
        """Append a line to `log.jsonl`: the step, the number of samples seen, and the values."""
        with (self.folder / "log.jsonl").open("a") as stream:
            stream.write(json.dumps({"step": self.step, "seen": self.seen, **values}) + "\n")

    def _load(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _moved(self, batch: Batch) -> Batch:
        return Batch(batch.images.to(self.device), batch.inverse_depth.to(self.device), batch.layouts)


def _groups(network: Network, plan: Plan) -> list[dict[str, Any]]:
    """Return the parameters in groups of one learning rate and one weight decay: those of a pretrained encoder apart."""
    pretrained = set(network.encoder.parameters()) if isinstance(network, TinyLite) else set()
    groups = [
        {
            "params": [p for p in network.parameters() if (p in pretrained) is adapted and (p.ndim > 1) is decayed],
            "weight_decay": plan.weight_decay if decayed else 0.0,
            "lr": plan.learning_rate * (plan.pretrained_rate if adapted else 1.0),
        }
        for adapted in (False, True)
        for decayed in (True, False)
    ]
    return [group for group in groups if group["params"]]


def _moving_average(reach: int) -> Callable[[PARAM_LIST, PARAM_LIST, Tensor | int], None]:
    """Return an update for `AveragedModel`: an exponential average over `reach` steps.

    The average is shorter at first, because the first weights are poor.
    """

    def update(averaged: PARAM_LIST, current: PARAM_LIST, count: Tensor | int) -> None:
        decay = min(1 - 1 / reach, int(count) / (int(count) + 9))
        get_ema_multi_avg_fn(decay)(averaged, current, count)  # type: ignore[no-untyped-call]

    return update


@torch.inference_mode()
def validate(network: Network, samples: Samples, scale: float, per_block: int = 64) -> dict[str, Score]:
    """Return the mean scores of each layout.

    Pixels below 2 % of the 98th percentile of inverse depth do not count: they are sky, or too far to tell from it.

    Args:
        network: A network in evaluation mode.
        samples: Samples outside the training set.
        scale: Image size, relative to the stored size.
        per_block: Number of samples of each shape.
    """
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
    """Return AbsRel and delta1 of each layout in one line."""
    return "  ".join(f"{name} {one.abs_rel:.3f}/{one.delta1:.3f}" for name, one in scores.items())
