"""MiDaS 3 and 3.1 (Ranftl et al., ICCV 2021; Birkl et al., 2023): the rows of models that transformers runs. No torch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from depth_demo.geometry import DepthKind
from depth_demo.monocular.answers import stretched
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.spec import LIBRARIES, ModelSpec, Source, files_of, per_pixel

FILES = "config.json", "model.safetensors"
PAPER = Source(
    "MiDaS 3: Ranftl et al., Vision Transformers for Dense Prediction, ICCV 2021", "https://arxiv.org/abs/2103.13413"
)
PAPER_3_1 = Source("MiDaS 3.1: Birkl et al., 2023", "https://arxiv.org/abs/2307.14460")
HALF = (0.5, 0.5, 0.5)
SQUEEZED = "shown every photo squeezed to a square."


def _row(
    name: str,
    title: str,
    repo: str,
    encoder: str,
    licence: str,
    parameters: float,
    multiply_adds: float,
    taken: Preprocessing,
    *papers: Source,
) -> ModelSpec:
    return ModelSpec(
        name=f"midas-{name}",
        title=f"MiDaS {title}",
        family="MiDaS",
        licence=licence,
        kind=DepthKind.RELATIVE_INVERSE_DEPTH,
        files=files_of(f"Intel/{repo}", *FILES),
        download_bytes=round(4 * parameters),
        memory_bytes=round(6 * parameters),
        loader="depth_demo.monocular.pretrained:load_midas",
        options={"encoder": encoder},
        preprocessing=taken,
        reading=partial(stretched, kind=DepthKind.RELATIVE_INVERSE_DEPTH),
        cost=partial(per_pixel, multiply_adds=multiply_adds / taken.short_side**2),
        sources=papers,
        needs=LIBRARIES,
        packages=("transformers",),
        note=SQUEEZED if taken.square else "",
    )


def _taken(side: int, *, square: bool, sides: tuple[int, int] | None = None) -> Preprocessing:
    smallest, largest = sides or (side, side)
    return Preprocessing(
        mean=HALF, std=HALF, step=32, short_side=side, smallest=smallest, largest=largest, longest=4, square=square,
        resampling="averaged linear",
    )  # fmt: skip


# The networks on ViT demand squares: of other sizes transformers refuses most, and scrambles those whose patches happen to
# number a square, such as 16:9. Swin was made for its one size. BEiT takes any aspect ratio.
ROWS = (
    _row(
        "swin2-tiny", "3.1 Swin2 Tiny", "dpt-swinv2-tiny-256", "swinv2", "MIT", 40.9e6, 30e9,
        _taken(256, square=True), PAPER, PAPER_3_1,
    ),
    replace(
        _row("hybrid", "3 Hybrid", "dpt-hybrid-midas", "bit", "Apache-2.0", 122.4e6, 128e9, _taken(384, square=True), PAPER),
        files=files_of("Intel/dpt-hybrid-midas", "config.json", "pytorch_model.bin"),  # the file that was published first
    ),
    _row("large", "3 Large", "dpt-large", "vit", "Apache-2.0", 343e6, 258e9, _taken(384, square=True), PAPER),
    _row(
        "beit-large", "3.1 BEiT Large", "dpt-beit-large-512", "beit", "MIT", 344e6, 481e9,
        _taken(512, square=False, sides=(256, 640)), PAPER, PAPER_3_1,
    ),
)  # fmt: skip
