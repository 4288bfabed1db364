"""Write what the page must agree with: python web/golden/make.py    # half a minute

Digits, letters and scribbles in invented hands are painted onto canvases and read by `Recognizer`. Strokes,
answers and frames are kept; the page's tests paint the same strokes and must come to the same frames and
answers. Needed after each change of a model in web/public/models, of the framing or of what is made of the
finder's answer or the glimpse reader's.

Filled patches are left out: the page knows what its pen painted, while `Recognizer`, which must tell ink from
paper first, sees the rim of a large one only. For the same reason the finder is not asked about canvases.

Some numbers are also photographed, on paper with rulings, light and grain, some of them light on dark,
touching or in two lines: there the page's finder must see what Python's does, and the page must read what
Python reads by the finder alone, and by finder and line reader.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "tests"))

from handwriting import STROKES  # noqa: E402

from digits import Recognizer, numbers  # noqa: E402
from digits.data import doodles  # noqa: E402
from digits.data.paper import photograph, sheet  # noqa: E402
from digits.data.strokes import fit_box  # noqa: E402
from digits.models import glimpse as glimpse_reader  # noqa: E402
from digits.preprocessing import lattice  # noqa: E402
from digits.preprocessing.finder import SURE, glimpse, see  # noqa: E402
from digits.preprocessing.frame import is_blob  # noqa: E402
from digits.preprocessing.ink import find_ink  # noqa: E402
from digits.preprocessing.lattice import find_hypotheses, layout_of  # noqa: E402
from digits.preprocessing.layout import find_layout  # noqa: E402
from digits.train.memory import learn  # noqa: E402

MODELS = ("mnist_tiny", "handwriting")
LETTERS, SPELT = "characters", 100
"""What reads letters, and how many of the last canvases it is shown."""
DIGITS, DOODLES, NUMBERS, PHOTOS = 450, 50, 60, 20
LEARNT, VOTED = 30, 100
"""So many of the digits a memory knows, and of so many it is kept how it votes."""
SIDE, WIDE = 280, (680, 300)
"""The page's two canvases, in pixels."""
CUT = 1.0
"""What the word of digits that were cut out counts to the page, beside that of the line reader."""
GLANCED = (20, 10, 160, 80)
"""The box on a photo that the glimpse reader is asked about."""
KINDS = ("apart", "light on dark", "touching", "two lines")
"""Of photos."""
TAKEN, SHADES = (238, 105), 64
"""Width and height of a photo, in pixels, and how many shades of grey it has: so its file is small."""

Strokes = list[np.ndarray]


def hand(digit: int, rng: np.random.Generator) -> Strokes:
    """Return a digit as some hand may write it: narrow or wide, leaning, turned and shaky."""
    turn, lean = rng.normal(0, 0.12), rng.normal(0.05, 0.22)
    shape = np.array([[rng.uniform(0.65, 1.15), 0], [-lean, 1]])
    shape = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    waves, phase = rng.uniform(3, 9, 2), rng.uniform(0, 2 * np.pi, 2)
    shake = rng.uniform(0, 0.08)
    strokes = [np.array(stroke, np.float64) for stroke in STROKES[digit]]
    return [(stroke + shake * np.sin(stroke[:, ::-1] * waves + phase)) @ shape for stroke in strokes]


def placed(strokes: Strokes, brush: float, size: float, rng: np.random.Generator) -> Strokes:
    """Return strokes of a longer side of `size` pixels somewhere on the small canvas, in whole pixels."""
    room = (size + brush) / 2 + 2
    return _whole(fit_box(strokes, size, tuple(rng.uniform(room, SIDE - room, 2))))


def row(digits: list[int], brush: float, rng: np.random.Generator, share=1.0, line=0.5, near=1.0) -> Strokes:
    """Return digits side by side on the wide canvas: in a share of its height, so far down, and so much
    nearer than well apart."""
    size = min(0.8 * share * WIDE[1], 0.62 * WIDE[0] / len(digits)) * rng.uniform(0.7, 1)
    step = (WIDE[0] - 20) / len(digits) * near
    strokes = []
    for place, digit in enumerate(digits):
        middle = 10 + (place + 0.5) * step, WIDE[1] * line + rng.normal(0, 8)
        strokes += fit_box(hand(digit, rng), size * rng.uniform(0.85, 1), middle)
    return _whole(strokes)


def paint(strokes: Strokes, brush: float, width: int, height: int) -> np.ndarray:
    """Paint strokes with a round brush, (height, width) uint8, white on black: as web/tests/paint.ts does."""
    y, x = np.mgrid[:height, :width] + 0.5
    distance = np.full((height, width), np.inf)
    for stroke in strokes:
        for (ax, ay), (bx, by) in zip(stroke, stroke[1:], strict=False):
            dx, dy = bx - ax, by - ay
            along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            distance = np.minimum(distance, (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2)
    return np.floor(255 * np.clip(brush / 2 + 0.5 - np.sqrt(distance), 0, 1) + 0.5).astype(np.uint8)


def _whole(strokes: Strokes) -> Strokes:
    return [np.round(stroke).astype(int) for stroke in strokes]


def _number(value: float, digits: int = 5) -> float:
    return round(float(value), digits)


def canvas(strokes: Strokes, rng: np.random.Generator) -> dict:
    """Return strokes of any size and place on the small canvas, and the brush for them."""
    size = rng.uniform(60, 230)
    brush = _number(rng.uniform(8, min(34, 0.2 * size)), 1)
    return {"brush": brush, "strokes": placed(strokes, brush, size, rng)}


def canvases(rng: np.random.Generator) -> Iterator[tuple[dict, np.ndarray]]:
    """Yield all small canvases, strokes and pictures: first digits, then letters and scribbles in turn."""
    kinds = [partial(hand, i % 10) for i in range(DIGITS)]
    kinds += [(doodles.letter, doodles.scribble)[i % 2] for i in range(DOODLES)]
    for draw in kinds:
        while True:
            made = canvas(draw(rng), rng)
            picture = paint(made["strokes"], made["brush"], SIDE, SIDE)
            if not is_blob(picture / np.float32(255)):
                yield made, picture
                break


def photo(kind: str, rng: np.random.Generator) -> tuple[str, np.ndarray]:
    """Return a number, and how it looks photographed on paper, (105, 238) uint8."""
    written = [rng.integers(0, 10, rng.integers(1, 6)).tolist() for _ in range(1 + (kind == "two lines"))]
    brush = _number(rng.uniform(8, 18), 1)
    if kind == "two lines":
        strokes = [
            stroke
            for digits, line in zip(written, (0.27, 0.75), strict=True)
            for stroke in row(digits, brush, rng, 0.5, line)
        ]
    else:
        strokes = row(written[0], brush, rng, near=0.6 if kind == "touching" else 1.0)
    ink = cv2.resize(paint(strokes, brush, *WIDE), TAKEN, interpolation=cv2.INTER_AREA) / np.float32(255)
    paper = sheet(ink.shape, rng, 40, 0.2)
    grey = photograph(paper * (1 - 0.8 * ink) + 0.1 * ink, rng, 0.7)
    if kind == "light on dark":
        grey = 1 - grey
    picture = (np.round(grey * (SHADES - 1)) * (255 // (SHADES - 1))).astype(np.uint8)
    return "".join(str(digit) for digits in written for digit in digits), picture


def seen(picture: np.ndarray, reader: Recognizer) -> dict:
    """Return what the finder sees on a photo, and what is read by it."""
    grey = picture.astype(np.float32) / 255
    found = see(grey)
    plain = [one for one in found.centres if one.digit > SURE]
    inked = cv2.resize(found.ink, (8, 4), interpolation=cv2.INTER_AREA)
    cut = reader._by_finder(find_layout(found), marks=False)
    softer = numbers.TOGETHER if len(cut.written) == 1 else 1.0
    lines = [numbers._Line([line], [CUT], found, numbers.SIZES, softer) for line in cut.written]
    agreed = [one for line in lines for one in line.believed(reader.thresholds["unsure_below"], None).tokens]
    return {
        "text": cut.text.replace("\n", ""),
        "agreed": "".join(one.label or "?" for one in agreed),
        "sure": [_number(one.confidence, 4) for one in agreed],
        "size": found.ink.shape[::-1],
        "centres": [[one.x, one.y, _number(one.width, 1), _number(one.height, 1)] for one in plain],
        "heard": [_number(logit, 3) for logit in glimpse_reader.read(glimpse(grey, GLANCED)[None])[0]],
        "ink": [_number(share, 3) for share in inked.ravel()],
    }


def main() -> None:
    """Paint, read, write."""
    rng = np.random.default_rng(8)
    small, pictures = zip(*canvases(rng), strict=True)
    drawn = patch.object(lattice, "find_inks", lambda picture: ([find_ink(picture)], None))
    with drawn:
        for made, picture in zip(small[DIGITS:], pictures[DIGITS:], strict=True):
            *_, views = find_hypotheses(picture)
            made["heard"] = [_number(logit, 3) for logit in glimpse_reader.read(views)[0]]
    for model in MODELS:
        with drawn:
            readings = Recognizer.load(model).read_digits(list(pictures))
        for made, reading in zip(small, readings, strict=True):
            answer = {"status": reading.status, "digit": reading.digit, "asked": reading.asked}
            answer["probabilities"] = [_number(p) for p in reading.probabilities]
            made.setdefault("answers", {})[model] = answer
    with drawn:
        spelt = Recognizer.load(LETTERS).read_digits(list(pictures[-SPELT:]))
    for made, letter in zip(small[-SPELT:], spelt, strict=True):
        made["letters"] = {"status": letter.status, "label": letter.label}
        made["letters"]["probabilities"] = [_number(p) for p in letter.probabilities]
    frames = np.stack([reading.framed for reading in readings])
    reader, rows = Recognizer.load(MODELS[-1]), []
    shown = np.round(255 * frames).astype(np.uint8)
    memory = learn(reader, shown[:LEARNT], [i % 10 for i in range(LEARNT)], "golden")
    memory.save(HERE / "golden.memory.npz")
    votes = memory.votes(reader.represent(shown[:VOTED])[0])
    for made, voted in zip(small, votes, strict=False):
        made["votes"] = [_number(vote) for vote in voted]
    for _ in range(NUMBERS):
        written = rng.integers(0, 10, rng.integers(2, 7)).tolist()
        brush = _number(rng.uniform(8, 18), 1)
        strokes = row(written, brush, rng)
        layout = layout_of(find_ink(paint(strokes, brush, *WIDE)))  # by rules alone, as the page reads
        (reading,) = reader._numbers([layout])
        boxes = [digit.box for digit in reading.digits]
        rows.append({"brush": brush, "strokes": strokes, "text": reading.text, "boxes": boxes})
        rows[-1]["written"] = "".join(map(str, written))
    photos, made = [], []
    for i in range(PHOTOS):
        written, picture = photo(KINDS[i % len(KINDS)], rng)
        photos.append(picture)
        made.append({"written": written, **seen(picture, reader)})
    text = json.dumps(
        {"canvases": small, "numbers": rows, "photos": made},
        default=np.ndarray.tolist,
        separators=(",", ":"),
    )
    kept = {"canvases.json": text.encode(), "frames": np.round(255 * frames).astype(np.uint8)}
    for name, data in (kept | {"photos": np.stack(photos)}).items():
        (HERE / f"{name}.gz").write_bytes(gzip.compress(bytes(data), mtime=0))
    statuses = [one["answers"][MODELS[-1]]["status"] for one in small]
    print({status: statuses.count(status) for status in sorted(set(statuses))})
    print(sum(number["text"] == number["written"] for number in rows), "of", NUMBERS, "numbers read right")
    for key in ("text", "agreed"):
        print(sum(one[key] == one["written"] for one in made), "of", PHOTOS, f"photos read right ({key})")


if __name__ == "__main__":
    main()
