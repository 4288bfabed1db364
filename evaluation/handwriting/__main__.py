"""Does it read my handwriting? A model on canvases, photos, scans, numbers, letters and on nothing at all.

    python -m evaluation.handwriting                       # the default model, on all sets
    python -m evaluation.handwriting --development --n 200 # while tuning: other writers, kept apart
    python -m evaluation.handwriting --data my_digits/ --numbers my_numbers/ --letters my_letters/

Every picture goes the whole road. Real writing comes first, then what is drawn: see `Target.real`. Digits are
right when the best guess is, doubted or not; numbers, when the whole text is; letters, when they are called
"not a digit"; signs, scribbles and what else holds no digit, when none is read. What counts and what may be
tuned on is split in sets.py. Writes evaluation/results/<name>.handwriting.json and, under figures/, the
errors of each set, the risk-coverage curves and the reliability diagram.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import tyro

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, results_dir
from digits.files import sha256
from digits.models import checkpoints, leaderboard
from digits.models.leaderboard import Result
from evaluation.handwriting import scores
from evaluation.handwriting.sets import BUILDERS, OWN, Example, Material, spread
from evaluation.handwriting.steadiness import steadiness


class Target(NamedTuple):
    """A set, of which `evaluation/requirements.toml` says what is required."""

    words: str
    most: int = 0
    """Examples, at most."""
    real: bool = False
    """Whether writing is shown as it was found; else it is drawn, though mostly from people's strokes."""


TARGETS = {
    "amounts": Target("amounts on bank cheques, all digits right", 1000, True),
    "ledger": Target("old ledgers, with pieces of the neighbours", 1000, True),
    "exam_cells": Target("cells of exam papers, in pencil", 1000, True),
    "other_cells": Target("cells with a tick, box, ? or nothing: no digit read", 1000, True),
    "real_numbers": Target("photos of numbers, all digits right", 100, True),
    "steadiness": Target("ledger answers that a pixel, 2 % of size, 1 degree leave alone", 500, True),
    "pen": Target("pen canvases, dark or light", 2000),
    "photo": Target("the same digits as phone photos", 1000),
    "paint": Target("the same in a paint program, 28 x 28", 1500),
    "postal": Target("the same as postal scans, 16 x 16", 1500),
    "binary": Target("the same as binary scans, 16 x 16", 1500),
    "number": Target("photos of numbers of 3 to 10 digits, all digits right", 500),
    "lines": Target("photos of several lines or a column, all digits right", 300),
    "touching": Target("2 to 4 digits that touch, all digits right", 500),
    "letters": Target("letters, caught as not a digit", 1000),
    "signs": Target("plus, times, divided, y and z: no digit read", 500),
    "scribbles": Target("scribbles, no digit read", 500),
    "nothing": Target("blank, dot, noise, photos without writing: no digit read", 300),
}
"""The sets, real writing first: the order of the tables."""

ANSWERED = 0.95
"""Of pen digits, where letters are told apart from them."""

NUMBERS = ("amounts", "number", "lines", "touching", "real_numbers", "own_numbers")
PEN = ("pen", "own_digits")
LETTERS = ("letters", "own_letters")
UNPUBLISHED = ("amounts", "ledger", "exam_cells", "other_cells", "real_numbers")
"""Whose licence lets no picture be shown beside a result that is published."""
DATA = tuple(
    f"handwriting/{name}"
    for name in (
        *("amounts", "ledger", "exam_cells", "other_cells", "numbers", "unipen"),
        *("unipen_strokes.npz", "not_digits_strokes.npz", "letters_strokes.npz"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model on handwriting of every kind."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    sets: tuple[str, ...] = tuple(TARGETS)
    """Which sets; a selection is kept apart."""
    n: int | None = None
    """At most so many examples per set; the result is kept apart."""
    development: bool = False
    """Use only writers and files that may be tuned on; the result is kept apart."""
    data: Path | None = None
    """Judge on your own digits instead: a folder with the folders 0 to 9."""
    numbers: Path | None = None
    """Judge on your own numbers instead: pictures with names like 3268.jpg."""
    letters: Path | None = None
    """Judge on your own letters or scribbles instead: pictures that show no digit."""
    seed: int = 1
    """Start of everything that is made at random."""

    def __post_init__(self):
        unknown = [name for name in self.sets if name not in TARGETS]
        good = bool(self.sets) and not unknown
        config.check("--sets", ", ".join(unknown) or "empty", good, f"some of {', '.join(TARGETS)}")
        config.check("--n", self.n, self.n is None or self.n >= 1, "1 or more")
        config.check("--seed", self.seed, self.seed >= 0, "0 or more")

    @property
    def own(self) -> bool:
        """Whether own folders are judged."""
        return any((self.data, self.numbers, self.letters))

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        some = ".some" if self.sets != tuple(TARGETS) and not self.own else ""
        kind = ".own" if self.own else ".development" * self.development
        return kind + some + ("" if self.n is None else f".n{self.n}")


def examples_of(settings: Settings, material: Material) -> dict[str, list[Example]]:
    """Return the sets to judge on, by name."""
    most = settings.n or 10**9
    if settings.own:
        folders = (settings.data, settings.numbers, settings.letters)
        chosen = zip(OWN.items(), folders, strict=True)
        return {name: spread(load(folder), most) for (name, load), folder in chosen if folder}
    return {name: BUILDERS[name](material, name, min(most, TARGETS[name].most)) for name in settings.sets}


def judge(settings: Settings, recognizer: Recognizer, stem: Path) -> dict:
    """Read every set and draw its errors; return all figures."""
    material = Material(settings.development, settings.seed)
    if not settings.own and recognizer.card:
        material.check_unseen(recognizer.card.config.get("learnt_from", {}))
    found, rows, result = {}, [], {}
    required, ece = leaderboard.required("sets"), leaderboard.required("calibration").get("sets")
    for name, examples in examples_of(settings, material).items():
        target = TARGETS.get(name, Target(name.replace("_", " "), real=True))
        row = {"set": name, "words": target.words, "real": target.real, "asked": required.get(name)}
        rows.append(row)
        if name == "steadiness":
            row |= steadiness(recognizer, examples)
            continue
        read = scores.read_numbers if name in NUMBERS else scores.read_digits
        found[name] = read(recognizer, examples, name)
        right, figures_of_merit = scores.score(examples, found[name], name in LETTERS)
        row |= figures_of_merit
        if name not in UNPUBLISHED or settings.part:
            scores.draw_errors(examples, found[name], right, stem.with_name(f"{stem.name}_{name}.png"))
        if name in PEN:
            result["calibration"] = {"asked": ece} | scores.calibration_of(found[name].confidence, right)
    digits, letters = (next((found[key] for key in keys if key in found), None) for keys in (PEN, LETTERS))
    if digits and letters:
        words = "pen digits still answered, with the thresholds that catch the letters"
        row = {"set": "answered", "words": words, "real": settings.own, "asked": required.get("answered")}
        rows.append(row | scores.answered(digits))
        result["strangers"] = scores.told_apart(digits, letters, ANSWERED)
    return {"sets": sorted(rows, key=lambda row: not row["real"]), "asked": {"ece": ece}} | result


def main(settings: Settings) -> None:
    """Judge, draw, write, print what was asked and what was reached."""
    path = checkpoints.find(settings.model)
    judged, recognizer = sha256(path), Recognizer.load(path)
    stem = results_dir() / "figures" / f"{recognizer.name}{settings.part}_handwriting"
    result = judge(settings, recognizer, stem)
    scores.draw_curves(result, stem)
    about = {
        "data": "handwriting of every kind, whole road",
        "n": sum(row["n"] for row in result["sets"]),
        "seed": settings.seed,
        "development": settings.development,
        "thresholds": recognizer.thresholds,
    }
    stamped = {"part": settings.part, "judged": judged, "data": () if settings.own else DATA}
    Result(path=path, kind="handwriting", figures=about | result, **stamped).write()
    print("set          writing  asked  reached   95 % interval          n    ECE")
    for row in result["sets"]:
        asked = "-" if row["asked"] is None else f"{row['asked']:.1%}"
        interval = "{:6.2%} to {:7.2%}".format(*row["interval_95"])
        share = f"{row['accuracy']:8.2%}  {interval} {row['n']:6,}"
        ece = "-" if row.get("ece") is None else f"{row['ece']:.2%}"
        writing = "real" if row["real"] else "made"
        print(f"{row['set']:<12} {writing:<7} {asked:>6} {share} {ece:>6}   {row['words']}")
    if "strangers" in result:
        print("letters against pen digits, by energy alone: {}".format(result["strangers"]))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
