"""Pictures as people take them, small and with a known answer: light, paper, pens, cameras, crops, forms."""

import cv2
import numpy as np
from handwriting import strokes

from digits.data.strokes import draw

SIDE = 240
"""Width and height of a picture, in pixels; its digit stands in the middle and is about half as high."""

BLUE, BLACK, RED, PENCIL = (35, 55, 150), (40, 40, 44), (190, 45, 55), (110, 110, 114)
WHITE, YELLOW = (236, 233, 226), (240, 225, 130)


def written(digit: int, pen: float = 8, size: float = 120, left: float = 60, top: float = 60) -> np.ndarray:
    """Return where a pen has been, (SIDE, SIDE) float32 in [0, 1]."""
    return draw(strokes(digit, size, left, top), SIDE, pen).astype(np.float32) / 255


def on_paper(ink: np.ndarray, colour=BLACK, paper=WHITE) -> np.ndarray:
    """Return a picture (H, W, 3) float32 RGB from 0 to 255: ink (H, W) of a colour on paper."""
    return paper + ink[..., None] * (np.array(colour, np.float32) - paper)


def lit(picture: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Return a picture under light (H, W), 1 for full light."""
    return picture * light[..., None]


def rows_and_columns() -> tuple[np.ndarray, np.ndarray]:
    """Return each point's row and column, from 0 to 1."""
    return tuple(np.mgrid[:SIDE, :SIDE].astype(np.float32) / SIDE)


def lamp(digit: int) -> np.ndarray:
    y, x = rows_and_columns()
    return lit(on_paper(written(digit), BLUE), 1 - 0.8 * np.hypot(x - 0.3, y - 0.4))


def shadow(digit: int) -> np.ndarray:
    """A hard edge that runs right through the digit."""
    y, x = rows_and_columns()
    return lit(on_paper(written(digit)), np.where(x + 0.7 * y < 0.85, 0.55, 1.0))


def ruled(digit: int, upright: bool = False) -> np.ndarray:
    paper = np.full((SIDE, SIDE, 3), WHITE, np.float32)
    for at in range(17, SIDE, 34):
        paper[at : at + 2] = (150, 175, 215)
        if upright:
            paper[:, at : at + 2] = (150, 175, 215)
    ink = written(digit)[..., None]
    return paper + ink * (np.array(BLUE, np.float32) - paper)


def noisy(digit: int) -> np.ndarray:
    picture = on_paper(written(digit))
    return picture + np.random.default_rng(digit).normal(0, 14, picture.shape)


def jpeg(digit: int) -> np.ndarray:
    code = cv2.imencode(".jpg", on_paper(written(digit)).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 12])[1]
    return cv2.imdecode(code, cv2.IMREAD_COLOR)


def glare(digit: int) -> np.ndarray:
    """A lamp mirrored in the paper: the digit's middle is washed out."""
    y, x = rows_and_columns()
    spot = 0.6 * np.exp(-((x - 0.5) ** 2 + (y - 0.4) ** 2) / (2 * 0.12**2))
    return on_paper(written(digit)) * (1 - spot[..., None]) + 255 * spot[..., None]


def bordering(digit: int) -> np.ndarray:
    """Cut so that the digit touches the left and the lower edge."""
    ink = written(digit)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return on_paper(ink[rows[0] - 50 : rows[-1] + 1, columns[0] : columns[-1] + 50])


def tight(digit: int, pen: float = 18) -> np.ndarray:
    """Cut so that the digit, written with a thick pen, touches all edges."""
    ink = written(digit, pen)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return on_paper(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def neighbours(digit: int) -> np.ndarray:
    """Cut from a page: beside the digit stand the rims of the next ones."""
    left, right = written(0, left=-48), written(3, left=185)
    return on_paper(np.max([written(digit), left, right], axis=0)[40:200, 20:220])


def boxed(digit: int) -> np.ndarray:
    """In the printed box of a form."""
    ink = written(digit)
    cv2.rectangle(ink, (42, 42), (198, 198), 0.8, 2)
    return on_paper(ink)


def underlined(digit: int) -> np.ndarray:
    ink = written(digit)
    cv2.line(ink, (65, 203), (180, 200), 1.0, 5, cv2.LINE_AA)
    return on_paper(ink)


def broken(digit: int) -> np.ndarray:
    """The pen skipped at two places of its way."""
    ink = written(digit)
    longest = max(strokes(digit, 120, 60, 60), key=len)
    way = np.concatenate([np.linspace(a, b, 20) for a, b in zip(longest, longest[1:], strict=False)])
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    for share in (0.3, 0.7):
        x, y = np.round(way[np.searchsorted(steps, share * steps[-1])]).astype(int).tolist()
        cv2.circle(ink, (x, y), 7, 0.0, cv2.FILLED)
    return on_paper(ink)


def specks(digit: int) -> np.ndarray:
    ink = written(digit)
    for x, y in np.random.default_rng(digit).integers(4, SIDE - 4, (40, 2)):
        ink[y : y + 2, x : x + 2] = 1
    return on_paper(ink)


PATHOLOGIES = {
    "plain": lambda digit: on_paper(written(digit)),
    "lamp": lamp,
    "hard shadow": shadow,
    "yellow paper": lambda digit: on_paper(written(digit), PENCIL, YELLOW),
    "blackboard": lambda digit: on_paper(written(digit), (225, 228, 220), (45, 75, 60)),
    "ruled": ruled,
    "squared": lambda digit: ruled(digit, upright=True),
    "red ink": lambda digit: on_paper(written(digit), RED),
    "pencil": lambda digit: on_paper(0.8 * written(digit), PENCIL),
    "noise": noisy,
    "JPEG": jpeg,
    "glare": glare,
    "low contrast": lambda digit: on_paper(written(digit), (200, 200, 200), (224, 224, 224)),
    "thin pen": lambda digit: on_paper(written(digit, pen=1.5)),
    "thick pen": lambda digit: on_paper(written(digit, pen=18)),
    "small": lambda digit: cv2.resize(on_paper(written(digit)), (28, 28), interpolation=cv2.INTER_AREA),
    "at the border": bordering,
    "tight crop": tight,
    "neighbours cut off": neighbours,
    "printed box": boxed,
    "underlined": underlined,
    "broken strokes": broken,
    "specks": specks,
}
"""Name -> a function from a digit to its picture, (H, W, 3) RGB from 0 to 255."""


def picture(name: str, digit: int) -> np.ndarray:
    """Return a digit's picture, (H, W, 3) uint8 RGB."""
    return np.clip(np.round(PATHOLOGIES[name](digit)), 0, 255).astype(np.uint8)
