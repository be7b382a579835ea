"""The command `python -m depth_demo.training`: render synthetic scenes, train a teacher and a student, write weights."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import safetensors.torch
import torch
from huggingface_hub.utils.tqdm import tqdm

from depth_demo.monocular.depth_anything import load_network
from depth_demo.monocular.depth_anything.folding import POSITIONS, unfold
from depth_demo.monocular.tiny import TinyDepth, load_tiny
from depth_demo.monocular.tiny_lite import adaptable_tiny_lite
from depth_demo.training.batches import Samples, resize, scaled_size
from depth_demo.training.losses import LossWeights
from depth_demo.training.objectives import Network, Objective, SelfTraining, Supervised, predict, size_step
from depth_demo.training.photos import Photos
from depth_demo.training.pictures import draw_curve, draw_sheet, save
from depth_demo.training.scenes.generator import LAYOUTS
from depth_demo.training.store import BLOCK, make_blocks
from depth_demo.training.train import Plan, Trainer, describe, validate

HOLD_OUT_SEED = 999  # of the scenes outside the training set
HOLD_OUT_BLOCKS = 4


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one step of the recipe: `scenes`, `teacher`, `student` or `weights`."""
    options = _parser().parse_args(arguments)
    options.run(options)


def make_scenes(options: argparse.Namespace) -> None:
    """Render blocks of scenes for training, and those outside the training set."""
    for seed, blocks in ((HOLD_OUT_SEED, HOLD_OUT_BLOCKS), (options.seed, options.blocks)):
        done = make_blocks(options.scenes, blocks, seed, options.processes, options.block_size)
        for _ in tqdm(  # type: ignore[no-untyped-call]
            done, total=blocks, unit_scale=options.block_size, unit="scene", desc=f"seed {seed}"
        ):
            pass


def train_teacher(options: argparse.Namespace) -> None:
    """Train a teacher on the exact labels of synthetic images."""
    _train(options, Supervised(_losses(options)))


def train_student(options: argparse.Namespace) -> None:
    """Train a student on the labels that a teacher gives to photos or to synthetic images."""
    teacher = _network(options.teacher, options.variant)  # in evaluation mode, without gradients
    teacher.to(options.device)
    objective = SelfTraining(teacher, _losses(options), options.cutmix, options.alignment)
    _train(options, objective, options.photos and Photos(options.photos))


def write_weights(options: argparse.Namespace) -> None:
    """Write the averaged weights of a run as float16, for a Depth Anything under their official names."""
    average = torch.load(options.run_folder / "state.pt", map_location="cpu", weights_only=True)["average"]
    if POSITIONS in average:
        average = unfold(average)
    weights = {name: value.half().contiguous() for name, value in average.items() if value.is_floating_point()}
    safetensors.torch.save_file(weights, options.file)


def _train(options: argparse.Namespace, objective: Objective, photos: Photos | None = None) -> None:
    only = options.layouts and frozenset(list(LAYOUTS).index(name) for name in options.layouts)
    samples = photos or Samples(options.scenes, options.seed, only or None)
    hold_out = Samples(options.scenes, HOLD_OUT_SEED)
    plan = Plan(
        options.steps,
        options.batch,
        tuple(options.scales),
        tuple(options.shares),
        options.most_area,
        options.rate,
        options.pretrained_rate,
        options.frozen_share,
        average_over=options.average_over,
        losses=_losses(options),
        seed=options.seed,
    )
    trainer = Trainer(_network(options.start, options.variant), plan, options.run_folder, options.device)
    trainer.log(plan=str(plan), images=len(samples), objective=type(objective).__name__)
    steps = trainer.run(samples, objective, options.pause_at)
    bar = tqdm(steps, total=plan.steps, initial=trainer.step, unit="batch", mininterval=2)  # type: ignore[no-untyped-call]
    total = 0.0
    for step, loss in bar:
        total += loss
        if step % options.every == 0 or step == plan.steps:
            scores = validate(trainer.average, hold_out, plan.scale_at(step - 1))
            trainer.log(
                loss=total / options.every, scores={n: {"abs_rel": s.abs_rel, "delta1": s.delta1} for n, s in scores.items()}
            )
            trainer.save()
            bar.write(f"{step}: loss {total / options.every:.3f}  {describe(scores)}", file=sys.stdout)
            _draw(trainer, hold_out)
            total = 0.0
    trainer.save()  # a pause may lie between two validations


def _draw(trainer: Trainer, hold_out: Samples) -> None:
    draw_curve(trainer.folder / "log.jsonl").savefig(trainer.folder / "curve.png")
    shape, chosen = next(iter(hold_out.chosen.items()))
    size = scaled_size(shape, trainer.plan.scale_at(trainer.step - 1), size_step(trainer.network))
    batch = resize(hold_out.read(chosen[:8]), size)
    with torch.inference_mode():
        depth = predict(trainer.average, batch.images.to(trainer.device))[0].relu().cpu().numpy()
    photos = (batch.images.permute(0, 2, 3, 1) * 255).byte().numpy()
    save(trainer.folder / "samples.png", draw_sheet(photos, batch.inverse_depth.numpy(), depth))


def _network(weights: Path | None, variant: str) -> Network:
    if variant == "tiny-lite":
        return adaptable_tiny_lite(weights)
    if variant != "tiny" and weights is None:
        raise ValueError(f"{variant} needs official weights to start from. Name their file with --start.")
    if weights is None:
        return TinyDepth()
    return load_tiny(weights) if variant == "tiny" else load_network(weights, variant)


def _losses(options: argparse.Namespace) -> LossWeights:
    return LossWeights(gradient_matching=options.gradient_matching, edge=options.edge)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m depth_demo.training", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        return added

    scenes = command("scenes", make_scenes)
    scenes.add_argument("scenes", type=Path, help="folder for the blocks; blocks that exist are kept")
    scenes.add_argument("--blocks", type=int, default=120, help="number of blocks; a quarter of them has each shape")
    scenes.add_argument("--block-size", type=int, default=BLOCK, help="scenes in a block, which share one set of textures")
    scenes.add_argument("--processes", type=int, default=2)
    scenes.add_argument("--seed", type=int, default=1)
    for name, run in (("teacher", train_teacher), ("student", train_student)):
        training = command(name, run)
        training.add_argument("scenes", type=Path, help="folder of scenes")
        training.add_argument("run_folder", type=Path, help="folder of the run; a run found there is continued")
        training.add_argument("--steps", type=int, default=20000)
        training.add_argument("--pause-at", type=int, help="stop at this step; a later call continues the run")
        training.add_argument("--batch", type=int, default=32)
        training.add_argument(
            "--scales", type=float, nargs="+", default=Plan(1).scales, help="image sizes, as shares of the stored"
        )
        training.add_argument("--shares", type=float, nargs="+", default=Plan(1).shares, help="of the steps, for each size")
        training.add_argument(
            "--most-area", type=float, default=Plan(1).most_area, help="images in a batch of the stored size"
        )
        training.add_argument(
            "--average-over", type=int, default=Plan(1).average_over, help="steps that weights are averaged over"
        )
        training.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
        training.add_argument(
            "--pretrained-rate", type=float, default=Plan(1).pretrained_rate, help="share of it for a pretrained encoder"
        )
        training.add_argument(
            "--frozen-share",
            type=float,
            default=Plan(1).frozen_share,
            help="of the steps, before a pretrained encoder is adapted",
        )
        training.add_argument("--every", type=int, default=1000, help="steps between two validations")
        training.add_argument("--seed", type=int, default=1, help="seed of scenes, weights and batches")
        training.add_argument("--layouts", nargs="+", choices=list(LAYOUTS), help="train on these layouts only")
        training.add_argument("--gradient-matching", type=float, default=LossWeights().gradient_matching)
        training.add_argument("--edge", type=float, default=LossWeights().edge, help="strength of the weights at depth edges")
        training.add_argument("--start", type=Path, help="file of weights to start from; random weights without it")
        training.add_argument("--variant", default="tiny", help="tiny, tiny-lite, or vits, vitb, vitl for Depth Anything")
        training.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
        if name == "student":
            training.add_argument("--teacher", type=Path, required=True, help="file with the weights of the teacher")
            training.add_argument("--photos", type=Path, help="folder of photos; without it, the images of the scenes")
            training.add_argument("--cutmix", type=float, default=0.5, help="share of the images to mix")
            training.add_argument("--alignment", type=float, default=0.0, help="weight of the feature alignment")
    weights = command("weights", write_weights)
    weights.add_argument("run_folder", type=Path)
    weights.add_argument("file", type=Path, help=".safetensors file to write")
    return parser


if __name__ == "__main__":
    main()
