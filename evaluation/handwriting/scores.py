"""Reading the sets of handwriting, and counting what came of it."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from digits import Recognizer, metrics
from digits.models import calibration
from digits.plots import curves, sheets
from digits.reading import NumberReading, Reading
from evaluation.handwriting.sets import Example

CHUNK = 64
"""Pictures in memory at a time."""

SHOWN = 48
"""Most errors on a contact sheet."""

REFUSED = -1e9
"""The energy where the road found none to show the network."""


class Answer(NamedTuple):
    """What the reader said about one example, without the pictures of how it came to it."""

    text: str
    """The digits read; empty for none, "?" for one refused inside a number."""
    status: str
    confidence: float
    """In [0, 1]: of a number, the product of its digits'; 0 for no answer."""
    energy: float = REFUSED
    """How sure the network is that it sees a digit at all: log sum exp of its logits."""


@dataclass(frozen=True)
class Answers:
    """What the reader said about N examples; see `Answer`."""

    texts: list[str]
    statuses: list[str]
    confidence: np.ndarray
    energy: np.ndarray

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Answers":
        """Return answers column by column."""
        texts, statuses, *numbers = zip(*answers, strict=True)
        return cls(list(texts), list(statuses), *map(np.array, numbers))


def read_digits(recognizer: Recognizer, examples: list[Example], name: str) -> Answers:
    """Read pictures of one digit each."""
    answers = []
    with tqdm(total=len(examples), unit="picture", desc=name) as bar:
        for first in range(0, len(examples), CHUNK):
            pictures = [example.make() for example in examples[first : first + CHUNK]]
            readings = recognizer.read_digits(pictures)
            frames = np.stack([reading.framed for reading in readings])
            energies = calibration.energy(recognizer.logits(frames[..., None]))
            answers += map(_one, readings, energies)
            bar.update(len(pictures))
    return Answers.of(answers)


def _one(reading: Reading, energy: float) -> Answer:
    energy = energy if reading.framed.any() else REFUSED
    return Answer(reading.label or "", reading.status, reading.confidence, energy)


def read_numbers(recognizer: Recognizer, examples: list[Example], name: str) -> Answers:
    """Read pictures of several digits each."""
    return Answers.of(
        _several(recognizer.read_number(example.make()))
        for example in tqdm(examples, unit="picture", desc=name)
    )


def _several(number: NumberReading) -> Answer:
    statuses = {reading.status for reading in number.digits}
    status = "blank" if not statuses else "digit" if statuses == {"digit"} else "unsure"
    confidence = math.prod(reading.confidence for reading in number.digits) if statuses else 0.0
    return Answer("".join(number.lines), status, confidence)


def score(examples: list[Example], answers: Answers, caught: bool) -> tuple[np.ndarray, dict]:
    """Return which examples were answered right, (N,) bool, and the figures of the set.

    Args:
        examples: what was shown.
        answers: what was said.
        caught: whether only "not a digit" is right, as for letters; else the text has to be the answer.
    """
    if caught:
        right = np.array([status == "not_a_digit" for status in answers.statuses])
    else:
        right = np.array([e.answer == text for e, text in zip(examples, answers.texts, strict=True)])
    sources = np.array([example.source for example in examples])
    rows = [
        {"source": str(source), **metrics.share_right(int(right[sources == source].sum()), int(many))}
        for source, many in zip(*np.unique(sources, return_counts=True), strict=True)
    ]
    counts = metrics.share_right_by(right, [example.writer for example in examples])
    counts |= {"errors": int((~right).sum()), "statuses": dict(Counter(answers.statuses)), "rows": rows}
    if examples[0].answer:
        coverage, risk = metrics.risk_coverage(answers.confidence, right)
        counts |= {"aurc": round(float(risk.mean()), 6), "risk_coverage": metrics.thinned(coverage, risk)}
        counts["ece"] = calibration_of(answers.confidence, right)["ece"]
        sure, rng = answers.confidence[answers.confidence > 0, None], np.random.default_rng(0)
        by_chance = metrics.calibration_error_by_chance(sure, rng) if len(sure) else None
        counts["ece_by_chance_95"] = by_chance
    return right, counts


def calibration_of(confidence: np.ndarray, right: np.ndarray) -> dict:
    """Return n, the calibration error (ECE) and the bins of the reliability diagram of what was answered.

    Args:
        confidence: (N,) in [0, 1]; 0 for no answer, which does not count.
        right: (N,) bool.
    """
    given = confidence > 0
    # As for one class: its probability is the confidence, its label 0 where the answer is right.
    sure, labels = confidence[given, None], np.where(right[given], 0, -1)
    if not given.any():
        return {"n": 0, "ece": None, "bins": []}
    ece = round(metrics.expected_calibration_error(sure, labels), 5)
    return {"n": len(labels), "ece": ece, "bins": metrics.reliability(sure, labels)}


def answered(answers: Answers) -> dict:
    """Return n, the share of pictures of one digit that got an answer, doubted or not, and its interval."""
    return metrics.share_right(sum(bool(text) for text in answers.texts), len(answers.texts))


def told_apart(digits: Answers, others: Answers, asked: float) -> dict:
    """Return how well the energy alone tells digits from what is none, whatever the thresholds.

    Args:
        digits: the answers to pen digits.
        others: the answers to letters.
        asked: the share of pen digits that should still be answered.

    Returns:
        `auroc`, how often a digit has more energy than a letter; `caught`, the share of letters with less
        energy than `asked` of the pen digits have.
    """
    return {
        "auroc": round(metrics.auroc(digits.energy, others.energy), 5),
        "caught": round(1 - metrics.false_positive_rate(digits.energy, others.energy, asked), 5),
    }


def draw_errors(examples: list[Example], answers: Answers, right: np.ndarray, path: Path) -> None:
    """Draw the surest errors of a set, each with its answer, what was read and how sure; none, no file."""
    wrong = np.flatnonzero(~right)
    wrong = wrong[np.argsort(-answers.confidence[wrong], kind="stable")][:SHOWN]
    if not len(wrong):
        path.unlink(missing_ok=True)
        return
    said = [answers.texts[i] or answers.statuses[i].replace("_", " ") for i in wrong]
    captions = [
        f"{examples[i].answer or examples[i].source}\n→ {text}  {answers.confidence[i]:.0%}"
        for i, text in zip(wrong, said, strict=True)
    ]
    pictures = [np.asarray(examples[i].make()) for i in wrong]
    wide = sum(picture.shape[1] > 1.5 * picture.shape[0] for picture in pictures) > len(pictures) / 2
    curves.save(sheets.contact_sheet(pictures, captions, columns=4 if wide else 8), path, dpi=100)


def draw_curves(result: dict, stem: Path) -> None:
    """Draw the risk-coverage curves and the reliability diagram of a result, files named after `stem`."""
    risks = {row["set"].replace("_", " "): row["risk_coverage"] for row in result["sets"] if "aurc" in row}
    if risks:
        curves.save(curves.risk_coverage(risks), stem.with_name(f"{stem.name}_risk_coverage.png"))
    if "calibration" in result:
        diagram = curves.reliability({"pen canvases": {"this reader": result["calibration"]["bins"]}})
        curves.save(diagram, stem.with_name(f"{stem.name}_reliability.png"))
