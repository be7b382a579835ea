"""Whether the machines of a cluster are there, and give the numbers that this one would give."""

from __future__ import annotations

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.batch.job import code_checksum
from depth_demo.datasets import Sample
from depth_demo.formats.untrusted import quoted, reason

if TYPE_CHECKING:
    from distributed import Client

JOIN_WITHIN_S = 60.0  # for the first worker, and for the next one when all are gone
PACKAGES = ("numpy", "opencv-python-headless", "torch", "distributed")  # that numbers, or the talk of machines, depend on
Machine = tuple[dict[str, str], bool]


def wait_for_workers(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=JOIN_WITHIN_S)
    except TimeoutError as error:
        raise ValueError(f"The Dask cluster has no workers, and none joined in {JOIN_WITHIN_S:.0f} s.") from error


def check_machines(client: Client, sample: Sample) -> None:
    """Refuse a cluster on which numbers could differ, or which does not see the data.

    Raises:
        ValueError: If a worker has another version of anything that numbers depend on, or not the files.
    """
    try:
        found: dict[str, Machine] = client.run(describe_machine, sample.left)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"Each worker needs this program in the same version as here: {reason(error)}.") from error
    here, _ = describe_machine(sample.left)
    for worker, (there, sees_data) in found.items():
        if not sees_data:
            raise ValueError(
                f"The worker at {worker} does not see {quoted(sample.left.name)}: the folder of the data set must have the "
                "same path on all machines, as on a shared file system."
            )
        for name, mine in here.items():
            if there.get(name) != mine:
                raise ValueError(
                    f"The worker at {worker} has {name} {there.get(name)}, and here it is {mine}: install the same."
                )


def describe_machine(path: Path) -> Machine:
    """Return the versions of what numbers depend on, and whether a file is seen from this machine."""
    versions = {"Python": ".".join(platform.python_version_tuple()[:2]), "Depth Demo": code_checksum()}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions, path.is_file()
