"""How well tables are read: real photos of grids, printed and handwritten digits and blank cells.

    python -m evaluation.judges.tables     # the default model: eight minutes
    python -m evaluation.judges.tables --glimpses a.tflite b.tflite c.tflite

The glimpse reader that is shipped has learnt from these photos. How well others are read, three say that were
trained with --left-out 0, 1 and 2: each reads the third that it never saw. Every photo also turned by a
quarter; and made photos of pen digits in rows and columns without any line. One whose table has another shape
counts with all its cells wrong. Prints tables for docs/tables.md.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.data.cells import PARTS, parts_of
from digits.metrics import mean_interval, share_in_words
from digits.models import glimpse, networks
from digits.preprocessing.decode import Picture, open_picture
from evaluation.handwriting.sets import Material, find, tables

Example = tuple[list[list[str]], Picture]
"""What the cells of a table say, and its photo."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Read tables on photos."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int | None = None
    """The first so many photos (None: all)."""
    glimpses: tuple[Path, ...] = ()
    """Glimpse readers in place of the one that is shipped, one for each part of the photos."""
    turns: tuple[int, ...] = (0, 1, 2, 3)
    """Quarter turns against the clock."""
    made: int = 100
    """Tables without lines, made."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")
        good = len(self.glimpses) in (0, PARTS)
        config.check("--glimpses", len(self.glimpses), good, f"{PARTS} files, or none")


def judge(reader: Recognizer, examples: Iterable[Example]) -> str:
    """Return a row of the table, but for its beginning."""
    cells, shaped, doubtful, waited = [], 0, [], []
    for wanted, picture in examples:
        begun = time.perf_counter()
        try:
            table = reader.read_table(picture)
        except ValueError:
            table = None
        waited.append(time.perf_counter() - begun)
        if table is None or table.shape != (len(wanted), len(wanted[0])):
            cells.append(np.zeros(np.shape(wanted), bool))
            continue
        shaped += 1
        right = np.array(
            [[a == b for a, b in zip(*rows, strict=True)] for rows in zip(table.rows, wanted, strict=True)]
        )
        cells.append(right)
        sure = [cell for cell in table.cells if cell.status in ("digit", "blank")]
        doubtful.append([right[cell.row, cell.column] for cell in sure])
    mean, (low, high) = mean_interval(np.array([one.mean() for one in cells]))
    sure = np.concatenate(doubtful or [np.zeros(0)])
    return (
        f"{len(cells)} | {mean:.1%} ({low:.1%} to {high:.1%}) | "
        f"{share_in_words([one.all() for one in cells])} | {shaped} | "
        f"{sure.mean():.2%} of {len(sure):,} | {np.median(waited):.2f} s |"
    )


def photos(settings: Settings, quarters: int) -> Iterator[Example]:
    """Yield real photos, so many quarter turns against the clock."""
    place = find("grids")
    labels = json.loads((place / "labels.json").read_text())
    for name in _in_parts(parts_of(labels), sorted(labels)[: settings.limit], settings.glimpses):
        picture = open_picture(place / name)
        wanted = [["" if digit == 0 else str(digit) for digit in row] for row in labels[name]]
        yield wanted, picture.rotate(90 * quarters, expand=True) if quarters else picture


def _in_parts(parts: Mapping[str, int], names: list[str], glimpses: Sequence[Path]) -> Iterator[str]:
    """Yield photos, each while the glimpse reader is used that never saw it; `parts`: in which each is."""
    if not glimpses:
        yield from tqdm(names)
        return
    with tqdm(total=len(names)) as bar:
        for part, path in enumerate(glimpses):
            networks.use(glimpse.NAME, path)
            for name in (name for name in names if parts[name] == part):
                yield name
                bar.update()


def main(settings: Settings) -> None:
    """Read all photos, and print the table."""
    reader = Recognizer.load(settings.model)
    print("| photos | n | cells right | photos all right | right shape | sure cells right | median |")
    print("|---|---|---|---|---|---|---|")
    for quarters in settings.turns:
        print(f"| {90 * quarters}° | {judge(reader, photos(settings, quarters))}", flush=True)
    if settings.made:
        made = ((one.rows, one.make()) for one in tqdm(tables(Material(), settings.made)))
        print(f"| made, without lines | {judge(reader, made)}")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
