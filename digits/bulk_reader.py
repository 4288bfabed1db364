"""What becomes of one shard of pictures: a row for each.

It joins rooms that do not know each other: shards, and the road of the recognizer.
"""

from pathlib import Path
from typing import Any

from PIL import Image

from digits.batch import read_one
from digits.bulk.items import Item
from digits.bulk.local import Rows
from digits.bulk.sources import Shard
from digits.picture.decode import open_picture
from digits.reading import Reading
from digits.recognizer import Recognizer
from digits.rows import Row

TOGETHER = 16
"""Pictures read in one go: more save no time and cost memory."""

PIXELS = 4 * 2**20
"""Pixels, in all, from which on no further picture is read along."""


class Reader:
    """Reads shards: what every process and actor does, whichever the engine."""

    def __init__(self, model: Path, name: str, sha: str, number: bool, marks: bool):
        self._recognizer, self._number, self._marks = Recognizer.load(model), number, marks
        self._model = {"model": name, "model_sha256": sha}

    @classmethod
    def alone(cls, *arguments: Any) -> "Reader":
        """Return a reader that has a process for itself, beside as many others as there are cores."""
        import cv2

        cv2.setNumThreads(1)
        return cls(*arguments)

    def __call__(self, shard: Shard) -> Rows:
        """Return a row for each picture, in their order; see `digits.bulk.table.schema`."""
        rows, held, pixels = [], [], 0
        for item in shard.items:
            opened = _opened(item)
            held.append((item, opened))
            pixels += opened.width * opened.height if isinstance(opened, Image.Image) else 0
            if len(held) == TOGETHER or pixels > PIXELS:
                rows += self._read(held)
                held, pixels = [], 0
        return rows + self._read(held)

    def _read(self, held: list[tuple[Item, Image.Image | str]]) -> Rows:
        pictures = [opened for _, opened in held if isinstance(opened, Image.Image)]
        readings = iter(self._readings(pictures))
        rows = []
        for item, opened in held:
            name = f"{item.source}/{item.key}"
            row = Row(name, error=opened) if isinstance(opened, str) else next(readings)
            rows.append({"source": item.source, "key": item.key} | self._answer(row) | self._model)
        return rows

    def _readings(self, pictures: list[Image.Image]) -> list[Row]:
        if not self._number:
            try:
                return [Row("", reading) for reading in self._recognizer.read_digits(pictures)]
            except Exception:  # which one it was, is found out one by one
                pass
        return [read_one(self._recognizer, "", picture, self._number, self._marks) for picture in pictures]

    def _answer(self, row: Row) -> dict[str, Any]:
        if row.reading is None:
            return {"status": "error", "error": row.error}
        answer = {"status": row.status, "confidence": row.confidence}
        if not isinstance(row.reading, Reading):
            return answer | {"text": row.text, "digits": [_digit(digit) for digit in row.digits]}
        probabilities = row.reading.probabilities.tolist()
        return answer | {"digit": row.reading.digit, "probabilities": probabilities}


def _digit(reading: Reading) -> dict[str, Any]:
    return {
        "digit": reading.digit,
        "status": reading.status,
        "confidence": reading.confidence,
        "box": list(reading.box or ()),
    }


def _opened(item: Item) -> Image.Image | str:
    """Open a picture, or return in a sentence why it cannot be opened."""
    try:
        return open_picture(item.open())
    except (ValueError, OSError) as error:
        return str(error)
