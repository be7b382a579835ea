"""What a Space on Hugging Face needs: small files, requirements that fit, weights that are fetched in advance."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from depth_demo.monocular.models import DEFAULT

ROOT = Path(__file__).parents[1]
FRONT_MATTER = (ROOT / "README.md").read_text("utf-8").split("---\n")[1]
MAX_BYTES = 10_000_000  # of a file that is stored in git itself
OF_ZERO_GPU = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")  # torch, in the Hub's documentation of August 2026


def requirements(path: str) -> dict[str, SpecifierSet]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / path).read_text("utf-8").splitlines())
    found = [Requirement(line) for line in lines if line]
    return {requirement.name: requirement.specifier for requirement in found}


def test_its_requirements_are_everybodys_with_a_torch_that_zero_gpu_offers_and_the_lender() -> None:
    everybodys, space = requirements("requirements.txt"), requirements("space/requirements.txt")
    assert space.pop("spaces").contains("0.51.3")
    (torch,) = space.pop("torch")
    assert torch.operator == "=="
    assert torch.version == OF_ZERO_GPU[-1]
    assert everybodys.pop("torch").contains(torch.version)
    assert space == everybodys


def test_its_python_is_one_of_ours() -> None:
    version = re.search(r'^python_version: "(.+)"$', FRONT_MATTER, re.MULTILINE)
    assert version is not None
    assert version[1] == "3.12"  # which ZeroGPU offers
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert Version(version[1]) in SpecifierSet(project["requires-python"])


def test_the_default_weights_are_fetched_while_it_is_built() -> None:
    (file,) = DEFAULT.hub_files
    assert f"preload_from_hub:\n  - {file.repo} {file.name}\n" in FRONT_MATTER


def test_it_holds_what_it_needs_and_no_file_that_is_too_large() -> None:
    """`make space` collects what is committed; this collects the same of the working tree."""
    recipe = re.search(r"git archive HEAD (.+) \|", (ROOT / "Makefile").read_text("utf-8"))
    assert recipe is not None
    listed = subprocess.run(
        ["git", "ls-files", "--", *recipe[1].split()], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {"app.py", "README.md", "depth_demo/weights/depth-demo-tiny.safetensors", "examples/466/left.png"} <= set(listed)
    sizes = {name: (ROOT / name).stat().st_size for name in listed}
    assert [name for name, size in sizes.items() if size > MAX_BYTES] == []
