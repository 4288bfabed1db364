"""Sweeps: how the answers of networks change as digits get worse. For evaluation and pages alike."""

import csv
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from digits import metrics
from digits.models import calibration
from digits.preprocessing.frame import as_batch
from digits.recognizer import Recognizer
from digits.robustness.corruptions import KINDS, SEVERITIES, corrupt


def sample(images: np.ndarray, labels: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return `n` digits drawn at random, the same each time, or all where there are no more."""
    chosen = np.random.default_rng(seed).permutation(len(labels))[:n]
    return images[chosen], labels[chosen]


def answers(readers: list[Recognizer], images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield, reader by reader, calibrated probabilities (N, 10) for images (N, 28, 28); see `as_batch`."""
    batch = as_batch(images)
    for reader in readers:
        yield calibration.softmax(reader.logits(batch), reader.temperature)


def right(reader: Recognizer, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which of images (N, 28, 28) uint8 the bare network reads as their labels, (N,) bool."""
    return reader.logits(as_batch(images)).argmax(axis=1) == labels


class Step(NamedTuple):
    """All digits under one kind of corruption at one severity."""

    kind: str
    severity: int
    right: list[np.ndarray]
    """(N,) bool, of each reader: which digits it read right."""


def sweep(
    readers: list[Recognizer],
    images: np.ndarray,
    labels: np.ndarray,
    kinds: Iterable[str] = tuple(KINDS),
    severities: Iterable[int] = SEVERITIES,
    seed: int = 0,
) -> Iterator[Step]:
    """Corrupt and judge digits, one kind and severity after the other, lazily: stop to iterate and it stops.

    Args:
        readers: whose bare networks answer, all to the same pictures.
        images: (N, 28, 28) uint8 frames.
        labels: (N,).
        kinds, severities: see `digits.robustness.corruptions`.
        seed: of all chance.

    Raises:
        ValueError: no such kind, or no such severity.
    """
    severities = tuple(severities)
    steps = [(kind, severity) for kind in kinds for severity in severities]
    # While the network looks at one step, another thread corrupts the digits for the next.
    with ThreadPoolExecutor(1) as ahead:
        waiting = [ahead.submit(corrupt, images, *step, seed) for step in steps[:1]]
        for place, step in enumerate(steps):
            corrupted = waiting.pop().result()
            waiting = [ahead.submit(corrupt, images, *next_, seed) for next_ in steps[place + 1 : place + 2]]
            yield Step(*step, [right(reader, corrupted, labels) for reader in readers])


def summary(steps: dict[tuple[str, int], np.ndarray]) -> dict[str, Any]:
    """Return the mean accuracy of a sweep, the worst kind, and the mean of each.

    Args:
        steps: which digits were read right, (N,) bool, by kind and severity; of the same digits in all.

    Returns:
        `mean_accuracy` with its 95 % interval over digits, `worst`, and `kinds`: kind, mean accuracy.
    """
    by_kind: dict[str, list[np.ndarray]] = {}
    for (kind, _), hits in steps.items():
        by_kind.setdefault(kind, []).append(hits)
    shares = {kind: np.mean(hits, axis=0) for kind, hits in by_kind.items()}
    rows: list[dict[str, Any]] = [
        {"kind": kind, "accuracy": round(float(share.mean()), 5)} for kind, share in shares.items()
    ]
    mean, interval = metrics.mean_interval(np.mean(list(shares.values()), axis=0))
    worst = min(rows, key=lambda row: row["accuracy"])
    return {"mean_accuracy": mean, "interval_95": interval, "worst": worst["kind"], "kinds": rows}


def compare(
    readers: list[Recognizer],
    images: np.ndarray,
    labels: np.ndarray,
    kinds: Iterable[str],
    severities: Iterable[int] = SEVERITIES,
) -> Iterator[dict[str, Any]]:
    """Let all readers read the same corrupted digits, as rows for a table or a chart; see `sweep`.

    Yields:
        `kind`, `severity`, `model`, `n`, `accuracy`, `interval_95`: a row for each reader, then for the next
        severity, then for the next kind; severity 0 comes first by itself, so `len(readers) * (1 +
        len(severities))` rows of each kind.
    """
    severities = tuple(severities)
    unharmed = [right(reader, images, labels) for reader in readers]
    for kind in kinds:
        yield from _rows(readers, Step(kind, 0, unharmed))
        for step in sweep(readers, images, labels, [kind], severities):
            yield from _rows(readers, step)


def _rows(readers: list[Recognizer], step: Step) -> Iterator[dict[str, Any]]:
    for reader, hits in zip(readers, step.right, strict=True):
        about = {"kind": step.kind, "severity": step.severity, "model": reader.name}
        yield about | metrics.share_right(int(hits.sum()), len(hits))


def table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of `compare` as a table: a line for each kind and model, a column for each severity."""
    lines: dict[tuple[str, str], dict] = {}
    for row in rows:
        line = lines.setdefault(
            (row["kind"], row["model"]), {"Damage": row["kind"].replace("_", " "), "Model": row["model"]}
        )
        line[str(row["severity"])] = row["accuracy"]
    return list(lines.values())


def to_csv(rows: list[dict[str, Any]]) -> str:
    """Return the rows of `compare` as CSV."""
    file = io.StringIO()
    names = ["kind", "severity", "model", "n", "accuracy", "low", "high"]
    writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | dict(zip(("low", "high"), row["interval_95"], strict=True)) for row in rows)
    return file.getvalue()
