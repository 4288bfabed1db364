"""Teaching a model a hand: what it learns from, what it is judged on, and when it must not be kept."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import layers

from digits import own_digits, practice
from digits.contract import CLASSES, STRANGER
from digits.data.habits import add_habits
from digits.data.mnist import TrainVal, load_train_val
from digits.data.strokes import StrokeSet
from digits.network.fitting import Batches
from digits.own_digits import OwnDigits
from digits.practice import Strangers, with_scans
from digits.trainer import logits_of
from digits.trust.confidence import softmax

HELD_SHARE = 0.2  # of every class, where no source is named
LOOKS_RIGHT = 0.9  # probability above which a wrong cut looks like a digit
LEAST_OWN = 0.5
"""A taught model that reads fewer of the own digits held out was taught with labels that do not fit."""


@dataclass(frozen=True)
class Scores:
    """Accuracy, in [0, 1], on own digits held out and on MNIST's validation digits."""

    own: float
    mnist: float

    def __str__(self) -> str:
        return f"{self.own:.2%} of the own digits held out, {self.mnist:.2%} of MNIST's validation digits"


@dataclass(frozen=True)
class Lesson:
    """What a model is taught with, and judged on."""

    own: OwnDigits
    """To learn from."""
    held: OwnDigits
    """Own digits that the model never sees."""
    mnist: TrainVal
    """To repeat, against forgetting, and to judge on."""
    strangers: Strangers | None = None
    """None: the model does not learn to tell what is no digit."""

    def batches(
        self, batch_size: int, per_epoch: int, replay: bool, habits: float, strangers: float = 0.0
    ) -> Batches:
        """Return batches of which half are own digits, each class as often as the others, half MNIST.

        Args:
            batch_size: digits per batch.
            per_epoch: digits per epoch.
            replay: False for own digits only.
            habits: strength of `add_habits`, for MNIST's digits and own ones alike.
            strangers: share of the batches that is no digit, where the lesson has such; the rest is divided
                as said.
        """
        counts = np.bincount(self.own.labels, minlength=CLASSES)
        parts = [(self.own.frames, self.own.labels, 1 / counts[self.own.labels])]
        if replay:
            labels = self.mnist.y_train
            parts.append((self.mnist.x_train, labels, np.ones(len(labels))))
        shares = [1 / len(parts)] * len(parts)
        if self.strangers is not None and strangers:
            learnt = self.strangers.learnt
            parts.append((learnt, np.full(len(learnt), STRANGER), np.ones(len(learnt))))
            shares = [share * (1 - strangers) for share in shares] + [strangers]
        frames, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        weights = np.concatenate(
            [share * each / each.sum() for share, (_, _, each) in zip(shares, parts, strict=True)]
        )
        redraw = partial(add_habits, strength=habits)
        return Batches(frames, labels, batch_size, redraw, weights, per_epoch)

    def with_neighbours(self, model: keras.Model, seed: int, strokes: StrokeSet | None = None) -> "Lesson":
        """Add digits cut out of rows in which they touch, and wrong cuts among the strangers.

        Those that `model` reads as a digit without much doubt, such as half an 8, are left out, unless they
        are surely none.

        Args:
            model: judges them.
            seed: of all choices.
            strokes: the own digits once more, if they are strokes; those held out are not written.
        """
        own = (strokes, np.unique(self.own.ids)) if strokes is not None else None
        cuts = practice.neighbours(self.mnist, seed, own)
        doubtful = softmax(logits_of(model, cuts.broken)).max(axis=1) < LOOKS_RIGHT
        mnist = self.mnist._replace(
            x_train=np.concatenate([self.mnist.x_train, cuts.right]),
            y_train=np.concatenate([self.mnist.y_train, cuts.labels]),
        )
        learnt = np.concatenate([self.strangers.learnt, cuts.joined, cuts.broken[doubtful]])
        return replace(self, mnist=mnist, strangers=replace(self.strangers, learnt=learnt))

    def validation(self) -> TrainVal:
        """Return all digits held out, MNIST's and own, in place of the validation digits."""
        frames = np.concatenate([self.mnist.x_val, self.held.frames])
        return self.mnist._replace(x_val=frames, y_val=np.concatenate([self.mnist.y_val, self.held.labels]))

    def weights(self) -> np.ndarray:
        """Return what each digit of `validation` counts where confidence is calibrated: both kinds alike."""
        kinds = len(self.mnist.y_val), len(self.held.labels)
        return np.concatenate([np.full(number, 0.5 / number) for number in kinds])

    def seen(self) -> list[str]:
        """Return the sources that the model learns from or that judge it: no evaluation may count them."""
        return sorted({*self.own.sources.tolist(), *self.held.sources.tolist()})

    def judge(self, model: keras.Model) -> Scores:
        """Return how much of either kind `model` reads right."""
        parts = (self.held.frames, self.held.labels), (self.mnist.x_val, self.mnist.y_val)
        return Scores(*(float(np.mean(logits_of(model, x).argmax(axis=1) == y)) for x, y in parts))


def prepare(
    data: Path,
    *,
    hold_out: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
    renders: int = 1,
    seed: int = 0,
    limit: int | None = None,
) -> Lesson:
    """Load own digits, and MNIST with some of its digits as small scans.

    Args:
        data: a digit folder or a strokes file.
        hold_out: sources to judge on; none named: a fifth of every class.
        leave_out: sources to drop.
        renders: how often strokes are drawn to learn from, each time with another pen.
        seed: of all choices.
        limit: MNIST digits to repeat (None: all).

    Raises:
        ValueError: nothing usable, or an unknown source; the message says what was expected.
    """
    own = own_digits.load(data, seed, renders)
    if leave_out:
        own = own.part(~own_digits.hold_out(own, leave_out, 0, seed))
    held = own_digits.hold_out(own, hold_out, HELD_SHARE, seed)
    return Lesson(own.part(~held), own.part(held).once(), with_scans(load_train_val(limit), seed))


def freeze(model: keras.Model, all_but_head: bool) -> None:
    """Set what learns: the last layer alone, or everything but the statistics of batch normalisation.

    Few own digits would spoil those statistics; MNIST's serve other hands as well.
    """
    for layer in model.layers:
        if all_but_head:
            layer.trainable = layer.name == "logits"
        else:
            layer.trainable = not isinstance(layer, layers.BatchNormalization)


def blend(model: keras.Model, untaught: list[np.ndarray], share: float) -> None:
    """Mix the weights of a taught model with those from before, which forgets less and gains almost as much.

    Wortsman et al., "Robust fine-tuning of zero-shot models", 2022, arXiv:2109.01903.

    Args:
        model: taught; its weights change in place.
        untaught: its weights before, from `get_weights`.
        share: of the taught weights, in (0, 1].
    """
    pairs = zip(untaught, model.get_weights(), strict=True)
    model.set_weights([(1 - share) * before + share * after for before, after in pairs])


def gains(before: Scores, after: Scores, lesson: Lesson) -> dict[str, float]:
    """Return the figures of a lesson for the card."""
    return {
        "own_n": len(lesson.held),
        "own_before": round(before.own, 5),
        "own_after": round(after.own, 5),
        "mnist_before": round(before.mnist, 5),
        "mnist_after": round(after.mnist, 5),
    }


def refusal(
    before: Scores, after: Scores, most_forgotten: float, learns_strangers: bool = False
) -> str | None:
    """Return why a taught model must not be kept, in a sentence with the figures, or None.

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
    if after.own < before.own or (after.own == before.own and not learns_strangers):
        return f"It gained nothing on own digits held out: {before.own:.2%} before, {after.own:.2%} after."
    lost = 100 * (before.mnist - after.mnist)
    if lost > most_forgotten + 1e-9:
        return (
            f"It forgot {lost:.2f} points of MNIST: {before.mnist:.2%} before, {after.mnist:.2%} after; "
            f"{most_forgotten} may be lost."
        )
    return None
