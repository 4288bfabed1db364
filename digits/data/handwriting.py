"""Own handwriting - pictures in folders 0 to 9, or pen strokes - brought along the road to frames.

my_digits/0/*.png ... my_digits/9/*.jpg     and perhaps frames.npz: what the road made of them before
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.config import CLASSES, FRAME_VERSION, OUTLIER, SIDE, SUFFIXES
from digits.data.strokes import StrokeSet, draw_anyhow, draw_somewhere, load_strokes
from digits.files import read_npz
from digits.plots.text import articles, listed
from digits.preprocessing.decode import open_picture
from digits.preprocessing.frame import frame, is_blob, to_uint8
from digits.preprocessing.lattice import frame_single

FRAMES = "frames.npz"
"""The file of a digit folder with frames of its pictures, see `save_frames`."""

LEAST = 3
"""Own digits of each class: with fewer there is nothing to hold out for a judgement."""

ROUGH = 100
"""Digits in all: with fewer, those held out are so few that one of them moves the figures by points."""

LOPSIDED = 5
"""How many times as many digits one class may have as another."""


@dataclass(frozen=True)
class DigitFolder:
    """Pictures with labels, and the files that were left out."""

    paths: list[Path]
    labels: np.ndarray
    """(N,) int64, the digit each path's folder names."""
    skipped: list[tuple[Path, str]]
    """Files that could not be used, each with the reason in a sentence."""


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

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.frames, self.labels, self.sources, self.ids, self.names


def balance(labels: np.ndarray) -> str:
    """Return how often each digit occurs among labels (N,), e.g. "0: 12, 1: 9, ..."."""
    counts = np.bincount(labels, minlength=CLASSES)
    return ", ".join(f"{digit}: {count}" for digit, count in enumerate(counts))


def source_of(path: Path) -> str:
    """Return who or where a picture comes from: its name up to the first - or _."""
    return re.split("[-_]", path.stem)[0]


def load_folder(folder: Path, known: Container[str] = ()) -> DigitFolder:
    """Find and check the pictures of a digit folder; bad ones are skipped, with the reason.

    Args:
        folder: with the folders 0 to 9.
        known: pictures, as in "4/own-3.png", that need not be opened to be checked.

    Raises:
        ValueError: no such folder, or no usable picture in its folders 0 to 9; says what was expected.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; expected one with the folders 0 to 9 in it.")
    paths, labels, skipped = [], [], []
    for path in sorted(folder.glob("[0-9]/*")):
        problem = None if _key(path) in known else _problem(path)
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


def save_frames(folder: Path, frames: Mapping[str, np.ndarray]) -> None:
    """Keep beside the pictures of a digit folder what the road makes of them, so that it is not made again.

    Args:
        folder: with the folders 0 to 9.
        frames: by folder and name of the picture, as in "4/own-3.png": (28, 28) float32 in [0, 1], of
            today's framing.
    """
    shown = np.stack([to_uint8(image) for image in frames.values()])
    np.savez(folder / FRAMES, version=np.array(FRAME_VERSION), names=np.array(list(frames)), frames=shown)


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
    if path.suffix != ".npz":
        return _from_folder(path)
    strokes = load_strokes(path)
    if not np.isin(strokes.labels, range(CLASSES)).all():
        raise ValueError(f"{path} has labels other than 0 to 9; expected digits only.")
    return _drawn(path, strokes, strokes.labels, seed, renders)


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
        unknown = [source for source in sources if source not in known]
        if unknown:
            raise ValueError(
                f"Source {unknown[0]!r} does not occur; expected one of: {', '.join(known)[:300]}."
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


def framed(inks: Iterable[np.ndarray]) -> np.ndarray:
    """Return frames (N, 28, 28) uint8 of ink maps (h, w) float32 in [0, 1], ink bright."""
    frames = [to_uint8(frame(ink)) for ink in inks]
    return np.stack(frames) if frames else np.zeros((0, SIDE, SIDE), np.uint8)


def unfit(counts: np.ndarray) -> str | None:
    """Return why nothing can be taught with so many digits, in a sentence with the numbers, or None.

    Args:
        counts: (10,) own digits of each class.
    """
    present = np.flatnonzero(counts)
    if len(present) == 0:
        return f"There are no digits yet; expected {LEAST} or more of each."
    if len(present) == 1:
        n, digit = counts.sum(), present[0]
        all_of_them = articles(f"The only digit is a {digit}") if n == 1 else f"All {n} digits are {digit}s"
        return (
            f"{all_of_them}: a model would learn to answer nothing else; "
            f"expected {LEAST} or more of each digit."
        )
    few = np.flatnonzero(counts < LEAST)
    if len(few) == 0:
        return None
    parts = [f"digit {digit} has {counts[digit] or 'none'}" for digit in few]
    words = listed(parts)
    return f"{words[0].upper()}{words[1:]}; expected {LEAST} or more of each."


def doubts(counts: np.ndarray) -> list[str]:
    """Return what to know before teaching with so many digits, a sentence each; for those that are fit.

    Args:
        counts: as in `unfit`.
    """
    found = []
    if counts.sum() < ROUGH:
        found.append(
            f"You have {counts.sum()} digits, and a fifth of them is held out to judge the result: its "
            f"figures will be rough. From {ROUGH} on they say more."
        )
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[most] > LOPSIDED * counts[least]:
        numbers = f"Digit {most} has {counts[most]} and digit {least} only {counts[least]}"
        found.append(f"{numbers}: a few more {least}s help.")
    return found


def _problem(path: Path) -> str | None:
    if path.suffix.lower() not in SUFFIXES:
        return f"{path} has no picture's ending; expected one of {', '.join(sorted(SUFFIXES))}."
    try:
        open_picture(path)
    except ValueError as error:
        return str(error)
    return None


def _key(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _saved_frames(folder: Path) -> dict[str, np.ndarray]:
    """Return the frames that `save_frames` kept, (28, 28) uint8 by name; none that another framing made."""
    if not (folder / FRAMES).exists():
        return {}
    version, names, frames = read_npz(folder / FRAMES, ("version", "names", "frames")).values()
    return dict(zip(names.tolist(), frames, strict=True)) if version == FRAME_VERSION else {}


def _from_folder(path: Path) -> Handwriting:
    """Bring pictures along the road, as far as the network, unless their frames are there."""
    saved = _saved_frames(path)
    folder = load_folder(path, saved)
    frames, kept, skipped = [], [], [reason for _, reason in folder.skipped]
    for number, file in enumerate(folder.paths):
        if (known := saved.get(_key(file))) is not None:
            frames.append(known)
            kept.append(number)
            continue
        reading = frame_single(open_picture(file))
        if reading.status == "digit":
            frames.append(to_uint8(reading.framed))
            kept.append(number)
        else:
            skipped.append(f"{file} is no single digit: {reading.status}.")
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
            frames.append(to_uint8(frame(ink)))
            ids.append(number)
    if not frames:
        raise ValueError(f"{path} holds nothing but blots; expected digits or letters.")
    labels, sources = labels.astype(np.int64), strokes.source.astype(str)
    names = np.array([f"sample {number + 1}" for number in ids])
    return Handwriting(np.stack(frames), labels[ids], sources[ids], np.array(ids), names, skipped)
