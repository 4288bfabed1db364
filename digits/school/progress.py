"""How far a course has come, from the files that its script writes after every epoch."""

from dataclasses import dataclass
from pathlib import Path

from digits.files import read_json

JUDGED, REST = ("head", "all"), "again"
"""First the last layer alone, for one epoch, then all; and in the end with the digits held out."""


@dataclass(frozen=True)
class Progress:
    """Where a course stands."""

    epochs: int
    """How many there will be, or 0 while that is not known: data and TensorFlow are being loaded."""
    history: list[dict[str, float]]
    """A row per finished epoch that the digits held out have judged, see `digits.network.fitting.fit`."""
    rest: int = 0
    """How many of the epochs come after those, with the digits held out among those to learn."""
    again: int = 0
    """How many of the rest are finished."""

    @property
    def judged(self) -> int:
        """How many epochs the digits held out will judge."""
        return self.epochs - self.rest

    @property
    def done(self) -> int:
        """Number of finished epochs."""
        return len(self.history) + self.again

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
    asked = read_json(runs[-1])
    head, whole, again = (_history(runs[-1].parent, stage) for stage in (*JUDGED, REST))
    rest = asked.get("again", 0)
    return Progress(1 + asked["epochs"] + rest, head + whole, rest, len(again))


def _history(run: Path, stage: str) -> list[dict[str, float]]:
    path = run / "checkpoints" / stage / "state.json"
    return read_json(path)["history"] if path.exists() else []
