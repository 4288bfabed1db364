"""Teaching a model a hand: what it learns from, and what it is judged on."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import layers

from digits.config import CLASSES, OUTLIER
from digits.data import handwriting, touching
from digits.data.augment import add_styles, with_scans
from digits.data.handwriting import Handwriting, unfit
from digits.data.mnist import TrainVal, load_train_val
from digits.data.outliers import Outliers
from digits.data.strokes import StrokeSet
from digits.models.calibration import softmax
from digits.train import acceptance
from digits.train.acceptance import Scores
from digits.train.fit import Batches
from digits.train.trainer import logits_of

HELD_SHARE = 0.2  # of every class, where no source is named
LOOKS_RIGHT = 0.9  # probability above which a wrong cut looks like a digit


@dataclass(frozen=True)
class FinetuneData:
    """What a model is taught with, and judged on."""

    own: Handwriting
    """To learn from."""
    held: Handwriting
    """Own digits that the model never sees."""
    mnist: TrainVal
    """To repeat, against forgetting, and to judge on."""
    strangers: Outliers | None = None
    """None: the model does not learn to tell what is no digit."""

    def often(self, model: keras.Model, misread: float) -> np.ndarray:
        """Return how often each own digit shall come, (N,): those that `model` misreads `misread` times.

        What a hand does otherwise than others shows in few of its digits: they say what there is to learn.
        """
        answers = logits_of(model, self.own.frames).argmax(axis=1)
        return np.where(answers == self.own.labels, 1.0, misread)

    def batches(
        self,
        batch_size: int,
        per_epoch: int,
        replay: bool,
        habits: float,
        strangers: float = 0.0,
        often: np.ndarray | None = None,
    ) -> Batches:
        """Return batches of which half are own digits, each class as often as the others, half MNIST.

        Args:
            batch_size: digits per batch.
            per_epoch: digits per epoch.
            replay: False for own digits only.
            habits: strength of `add_styles`, for MNIST's digits and own ones alike.
            strangers: share of the batches that is no digit, where the lesson has such; the rest is divided
                as said.
            often: (N,) how often each own digit comes, relative to the others of its class (None: all alike).
        """
        counts = np.bincount(self.own.labels, minlength=CLASSES)
        weight = np.ones(len(self.own)) if often is None else often
        parts = [(self.own.frames, self.own.labels, weight / counts[self.own.labels])]
        if replay:
            labels = self.mnist.y_train
            parts.append((self.mnist.x_train, labels, np.ones(len(labels))))
        shares = [1 / len(parts)] * len(parts)
        if self.strangers is not None and strangers:
            learnt = self.strangers.learnt
            parts.append((learnt, np.full(len(learnt), OUTLIER), np.ones(len(learnt))))
            shares = [share * (1 - strangers) for share in shares] + [strangers]
        frames, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        weights = np.concatenate(
            [share * each / each.sum() for share, (_, _, each) in zip(shares, parts, strict=True)]
        )
        redraw = partial(add_styles, strength=habits)
        return Batches(frames, labels, batch_size, redraw, weights, per_epoch)

    def whole(self) -> "FinetuneData":
        """Return the lesson in which the digits held out are learnt too."""
        return replace(self, own=self.own.and_also(self.held))

    def with_neighbours(
        self, model: keras.Model, seed: int, strokes: StrokeSet | None = None, most: int = touching.ROWS
    ) -> "FinetuneData":
        """Add digits cut out of rows in which they touch, and wrong cuts among the strangers.

        Those that `model` reads as a digit without much doubt, such as half an 8, are left out, unless they
        are surely none.

        Args:
            model: judges them.
            seed: of all choices.
            strokes: the own digits once more, if they are strokes; those held out are not written.
            most: how many rows of MNIST's digits are written.

        Raises:
            ValueError: the lesson has no strangers for wrong cuts to join.
        """
        if self.strangers is None:
            raise ValueError("Wrong cuts join the strangers of a lesson; this one has none.")
        own = None if strokes is None else touching.pen_hand(strokes, np.unique(self.own.ids))
        cuts = touching.neighbours(self.mnist, seed, own, most)
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

    def counts(self) -> list[int]:
        """Return how many own digits of each class there are, those held out with them."""
        labels = np.concatenate([self.own.once().labels, self.held.labels])
        return np.bincount(labels, minlength=CLASSES).tolist()

    def seen(self) -> list[str]:
        """Return the sources that the model learns from or that judge it: no evaluation may count them."""
        return sorted({*self.own.sources.tolist(), *self.held.sources.tolist()})

    def judge(self, model: keras.Model) -> Scores:
        """Return how `model` reads the digits held out of either kind, and the own ones it learns from."""
        learnt = self.own.once()
        digits = (
            (self.held.frames, self.held.labels),
            (self.mnist.x_val, self.mnist.y_val),
            (learnt.frames, learnt.labels),
        )
        return acceptance.score(*((logits_of(model, frames), labels) for frames, labels in digits))

    def changes(self, before: Scores, after: Scores) -> dict:
        """Return what changed between two models, see `lesson_scores.changes`."""
        held = self.held
        return acceptance.changes(before, after, held.names, held.labels, self.mnist.y_val)


def prepare(
    data: Path,
    *,
    hold_out: tuple[str, ...] = (),
    leave_out: tuple[str, ...] = (),
    renders: int = 1,
    seed: int = 0,
    limit: int | None = None,
    replayed: int | None = None,
) -> FinetuneData:
    """Load own digits, and MNIST with some of its digits as small scans.

    Args:
        data: a digit folder or a strokes file.
        hold_out: sources to judge on; none named: a fifth of every class.
        leave_out: sources to drop.
        renders: how often strokes are drawn to learn from, each time with another pen.
        seed: of all choices.
        limit: MNIST digits to repeat and to judge on (None: all).
        replayed: MNIST digits to repeat (None: all of those); what is made from them gets fewer too.

    Raises:
        ValueError: nothing usable, too few of a class, or an unknown source; says what was expected.
    """
    own = handwriting.load(data, seed, renders)
    if leave_out:
        own = own.part(~handwriting.hold_out(own, leave_out, 0, seed))
    if problem := unfit(np.bincount(own.once().labels, minlength=CLASSES)):
        raise ValueError(f"{data}: {problem}")
    held = handwriting.hold_out(own, hold_out, HELD_SHARE, seed)
    mnist = load_train_val(limit)
    mnist = mnist._replace(x_train=mnist.x_train[:replayed], y_train=mnist.y_train[:replayed])
    return FinetuneData(own.part(~held), own.part(held).once(), with_scans(mnist, seed))


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
