"""A form's JSON leads back to it, keeps nothing that was written, and is refused where it lies."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from digits.fields import Field, Total
from digits.forms import Box, Form

BOXES = (
    Box("Id", (20, 20, 120, 16), Field(check="luhn"), digits=6),
    Box("Age", (20, 60, 50, 20), Field(between=(0, 120))),
    Box("Größe =1", (100, 60, 50, 20), marks=True),
)


def picture(seed=3):
    rng = np.random.default_rng(seed)
    return rng.integers(120, 255, (160, 200), np.uint8)


def form():
    return Form.from_picture(picture(), "A form", BOXES, [Total("Id", ("Age",))])


def said(**changes):
    return json.dumps(json.loads(form().to_json()) | changes).encode()


def test_json_leads_back_and_is_readable(tmp_path):
    made = form()
    text = made.to_json()
    assert list(json.loads(text))[-1] == "reference"
    assert '{"name": "Age", "box": [20, 60, 50, 20], "field": {"between": [0, 120]}}' in text
    (tmp_path / "form.json").write_text(text, encoding="utf-8")
    assert Form.load(tmp_path / "form.json") == Form.load(text.encode()) == made
    assert made.size == (200, 160)


def test_nothing_that_was_written_is_kept():
    one, other = picture(), picture()
    other[62:78, 22:68] = 0  # something in the box Age
    one, other = (Form.from_picture(grey, "A", BOXES).grey.astype(int) for grey in (one, other))
    x, y, w, h = BOXES[1].box
    inner = np.s_[y + 8 : y + h - 8, x + 8 : x + w - 8]  # without what JPEG spreads over 8 pixels
    assert np.ptp(other[inner]) <= 2
    assert np.ptp(one[inner]) <= 2


def test_large_pictures_are_shrunk_and_boxes_keep_their_pixels():
    large = Form.from_picture(np.full((3000, 2000), 255, np.uint8), "A", [Box("a", (1000, 2000, 400, 100))])
    assert (large.size, large.grey.shape) == ((2000, 3000), (1200, 800))
    assert np.allclose(large.scale @ [-0.5, -0.5, 1], [-0.5, -0.5, 1])
    assert np.allclose(large.scale @ [1999.5, 2999.5, 1], [799.5, 1199.5, 1])


def test_parts_of_a_box_lie_side_by_side():
    parts = BOXES[0].parts
    assert len(parts) == 6
    assert parts[0][0].tolist() == [19.5, 19.5]
    assert parts[5][2].tolist() == [139.5, 35.5]
    assert BOXES[1].parts == []


def png(width, height):
    file = io.BytesIO()
    Image.new("L", (width, height), 255).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


BOX = {"name": "a", "box": [0, 0, 50, 20]}
WRONG = {
    "no json": (b"seven", "not the JSON of a form"),
    "a list": (b"[]", "expected an object"),
    "nested": (b"[" * 200_000, "not the JSON of a form"),
    "not UTF-8": (b'{"a": "\xff"}', "not the JSON of a form"),
    "long": (b" " * (2**22 + 1), "too many for a form"),
    "nan": (said().replace(b"160", b"NaN"), "it says NaN"),
    "infinite": (said(size=[200, 1e999]), "it says Infinity"),
    "twice": (b'{"digits_form": 1, "digits_form": 1}', "a key stands twice"),
    "version": (said(digits_form=2), "digits_form is 2; expected 1"),
    "unknown key": (said(colour="red"), "has the key 'colour'"),
    "no boxes": (said(boxes=[]), "expected 1 to 500"),
    "many boxes": (said(boxes=[BOX] * 501), "at most 500"),
    "box no object": (said(boxes=["a"]), "a list of at most 500 objects"),
    "same names": (said(boxes=[BOX, {"name": "a", "box": [60, 0, 50, 20]}], totals=[]), "a name of its own"),
    "no name": (said(boxes=[BOX | {"name": ""}], totals=[]), "1 to 60 letters"),
    "invisible name": (said(boxes=[BOX | {"name": "a\u202e"}], totals=[]), "1 to 60 letters"),
    "taken name": (said(boxes=[BOX | {"name": "File"}], totals=[]), "expected another name"),
    "outside": (said(boxes=[BOX | {"box": [160, 0, 50, 20]}], totals=[]), "within the 200 x 160"),
    "negative": (said(boxes=[BOX | {"box": [-1, 0, 50, 20]}], totals=[]), "whole pixels"),
    "float": (said(boxes=[BOX | {"box": [0.5, 0, 50, 20]}], totals=[]), "whole pixels"),
    "huge": (said(boxes=[BOX | {"box": [0, 0, 10**40, 20]}], totals=[]), "whole pixels"),
    "narrow": (said(boxes=[BOX | {"digits": 7}], totals=[]), "8 pixels or more"),
    "hidden": (said(boxes=[BOX, {"name": "b", "box": [1, 1, 48, 18]}], totals=[]), "lie over each other"),
    "digits": (said(boxes=[BOX | {"digits": 41}], totals=[]), "expected 1 to 40"),
    "field": (said(boxes=[BOX | {"field": {"length": 2, "step": 0}}], totals=[]), "'a': step is 0"),
    "contradiction": (
        said(boxes=[BOX | {"field": {"length": 1, "between": [50, 60]}}], totals=[]),
        "Box 'a': Nothing fits",
    ),
    "no room": (
        said(boxes=[BOX | {"digits": 3, "field": {"length": 8}}], totals=[]),
        "has 3 digits or fewer",
    ),
    "field key": (said(boxes=[BOX | {"field": {"size": 2}}], totals=[]), "has the key 'size'"),
    "total": (said(totals=[{"total": "Sum", "of": ["Age"]}]), "Sum; expected one that is read"),
    "total of itself": (said(totals=[{"total": "Age", "of": ["Age"]}]), "expected other numbers"),
    "many totals": (said(totals=[{"total": "Sum", "of": ["Age"]}] * 500 + [{}]), "at most 500 objects"),
    "much to add": (
        said(totals=[{"total": "Sum", "of": [str(part) for part in range(1000)]}] * 3),
        "is 3003; expected 3,000 at most",
    ),
    "no base64": (said(reference="!!"), "not in base64"),
    "no picture": (said(reference="aGVsbG8="), "is not a picture"),
    "bomb": (said(reference=png(7900, 7900)), "1200 pixels at most"),
    "another shape": (said(reference=png(160, 200)), "in the shape"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_lies_is_refused_in_a_sentence(name):
    data, words = WRONG[name]
    with pytest.raises(ValueError, match=r"^The form") as refused:
        Form.load(data)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 400


def test_boxes_for_a_digit_are_counted():
    paper = np.full((1200, 1200), 255, np.uint8)
    rows = [Box(f"{row}", (0, 12 * row, 400, 12), digits=40) for row in range(76)]
    assert len(Form.from_picture(paper, "A", rows[:75]).boxes) == 75
    with pytest.raises(ValueError, match="3040; expected 3,000 at most"):
        Form.from_picture(paper, "A", rows)


def test_a_function_cannot_be_kept_and_a_missing_file_is_told(tmp_path):
    odd = Form.from_picture(picture(), "A", [Box("a", (0, 0, 50, 20), Field(check=lambda digits: True))])
    with pytest.raises(ValueError, match="checked by a function, which no file can hold"):
        odd.to_json()
    with pytest.raises(ValueError, match=r"no\.json: the form cannot be read"):
        Form.load(tmp_path / "no.json")
