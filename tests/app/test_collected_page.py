"""My digits: counted, looked through, put right, deleted, taken along and brought back."""

import io
import zipfile

import numpy as np
import pytest
from app_pages import SEVEN, start, texts

from app.teach.collection import PAGE, balance, page_of
from digits.data.collection.archive import export_zip
from digits.data.collection.store import Store
from digits.preprocessing.lattice import frame_single


def keep(number: int, digit: int = 7, **about):
    """Keep so many pictures of a seven, all different, with a label."""
    framed = frame_single(SEVEN).framed
    for place in range(number):
        picture = SEVEN.copy()
        picture[0, place], picture[1, digit] = 250, 250
        Store().add(picture, framed, digit, origin="draw", **about)


def page(**state):
    app = start(**state).switch_page("teach/page.py").run()
    assert not app.exception
    return app


def labels(app):
    return [box for box in app.selectbox if box.label.startswith("Label of")]


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def captions(app):
    return [caption.value for caption in app.caption]


def bring(app, *files):
    app.file_uploader[0].set_value([(name, data, "") for name, data in files]).run()
    assert not app.exception
    return app


def test_an_empty_collection_says_where_to_begin_and_strangers_see_none(canvas, monkeypatch):
    app = page()
    assert any("Nothing is here yet" in text for text in texts(app))
    assert not labels(app)
    assert not app.get("download_button")
    next(button for button in app.button if "Write on paper" in button.label).click().run()
    assert app.session_state["teach_part"] == "On paper"
    assert not Store().folder.exists()
    keep(1, 7)
    monkeypatch.setenv("DIGITS_PUBLIC", "yes")
    app = page()
    assert not labels(app)
    assert "keeps nothing of yours" in app.info[0].value


def test_digits_are_shown_page_by_page_put_right_and_deleted(canvas):
    keep(1, 4, answer=9, status="digit")
    keep(PAGE + 2, 7, answer=7, status="digit")
    app = page()
    assert any(text.startswith(f"{PAGE + 3} digits. There is no 0, 1, 2") for text in captions(app))
    assert [box.value for box in labels(app)] == [7] * PAGE
    next(button for button in app.button if button.label == "On").click().run()
    assert [box.value for box in labels(app)] == [7, 7, 4]
    app.session_state["collected_page"] = 0
    order = next(group for group in app.get("button_group") if group.label == "Order")
    order.set_value("Doubtful first").run()
    assert [box.value for box in labels(app)][:2] == [4, 7]
    app.selectbox(key="collected_label").set_value(9).run()
    assert "There is no 9 yet." in texts(app)
    app.selectbox(key="collected_label").set_value(4).run()
    labels(app)[0].set_value(1).run()
    assert Store().counts()[[1, 4]].tolist() == [1, 0]
    (gone,) = Store().samples(1)
    app.selectbox(key="collected_label").set_value(1).run()
    click(app, f"delete-{gone.id}")
    assert "Deleted a 1." in texts(app)
    assert not Store().samples(1)
    click(app, "undo_delete")
    assert Store().samples(1) == [gone]
    assert not any("Deleted" in text for text in texts(app))
    Store().delete_all()  # in another window
    click(app, f"delete-{gone.id}")
    assert f"no digit {gone.id} " in app.error[0].value


@pytest.mark.parametrize(
    ("number", "of", "expected"),
    [(0, 0, (0, 0, 0)), (3, 5, (0, 0, 5)), (-1, 50, (0, 0, PAGE)), (2, 2 * PAGE, (1, PAGE, 2 * PAGE))],
)
def test_pages(number, of, expected):
    assert page_of([None] * of, number) == expected


def test_the_fewest_are_named():
    assert balance(np.array([9, 4, 9, 9, 4, 9, 9, 9, 9, 9])).startswith(
        "80 digits. Of 1 or 4 there are fewest"
    )


def test_archives_come_in_once_and_all_is_deleted_by_a_second_click(canvas):
    keep(2, 7)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("4/notes.txt", "x")
        archive.write(Store().samples()[0].picture, "7/a.png")
    own = export_zip(Store())
    app = bring(page(), ("mine.zip", b"no archive"))
    assert app.error[0].value.startswith("Nothing was taken over. This is not a .zip archive")
    bring(app, ("other.zip", file.getvalue()))
    assert app.success[0].value == "Added: 0 digits. Here already: 1."
    assert any("notes.txt was left out" in text for text in captions(app))
    assert any("There is no way back" in text for text in texts(app))
    bring(app, ("mine.zip", own))
    click(app, "delete_all")
    app.run()
    assert len(Store()) == 0, "not brought in again"
    assert not app.success
    assert any("Nothing is here yet" in text for text in texts(app))
    bring(app, ("mine.zip", own))
    assert app.success[0].value == "Added: 2 digits."
    Store().delete(Store().samples()[0].id)
    app.run()
    assert len(Store()) == 1, "not brought in again"


def test_lost_files_and_a_damaged_table_are_told(canvas):
    keep(2, 7)
    Store().samples()[0].picture.unlink()
    app = page()
    assert "The files of 1 digit are gone" in app.warning[0].value
    assert len(labels(app)) == 1
    next(button for button in app.button if button.label == "Forget them").click().run()
    assert not app.warning
    (Store().folder / "collection.sqlite").write_bytes(b"damaged" * 99)
    app.run()
    assert not app.exception
    assert "is damaged" in app.error[0].value
