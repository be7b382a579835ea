"""The catalog lists what is published."""

from __future__ import annotations

import re

from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.models import APACHE, CATALOG, DEFAULT_MODEL, NON_COMMERCIAL, HubCheckpoint

# Repository, file, variant, maximum [m], the beginning of the SHA-256 on record.
PUBLISHED = """
depth-anything/Depth-Anything-V2-Small depth_anything_v2_vits.pth vits - 715fade1
depth-anything/Depth-Anything-V2-Base depth_anything_v2_vitb.pth vitb - 0d2b7002
depth-anything/Depth-Anything-V2-Large depth_anything_v2_vitl.pth vitl - a7ea19fa
depth-anything/Depth-Anything-V2-Metric-Hypersim-Small depth_anything_v2_metric_hypersim_vits.pth vits 20 -
depth-anything/Depth-Anything-V2-Metric-Hypersim-Base depth_anything_v2_metric_hypersim_vitb.pth vitb 20 9dc9e274
depth-anything/Depth-Anything-V2-Metric-Hypersim-Large depth_anything_v2_metric_hypersim_vitl.pth vitl 20 6f82ff2b
depth-anything/Depth-Anything-V2-Metric-VKITTI-Small depth_anything_v2_metric_vkitti_vits.pth vits 80 9203e538
depth-anything/Depth-Anything-V2-Metric-VKITTI-Base depth_anything_v2_metric_vkitti_vitb.pth vitb 80 4dad67a7
depth-anything/Depth-Anything-V2-Metric-VKITTI-Large depth_anything_v2_metric_vkitti_vitl.pth vitl 80 239b1054
LiheYoung/depth_anything_vits14 pytorch_model.bin vits14 - -
LiheYoung/depth_anything_vitb14 pytorch_model.bin vitb14 - -
LiheYoung/depth_anything_vitl14 pytorch_model.bin vitl14 - -
"""


def test_the_catalog_lists_what_is_published() -> None:
    hub_rows = [row for row in CATALOG.values() if isinstance(row, HubCheckpoint)]
    rows = [
        f"{row.repo} {row.file} {row.variant} {int(row.max_depth or 0) or '-'} {(row.sha256 or '-')[:8]}" for row in hub_rows
    ]
    assert sorted(rows) == sorted(PUBLISHED.strip().splitlines())
    assert CATALOG[DEFAULT_MODEL].file == "depth_anything_v2_vits.pth"
    for row in hub_rows:
        assert row.variant in VARIANTS
        assert row.licence == (APACHE if row.variant.startswith("vits") else NON_COMMERCIAL)
        assert row.sha256 is None or re.fullmatch("[0-9a-f]{64}", row.sha256)
        assert row.input_size == 518
    assert list(CATALOG) == [row.name for row in CATALOG.values()]
    assert len({row.title for row in CATALOG.values()}) == len(rows) + 1  # and Depth Demo Tiny
