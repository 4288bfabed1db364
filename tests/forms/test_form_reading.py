"""The boxes of a form are read as numbers that fit their fields; blank ones stay blank."""

import forms_made
import numpy as np
import pytest

from digits.fields import Field, Total
from digits.forms.border import contrast, cut_clean
from digits.forms.read import _added_up, _boxed
from digits.preprocessing.decode import open_picture
from digits.preprocessing.finder import Seen
from digits.reading import Reading
from digits.tables.cells import Look


@pytest.fixture(scope="module")
def read(recognizer):
    """Return what is read on the first photo and on that which lies turned."""
    return {i: recognizer.read_form(open_picture(forms_made.PHOTOS[i]), forms_made.marks()) for i in (0, 3)}


def test_samples_are_read(read):
    for i, reading in read.items():
        wanted = forms_made.expected()[i]
        assert list(reading.texts) == [box.name for box in forms_made.marks().boxes]
        right = [text == wanted[name] for name, text in reading.texts.items()]
        assert sum(right) >= len(right) - 1
        assert 0 <= reading.confidence <= 1
        assert set(reading.doubtful) <= set(reading.texts)
    assert read[0].numbers["Date"].value == wanted_date(0)


def wanted_date(i):
    return forms_made.expected()[i]["Date"]


def test_boxes_are_where_they_are_on_the_photo(read):
    first = read[0]
    (left, top), (right, _), *_ = first.boxes["Student"]
    assert right > left + 200
    x, y, width, height = first.cells["Student"].box
    assert x <= left + 1
    assert y <= top + 1
    digits = [digit.box for digit in first.numbers["Student"].digits]
    assert [box[0] for box in digits] == sorted(box[0] for box in digits)
    assert all(x - 5 <= box[0] <= x + width and y - 5 <= box[1] <= y + height for box in digits)
    down = read[3].boxes["Student"]  # the photo lies on its side
    assert abs(down[1][1] - down[0][1]) > 5 * abs(down[1][0] - down[0][0])


def test_an_empty_form_says_nothing(recognizer):
    photo, _ = forms_made.empty_photo()
    reading = recognizer.read_form(photo, forms_made.marks())
    assert set(reading.texts.values()) == {""}
    assert (reading.status, reading.doubtful) == ("blank", [])


def looks(written):
    blank = np.zeros((8, 8), np.float32)
    place = np.s_[0:1, 0:1]
    return [
        Look(place, blank, np.eye(3), Seen(blank, blank, blank, [], 1.0), w, int(w > 0.5)) for w in written
    ]


def digit(label, sure=0.97, status="digit", second=None):
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[label] = sure
    if second is not None:
        probabilities[second] += 0.9 * (1 - sure)
        probabilities /= probabilities.sum()
    read = None if status == "not_a_digit" else label
    return Reading(read, probabilities, status, np.zeros((28, 28), np.float32), box=(0, 0, 8, 8))


def boxed(text, field=None, **odd):
    """Return what is made of digits in boxes; `odd` replaces some, by their place."""
    digits = [odd.get(f"at{i}", None if sign == " " else digit(int(sign))) for i, sign in enumerate(text)]
    return _boxed(looks([0.999 if sign != " " else 0.001 for sign in text]), digits, field, 0.5)


def test_boxed_digits_without_a_field():
    number, confidence = boxed("307")
    assert (number.text, number.value) == ("307", None)
    assert confidence == pytest.approx(0.97**3 * 0.995**3, rel=0.05)
    assert number.alternatives[0] == ("307", pytest.approx(confidence))
    assert 0.95 < sum(own for _, own in number.alternatives) <= 1
    assert boxed("  42")[0].text == "42"
    assert boxed("42  ")[0].text == "42"
    number, confidence = boxed("    ")
    assert (number.text, number.written) == ("", [])
    assert confidence > 0.99
    assert boxed("1 2")[0].text == "1?2"  # nothing is closed up in silence
    assert boxed("1 2")[0].digits[1].status == "not_a_digit"
    assert boxed("12", at1=digit(2, status="not_a_digit"))[0].text == "1?"


def test_boxed_digits_under_a_field_are_read_jointly():
    check = Field(check="luhn")  # of 79927398713 the last digit checks the others
    number, sure = boxed("79927398713", check)
    assert (number.value, number.unbound) == ("79927398713", None)
    doubted, confidence = boxed("79927398713", check, at5=digit(9, 0.6, second=3))
    assert (doubted.value, doubted.unbound) == ("79927398713", "79927998713")
    assert confidence < sure  # what else could stand there counts
    assert doubted.alternatives[0] == ("79927398713", pytest.approx(confidence))
    assert all(check.fits(text) for text, _ in doubted.alternatives)
    assert {one.status for one in doubted.digits} <= {"digit", "unsure"}
    far, _ = boxed("999", Field(values=("111",)))
    assert (far.text, far.value) == ("999", None)
    assert {one.status for one in far.digits} == {"unsure"}
    short, _ = boxed(" 42", Field(between=(0, 120)))
    assert short.value == "42"
    dated, _ = boxed("29022024", Field(pattern="DD.MM.YYYY"))
    assert (dated.value, dated.text) == ("29.02.2024", "29022024")


def test_a_digit_that_a_field_needs_is_unsure_where_nothing_is_seen():
    number, confidence = boxed("7992739871 ", Field(check="luhn", length=11))
    assert confidence < 0.5
    assert number.text[:10] == "7992739871"


def test_what_does_not_add_up_is_no_surer_for_that():
    found = {"a": boxed("3111"), "b": boxed("  "), "c": boxed("9"), "d": boxed("12"), "e": boxed("12")}
    found["b"] = found["b"][0], 0.7  # perhaps something is written there
    before = dict(found)
    totals = [Total("c", ("a", "b")), Total("e", ("d",))]
    together = _added_up(found, totals, 0.5)
    assert [together[name][1] for name in "abc"] == [before[name][1] for name in "abc"]
    assert {one.status for name in "ac" for one in together[name][0].digits} == {"unsure"}
    assert together["e"][1] > before["e"][1]


def test_printed_lines_go_and_strokes_over_them_stay():
    paper = np.full((120, 200), 0.9, np.float32)
    paper[30:33, 30:170] = paper[90:93, 30:170] = paper[30:93, 30:33] = paper[30:93, 167:170] = 0.4
    corners = np.array([[31, 31], [168, 31], [168, 91], [31, 91]], np.float32)
    clean, back = cut_clean(paper, corners, 64)
    assert clean.min() > 0.8
    assert contrast(clean) < 0.05
    assert np.allclose(back @ [-0.5, -0.5, 1] / (back @ [-0.5, -0.5, 1])[2], [31, 31, 1], atol=1.5)
    paper[50:110, 100:105] = 0.05
    clean, _ = cut_clean(paper, corners, 64)
    assert contrast(clean) > 0.7
    assert clean[-3:].min() < 0.2  # where it crosses the line
