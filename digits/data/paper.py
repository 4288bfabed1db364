"""What writing lies on, and what a camera or a scanner makes of it, for scenes to train on.

Light and shadow, security print, rulings, squares, form edges, print, old paper, blur, grain, JPEG. The
simulators that judge a model are others (`evaluation/handwriting/simulate`).
"""

import string
from functools import partial

import cv2
import numpy as np

from digits.data.strokes import SHIFT

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)

SCANS = 14, 30
"""Points of a small scan's longer side."""

FEW = 0.3
"""Where fewer points than this share may be left, one digit is large: much that is seen of it may be lost."""


def sheet(
    shape: tuple[int, int], rng: np.random.Generator, pitch: float, security: float = 0.45
) -> np.ndarray:
    """Return paper as it is before anybody writes on it.

    Args:
        shape: (H, W).
        rng: where chance comes from.
        pitch: usual height of the writing in pixels, by which print and rulings are as large as they come.
        security: how often it has the print of a cheque, a share of the papers that are not plain.

    Returns:
        (H, W) float32, about 0 to 1.
    """
    paper: np.ndarray = np.full(shape, rng.uniform(0.45, 1.0), np.float32)
    if rng.random() < 0.25:
        return paper
    if rng.random() < 0.6:
        paper *= _light(shape, rng)
    if rng.random() < 0.4:
        paper += _cloud(shape, rng, int(rng.integers(3, 9))) * rng.uniform(0.01, 0.06)
    if rng.random() < security:
        _security_print(paper, rng, pitch)
    if rng.random() < 0.45:
        _rulings(paper, rng, pitch)
    if rng.random() < 0.12:
        _letters(paper, rng, pitch)
    if rng.random() < 0.15:
        soft = np.exp(rng.uniform(np.log(0.5), np.log(0.5 * max(shape))))
        paper *= 1 - rng.uniform(0.1, 0.6) * _half_plane(shape, rng, soft)
    if rng.random() < 0.06:
        beyond = _half_plane(shape, rng, 0.7, outer=True)
        paper += beyond * (rng.uniform(0, 1) - paper)
    return paper


def photograph(grey: np.ndarray, rng: np.random.Generator, coarsest: float = 0.45) -> np.ndarray:
    """Return what a camera or a scanner makes of a scene (H, W) float32: (H, W) float32 in [0, 1], of any
    polarity; `coarsest` is the least share of the points that is left where it sees few."""
    shape = grey.shape
    if rng.random() < 0.5:
        far = coarsest < FEW and rng.random() < 0.3  # out of focus: what is large is still read
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, 3.2 if far else 1.1))
    if rng.random() < 0.35:
        grey = _few_points(grey, rng, coarsest)
    if rng.random() < 0.65:
        noise = rng.standard_normal(shape, np.float32) * (rng.uniform(0, 1) ** 2 * 0.05)
        if rng.random() < 0.4:
            noise = np.float32(2) * cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.5, 1))
        grey = grey + noise
    if rng.random() < 0.4:
        grey = np.clip(grey, 0, 1) ** np.float32(rng.uniform(0.6, 1.6))
    if rng.random() < 0.3:
        grey = 1 - grey
    kept = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.35:
        _, file = cv2.imencode(".jpg", kept, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        kept = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)
    return kept.astype(np.float32) / 255


def scan(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ink (H, W) float32 in [0, 1] as a small scan shows it, of any polarity and again of its size."""
    points = rng.uniform(*SCANS) / max(ink.shape)
    width, height = (max(3, round(side * points)) for side in ink.shape[::-1])
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = np.where(small > rng.uniform(0.3, 0.6) * small.max(), np.float32(1), np.float32(0))
    else:
        soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.2, 0.6)) * rng.uniform(1, 1.4)
        small = np.minimum(soft + rng.standard_normal(soft.shape, np.float32) * rng.uniform(0, 0.05), 1)
    dark, light = rng.uniform(0, 0.2), rng.uniform(0.8, 1)
    grey = np.clip(light - (light - dark) * small, 0, 1)
    way = (cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(rng.random() < 0.2)]
    grey = cv2.resize(grey, ink.shape[::-1], interpolation=way)
    return grey if rng.random() < 0.5 else 1 - grey


def _few_points(grey: np.ndarray, rng: np.random.Generator, coarsest: float) -> np.ndarray:
    """Take the scene at fewer points, in grey or in black and white, and bring it back to its size."""
    factor = rng.uniform(coarsest, 0.9)
    height, width = (max(8, round(side * factor)) for side in grey.shape)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < (0.4 if coarsest < FEW else 0.15):
        low, high = np.quantile(small, [0.02, 0.98])
        small = np.where(small > low + rng.uniform(0.35, 0.65) * (high - low), np.float32(1), np.float32(0))
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)[rng.integers(3)]
    return cv2.resize(small, grey.shape[::-1], interpolation=way)


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    corners = rng.uniform(1 - rng.uniform(0, 0.5), 1.0, (2, 2)).astype(np.float32)
    return cv2.resize(corners, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _cloud(shape: tuple[int, int], rng: np.random.Generator, points: int) -> np.ndarray:
    field = rng.standard_normal((points, points * 2), np.float32)
    return cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _security_print(paper: np.ndarray, rng: np.random.Generator, pitch: float) -> None:
    """Lay families of wavy lines over the paper, one over the other, or dots where two of them meet."""
    y, x = np.mgrid[: paper.shape[0], : paper.shape[1]].astype(np.float32)
    strength = rng.uniform(0.04, 0.3) ** 1.2
    families = []
    for _ in range(rng.integers(1, 4)):
        angle, bent = rng.uniform(0, np.pi), rng.uniform(0, np.pi)
        period, long = pitch * rng.uniform(0.09, 0.4), pitch * rng.uniform(0.8, 5)
        wave = np.sin((x * np.cos(bent) + y * np.sin(bent)) * (2 * np.pi / long) + rng.uniform(0, 6.3))
        across = x * np.cos(angle) + y * np.sin(angle) + wave * (rng.uniform(0, 0.8) * long / 6)
        lines = np.cos(across * (2 * np.pi / period))
        sharp = rng.uniform(-0.2, 0.8)
        families.append(np.clip((lines - sharp) / (1 - sharp), 0, 1))
    together = np.prod(families, axis=0) if rng.random() < 0.2 else np.max(families, axis=0)
    paper *= 1 - strength * together


def _rulings(paper: np.ndarray, rng: np.random.Generator, pitch: float) -> None:
    """Draw lines as forms have them: under the writing, in squares, an upright edge, a box."""
    height, width = paper.shape
    ink = np.zeros((height, width), np.uint8)
    wide, slope = rng.uniform(0.4, max(0.5, pitch * 0.09)), rng.normal(0, 0.015)
    draw, kind = partial(_line, ink, slope, wide, rng), rng.random()
    if kind < 0.45:  # under the writing
        for _ in range(rng.integers(1, 3)):
            draw(rng.uniform(0, height))
    elif kind < 0.6:  # lined or squared paper
        step = pitch * rng.uniform(0.4, 1.6)
        for y in np.arange(rng.uniform(0, step), height, step):
            draw(y)
        if rng.random() < 0.7:
            for x in np.arange(rng.uniform(0, step), width, step):
                draw(x, upright=True)
    elif kind < 0.8:  # edges of fields
        for _ in range(rng.integers(1, 4)):
            draw(rng.uniform(0, width), upright=True)
        if rng.random() < 0.5:
            draw(rng.uniform(0, height))
    else:  # a box
        top, bottom, left, right = rng.uniform(0, 0.25, 4)
        for y in (top, 1 - bottom):
            draw(y * height)
        for x in (left, 1 - right):
            draw(x * width, upright=True)
    paper *= 1 - rng.uniform(0.1, 0.9) * (ink.astype(np.float32) / 255)


def _line(
    ink: np.ndarray, slope: float, wide: float, rng: np.random.Generator, at: float, upright: bool = False
) -> None:
    """Draw a line from edge to edge, rarely dotted, straight but for a bend."""
    long = ink.shape[0 if upright else 1]
    along = np.linspace(-4, long + 4, 9)
    across = at + slope * along + rng.normal(0, 0.003) * (along - long / 2) ** 2 / long
    if rng.random() < 0.1:
        for place in np.arange(0, long, max(2.0, 3 * wide)):
            centre = round(float(place)), round(float(np.interp(place, along, across)))
            cv2.circle(ink, centre[::-1] if upright else centre, max(1, round(wide / 2)), 255, cv2.FILLED)
        return
    points = np.stack([across, along] if upright else [along, across], axis=1)
    fixed = np.round(points * 2**SHIFT).astype(np.int32).reshape(-1, 1, 2)
    thin = wide < 1.3  # OpenCV's thinnest line, paler
    grey, thick = (min(255, round(255 * wide)), 1) if thin else (255, round(wide))
    cv2.polylines(ink, [fixed], False, grey, thick, cv2.LINE_AA, SHIFT)


def table(paper: np.ndarray, rng: np.random.Generator, across: np.ndarray, down: np.ndarray) -> None:
    """Draw the lines of a table or of boxes: upright ones at `across` and level ones at `down`, in pixels."""
    ink = np.zeros(paper.shape, np.uint8)
    slope, wide = rng.normal(0, 0.01), rng.uniform(0.6, 3)
    for places, upright in ((across, True), (down, False)):
        for at in places:
            _line(ink, -slope if upright else slope, wide, rng, float(at), upright)
    paper *= 1 - rng.uniform(0.15, 0.75) * (ink.astype(np.float32) / 255)


def _letters(paper: np.ndarray, rng: np.random.Generator, pitch: float) -> None:
    """Print some words, small or large, dark or pale: never figures, which would be read."""
    ink = np.zeros(paper.shape, np.uint8)
    words = "".join(rng.choice(list(string.ascii_letters + "   .,:$"), rng.integers(4, 24)))
    size = pitch * rng.uniform(0.012, 0.04)
    place = int(rng.uniform(-0.2, 0.6) * paper.shape[1]), int(rng.uniform(0, 1.2) * paper.shape[0])
    cv2.putText(ink, words, place, int(rng.choice(FONTS)), size, 255, 1, cv2.LINE_AA)
    paper *= 1 - rng.uniform(0.15, 0.9) * (ink.astype(np.float32) / 255)


def _half_plane(
    shape: tuple[int, int], rng: np.random.Generator, soft: float, outer: bool = False
) -> np.ndarray:
    """Return 1 beyond a straight edge and 0 before it; an `outer` edge is near the rim."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    if outer:  # nearly level or upright, as the edge of a sheet is
        angle = float(rng.integers(4) * np.pi / 2 + rng.normal(0, 0.08))
        reach = abs(shape[1] * np.cos(angle)) / 2 + abs(shape[0] * np.sin(angle)) / 2
        at = reach * rng.uniform(0.75, 1)
    else:
        angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.4) * max(shape)
    across = (x - shape[1] / 2) * np.cos(angle) + (y - shape[0] / 2) * np.sin(angle) - at
    return np.clip(across / soft + 0.5, 0, 1).astype(np.float32)
