"""How well tables are read: real photos of grids, printed and handwritten digits and blank cells.

    python -m evaluation.judges.tables     # the default model: eight minutes

Every photo also turned by a quarter. A photo whose table has another shape counts with all its cells wrong.
Prints a table for docs/tables.md.
"""

import json
import time
from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import tqdm

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL, find_data
from digits.metrics import mean_interval, share_right
from digits.preprocessing.decode import open_picture


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Read tables on photos."""

    model: str = DEFAULT_MODEL
    """A name in models/, or the path of a .keras file."""
    limit: int | None = None
    """The first so many photos (None: all)."""
    turns: tuple[int, ...] = (0, 1, 2, 3)
    """Quarter turns against the clock."""

    def __post_init__(self):
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")


def judge(reader: Recognizer, settings: Settings, quarters: int) -> str:
    """Return a row of the table."""
    place = find_data("handwriting", "grids")
    if place is None:
        raise ValueError("There is no handwriting/grids where the data is.")
    labels = json.loads((place / "labels.json").read_text())
    cells, shaped, doubtful, waited = [], 0, [], []
    for name in tqdm(sorted(labels)[: settings.limit]):
        wanted = [["" if digit == 0 else str(digit) for digit in row] for row in labels[name]]
        picture = open_picture(place / name)
        picture = picture.rotate(90 * quarters, expand=True) if quarters else picture
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
    whole = share_right(sum(one.all() for one in cells), len(cells))
    sure = np.concatenate(doubtful or [np.zeros(0)])
    return (
        f"| {90 * quarters}° | {len(cells)} | {mean:.1%} ({low:.1%} to {high:.1%}) | {whole['accuracy']:.1%} "
        f"({whole['interval_95'][0]:.1%} to {whole['interval_95'][1]:.1%}) | {shaped} | "
        f"{sure.mean():.2%} of {len(sure):,} | {np.median(waited):.2f} s |"
    )


def main(settings: Settings) -> None:
    """Read all photos, and print the table."""
    reader = Recognizer.load(settings.model)
    print("| turned | photos | cells right | photos all right | right shape | sure cells right | median |")
    print("|---|---|---|---|---|---|---|")
    for quarters in settings.turns:
        print(judge(reader, settings, quarters), flush=True)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
