"""The sets of handwriting.py: what is shown to the reader, and the right answer.

Every example makes its picture anew from its own seed: the same one each time, and no set is ever in memory
as a whole. People's writing is split by site and by file, so that who tunes never sees what counts:

| | to be measured | `development` |
| --- | --- | --- |
| pen digits (UNIPEN) | sites aga, app | site apa, on which training validates |
| letters (UNIPEN) | sites aga, app | sites kai, mot, on which "not a digit" is chosen |
| real pictures | files whose name has an odd CRC-32 | those with an even one |
| made without any writer | seeds of their own | other seeds |

The four photos of numbers are too few to split; they are in both.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from digits.config import SUFFIXES, find_data
from digits.data.handwriting import load_folder, source_of
from digits.data.strokes import StrokeSet, load_strokes
from digits.files import read_json
from digits.preprocessing.decode import Picture, open_picture
from evaluation.handwriting.simulate import doodles, paper, pens
from evaluation.judges.pen import TEST_SITES

DEVELOPMENT_SITES = ("apa",)
DEVELOPMENT_LETTER_SITES = ("kai", "mot")


@dataclass(frozen=True)
class Example:
    """One picture and what it says."""

    answer: str
    """The digits on it; empty where there is none."""
    source: str
    """Who wrote it, or what kind it is."""
    make: Callable[[], Picture] = field(repr=False)
    """Returns the picture, the same one each time."""
    writer: str = ""
    """Whose hand or sheet it is, as exactly as is known; "" where each stands alone."""


@dataclass(frozen=True)
class Material:
    """From which writers examples are made, and with which seed."""

    development: bool = False
    seed: int = 1

    def rng(self, name: str, index: int = 0) -> np.random.Generator:
        """Return the chance of one example of a set."""
        return np.random.default_rng([self.seed, self.development, zlib.crc32(name.encode()), index])

    @property
    def sites(self) -> tuple[str, ...]:
        """Where the digits were written."""
        return DEVELOPMENT_SITES if self.development else TEST_SITES

    @property
    def letter_sites(self) -> tuple[str, ...]:
        """Where the letters were written."""
        return DEVELOPMENT_LETTER_SITES if self.development else TEST_SITES

    def has(self, path: Path) -> bool:
        """Tell whether a picture of real writing is in the half at hand."""
        return zlib.crc32(path.name.encode()) % 2 != self.development

    def check_unseen(self, learnt_from: dict[str, list[str]]) -> None:
        """Raise a ValueError if a model, by its card's `learnt_from`, has seen writers that are to count."""
        learnt = {site.split("/")[0] for sites in learnt_from.values() for site in sites}
        seen = sorted(learnt & set(self.sites))
        if seen and not self.development:
            raise ValueError(
                f"The model has seen the sites {', '.join(seen)}: nothing could be judged on them."
            )


def canvases(material: Material, name: str, n: int) -> list[Example]:
    """Pen digits as the app's canvas shows them: the pictures in handwriting/unipen."""
    folder = load_folder(find("unipen"))
    rows = [row for row, path in enumerate(folder.paths) if source_of(path) in material.sites]
    return [_picture(folder.paths[row], str(folder.labels[row])) for row in spread(rows, n)]


def real_digits(place: str) -> Callable[[Material, str, int], list[Example]]:
    """Return the builder of a set of real digits, a picture each in the folders 0 to 9 of a place."""

    def build(material: Material, name: str, n: int) -> list[Example]:
        found = load_folder(find(place))
        pairs = zip(found.paths, found.labels, strict=True)
        rows = [(path, str(label)) for path, label in pairs if material.has(path)]
        return [_picture(path, label, f"digit {label}") for path, label in spread(rows, n)]

    return build


def amounts(material: Material, name: str, n: int) -> list[Example]:
    """Real amounts on bank cheques; the answers leave points, commas and dashes out."""
    folder = find("amounts")
    answers = {folder / file: about["digits"] for file, about in read_json(folder / "labels.json").items()}
    rows = [(path, digits) for path, digits in sorted(answers.items()) if material.has(path)]
    return [_picture(path, digits, f"{len(digits)} digits") for path, digits in spread(rows, n)]


def other_cells(material: Material, name: str, n: int) -> list[Example]:
    """Real cells of forms that hold no digit."""
    return [
        _picture(path, "", path.parent.name)
        for path in spread(list(filter(material.has, _pictures(find("other_cells")))), n)
    ]


def single(way: Callable) -> Callable[[Material, str, int], list[Example]]:
    """Return the builder of a set of pen digits that come in one `way(strokes, rng)`."""

    def build(material: Material, name: str, n: int) -> list[Example]:
        written = load_strokes(find("unipen_strokes.npz"))
        rows = np.flatnonzero(np.isin(written.source, material.sites))
        order = material.rng(name).permutation(rows)
        return [
            Example(
                str(written.labels[row]),
                str(written.source[row]),
                lambda row=row, i=i: way(written[row], material.rng(name, i + 1)),
                str(written.source[row]),
            )
            for i, row in enumerate(np.resize(order, min(n, 4 * len(order))))
        ]

    return build


def several(way: Callable, shortest: int, longest: int) -> Callable[[Material, str, int], list[Example]]:
    """Return the builder of a set of numbers of one site each, that come in one `way(digits, rng)`."""

    def build(material: Material, name: str, n: int) -> list[Example]:
        written, rng = load_strokes(find("unipen_strokes.npz")), material.rng(name)
        rows = np.flatnonzero(np.isin(written.source, material.sites))
        examples = []
        for i in range(n):
            site = written.source[rng.choice(rows)]
            chosen = rng.choice(rows[written.source[rows] == site], rng.integers(shortest, longest + 1))
            examples.append(_number(material, name, i, written, chosen, way))
        return examples

    return build


def _number(material: Material, name: str, i: int, written: StrokeSet, rows: np.ndarray, way) -> Example:
    return Example(
        "".join(str(label) for label in written.labels[rows]),
        f"{len(rows)} digits",
        lambda: way([written[row] for row in rows], material.rng(name, i + 1)),
        str(written.source[rows[0]]),
    )


def in_lines(digits: list[pens.Strokes], rng: np.random.Generator) -> np.ndarray:
    """Return a photo of two to four lines, or of a column with one digit in each."""
    ends = np.arange(1, len(digits))
    if len(digits) > 4 or rng.random() < 0.7:
        ends = np.sort(rng.choice(ends, min(len(ends), int(rng.integers(1, 4))), replace=False))
    starts = [0, *ends.tolist(), len(digits)]
    rows = [digits[first:last] for first, last in zip(starts[:-1], starts[1:], strict=True)]
    return paper.lines_photo(rows, rng)[0]


def letters(material: Material, name: str, n: int) -> list[Example]:
    """Letters whose shape is no digit's, on a canvas."""
    written = load_strokes(find("not_digits_strokes.npz"))
    rows = np.flatnonzero(np.isin(written.source, material.letter_sites))
    order = material.rng(name).permutation(rows)[:n]
    return [
        Example(
            "",
            f"letter {written.labels[row]}",
            lambda row=row, i=i: pens.canvas(written[row], material.rng(name, i + 1)),
            str(written.source[row]),
        )
        for i, row in enumerate(order)
    ]


def signs(material: Material, name: str, n: int) -> list[Example]:
    """Signs of sums, and y and z of real hands: on canvases, on photos and from a paint program."""
    written = load_strokes(find("letters_strokes.npz"))
    held_out = np.isin([source.split("/")[0] for source in written.source], material.letter_sites)
    kinds, ways = (*doodles.SIGNS, "y", "z"), (pens.canvas, paper.photo, pens.paint)
    rows = {letter: np.flatnonzero(held_out & (written.labels == letter)) for letter in "yz"}

    def make(kind: str, i: int) -> np.ndarray:
        rng = material.rng(name, i + 1)
        drawn = written[rng.choice(rows[kind])] if kind in rows else doodles.shaken(kind, rng)
        return ways[i // len(kinds) % len(ways)](drawn, rng)

    return [Example("", kind, partial(make, kind, i)) for i, kind in enumerate(np.resize(kinds, n).tolist())]


def made(kinds: tuple[str, ...], way: Callable) -> Callable[[Material, str, int], list[Example]]:
    """Return the builder of a set without any writer: `way(kind, rng)` makes a picture."""

    def build(material: Material, name: str, n: int) -> list[Example]:
        return [
            Example("", kind, lambda kind=kind, i=i: way(kind, material.rng(name, i + 1)))
            for i, kind in enumerate(np.resize(kinds, n).tolist())
        ]

    return build


def number_photos(material: Material, name: str, n: int) -> list[Example]:
    """Real photos of numbers on paper."""
    return own_numbers(find("numbers"))[:n]


@dataclass(frozen=True)
class Table:
    """A photo of a table, and what its cells say."""

    rows: list[list[str]]
    make: Callable[[], Picture] = field(repr=False)


def tables(material: Material, n: int) -> list[Table]:
    """Tables of 2 to 12 rows and 2 to 6 columns without any line, one in eight cells blank: the numbers of a
    column have as many digits, or one less."""
    written = load_strokes(find("unipen_strokes.npz"))
    rows = np.flatnonzero(np.isin(written.source, material.sites))
    made = []
    for i in range(n):
        rng = material.rng("tables", i)
        own = rows[written.source[rows] == written.source[rng.choice(rows)]]
        longest = rng.integers(1, 5, rng.integers(2, 7))
        cells = [
            [
                rng.choice(own, rng.integers(max(1, most - 1), most + 1) * (rng.random() > 1 / 8))
                for most in longest
            ]
            for _ in range(rng.integers(2, 13))
        ]
        cells = [row for row in cells if any(map(len, row))]
        whole = [column for column in zip(*cells, strict=True) if any(map(len, column))]
        cells = [list(row) for row in zip(*whole, strict=True)]
        made.append(
            Table(
                [["".join(str(written.labels[one]) for one in cell) for cell in row] for row in cells],
                lambda cells=cells, i=i: paper.table_photo(
                    [[[written[one] for one in cell] for cell in row] for row in cells],
                    material.rng("tables photographed", i),
                ),
            )
        )
    return made


BUILDERS: dict[str, Callable[[Material, str, int], list[Example]]] = {
    "amounts": amounts,
    "ledger": real_digits("ledger"),
    "exam_cells": real_digits("exam_cells"),
    "other_cells": other_cells,
    "real_numbers": number_photos,
    "steadiness": real_digits("ledger"),
    "pen": canvases,
    "photo": single(paper.photo),
    "paint": single(pens.paint),
    "postal": single(pens.postal),
    "binary": single(pens.binary_scan),
    "number": several(lambda digits, rng: paper.number_photo(digits, rng)[0], 3, 10),
    "lines": several(in_lines, 3, 12),
    "touching": several(pens.touching, 2, 4),
    "letters": letters,
    "signs": signs,
    "scribbles": made(doodles.DOODLES, lambda kind, rng: doodles.scribble(rng, kind)),
    "nothing": made(doodles.NOTHING, doodles.nothing),
}
"""How each set is made: from the material, its own name and how many examples there may be."""


def own_digits(folder: Path) -> list[Example]:
    """Return the pictures of a digit folder, by the source that their names begin with."""
    found = load_folder(folder)
    return [
        _picture(path, str(label), source_of(path), source_of(path))
        for path, label in zip(found.paths, found.labels, strict=True)
    ]


def own_numbers(folder: Path) -> list[Example]:
    """Return the pictures of a folder whose names begin with the number on them: 3268.jpg, 3268_2.jpg."""
    found = [(path, re.match("[0-9]+", path.stem)) for path in _pictures(folder)]
    examples = [_picture(path, number[0], folder.name) for path, number in found if number]
    if not examples:
        raise ValueError(f"{folder} has no picture whose name begins with a number; expected e.g. 3268.jpg.")
    return examples


def own_letters(folder: Path) -> list[Example]:
    """Return all pictures in a folder and in its folders: none of them shows a digit."""
    examples = [_picture(path, "", path.parent.name) for path in _pictures(folder)]
    if not examples:
        raise ValueError(f"{folder} has no picture in it; expected letters or scribbles as PNG or JPEG.")
    return examples


OWN: dict[str, Callable[[Path], list[Example]]] = {
    "own_digits": own_digits,
    "own_numbers": own_numbers,
    "own_letters": own_letters,
}
"""How sets are read from folders of one's own."""


def spread(rows: list, n: int) -> list:
    """Return at most n of the rows, evenly spread."""
    return rows if n >= len(rows) else [rows[i * len(rows) // n] for i in range(n)]


def _picture(path: Path, answer: str, source: str | None = None, writer: str = "") -> Example:
    return Example(answer, source or source_of(path), lambda: open_picture(path), writer)


def _pictures(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)


def find(name: str) -> Path:
    """Return where something of the handwriting is.

    Raises:
        ValueError: it is not there.
    """
    path = find_data("handwriting", name)
    if path is None:
        raise ValueError(f"There is no handwriting/{name} where the data is; set DIGITS_DATA_DIR.")
    return path
