"""The numbers of each lesson: words for its text, and the choices of its question."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from digit_ui import lessons, shelf, step_words
from digit_ui.lesson_scene import Scene
from digits import demonstration, numbers, quiz, results
from digits.files import sha256
from digits.quiz import Quiz


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
    patch = demonstration.edge_patch(scene.frame)
    return Facts(quiz.brightness_quiz(float(patch.centre)), {"whose": scene.whose}, patch)


def framing(scene: Scene) -> Facts:
    """The way to the frame, and that of a small copy in a corner."""
    reading = scene.reading
    small = demonstration.small_in_corner(next(iter(reading.steps.values())))
    again = scene.reader.read_digit(small)
    if demonstration.alike(reading.framed, again.framed) < ALIKE:
        raise Missing(lessons.NO_COPY)
    said = lessons.SAME if again.digit == reading.digit else lessons.OTHERWISE
    first, second = ("no digit" if one.digit is None else f"a {one.digit}" for one in (reading, again))
    words = {"whose": scene.whose, "outcome": said.format(first=first, second=second)}
    return Facts(Quiz(lessons.CORNER, lessons.CORNER[1]), words, (reading, small, again))


def convolution(scene: Scene) -> Facts:
    """One sum of the first convolution, a product hidden."""
    step = scene.tutor.convolution(scene.frame)
    if step is None:
        raise Missing(lessons.NO_CONVOLUTION.format(model=scene.entry.name))
    height, width, patterns = scene.tutor.convolution_shape()
    number, weight = demonstration.largest_product(step)[1:]
    said = step_words.of_step(step) + (lessons.BIAS if step.bias else "")
    words = {"sum": said, "patterns": patterns, "places": f"{height} × {width}"}
    words |= {"left": numbers.two_digits(number), "right": numbers.two_digits(weight)}
    return Facts(quiz.product_quiz(number, weight), words, step)


def pooling(scene: Scene) -> Facts:
    """One step of the first pooling layer."""
    found = scene.tutor.pooling(scene.frame)
    if found is None:
        raise Missing(lessons.NO_POOLING.format(model=scene.entry.name))
    step, before, after = found
    words = {"size": " × ".join(map(str, step.window.shape))}
    words["rule"] = "only the largest is kept" if step.function == "max" else "the mean is taken"
    words |= {"before": " × ".join(map(str, before.shape)), "after": " × ".join(map(str, after.shape))}
    return Facts(quiz.window_quiz(step.window, step.result), words, found)


def softmax(scene: Scene) -> Facts:
    """Ten scores and shares, the largest hidden."""
    said = demonstration.scores(scene.reader, scene.frame)
    top = float(said.probabilities.max())
    asked = quiz.number_quiz(top, [said.rest, top / 2], numbers.percent)
    return Facts(asked, {"rest": numbers.percent(said.rest), "best": said.best}, said)


def training(scene: Scene) -> Facts:
    """How many were read wrong in each pass; of another model where this one's card does not say."""
    for entry in (scene.entry, *shelf.usable()):
        wrong = demonstration.wrong_in_hundred(entry.card.history) if entry.card else []
        if len(wrong) > 1 and wrong[-1] < wrong[0]:
            words = {"model": entry.name, "last": numbers.about(wrong[-1])}
            words["parameters"] = f"{entry.card.parameters:,}"
            return Facts(quiz.number_quiz(wrong[0], [wrong[-1], 50, 90], numbers.about), words, wrong)
    raise Missing(lessons.NO_HISTORY)


def mistakes(scene: Scene) -> Facts:
    """What the digit is taken for, as counted on the test digits."""
    entry, truth = scene.entry, scene.truth
    try:
        found = results.find(entry.name, "", entry.card.sha256 if entry.card else sha256(entry.path))
    except ValueError:
        found = None
    usable = found and not found.stale and found.figures.keys() >= {"n", "errors"}
    mixed = demonstration.mix_ups(found.figures, truth) if usable else None
    if mixed is None:
        command = shelf.how_to_judge(entry)
        raise Missing(lessons.NO_MISTAKES.format(model=entry.name, command=command))
    first, *others = mixed.counts
    tied = [digit for digit in others if mixed.counts[digit] == mixed.counts[first]]
    wrong = [digit for digit in (*others, *range(10)) if digit not in (*tied, mixed.label)]
    words = {"model": entry.name, "label": mixed.label, "count": mixed.counts[first], "n": f"{mixed.n:,}"}
    words |= {"total": f"{found.figures['n']:,}", "errors": found.figures["errors"]}
    words["about"] = f"{scene.whose.capitalize()} is a {truth}" + (
        "." if mixed.label == truth else f". Those were all read right, so here is the {mixed.label}."
    )
    return Facts(quiz.digit_quiz(first, wrong), words, mixed)


def attacks(scene: Scene) -> Facts:
    """The digit after an attack."""
    truth = scene.truth
    attacked = scene.attacked
    order = np.argsort(-attacked.probabilities).tolist()
    before = demonstration.scores(scene.reader, scene.frame).best
    said = lessons.WITHSTOOD if order[0] == truth else lessons.FOOLED
    words = {"truth": truth, "epsilon": f"{attacked.epsilon:.0%}", "already": ""}
    if before != truth:  # then the attack has not shown anything
        said, words["already"] = lessons.WRONG_BEFORE, lessons.ALREADY.format(before=before, truth=truth)
    words["outcome"] = said.format(answer=order[0])
    return Facts(quiz.digit_quiz(order[0], [truth, *order[1:]]), words, attacked)


FACTS = {
    function.__name__: function
    for function in (pixels, framing, convolution, pooling, softmax, training, mistakes, attacks)
}
