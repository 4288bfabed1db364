"""The texts of the page "How it works". What stands in {braces} comes from the digit: see lesson_facts.py."""

from typing import NamedTuple


class Lesson(NamedTuple):
    """One step of the walk."""

    key: str
    """Names its numbers in lesson_facts.py and its pictures in lesson_pictures.py."""
    title: str
    text: str
    question: str
    hint: str
    """After a wrong answer."""
    right: str
    """After the right one."""


LESSONS = [
    Lesson(
        "pixels",
        "A picture is a table of numbers",
        "A model has no eyes. It gets {whose} as **784 numbers**, one for each point of a grid of 28 × 28. "
        "Here 0 is black, 1 is white, and between them are the greys. The table shows the points inside "
        "the orange frame.",
        "How bright is the point with the question mark?",
        "Not quite. Compare its grey with the points around it, whose numbers you can read.",
        "Yes, {answer}. Numbers like this are all the model ever gets.",
    ),
    Lesson(
        "framing",
        "Always the same size, always in the middle",
        "Some people write large, some small, and hardly anyone right in the middle. So the digit is cut out "
        "first, brought to one size and moved to the middle. These are the steps for {whose}.",
        "Now the same digit is half as large and in a corner. What does the model get?",
        "Look at the steps again: the digit is cut out before anything else happens.",
        "Yes. After framing the two are nearly alike, so the model need not learn every place and size. "
        "{outcome}",
    ),
    Lesson(
        "convolution",
        "Looking for small patterns",
        "The first layer moves a small window over the picture. Each number in the window is multiplied by a "
        "**weight** that the model has learnt, and the products are added up. A large sum means: the pattern "
        "of these weights is here. {sum}",
        "Which product belongs where the question mark is?",
        "Multiply the two framed numbers: {left} × {right}.",
        "Yes: {left} × {right} = {answer}. This layer looks for {patterns} patterns like this, each at "
        "{places} places. Later, sums below 0 are set to 0; that is called ReLU.",
    ),
    Lesson(
        "pooling",
        "Making the picture smaller",
        "A layer makes new pictures: bright orange where its pattern was found, black where it was not. "
        "**Pooling** makes them smaller: of {size} numbers next to each other {rule}. What matters then "
        "is that a pattern is there, and less where exactly.",
        "Which number does pooling make of those in the table?",
        "Read again: of {size} numbers {rule}.",
        "Yes, {answer}. The picture shrinks from {before} to {after} points.",
    ),
    Lesson(
        "softmax",
        "From scores to percentages",
        "After all layers there are ten **scores**, one for each digit. **Softmax** turns them into shares: "
        "a slightly higher score gets a much larger share, and all ten together make 100 %.",
        "The other nine have {rest} together. What is the share of the {best}?",
        "All ten shares together make 100 %.",
        "Yes, {answer}. That is how sure the model is that this is a {best}.",
    ),
    Lesson(
        "training",
        "Learning from mistakes",
        "Nobody typed in the {parameters} weights of the model **{model}**. They began at random. Then it "
        "saw many digits with the right answers, and after each few all weights were moved slightly, "
        "so that the answers became a little less wrong. The curve shows how that went.",
        "About how many of 100 digits did it read wrong in its first pass?",
        "The first pass is where the curve begins, on the left.",
        "Yes, about {answer}. In its last pass there were {last}. The digits to practise on are often "
        "damaged on purpose, which makes it hard.",
    ),
    Lesson(
        "mistakes",
        "When it is wrong",
        "No model is always right. **{model}** was tried on {total} digits it had never seen, and read "
        "{errors} of them wrong. {about} The bars show what each misread {label} was taken for.",
        "Which digit is a {label} most often taken for?",
        "Look for the longest bar.",
        "Yes: {count} of {n} were read as {answer}. A carelessly written {label} does look like that.",
    ),
    Lesson(
        "attacks",
        "Fooling the model",
        "Somebody who knows the weights can work out which points move the answer most. Here no point was "
        "changed by more than {epsilon} of the way from black to white. You still see a {truth}.{already} "
        "The bars show what the model makes of the changed picture.",
        "What does the model read now?",
        "Look for the highest bar.",
        "{outcome}",
    ),
]

CORNER = ("A small digit in the corner", "Nearly the same picture as before", "An empty picture")
"""What may come of a small digit in a corner; the second is right."""

FOOLED = (
    "Yes, a {answer}. The model knows numbers, but not what they mean. "
    "Models can be trained to stand this better."
)
WITHSTOOD = "Yes, still a {answer}: this time the model withstood. Some models are trained for that."

ALREADY = " The model took it for a {before} even before, so this attack has nothing to prove."
WRONG_BEFORE = (
    "Yes, a {answer}. But this digit was read wrong from the start: choose one that is read right to see an "
    "attack at work."
)
"""Where the model is wrong without any attack."""

SAME = "It reads both as {first}."
OTHERWISE = (
    "Nearly, not quite: it reads the first as {first} and the small one as {second}. At half the size, fine "
    "strokes are lost."
)
"""What the model makes of a digit and of its small copy."""

NO_COPY = "A small copy of this digit is too small to be cut out well. Choose another digit."

BIAS = " (The bias is one more number that was learnt.)"
"""Follows the sum where there is one."""

NO_CONVOLUTION = (
    "{model} does not look for small patterns in the picture. Choose another model in the sidebar."
)
NO_POOLING = "{model} has no pooling layer. Choose another model in the sidebar."
NO_HISTORY = "None of the models here says how its training went."
NO_MISTAKES = "No mistakes of {model} are on record: `{command}` counts them."
