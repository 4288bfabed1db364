"""What is installed: of every package one version, the same wherever it is named."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAC = {"platform_system": "Darwin", "sys_platform": "darwin", "platform_machine": "arm64"}
LINUX = {"platform_system": "Linux", "sys_platform": "linux", "platform_machine": "x86_64"}
PYTHON = {"python_version": "3.11", "python_full_version": "3.11.9"}


def listed(name: str) -> list[Requirement]:
    """Return what a requirements file asks for, but for the checkout itself."""
    lines = (ROOT / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "-e ."
    return [Requirement(line) for line in lines[:-1] if line and not line.startswith("#")]


def versions(requirements: list[Requirement], machine: dict[str, str]) -> dict[str, str]:
    """Return the versions that a machine with Python 3.11 gets."""
    here = [r for r in requirements if r.marker is None or r.marker.evaluate(machine | PYTHON)]
    assert len({r.name for r in here}) == len(here), "a package is named twice"
    return {r.name: str(r.specifier).removeprefix("==") for r in here}


def in_extras() -> list[Requirement]:
    """Return what the extras ask for, and what the package is built with; an extra may contain another."""
    lines = [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]
    named = map(Requirement, lines + PROJECT["build-system"]["requires"])
    return [r for r in named if r.name != "digits"]


def test_one_version_is_named():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    apart = [Requirement(word) for word in re.findall(r"pip install .*? (\w[\w-]+==\S+)", makefile)]
    assert {r.name for r in apart} == {"tensorflowjs", "pip-audit"}
    for requirement in [*in_extras(), *listed("cloud"), *listed("mac"), *apart]:
        assert re.fullmatch(r"==[0-9][0-9a-z.+]*", str(requirement.specifier)), requirement


def test_both_lists_and_all_extras_name_the_same_versions():
    known, mac = versions(listed("cloud"), LINUX), versions(listed("cloud"), MAC)
    assert versions(listed("mac"), MAC) == mac
    assert known["tensorflow-cpu"] == mac["tensorflow"]  # the smaller one
    assert "tensorflow" not in known
    for requirement in in_extras():
        version = str(requirement.specifier).removeprefix("==")
        assert known.setdefault(requirement.name, version) == version, requirement


def test_every_folder_of_ours_is_a_package():
    """Else an installation leaves it out."""
    for top in ("app", "digits", "evaluation"):
        folders = {path.parent for path in (ROOT / top).glob("**/*.py")}
        assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
