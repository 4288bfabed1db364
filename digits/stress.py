"""Sweeps: how a network's answers change as its digits get worse. For evaluation and pages alike."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from digits.data.frames import as_batch
from digits.recognizer import Recognizer
from digits.trust import metrics
from digits.trust.corruptions import KINDS, SEVERITIES, corrupt


class Step(NamedTuple):
    """All digits under one kind of damage at one severity."""

    kind: str
    severity: int
    images: np.ndarray  # (N, 28, 28) uint8, damaged
    right: list[np.ndarray]  # (N,) bool, of each reader


def sweep(
    readers: list[Recognizer],
    images: np.ndarray,
    labels: np.ndarray,
    kinds: Iterable[str] = tuple(KINDS),
    severities: Iterable[int] = SEVERITIES,
    seed: int = 0,
) -> Iterator[Step]:
    """Damage and judge digits, one kind and severity after the other, lazily: stop to iterate and it stops.

    Args:
        readers: whose bare networks answer, all to the same pictures.
        images: (N, 28, 28) uint8 frames.
        labels: (N,).
        kinds, severities: see `digits.trust.corruptions`.
        seed: of all chance.

    Raises:
        ValueError: no such kind, or no such severity.
    """
    steps = [(kind, severity) for kind in kinds for severity in severities]
    # While the network looks at one step, another thread damages the digits for the next.
    with ThreadPoolExecutor(1) as ahead:
        waiting = [ahead.submit(corrupt, images, *step, seed) for step in steps[:1]]
        for place, step in enumerate(steps):
            damaged = waiting.pop().result()
            waiting = [ahead.submit(corrupt, images, *next_, seed) for next_ in steps[place + 1 : place + 2]]
            yield Step(*step, damaged, [right(reader, damaged, labels) for reader in readers])


def right(reader: Recognizer, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which of images (N, 28, 28) uint8 the bare network reads as their labels, (N,) bool."""
    return reader.logits(as_batch(images)).argmax(axis=1) == labels


def summary(steps: dict[tuple[str, int], np.ndarray]) -> dict:
    """Return the mean accuracy of a sweep, the worst kind, and the mean of each.

    Args:
        steps: which digits were read right, (N,) bool, by kind and severity; of the same digits in all.

    Returns:
        `mean_accuracy` with its 95 % interval over digits, `worst`, and `kinds`: kind, mean accuracy.
    """
    kinds = list(dict.fromkeys(kind for kind, _ in steps))
    by_kind = [np.mean([hits for (of, _), hits in steps.items() if of == kind], axis=0) for kind in kinds]
    rows: list[dict[str, Any]] = [
        {"kind": kind, "accuracy": round(float(share.mean()), 5)}
        for kind, share in zip(kinds, by_kind, strict=True)
    ]
    mean, interval = metrics.mean_interval(np.mean(by_kind, axis=0))
    worst = min(rows, key=lambda row: row["accuracy"])
    return {"mean_accuracy": mean, "interval_95": interval, "worst": worst["kind"], "kinds": rows}
