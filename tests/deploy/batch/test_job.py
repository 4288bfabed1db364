"""`python -m digits batch`: a table from every kind of source, after a kill, by either engine."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial

import numpy as np
import piles
import pyarrow.parquet as pq
import pytest

from digits import Recognizer
from digits.__main__ import main
from digits.config import ROOT
from digits.deploy.batch import engines
from digits.deploy.batch.job import Reader
from digits.preprocessing.decode import open_picture

MODEL = "mnist_tiny"
"""Shipped with a copy that reads without TensorFlow."""

COPY = ROOT / "models" / f"{MODEL}.tflite"


@pytest.fixture
def pile(tmp_path, digit_files):
    return piles.make(tmp_path, "pile.zip", digit_files)


@pytest.fixture
def here(monkeypatch):
    """Let this process do the work of those that the command would start."""

    def work(shards, build, jobs):
        return engines.here(shards, partial(Reader, *build.args))

    monkeypatch.setattr(engines, "in_processes", work)


def batch(*words) -> int:
    return main(["batch", *map(str, words), "--model", MODEL, "--part", "8"])


def answers(path, column):
    return pq.read_table(path)[column].to_pylist()


def test_a_table_says_what_the_front_door_says(pile, digit_files, tmp_path, capsys):
    assert batch(pile, tmp_path / "out.parquet", "--jobs", 2) == 0
    assert f"{len(digit_files)} pictures, 2 of them with an error" in capsys.readouterr().out
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["key"] for row in found] == sorted(digit_files)
    reader = Recognizer.load(COPY)
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
        assert (row["source"], row["model"], len(row["model_sha256"])) == (str(pile), MODEL, 64)


def test_numbers_come_with_their_places(here, tmp_path, golden_frames):
    pixels = np.zeros((28, 70), np.uint8)
    pixels[:, :28], pixels[:, 38:66] = golden_frames[3] * 255, golden_frames[4] * 255
    pile = piles.make(tmp_path, "pile.tar", {"34.png": piles.encoded(pixels), "blank.png": piles.png(50)})
    assert batch(pile, tmp_path / "out.parquet", "--number") == 0
    number, blank = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (blank["text"], blank["status"], blank["digits"]) == ("", "blank", [])
    assert len(number["text"]) == len(number["digits"]) == 2
    left, right = (digit["box"] for digit in number["digits"])
    assert left[0] + left[2] <= right[0]
    assert batch(pile, tmp_path / "known.parquet", "--field", "pattern=d-d") == 0
    known = pq.read_table(tmp_path / "known.parquet").to_pylist()[0]
    assert known["text"] == known["value"] == "-".join(number["text"])
    assert (known["unbound"], number["value"], blank["value"]) == (None, None, None)
    assert batch(pile, tmp_path / "known.parquet", "--field", "length=2") == 2, "it is another question"
    assert batch(pile, tmp_path / "other.parquet", "--field", "length=x") == 2


def test_a_killed_process_costs_only_what_it_had_in_hand(here, digit_files, tmp_path, capsys):
    many = {f"{turn:02d}/{name}": data for turn in range(8) for name, data in digit_files.items()}
    pile, out = piles.make(tmp_path, "folder", many), tmp_path / "out.parquet"
    line = ["batch", str(pile), str(out), "--model", MODEL, "--part", "4", "--jobs", "2"]
    parts = out.with_name("out.parquet.parts")
    running = subprocess.Popen(
        [sys.executable, "-m", "digits", *line], stderr=subprocess.DEVNULL, start_new_session=True
    )
    while len(list(parts.glob("[0-9]*.parquet"))) < 3:
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    with suppress(ProcessLookupError):  # no process of its session is left: they end by themselves
        for _ in range(2000):
            os.killpg(running.pid, 0)
            time.sleep(0.02)
        pytest.fail("processes outlive the one that started them")
    kept = list(parts.glob("[0-9]*.parquet"))
    assert 3 <= len(kept) < len(many) / 4
    (parts / ".tmp-1-00000000.parquet").write_bytes(b"half")

    assert main(line) == 0
    said = capsys.readouterr()
    assert f"Going on: {len(kept)} parts are there already." in said.err
    assert f"{len(many):,} pictures, 16 of them" in said.out
    assert answers(out, "key") == sorted(many)
    assert not parts.exists()


def test_both_engines_say_the_same(here, digit_files, tmp_path):
    pile = piles.make(tmp_path, "pile.parquet", dict(sorted(digit_files.items())[:12]))
    for engine in ("local", "ray"):
        assert batch(pile, tmp_path / f"{engine}.parquet", "--engine", engine, "--jobs", 1) == 0
    assert pq.read_table(tmp_path / "local.parquet").equals(pq.read_table(tmp_path / "ray.parquet"))


def test_a_changed_pile_begins_anew(here, pile, digit_files, tmp_path, capsys):
    out = tmp_path / "out.parquet"
    assert batch(pile, out) == 0
    assert batch(pile, out) == 0
    assert "there already" in capsys.readouterr().err
    piles.make(tmp_path, "pile.zip", {"more.png": min(digit_files.items())[1]})
    assert batch(pile, out) == 2
    assert "--restart" in capsys.readouterr().err
    assert batch(pile, out, "--restart") == 0
    assert answers(out, "key") == ["more.png"]


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
def test_bad_input_ends_with_two_and_a_sentence(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(["batch", *words, "--model", MODEL]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_errors_or_no_picture_ends_with_two(here, tmp_path, capsys):
    pile = piles.make(tmp_path, "pile.zip", {"a.png": b"text", "b.png": b"more text"})
    assert [batch(pile, tmp_path / "out.parquet") for _ in range(2)] == [2, 2]
    assert answers(tmp_path / "out.parquet", "status") == ["error", "error"]
    assert capsys.readouterr().out.count("2 pictures, 2 of them with an error") == 2
    pile = piles.make(tmp_path, "pile.tar", {"notes.txt": b"text"})
    assert batch(pile, tmp_path / "none.parquet") == 2
    assert "no pictures; expected a folder" in capsys.readouterr().err
    assert not list(tmp_path.glob("none.parquet*"))


def test_an_input_is_never_written_over(tmp_path, digit_files, monkeypatch, capsys):
    pile = piles.make(tmp_path, "pile.parquet", dict(list(digit_files.items())[:2]))
    data = pile.read_bytes()
    monkeypatch.chdir(tmp_path)
    for words in ([], ["--restart"]):
        assert batch(pile, "pile.parquet", *words) == 2
        said = capsys.readouterr().err
        assert "OUT is pile.parquet, which is an INPUT as well" in said
        assert "--restart" not in said
    assert pile.read_bytes() == data


def test_a_stopped_restart_says_how_it_goes_on(here, pile, tmp_path, monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("digits.deploy.batch.job.Work.finish", stop)
    out = tmp_path / "out.parquet"
    assert batch(pile, out, "--restart") == 130
    assert "the same line without --restart goes on" in capsys.readouterr().err
    assert batch(pile, out) == 130
    said = capsys.readouterr().err
    assert "Going on: 4 parts" in said
    assert "the same line goes on" in said
