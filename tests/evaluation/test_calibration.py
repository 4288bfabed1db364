"""Whether confidence means what it says, on logits whose calibration is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from digits.files import read_json
from evaluation.judges import calibration


@pytest.fixture
def too_sure():
    """Return logits (4000, 10) three times too large, and labels drawn from the true ones."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4000, 10))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (chances.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    return 3 * logits, labels


def test_the_temperature_mends_what_is_too_sure(too_sure):
    found = calibration.judge(*too_sure, 3.0, seed=1, draws=50)
    before, after = found["before"], found["after"]
    assert before["ece"] > 0.1 > 0.03 > after["ece"]
    assert after["nll"] < before["nll"]
    assert after["brier"] < before["brier"]
    assert before["ece"] > before["ece_by_chance_95"][1]
    assert after["ece"] <= after["ece_by_chance_95"][1]
    for name in ("ece", "nll", "brier"):
        low, high = before[f"{name}_interval_95"]
        assert low < before[name] < high
    assert sum(row["n"] for row in after["bins"]) == found["n"] == 4000
    # Which digit comes first does not depend on the temperature, and the least sure are wrong most often.
    risks = [row["risk"] for row in found["risk_at"]]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] == pytest.approx(1 - found["accuracy"])
    assert found["aurc_interval_95"][0] < found["aurc"] < found["aurc_interval_95"][1]
    assert len(found["risk_coverage"]) == 50


def test_the_same_seed_gives_the_same_figures(too_sure):
    logits, labels = (part[:200] for part in too_sure)
    assert calibration.judge(logits, labels, 3.0, 5, 20) == calibration.judge(logits, labels, 3.0, 5, 20)


def test_strangers_are_told_apart_by_either_score():
    digits, strangers = np.eye(10)[[1, 2, 3, 4]] * 9, np.zeros((5, 10))
    strangers[0, 0] = 20  # one that looks like a digit
    found = calibration.tell_apart(digits, strangers, 1.0)
    assert list(found) == ["largest probability", "evidence"]
    for row in found.values():
        assert row["auroc"] == 0.8
        assert row["fpr_at_95_tpr"] == 0.2
        assert row["fpr_interval_95"][0] < 0.2 < row["fpr_interval_95"][1]


def test_what_was_left_out_is_said():
    taught = SimpleNamespace(name="m", thresholds={"not_a_digit_below": 0.0, "unsure_below": 0.5})
    plain = SimpleNamespace(name="m", thresholds={"unsure_below": 0.5})
    everything = {calibration.PEN, calibration.LETTERS}
    assert calibration.notes_on(plain, ["aga", "app"], everything) == []
    assert "flatter" in calibration.notes_on(taught, ["aga", "app"], everything)[0]
    assert "has seen the site aga" in calibration.notes_on(plain, ["app"], everything)[0]
    assert "data is not here: letters" in calibration.notes_on(plain, ["aga", "app"], {calibration.PEN})[0]


def test_a_quick_try_is_kept_apart():
    settings = calibration.Settings
    assert settings(model="other").part == ""
    assert settings(limit=50).part == ".first50"
    assert settings(limit=50, draws=10).part == ".some.first50"


def test_a_model_is_judged_on_digits_letters_and_made_outliers(judged, handwriting_data):
    calibration.main(calibration.Settings(model="tiny", each=10, draws=10))
    result = read_json(judged / "results" / "tiny.calibration.some.json")
    assert {row["set"]: row["n"] for row in result["digits"]} == {"MNIST test": 297, "pen, unseen sites": 20}
    assert result["n"] == 317
    assert result["sites"] == ["aga", "app"]
    assert result["stamps"]["data"].keys() == set(calibration.DATA)
    assert result["digits"][0]["after"]["temperature"] == 2.0
    kinds = {row["strangers"]: row["n"] for row in result["strangers"]}
    assert kinds["letters"] == 3
    assert kinds["scribble"] == 10
    assert len(result["strangers"]) == 2 * len(kinds)
    for name in ("reliability", "risk_coverage"):
        assert Image.open(judged / "results" / "figures" / f"tiny.some_{name}.png").width > 300
