"""What is earned by knowing what is to be read: numbers with and without their field.

    python -m evaluation.judges.fields --n 500                  # the default model: half an hour
    python -m evaluation.judges.fields --n 2000 --kinds sums    # one kind alone

Made numbers on photos, by the writers that count in evaluation/handwriting, and the reported half of the real
amounts. Every made number is shown a second time with a field that it does not fit (its check digit, date or
place among the values is another's), every made sum with a total that is wrong: how much is wrong and sure,
counts both. A sum is right where all of its numbers are, and wrong and sure where one of them is. Prints a
table for docs/results.md.

Points and commas between thousands are no evidence, and a field has no pattern for them: `thousands` says how
often they agree with the digits that were read, right ones and wrong ones.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.data.strokes import load_strokes
from digits.fields import CHECKS, Field, Total, decode_totals
from digits.metrics import share_in_words
from digits.preprocessing.decode import Picture
from digits.reading import NumberReading
from evaluation.handwriting.sets import BUILDERS, Material, find
from evaluation.handwriting.simulate import paper

KNOWN = 200
"""Values of a list."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Compare reading with and without a field."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 500
    """Numbers of each kind, or sums."""
    kinds: tuple[str, ...] = ("identifiers", "dates", "known", "sums", "amounts", "thousands")
    """What is judged."""
    seed: int = 1
    """Start of everything that is made at random."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")
        known = [*MADE, "sums", "amounts", "thousands"]
        config.check("--kinds", self.kinds, {*self.kinds} <= {*known}, f"some of {', '.join(known)}")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")


@dataclass(frozen=True)
class Case:
    """A number to be read."""

    text: str
    field: Field
    make: Callable[[], Picture]
    fits: bool = True
    """Whether the number fits its field."""


def identifiers(rng: np.random.Generator) -> tuple[str, Field, Field]:
    """Return nine digits with a check digit, their field, and one that they do not fit."""
    digits = "".join(map(str, rng.integers(0, 10, 8)))
    (check,) = (last for last in "0123456789" if CHECKS["luhn"](digits + last))
    field = Field(length=9, check="luhn")
    return (
        digits + check,
        field,
        Field(length=9, check=lambda text: CHECKS["luhn"](text[:-1] + str((int(text[-1]) + 1) % 10))),
    )


def dates(rng: np.random.Generator) -> tuple[str, Field, Field]:
    """Return a date of this century or the last, as above; written the other way round it is hardly one."""
    day = np.datetime64("1930-01-01") + int(rng.integers(0, 36_000))
    year, month, date = str(day).split("-")
    return date + month + year, Field(pattern="DD.MM.YYYY"), Field(pattern="YYYY-MM-DD")


def known(rng: np.random.Generator) -> tuple[str, Field, Field]:
    """Return one of a list of numbers with six digits, as above; it is not in another list."""
    values, others = ([f"{one:06}" for one in rng.choice(10**6, KNOWN, replace=False)] for _ in range(2))
    text = values[int(rng.integers(KNOWN))]
    return text, Field(values=values), Field(values=[one for one in others if one != text])


MADE = {
    "identifiers": ("identifiers: 9 digits, the last a check digit (Luhn)", identifiers),
    "dates": ("dates: DD.MM.YYYY", dates),
    "known": (f"one of a list of {KNOWN} numbers of 6 digits", known),
}

ADDENDS, DIGITS = (3, 5), (2, 5)
"""So many parts a sum has, and so many digits each."""

GROUPED = re.compile(r"[- ]*[0-9]{1,3}(([.,] ?| )[0-9]{3})*([.,][0-9]{2})?[-., ]*")
"""An amount whose marks divide thousands, and hundredths."""


def made(name: str, settings: Settings) -> list[Case]:
    """Return the numbers of a kind, each with a field that it fits, then with one that it does not."""
    title, make = MADE[name]
    pen, cases = Pen(settings.seed), []
    for i in range(settings.n):
        rng = pen.material.rng(title, i)
        text, right, wrong = make(rng)
        photo = pen.photo([text], rng, f"{title} on paper", i)[0]
        cases += [Case(text, field, photo, field is right) for field in (right, wrong)]
    return cases


class Pen:
    """Writes numbers by the writers that count."""

    def __init__(self, seed: int) -> None:
        self.material = Material(seed=seed)
        self._written = load_strokes(find("unipen_strokes.npz"))
        self._rows = np.flatnonzero(np.isin(self._written.source, self.material.sites))

    def photo(
        self, texts: list[str], rng: np.random.Generator, name: str, i: int
    ) -> list[Callable[[], Picture]]:
        """Return what makes a photo of each number, by writers of one site; the same for the same name and
        `i`."""
        written, rows = self._written, self._rows
        site = rows[written.source[rows] == written.source[rng.choice(rows)]]
        made = []
        for place, text in enumerate(texts):
            chosen = [int(rng.choice(site[written.labels[site] == int(digit)])) for digit in text]
            made.append(partial(self._photo, chosen, name if place == 0 else f"{name} {place}", i))
        return made

    def _photo(self, rows: list[int], name: str, i: int) -> Picture:
        return paper.number_photo([self._written[row] for row in rows], self.material.rng(name, i))[0]


def sums(reader: Recognizer, settings: Settings) -> str:
    """Return two rows of the table: sums whose numbers are read alone, and together."""
    title = "sums: {} to {} numbers of {} to {} digits, and the total".format(*ADDENDS, *DIGITS)
    pen = Pen(settings.seed)
    before, after, lone, joint = [], [], [], []
    for i in tqdm(range(settings.n), desc=title):
        rng = pen.material.rng(title, i)
        lengths = rng.integers(DIGITS[0], DIGITS[1] + 1, int(rng.integers(ADDENDS[0], ADDENDS[1] + 1)))
        parts = [str(rng.integers(10 ** (length - 1), 10**length)) for length in lengths.tolist()]
        right = str(sum(map(int, parts)))
        place = int(rng.integers(len(right)))
        wrong = right[:place] + str((int(right[place]) + int(rng.integers(1, 10))) % 10) + right[place + 1 :]
        texts = [*parts, right, wrong]
        read = [reader.read_number(make()) for make in pen.photo(texts, rng, f"{title} on paper", i)]
        for last in (-2, -1):
            names = [*map(str, range(len(parts))), "total"]
            truth = dict(zip(names, [*parts, texts[last]], strict=True))
            alone = dict(zip(names, [*read[: len(parts)], read[last]], strict=True))
            total = Total("total", tuple(names[:-1]))
            together = decode_totals(alone, [total], reader.thresholds["unsure_below"])
            lone.append(_is_wrong(alone, truth))
            joint.append(_is_wrong(together, truth))
            if last == -2:
                before.append(all(alone[name].text == text for name, text in truth.items()))
                after.append(all(together[name].text == text for name, text in truth.items()))
    start = f"| {title} | {len(before)} | {share_in_words(before)} | {share_in_words(after)}"
    return f"{start} | {share_in_words(joint)} of {len(joint)}; each alone {share_in_words(lone)} |"


def _is_wrong(numbers: Mapping[str, NumberReading], truth: Mapping[str, str]) -> bool:
    """Tell whether one of the numbers is sure and wrong."""
    return any(
        number.text != truth[name] and all(digit.status == "digit" for digit in number.digits)
        for name, number in numbers.items()
    )


def thousands(reader: Recognizer, settings: Settings) -> str:
    """Return in a sentence whether the marks between thousands, where some were read in a real amount, agree
    with right and with wrong digits."""
    examples = BUILDERS["amounts"](Material(seed=settings.seed), "amounts", settings.n)
    agree: dict[bool, list[bool]] = {True: [], False: []}
    for one in tqdm(examples, desc="thousands"):
        text = reader.read_number(one.make(), marks=True).text
        if re.search("[0-9][., ]+[0-9]", text):
            agree["".join(filter(str.isdigit, text)) == one.answer].append(bool(GROUPED.fullmatch(text)))
    right, wrong = (f"{sum(agree[one])} of {len(agree[one])}" for one in (True, False))
    many = sum(map(len, agree.values()))
    return (
        f"Marks were read within {many} of {len(examples)} real amounts: they divide "
        f"thousands in {right} whose digits are right, and in {wrong} whose digits are wrong."
    )


def amounts(settings: Settings) -> list[Case]:
    """Return the real amounts: whole, without zeros before them, below a hundred million."""
    examples = BUILDERS["amounts"](Material(seed=settings.seed), "amounts", settings.n)
    return [Case(one.answer, Field(between=(1, 99_999_999)), one.make) for one in examples]


def judge(reader: Recognizer, name: str, cases: list[Case]) -> str:
    """Return a row of the table."""
    before, after, junk = [], [], []
    for case in tqdm(cases, desc=name):
        number = reader.read_number(case.make(), field=case.field)
        sure = number.value is not None and all(digit.status == "digit" for digit in number.digits)
        said = number.text if number.value is None else "".join(filter(str.isdigit, number.value))
        right = said == case.text
        if case.fits:
            before.append((number.text if number.unbound is None else number.unbound) == case.text)
            after.append(right)
        junk.append(sure and not right)
    without, known_ = (share_in_words(some) for some in (before, after))
    return f"| {name} | {len(before)} | {without} | {known_} | {share_in_words(junk)} of {len(junk)} |"


def main(settings: Settings) -> None:
    """Read everything with its field, and print the table."""
    reader = Recognizer.load(settings.model)
    print("| kind | n | without field | with field | sure and wrong |\n|---|---|---|---|---|")
    rest: dict[str, Callable[[], str]] = {
        "sums": lambda: sums(reader, settings),
        "amounts": lambda: judge(reader, "real amounts: 1 to 99,999,999", amounts(settings)),
        "thousands": lambda: "\n" + thousands(reader, settings),
    }
    for kind in settings.kinds:
        row = judge(reader, MADE[kind][0], made(kind, settings)) if kind in MADE else rest[kind]()
        print(row, flush=True)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
