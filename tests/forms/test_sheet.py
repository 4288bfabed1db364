"""The sheet: boxes apart from each other and from the marks; found on a photo from every side, straightened
to a part of a millimetre, or refused in one sentence."""

import cv2
import filled_sheets as sheets
import numpy as np
import pytest
from PIL import Image

from digits.forms.align import find_form
from digits.forms.marks import mark_bits
from digits.forms.sheet import DOTS, LAYOUTS, straighten, template
from digits.preprocessing.decode import to_grey
from evaluation.handwriting.simulate import sheet_photos

PAPERS = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.paper)


@PAPERS
def test_there_are_ten_rows_of_ten_boxes_a_digit_each(layout):
    assert len(layout.boxes) == 100
    assert layout.labels == [digit for digit in range(10) for _ in range(10)]
    tops = {round(y, 6) for _, y, _, _ in layout.boxes}
    assert len(tops) == 10
    for i, (x, y, w, h) in enumerate(layout.boxes):
        assert 13 < w < 18 < h < 22  # roomy, and higher than wide
        if i % 10:
            before = layout.boxes[i - 1]
            assert x - (before[0] + before[2]) == pytest.approx(2.8)
        assert x > 0
        assert x + w < layout.size[0] - 10
        assert y + h < layout.size[1] - 10
        for left, top, side, _ in layout.marks.values():
            apart = max(left - (x + w), x - (left + side), top - (y + h), y - (top + side))
            assert apart > 2  # a cell of the mark


def test_marks_tell_paper_and_corner():
    numbers = [number for layout in LAYOUTS.values() for number in layout.marks]
    assert sorted(numbers) == list(range(8))
    pictures = [mark_bits(number) for number in numbers]
    for i, bits in enumerate(pictures):
        assert bits.shape == (7, 7)
        assert bits[[0, -1]].all()
        assert bits[:, [0, -1]].all()
        turned = [np.rot90(bits, turns) for turns in range(4)]
        assert not any(np.array_equal(one, other) for one in turned for other in pictures[:i])


VIEWS = {
    "Letter": {"paper": "Letter", "tilt": 10},
    "from above": {},
    "25 degrees": {"tilt": 25, "towards": 70},
    "upside down": {"turn": 183},
    "three quarters": {"turn": 266, "tilt": 25, "towards": 45},
    "aslant": {"turn": 33, "tilt": 15},
}


def offset(straight, paper):
    """Return by how many millimetres the ink found on a straight sheet lies off where it was written."""
    inked = cv2.adaptiveThreshold(
        straight.grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 101, 30
    )
    away = cv2.distanceTransform((~sheets.truth(paper)).astype(np.uint8), cv2.DIST_L2, 5)
    rows = np.s_[round(40 * DOTS) : -round(30 * DOTS), round(22 * DOTS) : -round(13 * DOTS)]
    return float(np.median(away[rows][inked[rows] > 0])) / DOTS


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_sheet_is_found_and_straightened(view):
    straight = straighten(sheets.photo(**view))
    paper = view.get("paper", "A4")
    assert straight.layout.paper == paper
    assert straight.grey.shape == {"A4": (2376, 1680), "Letter": (2235, 1727)}[paper]
    assert offset(straight, paper) < 0.15


def test_the_photos_own_note_on_its_rotation_changes_nothing(tmp_path):
    picture = Image.fromarray(sheets.photo())
    exif = picture.getexif()
    exif[0x0112] = 6  # turn by 90 degrees
    picture.save(tmp_path / "photo.jpg", exif=exif)
    straight = straighten(Image.open(tmp_path / "photo.jpg"))
    assert offset(straight, "A4") < 0.15


def covered(names, **view):
    """Return a photo with marks covered by a thumb, by their place among the four."""
    view = sheet_photos.View(size=sheets.SIZE, **view)
    picture, layout = sheets.photo().copy(), LAYOUTS["A4"]
    for name in names:
        x, y, side, _ = layout.marks[name]
        spot = sheet_photos.project(view.to_photo(layout), [[x + side / 2, y + side / 2]])[0]
        cv2.circle(picture, np.round(spot).astype(int).tolist(), 70, (190, 140, 120), cv2.FILLED)
    return picture


@pytest.mark.parametrize("hidden", [0, 2])
def test_three_marks_are_enough(hidden):
    straight = straighten(covered([hidden]))
    assert offset(straight, "A4") < 0.2


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ([0, 2], "2 of the sheet's four marks found; missing: upper left, lower right"),
        ([0, 1, 3], "1 of the sheet's four marks found; missing: upper left, upper right, lower left"),
        ([0, 1, 2, 3], "no sheet on this photo"),
    ],
)
def test_missing_marks_are_named(hidden, words):
    with pytest.raises(ValueError, match=words):
        straighten(covered(hidden))


def test_two_sheets_on_a_photo_are_refused():
    small = cv2.resize(sheets.photo(), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    with pytest.raises(ValueError, match="more than one sheet"):
        straighten(np.hstack([small, small]))
    other = cv2.resize(sheets.photo("Letter", tilt=10), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    with pytest.raises(ValueError, match="more than one sheet"):
        straighten(np.hstack([small, other]))


def test_marks_of_another_form_are_told_from_ours():
    paper = np.full((400, 400), 255, np.uint8)
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_50)
    paper[100:240, 100:240] = cv2.aruco.generateImageMarker(dictionary, 41, 140)
    with pytest.raises(ValueError, match="number 41"):
        straighten(paper)


def test_too_small_and_too_blurred_are_told_apart():
    with pytest.raises(ValueError, match="too small on this photo: 1.2 pixels per millimetre; expected 1.8"):
        straighten(cv2.resize(sheets.photo(), None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA))
    with pytest.raises(ValueError, match="too blurred"):
        straighten(cv2.GaussianBlur(sheets.photo(), (0, 0), 3.5))


@PAPERS
def test_the_sheet_is_a_form_found_by_its_marks(layout):
    form = template(layout)
    assert [box.name for box in form.boxes][::33] == ["0.1", "3.4", "6.7", "9.10"]
    view = sheet_photos.View(size=sheets.SIZE, turn=95, tilt=20, towards=40)
    photo = sheets.photo(layout.paper, turn=95, tilt=20, towards=40)
    found = find_form(to_grey(photo), form)
    boxes = [(x, y, x + w, y + h) for x, y, w, h in layout.boxes]
    wanted = sheet_photos.project(view.to_photo(layout), np.reshape(boxes, (-1, 2)))
    corners = np.stack([box.corners[[0, 2]] for box in form.boxes]).reshape(-1, 2).astype(np.float64)
    far = np.linalg.norm(cv2.perspectiveTransform(corners[None], found)[0] - wanted, axis=1)
    off = far.max() / (sheets.SIZE[1] / 300)  # in millimetres
    assert off < 0.35  # boxes stand on whole pixels of the template
    with pytest.raises(ValueError, match="of its 4 marks are seen; expected 3"):
        find_form(to_grey(photo)[: photo.shape[0] // 2], form)
