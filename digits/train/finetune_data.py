"""What a model is fine-tuned with, and what it is judged on: own digits, MNIST's, and what is no digit."""

from dataclasses import dataclass, replace
from functools import partial

import keras
import numpy as np

from digits.config import CLASSES, OUTLIER
from digits.data import handwriting, outliers, touching
from digits.data.augment import add_styles, with_scans
from digits.data.handwriting import Handwriting, unfit
from digits.data.mnist import TrainVal, load_train_val
from digits.data.outliers import HELD_SHARE, Outliers
from digits.data.strokes import load_strokes
from digits.models.calibration import softmax
from digits.train import acceptance
from digits.train.acceptance import Scores
from digits.train.finetune_settings import Settings
from digits.train.fit import Batches
from digits.train.trainer import logits_of

LOOKS_RIGHT = 0.9  # probability above which a wrong cut looks like a digit
OUTLIERS_PER_ROW = 25  # of those made, for each row of touching digits


@dataclass(frozen=True)
class FinetuneData:
    """Own digits to learn from and to judge on, and what is repeated beside them."""

    own: Handwriting
    """To learn from."""
    held: Handwriting
    """Own digits that the model never sees."""
    mnist: TrainVal
    """To repeat, against forgetting, and to judge on."""
    outliers: Outliers | None = None
    """None: the model does not learn to tell what is no digit."""

    def often(self, model: keras.Model, misread: float) -> np.ndarray:
        """Return how often each own digit shall come, (N,): those that `model` misreads `misread` times.

        What a hand does otherwise than others shows in few of its digits: they say what there is to learn.
        """
        answers = logits_of(model, self.own.frames).argmax(axis=1)
        return np.where(answers == self.own.labels, 1.0, misread)

    def batches(self, settings: Settings, often: np.ndarray | None = None) -> Batches:
        """Return batches of which half are own digits, each class as often as the others, half MNIST.

        Where the data has outliers they make a share of all batches, and the rest is divided as said.

        Args:
            settings: size of the batches, digits per epoch, shares, and strength of the styles that MNIST's
                digits and own ones alike are drawn in.
            often: (N,) how often each own digit comes, relative to the others of its class (None: all alike).
        """
        counts = np.bincount(self.own.labels, minlength=CLASSES)
        weight = np.ones(len(self.own)) if often is None else often
        parts = [(self.own.frames, self.own.labels, weight / counts[self.own.labels])]
        if settings.replay == "mnist":
            labels = self.mnist.y_train
            parts.append((self.mnist.x_train, labels, np.ones(len(labels))))
        shares = [1 / len(parts)] * len(parts)
        if self.outliers is not None:
            learnt = self.outliers.learnt
            parts.append((learnt, np.full(len(learnt), OUTLIER), np.ones(len(learnt))))
            shares = [share * (1 - settings.strangers) for share in shares] + [settings.strangers]
        frames, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        weights = np.concatenate(
            [share * each / each.sum() for share, (_, _, each) in zip(shares, parts, strict=True)]
        )
        redraw = partial(add_styles, strength=settings.augment)
        return Batches(frames, labels, settings.batch_size, redraw, weights, settings.per_epoch)

    def whole(self) -> "FinetuneData":
        """Return the same with the digits held out among those to learn."""
        return replace(self, own=self.own.and_also(self.held))

    def with_outliers(self, model: keras.Model, settings: Settings) -> "FinetuneData":
        """Add what is no digit, and digits cut out of rows in which they touch.

        Of wrong cuts, those that `model` reads as a digit without much doubt, such as half an 8, are left
        out, unless they are surely none.
        """
        # More than are ever seen need not be made.
        most = round(settings.strangers * settings.per_epoch * (settings.epochs + 1))
        made = outliers.outliers(
            self.mnist,
            settings.not_digits,
            hold_out=settings.not_digits_hold_out,
            leave_out=settings.leave_out if settings.not_digits else (),
            renders=settings.not_digits_renders,
            seed=settings.seed,
            most=most,
        )
        hand = None
        if settings.data.suffix == ".npz":
            hand = touching.pen_hand(load_strokes(settings.data), np.unique(self.own.ids))
        cuts = touching.neighbours(self.mnist, settings.seed, hand, most // OUTLIERS_PER_ROW)
        doubtful = softmax(logits_of(model, cuts.broken)).max(axis=1) < LOOKS_RIGHT
        mnist = self.mnist._replace(
            x_train=np.concatenate([self.mnist.x_train, cuts.right]),
            y_train=np.concatenate([self.mnist.y_train, cuts.labels]),
        )
        learnt = np.concatenate([made.learnt, cuts.joined, cuts.broken[doubtful]])
        return replace(self, mnist=mnist, outliers=replace(made, learnt=learnt))

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


def load(settings: Settings) -> FinetuneData:
    """Load own digits, and MNIST with some of its digits as small scans; no outliers yet.

    Raises:
        ValueError: nothing usable, too few of a class, or an unknown source; says what was expected.
    """
    seed = settings.seed
    own = handwriting.load(settings.data, seed, settings.renders)
    if settings.leave_out:
        own = own.part(~handwriting.hold_out(own, settings.leave_out, 0, seed))
    if problem := unfit(np.bincount(own.once().labels, minlength=CLASSES)):
        raise ValueError(f"{settings.data}: {problem}")
    held = handwriting.hold_out(own, settings.hold_out, HELD_SHARE, seed)
    mnist, n = load_train_val(settings.limit), settings.replayed
    some = mnist._replace(x_train=mnist.x_train[:n], y_train=mnist.y_train[:n])
    return FinetuneData(own.part(~held), own.part(held).once(), with_scans(some, seed))
