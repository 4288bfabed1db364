"""Draws the sample form anew: empty, its template, five photos of it filled in, and what is written there.

    python docs/samples/form/make.py

Draws docs/forms.png too. Pen strokes are those of UNIPEN (see README.md here); light, view and camera are
simulated. The first five that come are taken, whether or not they are read well.
"""

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

from digits.config import find_data
from digits.data.strokes import load_strokes
from digits.deploy.form_words import drawn
from digits.files import write_text
from evaluation.handwriting.simulate.form_photos import FORMS, TEMPLATE, Hand, shoot
from evaluation.handwriting.simulate.sheet_photos import View

PLACE = Path(__file__).parent
SITE, SIZE, QUALITY = "aga", (1200, 1600), 62
TALL, GAP = 820, 16


def main() -> None:
    """Write all files."""
    printed = FORMS["Marks sheet"]
    names = [name for name, _, _ in printed.boxes]
    size = [round(side * TEMPLATE) for side in printed.size]
    empty = Image.fromarray(printed.sheet()).resize(size, Image.Resampling.BOX)
    empty.save(PLACE / "empty.png", optimize=True)
    write_text(PLACE / "marks.json", printed.form().to_json())
    path = find_data("handwriting", "unipen_strokes.npz")
    if path is None:
        raise SystemExit("There is no handwriting/unipen_strokes.npz where the data is.")
    hand = Hand.of(load_strokes(path), SITE)
    with (PLACE / "expected.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["file", *names])
        for number in range(1, 6):
            rng = np.random.default_rng([2026, number])
            view = View(
                tilt=rng.uniform(5, 30),
                towards=rng.uniform(0, 360),
                turn=rng.normal(0, 6) + 90 * (number == 4),
                size=SIZE,
                fill=rng.uniform(0.82, 0.95),
                bend=rng.uniform(0, 0.6),
            )
            shot = shoot(printed, printed.fill(rng), hand, view, rng)
            name = f"photo{number}.jpg"
            Image.fromarray(shot.photo).save(PLACE / name, quality=QUALITY, optimize=True)
            table.writerow([name, *(shot.values[box] for box in names)])
    draw()


def draw() -> None:
    """Write docs/forms.png: the template with its boxes, and a photo."""
    empty = Image.open(PLACE / "empty.png").convert("RGB")
    marked = Image.open(io.BytesIO(drawn(FORMS["Marks sheet"].form(), empty)))
    pair = [
        picture.resize((round(TALL * picture.width / picture.height), TALL))
        for picture in (marked, Image.open(PLACE / "photo2.jpg"))
    ]
    both = Image.new("RGB", (sum(one.width for one in pair) + GAP, TALL), "white")
    both.paste(pair[0], (0, 0))
    both.paste(pair[1], (pair[0].width + GAP, 0))
    both.quantize(256, Image.Quantize.MAXCOVERAGE).save(PLACE.parent.parent / "forms.png", optimize=True)


if __name__ == "__main__":
    main()
