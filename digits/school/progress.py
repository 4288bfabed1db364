"""How far a course has come, from the files that its script writes after every epoch."""

from dataclasses import dataclass
from pathlib import Path

from digits.files import read_json

STAGES = ("head", "all")
"""First the last layer alone, for one epoch, then all."""


@dataclass(frozen=True)
class Progress:
    """Where a course stands."""

    epochs: int
    """How many there will be, or 0 while that is not known: data and TensorFlow are being loaded."""
    history: list[dict[str, float]]
    """A row per finished epoch of both stages, see `digits.network.fitting.fit`."""

    @property
    def done(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    @property
    def share(self) -> float:
        """What is done, 0 to 1."""
        return min(1.0, self.done / self.epochs) if self.epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate for the epochs to come, or None before the first of the longer stage is there."""
        if self.done < 2:
            return None
        return self.history[-1]["seconds"] * max(0, self.epochs - self.done)


def progress(folder: Path) -> Progress:
    """Return how far the course in `folder` has come."""
    runs = sorted(folder.glob("runs/*/args.json"))
    if not runs:
        return Progress(0, [])
    states = [runs[-1].parent / "checkpoints" / stage / "state.json" for stage in STAGES]
    head, whole = (read_json(path)["history"] if path.exists() else [] for path in states)
    return Progress(1 + read_json(runs[-1])["epochs"], head + whole)
