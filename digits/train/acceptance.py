"""Whether a fine-tuned model may be kept: scores before and after, changed answers, and the verdict."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from digits.data.handwriting import Handwriting
from digits.models import calibration

LEAST_OWN = 0.5
"""A model that reads fewer of the own digits held out was taught with labels that do not fit."""

SURER = 0.005
"""Nats by which the surprise at own digits held out must fall to count as a gain where none is read anew."""

Answered = tuple[np.ndarray, np.ndarray]
"""Logits (N, 10) and labels (N,)."""


@dataclass(frozen=True)
class Scores:
    """How a model reads own digits held out and MNIST's validation digits."""

    own: float
    """Share of the own ones read right, in [0, 1]."""
    mnist: float
    """Share of MNIST's read right, in [0, 1]."""
    learnt: float = 0.0
    """Share of the own digits to learn from read right, in [0, 1]: whether there was anything to learn."""
    own_loss: float = 0.0
    """Mean surprise at the own ones' labels, in nats, once confidence is calibrated on MNIST's: it falls as
    answers get surer of the right digit, which shows in few digits already."""
    own_answers: np.ndarray = field(default_factory=lambda: np.zeros(0, int), compare=False, repr=False)
    """(N,) int64, what each own digit is read as."""
    mnist_answers: np.ndarray = field(
        default_factory=lambda: np.zeros(0, np.int64), compare=False, repr=False
    )
    """(M,) int64, what each of MNIST's is read as."""

    def __str__(self) -> str:
        return f"{self.own:.2%} of the own digits held out, {self.mnist:.2%} of MNIST's validation digits"

    def as_dict(self) -> dict[str, float]:
        """Return the figures for a file."""
        shares = {name: round(getattr(self, name), 5) for name in ("own", "own_loss", "learnt", "mnist")}
        return shares | {"own_n": len(self.own_answers), "mnist_n": len(self.mnist_answers)}


@dataclass(frozen=True)
class Outcome:
    """What a fine-tuning brought."""

    before: Scores
    after: Scores
    out: Path
    """The model's file."""
    blend: float
    """Share of the taught weights in the model, in (0, 1]."""
    refusal: str | None = None
    """Why the model is not worth keeping, in a sentence with the figures."""
    learnt_all: bool = False
    """Whether it has learnt the digits held out too, after they had judged."""

    def for_card(self) -> dict[str, float]:
        """Return the figures for the card of the model."""
        return {
            "own_n": len(self.after.own_answers),
            "own_before": round(self.before.own, 5),
            "own_after": round(self.after.own, 5),
            "mnist_before": round(self.before.mnist, 5),
            "mnist_after": round(self.after.mnist, 5),
            "blend": self.blend,
            "learnt_all": self.learnt_all,
        }

    def as_dict(self, held: Handwriting, mnist_labels: np.ndarray) -> dict[str, Any]:
        """Return all of it as plain values for a file.

        Args:
            held: the own digits held out, whose changed answers come one by one.
            mnist_labels: those of MNIST's digits, of which the mended and the broken are counted.
        """
        answers = (held.names, held.labels, self.before.own_answers, self.after.own_answers)
        rows = zip(*(column.tolist() for column in answers), strict=True)
        was, is_now = (scores.mnist_answers == mnist_labels for scores in (self.before, self.after))
        return {
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "changed": [
                {"file": name, "label": label, "before": old, "after": new}
                for name, label, old, new in rows
                if old != new
            ],
            "mnist_changed": {"mended": int((~was & is_now).sum()), "broken": int((was & ~is_now).sum())},
            "refusal": self.refusal,
            "out": self.out,
            "blend": self.blend,
            "learnt_all": self.learnt_all,
        }


def score(own: Answered, mnist: Answered, learnt: Answered) -> Scores:
    """Score a model's logits of own digits held out, of MNIST's, and of own ones to learn from."""
    temperature = calibration.fit_temperature(*mnist)
    right = [float(np.mean(logits.argmax(axis=1) == labels)) for logits, labels in (own, mnist, learnt)]
    return Scores(
        own=right[0],
        mnist=right[1],
        learnt=right[2],
        own_loss=calibration.negative_log_likelihood(*own, temperature),
        own_answers=own[0].argmax(axis=1),
        mnist_answers=mnist[0].argmax(axis=1),
    )


def forgets(before: Scores, after: Scores, most_forgotten: float) -> bool:
    """Return whether a taught model lost more points of MNIST accuracy than it may."""
    return 100 * (before.mnist - after.mnist) > most_forgotten + 1e-9


def refusal(
    before: Scores, after: Scores, most_forgotten: float, learns_outliers: bool = False
) -> str | None:
    """Return why a taught model must not be kept, in a sentence with the figures, or None.

    A hand's few digits held out often show no difference. Then it counts that more of those it learnt from
    are read right, as long as nothing held out is lost.

    Args:
        before: scores of the model it started from.
        after: scores of the taught one.
        most_forgotten: points of MNIST accuracy that may be lost.
        learns_outliers: whether it gains already by learning what is no digit, if it loses nothing.
    """
    if after.own < LEAST_OWN:
        return (
            f"Even taught it reads only {after.own:.2%} of the digits held out, {before.own:.2%} before: "
            "their labels do not seem to fit."
        )
    surer = before.own_loss - after.own_loss >= SURER
    gained = after.own > before.own or after.learnt > before.learnt or surer or learns_outliers
    if after.own < before.own or not gained:
        return (
            f"It gained nothing: {before.own:.2%} of the own digits held out before, {after.own:.2%} after, "
            f"and {after.learnt:.2%} of those it learnt from."
        )
    if forgets(before, after, most_forgotten):
        lost = 100 * (before.mnist - after.mnist)
        return (
            f"It forgot {lost:.2f} points of MNIST: {before.mnist:.2%} before, {after.mnist:.2%} after; "
            f"{most_forgotten} may be lost."
        )
    return None
