"""Tables on their pictures: turned and cut as they are read, every cell marked, single cells to look at."""

from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from digits.plots.colours import INK, SECOND
from digits.plots.pixels import LONGEST, jpeg
from digits.reading import TableReading

Box = tuple[int, int, int, int]

INSET = 0.07
"""Between the box of a cell and its mark, as a share of the shorter side: neighbours stay apart."""

RIM = 0.03
"""Around a table, as a share of its longer side."""

LETTER, LARGEST_LETTER = 0.26, 0.05
"""Height of what is written into a cell: share of most cells' shorter side, and of the picture at most."""

AROUND, SHOWN = 0.12, 180
"""What is shown around a single cell, as a share of its sides; and its longer side at most, in pixels."""


@dataclass(frozen=True)
class CellMark:
    """One cell on a picture."""

    box: Box
    """x, y, width, height in pixels of the picture."""
    text: str
    """Written into its corner."""
    kind: str
    """"blank" (no mark), "sure", "doubtful" (orange and dashed) or "corrected" (thick)."""


def upright(picture: np.ndarray, table: TableReading) -> tuple[np.ndarray, list[Box]]:
    """Turn a picture by quarters until a table on it stands as it is read, and cut it out, a little more.

    Args:
        picture: (H, W) or (H, W, 3), upright as cameras say.
        table: what was read from it.

    Returns:
        The picture, and where its cells stand now.
    """
    turns, boxes = _quarters(table), [cell.box for cell in table.cells]
    width, height = picture.shape[1], picture.shape[0]
    for _ in range(turns):
        boxes = [(y, width - x - w, h, w) for x, y, w, h in boxes]
        width, height = height, width
    x, y, w, h = np.array(boxes).T
    rim = round(RIM * max(int((x + w).max() - x.min()), int((y + h).max() - y.min())))
    left, top = max(0, int(x.min()) - rim), max(0, int(y.min()) - rim)
    part = np.rot90(picture, turns)[top : (y + h).max() + rim, left : (x + w).max() + rim]
    return np.ascontiguousarray(part), [(x - left, y - top, w, h) for x, y, w, h in boxes]


def _quarters(table: TableReading) -> int:
    """Return by how many quarters against the clock a picture is turned until its table's rows run to the
    right."""
    x, y, w, h = np.array([cell.box for cell in table.cells], float).T
    centres = np.stack([x + w / 2, y + h / 2])
    rows, columns = (
        np.array(places, float)
        for places in zip(
            *((cell.row + cell.rows / 2, cell.column + cell.columns / 2) for cell in table.cells), strict=True
        )
    )
    if table.shape[1] > 1:
        right, down = centres @ (columns - columns.mean())
    else:
        left, right = centres @ (rows - rows.mean())
        down = -left
    return round(float(np.arctan2(down, right)) / (np.pi / 2)) % 4


def crop(picture: np.ndarray, box: Box) -> np.ndarray:
    """Return a cell of a picture (H, W, 3) uint8 with a little around it, no larger than it is looked at."""
    x, y, w, h = box
    aside, above = round(AROUND * w), round(AROUND * h)
    part = picture[max(0, y - above) : y + h + above, max(0, x - aside) : x + w + aside]
    factor = min(1.0, SHOWN / max(part.shape[:2]))
    size = tuple(max(1, round(side * factor)) for side in part.shape[1::-1])
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA)


def table_svg(picture: np.ndarray, marks: list[CellMark]) -> str:
    """Draw marks on the cells of a table; large pictures (H, W, 3) uint8 RGB are reduced. Return the SVG."""
    factor = min(1.0, LONGEST / max(picture.shape[:2]))
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    sides = [factor * min(mark.box[2:]) for mark in marks]
    letter = min(LETTER * float(np.median(sides)), LARGEST_LETTER * width) if sides else 0.0
    drawn = "".join(_drawn(mark, factor, letter) for mark in marks if mark.kind != "blank")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
        f"<style>text {{ font: 700 {letter:.1f}px sans-serif; paint-order: stroke; stroke: #fff; "
        f"stroke-width: {0.3 * letter:.1f}px; stroke-linejoin: round }} "
        "rect { fill: none; vector-effect: non-scaling-stroke }</style>"
        f'<image width="{width}" height="{height}" href="{jpeg(small)}"/>{drawn}</svg>'
    )


STROKES = {
    "sure": f'stroke="{INK}" stroke-width="1.2" stroke-opacity="0.7"',
    "doubtful": f'stroke="{SECOND}" stroke-width="2.6" stroke-dasharray="6 4"',
    "corrected": f'stroke="{INK}" stroke-width="3"',
}


def _drawn(mark: CellMark, factor: float, letter: float) -> str:
    x, y, w, h = (side * factor for side in mark.box)
    gap = INSET * min(w, h)
    colour = SECOND if mark.kind == "doubtful" else INK
    return (
        f'<rect x="{x + gap:.1f}" y="{y + gap:.1f}" width="{w - 2 * gap:.1f}" height="{h - 2 * gap:.1f}" '
        f'rx="{gap:.1f}" {STROKES[mark.kind]}/>'
        f'<text x="{x + 2 * gap:.1f}" y="{y + 1.5 * gap + 0.8 * letter:.1f}" fill="{colour}">'
        f"{escape(mark.text)}</text>"
    )
