"""Forms as they are marked step by step, and their photos as the template shows them."""

import numpy as np
import pytest
from forms_made import empty_photo, marks

from digits.deploy.form_boxes import Straight, edited_form, fits
from digits.deploy.form_draft import Draft, tidied
from digits.fields import Field, Total
from digits.forms import Box, FormReading
from digits.reading import Cell, NumberReading


def test_a_draft_of_a_form_makes_that_form():
    form = marks()
    draft = Draft.of(form.name, form.boxes, form.totals)
    assert draft.form(form) == form
    odd = Box("Odd", (0, 0, 40, 40), Field(values=("1,5", "2 5")))  # words cannot say these
    assert Draft.of("A", [odd]).boxes["1"].made() == odd


def test_what_is_said_of_a_box_is_kept_though_it_is_wrong():
    draft = Draft.of("A", [Box("x", (0, 0, 80, 40)), Box("y", (0, 50, 80, 40))], named=False)
    wrong = draft.change("1", digits="many")
    with pytest.raises(ValueError, match="Box 'x': digits"):
        wrong.boxes["1"].made()
    wrong = draft.change("1", field={"length": "3", "between": "5000,6000"})
    with pytest.raises(ValueError, match="Box 'x'"):
        wrong.boxes["1"].made()
    for name in ("y", "", " y", "error\n"):
        with pytest.raises(ValueError, match="name"):
            draft.rename("1", name)
    named = draft.rename("1", "z")
    assert (named.boxes["1"].name, named.boxes["1"].is_named, named.boxes["2"].is_named) == ("z", True, False)
    assert tidied("values", " 1204; 1731  2 ") == "1204,1731,2"


def test_boxes_are_added_and_deleted_with_their_sums():
    boxes = [Box(name, (0, 50 * place, 80, 40)) for place, name in enumerate("abc")]
    totals = [Total("a", ("b", "c")), Total("a", ("c",))]
    draft = Draft.of("A", boxes, totals)
    less = draft.without("3")
    assert less.boxes["1"].sums == (("2",),)
    picture = np.full((300, 200), 255, np.uint8)
    assert less.form(picture).totals == (Total("a", ("b",)),)
    more = draft.add((100, 0, 50, 50)).add((100, 60, 50, 50))
    assert [one.name for one in more.boxes.values()] == ["a", "b", "c", "Box 4", "Box 5"]
    with pytest.raises(ValueError, match="expected 1 to 500"):
        Draft("A", {str(i): one for i, one in enumerate(500 * [draft.boxes["1"]])}).add((0, 0, 9, 9))


def test_a_photo_is_seen_as_the_template_shows_it():
    form = marks()
    photo, view = empty_photo()
    straight = Straight.of(photo, view, form.size)
    height, width = straight.picture.shape[:2]
    assert width / height == pytest.approx(form.size[0] / form.size[1], abs=0.01)
    box = form.boxes[2].box
    there = straight.box(box)
    assert straight.of_template(there) == pytest.approx(box, abs=2)
    x, y, w, h = there
    grey = straight.picture.mean(axis=2)
    inside = np.median(grey[y + h // 4 : y + 3 * h // 4, x + w // 4 : x + 3 * w // 4])
    assert grey[y : y + h, x - 2 : x + 3].mean(axis=0).min() < inside - 30  # its left line


def test_of_boxes_that_were_moved_what_is_read_anew_counts():
    def reading(text, **more):
        cell = Cell(NumberReading([], value=text), 0, 0, (0, 0, 9, 9), 1.0)
        return FormReading({"a": cell} | more, {"a": ((0.0, 0.0),) * 4} | dict.fromkeys(more, ()))

    other = Cell(NumberReading([], value="2"), 0, 1, (0, 0, 9, 9), 1.0)
    found = edited_form(
        reading("1", b=other), {"a": (1, 2, 3, 4), "gone": (0, 0, 1, 1)}, lambda *_: reading("7")
    )
    assert found.texts == {"a": "7", "b": "2"}
    box = Box("a", (0, 0, 40, 40), Field(between=(0, 20)))
    assert [fits(box, text) for text in ("20", "21", "2?", "")] == [True, False, False, None]
    assert fits(Box("a", (0, 0, 40, 40)), "20") is None
