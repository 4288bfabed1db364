"""A picture in, reasons out: figures and explanation.json, as a person asks for them."""

import json
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits import Recognizer
from digits.__main__ import main
from digits.data.strokes import draw
from digits.explain import report
from digits.explain.attribution import CAMS, METHODS, PIXEL_METHODS
from digits.files import sha256
from digits.models import checkpoints

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture
def few_methods(monkeypatch):
    """Spare what has nothing to do with all methods the slow ones."""
    monkeypatch.setattr(report, "METHODS", ("grad_cam", "gradients"))


@pytest.fixture
def small(tmp_path, tiny_model):
    """Return the path of a small network with convolutions."""
    tiny_model.save(tmp_path / "small.keras")
    return tmp_path / "small.keras"


@pytest.fixture
def run(capsys, tmp_path):
    """Return what runs `python -m digits explain` into a folder: exit status, output, errors."""

    def command(*arguments):
        status = main(["explain", "--out", str(tmp_path / "why"), *map(str, arguments)])
        return status, *capsys.readouterr()

    return command


def test_every_method_is_drawn_and_checked(run, tmp_path):
    status, out, _ = run(GOLDEN / "7.png")
    assert status == 0
    folder = tmp_path / "why"
    about = json.loads((folder / "explanation.json").read_text())
    named = [about[key] for key in ("model", "digit", "status", "target")]
    assert named == ["handwriting", 7, "digit", 7]
    assert about["sha256"] == sha256(checkpoints.find("handwriting"))
    assert 0.9 < about["confidence"] <= 1
    assert list(about["methods"]) == list(METHODS)
    assert about["left_out"] == {}
    for name, method in about["methods"].items():
        assert method["target"] == 7
        assert Image.open(folder / method["file"]).width > 400
        assert str(folder / method["file"]) in out
        assert 0 < method["deletion_score"] < 1
        assert 0 < method["random_deletion_score"] < 1
        assert method["randomised_correlation"] is None or 0 <= method["randomised_correlation"] < 0.8
        assert method.get("layer") == ("deep3_relu" if name in CAMS else None)
        assert ("completeness_error" in method) == (name == "integrated_gradients")
    gradients = about["methods"]["integrated_gradients"]
    assert gradients["completeness_error"] <= 0.01
    assert gradients["completeness_nats"] == pytest.approx(
        gradients["completeness_error"] * abs(gradients["rise"]), abs=1e-4
    )
    assert about["asked"] is True
    occlusion = about["methods"]["occlusion"]
    assert occlusion["deletion_score"] < occlusion["random_deletion_score"]
    files = {path.name for path in folder.iterdir()}
    assert files == {"explanation.json", *(method["file"] for method in about["methods"].values())}


def test_a_blot_is_explained_as_what_the_network_would_say(run, tmp_path, small, few_methods):
    blot = np.full((280, 280), 255, np.uint8)
    blot[110:170, 110:170] = 0
    Image.fromarray(blot).save(tmp_path / "blot.png")
    status, _, said = run(tmp_path / "blot.png", "--model", small)
    about = json.loads((tmp_path / "why" / "explanation.json").read_text())
    assert status == 0
    assert (about["status"], about["asked"], about["digit"]) == ("not_a_digit", False, None)
    assert "was not asked" in said
    frame = Recognizer.load(small).read_digit(blot).framed
    assert about["target"] == report.load(small).logits(frame[None])[0].argmax()


def test_another_digit_and_another_layer_can_be_asked_for(run, tmp_path, small, few_methods):
    assert run(GOLDEN / "4.png", "--model", small, "--target", 9, "--layer", "conv1a")[0] == 0
    about = json.loads((tmp_path / "why" / "explanation.json").read_text())
    assert about["target"] == 9
    assert about["methods"]["grad_cam"]["layer"] == "conv1a_relu"
    assert {method["target"] for method in about["methods"].values()} == {9}


def test_a_model_without_convolutions_is_explained_by_its_pixels(run, tmp_path, linear_model):
    linear_model.save(tmp_path / "flat.keras")
    status, _, err = run(GOLDEN / "1.png", "--model", tmp_path / "flat.keras")
    assert status == 0
    assert "The model flat has no convolutions" in err
    about = json.loads((tmp_path / "why" / "explanation.json").read_text())
    assert list(about["methods"]) == list(PIXEL_METHODS)
    assert list(about["left_out"]) == list(CAMS)
    status, _, err = run(GOLDEN / "1.png", "--model", tmp_path / "flat.keras", "--layer", "logits")
    assert status == 2
    assert "has no convolutions" in err


def test_what_cannot_be_explained_ends_in_one_sentence(run, tmp_path, small):
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    both = np.hstack([draw(strokes(digit, 150, 60, 60), 280, 14) for digit in (2, 5)])
    Image.fromarray(both).save(tmp_path / "both.png")
    for arguments, words in (
        ([tmp_path / "blank.png", "--model", small], "blank.png: the picture is blank; expected a digit."),
        ([tmp_path / "both.png", "--model", small], "both.png: there are several digits; expected one."),
        ([tmp_path / "no.png"], "there is no such file"),
        ([GOLDEN / "7.png", "--model", "no_such"], "There is no model 'no_such'"),
        ([GOLDEN / "7.png", "--model", small, "--target", 12], "target is 12; expected a digit, 0 to 9."),
        ([GOLDEN / "7.png", "--model", small, "--layer", "conv9"], "There is no layer 'conv9'; expected one"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert words in err.splitlines()[-1]
    assert not (tmp_path / "why").exists()
