"""Own handwriting, as pictures in folders or as pen strokes, brought along the road to frames.

It joins rooms that do not know each other: data, which finds the digits, and the road of the recognizer.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.contract import CLASSES
from digits.data.folders import balance, load_folder, source_of
from digits.data.strokes import draw, fit_box, load_strokes
from digits.recognizer import prepare

CANVAS = 140  # strokes are drawn at half the app's canvas: four times as fast, and the road evens it out
BRUSHES = (3.0, 14.0)
SIZES = (0.35, 0.85)  # longer side of a drawn digit, as a share of the canvas


@dataclass(frozen=True)
class OwnDigits:
    """Framed digits of some people's hand."""

    frames: np.ndarray
    """(N, 28, 28) uint8, bright ink on black."""
    labels: np.ndarray
    """(N,) int64."""
    sources: np.ndarray
    """(N,) str: who or where each comes from - a strokes file's source, or a picture's name up to - or _."""
    ids: np.ndarray
    """(N,) int64, the number of each digit in its file or folder: the same for every drawing of it."""
    skipped: list[str]
    """Why digits were left out, a sentence each."""

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, chosen: np.ndarray) -> "OwnDigits":
        """Return the digits where `chosen` (N,) is true."""
        return OwnDigits(*(array[chosen] for array in self._arrays()), self.skipped)

    def once(self) -> "OwnDigits":
        """Return the first drawing of each digit."""
        first = np.zeros(len(self), bool)
        first[np.unique(self.ids, return_index=True)[1]] = True
        return self.part(first)

    def counts(self) -> str:
        """Return the number of digits per class in a line, e.g. "0: 12, 1: 9, ..."."""
        return balance(self.labels)

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.frames, self.labels, self.sources, self.ids


def load(path: Path, seed: int = 0, renders: int = 1) -> OwnDigits:
    """Read a folder with the folders 0 to 9, or a strokes file (.npz), and frame every digit.

    Args:
        path: the folder or file.
        seed: of the random brush, size and place with which strokes are drawn.
        renders: how often strokes are drawn; pictures always come once.

    Raises:
        ValueError: neither, or nothing in it that can be used; the message says what was expected.
    """
    path = Path(path)
    if path.suffix == ".npz":
        pictures, labels, sources, ids = _drawn(path, seed, renders)
        skipped = []
    else:
        folder = load_folder(path)
        pictures, labels, ids = folder.pictures(), folder.labels, np.arange(len(folder.labels))
        sources = np.array([source_of(file) for file in folder.paths])
        skipped = [reason for _, reason in folder.skipped]
    frames, kept = [], []
    for number, picture in enumerate(pictures):
        reading = prepare(picture)
        if reading.status == "digit":
            frames.append(np.round(reading.framed * 255).astype(np.uint8))
            kept.append(number)
        else:
            skipped.append(f"Picture {ids[number] + 1} of {path} is no single digit: {reading.status}.")
    if not frames:
        raise ValueError(f"{path} holds no picture of a single digit ({len(skipped)} left out).")
    return OwnDigits(np.stack(frames), labels[kept], sources[kept], ids[kept], skipped)


def hold_out(own: OwnDigits, sources: tuple[str, ...], share: float, seed: int) -> np.ndarray:
    """Choose the digits to judge on, (N,) bool: all of the named sources, else a share of every class.

    Raises:
        ValueError: a source does not occur, or nothing would be left on one side.
    """
    if sources:
        known = sorted(set(own.sources))
        strangers = [source for source in sources if source not in known]
        if strangers:
            raise ValueError(
                f"Source {strangers[0]!r} does not occur; expected one of: {', '.join(known)[:300]}."
            )
        chosen = np.isin(own.sources, sources)
    else:
        chosen = np.zeros(len(own), bool)
        rng = np.random.default_rng(seed)
        for digit in range(CLASSES):
            ids = rng.permutation(np.unique(own.ids[own.labels == digit]))
            chosen |= np.isin(own.ids, ids[: round(share * len(ids))])
    if not chosen.any() or chosen.all():
        raise ValueError(
            f"Of {len(own)} digits, {int(chosen.sum())} would be held out; expected some on either side."
        )
    return chosen


def _drawn(path: Path, seed: int, renders: int):
    """Return an iterator of canvases, and labels, sources and ids, each drawing of all digits in turn."""
    strokes = load_strokes(path)
    if not np.isin(strokes.labels, range(CLASSES)).all():
        raise ValueError(f"{path} has labels other than 0 to 9; expected digits only.")
    ids = np.tile(np.arange(len(strokes)), renders)
    rng = np.random.default_rng(seed)
    pictures = (_draw_somewhere(strokes[number], rng) for number in ids)
    return pictures, strokes.labels.astype(np.int64)[ids], strokes.source.astype(str)[ids], ids


def _draw_somewhere(strokes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw one digit with a random brush, size and place on a canvas."""
    size = rng.uniform(*SIZES) * CANVAS
    brush = rng.uniform(BRUSHES[0], min(BRUSHES[1], size / 5))
    slack = (CANVAS - size - brush) / 2
    centre = CANVAS / 2 + rng.uniform(-slack, slack, 2)
    return draw(fit_box(strokes, size, tuple(centre)), CANVAS, brush)
