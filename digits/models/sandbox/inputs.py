"""What a stranger's model expects of a frame: it is asked, with digits whose labels are known.

Pixels from 0 to 1 are the app's own way. Projects also train with whole bytes, with values around zero, with
columns of length 1 (`keras.utils.normalize(x, axis=1)`), and no file says which. A model that is given the
wrong one still answers, and is often sure of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.config import SIDE
from digits.files import read_npz
from digits.models.alphabet import DIGITS

FRAMES = Path(__file__).with_name("digits.npz")
"""Digits of MNIST's training set, as many of each: "images" (N, 28, 28) uint8, "labels" (N,), and "numbers"
(N,), their places in it. CC BY-SA 3.0, Y. LeCun, C. Cortes, C. J. C. Burges."""

FIRST = 100
"""Digits that are asked in each form; those that come near the best get all."""

NEAR = 0.1
"""Share of the digits by which a form may be behind the best and be asked again."""

CLEAR = 1.5
"""Standard errors by which labels must be likelier in another form, which reads no fewer digits right."""

FLOOR = 0.01
"""Probability below which an answer counts no worse: one digit shall not decide."""

WORKS = 0.6
"""Share of the digits that a model reads right which was given what it expects."""

DEAREST = 10**11
"""Multiplications that asking may cost; a large model is asked fewer digits."""


LEAST_LENGTH = 0.01
"""What is added, as one more pixel, to the length of what shall get the length 1: of nothing it would be
nothing, by which light copies cannot divide."""


@dataclass(frozen=True)
class Form:
    """One way to give a model a frame."""

    words: str
    """What it is given, for a sentence."""
    values: tuple[float, float] | None = (0.0, 1.0)
    """What black paper and full ink become, where each pixel is brought there by itself."""
    unit: tuple[int, ...] = ()
    """Axes of (N, 28, 28, 1) along which the length is made 1."""
    turned: bool = False
    """Whether rows and columns change places, as in EMNIST's files."""

    def layers(self) -> list[Any]:
        """Return Keras layers that bring frames (N, 28, 28, 1) from [0, 1] into this form."""
        from keras import layers

        found = [layers.Permute((2, 1, 3), name="turned")] if self.turned else []
        if self.unit:
            found.append(_length_1(self.unit))
        elif self.values != (0.0, 1.0) and self.values is not None:
            low, high = self.values
            found.append(layers.Rescaling(high - low, low, name="values"))
        return found

    def apply(self, frames: np.ndarray) -> np.ndarray:
        """Return frames (N, 28, 28, 1) from [0, 1] in this form, as `layers` would."""
        frames = frames.transpose(0, 2, 1, 3) if self.turned else frames
        if self.unit:
            length = np.sqrt((frames**2).sum(axis=self.unit, keepdims=True) + LEAST_LENGTH**2)
            return (frames / length).astype(np.float32)
        low, high = self.values or (0.0, 1.0)
        return (low + frames * (high - low)).astype(np.float32)


def _length_1(axes: tuple[int, ...]) -> Any:
    """Return a model that makes the length along some axes 1, of layers that come through the gate
    themselves."""
    import keras
    from keras import layers

    down = 1 in axes  # one row more, or else one column

    def edge(more: int) -> tuple[tuple[int, int], tuple[int, int]]:
        return ((0, more), (0, 0)) if down else ((0, 0), (0, more))

    frame = keras.Input((SIDE, SIDE, 1))
    pixel = layers.Rescaling(0.0, LEAST_LENGTH)(layers.Cropping2D(edge(SIDE - 1))(frame))
    if len(axes) > 1:  # one pixel for all
        corner = layers.Cropping2D(((0, 0), (0, SIDE - 1)))(pixel)
        pixel = layers.ZeroPadding2D(((0, 0), (0, SIDE - 1)))(corner)
    whole = layers.Concatenate(axis=1 if down else 2)([frame, pixel])
    short = layers.UnitNormalization(axis=list(axes))(whole)
    return keras.Model(frame, layers.Cropping2D(edge(1))(short), name="length_1")


UNIT = "unit"
"""The app's own form."""

BYTES = "bytes"

FORMS = {
    UNIT: Form("values from 0 to 1"),
    BYTES: Form("values from 0 to 255", (0.0, 255.0)),
    "middle": Form("values from -0.5 to 0.5", (-0.5, 0.5)),
    "symmetric": Form("values from -1 to 1", (-1.0, 1.0)),
    "standard": Form("values of mean 0 and deviation 1", (-0.1307 / 0.3081, 0.8693 / 0.3081)),
    "columns": Form("columns of length 1, as keras.utils.normalize(x, axis=1) makes them", unit=(1,)),
    "rows": Form("rows of length 1, as keras.utils.normalize(x) makes them", unit=(2,)),
    "whole": Form("pictures of length 1, as keras.utils.normalize of rows of 784 makes them", unit=(1, 2, 3)),
    "dark": Form("dark ink, values from 0 to 1", (1.0, 0.0)),
    "dark bytes": Form("dark ink, values from 0 to 255", (255.0, 0.0)),
    "turned": Form("rows as columns, as in EMNIST, values from 0 to 1", turned=True),
    "turned bytes": Form("rows as columns, as in EMNIST, values from 0 to 255", (0.0, 255.0), turned=True),
}
"""By the name that a card has for it."""


@dataclass(frozen=True)
class Finding:
    """Which form a model was found to expect."""

    form: str
    """One of `FORMS`."""
    right: float
    """Share of the known digits that it reads right in this form."""
    unit_right: float
    """The same of values from 0 to 1."""
    asked: int
    """Digits."""

    @classmethod
    def parse(cls, said: Any) -> "Finding | None":
        """Return what a child or a note says, or None where that is no finding."""
        try:
            form, shares, asked = said["form"], (said["right"], said["unit_right"]), said["asked"]
            good = form in FORMS and isinstance(asked, int) and 0 < asked < 10**6
            good = good and all(isinstance(one, float | int) and 0 <= one <= 1 for one in shares)
        except (KeyError, TypeError):
            return None
        return cls(form, float(shares[0]), float(shares[1]), asked) if good else None

    @property
    def works(self) -> bool:
        """Whether it reads digits in this form."""
        return self.right >= WORKS

    @property
    def remark(self) -> str:
        """What a person should know, or nothing where it expects what the app gives."""
        if not self.works:
            return (
                f"It read no more than {self.right:.0%} of {self.asked} known digits right in any of the "
                f"{len(FORMS)} forms in which models are given their pixels; it may be no reader of digits."
            )
        if self.form == UNIT:
            return ""
        return (
            f"It is given {FORMS[self.form].words}, since so it read {self.right:.1%} of {self.asked} known "
            f"digits right, and {self.unit_right:.1%} with values from 0 to 1."
        )


@cache
def known_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return frames (N, 28, 28, 1) float32 in [0, 1] and their labels (N,)."""
    found = read_npz(FRAMES, ("images", "labels"))
    return (found["images"].reshape(-1, SIDE, SIDE, 1) / 255).astype(np.float32), found["labels"]


def find_form(
    answer: Callable[[np.ndarray, Form], np.ndarray], work: int, labels: Sequence[str] = DIGITS
) -> Finding | None:
    """Find the form that a model expects; None where it knows no two digits: only these are known here.

    Args:
        answer: the model: frames (N, 28, 28, 1) in [0, 1], to be given in a form -> probabilities or logits
            (N, K).
        work: multiplications for one frame.
        labels: what the K answers stand for. Of letters the digits among them are asked alone: who takes
            a 0 for an O has been given the right pixels.
    """
    columns = [place for place, label in enumerate(labels) if label in DIGITS]
    if len(columns) < 2:
        return None
    frames, known = known_digits()
    place = {int(labels[column]): number for number, column in enumerate(columns)}
    asked = np.isin(known, list(place))
    frames, truth = frames[asked], np.array([place[int(digit)] for digit in known[asked]])

    def score(form: Form, most: int) -> tuple[np.ndarray, np.ndarray]:
        return _score(answer(frames[:most], form), truth[:most], columns)

    first = max(20, min(FIRST, DEAREST // (2 * len(FORMS) * max(1, work))))
    all_of = max(first, min(len(frames), DEAREST // (8 * max(1, work))))
    tried = {name: score(form, first) for name, form in FORMS.items()}
    best = max(right.mean() for right, _ in tried.values())
    near = [name for name, (right, _) in tried.items() if name == UNIT or right.mean() >= best - NEAR]
    scores = {name: score(FORMS[name], all_of) for name in near}
    chosen = UNIT
    for name in sorted(near, key=lambda name: -scores[name][1].mean()):
        if _clearly_better(scores[name], scores[chosen]):
            chosen = name
    if scores[chosen][0].mean() < WORKS:  # who reads nothing wins nothing by it
        chosen = UNIT
    rights = {name: float(right.mean()) for name, (right, _) in scores.items()}
    return Finding(chosen, rights[chosen], rights[UNIT], int(all_of))


def _score(answers: np.ndarray, labels: np.ndarray, columns: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return which answers (N,) are right, and how likely each label was, in nats, bounded below; only some
    `columns` of the answers count, by whose places the labels (N,) are."""
    answers = np.nan_to_num(np.asarray(answers, np.float64), nan=0.0, posinf=1e9, neginf=-1e9)
    if answers.min() < 0 or np.abs(answers.sum(axis=1) - 1).max() > 1e-3:
        answers = np.exp(answers - answers.max(axis=1, keepdims=True))
        answers /= answers.sum(axis=1, keepdims=True)
    if columns != list(range(answers.shape[1])):
        answers = answers[:, columns] + 1e-12
        answers /= answers.sum(axis=1, keepdims=True)
    spread = np.ptp(answers, axis=1) > 0  # who answers the same of all digits has read none
    right = (answers.argmax(axis=1) == labels) & spread
    return right, np.log(np.maximum(answers[np.arange(len(labels)), labels], FLOOR))


def _clearly_better(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
    """Tell whether a form reads no fewer digits right than another, and is likelier by more than chance."""
    if one[0].sum() < other[0].sum():
        return False
    more = one[1] - other[1]
    return bool(more.mean() > CLEAR * more.std() / np.sqrt(len(more)) + 1e-4)
