"""The sample form of docs/samples/form, and photos of it."""

import csv
from functools import cache

import cv2
import numpy as np

from digits.config import ROOT
from digits.forms import Form
from evaluation.handwriting.simulate.form_photos import FORMS
from evaluation.handwriting.simulate.sheet_photos import View, shoot

PLACE = ROOT / "docs" / "samples" / "form"
TEMPLATE = PLACE / "marks.json"
PHOTOS = [PLACE / f"photo{number}.jpg" for number in range(1, 6)]


@cache
def marks() -> Form:
    """Return its template."""
    return Form.load(TEMPLATE)


def expected() -> list[dict[str, str]]:
    """Return what is written on the photos, by the names of the boxes, and the `file`."""
    with (PLACE / "expected.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def empty_photo(name: str = "Marks sheet", seed: int = 1, **view) -> tuple[np.ndarray, np.ndarray]:
    """Return a photo of an empty form, (H, W, 3) uint8, and the matrix (3, 3) to it from pixels of the
    template's picture."""
    printed = FORMS[name]
    looked = View(**{"size": (900, 1200), "fill": 0.92} | view)
    paper = np.repeat(printed.sheet()[..., None].astype(np.float32) / 255, 3, axis=2)
    photo = shoot(paper, printed, looked, np.random.default_rng(seed))
    shift = np.array([[1 / 6, 0, 0.5 / 6], [0, 1 / 6, 0.5 / 6], [0, 0, 1]])
    return photo, looked.to_photo(printed) @ shift


def moved(form: Form, matrix: np.ndarray) -> np.ndarray:
    """Return where the corners of all boxes are after a matrix, (N, 2)."""
    corners = np.concatenate([box.corners for box in form.boxes])[None].astype(np.float64)
    return cv2.perspectiveTransform(corners, matrix)[0]
