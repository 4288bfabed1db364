"""What is installed: every package of ours, and of others one version, the same wherever it is named."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(ROOT.glob("requirements-*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
MAC = {"platform_system": "Darwin", "sys_platform": "darwin", "platform_machine": "arm64"}
LINUX = {"platform_system": "Linux", "sys_platform": "linux", "platform_machine": "x86_64"}
PYTHON = {"python_version": "3.11", "python_full_version": "3.11.9"}


def listed(path: Path) -> list[Requirement]:
    """Return what a requirements file asks for, but for the checkout itself."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "-e ."
    return [Requirement(line) for line in lines[:-1] if line and not line.startswith("#")]


def versions(requirements: list[Requirement], machine: dict[str, str]) -> dict[str, str]:
    """Return the versions that a machine with Python 3.11 gets."""
    here = [r for r in requirements if r.marker is None or r.marker.evaluate(machine | PYTHON)]
    assert len({r.name for r in here}) == len(here), "a package is named twice"
    return {r.name: str(r.specifier).removeprefix("==") for r in here}


def in_extras() -> list[Requirement]:
    """Return what the extras ask for, and what the package is built with; an extra may contain another."""
    named = [Requirement(line) for lines in EXTRAS.values() for line in lines]
    return [r for r in named if r.name != "digits"] + [
        Requirement(line) for line in PROJECT["build-system"]["requires"]
    ]


@pytest.mark.parametrize(
    "requirement",
    [*in_extras(), *(r for path in FILES for r in listed(path))],
    ids=lambda r: str(r).replace(" ", ""),
)
def test_one_version_is_named(requirement):
    assert re.fullmatch(r"==[0-9][0-9a-z.+]*", str(requirement.specifier))


def test_both_lists_name_the_same_versions():
    cloud, mac = (listed(ROOT / f"requirements-{name}.txt") for name in ("cloud", "mac"))
    assert versions(cloud, MAC).items() - versions(mac, MAC).items() == set()
    assert versions(mac, MAC).items() - versions(cloud, MAC).items() == set()


def test_linux_takes_the_smaller_tensorflow_of_the_same_version():
    cloud = listed(ROOT / "requirements-cloud.txt")
    linux, mac = versions(cloud, LINUX), versions(cloud, MAC)
    assert linux["tensorflow-cpu"] == mac["tensorflow"]
    assert "tensorflow" not in linux


def test_extras_agree_with_the_lists_and_with_each_other():
    known = versions(listed(ROOT / "requirements-cloud.txt"), LINUX)
    for requirement in in_extras():
        version = str(requirement.specifier).removeprefix("==")
        assert known.setdefault(requirement.name, version) == version, requirement


def test_tools_that_are_installed_apart_are_pinned():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in makefile.splitlines():
        if "pip install" in line:
            words = [word for word in line.split("pip install")[1].split() if not word.startswith("-")]
            loose = [w for w in words if "==" not in w and not w.startswith((".", '".', "$("))]
            assert not loose, line


def test_every_package_of_ours_is_listed():
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in ROOT.glob("digits/**/__init__.py")}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found
    folders = {path.parent for path in ROOT.glob("digits/**/*.py")}
    assert {".".join(folder.relative_to(ROOT).parts) for folder in folders} == found
