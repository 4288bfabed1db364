"""Photos of sheets filled in by hand, simulated: the printed sheet, pens, a bend, the view, light, camera.

Strokes are explained in pens.py, light and camera in paper.py. Every function is pure; all chance comes from
the generator that it is given.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from digits.data.collection.sheet import draw_sheet
from digits.forms.sheet import SheetLayout
from evaluation.handwriting.simulate.paper import INKS, camera, light, slow
from evaluation.handwriting.simulate.pens import Strokes, coverage, extent, placed

FOCAL = 0.78
"""A phone's focal length, as a share of the picture's longer side."""

PEN = (0.35, 1.0)
"""Widths of pens in millimetres."""


@dataclass(frozen=True)
class View:
    """How a camera looks at a sheet."""

    tilt: float = 0.0
    """Degrees between the line of sight and the upright on the paper."""
    towards: float = 0.0
    """In which direction the camera is tilted, in degrees around the sheet."""
    turn: float = 0.0
    """By how many degrees the sheet lies turned, clockwise."""
    size: tuple[int, int] = (3024, 4032)
    """Width and height of the photo in pixels."""
    fill: float = 0.92
    """How much of the photo's width or height the sheet takes."""
    bend: float = 0.0
    """By how many millimetres the paper's points are off the plane they should lie in, at most."""

    def to_photo(self, layout: SheetLayout) -> np.ndarray:
        """Return the homography (3, 3) from millimetres on the sheet to pixels of the photo."""
        tilt, towards, turn = np.radians([self.tilt, self.towards, self.turn])
        around = _rotation(2, towards) @ _rotation(0, tilt) @ _rotation(2, -towards)
        plane = (_rotation(2, turn) @ around)[:, :2]
        centre = np.array([[1, 0, -layout.size[0] / 2], [0, 1, -layout.size[1] / 2], [0, 0, 1]])
        near, far = 100.0, 5000.0  # millimetres from the camera to the sheet
        for _ in range(40):
            middle = (near + far) / 2
            found = self._camera() @ np.column_stack([plane, [0, 0, middle]]) @ centre
            seen = project(found, _corners(layout.size))
            room = np.abs(seen - np.array(self.size) / 2).max(axis=0) / (np.array(self.size) / 2)
            near, far = (middle, far) if room.max() > self.fill else (near, middle)
        return found

    def _camera(self) -> np.ndarray:
        focal = FOCAL * max(self.size)
        return np.array([[focal, 0, self.size[0] / 2], [0, focal, self.size[1] / 2], [0, 0, 1]])


def print_sheet(layout: SheetLayout, dots: int) -> np.ndarray:
    """Return an empty sheet, (H, W, 3) float32 in [0, 1], `dots` pixels per millimetre."""
    figure = draw_sheet(layout)
    figure.set_dpi(dots * 25.4)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(np.float32) / 255


def in_boxes(
    layout: SheetLayout, digits: dict[int, Strokes], rng: np.random.Generator, tall=(0.5, 0.75)
) -> dict[int, Strokes]:
    """Return strokes in millimetres on the sheet, each somewhere in its box, as large as people write.

    Args:
        layout: of the sheet.
        digits: strokes in any unit, by the place of their box.
        rng: where chance comes from.
        tall: least and most height of a digit, as shares of the box's.
    """
    written = {}
    for place, strokes in digits.items():
        x, y, w, h = layout.boxes[place]
        sized = placed(strokes, h * rng.uniform(*tall), 0, 0, widest=0.9)
        low, high = extent(sized)
        spare = np.array([w, h]) - (high - low)
        corner = np.array([x, y]) + spare / 2 + rng.normal(0, 0.12, 2) * np.abs(spare)
        written[place] = [stroke - low + corner for stroke in sized]
    return written


def write(
    sheet: np.ndarray, digits: dict[int, Strokes], dots: int, rng: np.random.Generator, kind=None, pen=None
) -> np.ndarray:
    """Return a sheet (H, W, 3) float32 with digits written on it.

    Args:
        sheet: from `print_sheet`.
        digits: strokes in millimetres, by the place of their box.
        dots: pixels per millimetre.
        rng: where chance comes from.
        kind: of the ink, one of `INKS` (None: any).
        pen: its width in millimetres (None: any of `PEN`).
    """
    kind = kind or str(rng.choice(list(INKS)))
    pen = pen or rng.uniform(*PEN)
    pressure = rng.uniform(0.7, 1.0)
    sheet, colour = sheet.copy(), np.array(INKS[kind], np.float32) / 255
    for strokes in digits.values():
        low, high = extent(strokes)
        left, top = np.maximum(0, np.floor((low - 2 * pen) * dots)).astype(int)
        right, bottom = np.ceil((high + 2 * pen) * dots).astype(int)
        patch = sheet[top:bottom, left:right]
        local = [stroke * dots - (left, top) for stroke in strokes]
        ink = pressure * coverage(local, patch.shape[:2], pen * dots, rng.uniform(0, 0.3), rng)
        if kind == "pencil":
            ink *= 1 - 0.35 * rng.random(ink.shape, np.float32)
        patch += ink[..., None] * (np.minimum(colour, patch) - patch)
    return sheet


def shoot(
    sheet: np.ndarray, layout: SheetLayout, view: View, rng: np.random.Generator, even=False
) -> np.ndarray:
    """Return a photo (H, W, 3) uint8 RGB of a sheet on a table.

    Args:
        sheet: from `write`.
        layout: of the sheet.
        view: from where it is seen.
        rng: where chance comes from.
        even: whether light and camera are perfect.
    """
    width, height = view.size
    dots = sheet.shape[1] / layout.size[0]
    paper = np.array([0.97, 0.96, 0.94], np.float32) - rng.uniform(0, 0.05, 3).astype(np.float32)
    table = rng.uniform(0.15, 0.6, 3).astype(np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    back = np.linalg.inv(view.to_photo(layout))
    places = project(back, np.stack([x, y], axis=-1).reshape(-1, 2)).reshape(height, width, 2)
    if view.bend:
        places += view.bend * np.sin(places[..., ::-1] / 45 + rng.uniform(0, 6.3, 2).astype(np.float32))
    places = (places * dots - 0.5).astype(np.float32)
    scene = cv2.remap(sheet * paper, places, None, cv2.INTER_LINEAR, borderValue=(-1.0, -1.0, -1.0))
    scene = np.where(scene < 0, table, scene)
    if even:
        return np.round(scene * 255).astype(np.uint8)
    small = height // 4, width // 4
    shade = light(small, rng) * (1 + 0.02 * slow(small, 60, rng))
    scene *= cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    corners = project(view.to_photo(layout), _corners(layout.size))
    pixels = float(np.hypot(*(corners[1] - corners[0]))) / layout.size[0]
    return camera(scene, 0.4 * pixels, rng)


def project(homography: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return points (N, 2) as a homography (3, 3) maps them."""
    return cv2.perspectiveTransform(np.asarray(points, np.float32)[None], homography)[0]


def _rotation(axis: int, angle: float) -> np.ndarray:
    vector = np.zeros(3)
    vector[axis] = angle
    return cv2.Rodrigues(vector)[0]


def _corners(size: tuple[float, float]) -> np.ndarray:
    width, height = size
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
