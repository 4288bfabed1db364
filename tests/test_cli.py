"""The command line, as a person types it."""

import json
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits.__main__ import main
from digits.data.strokes import draw

GOLDEN = Path(__file__).parent / "golden"


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    return status, *capsys.readouterr()


def test_one_file_is_answered_with_its_digit(capsys):
    status, out, _ = run(capsys, "read", GOLDEN / "7.png")
    assert status == 0
    assert out.split()[0] == "7"


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


def test_json_has_a_row_per_file(capsys, tmp_path):
    status, out, _ = run(capsys, "read", "--json", GOLDEN / "7.png", tmp_path / "no.png")
    good, bad = json.loads(out)
    assert status == 2
    assert (good["digit"], good["status"]) == (7, "digit")
    assert sum(good["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert "no such file" in bad["error"]


def test_numbers_and_blank_paper(capsys, tmp_path):
    number = np.hstack([draw(strokes(digit, 150, 60, 60), 280, 14) for digit in (2, 0, 5)])
    Image.fromarray(number).save(tmp_path / "205.png")
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    assert run(capsys, "read", "--number", tmp_path / "205.png")[1] == "205\n"
    assert run(capsys, "read", tmp_path / "205.png")[1] == "several\n"
    assert run(capsys, "read", tmp_path / "blank.png")[1] == "blank\n"


def test_an_unknown_model_ends_in_one_sentence(capsys):
    status, out, err = run(capsys, "read", GOLDEN / "7.png", "--model", "no_such")
    assert (status, out) == (2, "")
    assert "no_such" in err


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
