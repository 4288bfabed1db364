"""The eight steps from the picture to the answer: what each says, asks and shows of the visitor's digit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.learn import demonstrations, pictures
from app.learn.scene import Scene
from app.shared import charts, digit_source, models, widgets
from app.shared.steps import in_words, number_table
from app.shared.widgets import as_text
from digits.files import sha256
from digits.models import leaderboard
from digits.plots.pixels import change_map, signed_colours
from digits.plots.text import about, percent, two_digits

ALIKE = 0.8
"""Correlation of two frames from which they are nearly the same picture."""
TEST_DIGITS = 10_000
EXAMPLES = 6
"""Mistaken digits in pictures."""


class Choices(NamedTuple):
    """What a question offers."""

    offered: tuple[str, ...]
    """All different, in rising order where they are numbers."""
    right: str
    """One of them."""


@dataclass(frozen=True)
class Step:
    """What one step says, asks and shows."""

    text: str
    question: str
    choices: Choices
    hint: str
    """After a wrong answer."""
    right: str
    """After the right one."""
    show: Callable[[bool], None]
    """Shows its pictures and numbers; takes whether the question was answered, since some give it away."""


class Missing(LookupError):
    """A step has nothing to show of this digit or model; one sentence says why."""


def among(right: float, wrong: Iterable[float], form: Callable[[float], str]) -> Choices:
    """Return a number among wrong ones; those that read like another are left out.

    >>> among(0.3, [1, 0.299, -2], "{:.2f}".format)
    Choices(offered=('-2.00', '0.30', '1.00'), right='0.30')
    """
    known = {form(right): right}
    for value in wrong:
        known.setdefault(form(value), value)
    return Choices(tuple(sorted(known, key=known.__getitem__)), form(right))


def among_digits(right: int, others: Iterable[int]) -> Choices:
    """Return a digit among two others, the first ones.

    >>> among_digits(7, [7, 2, 2, 1, 9])
    Choices(offered=('1', '2', '7'), right='7')
    """
    return among(right, [digit for digit in dict.fromkeys(others) if digit != right][:2], str)


def pixels(scene: Scene) -> Step:
    """A grey point among others, its number hidden."""
    patch = demonstrations.edge_patch(scene.frame)
    # A third of the range from each other.
    choices = among(patch.centre, [(patch.centre + third / 3) % 1 for third in (1, 2)], two_digits)

    def show(solved: bool) -> None:
        inside = pictures.boxed(scene.frame, patch.corner, patch.values.shape)
        table = number_table("Inside the frame", patch.values, marked=patch.middle, hidden=not solved)
        pictures.side_by_side({scene.digit.name: inside}, table)

    return Step(
        f"A model has no eyes. It gets {scene.whose} as **784 numbers**, one for each point of a grid of "
        "28 × 28. Here 0 is black, 1 is white, and between them are the greys. The table shows the points "
        "inside the orange frame.",
        "How bright is the point with the question mark?",
        choices,
        "Not quite. Compare its grey with the points around it, whose numbers you can read.",
        f"Yes, {choices.right}. Numbers like this are all the model ever gets.",
        show,
    )


CORNER = ("A small digit in the corner", "Nearly the same picture as before", "An empty picture")
"""What may come of a small digit in a corner; the second is right."""


def framing(scene: Scene) -> Step:
    """The way to the frame, and that of a small copy in a corner."""
    reading = scene.reading
    small = demonstrations.small_in_corner(next(iter(reading.steps.values())))
    again = scene.reader.read_digit(small)
    if demonstrations.alike(reading.framed, again.framed) < ALIKE:
        raise Missing("A small copy of this digit is too small to be cut out well. Choose another digit.")
    first, second = ("no digit" if one.digit is None else f"a {one.digit}" for one in (reading, again))
    outcome = (
        f"It reads both as {first}."
        if again.digit == reading.digit
        else f"Nearly, not quite: it reads the first as {first} and the small one as {second}. At half the "
        "size, fine strokes are lost."
    )

    def show(solved: bool) -> None:
        way = {title: demonstrations.square(picture) for title, picture in reading.steps.items()}
        widgets.show(way, "framing_steps")
        after = {"What the model gets of it": again.framed} if solved else {}
        widgets.show({"Small, in a corner": small} | after, "framing_small")

    return Step(
        "Some people write large, some small, and hardly anyone right in the middle. So the digit is cut out "
        f"first, brought to one size and moved to the middle. These are the steps for {scene.whose}.",
        "Now the same digit is half as large and in a corner. What does the model get?",
        Choices(CORNER, CORNER[1]),
        "Look at the steps again: the digit is cut out before anything else happens.",
        "Yes. After framing the two are nearly alike, so the model need not learn every place and size. "
        + outcome,
        show,
    )


def convolution(scene: Scene) -> Step:
    """One sum of the first convolution, a product hidden."""
    step = scene.network.convolution(scene.frame)
    if step is None:
        raise Missing(
            f"{as_text(scene.entry.name)} does not look for small patterns in the picture. Choose another "
            "model in the sidebar."
        )
    height, width, patterns = scene.network.convolution_shape()
    place, number, weight = demonstrations.largest_product(step)
    choices = among(number * weight, [-number * weight, number + weight], two_digits)
    left, right = two_digits(number), two_digits(weight)

    def show(solved: bool) -> None:
        inside = pictures.boxed(scene.frame, step.corner, step.patch.shape[:2])
        weights, products = step.kernel.weights[..., 0], step.products[..., 0]
        pictures.side_by_side(
            {scene.digit.name: inside},
            number_table("The window", step.patch[..., 0], marked=place),
            number_table("× weights", weights, signed=True, marked=place),
            number_table("= products", products, signed=True, marked=place, hidden=not solved),
        )

    return Step(
        "The first layer moves a small window over the picture. Each number in the window is multiplied by a "
        "**weight** that the model has learnt, and the products are added up. A large sum means: the pattern "
        f"of these weights is here. {in_words(step)}"
        + (" (The bias is one more number that was learnt.)" if step.bias else ""),
        "Which product belongs where the question mark is?",
        choices,
        f"Multiply the two framed numbers: {left} × {right}.",
        f"Yes: {left} × {right} = {choices.right}. This layer looks for {patterns} patterns like this, each "
        f"at {height} × {width} places. Later, sums below 0 are set to 0; that is called ReLU.",
        show,
    )


def pooling(scene: Scene) -> Step:
    """One number of the first pooling layer."""
    found = scene.network.pooling(scene.frame)
    if found is None:
        raise Missing(
            f"{as_text(scene.entry.name)} has no pooling layer. Choose another model in the sidebar."
        )
    step, before, after = found
    size, was, became = (" × ".join(map(str, array.shape)) for array in (step.window, before, after))
    rule = "only the largest is kept" if step.function == "max" else "the mean is taken"
    choices = among(step.result, step.window.ravel().tolist(), two_digits)

    def show(solved: bool) -> None:
        large = {
            title: pictures.boxed(signed_colours(channel), corner, framed, 224 // channel.shape[1])
            for title, channel, corner, framed in (
                ("Before pooling", before, step.corner, step.window.shape),
                ("After pooling", after, step.place, (1, 1)),
            )
        }
        kept = demonstrations.kept_place(step) if solved else None
        pictures.side_by_side(large, number_table("Inside the frame", step.window, signed=True, marked=kept))

    return Step(
        "A layer makes new pictures: bright orange where its pattern was found, black where it was not. "
        f"**Pooling** makes them smaller: of {size} numbers next to each other {rule}. What matters then is "
        "that a pattern is there, and less where exactly.",
        "Which number does pooling make of those in the table?",
        choices,
        f"Read again: of {size} numbers {rule}.",
        f"Yes, {choices.right}. The picture shrinks from {was} to {became} points.",
        show,
    )


def softmax(scene: Scene) -> Step:
    """Ten scores and shares, the largest hidden."""
    said = scene.scores
    top = float(said.probabilities.max())
    choices = among(top, [said.rest, top / 2], percent)

    def show(solved: bool) -> None:
        shares = [percent(float(share)) for share in said.probabilities]
        if not solved:
            shares[said.best] = "?"
        table = pictures.score_table(said.scores, shares, said.best)
        pictures.side_by_side({scene.digit.name: scene.frame}, table)

    return Step(
        "After all layers there are ten **scores**, one for each digit. **Softmax** turns them into shares: "
        "a slightly higher score gets a much larger share, and all ten together make 100 %.",
        f"The other nine have {percent(said.rest)} together. What is the share of the {said.best}?",
        choices,
        "All ten shares together make 100 %.",
        f"Yes, {choices.right}. That is how sure the model is that this is a {said.best}.",
        show,
    )


def training(scene: Scene) -> Step:
    """How many were read wrong in each pass; of another model where this one's card does not say."""
    for entry in (scene.entry, *models.of_digits()):
        wrong = demonstrations.wrong_in_hundred(entry.card.history) if entry.card else []
        if len(wrong) > 1 and wrong[-1] < wrong[0] and "base" not in entry.card.config:
            break
    else:
        raise Missing("None of the models here says how its training went.")
    choices = among(wrong[0], [wrong[-1], 50, 90], about)
    return Step(
        f"Nobody typed in the {entry.card.parameters:,} weights of the model **{as_text(entry.name)}**. They "
        "began at random. Then it saw many digits with the right answers, and after each few all weights "
        "were moved slightly, so that the answers became a little less wrong. The curve shows how that went.",
        "About how many of 100 digits did it read wrong in its first pass?",
        choices,
        "The first pass is where the curve begins, on the left.",
        f"Yes, about {choices.right}. In its last pass there were {about(wrong[-1])}. The digits to practise "
        "on are often damaged on purpose, which makes it hard.",
        lambda solved: charts.show(
            pictures.learning_chart(wrong),
            "Digits read wrong, of 100, in each pass",
            [{"Pass": run, "Wrong of 100": f"{value:.1f}"} for run, value in enumerate(wrong, start=1)],
        ),
    )


def mistakes(scene: Scene) -> Step:
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
        raise Missing(f"No mistakes of {as_text(entry.name)} are on record: {command} counts them.")
    label, first, *others = mixed.label, *mixed.counts
    wrong = [digit for digit in (*others, *range(10)) if digit != label]
    tied = [digit for digit in others if mixed.counts[digit] == mixed.counts[first]]
    choices = among_digits(first, [digit for digit in wrong if digit not in tied])

    def show(solved: bool) -> None:
        chart = pictures.count_chart(mixed.counts, f"{label} read as")
        rows = [{"Read as": read, "Digits": count} for read, count in mixed.counts.items()]
        charts.show(chart, f"What each misread {label} was taken for", rows)
        known = digit_source.test_digits(TEST_DIGITS) if solved and mixed.examples else None
        if known:
            examples = [number for number in mixed.examples[:EXAMPLES] if number < len(known[0])]
            widgets.show({f"Test digit {number:,}": known[0][number] for number in examples}, "mistaken")

    other = "" if label == truth else f" Those were all read right, so here is the {label}."
    return Step(
        f"No model is always right. **{as_text(entry.name)}** was tried on {found.figures['n']:,} digits it "
        f"had never seen, and read {found.figures['errors']} of them wrong. {scene.whose.capitalize()} is a "
        f"{truth}.{other} The bars show what each misread {label} was taken for.",
        f"Which digit is a {label} most often taken for?",
        choices,
        "Look for the longest bar.",
        f"Yes: {mixed.counts[first]} of {mixed.n:,} were read as {choices.right}. A carelessly written "
        f"{label} does look like that.",
        show,
    )


def attacks(scene: Scene) -> Step:
    """The digit after an attack."""
    truth, attacked, before = scene.truth, scene.attacked, scene.scores.best
    order = np.argsort(-attacked.probabilities).tolist()
    now, already = order[0], ""
    if before != truth:  # then the attack has not shown anything
        already = f" The model took it for a {before} even before, so this attack has nothing to prove."
        outcome = (
            f"Yes, a {now}. But this digit was read wrong from the start: choose one that is read right to "
            "see an attack at work."
        )
    elif now == truth:
        outcome = f"Yes, still a {now}: this time the model withstood. Some models are trained for that."
    else:
        outcome = (
            f"Yes, a {now}. The model knows numbers, but not what they mean. Models can be trained to stand "
            "this better."
        )

    def show(solved: bool) -> None:
        change = change_map(scene.frame, attacked.picture)
        widgets.show({"Before": scene.frame, "The change": change, "After": attacked.picture}, "attacked")
        charts.show_probabilities(attacked.probabilities)

    return Step(
        "Somebody who knows the weights can work out which points move the answer most. Here no point was "
        f"changed by more than {attacked.epsilon:.0%} of the way from black to white. You still see a "
        f"{truth}.{already} The bars show what the model makes of the changed picture.",
        "What does the model read now?",
        among_digits(now, [truth, *order[1:]]),
        "Look for the highest bar.",
        outcome,
        show,
    )


STEPS: dict[str, Callable[[Scene], Step]] = {
    "A picture is a table of numbers": pixels,
    "Always the same size, always in the middle": framing,
    "Looking for small patterns": convolution,
    "Making the picture smaller": pooling,
    "From scores to percentages": softmax,
    "Learning from mistakes": training,
    "When it is wrong": mistakes,
    "Fooling the model": attacks,
}
