"""The whole way on the command line: a table from every kind of source, after a kill, by either engine."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import piles
import pyarrow.parquet as pq
import pytest

from digits import Recognizer
from digits.__main__ import main
from digits.deploy.batch.job import Reader
from digits.deploy.batch.sources import shards
from digits.preprocessing.decode import open_picture


@pytest.fixture
def pile(tmp_path, digit_files):
    return piles.make(tmp_path, "pile.zip", digit_files)


def batch(light_model, *words) -> int:
    return main(["batch", *map(str, words), "--model", str(light_model), "--part", "8"])


def answers(path, *columns):
    found = pq.read_table(path).to_pydict()
    return [found[name] for name in columns or found]


def test_a_table_says_what_the_front_door_says(light_model, pile, digit_files, tmp_path, capsys):
    assert batch(light_model, pile, tmp_path / "out.parquet", "--jobs", 2) == 0
    assert "62 pictures, 2 of them with an error" in capsys.readouterr().out
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["key"] for row in found] == sorted(digit_files)
    reader = Recognizer.load(light_model)
    for row in found:
        name = row["key"]
        if name in ("010_is_text.png", "020_is_small.png"):
            assert row["status"] == "error"
            assert name in row["error"]
            assert row["digit"] is row["probabilities"] is None
        else:
            (tmp_path / "one.png").write_bytes(digit_files[name])
            reading = reader.read_digit(open_picture(tmp_path / "one.png"))
            assert (row["digit"], row["status"]) == (reading.digit, reading.status)
            assert row["confidence"] == pytest.approx(reading.confidence, abs=1e-4)
            assert np.allclose(row["probabilities"], reading.probabilities, atol=1e-4)
        assert (row["source"], row["model"], len(row["model_sha256"])) == (str(pile), "small", 64)


@pytest.mark.parametrize("kind", piles.KINDS)
def test_readers_give_the_same_rows_for_all_kinds_of_sources(light_model, digit_files, tmp_path, kind):
    read = Reader(light_model, "small", "0" * 64, number=False, marks=False)
    some = dict(sorted(digit_files.items())[:24])
    sides = [str(piles.make(tmp_path, one, some)) for one in ("pile.zip", kind)]
    expected, found = ([row for shard in shards([side], 10) for row in read(shard)] for side in sides)
    assert [(row["status"], row.get("probabilities")) for row in found] == [
        (row["status"], row.get("probabilities")) for row in expected
    ]


def test_numbers_come_with_their_places(light_model, tmp_path, golden_frames):
    pixels = np.zeros((28, 70), np.uint8)
    pixels[:, :28], pixels[:, 38:66] = golden_frames[3] * 255, golden_frames[4] * 255
    pile = piles.make(tmp_path, "pile.tar", {"34.png": piles.encoded(pixels), "blank.png": piles.png(50)})
    assert batch(light_model, pile, tmp_path / "out.parquet", "--number", "--jobs", 1) == 0
    number, blank = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (blank["text"], blank["status"], blank["digits"]) == ("", "blank", [])
    assert len(number["text"]) == len(number["digits"]) == 2
    left, right = (digit["box"] for digit in number["digits"])
    assert left[0] + left[2] <= right[0]


def test_a_killed_process_costs_only_what_it_had_in_hand(light_model, digit_files, tmp_path):
    many = {f"{turn}/{name}": data for turn in range(6) for name, data in digit_files.items()}
    pile, out = piles.make(tmp_path, "folder", many), tmp_path / "out.parquet"
    line = [sys.executable, "-m", "digits", "batch", str(pile), str(out), "--model", str(light_model)]
    line += ["--part", "4", "--jobs", "2"]
    parts = out.with_name("out.parquet.parts")
    running = subprocess.Popen(line, stderr=subprocess.DEVNULL, start_new_session=True)
    while len(list(parts.glob("[0-9]*.parquet"))) < 3:
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    _gone(running.pid)
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("[0-9]*.parquet")}
    assert 3 <= len(kept) < len(many) / 4
    (parts / ".tmp-1-00000000.parquet").write_bytes(b"half")

    again = subprocess.run([*line, "--engine", "local"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert f"Going on: {len(kept)} parts are there already." in again.stderr
    assert f"{len(many):,} pictures, 12 of them" in again.stdout
    assert answers(out, "key") == [sorted(many)]
    assert not parts.exists()


def test_both_engines_say_the_same(light_model, digit_files, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed")
    some = dict(sorted(digit_files.items())[:24])
    pile = piles.make(tmp_path, "pile.parquet", some)
    for engine in ("local", "ray"):
        out = tmp_path / f"{engine}.parquet"
        line = ["-m", "digits", "batch", str(pile), str(out), "--model", str(light_model), "--part", "8"]
        done = subprocess.run(
            [sys.executable, *line, "--engine", engine, "--jobs", "1"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert pq.read_table(tmp_path / "local.parquet").equals(pq.read_table(tmp_path / "ray.parquet"))


def test_a_changed_pile_begins_anew(light_model, pile, digit_files, tmp_path, capsys):
    out = tmp_path / "out.parquet"
    assert batch(light_model, pile, out, "--jobs", 1) == 0
    assert batch(light_model, pile, out) == 0
    assert "there already" in capsys.readouterr().err
    piles.make(tmp_path, "pile.zip", {"more.png": min(digit_files.items())[1]})
    assert batch(light_model, pile, out) == 2
    assert "--restart" in capsys.readouterr().err
    assert batch(light_model, pile, out, "--jobs", 1, "--restart") == 0
    assert answers(out, "key") == [["more.png"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-such.zip", "out.parquet"], "no such file"),
        ([".", "out.csv"], "expected a file name that ends in .parquet"),
        ([".", "out.parquet"], "no pictures; expected a folder"),
        ([".", "out.parquet", "--engine", "spark"], "--engine is spark; expected local or ray"),
        ([".", "out.parquet", "--jobs", "0"], "--jobs is 0; expected 1 or more"),
        ([".", "out.parquet", "--part", "0"], "--part is 0; expected 1 or more"),
    ],
)
def test_bad_input_ends_with_two_and_a_sentence(light_model, tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(["batch", *words, "--model", str(light_model)]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_pile_of_nothing_but_errors_ends_with_two(light_model, tmp_path):
    pile = piles.make(tmp_path, "pile.zip", {"a.png": b"text", "b.png": b"more text"})
    assert batch(light_model, pile, tmp_path / "out.parquet", "--jobs", 1) == 2
    assert answers(tmp_path / "out.parquet", "status") == [["error", "error"]]


def test_an_answer_that_is_there_ends_as_it_did_before(light_model, tmp_path, capsys):
    pile = piles.make(tmp_path, "pile.zip", {"a.png": b"text"})
    assert [batch(light_model, pile, tmp_path / "out.parquet", "--jobs", 1) for _ in range(2)] == [2, 2]
    assert capsys.readouterr().out.count("1 pictures, 1 of them with an error") == 2


def test_an_archive_without_pictures_leaves_no_table(light_model, tmp_path, capsys):
    pile = piles.make(tmp_path, "pile.tar", {"notes.txt": b"text"})
    assert batch(light_model, pile, tmp_path / "out.parquet", "--jobs", 1) == 2
    assert "no pictures; expected a folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [pile]


def test_an_input_is_never_written_over(light_model, tmp_path, digit_files, monkeypatch, capsys):
    pile = piles.make(tmp_path, "pile.parquet", dict(list(digit_files.items())[:2]))
    data = pile.read_bytes()
    monkeypatch.chdir(tmp_path)
    for words in ([], ["--restart"]):
        assert batch(light_model, pile, "pile.parquet", *words) == 2
        said = capsys.readouterr().err
        assert "OUT is pile.parquet, which is an INPUT as well" in said
        assert "--restart" not in said
    assert pile.read_bytes() == data


def test_a_stopped_restart_says_how_it_goes_on(light_model, pile, tmp_path, monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("digits.deploy.batch.job.Work.finish", stop)
    out = tmp_path / "out.parquet"
    assert batch(light_model, pile, out, "--jobs", 1, "--restart") == 130
    assert "the same line without --restart goes on" in capsys.readouterr().err
    assert batch(light_model, pile, out, "--jobs", 1) == 130
    said = capsys.readouterr().err
    assert "Going on: 8 parts" in said
    assert "the same line goes on" in said


def _gone(parent: int) -> None:
    """Wait until no process of a killed one's session is left: they end by themselves."""
    for _ in range(2000):
        try:
            os.killpg(parent, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("processes outlive the one that started them")
