"""Own handwriting, as pictures in folders or as pen strokes, brought along the road to frames.

It joins rooms that do not know each other: data, which finds the digits, and the road of a picture.

Own handwriting as folders: `my_digits/0/*.png` to `my_digits/9/*.jpg`.

What own digits must be before a model is taught with them. Without TensorFlow: pages ask first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits.config import CLASSES, OUTLIER, SUFFIXES
from digits.data.strokes import StrokeSet, draw_anyhow, draw_somewhere, load_strokes
from digits.preprocessing.decode import open_picture
from digits.preprocessing.frame import frame, is_blob
from digits.preprocessing.lattice import frame_single


@dataclass(frozen=True)
class DigitFolder:
    """Pictures with labels, and the files that were left out."""

    paths: list[Path]
    labels: np.ndarray
    """(N,) int64, the digit each path's folder names."""
    skipped: list[tuple[Path, str]]
    """Files that could not be used, each with the reason in a sentence."""

    def pictures(self) -> Iterator[Image.Image]:
        """Open one picture after the other."""
        return (open_picture(path) for path in self.paths)

    def balance(self) -> str:
        """Return the number of pictures per digit in a line, e.g. "0: 12, 1: 9, ..."."""
        return balance(self.labels)


def balance(labels: np.ndarray) -> str:
    """Return how often each digit occurs among labels (N,), e.g. "0: 12, 1: 9, ..."."""
    counts = np.bincount(labels, minlength=CLASSES)
    return ", ".join(f"{digit}: {count}" for digit, count in enumerate(counts))


def source_of(path: Path) -> str:
    """Return who or where a picture comes from: its name up to the first - or _."""
    return re.split("[-_]", path.stem)[0]


def load_folder(folder: Path) -> DigitFolder:
    """Find and check the pictures of a digit folder; bad ones are skipped, with the reason.

    Raises:
        ValueError: no such folder, or no usable picture in its folders 0 to 9; says what was expected.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; expected one with the folders 0 to 9 in it.")
    paths, labels, skipped = [], [], []
    for path in sorted(folder.glob("[0-9]/*")):
        problem = _problem(path)
        if problem:
            skipped.append((path, problem))
        else:
            paths.append(path)
            labels.append(int(path.parent.name))
    if not paths:
        raise ValueError(
            f"{folder} holds no usable picture; expected PNG or JPEG files in its folders 0 to 9 "
            f"({len(skipped)} files skipped)."
        )
    return DigitFolder(paths, np.array(labels, dtype=np.int64), skipped)


def _problem(path: Path) -> str | None:
    if path.suffix.lower() not in SUFFIXES:
        return f"{path} has no picture's ending; expected one of {', '.join(sorted(SUFFIXES))}."
    try:
        open_picture(path)
    except ValueError as error:
        return str(error)
    return None


@dataclass(frozen=True)
class Handwriting:
    """Framed digits of some people's hand."""

    frames: np.ndarray
    """(N, 28, 28) uint8, bright ink on black."""
    labels: np.ndarray
    """(N,) int64, 0 to 9, or 10 for what is no digit."""
    sources: np.ndarray
    """(N,) str: who or where each comes from - a strokes file's source, or a picture's name up to - or _."""
    ids: np.ndarray
    """(N,) int64, the number of each digit in its file or folder: the same for every drawing of it."""
    names: np.ndarray
    """(N,) str, what each is called: a picture's file name, or "sample 17" of a strokes file."""
    skipped: list[str]
    """Why digits were left out, a sentence each."""

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, chosen: np.ndarray) -> "Handwriting":
        """Return the digits where `chosen` (N,) is true."""
        frames, labels, sources, ids, names = (array[chosen] for array in self._arrays())
        return Handwriting(frames, labels, sources, ids, names, self.skipped)

    def and_also(self, others: "Handwriting") -> "Handwriting":
        """Return these digits and others of the same file or folder."""
        pairs = zip(self._arrays(), others._arrays(), strict=True)
        frames, labels, sources, ids, names = (np.concatenate(pair) for pair in pairs)
        return Handwriting(frames, labels, sources, ids, names, self.skipped)

    def once(self) -> "Handwriting":
        """Return the first drawing of each digit."""
        first = np.zeros(len(self), bool)
        first[np.unique(self.ids, return_index=True)[1]] = True
        return self.part(first)

    def counts(self) -> str:
        """Return the number of digits per class in a line, e.g. "0: 12, 1: 9, ..."."""
        return balance(self.labels)

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.frames, self.labels, self.sources, self.ids, self.names


def load(path: Path, seed: int = 0, renders: int = 1) -> Handwriting:
    """Read a folder with the folders 0 to 9, or a strokes file (.npz), and frame every digit.

    Args:
        path: the folder or file.
        seed: of the random pen, size and place with which strokes are drawn.
        renders: how often strokes are drawn: once on a canvas, then in any way; pictures come once.

    Raises:
        ValueError: neither, or nothing in it that can be used; the message says what was expected.
    """
    path = Path(path)
    if path.suffix == ".npz":
        strokes = load_strokes(path)
        if not np.isin(strokes.labels, range(CLASSES)).all():
            raise ValueError(f"{path} has labels other than 0 to 9; expected digits only.")
        return _drawn(path, strokes, strokes.labels, seed, renders)
    return _from_folder(load_folder(path), path)


def load_outliers(path: Path, seed: int = 0, renders: int = 1) -> Handwriting:
    """Read a strokes file of what is no digit, whatever its labels, and frame all of it; see `load`.

    Returns:
        Samples whose labels are all `OUTLIER`.

    Raises:
        ValueError: not a strokes file, or it holds digits.
    """
    strokes = load_strokes(path)
    digits = np.isin(strokes.labels.astype(str), [str(digit) for digit in range(CLASSES)])
    if digits.any():
        raise ValueError(f"{path} labels {int(digits.sum())} samples 0 to 9; expected no digits.")
    return _drawn(path, strokes, np.full(len(strokes), OUTLIER), seed, renders)


def hold_out(own: Handwriting, sources: tuple[str, ...], share: float, seed: int) -> np.ndarray:
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
        for label in range(OUTLIER + 1):
            ids = rng.permutation(np.unique(own.ids[own.labels == label]))
            chosen |= np.isin(own.ids, ids[: round(share * len(ids))])
    if not chosen.any() or chosen.all():
        raise ValueError(
            f"Of {len(own)} digits, {int(chosen.sum())} would be held out; expected some on either side."
        )
    return chosen


def _from_folder(folder: DigitFolder, path: Path) -> Handwriting:
    """Bring pictures along the road, as far as the network."""
    frames, kept, skipped = [], [], [reason for _, reason in folder.skipped]
    for number, picture in enumerate(folder.pictures()):
        reading = frame_single(picture)
        if reading.status == "digit":
            frames.append(to_uint8(reading.framed))
            kept.append(number)
        else:
            skipped.append(f"{folder.paths[number]} is no single digit: {reading.status}.")
    if not frames:
        raise ValueError(f"{path} holds no picture of a single digit ({len(skipped)} left out).")
    sources = np.array([source_of(file) for file in folder.paths])[kept]
    names = np.array([file.name for file in folder.paths])[kept]
    return Handwriting(np.stack(frames), folder.labels[kept], sources, np.array(kept), names, skipped)


def _drawn(path: Path, strokes: StrokeSet, labels: np.ndarray, seed: int, renders: int) -> Handwriting:
    """Draw all samples, so many times over: once on a canvas, then in any way there is.

    A drawing is its own ink map: there is no paper to find it on, nor anything beside it.
    """
    rng = np.random.default_rng(seed)
    frames, ids, skipped = [], [], []
    for turn in range(renders):
        way = draw_anyhow if turn else draw_somewhere
        for number in range(len(strokes)):
            ink = way(strokes[number], rng).astype(np.float32) / 255
            if is_blob(ink):
                skipped.append(f"Drawing {turn + 1} of sample {number + 1} of {path} is a blot.")
                continue
            frames.append(to_uint8(frame(ink).image))
            ids.append(number)
    if not frames:
        raise ValueError(f"{path} holds nothing but blots; expected digits or letters.")
    labels, sources = labels.astype(np.int64), strokes.source.astype(str)
    names = np.array([f"sample {number + 1}" for number in ids])
    return Handwriting(np.stack(frames), labels[ids], sources[ids], np.array(ids), names, skipped)


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Return a frame (28, 28) float32 in [0, 1] as uint8, the form in which many are kept."""
    return np.round(image * 255).astype(np.uint8)


LEAST = 3
"""Own digits of each class: with fewer there is nothing to hold out for a judgement."""


ROUGH = 100
"""Digits in all: with fewer, those held out are so few that one of them moves the figures by points."""

LOPSIDED = 5
"""How many times as many digits one class may have as another."""


def unfit(counts: np.ndarray) -> str | None:
    """Return why nothing can be taught with so many digits, in a sentence with the numbers, or None.

    Args:
        counts: (10,) own digits of each class, 0 or more.

    Raises:
        ValueError: counts of another shape, or below 0.
    """
    counts = np.asarray(counts)
    if counts.shape != (CLASSES,) or counts.min() < 0:
        raise ValueError(f"Counts {counts.tolist()}; expected {CLASSES} numbers, 0 or more.")
    present = np.flatnonzero(counts)
    if len(present) == 0:
        return f"There are no digits yet; expected {LEAST} or more of each."
    if len(present) == 1:
        return (
            f"All {counts.sum()} digits are {present[0]}s: a model would learn to answer nothing else; "
            f"expected {LEAST} or more of each digit."
        )
    few = np.flatnonzero(counts < LEAST)
    if len(few) == 0:
        return None
    parts = [f"digit {digit} has {counts[digit] or 'none'}" for digit in few]
    words = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"{words[0].upper()}{words[1:]}; expected {LEAST} or more of each."


def doubts(counts: np.ndarray) -> list[str]:
    """Return what to know before teaching with so many digits, a sentence each; for those that are fit.

    Args:
        counts: as in `unfit`.
    """
    counts, found = np.asarray(counts), []
    if counts.sum() < ROUGH:
        found.append(
            f"You have {counts.sum()} digits, and a fifth of them is held out to judge the lesson: its "
            f"figures will be rough. From {ROUGH} on they say more."
        )
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[most] > LOPSIDED * counts[least]:
        numbers = f"Digit {most} has {counts[most]} and digit {least} only {counts[least]}"
        found.append(f"{numbers}: a few more {least}s help.")
    return found
