"""How well forms are found and read on photos: simulated photos of forms that we drew, with real pen strokes.

    python -m evaluation.judges.forms                     # the default model: 6 minutes
    python -m evaluation.judges.forms --development       # while tuning: other writers, other chance

Four forms (see form_photos.py), two of them with the same head, filled in with digits of sites that no
training saw; every photo is also shown with the templates of the three others, which must be refused. A box
counts as right if its text is what was written, as its field writes it; blank ones if they are blank.
Simulated is not real: light, paper and cameras of the world are harder. Prints tables for docs/forms.md.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.data.strokes import load_strokes
from digits.forms import Form
from digits.forms.align import find_form
from digits.metrics import mean_interval, share_in_words
from digits.preprocessing.decode import to_grey
from evaluation.handwriting.sets import Material, find
from evaluation.handwriting.simulate.form_photos import FORMS, TEMPLATE, Hand, Printed, Shot, shoot
from evaluation.handwriting.simulate.sheet_photos import View


class Photos(NamedTuple):
    """How the photos of a set are taken."""

    words: str
    tilt: tuple[float, float]
    """Least and most degrees between the line of sight and the upright on the paper."""
    size: tuple[int, int]
    bend: float
    """Millimetres by which paper is not flat, at most."""


SETS = {
    "above": Photos("from above, 5 megapixels, flat", (0, 6), (1944, 2592), 0.0),
    "askew": Photos("at 10 to 30 degrees, 3 megapixels, bent", (10, 30), (1512, 2016), 0.6),
    "small": Photos("at 10 to 35 degrees, 1 megapixel, bent", (10, 35), (900, 1200), 0.6),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Read forms on simulated photos."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 3
    """Photos of each form in each set."""
    development: bool = False
    """Use only writers that may be tuned on."""
    seed: int = 1
    """Of the photos."""
    verbose: bool = False
    """Print what is misread."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")


@dataclass
class Counts:
    """What became of the photos of a set."""

    placed: list[bool] = field(default_factory=list)
    far: list[float] = field(default_factory=list)
    """Millimetres by which the corners of boxes are off, the mean of each photo."""
    boxes: list[float] = field(default_factory=list)
    """Share of the boxes that are right, of each photo."""
    kinds: dict[str, list[bool]] = field(default_factory=dict)
    """Whether boxes are right, by their kind."""
    sure: list[bool] = field(default_factory=list)
    """Whether those are right that are not doubtful."""
    seconds: list[float] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    """Whether other templates are."""


def shots(name: str, settings: Settings) -> Iterator[tuple[Printed, Shot]]:
    """Yield the photos of a set."""
    photos, material = SETS[name], Material(settings.development, settings.seed)
    written = load_strokes(find("unipen_strokes.npz"))
    hands = [Hand.of(written, site) for site in material.sites]
    for printed in FORMS.values():
        for i in range(settings.n):
            rng = material.rng(f"forms {name} {printed.name}", i)
            wide = printed.size[0] > printed.size[1]
            view = View(
                tilt=rng.uniform(*photos.tilt),
                towards=rng.uniform(0, 360),
                turn=rng.choice([0, 90, 180, 270]) + rng.normal(0, 4),
                size=photos.size[::-1] if wide else photos.size,
                fill=rng.uniform(0.8, 0.97),
                bend=rng.uniform(0, photos.bend),
            )
            yield printed, shoot(printed, printed.fill(rng), hands[i % len(hands)], view, rng)


def judge(printed: Printed, shot: Shot, reader: Recognizer, counts: Counts, verbose: bool) -> None:
    """Read one photo, and try the other templates on it."""
    form = printed.form()
    grey = to_grey(shot.photo)
    counts.refused += [_refuses(other.form(), grey) for other in FORMS.values() if other is not printed]
    begun = time.perf_counter()
    try:
        reading = reader.read_form(shot.photo, form)
    except ValueError as error:
        tqdm.write(f"{printed.name}: {error}")
        counts.placed.append(False)
        counts.boxes.append(0.0)
        return
    counts.seconds.append(time.perf_counter() - begun)
    back = np.linalg.inv(shot.to_photo)
    there = cv2.perspectiveTransform(np.array(list(reading.boxes.values()), np.float64), back)
    off = there - np.array([box.corners for box in form.boxes])
    counts.far.append(float(np.linalg.norm(off, axis=-1).mean()) / TEMPLATE)
    counts.placed.append(True)
    right = {name: text == shot.values[name] for name, text in reading.texts.items()}
    counts.boxes.append(float(np.mean([*right.values()])))
    counts.sure += [good for name, good in right.items() if not reading.cells[name].is_doubtful]
    for box in form.boxes:
        blank, date = not shot.values[box.name], box.field is not None and box.field.pattern
        kind = "blank" if blank else "boxed digits" if box.digits else "dates" if date else "open fields"
        counts.kinds.setdefault(kind, []).append(right[box.name])
        if verbose and not right[box.name]:
            cell = reading.cells[box.name]
            said = f"{shot.values[box.name]!r} as {cell.text!r}, {cell.status}, {cell.confidence:.2f}"
            tqdm.write(f"{printed.name}, {box.name}: {said}, unbound {cell.number.unbound}")


def _refuses(form: Form, grey: np.ndarray) -> bool:
    try:
        find_form(grey, form)
    except ValueError:
        return True
    return False


def _of(right: list[bool]) -> str:
    return f"{share_in_words(right)} of {len(right):,}"


def main(settings: Settings) -> None:
    """Take photos, read them, count, print."""
    reader = Recognizer.load(settings.model)
    if reader.card:
        material = Material(settings.development, settings.seed)
        material.check_unseen(reader.card.config.get("learnt_from", {}))
    found: dict[str, Counts] = {}
    for name in SETS:
        counts = found[name] = Counts()
        for printed, shot in tqdm(shots(name, settings), name, settings.n * len(FORMS)):
            judge(printed, shot, reader, counts, settings.verbose)
    print("| photos | brought into place | corners off | boxes right | forms all right | sure boxes right |")
    print("|---|---|---|---|---|---|")
    for name, counts in found.items():
        mean, (low, high) = mean_interval(np.array(counts.boxes))
        print(
            f"| {SETS[name].words} | {_of(counts.placed)} | {np.median(counts.far):.2f} mm, "
            f"at most {max(counts.far, default=0):.2f} | {mean:.1%} ({low:.1%} to {high:.1%}) | "
            f"{_of([share == 1 for share in counts.boxes])} | {_of(counts.sure)} |"
        )
    print("\n| boxes | right |\n|---|---|")
    for kind in ("boxed digits", "open fields", "dates", "blank"):
        print(f"| {kind} | {_of([one for counts in found.values() for one in counts.kinds.get(kind, [])])} |")
    refused = [one for counts in found.values() for one in counts.refused]
    seconds = [one for counts in found.values() for one in counts.seconds]
    print(f"\nAnother form's template is refused: {_of(refused)}. Median {np.median(seconds):.1f} s.")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
