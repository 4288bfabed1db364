"""Readings whose boxes a person moved, added, divided or joined: what is in those is read anew.

A box has a key, by which it is known however often the picture is read: of a digit where it was first found,
of a cell the rows and columns that it takes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from digits.preprocessing.components import Box
from digits.preprocessing.decode import SMALLEST, to_grey
from digits.reading import SURELY_BLANK, Cell, NumberReading, Reading, TableReading
from digits.recognizer import Recognizer
from digits.tables.read import read_cell

MOST_DRAWN = 1000
"""Boxes that a person may draw on a picture."""

RIM = 0.05
"""Share of the sides of a cell, at each end, that is left out when it is read anew: lines are there."""

AROUND = 0.03
"""Shown around a table, as a share of its longer side."""

MIDDLE = 0.25
"""A digit is divided no nearer to its ends than this share of its width."""

CELL = re.compile(r"(\d{1,4}),(\d{1,4}),(\d{1,4}),(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Edits:
    """What a person did to the boxes of a picture, and said of them. By key."""

    said: Mapping[str, str] = field(default_factory=dict)
    """What is written in them."""
    boxes: Mapping[str, Box] = field(default_factory=dict)
    """Drawn by the person: where they are, in pixels of the upright picture."""
    gone: frozenset[str] = frozenset()
    """Others are in their place."""

    def say(self, key: str, text: str | None) -> "Edits":
        """Return them with what a box says; None takes that back."""
        said = {other: text for other, text in self.said.items() if other != key}
        return replace(self, said=said if text is None else {**said, key: text})

    def draw(self, boxes: Mapping[str, Box], gone: Iterable[str] = ()) -> "Edits":
        """Return them with new boxes, of which nothing was said yet, in place of others.

        Raises:
            ValueError: these are more than `MOST_DRAWN`.
        """
        gone = set(gone) - set(boxes)
        drawn = {key: box for key, box in {**self.boxes, **boxes}.items() if key not in gone}
        if len(drawn) > MOST_DRAWN:
            raise ValueError(f"{len(drawn):,} boxes are drawn; expected at most {MOST_DRAWN:,}.")
        said = {key: text for key, text in self.said.items() if key not in gone and key not in boxes}
        return Edits(said, drawn, (self.gone | gone) - set(boxes))


@dataclass(frozen=True)
class View:
    """A picture as it is shown: turned by quarters until its table stands upright, and cut out."""

    picture: np.ndarray
    """(h, w, 3) uint8 RGB."""
    turns: int
    """Quarters against the clock."""
    corner: tuple[int, int]
    """x and y of its first pixel in the turned picture."""
    size: tuple[int, int]
    """Width and height of the whole picture, as it was before."""

    @classmethod
    def whole(cls, picture: np.ndarray) -> "View":
        """Return the view of a picture (H, W, 3) uint8 RGB as it is."""
        return cls(picture, 0, (0, 0), (picture.shape[1], picture.shape[0]))

    @classmethod
    def of_table(cls, picture: np.ndarray, table: TableReading, others: Iterable[Box] = ()) -> "View":
        """Return the view of a table, and of other boxes, on a picture (H, W, 3) uint8 RGB, upright as its
        EXIF data says."""
        whole = cls(picture, _quarters(table), (0, 0), (picture.shape[1], picture.shape[0]))
        x, y, w, h = np.array([whole.box(box) for box in (*(cell.box for cell in table.cells), *others)]).T
        rim = round(AROUND * max(int((x + w).max() - x.min()), int((y + h).max() - y.min())))
        left, top = max(0, int(x.min()) - rim), max(0, int(y.min()) - rim)
        part = np.rot90(picture, whole.turns)[top : (y + h).max() + rim, left : (x + w).max() + rim]
        return replace(whole, picture=np.ascontiguousarray(part), corner=(left, top))

    def box(self, box: Box) -> Box:
        """Return where a box of the whole picture stands on it."""
        (x, y, w, h), (width, height) = box, self.size
        for _ in range(self.turns):
            x, y, w, h = y, width - x - w, h, w
            width, height = height, width
        return x - self.corner[0], y - self.corner[1], w, h

    def back(self, box: Box) -> Box:
        """Return where a box of it stands on the whole picture."""
        x, y, w, h = box[0] + self.corner[0], box[1] + self.corner[1], *box[2:]
        width, height = self.size if self.turns % 2 == 0 else self.size[::-1]
        for _ in range(self.turns):
            x, y, w, h = height - y - h, x, h, w
            width, height = height, width
        return x, y, w, h

    def clipped(self, box: Sequence[float]) -> Box:
        """Return what of a box is on it, in whole pixels.

        Raises:
            ValueError: that is not four numbers, or too small to be read.
        """
        height, width = self.picture.shape[:2]
        sides = np.array(box, float) if len(box) == 4 else np.full(4, np.nan)
        if not np.isfinite(sides).all():
            raise ValueError("A box is not x, y, width and height.")
        ends = [*sides[:2], *(sides[:2] + sides[2:])]
        x, y, right, foot = (
            round(float(np.clip(end, 0, most)))
            for end, most in zip(ends, (width, height, width, height), strict=True)
        )
        if right - x < SMALLEST or foot - y < SMALLEST:
            raise ValueError(
                f"A box of {right - x} x {foot - y} pixels; expected {SMALLEST} or more on each side."
            )
        return x, y, right - x, foot - y


def _quarters(table: TableReading) -> int:
    """Return by how many quarters against the clock a picture is turned until its table's rows run to the
    right."""
    x, y, w, h = np.array([cell.box for cell in table.cells], float).T
    centres = np.stack([x + w / 2, y + h / 2])
    rows = np.array([cell.row + cell.rows / 2 for cell in table.cells])
    columns = np.array([cell.column + cell.columns / 2 for cell in table.cells])
    if table.shape[1] > 1:
        right, down = centres @ (columns - columns.mean())
    else:
        left, right = centres @ (rows - rows.mean())
        down = -left
    return round(float(np.arctan2(down, right)) / (np.pi / 2)) % 4


def read_box(reader: Recognizer, view: View, box: Box, marks: bool) -> NumberReading:
    """Read the cell in a box of a view, in pixels of the whole picture, without its `RIM`."""
    x, y, w, h = view.box(box)
    aside, above = (max(0, min(round(RIM * side), (side - SMALLEST) // 2)) for side in (w, h))
    left, top = max(0, x + aside), max(0, y + above)
    part = np.ascontiguousarray(view.picture[top : y + h - above, left : x + w - aside])
    if min(part.shape[:2]) < SMALLEST:
        return NumberReading([], marks)
    high, wide = part.shape[:2]
    ends = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32) - np.float32(0.5)
    number = read_cell(to_grey(part), ends, reader, marks).number

    def there(token: Reading | str) -> Reading | str:
        if isinstance(token, str) or token.box is None:
            return token
        a, b, w, h = token.box
        return replace(token, box=view.back((a + left, b + top, w, h)))

    return replace(number, written=[list(map(there, line)) for line in number.written])


def read_one(reader: Recognizer, view: View, box: Box) -> Reading:
    """Read the digit in a box of a view, in pixels of the whole picture; where there is not one, it is no
    digit."""
    x, y, w, h = view.box(box)
    one = reader.read_digit(np.ascontiguousarray(view.picture[max(0, y) : y + h, max(0, x) : x + w]))
    if one.status in ("blank", "several"):
        one = replace(one, status="not_a_digit", index=None)
    return replace(one, box=box)


def digit_key(digit: Reading) -> str:
    """Return the key of a digit's box."""
    return ",".join(map(str, digit.box or ()))


def cell_key(cell: Cell) -> str:
    """Return the key of a cell."""
    return f"{cell.row},{cell.column},{cell.rows},{cell.columns}"


def edited_number(
    number: NumberReading, edits: Edits, read: Callable[[Box], Reading]
) -> tuple[NumberReading, list[str]]:
    """Return a number with the boxes that a person drew, and the keys of its digits.

    Args:
        number: as it was read.
        edits: of boxes; those that it does not have are passed over.
        read: reads the digit in a box.
    """
    lines: list[list[tuple[str, Reading | str]]] = [
        [
            (digit_key(one) if isinstance(one, Reading) else "", one)
            for one in line
            if isinstance(one, str) or digit_key(one) not in {*edits.gone, *edits.boxes}
        ]
        for line in number.written
    ]
    for key, box in edits.boxes.items():
        _insert(lines, key, read(box))
    kept = [line for line in lines if any(key for key, _ in line)]
    keys = [key for line in kept for key, _ in line if key]
    return replace(number, written=[[one for _, one in line] for line in kept]), keys


def _insert(lines: list[list[tuple[str, Reading | str]]], key: str, digit: Reading) -> None:
    """Put a digit into the line that is beside it, or into one of its own."""
    x, y, w, h = digit.box or (0, 0, 0, 0)
    spans = [_span(line) for line in lines]
    shared = [min(y + h, foot) - max(y, top) for top, foot in spans]
    best = int(np.argmax(shared)) if shared else -1
    if best < 0 or shared[best] <= 0.3 * h:
        above = sum(top + foot < 2 * y + h for top, foot in spans)
        lines.insert(above, [(key, digit)])
        return
    line = lines[best]
    behind = (
        place
        for place, (_, one) in enumerate(line)
        if isinstance(one, Reading) and one.box and 2 * one.box[0] + one.box[2] > 2 * x + w
    )
    line.insert(next(behind, len(line)), (key, digit))


def _span(line: list[tuple[str, Reading | str]]) -> tuple[float, float]:
    """Return where a line usually begins and ends, from above; infinitely far down without a box."""
    boxes = [one.box for _, one in line if isinstance(one, Reading) and one.box]
    if not boxes:
        return np.inf, np.inf
    top, foot = (np.median(ends) for ends in zip(*((y, y + h) for _, y, _, h in boxes), strict=True))
    return float(top), float(foot)


def edited_table(table: TableReading, edits: Edits, read: Callable[[Box], NumberReading]) -> TableReading:
    """Return a table with the cells that a person drew.

    Args:
        table: as it was read.
        edits: of cells; those that it does not have are passed over.
        read: reads what is in a box.
    """
    drawn = [_drawn_cell(key, read(box), box) for key, box in edits.boxes.items() if CELL.fullmatch(key)]
    taken = {place for cell in drawn for place in _places(cell)}
    kept = [
        cell
        for cell in table.cells
        if cell_key(cell) not in {*edits.gone, *edits.boxes} and not taken & _places(cell)
    ]
    cells = sorted([*kept, *drawn], key=lambda cell: cell.place)
    shape = max(cell.row + cell.rows for cell in cells), max(cell.column + cell.columns for cell in cells)
    return replace(table, shape=shape, cells=cells)


def _places(cell: Cell) -> set[tuple[int, int]]:
    rows, columns = range(cell.row, cell.row + cell.rows), range(cell.column, cell.column + cell.columns)
    return set(product(rows, columns))


def _drawn_cell(key: str, number: NumberReading, box: Box) -> Cell:
    row, column, rows, columns = map(int, key.split(","))
    sure = float(np.prod([digit.confidence for digit in number.digits])) if number.digits else SURELY_BLANK
    return Cell(number, row, column, box, sure, rows, columns)


def divided_digit(view: View, box: Box) -> dict[str, Box]:
    """Return the two boxes, with keys, into which a box is divided where the least ink is."""
    x, y, w, h = view.box(box)
    if w < 2 * SMALLEST:
        raise ValueError(f"This box is {w} pixels wide, too narrow to be divided.")
    grey = to_grey(np.ascontiguousarray(view.picture[max(0, y) : y + h, max(0, x) : x + w]))
    ink = np.abs(grey - np.median(grey)).sum(axis=0)
    ends = max(SMALLEST, round(MIDDLE * w))
    off = np.abs(np.arange(len(ink)) - len(ink) / 2) / len(ink)  # of equal places the one in the middle
    cut = ends + int(np.argmin((ink + 1e-3 * off)[ends : len(ink) - ends + 1]))
    return {
        ",".join(map(str, part)): part for part in map(view.back, [(x, y, cut, h), (x + cut, y, w - cut, h)])
    }


def divided_cell(view: View, cell: Cell) -> dict[str, Box]:
    """Return the boxes, with keys, of the places that a cell takes.

    Raises:
        ValueError: it takes one alone.
    """
    if cell.rows * cell.columns == 1:
        raise ValueError("This cell takes one row and one column; there is nothing to divide.")
    x, y, w, h = view.box(cell.box)
    across, down = (
        np.round(np.linspace(first, first + long, many + 1)).astype(int).tolist()
        for first, long, many in ((x, w, cell.columns), (y, h, cell.rows))
    )
    return {
        f"{cell.row + i},{cell.column + j},1,1": view.back(
            (across[j], down[i], across[j + 1] - across[j], down[i + 1] - down[i])
        )
        for i, j in product(range(cell.rows), range(cell.columns))
    }


def around(boxes: Sequence[Box]) -> Box:
    """Return the box around boxes."""
    x, y, w, h = np.array(boxes).T
    left, top = int(x.min()), int(y.min())
    return left, top, int((x + w).max()) - left, int((y + h).max()) - top


def joined_cells(table: TableReading, cells: Sequence[Cell]) -> tuple[dict[str, Box], list[str]]:
    """Return the box, with its key, of the cell that takes the places of several and of all between, and the
    keys of all these.

    Raises:
        ValueError: a cell is partly between them, or they are fewer than two.
    """
    top, left = min(cell.row for cell in cells), min(cell.column for cell in cells)
    foot = max(cell.row + cell.rows for cell in cells)
    right = max(cell.column + cell.columns for cell in cells)
    places = set(product(range(top, foot), range(left, right)))
    within = [cell for cell in table.cells if _places(cell) & places]
    if len(within) < 2 or any(_places(cell) - places for cell in within):
        raise ValueError("These cells make no rectangle; expected two or more that do.")
    key = f"{top},{left},{foot - top},{right - left}"
    return {key: around([cell.box for cell in within])}, [cell_key(cell) for cell in within]


def more_cells(view: View, table: TableReading, way: str) -> dict[str, Box]:
    """Return the boxes, with keys, of one more row below a table, or column right of it.

    Args:
        view: of its picture. The new cells are as large as their neighbours; where the whole picture has not
            half of that room they are a pixel high, or wide, in which nothing is read.
        table: it.
        way: "row" or "column".
    """
    rows, columns = table.shape
    width, height = view.size if view.turns % 2 == 0 else view.size[::-1]
    room = {"row": height - view.corner[1], "column": width - view.corner[0]}[way]
    found = {}
    for cell in table.cells:
        x, y, w, h = view.box(cell.box)
        if way == "row" and cell.row + cell.rows == rows:
            top, high = _next(y + h, h // cell.rows, room)
            for j in range(cell.columns):
                box = (x + j * w // cell.columns, top, max(1, w // cell.columns), high)
                found[f"{rows},{cell.column + j},1,1"] = view.back(box)
        elif way == "column" and cell.column + cell.columns == columns:
            left, wide = _next(x + w, w // cell.columns, room)
            for i in range(cell.rows):
                box = (left, y + i * h // cell.rows, wide, max(1, h // cell.rows))
                found[f"{cell.row + i},{columns},1,1"] = view.back(box)
    return found


def _next(end: int, long: int, room: int) -> tuple[int, int]:
    """Return where a side that long begins and how long it is, behind an end, in so much room."""
    free = room - end
    return (end, min(long, free)) if free >= max(1, long / 2) else (min(end, room - 1), 1)
