"""Do a model's exports say what the model says?

    python -m evaluation.judges.exports --model mnist_tiny        # one to two minutes

Exports to every form into a folder that is thrown away, and asks each 1,000 of MNIST's test digits. Writes
evaluation/results/<name>.exports.json; ends with 1 when an export does not keep the limits.
"""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from digits import config, experiment
from digits.config import DEFAULT_MODEL
from digits.data.mnist_test import load_test
from digits.deploy import export
from digits.files import sha256
from digits.models import checkpoints
from digits.models.export import formats
from digits.models.leaderboard import Result
from digits.preprocessing.frame import as_batch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold a model's exports against the model."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    to: tuple[str, ...] = tuple(formats.FORMATS)
    """Forms to export to; fewer are kept apart."""
    limit: int = export.CHECKED
    """Ask the first so many test digits; another number is kept apart."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit >= 1, "1 or more")
        formats.check_wanted(list(self.to))

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        some = "" if set(self.to) == set(formats.FORMATS) else ".some"
        return some + ("" if self.limit == export.CHECKED else f".first{self.limit}")


def main(settings: Settings) -> None:
    """Export, ask, write JSON, print a line for each form."""
    path = checkpoints.find(settings.model)
    judged = sha256(path)
    images, labels = load_test(settings.limit)
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for made in export.checked(path, list(settings.to), Path(folder), as_batch(images), labels):
            print(export.sentence(made), flush=True)
            checks.append(made)
    result = {
        "data": "MNIST test",
        "n": len(labels),
        "seed": export.SEED if formats.fits_samples(list(settings.to)) else None,
        "machine": config.hardware(),
        "limits": export.limits(list(settings.to)),
        "exports": [asdict(made) for made in checks],
    }
    about = {"part": settings.part, "judged": judged, "data": ("mnist.npz",), "code": ("models/export",)}
    Result(path=path, kind="exports", figures=result, **about).write()
    if failed := [made.format for made in checks if not made.passed]:
        raise SystemExit(f"Not as the model says: {', '.join(failed)}.")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
