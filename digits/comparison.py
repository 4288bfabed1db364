"""Several readers asked about the same digits, for pages that show them side by side."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from digits import stress
from digits.data.frames import as_batch
from digits.recognizer import Recognizer
from digits.trust import confidence, metrics
from digits.trust.corruptions import SEVERITIES


@dataclass(frozen=True)
class Opinion:
    """What one reader says to a frame, without any framing before."""

    name: str
    """Of the reader."""
    digit: int | None
    """0 to 9, or None when the status is "not_a_digit"."""
    probabilities: np.ndarray
    """(10,) float32, calibrated, sums to 1."""
    status: str
    """"digit", "unsure" or "not_a_digit", by the reader's own thresholds."""

    @property
    def asked(self) -> bool:
        """Whether the network was asked, as in `Reading.asked`: a frame is always shown to it."""
        return True

    @property
    def confidence(self) -> float:
        """The largest probability, in [0, 1]; 0 when there is no digit."""
        return 0.0 if self.digit is None else float(self.probabilities.max())

    @property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")]


def opinions(readers: list[Recognizer], frame: np.ndarray) -> list[Opinion]:
    """Ask every reader what a frame is.

    Args:
        readers: in the order of the answers.
        frame: (28, 28) uint8, or float32 in [0, 1]; bright ink on black.

    Raises:
        ValueError: the frame has another shape or range.
    """
    batch = as_batch(frame[None])
    return [_opinion(reader, reader.logits(batch)) for reader in readers]


def answers(readers: list[Recognizer], images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield, reader by reader, calibrated probabilities (N, 10) for images (N, 28, 28); see `as_batch`."""
    batch = as_batch(images)
    for reader in readers:
        yield confidence.softmax(reader.logits(batch), reader.temperature)


def sample(images: np.ndarray, labels: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return `n` digits drawn at random, the same each time, or all where there are no more."""
    chosen = np.random.default_rng(seed).permutation(len(labels))[:n]
    return images[chosen], labels[chosen]


def sweep(
    readers: list[Recognizer],
    images: np.ndarray,
    labels: np.ndarray,
    kinds: Iterable[str],
    severities: Iterable[int] = SEVERITIES,
) -> Iterator[dict]:
    """Let all readers read the same damaged digits, lazily: stop to iterate and it stops.

    Args:
        readers: one or more.
        images: (N, 28, 28) uint8 frames.
        labels: (N,).
        kinds, severities: see `digits.trust.corruptions`; severity 0 comes first by itself.

    Yields:
        `kind`, `severity`, `model`, `n`, `accuracy`, `interval_95`: a row for each reader, then for the next
        severity, then for the next kind; `len(readers) * (1 + len(severities))` rows of each kind.

    Raises:
        ValueError: no such kind, or no such severity.
    """
    severities = tuple(severities)
    unharmed = [stress.right(reader, images, labels) for reader in readers]
    for kind in kinds:
        yield from _rows(kind, 0, readers, unharmed)
        for step in stress.sweep(readers, images, labels, [kind], severities):
            yield from _rows(kind, step.severity, readers, step.right)


def table(rows: list[dict]) -> list[dict]:
    """Return a sweep as a table: a line for each kind and model, a column for each severity."""
    lines: dict[tuple[str, str], dict] = {}
    for row in rows:
        line = lines.setdefault(
            (row["kind"], row["model"]), {"Damage": row["kind"].replace("_", " "), "Model": row["model"]}
        )
        line[str(row["severity"])] = row["accuracy"]
    return list(lines.values())


def to_csv(rows: list[dict]) -> str:
    """Return a sweep as CSV, a line for each row."""
    file = io.StringIO()
    names = ["kind", "severity", "model", "n", "accuracy", "low", "high"]
    writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | dict(zip(("low", "high"), row["interval_95"], strict=True)) for row in rows)
    return file.getvalue()


def _opinion(reader: Recognizer, logits: np.ndarray) -> Opinion:
    (probabilities,) = confidence.softmax(logits, reader.temperature)
    (evidence,) = confidence.evidence(logits)
    status = confidence.judge(probabilities, evidence, reader.thresholds)
    digit = None if status == "not_a_digit" else int(probabilities.argmax())
    return Opinion(reader.name, digit, probabilities, status)


def _rows(kind: str, severity: int, readers: list[Recognizer], right: list[np.ndarray]) -> Iterator[dict]:
    for reader, hits in zip(readers, right, strict=True):
        about = {"kind": kind, "severity": severity, "model": reader.name}
        yield about | metrics.share_right(int(hits.sum()), len(hits))
