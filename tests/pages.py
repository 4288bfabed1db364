"""Made pages of several digits with a known answer."""

import cv2
import numpy as np
from handwriting import strokes

from digits.data.strokes import draw


def written_line(
    number: str, size: float = 100, gap: float = 22, pen: float = 8, margin: int = 50, slant: float = 0.0
) -> np.ndarray:
    """Return a line of writing, (H, W) float32 in [0, 1].

    Args:
        number: digits, and the marks " ", ".", "," and "-" between them.
        size: of the digits, in pixels.
        gap: paper between them, in pixels; less than 0 where they touch.
        pen: its width, in pixels.
        margin: paper around it, in pixels.
        slant: by how many pixels it leans to the right per pixel of height.
    """
    parts = [_glyph(name, size, gap, pen) for name in number]
    height = round(1.25 * size)
    page = np.zeros(
        (height + 2 * margin, round(sum(p.shape[1] + gap for p in parts) + 2 * margin)), np.float32
    )
    left = float(margin)
    for part in parts:
        region = np.s_[margin : margin + height, round(left) : round(left) + part.shape[1]]
        page[region] = np.maximum(page[region], part)
        left += part.shape[1] + gap
    if slant:
        room = int(abs(slant) * page.shape[0])
        move = np.array([[1, -slant, room if slant > 0 else 0], [0, 1, 0]])
        page = cv2.warpAffine(page, move, (page.shape[1] + room, page.shape[0]))
    return page


def _glyph(name: str, size: float, gap: float, pen: float) -> np.ndarray:
    """Return a digit or a mark as wide as it is, (1.25 size, w) float32."""
    height = round(1.25 * size)
    if name == " ":
        return np.zeros((height, round(size - gap)), np.float32)
    marks = {
        ".": [np.array([[0.1, 0.96], [0.12, 0.96]])],
        ",": [np.array([[0.2, 0.92], [0.12, 1.14]])],
        "-": [np.array([[0.05, 0.52], [0.5, 0.5]])],
    }
    lines = [mark * size for mark in marks[name]] if name in marks else strokes(int(name), size, 0, 0)
    brush = 1.5 * pen if name == "." else pen
    room = np.array([pen, pen])
    side = round(1.4 * size + 2 * pen)
    drawn = draw([(line + room).astype(np.float32) for line in lines], side, brush)
    drawn = drawn[round(pen / 2) : round(pen / 2) + height].astype(np.float32) / 255
    columns = np.flatnonzero(drawn.any(axis=0))
    return drawn[:, columns[0] : columns[-1] + 1]


def touching(pair: str, deeper: int = 2) -> np.ndarray:
    """Return two digits moved together until they touch, and a little more, (H, W) float32."""
    for gap in range(10, -60, -1):
        ink = written_line(pair, gap=gap)
        pieces, _ = cv2.connectedComponents((ink > 0.5).astype(np.uint8))
        if pieces == 2:  # the paper and the ink
            return written_line(pair, gap=gap - deeper)
    raise ValueError(f"The digits {pair!r} do not come to touch.")


def stacked(*lines: np.ndarray) -> np.ndarray:
    """Return lines of writing one below the other, (H, W) float32."""
    width = max(line.shape[1] for line in lines)
    return np.vstack([np.pad(line, ((0, 0), (0, width - line.shape[1]))) for line in lines])
