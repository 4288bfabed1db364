"""Own handwriting as folders: `my_digits/0/*.png` to `my_digits/9/*.jpg`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits.contract import CLASSES, SUFFIXES
from digits.picture.decode import open_picture


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
