"""What a lesson brought: scores before and after it, the answers that changed, and when it must not count."""

from dataclasses import dataclass, field

import numpy as np

from digits.models import calibration

LEAST_OWN = 0.5
"""A taught model that reads fewer of the own digits held out was taught with labels that do not fit."""

SURER = 0.005
"""Nats by which the surprise at own digits held out must fall to count as a gain where none is read anew."""

Answered = tuple[np.ndarray, np.ndarray]
"""Logits (N, 10) and labels (N,)."""


def _none_read() -> np.ndarray:
    return np.zeros(0, np.int64)


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
    own_answers: np.ndarray = field(default_factory=_none_read, compare=False, repr=False)
    """(N,) int64, what each own digit is read as."""
    mnist_answers: np.ndarray = field(default_factory=_none_read, compare=False, repr=False)
    """(M,) int64, what each of MNIST's is read as."""

    def __str__(self) -> str:
        return f"{self.own:.2%} of the own digits held out, {self.mnist:.2%} of MNIST's validation digits"


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


def for_card(before: Scores, after: Scores) -> dict[str, float]:
    """Return the figures of a lesson for the card of the taught model."""
    return {
        "own_n": len(after.own_answers),
        "own_before": round(before.own, 5),
        "own_after": round(after.own, 5),
        "mnist_before": round(before.mnist, 5),
        "mnist_after": round(after.mnist, 5),
    }


def changes(
    before: Scores, after: Scores, names: np.ndarray, labels: np.ndarray, mnist_labels: np.ndarray
) -> dict:
    """Return what a lesson changed, as plain values for a file.

    Args:
        before, after: scores from `score`.
        names: (N,) str, what each own digit held out is called.
        labels: (N,) theirs.
        mnist_labels: (M,) those of MNIST's digits.

    Returns:
        `before` and `after` with their figures; `changed`, the own digits held out whose answer changed; and
        `mnist_changed`, how many of MNIST's were mended and broken.
    """
    differ = np.flatnonzero(before.own_answers != after.own_answers)
    was, is_now = (scores.mnist_answers == mnist_labels for scores in (before, after))
    return {
        "before": _figures(before),
        "after": _figures(after),
        "changed": [
            {
                "file": str(names[i]),
                "label": int(labels[i]),
                "before": int(before.own_answers[i]),
                "after": int(after.own_answers[i]),
            }
            for i in differ
        ],
        "mnist_changed": {"mended": int((~was & is_now).sum()), "broken": int((was & ~is_now).sum())},
    }


def forgets(before: Scores, after: Scores, most_forgotten: float) -> bool:
    """Return whether a taught model lost more points of MNIST accuracy than it may."""
    return 100 * (before.mnist - after.mnist) > most_forgotten + 1e-9


def refusal(
    before: Scores, after: Scores, most_forgotten: float, learns_strangers: bool = False
) -> str | None:
    """Return why a taught model must not be kept, in a sentence with the figures, or None.

    A hand's few digits held out often show no difference. Then it counts that more of those it learnt from
    are read right, as long as nothing held out is lost.

    Args:
        before: scores of the model it started from.
        after: scores of the taught one.
        most_forgotten: points of MNIST accuracy that may be lost.
        learns_strangers: whether it gains already by learning what is no digit, if it loses nothing.
    """
    if after.own < LEAST_OWN:
        return (
            f"Even taught it reads only {after.own:.2%} of the digits held out, {before.own:.2%} before: "
            "their labels do not seem to fit."
        )
    surer = before.own_loss - after.own_loss >= SURER
    gained = after.own > before.own or after.learnt > before.learnt or surer or learns_strangers
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


def _figures(scores: Scores) -> dict[str, float]:
    return {
        "own": round(scores.own, 5),
        "own_n": len(scores.own_answers),
        "own_loss": round(scores.own_loss, 5),
        "learnt": round(scores.learnt, 5),
        "mnist": round(scores.mnist, 5),
        "mnist_n": len(scores.mnist_answers),
    }
