"""A form is found where it was put, however it lies; what is none, or another, is refused with the reason."""

import cv2
import forms_made
import numpy as np
import pytest

from digits.forms import Box, Form
from digits.forms.align import find_form
from digits.forms.sheet import LAYOUTS, template
from digits.preprocessing.decode import to_grey


def test_the_homography_is_that_which_was_made():
    form = forms_made.marks()
    grey = to_grey(np.asarray(cv2.imread(str(forms_made.PLACE / "empty.png"), cv2.IMREAD_GRAYSCALE)))
    made = np.array([[0.62, 0.11, 60], [-0.09, 0.58, 190], [0.00005, -0.00004, 1]])
    photo = cv2.warpPerspective(grey, made, (1000, 1200), flags=cv2.INTER_AREA, borderValue=0.4)
    found = find_form(photo, form)
    assert np.abs(forms_made.moved(form, found) - forms_made.moved(form, made)).max() < 0.5


@pytest.mark.parametrize("turn", [3, 94, 181, 266])
def test_photos_from_any_side_in_any_light(turn):
    form = forms_made.marks()
    photo, to_photo = forms_made.empty_photo(turn=turn, tilt=22, towards=70, seed=turn)
    far = forms_made.moved(form, find_form(to_grey(photo), form)) - forms_made.moved(form, to_photo)
    assert np.linalg.norm(far, axis=1).max() < 2.5  # of four pixels to a millimetre


@pytest.mark.parametrize("name", ["Absence", "Survey", "Water meter"])
def test_another_form_is_refused_also_of_the_same_house(name):
    photo, _ = forms_made.empty_photo(name)
    with pytest.raises(ValueError, match="This is another form, or too little of it is seen"):
        find_form(to_grey(photo), forms_made.marks())


def test_what_cannot_be_read_is_told():
    form = forms_made.marks()
    photo, _ = forms_made.empty_photo()
    with pytest.raises(ValueError, match="hardly any print can be seen"):
        find_form(np.full((600, 500), 0.8, np.float32), form)
    with pytest.raises(ValueError, match="hardly any print can be seen"):
        find_form(cv2.GaussianBlur(to_grey(photo), (0, 0), 9), form)
    small = cv2.resize(to_grey(photo), None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    with pytest.raises(ValueError, match=r"too small on this photo|too little of it|hardly any print"):
        find_form(small, form)
    with pytest.raises(ValueError, match=r"cut off: box .* is not on the photo|too little of it is seen"):
        find_form(to_grey(photo)[:, :560], form)


def test_a_mirrored_form_is_none():
    photo, _ = forms_made.empty_photo()
    with pytest.raises(ValueError, match="another form"):
        find_form(to_grey(photo)[:, ::-1].copy(), forms_made.marks())


def test_a_sheet_in_a_mirror_is_none():
    form = template(LAYOUTS["A4"])
    paper = form.grey.astype(np.float32) / 255
    assert np.allclose(find_form(paper, form) @ form.scale @ [0, 0, 1], form.scale @ [0, 0, 1], atol=0.5)
    swapped = paper.copy()  # two marks change places, each the right way up: no camera sees that
    height, width = paper.shape
    half = width // 2
    swapped[: height // 4, :half] = paper[: height // 4, width - half :]
    swapped[: height // 4, width - half :] = paper[: height // 4, :half]
    with pytest.raises(ValueError, match="The form was not found"):
        find_form(swapped, form)


def test_a_template_without_print_finds_nothing():
    blank = Form.from_picture(np.full((400, 300), 255, np.uint8), "Blank", [Box("a", (20, 20, 50, 30))])
    photo, _ = forms_made.empty_photo()
    with pytest.raises(ValueError, match=r"too little print|another form"):
        find_form(to_grey(photo), blank)
