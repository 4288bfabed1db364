"""The command line, as a person types it."""

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from openpyxl import load_workbook
from PIL import Image
from ruled import ROWS, by_hand, drawn

from digits import Recognizer
from digits.__main__ import main
from digits.data.strokes import draw

GOLDEN = Path(__file__).parent / "golden"


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "unneeded", "said"),
    [
        (["read", "--help"], {"tensorflow", "cv2", "numpy"}, "usage: python -m digits read"),
        (["read", str(GOLDEN / "3.png")], {"tensorflow", "keras"}, "3 "),
    ],
)
def test_only_what_is_needed_is_imported_and_greets_nobody(words, unneeded, said):
    code = (
        f"import atexit, runpy, sys; sys.argv = ['digits', *{words}];"
        f"atexit.register(lambda: print({unneeded} & set(sys.modules)));"
        "runpy.run_module('digits', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(said)
    assert done.stdout.endswith("set()\n")


def test_bad_files_cost_one_sentence_each_and_the_others_are_read(capsys, tmp_path):
    (tmp_path / "text.png").write_text("seven")
    status, out, err = run(
        capsys, "read", GOLDEN / "7.png", tmp_path / "no.png", tmp_path / "text.png", GOLDEN / "3.png"
    )
    assert status == 2
    assert [line.rsplit(": ")[1].split()[0] for line in out.splitlines()] == ["7", "3"]
    sentences = [line for line in err.splitlines() if ".png" in line]
    assert len(sentences) == 2
    assert "there is no such file" in sentences[0]
    assert "is not a picture" in sentences[1]

    status, out, _ = run(capsys, "read", "--json", GOLDEN / "7.png", tmp_path / "no.png")
    good, bad = json.loads(out)
    assert status == 2
    assert (good["digit"], good["status"]) == (7, "digit")
    assert sum(good["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert "no such file" in bad["error"]


@pytest.fixture
def numbers(tmp_path):
    """Return a folder with the numbers 12, 345 and 7 in it, the last inside an archive, and a bad file."""
    folder = tmp_path / "numbers"
    folder.mkdir()
    for text in ("12", "345", "7"):
        number = np.hstack([draw(strokes(int(digit), 150, 60, 60), 280, 14) for digit in text])
        Image.fromarray(number).save(folder / f"{text}.png")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(folder / "7.png", "inner/7.png")
    (folder / "7.png").write_text("seven")
    return tmp_path


def test_a_folder_and_an_archive_become_a_table(capsys, numbers):
    table = numbers / "out" / "table.csv"
    status, out, err = run(
        capsys, "read", "--number", numbers / "numbers", numbers / "more.zip", "--csv", table, "--jobs", "3"
    )
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert (status, out) == (2, "")
    assert [Path(row["file"]).name for row in rows] == ["12.png", "345.png", "7.png", "7.png"]
    assert [row["text"] for row in rows] == ["12", "345", "", "7"]
    assert [row["digits"] for row in rows] == ["2", "3", "0", "1"]
    assert "is not a picture" in rows[2]["error"]
    assert rows[2]["error"] in err
    assert len(rows[1]["boxes"].split("; ")) == 3


def test_a_number_goes_to_the_screen_in_every_form(capsys, numbers):
    picture = numbers / "numbers" / "345.png"
    Image.new("L", (50, 50), 255).save(numbers / "blank.png")
    assert run(capsys, "read", picture)[1] == "several\n"
    assert run(capsys, "read", numbers / "blank.png")[1] == "blank\n"
    assert run(capsys, "read", "--number", picture)[1] == "345\n"
    assert run(capsys, "read", "--marks", picture)[1].replace(" ", "") == "345\n"
    assert run(capsys, "read", "--field", "pattern=dd.d", picture)[1] == "34.5\n"
    assert run(capsys, "read", "--field", "values=345,9", "--field", "length=3", picture)[1] == "345\n"
    assert run(capsys, "read", "--field", "length=9", picture)[1] == "345  (does not fit the field)\n"
    status, out, err = run(capsys, "read", "--field", "length=none", picture)
    assert (status, out) == (2, "")
    assert "The field 'length=none' is not understood" in err
    (row,) = json.loads(run(capsys, "read", "--json", "--field", "step=5", picture)[1])
    assert (row["value"], row["unbound"]) == ("345", None)
    status, out, _ = run(capsys, "read", "--number", picture, "--csv", "-")
    assert status == 0
    (row,) = csv.DictReader(out.splitlines())
    assert (row["text"], row["status"], row["error"]) == ("345", "digit", "")
    (row,) = json.loads(run(capsys, "read", "--number", "--json", picture)[1])
    assert (row["text"], row["status"]) == ("345", "digit")
    assert [digit["digit"] for digit in row["digits"]] == [3, 4, 5]
    lefts = [digit["box"][0] for digit in row["digits"]]
    assert lefts == sorted(lefts)
    assert row["doubt"] == pytest.approx(1 - min(digit["confidence"] for digit in row["digits"]), abs=1e-3)


@pytest.fixture
def ruled_table(tmp_path):
    """Return the picture of a table."""
    path = tmp_path / "ruled.png"
    Image.fromarray(drawn()).save(path)
    return path


def test_a_table_goes_to_the_screen_and_into_files_in_every_form(capsys, tmp_path, ruled_table):
    lines = "".join("\t".join(row) + "\n" for row in ROWS)
    assert run(capsys, "read", "--table", ruled_table) == (0, lines, "")
    out = tmp_path / "made" / "out.xlsx"
    again = tmp_path / "made" / "out.csv"
    many = (ruled_table, GOLDEN / "3.png", ruled_table)
    status, said, err = run(capsys, "read", "--table", "--json", *many, "--xlsx", out, "--csv", again)
    assert status == 2
    assert "3.png: No table was found; expected ruled lines" in err
    first, bad, _ = json.loads(said)
    assert (first["shape"], [cell["text"] for cell in first["cells"]]) == ([3, 3], sum(ROWS, []))
    assert "No table was found" in bad["error"]
    named = [[str(ruled_table), *row] for row in ROWS]
    assert list(csv.reader(again.open(encoding="utf-8"))) == named * 2
    book = load_workbook(out)
    assert book.sheetnames == ["ruled", "ruled (2)"]
    assert [[cell.value for cell in row] for row in book.worksheets[0]] == [
        [1, 2, 3],
        [4, None, 6],
        [7, 8, 5],
    ]
    status, said, err = run(capsys, "read", "--table", *many)
    assert (status, said) == (2, f"{ruled_table}:\n{lines}\n{ruled_table}:\n{lines}")


def test_merged_cells_and_other_tables_are_told_beside_the_table(capsys, monkeypatch, ruled_table):
    monkeypatch.setattr(Recognizer, "read_table", lambda *_: by_hand())
    status, out, err = run(capsys, "read", "--table", ruled_table)
    assert (status, out) == (0, "12\t007\t\n5\t1.50\t-3\n17\t\t?\n")
    assert "row 3, columns 1 to 2" in err
    assert "1 smaller table is on the same picture" in err
    out = run(capsys, "read", "--table", ruled_table, ruled_table)[2]
    assert out.count(f"{ruled_table}: 1 cell takes") == 2


def test_columns_may_have_fields_and_tables_sums(capsys, tmp_path):
    rows = [["1", "2"], ["4", "5"], ["5", "7"]]
    page = tmp_path / "page.png"
    Image.fromarray(drawn(rows)).save(page)
    flags = ["--field", "1:values=1,4", "--field", "2:between=0,9", "--sum", "columns"]
    status, out, err = run(capsys, "read", "--table", "--json", *flags, page)
    (found,) = json.loads(out)
    assert (status, err, [one["holds"] for one in found["sums"]]) == (0, "", [True, True])
    assert [cell["value"] for cell in found["cells"]] == ["1", "2", "4", "5", None, None]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--xlsx", "out.xlsx"], "expected --table or --form with it"),
        (["--table", "--number"], "expected no --number"),
        (["--sum", "rows"], "expected --table with it"),
        (["--table", "--field", "length=2"], "a column from 1 before it"),
        (["--table", "--field", "0:length=2"], "column of a field is 0; expected 1 to 100"),
        (["--table", "--field", "1:length=0"], "length is 0"),
        (["--table"], "No table was found; expected ruled lines"),
        (["--jobs", "0"], "expected at least 1"),
        (["--model", "no_such"], "no_such"),
        (["--json", "--csv", "-"], "expected one of them"),
    ],
)
def test_what_makes_no_sense_ends_in_one_sentence(capsys, flags, words):
    status, out, err = run(capsys, "read", GOLDEN / "7.png", *flags)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_data_are_described_and_drawn(capsys, surroundings):
    own = surroundings / "own" / "4"
    own.mkdir(parents=True)
    Image.new("L", (28, 28), 255).save(own / "a.png")
    (own / "b.png").write_text("no picture")
    status, out, _ = run(capsys, "data", "--out", surroundings / "drawn", "--folder", own.parent)
    assert status == 0
    assert "1,350 for training, 150 for validation" in out
    assert "4: 1" in out
    assert "skipped" in out
    for name in ("samples.png", "classes.png", "augmentation.png", "augmentation_strong.png"):
        assert Image.open(surroundings / "drawn" / name).width > 400


def test_no_sentence_is_lost_while_the_model_is_loaded(tmp_path):
    bad, empty = tmp_path / "bad.jpg", tmp_path / "empty.png"
    bad.write_bytes(b"\xff\xd8\xff no JPEG")
    empty.touch()
    files = [tmp_path / "missing.png", bad, empty, GOLDEN / "7.png"]
    command = [sys.executable, "-m", "digits", "read", "--jobs", "4", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    said = done.stderr.splitlines()
    assert [Path(line.split(":")[0].split(" is ")[0]).name for line in said] == [
        "missing.png",
        "bad.jpg",
        "empty.png",
    ]
    assert done.stdout.split(": ")[1].startswith("7 ")


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (["read", "FOLDER/nothing"], {}, "there is no such file"),
        (["explain", "FOLDER"], {}, "is a folder; expected a picture"),
        (["form", "FOLDER"], {}, "is a folder; expected a picture"),
        (["read", str(GOLDEN / "7.png"), "--form", "FOLDER/no.json"], {}, "No such file"),
        (["read", str(GOLDEN / "7.png"), "--csv", "FOLDER"], {}, "FOLDER is a folder; expected a file."),
        (["data"], {"KERAS_BACKEND": "torch"}, "KERAS_BACKEND is torch; expected tensorflow or jax"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_two(capsys, tmp_path, monkeypatch, words, variables, sentence):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    status, _, err = run(capsys, *(word.replace("FOLDER", str(tmp_path)) for word in words))
    assert status == 2
    assert sentence.replace("FOLDER", str(tmp_path)) in err
    assert err.count("\n") == 1
    assert "Errno" not in err
