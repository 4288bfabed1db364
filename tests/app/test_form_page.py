"""The page that reads forms, through Streamlit's own test harness: templates, photos, files."""

import csv
import io
import json

import pytest
import streamlit as st
from app_pages import choose, sound, start, words
from forms_made import PHOTOS, PLACE, TEMPLATE, expected, marks
from test_read_page import kept, start_again

from app.shared import icons
from digits import Recognizer
from digits.forms import Form

TRUE = {row.pop("file"): row for row in expected()}


@pytest.fixture
def taken(monkeypatch):
    """Return what the buttons for files hold, by their words."""
    found, button = {}, st.download_button

    def download_button(label, data, *rest, **more):
        found[label] = data() if callable(data) else data
        return button(label, data, *rest, **more)

    monkeypatch.setattr(st, "download_button", download_button)
    return found


@pytest.fixture
def known_photos(monkeypatch, recognizer):
    """Read each of the sample's photos once for all tests."""
    monkeypatch.setattr(Recognizer, "read_form", once(Recognizer.read_form))


READ = {}


def once(read):
    def read_form(self, image, form):
        name = image.size, image.convert("L").resize((9, 9)).tobytes(), form
        if name not in READ:
            READ[name] = read(self, image, form)
        return READ[name]

    return read_form


def bring(app, key: str, *paths):
    """Bring files to one of the places for them."""
    files = [(path.name, path.read_bytes(), "") for path in paths]
    place = app.file_uploader(key=key)
    return sound(place.set_value(files if key != "template_file" else files[0]).run())


def form_page(*photos):
    """Open the Read page for forms, with the sample's template and photos."""
    app = bring(start("read", read_what="Form"), "template_file", TEMPLATE)
    return bring(app, "form read_files", *photos) if photos else app


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row.pop("file"): row for row in csv.DictReader(io.StringIO(text))}


def test_the_sample_is_read_put_right_and_taken_as_files(editor, taken, known_photos):
    app = start("read", read_what="Form")
    assert "A form is marked once" in words(app)
    sound(app.button(key="template_sample").click().run())
    found = rows_of(taken["CSV"])
    right = sum(found[name][box] == text for name, row in TRUE.items() for box, text in row.items())
    assert right >= 43  # of 45
    listed = app.dataframe[0].value
    waiting = [name for name in listed["Picture"] if found[name]["doubtful"]]
    assert listed["Picture"].tolist()[: len(waiting)] == waiting
    assert editor.calls[-1]["heads"] == list(TRUE["photo1.jpg"])
    assert [text for (text,) in editor.grid] == [found[waiting[0]][box] for box in TRUE["photo1.jpg"]]
    assert f"{icons.KEEP} Sum is the sum of Task 1" in words(app)
    assert "All that is written fits" in words(app)
    box = found[waiting[0]]["doubtful"].split("; ")[0]
    editor.act(app, "say", box, text="77")
    assert rows_of(taken["CSV"])[waiting[0]][box] == "77"
    assert "77 ✓" in app.dataframe[0].value.iloc[0].tolist()
    assert "Sum is not the sum of Task 1" in words(app)
    assert f"{box}: not what is known of it" in words(app)
    said = {each["file"]: each for each in json.loads(taken["JSON"])}[waiting[0]]
    assert [each["text"] for each in said["boxes"] if each["name"] == box] == ["77"]
    assert taken["Excel"][:2] == b"PK"
    app.button(key="undo").click().run()
    assert rows_of(taken["CSV"]) == found


def test_another_form_is_a_row_with_its_reason_and_boxes_are_read_where_they_are_moved(
    editor, taken, known_photos
):
    other = PLACE.parents[2] / "docs" / "draw.png"
    app = form_page(PHOTOS[0], other)
    found = rows_of(taken["CSV"])
    assert found["photo1.jpg"].items() >= TRUE["photo1.jpg"].items()
    assert "form" in found["draw.png"]["error"]
    assert app.dataframe[0].value["Remark"][0] == found["draw.png"]["error"]
    assert not app.error
    tasks = [editor.items[f"Task {number}"]["b"] for number in (1, 2)]
    editor.act(app, "move", "Task 1", box=tasks[1])
    assert rows_of(taken["CSV"])["photo1.jpg"]["Task 1"] == TRUE["photo1.jpg"]["Task 2"]
    assert editor.items["Task 1"]["b"] == pytest.approx(tasks[1], abs=2)
    editor.act(app, "undo")
    assert rows_of(taken["CSV"]) == found
    editor.act(app, "move", "Student", box=[9, 9, 40, 20])  # too small for eight: told, and nothing is lost
    assert len(app.error) == 1
    assert rows_of(taken["CSV"]) == found
    editor.act(app, "split", "Task 1")
    assert len(app.error) == 1


def test_digits_of_boxes_teach(editor, known_photos, recognizer):
    from PIL import Image

    from digits.data.collection.store import Store

    app = form_page(PHOTOS[0])
    editor.act(app, "say", "Task 2", text="4")  # it is a 9
    assert kept() == [(4, 9, "number")]
    assert recognizer.read_digit(Image.open(Store().samples()[0].picture)).digit == 9
    editor.act(app, "say", "Student", text="12345678")
    assert sorted(label for label, *_ in kept()) == [1, 2, 3, 4, 4, 5, 6, 7, 8]


def test_a_template_is_marked_on_a_picture(editor, taken):
    app = bring(start("read", read_what="Form"), "template_file", PLACE / "empty.png")
    assert "9 boxes, 9 of them have no name yet" in words(app)
    assert editor.items["Box 1"]["n"] == "8 boxes for a digit each"
    editor.act(app, "say", "Box 1", text="Student")
    editor.act(app, "say", "Box 2", text="Student")
    assert "Student" in app.error[0].value
    editor.act(app, "say", "Box 2", text="Date")
    for number in range(1, 7):
        editor.act(app, "say", f"Box {number + 2}", text=f"Task {number}")
    editor.act(app, "say", "Box 9", text="Sum")
    assert editor.items["Sum"]["s"] == "Sum"
    editor.act(app, "choose", "Student")
    tell(app, "length", "eight")
    assert "Box 'Student': The field 'length=eight' is not understood" in app.error[0].value
    tell(app, "length", "8")
    tell(app, "check", "luhn")
    assert not app.error
    editor.act(app, "choose", "Sum")
    tell(app, "between", "0 , 120")
    tasks = [editor.items[f"Task {number}"]["k"] for number in range(1, 7)]
    sound(app.multiselect[0].set_value(tasks).run())
    form = Form.load(taken["JSON"].encode())
    known = {box.name: box for box in marks().boxes}
    assert [box.name for box in form.boxes] == list(known)
    assert form.totals == marks().totals
    for name in ("Student", "Sum"):
        (box,) = [box for box in form.boxes if box.name == name]
        assert (box.field, box.digits) == (known[name].field, known[name].digits)
        assert box.box == pytest.approx(known[name].box, abs=12)
    editor.act(app, "add", box=[100, 100, 60, 40])
    assert editor.items["Box 10"]["b"] == [100, 100, 60, 40]
    editor.act(app, "move", "Box 10", box=[200, 100, 60, 40])
    assert "10 boxes" in words(app)
    editor.act(app, "delete", "Task 6")
    assert "Task 6" not in taken["JSON"]
    assert Form.load(taken["JSON"].encode()).totals[0].of[-1] == "Task 5"
    editor.act(app, "undo")
    assert Form.load(taken["JSON"].encode()).totals == marks().totals
    again = start_again(app.query_params["work"])
    assert editor.items["Box 10"]["b"] == [200, 100, 60, 40]
    sound(again.button(key="template_done").click().run())
    assert "Choose photos or scans of the form" in words(again)
    sound(again.button(key="forget_template").click().run())
    assert "A form is marked once" in words(again)


def tell(app, name: str, value: str) -> None:
    """Say something that is known of the chosen box."""
    (place,) = [each for each in app.text_input if each.key.startswith("said ") and each.key.endswith(name)][
        :1
    ]
    sound(place.set_value(value).run())


def test_what_is_no_template_is_told(editor, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"digits_form": 1}')
    app = bring(start("read", read_what="Form"), "template_file", bad)
    assert "The form" in app.error[0].value
    paper = tmp_path / "paper.png"
    from PIL import Image

    Image.new("L", (300, 400), 255).save(paper)
    app = bring(app, "template_file", paper)
    assert "No boxes of closed lines were found" in words(app)
    editor.act(app, "add", box=[50, 50, 80, 40])
    assert "1 boxes" not in words(app)
    assert not app.error


def test_a_template_and_what_is_put_right_survive_a_reload(editor, taken, known_photos):
    app = form_page(PHOTOS[0])
    editor.act(app, "say", "Task 1", text="3")
    choose(app, "button_group", "read_what", ["Number"])
    again = start_again(app.query_params["work"])
    choose(again, "button_group", "read_what", ["Form"])
    assert rows_of(taken["CSV"])["photo1.jpg"]["Task 1"] == "3"
