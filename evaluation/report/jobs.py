"""Every script that judges a model, what it leaves behind, and how to run all of them again after a stop."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jsonschema import Draft202012Validator
from tqdm import tqdm

from digits.config import DEFAULT_MODEL, ROOT
from digits.files import read_json, sha256
from digits.models import checkpoints
from digits.models.leaderboard import find

SCHEMA = read_json(Path(__file__).with_name("schema.json"))
"""What a result must hold: asked before one counts."""

SCRIPTS = {
    "judges.accuracy": "",
    "judges.calibration": "calibration",
    "judges.pen": "pen",
    "judges.exports": "exports",
    "benchmarks.speed": "speed",
    "benchmarks.batch": "batch",
    "benchmarks.server": "server",
    "judges.explanations": "explanations",
    "judges.attacks": "adversarial",
    "judges.corruptions": "robustness",
    "judges.sheets": "sheets",
    "judges.letters": "letters",
    "handwriting": "handwriting",
}
"""Script: the kind of its result. The quick ones come first, so that a stop leaves as much as can be."""

DEFAULT_ONLY = ("benchmarks.speed", "benchmarks.batch", "benchmarks.server")
"""Scripts whose figures are of the app and the machine more than of a model."""


OF_LETTERS = ("judges.letters",)
"""Scripts that judge models of letters, which no other script judges."""


class Job(NamedTuple):
    """One script for one model."""

    script: str
    model: str

    def done(self) -> bool:
        """Tell whether its result is there and still counts."""
        kind = SCRIPTS[self.script]
        try:
            found = find(self.model, kind, sha256(checkpoints.find(self.model)))
        except ValueError:  # what cannot be read is measured again
            return False
        return found is not None and not found.stale and not problems(kind, found.figures)

    def run(self) -> str:
        """Run it in a process; return nothing, or the last line that it wrote where it failed."""
        command = [sys.executable, "-m", f"evaluation.{self.script}", f"--model={self.model}"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        lines = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
        return "" if ended.returncode == 0 else f"{self.script} {self.model}: {lines[-1]}"


def waiting(scripts: tuple[str, ...], models: tuple[str, ...], again: bool) -> list[Job]:
    """Return the jobs whose results are missing or stale; all of them with `again`."""
    jobs = [
        Job(script, model)
        for script in scripts
        for model in models
        if (model == DEFAULT_MODEL or script not in DEFAULT_ONLY)
        and _has_letters(model) == (script in OF_LETTERS)
    ]
    return [job for job in jobs if again or not job.done()]


def _has_letters(model: str) -> bool:
    try:
        return checkpoints.inspect(checkpoints.find(model)).has_letters
    except ValueError:  # its job says what is wrong
        return False


def run(jobs: list[Job]) -> Iterator[str]:
    """Run jobs behind a progress bar, one at a time, since most use every core; yield what failed."""
    with tqdm(jobs, unit="job") as bar:
        for job in bar:
            bar.set_postfix_str(f"{job.script} {job.model}")
            if failure := job.run():
                yield failure


def problems(kind: str, result: dict) -> list[str]:
    """Return what is wrong with a result of a kind ("mnist" for MNIST's test digits), a sentence each."""
    validator = Draft202012Validator(SCHEMA | {"allOf": [{"$ref": f"#/$defs/{kind or 'mnist'}"}]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(result)]
