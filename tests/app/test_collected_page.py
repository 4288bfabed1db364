"""My digits: counted, looked through, put right, deleted, taken along and brought back."""

import io
import zipfile

import pytest
from app_pages import SEVEN, start, texts

from app.teach.transfer import PAGE
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


def test_an_empty_collection_says_where_to_begin(canvas):
    app = page()
    assert any("Nothing is here yet" in text for text in texts(app))
    assert not labels(app)
    assert not app.get("download_button")
    begin = next(button for button in app.button if "Write on paper" in button.label)
    begin.click().run()
    assert app.session_state["teach_part"] == "On paper"
    assert not Store().folder.exists()


def test_digits_are_counted_and_shown_page_by_page(canvas):
    keep(PAGE + 2, 7)
    keep(1, 4)
    app = page()
    assert any(text.startswith(f"{PAGE + 3} digits. There is no 0, 1, 2") for text in captions(app))
    assert [box.value for box in labels(app)] == [4] + [7] * (PAGE - 1)
    on = next(button for button in app.button if button.label == "▶")
    on.click().run()
    assert [box.value for box in labels(app)] == [7] * 3
    app.selectbox(key="collected_label").set_value(4).run()
    assert [box.value for box in labels(app)] == [4]
    app.selectbox(key="collected_label").set_value(9).run()
    assert not app.exception
    assert "There is no 9 yet." in texts(app)


def test_doubtful_ones_can_be_looked_at_first(canvas):
    keep(1, 4, answer=9, status="digit")
    keep(3, 7, answer=7, status="digit")
    app = page()
    assert [box.value for box in labels(app)] == [7, 7, 7, 4]
    order = next(group for group in app.get("button_group") if group.label == "Order")
    order.set_value("Doubtful first").run()
    assert [box.value for box in labels(app)] == [4, 7, 7, 7]


def test_relabel_delete_and_undo(canvas):
    keep(2, 7)
    app = page()
    labels(app)[0].set_value(1).run()
    assert not app.exception
    assert [box.value for box in labels(app)] == [1, 7]
    assert Store().counts()[[1, 7]].tolist() == [1, 1]
    gone = Store().samples()[0]
    click(app, f"delete-{gone.id}")
    assert "Deleted a 1." in texts(app)
    assert len(Store()) == 1
    click(app, "undo_delete")
    assert Store().samples()[0] == gone
    assert not any("Deleted" in text for text in texts(app))


def test_what_another_window_deleted_is_a_sentence(canvas):
    keep(2, 7)
    app = page()
    first = Store().samples()[0]
    Store().delete_all()
    click(app, f"delete-{first.id}")
    assert f"no digit {first.id} " in app.error[0].value


def test_delete_all_waits_for_a_second_click(canvas):
    keep(3, 7)
    app = page()
    assert any("There is no way back" in text for text in texts(app))
    click(app, "delete_all")
    assert len(Store()) == 0
    assert any("Nothing is here yet" in text for text in texts(app))


def test_delete_all_takes_the_archive_out_of_the_uploader(canvas):
    keep(2, 7)
    archive = export_zip(Store())
    app = bring(page(), ("mine.zip", archive))
    click(app, "delete_all")
    app.run()
    assert len(Store()) == 0  # not brought in again
    assert not app.success
    bring(app, ("mine.zip", archive))
    assert app.success[0].value == "Added: 2 digits."


def test_an_archive_is_brought_in_once(canvas):
    keep(2, 7)
    archive = export_zip(Store())
    Store().delete_all()
    app = bring(page(), ("mine.zip", archive))
    assert app.success[0].value == "Added: 2 digits."
    assert len(labels(app)) == 2
    Store().delete(Store().samples()[0].id)
    app.run()
    assert len(Store()) == 1  # not brought in again
    assert len(app.get("download_button")) == 1


def test_what_was_left_out_is_told(canvas):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("4/notes.txt", "x")
        keep(1, 7)
        archive.write(Store().samples()[0].picture, "7/a.png")
    app = bring(page(), ("mine.zip", file.getvalue()))
    assert app.success[0].value == "Added: 0 digits. Here already: 1."
    assert any("notes.txt was left out" in text for text in captions(app))


def test_an_odd_archive_changes_nothing(canvas):
    keep(1, 7)
    app = bring(page(), ("mine.zip", b"no archive"))
    assert app.error[0].value.startswith("Nothing was taken over. This is not a .zip archive")
    assert len(labels(app)) == 1


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


@pytest.mark.parametrize("public", ["1", "yes"])
def test_strangers_see_no_collection(canvas, monkeypatch, public):
    keep(1, 7)
    monkeypatch.setenv("DIGITS_PUBLIC", public)
    app = page()
    assert not labels(app)
    assert "keeps nothing of yours" in app.info[0].value
