from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from depth_demo.training.scenes.generator import LAYOUTS, SHAPES, Generator
from depth_demo.training.store import find_blocks, make_block, make_blocks, read_block


def test_blocks_are_read_as_they_were_made_and_made_once(tmp_path: Path) -> None:
    made = sorted(make_blocks(tmp_path, 5, seed=2, processes=1, count=16))
    assert made == [0, 1, 2, 3, 4]
    found = find_blocks(tmp_path, 2)
    assert {shape: len(paths) for shape, paths in found.items()} == dict(zip(SHAPES, (2, 1, 1, 1), strict=True))
    assert not find_blocks(tmp_path, 3)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    make_block(tmp_path, 3, seed=2, count=16)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    for shape, path in itertools.chain.from_iterable(((s, p) for p in paths) for s, paths in found.items()):
        block = read_block(path)
        assert block.images.shape == (len(block.layouts), *shape, 3)
        assert block.inverse_depth.shape == (len(block.layouts), *shape)
    block = read_block(found[256, 352][0])
    direct = Generator(2 * 1_000_003).samples(16, (256, 352))
    assert np.array_equal(block.inverse_depth, direct.inverse_depth.half().numpy())
    assert [list(LAYOUTS)[index] for index in block.layouts] == list(direct.layouts)
