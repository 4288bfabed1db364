"""The numbers of each lesson: words for its text, and the choices of its question.

Choices for questions whose answer is a number: the right one among wrong ones that cannot pass for it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from app.learn import demonstrations, steps
from app.learn.scene import Scene
from app.shared import models
from app.shared import steps as step_words
from digits.files import sha256
from digits.models import leaderboard
from digits.plots import text
from digits.plots.text import two_digits


class Quiz(NamedTuple):
    """A question's choices."""

    choices: tuple[str, ...]
    """All different, in rising order."""
    answer: str
    """The right one of them."""


def number_quiz(right: float, wrong: Iterable[float], form: Callable[[float], str]) -> Quiz:
    """Return the choices among numbers; wrong ones that read like another are left out.

    >>> number_quiz(0.3, [1, 0.299, -2], "{:.2f}".format)
    Quiz(choices=('-2.00', '0.30', '1.00'), answer='0.30')
    """
    known = {form(right): right}
    for value in wrong:
        known.setdefault(form(value), value)
    return Quiz(tuple(sorted(known, key=known.__getitem__)), form(right))


def brightness_quiz(value: float) -> Quiz:
    """Return the choices for the brightness of a point in [0, 1], a third of the range from each other.

    >>> brightness_quiz(0.5).choices
    ('0.17', '0.50', '0.83')
    """
    return number_quiz(value, [(value + third / 3) % 1 for third in (1, 2)], two_digits)


def product_quiz(left: float, right: float) -> Quiz:
    """Return the choices for a product: it, its negative, and the sum.

    >>> product_quiz(0.5, -0.4)
    Quiz(choices=('-0.20', '0.10', '0.20'), answer='-0.20')
    """
    return number_quiz(left * right, [-left * right, left + right], two_digits)


def window_quiz(window: np.ndarray, result: float) -> Quiz:
    """Return the choices for what pooling makes of a window: its numbers, and the result."""
    return number_quiz(result, window.ravel().tolist(), two_digits)


def digit_quiz(right: int, others: Iterable[int], most: int = 3) -> Quiz:
    """Return the choices among digits, at most so many.

    >>> digit_quiz(7, [7, 2, 1, 9])
    Quiz(choices=('1', '2', '7'), answer='7')
    """
    wrong = [digit for digit in dict.fromkeys(others) if digit != right]
    return number_quiz(right, wrong[: most - 1], str)


@dataclass(frozen=True)
class Facts:
    """What a lesson says and asks about the digit."""

    quiz: Quiz
    words: dict[str, Any] = field(default_factory=dict)
    """For the braces in its text."""
    seen: Any = None
    """For its pictures."""


ALIKE = 0.8
"""Correlation of two frames from which they are nearly the same picture."""


class Missing(LookupError):
    """A lesson has nothing to show here; one sentence says why."""


def pixels(scene: Scene) -> Facts:
    """A grey point among others, its number hidden."""
    patch = demonstrations.edge_patch(scene.frame)
    return Facts(brightness_quiz(float(patch.centre)), {"whose": scene.whose}, patch)


def framing(scene: Scene) -> Facts:
    """The way to the frame, and that of a small copy in a corner."""
    reading = scene.reading
    small = demonstrations.small_in_corner(next(iter(reading.steps.values())))
    again = scene.reader.read_digit(small)
    if demonstrations.alike(reading.framed, again.framed) < ALIKE:
        raise Missing(steps.NO_COPY)
    said = steps.SAME if again.digit == reading.digit else steps.OTHERWISE
    first, second = ("no digit" if one.digit is None else f"a {one.digit}" for one in (reading, again))
    words = {"whose": scene.whose, "outcome": said.format(first=first, second=second)}
    return Facts(Quiz(steps.CORNER, steps.CORNER[1]), words, (reading, small, again))


def convolution(scene: Scene) -> Facts:
    """One sum of the first convolution, a product hidden."""
    step = scene.tutor.convolution(scene.frame)
    if step is None:
        raise Missing(steps.NO_CONVOLUTION.format(model=scene.entry.name))
    height, width, patterns = scene.tutor.convolution_shape()
    number, weight = demonstrations.largest_product(step)[1:]
    said = step_words.of_step(step) + (steps.BIAS if step.bias else "")
    words = {"sum": said, "patterns": patterns, "places": f"{height} × {width}"}
    words |= {"left": text.two_digits(number), "right": text.two_digits(weight)}
    return Facts(product_quiz(number, weight), words, step)


def pooling(scene: Scene) -> Facts:
    """One step of the first pooling layer."""
    found = scene.tutor.pooling(scene.frame)
    if found is None:
        raise Missing(steps.NO_POOLING.format(model=scene.entry.name))
    step, before, after = found
    words = {"size": " × ".join(map(str, step.window.shape))}
    words["rule"] = "only the largest is kept" if step.function == "max" else "the mean is taken"
    words |= {"before": " × ".join(map(str, before.shape)), "after": " × ".join(map(str, after.shape))}
    return Facts(window_quiz(step.window, step.result), words, found)


def softmax(scene: Scene) -> Facts:
    """Ten scores and shares, the largest hidden."""
    said = demonstrations.scores(scene.reader, scene.frame)
    top = float(said.probabilities.max())
    asked = number_quiz(top, [said.rest, top / 2], text.percent)
    return Facts(asked, {"rest": text.percent(said.rest), "best": said.best}, said)


def training(scene: Scene) -> Facts:
    """How many were read wrong in each pass; of another model where this one's card does not say."""
    for entry in (scene.entry, *models.usable()):
        wrong = demonstrations.wrong_in_hundred(entry.card.history) if entry.card else []
        if len(wrong) > 1 and wrong[-1] < wrong[0]:
            words = {"model": entry.name, "last": text.about(wrong[-1])}
            words["parameters"] = f"{entry.card.parameters:,}"
            return Facts(number_quiz(wrong[0], [wrong[-1], 50, 90], text.about), words, wrong)
    raise Missing(steps.NO_HISTORY)


def mistakes(scene: Scene) -> Facts:
    """What the digit is taken for, as counted on the test digits."""
    entry, truth = scene.entry, scene.truth
    try:
        found = leaderboard.find(entry.name, "", entry.card.sha256 if entry.card else sha256(entry.path))
    except ValueError:
        found = None
    usable = found and not found.stale and found.figures.keys() >= {"n", "errors"}
    mixed = demonstrations.mix_ups(found.figures, truth) if usable else None
    if mixed is None:
        command = models.how_to_judge(entry)
        raise Missing(steps.NO_MISTAKES.format(model=entry.name, command=command))
    first, *others = mixed.counts
    tied = [digit for digit in others if mixed.counts[digit] == mixed.counts[first]]
    wrong = [digit for digit in (*others, *range(10)) if digit not in (*tied, mixed.label)]
    words = {"model": entry.name, "label": mixed.label, "count": mixed.counts[first], "n": f"{mixed.n:,}"}
    words |= {"total": f"{found.figures['n']:,}", "errors": found.figures["errors"]}
    words["about"] = f"{scene.whose.capitalize()} is a {truth}" + (
        "." if mixed.label == truth else f". Those were all read right, so here is the {mixed.label}."
    )
    return Facts(digit_quiz(first, wrong), words, mixed)


def attacks(scene: Scene) -> Facts:
    """The digit after an attack."""
    truth = scene.truth
    attacked = scene.attacked
    order = np.argsort(-attacked.probabilities).tolist()
    before = demonstrations.scores(scene.reader, scene.frame).best
    said = steps.WITHSTOOD if order[0] == truth else steps.FOOLED
    words = {"truth": truth, "epsilon": f"{attacked.epsilon:.0%}", "already": ""}
    if before != truth:  # then the attack has not shown anything
        said, words["already"] = steps.WRONG_BEFORE, steps.ALREADY.format(before=before, truth=truth)
    words["outcome"] = said.format(answer=order[0])
    return Facts(digit_quiz(order[0], [truth, *order[1:]]), words, attacked)


FACTS = {
    function.__name__: function
    for function in (pixels, framing, convolution, pooling, softmax, training, mistakes, attacks)
}
