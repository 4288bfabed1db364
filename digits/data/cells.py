"""Cells of tables on real photos, as the glimpse reader is shown them: printed digits, written ones, none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from digits.config import CLASSES
from digits.data.hands import Writing
from digits.data.scene_targets import Lines, glimpses
from digits.files import read_json
from digits.models.networks import GLIMPSE
from digits.preprocessing.decode import open_picture, to_grey
from digits.preprocessing.finder import even
from digits.preprocessing.finder import glimpse as show
from digits.tables.cells import Look, find_tables

PARTS = 3
"""Into so many the photos are parted, so that those which a network never saw can judge it."""

BLURRED, FAINTEST = 0.25, 3.2
"""Share of the glimpses that are put out of focus, and by how many points at most."""

GREY = 0.15
"""Contrast of an evened picture as it is evened anew."""


@dataclass(frozen=True)
class Cells:
    """Cells with what stands in them."""

    shown: np.ndarray
    """(N, 64, 64, 2) float16, see `finder.glimpse`."""
    labels: np.ndarray
    """(N,) int32, the digit, or `CLASSES` for none."""


@cache
def load_cells(folder: Path, parts: tuple[int, ...] = tuple(range(PARTS))) -> Cells:
    """Cut the cells out of photos of tables.

    Args:
        folder: pictures, and labels.json with the rows of digits on each, 0 for a blank cell. Pictures whose
            names hold the same number show the same table, and are in the same part.
        parts: of the photos, counted from 0.

    Raises:
        ValueError: no such folder or file, or no cell found on any of its photos.
    """
    labels = read_json(folder / "labels.json")
    shown, said = [], []
    for name, part in parts_of(labels).items():
        if part not in parts:
            continue
        grid, looks = find_tables(to_grey(open_picture(folder / name)))[0]
        if grid.shape != np.shape(labels[name]):
            continue
        for look in looks:
            rows, columns = look.place
            label = labels[name][rows.start][columns.start]
            box = _box(look, label)
            if box and rows.stop - rows.start == columns.stop - columns.start == 1:
                shown.append(show(look.grey, box).astype(np.float16))
                said.append(label or CLASSES)
    if not shown:
        raise ValueError(f"{folder} shows no table as its labels.json says; expected photos of tables.")
    return Cells(np.stack(shown), np.array(said, np.int32))


def parts_of(names: Iterable[str]) -> dict[str, int]:
    """Return in which part each of all photos is, by their sorted names; see `load_cells`."""
    numbers = {name: int(re.sub(r"\D", "", name) or 0) for name in sorted(names)}
    order = {number: place for place, number in enumerate(sorted({*numbers.values()}))}
    return {name: order[number] % PARTS for name, number in numbers.items()}


def _box(look: Look, label: int) -> tuple[int, int, int, int] | None:
    """Return what to show of a cell: what is seen in it, else its middle where it is blank."""
    if (seen := look.alone()) is not None:
        return seen.box
    height, width = look.grey.shape
    return None if label else (width // 3, height // 4, width // 3, height // 2)


def mixed(
    writing: Writing, chance: list[int], lines: int, folder: Path, share: float, parts: tuple[int, ...]
) -> Lines:
    """Make a batch of glimpses, of which a share are of real cells; see `scene_targets.glimpses`.

    Returns:
        What is shown (N, 64, 64, 2), and (N, 2) int32: the digit or `CLASSES`, and 1 where it is known not to
        be a nought, which no puzzle holds: nothing is learnt against it.
    """
    rng = np.random.default_rng([*chance, 1])
    real = max(1, round(share * lines))
    made, labels = glimpses(writing, chance, max(1, lines - real))
    number = len(made) * real // max(1, lines - real)
    cells = load_cells(folder, parts)
    chosen = rng.integers(0, len(cells.labels), number)
    shown = [*made, *(_shaken(cells.shown[one].astype(np.float32), rng) for one in chosen)]
    shown = [_blurred(one, rng) if rng.random() < BLURRED else one for one in shown]
    told = np.concatenate([labels[:, 0], cells.labels[chosen]])
    no_nought = np.arange(len(told)) >= len(made)
    return np.stack(shown), np.stack([told, no_nought], axis=1).astype(np.int32)


def _shaken(shown: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn, scale, slant and move a glimpse a little, and add noise."""
    angle, slant, size = rng.normal(0, 0.06, 2).tolist() + [float(np.exp(rng.normal(0, 0.08)))]
    turn = size * np.array([[np.cos(angle), slant - np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.full(2, GLIMPSE / 2)
    matrix = np.column_stack([turn, middle - turn @ middle + rng.normal(0, 1.5, 2)])
    shown = cv2.warpAffine(shown, matrix, (GLIMPSE, GLIMPSE), borderMode=cv2.BORDER_REPLICATE)
    inside = (shown[..., 1] > 0.5).astype(np.float32)
    noise = rng.normal(0, rng.uniform(0, 0.2), inside.shape)
    return np.stack([(shown[..., 0] + noise) * inside, inside], axis=-1).astype(np.float32)


def _blurred(shown: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put a glimpse out of focus, and even it anew."""
    height, width = (int(shown[..., 1].any(axis=axis).sum()) for axis in (1, 0))
    grey = cv2.GaussianBlur(0.5 + GREY * shown[..., 0], (0, 0), rng.uniform(0.5, FAINTEST))
    grey = (grey + rng.normal(0, 0.004, grey.shape)).astype(np.float32)
    blurred = np.zeros_like(shown)
    blurred[:height, :width, 0], blurred[:height, :width, 1] = even(grey[:height, :width]), 1
    return blurred
