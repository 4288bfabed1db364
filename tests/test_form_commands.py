"""`python -m digits form` makes a form, `read --form` and `batch --form` read others by it."""

import csv
import json
import signal
import subprocess
import sys
import time

import cv2
import forms_made
import numpy as np
import piles
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from PIL import Image

from digits.__main__ import main
from digits.forms import Form
from evaluation.handwriting.simulate.form_photos import FORMS

NAMES = [box.name for box in forms_made.marks().boxes]
MODEL = "mnist_tiny"
"""Shipped with a copy that reads without TensorFlow."""


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    return status, *capsys.readouterr()


def test_boxes_are_found_named_and_drawn(capsys, tmp_path):
    empty = tmp_path / "empty.png"
    cv2.imwrite(str(empty), FORMS["Water meter"].sheet())
    out, shown = tmp_path / "meter.json", tmp_path / "shown.png"
    words = ["--name", "Box 1=Customer", "--field", "Customer:check=luhn", "--name", "Box 4=Read on"]
    words += ["--field", "Read on:pattern=DD.MM.YYYY", "--box", "Free=1000,700,120,60", "--marks", "Free"]
    words += ["--total", "Box 3=Box 2,Free", "--out", out, "--draw", shown]
    status, said, err = run(capsys, "form", empty, "--find", "--title", "Meter", *words)
    assert (status, err) == (0, "")
    assert [line.split("=")[0] for line in said.splitlines()] == [
        "Customer",
        "Box 2",
        "Box 3",
        "Read on",
        "Free",
    ]
    form = Form.load(out)
    assert [box.digits for box in form.boxes] == [7, 6, 6, None, None]
    wanted = [tuple(8 * side for side in place) for _, place, _ in FORMS["Water meter"].boxes]
    assert np.abs(np.array([box.box for box in form.boxes[:4]]) - wanted).max() <= 5
    assert form.boxes[0].field.check == "luhn"
    assert form.boxes[4].marks
    assert form.totals[0].of == ("Box 2", "Free")
    assert Image.open(shown).size == form.size


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No box is marked"),
        (["--box", "Age"], "expected e.g. Age=120,80,200,60"),
        (["--box", "Age=1,2,3"], "expected 4 whole numbers"),
        (["--box", "Age=0,0,50,20", "--digits", "Id=8"], "'Id', which is not marked; marked are 'Age'"),
        (["--box", "Age=0,0,50,20", "--field", "Id:length=8"], "the name of a box, a colon"),
        (["--box", "Age=0,0,50,20", "--field", "Age:size=8"], "not understood"),
        (["--box", "Age=0,0,5000,20"], "expected a place within"),
        (["--box", "Age=0,0,50,20", "--box", "Age=60,0,50,20"], "Two boxes are called 'Age'"),
    ],
)
def test_words_that_are_not_understood_cost_one_sentence(capsys, tmp_path, words, said):
    Image.new("L", (300, 200), 255).save(tmp_path / "empty.png")
    status, out, err = run(capsys, "form", tmp_path / "empty.png", *words, "--out", tmp_path / "f.json")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "f.json").exists()


def test_a_name_that_another_box_has_loses_none_of_them(capsys, tmp_path):
    cv2.imwrite(str(tmp_path / "empty.png"), FORMS["Water meter"].sheet())
    line = ["form", tmp_path / "empty.png", "--find", "--name"]
    assert "Two boxes are called 'Box 2'" in run(capsys, *line, "Box 1=Box 2")[2]
    status, said, _ = run(capsys, *line, "Box 1=Box 2", "--name", "Box 2=Box 1")
    assert (status, [word.split("=")[0] for word in said.splitlines()][:2]) == (0, ["Box 2", "Box 1"])


@pytest.fixture
def odd(tmp_path):
    """Return a photo of another form."""
    path = tmp_path / "odd.png"
    Image.fromarray(forms_made.empty_photo("Absence")[0]).save(path)
    return path


def test_a_row_for_each_picture_in_every_form(capsys, tmp_path, odd):
    photo, wanted = forms_made.PHOTOS[0], forms_made.expected()[0]
    table, book = tmp_path / "out.csv", tmp_path / "out.xlsx"
    line = ["read", "--model", "handwriting", "--form", forms_made.TEMPLATE, photo, odd]
    status, said, err = run(capsys, *line, "--json", "--csv", table, "--xlsx", book)
    assert status == 2
    assert "odd.png: This is another form" in err
    good, bad = json.loads(said)
    read = {box["name"]: box["text"] for box in good["boxes"]}
    assert list(read) == NAMES
    assert sum(text == wanted[name] for name, text in read.items()) >= len(NAMES) - 1
    assert all(len(box["corners"]) == 4 for box in good["boxes"])
    assert "another form" in bad["error"]
    rows = list(csv.reader(table.open(encoding="utf-8")))
    assert rows[0] == ["file", *NAMES, "doubtful", "error", "corrected"]
    assert rows[1][1:-3] == list(read.values())
    assert rows[2][1:-2] == [""] * (len(NAMES) + 1)
    assert "another form" in rows[2][-2]
    page = load_workbook(book).active
    assert [cell.value for cell in page[1]] == rows[0]
    assert page.cell(2, 1).value == str(photo)
    written = [cell.value for cell in page[2]][1 : 1 + len(NAMES)]
    assert [str(value if value is not None else "") for value in written] == list(read.values())
    assert "another form" in page.cell(3, len(NAMES) + 3).value


def test_an_empty_form_goes_to_the_screen(capsys, tmp_path):
    Image.fromarray(forms_made.empty_photo()[0]).save(tmp_path / "empty.png")
    status, said, _ = run(capsys, "read", "--form", forms_made.TEMPLATE, tmp_path / "empty.png")
    assert (status, said) == (0, "".join(f"{name}\t\n" for name in NAMES))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--form", forms_made.TEMPLATE, "--table"], "expected no other kind of reading"),
        (["--form", forms_made.TEMPLATE, "--field", "length=2"], "expected no other kind of reading"),
        (["--form", "no.json"], "no.json: the form cannot be read"),
    ],
)
def test_what_makes_no_sense_with_a_form(capsys, words, said):
    for line in (["read", forms_made.PHOTOS[0]], ["batch", forms_made.PHOTOS[0], "out.parquet"]):
        if line[0] == "read" or "--table" not in words:
            status, _, err = run(capsys, *line, *words)
            assert status == 2
            assert said in err


@pytest.mark.slow
def test_a_batch_goes_on_after_a_kill_and_ray_says_the_same(capsys, tmp_path):
    members = {f"{i}.png": piles.encoded(forms_made.empty_photo(seed=i, tilt=5 + i)[0]) for i in range(8)}
    pile = piles.make(tmp_path, "pile.zip", members | {"8.png": piles.png(40)})
    out, parts = tmp_path / "out.parquet", tmp_path / "out.parquet.parts"
    line = ["batch", "--form", str(forms_made.TEMPLATE), str(pile), str(out), "--model", MODEL]
    line += ["--jobs", "1", "--part", "1"]
    running = subprocess.Popen([sys.executable, "-m", "digits", *line], stderr=subprocess.DEVNULL)
    while len(list(parts.glob("[0-9]*.parquet"))) < 2:
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = len(list(parts.glob("[0-9]*.parquet")))
    assert 2 <= kept < 9
    assert main(line) == 0
    said = capsys.readouterr()
    assert f"Going on: {kept} parts are there already." in said.err
    assert "9 pictures, 1 of them" in said.out
    table = pq.read_table(out)
    rows = table.to_pylist()
    assert [row["key"] for row in rows] == sorted([*members, "8.png"])
    blank = {"text": "", "status": "blank"}
    assert list(rows[0]["boxes"]) == NAMES
    assert all(box | blank == box for row in rows[:8] for box in row["boxes"].values())
    assert (rows[8]["status"], rows[8]["boxes"]) == ("error", None)
    again = [str(out), str(tmp_path / "ray.parquet")]
    assert main([again[1] if word == again[0] else word for word in line] + ["--engine", "ray"]) == 0
    assert pq.read_table(again[1]).equals(table)
    assert main([str(forms_made.PLACE / "other.json") if word == line[2] else word for word in line]) == 2
