"""Does an exported model say what the model says? Asked on digits that are given, in numbers."""

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.models import runtimes
from digits.models.export.formats import FORMATS

EXACT = 1.0, 1e-4
"""Share of equal answers, at least, and largest difference of a probability, of forms in float32."""

ROUNDED = 0.999, 0.25
"""The same of forms whose numbers have fewer places. A larger difference is no rounding but a mistake."""

TURNS = 50  # frames asked one by one, for the time of one
BATCH = 250


@dataclass(frozen=True, kw_only=True)
class Check:
    """How one export did."""

    format: str
    file: str
    bytes: int
    """Of the file, or of all files in the folder."""
    n: int
    """Digits that it was asked."""
    agreement: float
    """Share of them that it reads as the model does."""
    largest_difference: float
    """Of any probability from the model's."""
    accuracy: float
    """Share of them that it reads right."""
    ms: float
    """Median milliseconds for one frame alone, in the program that asks it here."""
    passed: bool

    def as_dict(self) -> dict:
        """Return the figures for a file."""
        return dataclasses.asdict(self)


def check(name: str, path: Path, frames: np.ndarray, labels: np.ndarray, expected: np.ndarray) -> Check:
    """Open an export and hold it against the model that it was made from.

    Where it answers with probabilities and logits, the worse of the two counts.

    Args:
        name: of its form in `FORMATS`.
        path: of its file or folder.
        frames: (N, 28, 28, 1) float32 in [0, 1].
        labels: (N,), what they are.
        expected: (N, 10), the probabilities of the model for them.

    Raises:
        ValueError: there are no frames, or the file cannot be opened.
    """
    if not len(frames):
        raise ValueError(f"{path.name} was to be checked on no digits; expected some.")
    ask = runtimes.opened(path)
    parts = [ask(frames[i : i + BATCH]) for i in range(0, len(frames), BATCH)]
    answers = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    said = [answers["probabilities"]]
    if "logits" in answers:
        said.append(_softmax(answers["logits"]))
    agreement = min(float((one.argmax(1) == expected.argmax(1)).mean()) for one in said)
    difference = max(float(np.abs(one - expected).max()) for one in said)
    return Check(
        format=name,
        file=path.name,
        bytes=size(path),
        n=len(frames),
        agreement=agreement,
        largest_difference=difference,
        accuracy=min(float((one.argmax(1) == labels).mean()) for one in said),
        ms=round(_median_ms(ask, frames), 3),
        passed=_good(agreement, difference, *limits(name)),
    )


def limits(name: str) -> tuple[float, float]:
    """Return what a form must keep: the share of equal answers at least, the largest difference at most."""
    return EXACT if FORMATS[name].exact else ROUNDED


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _good(agreement: float, difference: float, least: float, most: float) -> bool:
    # Written so that NaN, which compares as false, fails.
    return agreement >= least and difference <= most


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _median_ms(ask: runtimes.Ask, frames: np.ndarray) -> float:
    seconds = []
    for i in range(min(TURNS, len(frames))):
        begin = time.perf_counter()
        ask(frames[i : i + 1])
        seconds.append(time.perf_counter() - begin)
    return 1000 * float(np.median(seconds))
