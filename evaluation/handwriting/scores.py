"""Reading the sets of handwriting.py, and counting what came of it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from digits import Recognizer, metrics
from digits.config import CLASSES
from digits.models import calibration as confidence
from digits.plots import curves as curves_
from digits.plots import sheets
from evaluation.handwriting.sets import Example

CHUNK = 64
"""Pictures in memory at a time."""

SHOWN = 48
"""Most errors on a contact sheet."""

REFUSED = -1e9
"""Evidence for a digit where the road found none to show the network."""


@dataclass(frozen=True)
class Answers:
    """What the reader said about N examples."""

    texts: list[str]
    """The digits read; empty for none, "?" for one refused inside a number."""
    statuses: list[str]
    confidence: np.ndarray
    """(N,) in [0, 1]: of a number, that of its most doubtful digit; 0 for no answer."""
    probabilities: np.ndarray
    """(N, 10), all zero where there is no single digit."""
    evidence: np.ndarray
    """(N,) how sure the network is that it sees a digit at all: log sum exp of its logits."""


def read_digits(recognizer: Recognizer, examples: list[Example], name: str) -> Answers:
    """Read pictures of one digit each."""
    readings = []
    with tqdm(total=len(examples), unit="picture", desc=name) as bar:
        for first in range(0, len(examples), CHUNK):
            pictures = [example.make() for example in examples[first : first + CHUNK]]
            readings += recognizer.read_digits(pictures)
            bar.update(len(pictures))
    logits = recognizer.logits(np.stack([reading.framed for reading in readings])[..., None])
    seen = np.array([reading.framed.any() for reading in readings])
    answered = [reading.digit is not None for reading in readings]
    return Answers(
        ["" if reading.digit is None else str(reading.digit) for reading in readings],
        [reading.status for reading in readings],
        np.array([reading.confidence for reading in readings]),
        np.stack(
            [r.probabilities if a else np.zeros(CLASSES) for r, a in zip(readings, answered, strict=True)]
        ),
        np.where(seen, confidence.energy(logits), REFUSED),
    )


def read_numbers(recognizer: Recognizer, examples: list[Example], name: str) -> Answers:
    """Read pictures of several digits each."""
    readings = [
        recognizer.read_number(example.make()) for example in tqdm(examples, unit="picture", desc=name)
    ]
    statuses = [{reading.status for reading in number.digits} for number in readings]
    return Answers(
        ["".join(number.lines) for number in readings],
        ["blank" if not found else "digit" if found == {"digit"} else "unsure" for found in statuses],
        np.array([min((r.confidence for r in number.digits), default=0.0) for number in readings]),
        np.zeros((len(examples), CLASSES)),
        np.full(len(examples), REFUSED),
    )


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
    counts = metrics.share_right(int(right.sum()), len(right))
    counts |= {"errors": int((~right).sum()), "statuses": dict(Counter(answers.statuses)), "rows": rows}
    if examples[0].answer:
        coverage, risk = metrics.risk_coverage(answers.confidence, right)
        counts |= {"aurc": round(float(risk.mean()), 6), "risk_coverage": metrics.thinned(coverage, risk)}
    return right, counts


def calibration(examples: list[Example], answers: Answers) -> dict:
    """Return n, the calibration error and the bins of the reliability diagram of the digits answered."""
    answered = answers.confidence > 0
    labels = np.array([int(example.answer) for example in examples])[answered]
    probabilities = answers.probabilities[answered]
    return {
        "n": len(labels),
        "ece": round(metrics.expected_calibration_error(probabilities, labels), 5),
        "bins": metrics.reliability(probabilities, labels),
    }


def answered(answers: Answers) -> dict:
    """Return n, the share of pictures of one digit that got an answer, doubted or not, and its interval."""
    return metrics.share_right(sum(bool(text) for text in answers.texts), len(answers.texts))


def strangers(digits: Answers, others: Answers, asked: float) -> dict:
    """Return how well the evidence alone tells digits from what is none, whatever the thresholds.

    Args:
        digits: the answers to pen digits.
        others: the answers to letters.
        asked: the share of pen digits that should still be answered.

    Returns:
        `auroc`, how often a digit has more evidence than a letter; `caught`, the share of letters with less
        evidence than `asked` of the pen digits have.
    """
    return {
        "auroc": round(metrics.auroc(digits.evidence, others.evidence), 5),
        "caught": round(1 - metrics.false_positive_rate(digits.evidence, others.evidence, asked), 5),
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
    curves_.save(sheets.contact_sheet(pictures, captions, columns=4 if wide else 8), path, dpi=100)


def draw_curves(result: dict, stem: Path) -> None:
    """Draw the risk-coverage curves and the reliability diagram of a result, files named after `stem`."""
    curves = {row["set"].replace("_", " "): row["risk_coverage"] for row in result["sets"] if "aurc" in row}
    if curves:
        curves_.save(curves_.risk_coverage(curves), stem.with_name(f"{stem.name}_risk_coverage.png"))
    if "calibration" in result:
        diagram = curves_.reliability({"pen canvases": {"this reader": result["calibration"]["bins"]}})
        curves_.save(diagram, stem.with_name(f"{stem.name}_reliability.png"))
