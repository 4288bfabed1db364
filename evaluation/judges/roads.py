"""What does each reader earn? The same pictures read by contrast alone, the finder, the line reader, and all.

    python -m evaluation.judges.roads --n 100     # the default model: ten minutes

On the halves and writers that may be tuned on (see evaluation/handwriting). Prints a table for
docs/results.md, right answers in percent; nothing is kept, for it chooses rather than judges."""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from unittest.mock import patch

import tyro

from digits import Recognizer, config, experiment, numbers, recognizer
from digits.config import DEFAULT_MODEL
from digits.preprocessing import ink, lattice
from digits.preprocessing.decode import Picture
from evaluation.handwriting import scores
from evaluation.handwriting.__main__ import LETTERS, NUMBERS, TARGETS
from evaluation.handwriting.sets import BUILDERS, Material

ROADS = {
    "contrast": {"SCREEN": -math.inf, "FINDER": 0.0, "LINE": 0.0, "PREFERRED": -math.inf},
    "finder": {"RULES": 0.0, "LINE": 0.0, "PREFERRED": math.inf},
    "line reader": {"RULES": 0.0, "FINDER": 0.0},
    "all": {},
}
"""What `digits.preprocessing.ink` and `digits.numbers` weigh otherwise on each road. Finder and line reader
alone read numbers only."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Compare the roads."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 300
    """At most so many examples per set."""
    sets: tuple[str, ...] = tuple(name for name in TARGETS if name != "steadiness")
    """Which sets."""
    seed: int = 1
    """Start of everything that is made at random."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")
        unknown = ", ".join(set(self.sets) - set(TARGETS))
        config.check("--sets", unknown, not unknown, f"some of {', '.join(TARGETS)}")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")


def find_contrast(image: Picture) -> tuple[list[ink.Ink], None]:
    """Return what `ink.find_inks` does where nothing but contrast is asked."""
    return [ink.find_ink(image)], None


def judge(reader: Recognizer, name: str, road: str, settings: Settings) -> dict:
    """Return the scores of a set on a road."""
    examples = BUILDERS[name](Material(True, settings.seed), name, min(settings.n, TARGETS[name].most))
    with ExitStack() as stack:
        if road == "contrast":
            for place in (lattice, recognizer):
                stack.enter_context(patch.object(place, "find_inks", find_contrast))
        for constant, value in ROADS[road].items():
            place = ink if hasattr(ink, constant) else numbers
            stack.enter_context(patch.object(place, constant, value))
        read = scores.read_numbers if name in NUMBERS else scores.read_digits
        return scores.score(examples, read(reader, examples, f"{name}, {road}"), name in LETTERS)[1]


def main(settings: Settings) -> None:
    """Read each set on each road, and print the table."""
    reader = Recognizer.load(settings.model)
    print(f"| set | n | {' | '.join(ROADS)} |\n|---|---|{'---|' * len(ROADS)}")
    for name in settings.sets:
        found = {
            road: judge(reader, name, road, settings)
            for road in ROADS
            if road in ("contrast", "all") or name in NUMBERS
        }
        cells = [f"{found[road]['accuracy']:.1%}" if road in found else "-" for road in ROADS]
        words = f"{TARGETS[name].words} ({'real' if TARGETS[name].real else 'made'})"
        print(f"| {words} | {found['all']['n']} | {' | '.join(cells)} |")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
