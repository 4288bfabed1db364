"""Are filled-in sheets found on photos, and every digit on them? Simulated photos of real pen strokes.

    python -m evaluation.judges.sheets                        # the default model, 20 photos: 4 minutes
    python -m evaluation.judges.sheets --development --n 2    # while tuning: other writers, kept apart

A sheet is written by one site's pens of UNIPEN, with a tenth of its boxes left empty, and photographed from
any side: see sheet_photos.py. Counted are the written boxes that are found, the empty ones that are taken for
written, and the digits that are read as what their box is for. The last is held against the same strokes on a
clean canvas, since people write digits that no model reads. Writes evaluation/results/<name>.sheets.json.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, find_data
from digits.data.collection import sheet as paper_sheets
from digits.data.strokes import StrokeSet, draw, fit_box, load_strokes
from digits.files import sha256
from digits.forms.sheet import LAYOUTS, SheetLayout
from digits.metrics import share_right
from digits.models import checkpoints
from digits.models.leaderboard import ROAD, Result
from evaluation.handwriting.sets import Material
from evaluation.handwriting.simulate import sheet_photos

PHONE, SMALL = (3024, 4032), (1200, 1600)


class Photos(NamedTuple):
    """How the photos of a set are taken."""

    words: str
    tilt: float
    """Most degrees between the line of sight and the upright on the paper."""
    size: tuple[int, int] = PHONE
    tall: tuple[float, float] = (0.5, 0.75)
    """Least and most height of the digits, as shares of their box's."""


SETS = {
    "above": Photos("from above, 12 megapixels", 5),
    "askew": Photos("at 25 degrees, 12 megapixels", 25),
    "small": Photos("at 25 degrees, 2 megapixels", 25, SMALL),
    "over": Photos("at 25 degrees, digits as high as their box or higher", 25, PHONE, (0.85, 1.1)),
}
EMPTY = 0.1
"""Share of the boxes left empty."""

BEND = 0.6
"""Millimetres by which paper is not flat, at most."""

DOTS = 10
"""Pixels per millimetre in which sheets are written."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge how well filled sheets are read from photos."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    n: int = 5
    """Photos of each set; another number is kept apart."""
    development: bool = False
    """Use only writers that may be tuned on; the result is kept apart."""
    seed: int = 1
    """Of the photos."""

    def __post_init__(self):
        config.check("--n", self.n, self.n >= 1, "1 or more")

    @property
    def part(self) -> str:
        """What the result's name says of anything but the whole."""
        return ".development" * self.development + ("" if self.n == 5 else f".n{self.n}")


@dataclass(frozen=True)
class Shot:
    """A photo, and what is written on it."""

    photo: np.ndarray
    layout: SheetLayout
    strokes: dict[int, list[np.ndarray]]
    """By the place of the box."""


def shots(name: str, settings: Settings) -> Iterator[Shot]:
    """Yield the photos of a set, on A4 and Letter by turns."""
    photos, material = SETS[name], Material(settings.development, settings.seed)
    written = load_strokes(find_data("handwriting", "unipen_strokes.npz"))
    for i in range(settings.n):
        rng = material.rng(f"sheets {name}", i)
        layout = list(LAYOUTS.values())[i % len(LAYOUTS)]
        digits = _digits(written, str(rng.choice(material.sites)), layout, rng)
        placed = sheet_photos.in_boxes(layout, digits, rng, photos.tall)
        sheet = sheet_photos.write(sheet_photos.print_sheet(layout, DOTS), placed, DOTS, rng)
        view = sheet_photos.View(
            tilt=photos.tilt if photos.tilt > 5 else rng.uniform(0, photos.tilt),
            towards=rng.uniform(0, 360),
            turn=rng.choice([0, 90, 180, 270]) + rng.normal(0, 4),
            size=photos.size,
            fill=rng.uniform(0.8, 0.97),
            bend=rng.uniform(0, BEND),
        )
        yield Shot(sheet_photos.shoot(sheet, layout, view, rng), layout, digits)


def _digits(written: StrokeSet, site: str, layout: SheetLayout, rng: np.random.Generator) -> dict:
    """Return strokes of one site for nine boxes of ten."""
    rows = {
        digit: np.flatnonzero((written.source == site) & (written.labels == digit))
        for digit in set(layout.labels)
    }
    full = rng.random(len(layout.labels)) >= EMPTY
    return {
        place: written[rng.choice(rows[label])]
        for place, label in enumerate(layout.labels)
        if full[place] and len(rows[label])
    }


def judge(shot: Shot, reader: Recognizer) -> dict[str, float]:
    """Read one photo; return the counts of boxes, and the seconds."""
    begin, worked = time.perf_counter(), time.process_time()
    try:
        filled = paper_sheets.read_sheet(shot.photo, reader).written
    except ValueError as error:
        tqdm.write(str(error))
        filled = []
    seconds, worked = time.perf_counter() - begin, time.process_time() - worked
    found = {one.cell.place: one for one in filled}
    true = found.keys() & shot.strokes.keys()
    labels = shot.layout.labels
    clean = reader.read_digits([255 - draw(fit_box(s, 110, (75, 75)), 150, 7) for s in shot.strokes.values()])
    return {
        "sheets": bool(found),
        "written": len(shot.strokes),
        "found": len(true),
        "empty": len(labels) - len(shot.strokes),
        "false": len(found) - len(true),
        "right": sum(found[place].reading.digit == labels[place] for place in true),
        "doubtful": sum(bool(found[place].doubts) for place in true),
        "clean": sum(x.digit == labels[p] for p, x in zip(shot.strokes, clean, strict=True)),
        "seconds": seconds,
        "processor": worked,
    }


def summed(name: str, counts: list[dict]) -> dict:
    """Return the figures of one set."""
    total = {key: sum(count[key] for count in counts) for key in counts[0]}
    n = total["written"]
    return {
        "set": name,
        "words": SETS[name].words,
        "photos": len(counts),
        "sheets_found": total["sheets"],
        **share_right(total["right"], n),
        "found": round(total["found"] / n, 5),
        "empty_boxes": total["empty"],
        "taken_for_written": total["false"],
        "clean_accuracy": round(total["clean"] / n, 5),
        "doubtful": round(total["doubtful"] / n, 5),
        **{
            f"median_{key}_seconds": round(float(np.median([count[name] for count in counts])), 2)
            for key, name in (("wall", "seconds"), ("processor", "processor"))
        },
    }


def main(settings: Settings) -> None:
    """Take photos, read them, count, write, print."""
    path = checkpoints.find(settings.model)
    judged, reader = sha256(path), Recognizer.load(path)
    if reader.card:
        material = Material(settings.development, settings.seed)
        material.check_unseen(reader.card.config.get("learnt_from", {}))
    reader.warm_up()
    rows = []
    for name in SETS:
        counts = [judge(shot, reader) for shot in tqdm(shots(name, settings), name, settings.n)]
        rows.append(summed(name, counts))
    about = {
        "data": "UNIPEN strokes on sheets, simulated photos",
        "n": sum(row["n"] for row in rows),
        "seed": settings.seed,
        "sites": list(Material(settings.development).sites),
    }
    stamped = {"part": settings.part, "judged": judged, "data": ("handwriting/unipen_strokes.npz",)}
    code = (*ROAD, "forms")
    Result(path=path, kind="sheets", figures=about | {"sets": rows}, code=code, **stamped).write()
    print("set    sheets   boxes found  empty taken  read as label   on a canvas  doubtful  seconds")
    for row in rows:
        print(
            f"{row['set']:<6} {row['sheets_found']:>3} of {row['photos']:<3} {row['found']:10.2%}  "
            f"{row['taken_for_written']:>4} of {row['empty_boxes']:<4} {row['accuracy']:12.2%} "
            f"{row['clean_accuracy']:13.2%} {row['doubtful']:9.2%} {row['median_wall_seconds']:8.2f}"
        )


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
