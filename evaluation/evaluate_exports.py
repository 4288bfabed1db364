"""Do a model's exports say what the model says?

    python evaluation/evaluate_exports.py --model mnist_tiny        # one to two minutes

Exports to every form into a folder that is thrown away, and asks each 1,000 of MNIST's test digits. Writes
evaluation/results/<name>.exports.json; ends with 1 when an export does not keep the limits.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import tyro

from digits import exporting, results, runs
from digits.contract import DEFAULT_MODEL
from digits.data.frames import as_batch
from digits.data.mnist_test import load_test
from digits.files import sha256
from digits.network import checkpoints, exports


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold a model's exports against the model."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    to: tuple[str, ...] = tuple(exports.FORMATS)
    """Forms to export to; fewer are kept apart."""
    limit: int = exporting.CHECKED
    """Ask the first so many test digits; another number is kept apart."""

    def __post_init__(self):
        runs.check("--limit", self.limit, self.limit >= 1, "1 or more")
        exports.check_wanted(list(self.to))

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        some = "" if set(self.to) == set(exports.FORMATS) else ".some"
        return some + ("" if self.limit == exporting.CHECKED else f".first{self.limit}")


def main(settings: Settings) -> None:
    """Export, ask, write JSON, print a line for each form."""
    path = checkpoints.find(settings.model)
    judged = sha256(path)
    images, labels = load_test(settings.limit)
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for made in exporting.checked(path, list(settings.to), Path(folder), as_batch(images), labels):
            print(exporting.sentence(made), flush=True)
            checks.append(made)
    result = {
        "data": "MNIST test",
        "n": len(labels),
        "seed": exporting.SEED if exports.fits_samples(list(settings.to)) else None,
        "machine": runs.hardware(),
        "limits": exporting.limits(list(settings.to)),
        "exports": [made.as_dict() for made in checks],
    }
    results.write(path, "exports", result, settings.part, judged)
    if failed := [made.format for made in checks if not made.passed]:
        raise SystemExit(f"Not as the model says: {', '.join(failed)}.")


if __name__ == "__main__":
    runs.command(lambda: main(tyro.cli(Settings)))
