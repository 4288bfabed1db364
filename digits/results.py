"""What evaluation/ writes about the models, for the README and for pages. Standard library only."""

from pathlib import Path
from typing import NamedTuple

from digits import runs
from digits.contract import models_dir, results_dir
from digits.files import read_json, sha256, write_json


def write(path: Path, kind: str, result: dict, part: str = "", judged: str | None = None) -> dict:
    """Write what was measured on a model to `evaluation/results/<name>.<kind>.json`, or `<name>.json`.

    Args:
        path: of the model's file, whose SHA-256 goes along, so that a stale result can be told.
        kind: what was measured, e.g. "robustness"; empty for MNIST's test digits.
        result: the figures, with `data`, `n` and `seed` (None where nothing was left to chance).
        part: of a partial run, e.g. ".first100": it goes to a file of its own and cannot pass for the whole.
            So does a model outside models/ or exported, which may bear the name of one inside.
        judged: SHA-256 of the file when it was loaded, where judging takes long (None: not long).

    Returns:
        The result with model, sha256, created and versions.

    Raises:
        ValueError: the result does not say on what, on how many or with which seed it was measured, or the
            file was replaced meanwhile.
    """
    if missing := {"data", "n", "seed"} - result.keys():
        raise ValueError(f"A result on {path.stem} lacks {', '.join(sorted(missing))}.")
    about = {"model": path.stem, "sha256": sha256(path)}
    if judged not in (None, about["sha256"]):
        raise ValueError(f"{path} was replaced while the one before it was judged: judge it again.")
    if path.resolve() != models_dir().resolve() / f"{path.stem}.keras":
        part = f".outside{part}"
    whole = about | result | {"created": runs.now(), "versions": runs.versions()}
    write_json(results_dir() / f"{'.'.join(filter(None, (path.stem, kind)))}{part}.json", whole)
    return whole


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


class Found(NamedTuple):
    """A result on a model of this name."""

    figures: dict
    stale: bool
    """Measured on another file than the one that now bears the name."""


def find(model: str, kind: str, sha256: str) -> Found | None:
    """Return what was measured on a model, or None.

    Args:
        model, kind: see `write`.
        sha256: of the model's file as it is now.

    Raises:
        ValueError: the result is not JSON, or not an object.
    """
    path = results_dir() / f"{'.'.join(filter(None, (model, kind)))}.json"
    if not path.exists():
        return None
    result = read_json(path)
    if not isinstance(result, dict):
        raise ValueError(f"{path} holds no result but a {type(result).__name__}.")
    return Found(result, result.get("sha256") != sha256)
