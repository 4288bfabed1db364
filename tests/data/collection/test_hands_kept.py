"""Hands are kept apart: each has its own digits, no update loses one, and each goes out and in as a file."""

import io
import json
import sqlite3
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import numpy as np
import pytest
from drawn_digits import drawn

from digits.data.collection.archive import NOTES, export_zip, import_hand, import_zip
from digits.data.collection.database import Table
from digits.data.collection.hands import FIRST, FIRST_NAME, LONGEST, MOST, Hands
from digits.data.collection.store import Store

FRAME = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)


@pytest.fixture
def hands(tmp_path):
    return Hands(tmp_path / "user")


def test_each_hand_has_its_own_digits(hands):
    assert hands.names() == {FIRST: FIRST_NAME}
    assert not hands.folder.exists(), "to look makes nothing"
    mine, left = hands.store(), hands.add("  left hand ")
    one, other = (store.add(drawn(4), FRAME, 4, origin="draw") for store in (mine, left))
    assert one.id != other.id, "the same picture is another hand's too"
    assert mine.add(drawn(4), FRAME, 4, origin="draw") == one
    assert (mine.samples(), left.samples()) == ([one], [other])
    assert (one.hand, other.hand) == (FIRST, left.hand)
    mine.delete(other.id)  # undone while another hand is chosen
    assert (len(mine), len(left)) == (1, 0)
    assert mine.restore(other.id) == other
    mine.delete_all()
    assert (len(mine), len(left)) == (0, 1)


def test_hands_are_renamed_and_removed_with_their_files(hands):
    mine, left = hands.store(), hands.add("left hand")
    kept, gone = mine.add(drawn(1), FRAME, 1, origin="draw"), left.add(drawn(2), FRAME, 2, origin="draw")
    hands.rename(FIRST, "Anna")
    assert hands.names() == {FIRST: "Anna", left.hand: "left hand"}
    hands.remove(left.hand)
    assert hands.names() == {FIRST: "Anna"}
    assert kept.picture.exists()
    assert not gone.picture.exists()
    for action in (lambda: left.add(drawn(3), FRAME, 3, origin="draw"), lambda: hands.remove(left.hand)):
        with pytest.raises(ValueError, match=f"no hand {left.hand}: it was removed"):
            action()
    assert len(list((hands.folder / "pictures").iterdir())) == 2, "what was not added leaves no files"
    assert hands.add("left hand").hand not in (FIRST, left.hand), "a number is never used again"
    hands.remove(FIRST)
    with pytest.raises(ValueError, match="only hand"):
        hands.remove(*hands.names())


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * (LONGEST + 1), "\x1b[2J", None], ids=repr)
def test_what_is_no_name_is_refused(hands, name):
    with pytest.raises(ValueError, match="no name for a hand; expected 1 to 40 letters") as refusal:
        hands.add(name)
    assert str(refusal.value).isprintable()


def test_two_hands_of_one_name_and_too_many_are_refused(hands):
    left = hands.add("Left")
    for action in (lambda: hands.add("lEFT"), lambda: hands.rename(FIRST, "left")):
        with pytest.raises(ValueError, match="already; expected another name"):
            action()
    hands.rename(left.hand, "LEFT")
    assert hands.free_name("left") == "left 2"
    for n in range(MOST - 2):
        hands.add(f"class {n}")
    with pytest.raises(ValueError, match=f"There are {MOST} hands already"):
        hands.add("one more")


SCHEMA_2 = """
CREATE TABLE samples (id INTEGER PRIMARY KEY AUTOINCREMENT, label INTEGER NOT NULL, answer INTEGER,
    status TEXT NOT NULL, model TEXT NOT NULL, model_sha256 TEXT NOT NULL, origin TEXT NOT NULL,
    created TEXT NOT NULL, stem TEXT NOT NULL, digest TEXT NOT NULL, deleted REAL);
CREATE UNIQUE INDEX once ON samples (digest, label) WHERE deleted IS NULL;
CREATE TABLE birth (time REAL NOT NULL);
INSERT INTO birth VALUES (1000.0);
INSERT INTO samples SELECT
    id, label, answer, status, model, model_sha256, origin, created, stem, digest, deleted FROM newer.samples;
PRAGMA user_version = 2;
"""


def make_older(hands):
    """Give the collection the tables of version 2."""
    new = hands.folder / "collection.sqlite"
    with closing(sqlite3.connect(hands.folder / "old")) as old:
        old.execute("ATTACH ? AS newer", (str(new),))
        old.executescript(SCHEMA_2)
    for log in ("", "-wal", "-shm"):
        new.with_name(new.name + log).unlink(missing_ok=True)
    (hands.folder / "old").rename(new)


def test_a_collection_of_an_earlier_version_becomes_the_first_hand(hands):
    mine = hands.store()
    before = [mine.add(drawn(digit), FRAME, digit, origin="draw") for digit in (1, 4, 7)]
    mine.delete(before[0].id)
    make_older(hands)
    at_once = threading.Barrier(4)

    def look(_):
        at_once.wait()
        return Store(hands.folder).samples()

    with ThreadPoolExecutor(4) as pool:  # several processes may find it old
        assert list(pool.map(look, range(4))) == [before[:0:-1]] * 4
    assert mine.restore(before[0].id) == before[0]
    assert hands.names() == {FIRST: FIRST_NAME}
    left = hands.add("left hand")
    left.add(drawn(4), FRAME, 4, origin="draw")
    assert (len(mine), len(left)) == (3, 1)


def test_a_collection_of_an_earlier_version_is_seen_where_nothing_can_be_written(hands, monkeypatch):
    kept = hands.store().add(drawn(4), FRAME, 4, origin="draw")
    make_older(hands)
    before = (hands.folder / "collection.sqlite").read_bytes()

    @contextmanager
    def full(table, begin="BEGIN IMMEDIATE"):
        raise ValueError("no room") from sqlite3.OperationalError("disk I/O error")
        yield

    monkeypatch.setattr(Table, "_opened", full)
    assert hands.names() == {FIRST: FIRST_NAME}
    assert hands.store().samples() == [kept]
    assert (hands.folder / "collection.sqlite").read_bytes() == before


def test_a_hand_goes_out_and_comes_in_with_its_name(hands, tmp_path):
    left = hands.add("left hand")
    left.add(drawn(4), FRAME, 4, origin="guided")
    hands.store().add(drawn(1), FRAME, 1, origin="draw")
    file = io.BytesIO(export_zip(left))
    other = Hands(tmp_path / "other")
    store, outcome = import_hand(other, file, "whatever.zip")
    assert other.names() == {FIRST: FIRST_NAME, store.hand: "left hand"}
    assert ([sample.label for sample in store.samples()], outcome.added) == ([4], 1)
    again, _ = import_hand(other, file, "whatever.zip")
    assert other.names()[again.hand] == "left hand 2"
    assert import_zip(other.store(), file).added == 1, "or into a hand that is there"


def archive(notes: object) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(NOTES, json.dumps(notes))
    return file


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ({"hand": "x" * 99, "samples": {}}, "no name for a hand"),
        ({"hand": ["x"], "samples": {}}, "no name for a hand"),
        ({"hand": "a\u202eb", "samples": {}}, "no name for a hand"),
        ({"hand": "left", "samples": {}}, "no picture in a folder"),
        (["left"], "cannot be used"),
    ],
    ids=["long", "a list", "turned round", "empty", "no notes"],
)
def test_an_archive_that_lies_adds_no_hand(hands, notes, words):
    with pytest.raises(ValueError, match=words) as refusal:
        import_hand(hands, archive(notes), "a.zip")
    assert str(refusal.value).isprintable()
    assert hands.names() == {FIRST: FIRST_NAME}


def test_an_interrupted_archive_adds_no_hand(hands):
    class Rerun(BaseException):
        """What Streamlit interrupts with."""

    hands.store().add(drawn(4), FRAME, 4, origin="draw")

    def interrupt(share):
        if share >= 0.5:
            raise Rerun

    with pytest.raises(Rerun):
        import_hand(hands, io.BytesIO(export_zip(hands.store())), "a", interrupt)
    assert hands.names() == {FIRST: FIRST_NAME}
    assert len(list((hands.folder / "pictures").iterdir())) == 2, "nor files"


def test_an_archive_without_a_name_is_called_by_its_file(hands):
    export = export_zip(Store(hands.folder))
    with pytest.raises(ValueError, match="no picture"):
        import_hand(hands, io.BytesIO(export), "a")
    hands.store().add(drawn(4), FRAME, 4, origin="draw")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.write(hands.store().samples()[0].picture, "4/a.png")
    for name, called in (("class 4b", "class 4b"), ("\x1b\n", "A hand"), ("long" * 20, "long" * 10)):
        store, _ = import_hand(hands, file, name)
        assert hands.names()[store.hand] == called
