"""Parts on the disk: what is gone on with, what is begun anew, and how they become one table."""

import json

import pyarrow.parquet as pq
import pytest

from digits.deploy.batch import output
from digits.deploy.batch.output import ASKED as ASKED_FILE
from digits.deploy.batch.output import Parts

ASKED = {"input": "a", "model_sha256": "b", "number": False, "part": 2}


def row(key: str, error: str | None = None) -> dict:
    return {"source": "pile", "key": key, "status": "error" if error else "digit", "error": error}


def begun(out, asked=ASKED, restart=False):
    parts = Parts(out, asked)
    with parts.held():
        is_done, words = parts.begin(restart)
    return parts, is_done, words


@pytest.fixture
def out(tmp_path):
    """Return a table to be, with two parts that are finished and one that is half written."""
    out = tmp_path / "new" / "out.parquet"
    parts, is_done, words = begun(out)
    assert (is_done, words) == (False, "")
    parts.write(10, [row("e", "It is no picture.")])
    parts.write(2, [row("a"), row("b")])
    (parts.folder / ".tmp-7-00000003.parquet").write_bytes(b"half")
    return out


def test_the_same_question_goes_on_and_ends_in_one_table(out, monkeypatch):
    monkeypatch.setattr(output, "TOGETHER", 1)
    parts, is_done, words = begun(out)
    assert (is_done, words) == (False, "Going on: 2 parts are there already.")
    assert list(parts.done()) == [2, 10]
    assert parts.rows() == 3
    assert not list(parts.folder.glob(".tmp-*"))
    with parts.held():
        assert parts.finish() == (3, 1)
    assert [path.name for path in out.parent.iterdir()] == ["out.parquet"]
    made = pq.ParquetFile(out)
    assert made.metadata.num_row_groups == 2
    assert made.read()["key"].to_pylist() == ["a", "b", "e"]
    assert json.loads(output.about(out)) == {key: ASKED[key] for key in ("input", "model_sha256", "number")}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_sha256": "c", "card": "d"}, "parts of another model; expected the same line.*--restart"),
        ({"input": "c", "number": True}, "another pile of pictures and another choice of --number;"),
    ],
)
def test_parts_of_another_question_are_kept_unless_told_otherwise(out, change, words):
    with pytest.raises(ValueError, match=words):
        begun(out, ASKED | change)
    assert len(begun(out)[0].done()) == 2
    parts, is_done, said = begun(out, ASKED | change, restart=True)
    assert (is_done, said, parts.done()) == (False, "Beginning anew, as asked.", {})


def test_parts_of_another_size_are_gone_on_with_and_unknown_ones_stay(out):
    parts, _, words = begun(out, ASKED | {"part": 50})
    assert words == "Going on: 2 parts are there already, of 2 pictures each, as the others will be."
    assert parts.asked == ASKED
    (parts.folder / ASKED_FILE).write_text("[]")
    with pytest.raises(ValueError, match="holds parts of another pile"):
        begun(out)
    assert len(parts.done()) == 2


def test_a_restart_goes_on_without_the_flag_while_the_old_table_is_there(out):
    parts, _, _ = begun(out)
    with parts.held():
        parts.finish()
    before, other = out.read_bytes(), ASKED | {"input": "c"}
    parts, _, _ = begun(out, other, restart=True)
    parts.write(0, [row("new")])
    for _ in range(2):  # it may be stopped again
        parts, is_done, words = begun(out, other)
        assert (is_done, words) == (False, "Going on: 1 parts are there already.")
    assert begun(out)[1]  # the old question is answered still, and harms nothing
    assert (len(parts.done()), out.read_bytes()) == (1, before)
    with parts.held():
        assert parts.finish() == (1, 0)
    assert begun(out, other)[1]
    assert output.counts(out) == (1, 0)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out.parquet"
    with pytest.raises(ValueError, match=f"OUT is {out}, where nothing can be written .*another place"):
        begun(out)


def test_a_finished_table_is_left_alone(out):
    parts, _, _ = begun(out)
    with parts.held():
        parts.finish()
    before = out.read_bytes()
    _, is_done, words = begun(out, ASKED | {"part": 50})  # how the work was cut does not matter any more
    assert is_done
    assert "there already" in words
    with pytest.raises(ValueError, match="answers something else.*--restart"):
        begun(out, ASKED | {"input": "c"})
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["out.parquet"]
    assert begun(out, ASKED | {"input": "c"}, restart=True)[1] is False


def test_a_table_of_somebody_else_is_not_replaced(tmp_path):
    for data in (b"mine", b""):
        (tmp_path / "out.parquet").write_bytes(data)
        for restart in (False, True):
            with pytest.raises(ValueError, match="there already and no table.*expected another name.$"):
                begun(tmp_path / "out.parquet", restart=restart)
        assert (tmp_path / "out.parquet").read_bytes() == data


def test_two_at_the_same_table_are_kept_apart_and_what_is_not_ours_stays(out):
    one, two = Parts(out, ASKED), Parts(out, ASKED)
    with one.held(), pytest.raises(ValueError, match="Another process"), two.held():
        pass
    assert len(one.done()) == 2
    (one.folder / "mine.txt").write_text("mine")
    begun(out, restart=True)
    with one.held():
        one.clear()
    assert [path.name for path in one.folder.iterdir()] == ["mine.txt"]
