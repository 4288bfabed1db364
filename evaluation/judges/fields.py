"""What is earned by knowing what is to be read: numbers with and without their field.

    python -m evaluation.judges.fields --n 500     # the default model: ten minutes

Made numbers on photos, by the writers that count in evaluation/handwriting, and the reported half of the real
amounts. Every made number is shown a second time with a field that it does not fit (its check digit, date or
place among the values is another's): what is sure then is wrong and sure. Prints a table for docs/results.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, find_data
from digits.data.strokes import StrokeSet, load_strokes
from digits.fields import CHECKS, Field
from digits.metrics import share_right
from digits.preprocessing.decode import Picture
from evaluation.handwriting.sets import BUILDERS, Material
from evaluation.handwriting.simulate import paper

KNOWN = 200
"""Values of a list."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Compare reading with and without a field."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 500
    """Numbers of each kind."""
    seed: int = 1
    """Start of everything that is made at random."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")
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
    "identifiers: 9 digits, the last a check digit (Luhn)": identifiers,
    "dates: DD.MM.YYYY": dates,
    f"one of a list of {KNOWN} numbers of 6 digits": known,
}


def made(name: str, settings: Settings) -> list[Case]:
    """Return the numbers of a kind, each with a field that it fits, then with one that it does not."""
    material = Material(seed=settings.seed)
    place = find_data("handwriting", "unipen_strokes.npz")
    if place is None:
        raise ValueError("There is no handwriting/unipen_strokes.npz where the data is.")
    written = load_strokes(place)
    rows = np.flatnonzero(np.isin(written.source, material.sites))
    cases = []
    for i in range(settings.n):
        rng = material.rng(name, i)
        text, right, wrong = MADE[name](rng)
        site = rows[written.source[rows] == written.source[rng.choice(rows)]]
        chosen = [int(rng.choice(site[written.labels[site] == int(digit)])) for digit in text]
        cases += [
            Case(
                text,
                field,
                lambda chosen=chosen, i=i: _photo(written, chosen, material.rng(name + " on paper", i)),
                field is right,
            )
            for field in (right, wrong)
        ]
    return cases


def _photo(written: StrokeSet, rows: list[int], rng: np.random.Generator) -> Picture:
    return paper.number_photo([written[row] for row in rows], rng)[0]


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
    without, known_ = (_share(some) for some in (before, after))
    return f"| {name} | {len(before)} | {without} | {known_} | {_share(junk)} of {len(junk)} |"


def _share(right: list[bool]) -> str:
    said = share_right(sum(right), len(right))
    low, high = said["interval_95"]
    return f"{said['accuracy']:.1%} ({low:.1%} to {high:.1%})"


def main(settings: Settings) -> None:
    """Read everything with its field, and print the table."""
    reader = Recognizer.load(settings.model)
    print("| kind | n | without field | with field | sure and wrong |\n|---|---|---|---|---|")
    for name in MADE:
        print(judge(reader, name, made(name, settings)))
    print(judge(reader, "real amounts: 1 to 99,999,999", amounts(settings)))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
