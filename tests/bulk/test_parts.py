"""Parts on the disk: what is gone on with, what is begun anew, and how they become one table."""

import json

import pyarrow.parquet as pq
import pytest

from digits.bulk import table
from digits.bulk.parts import Parts

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
    monkeypatch.setattr(table, "TOGETHER", 1)
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
    assert json.loads(table.about(out)) == {key: ASKED[key] for key in ("input", "model_sha256", "number")}


@pytest.mark.parametrize(
    ("change", "restart", "words"),
    [
        ({"model_sha256": "c"}, False, "of another model sha256 were the parts"),
        ({"input": "c", "part": 3}, False, "of another input and part were the parts"),
        ({}, True, "as asked"),
    ],
)
def test_another_question_begins_anew_and_says_why(out, change, restart, words):
    parts, is_done, said = begun(out, ASKED | change, restart)
    assert not is_done
    assert said.startswith("Beginning anew")
    assert words in said
    assert parts.done() == {}


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
        with pytest.raises(ValueError, match="there already"):
            begun(tmp_path / "out.parquet")
        assert (tmp_path / "out.parquet").read_bytes() == data


def test_two_at_the_same_table_are_kept_apart(out):
    one, two = Parts(out, ASKED), Parts(out, ASKED)
    with one.held(), pytest.raises(ValueError, match="Another process"), two.held():
        pass
    assert len(one.done()) == 2
