"""What is kept stays, once, however many write at the same time."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits.data.collection import store as store_module
from digits.data.collection.database import Table
from digits.data.collection.originals import LONGER_SIDE
from digits.data.collection.store import Store

WRITER = str(Path(__file__).with_name("writer.py"))
FRAME = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)


def some(seed=0, side=20):
    return np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)


def test_two_processes_at_once_lose_nothing(store):
    command = [sys.executable, WRITER, str(store.folder)]
    writers = [
        subprocess.Popen([*command, seed, "100"], stdout=subprocess.PIPE, text=True) for seed in ("1", "2")
    ]
    said = [writer.communicate()[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert store.counts().tolist() == [20] * 10
    assert len({line.split()[0] for lines in said for line in lines}) == 200
    assert len(list((store.folder / "pictures").iterdir())) == 400


def test_many_may_make_the_table_at_once(tmp_path):
    at_once = threading.Barrier(8)

    def keep(turn, seed):
        at_once.wait()
        Store(tmp_path / str(turn)).add(some(seed), FRAME, 4, origin="draw")

    with ThreadPoolExecutor(8) as pool:
        for turn in range(5):
            list(pool.map(keep, [turn] * 8, range(8)))
    assert [len(Store(tmp_path / str(turn))) for turn in range(5)] == [8] * 5


def test_what_is_kept_is_what_was_given(store, seen):
    added = store.add(
        some(), FRAME, 4, origin="camera", answer=9, status="unsure", model="mine", model_sha256="ab" * 32
    )
    (sample,) = Store(store.folder).samples()
    assert sample == added
    assert (sample.label, sample.answer, sample.status, sample.origin) == (4, 9, "unsure", "camera")
    assert (sample.model, sample.model_sha256) == ("mine", "ab" * 32)
    assert sample.created.endswith("+00:00")
    assert np.array_equal(np.asarray(Image.open(sample.picture)), some())
    assert np.abs(seen(sample) - FRAME).max() <= 0.5 / 255 + 1e-6
    assert store.counts().tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


def test_the_same_picture_with_the_same_label_is_one_sample(store):
    first = store.add(some(), FRAME, 4, origin="draw")
    rgba = np.dstack([some()] * 3 + [np.full((20, 20), 255, np.uint8)])
    assert store.add(rgba, FRAME, 4, origin="upload") == first
    assert store.add(Image.open(first.picture), FRAME, 4, origin="import") == first
    assert len(store) == 1
    assert len(list((store.folder / "pictures").iterdir())) == 2
    store.add(some(), FRAME, 5, origin="draw")
    store.add(some(seed=1), FRAME, 4, origin="draw")
    assert len(store) == 3


def test_pictures_are_kept_upright_and_no_larger_than_need_be(store):
    wide = Image.fromarray(np.tile(some(side=100), (8, 20)))
    wide.getexif()[0x0112] = 6  # a camera held upright
    sample = store.add(wide, FRAME, 1, origin="camera")
    assert Image.open(sample.picture).size == (LONGER_SIDE * 800 // 2000, LONGER_SIDE)


def test_relabel_delete_and_undo(store):
    one, two = store.add(some(1), FRAME, 1, origin="draw"), store.add(some(2), FRAME, 2, origin="draw")
    assert [sample.id for sample in store.samples()] == [two.id, one.id]
    assert store.relabel(one.id, 7).label == 7
    assert [sample.label for sample in store.samples()] == [2, 7]
    assert [sample.id for sample in store.samples(7)] == [one.id]
    store.delete(one.id)
    assert [sample.id for sample in store.samples()] == [two.id]
    with pytest.raises(ValueError, match=f"no digit {one.id} "):
        store.sample(one.id)
    assert store.restore(one.id) == store.sample(one.id)
    assert len(store) == 2


def test_a_change_that_makes_a_double_leaves_one(store):
    four, nine = (store.add(some(), FRAME, label, origin="draw") for label in (4, 9))
    assert store.relabel(nine.id, 4) == four
    assert store.samples() == [four]
    store.delete(four.id)
    again = store.add(some(), FRAME, 4, origin="draw")
    assert again.id not in (four.id, nine.id)
    assert store.restore(four.id) == again
    assert len(store) == 1


def test_all_is_deleted_with_its_files(store):
    for label in range(3):
        sample = store.add(some(), FRAME, label, origin="draw")
        if label:
            store.delete(sample.id)
    store.delete_all()
    assert len(store) == 0
    assert not list((store.folder / "pictures").iterdir())


def test_sweeping_removes_orphans_and_old_deletions_alone(store, monkeypatch):
    kept = store.add(some(1), FRAME, 1, origin="draw")
    gone = store.add(some(2), FRAME, 2, origin="draw")
    store.delete(gone.id)
    pictures = store.folder / "pictures"
    now = time.time()
    for name in ("left", "fresh", ".tmp-1-left", "earlier"):
        (pictures / f"{name}.png").write_bytes(b"")
    os.utime(pictures / "fresh.png", (now + 3000, now + 3000))
    os.utime(pictures / "earlier.png", (now - 9000, now - 9000))  # before this table was made
    for hours in (0.9, 2, 25):
        monkeypatch.setattr(store_module.time, "time", lambda hours=hours: now + hours * 3600)
        store.sweep()
        names = {path.name for path in pictures.iterdir()}
        assert {kept.picture.name, kept.framed.name, "earlier.png"} <= names
        assert ("left.png" in names, ".tmp-1-left.png" in names) == (hours < 1,) * 2
        assert ("fresh.png" in names) == (hours < 1.5)
        assert (gone.picture.name in names) == (hours < 24)
    with pytest.raises(ValueError, match="no digit"):
        store.restore(gone.id)


def test_lost_files_cost_only_their_own_sample(store):
    one, two = store.add(some(1), FRAME, 1, origin="draw"), store.add(some(2), FRAME, 2, origin="draw")
    one.picture.unlink()
    assert store.samples() == [two]
    assert store.lost() == [one]
    assert store.counts().sum() == len(store) == 1
    again = store.add(some(1), FRAME, 1, origin="draw")
    assert store.samples() == [again, two]
    assert store.lost() == []
    two.framed.write_bytes(b"no picture")
    assert two.current_frame() is None


def test_a_damaged_table_is_one_sentence(store):
    sample = store.add(some(), FRAME, 1, origin="draw")
    table = store.folder / "collection.sqlite"
    table.write_bytes(b"no database at all" * 100)
    for action in (store.samples, store.sweep, lambda: store.add(some(), FRAME, 1, origin="draw")):
        with pytest.raises(ValueError, match=r"collection.sqlite is damaged .* Move it elsewhere"):
            action()
    table.unlink()
    assert len(store) == 0
    store.sweep()
    assert sample.picture.exists()


def test_what_finds_no_place_in_the_table_leaves_no_files(store, monkeypatch):
    kept = store.add(some(1), FRAME, 1, origin="draw")
    full = sqlite3.OperationalError("database or disk is full")
    opened = Table._opened

    @contextmanager
    def no_room(table, begin="BEGIN IMMEDIATE"):
        if begin != "BEGIN":
            raise ValueError("no room") from full
        with opened(table, begin) as connection:
            yield connection

    monkeypatch.setattr(Table, "_opened", no_room)
    with pytest.raises(ValueError, match="no room"):
        store.add(some(2), FRAME, 2, origin="draw")
    assert set((store.folder / "pictures").iterdir()) == {kept.picture, kept.framed}
    assert store.samples() == [kept]


def test_a_collection_can_be_looked_at_where_nothing_can_be_written(store, monkeypatch):
    kept = store.add(some(1), FRAME, 1, origin="draw")

    @contextmanager
    def full(table, begin="BEGIN IMMEDIATE"):
        raise ValueError("no room") from sqlite3.OperationalError("disk I/O error")
        yield

    monkeypatch.setattr(Table, "_opened", full)
    assert Store(store.folder).samples() == [kept]
    log = store.folder / "collection.sqlite-wal"
    log.write_bytes(b"changes that are not in the table yet")
    with pytest.raises(ValueError, match="no room"):
        store.samples()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written"):
        Store(tmp_path / "file").add(some(), FRAME, 1, origin="draw")


def test_looking_makes_no_folder(store):
    assert (len(store), store.samples(), store.lost()) == (0, [], [])
    assert store.counts().tolist() == [0] * 10
    store.delete_all()
    store.sweep()
    assert not store.folder.exists()


@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"label": 10}, "Label 10"),
        ({"label": "4"}, "Label '4'"),
        ({"answer": -1}, "Answer -1"),
        ({"origin": "moon"}, "Origin 'moon'"),
        ({"status": "blank"}, "Status 'blank'"),
        ({"framed": np.zeros((28, 27))}, r"shape \(28, 27\)"),
        ({"framed": FRAME * 2}, "values from 0.0 to 2.0"),
        ({"framed": FRAME * np.nan}, "values from nan"),
        ({"picture": "seven.png"}, "type str"),
        ({"picture": some(side=4)}, "4 x 4 pixels"),
    ],
)
def test_what_is_no_sample_is_refused(store, wrong, about):
    arguments = {"picture": some(), "framed": FRAME, "label": 4, "origin": "draw"} | wrong
    with pytest.raises(ValueError, match=about):
        store.add(**arguments)
    assert not store.folder.exists()


def test_an_exported_folder_is_what_a_fine_tuning_reads_without_framing_again(
    store, keep, seen, tmp_path, monkeypatch
):
    from digits.data import handwriting

    frame_single, asked = handwriting.frame_single, []
    monkeypatch.setattr(handwriting, "frame_single", lambda one: asked.append(one) or frame_single(one))
    ids = {keep(digit, place).id: digit for digit in (0, 4, 7) for place in (40, 60)}
    store.export_folder(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").glob("4/*")) == [
        f"own-{id}.png" for id, digit in ids.items() if digit == 4
    ]
    own = handwriting.load(tmp_path / "out")
    assert own.labels.tolist() == [0, 0, 4, 4, 7, 7]
    assert set(own.sources) == {"own"}
    frames = {f"own-{sample.id}.png": seen(sample) for sample in store.samples()}
    assert all(
        np.array_equal(frames[name] * 255, one) for name, one in zip(own.names, own.frames, strict=True)
    )
    assert not asked
    keep(4, 50, frame_version=0)
    store.export_folder(tmp_path / "newer")
    assert len(handwriting.load(tmp_path / "newer")) == 7
    assert len(asked) == 1, "what an earlier framing made is made anew"
    with pytest.raises(ValueError, match="is not empty"):
        store.export_folder(tmp_path / "out")
