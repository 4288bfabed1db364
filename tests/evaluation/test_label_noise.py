"""Doubted labels: planted errors are found, and a model's own vote does not flatter it."""

import json
import shutil

import numpy as np
import pytest
from evaluation_scripts import run
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from evaluation.judges import label_noise

WORDS = np.eye(10) * 0.89 + 0.01  # row d: 90 % for d


def test_planted_errors_are_found_and_hardly_anything_else():
    digits, order = load_digits(), np.random.default_rng(1).permutation(1797)
    images, truth = digits.data[order] / 16, digits.target[order]
    models = [
        LogisticRegression(max_iter=500),
        KNeighborsClassifier(),
        RandomForestClassifier(random_state=1),
    ]
    said = np.stack([model.fit(images[:1200], truth[:1200]).predict_proba(images[1200:]) for model in models])
    labels = truth[1200:].copy()
    planted = np.arange(5, len(labels), 60)
    labels[planted] = (labels[planted] + 3) % 10
    found = label_noise.doubted(said, labels, np.arange(3), 0.5)
    assert len(planted) == 10
    assert set(planted) <= set(found)
    assert len(found) <= len(planted) + 0.01 * len(labels)  # what the models misread together
    for row in label_noise.describe(found, ["line", "neighbours", "forest"], said, labels):
        assert row["read_as"] != row["label"] == labels[row["index"]]
        assert row["rejected_by_people"] is None


def test_a_label_is_doubted_by_more_than_half_and_with_confidence():
    labels = np.array([4, 4, 4, 4])
    said = np.stack([WORDS[[9, 9, 9, 4]], WORDS[[9, 9, 4, 4]], WORDS[[9, 4, 4, 4]], WORDS[[9, 9, 9, 4]]])
    assert label_noise.doubted(said, labels, np.arange(4), 0.5).tolist() == [0, 1]
    assert label_noise.doubted(said, labels, np.arange(4), 0.8).tolist() == [0]
    other, mean, agree = label_noise.opinion(said, labels)
    assert other[0] == 9
    assert mean[:2] == pytest.approx([0.9, (3 * 0.9 + 0.01) / 4])
    assert agree.sum(axis=0)[:3].tolist() == [4, 3, 2]


def test_one_family_alone_cannot_doubt():
    labels, family = np.array([4, 4]), np.array([0, 0, 0, 3])
    said = np.stack([*[WORDS[[9, 9]]] * 3, WORDS[[4, 9]]])
    assert label_noise.doubted(said, labels, family, 0.5).tolist() == [1]
    assert label_noise.doubted(said[:3], labels, family[:3], 0.5).tolist() == [0, 1]


def test_families_join_pupils_with_all_their_teachers():
    configs = {
        "pupil": {"teachers": ["own", "base"]},
        "base": {},
        "own": {"base": "base"},
        "other": {"base": None},
    }
    family = label_noise.families_of(configs)
    assert family[0] == family[1] == family[2] != family[3]


def test_a_models_own_vote_does_not_flatter_it():
    labels = np.array([4, 4, 4, 4])
    # The third model errs on the last digit, where one other follows it.
    said = np.stack([WORDS[[9, 4, 4, 4]], WORDS[[9, 4, 4, 9]], WORDS[[9, 4, 4, 9]]])
    row = label_noise.judge(2, said, labels, np.arange(3), 0.5)
    assert row["all"]["errors"] == 2
    assert row["without_doubted"]["accuracy"] == 1.0
    assert row["doubted_by_others"] == [0]
    assert row["without_doubted_by_others"] == {
        "n": 3,
        "accuracy": 0.66667,
        "interval_95": row["without_doubted_by_others"]["interval_95"],
        "errors": 1,
    }
    assert "without_rejected_by_people" not in row


def test_several_models_are_asked_and_the_doubted_digits_drawn(judged):
    for suffix in (".keras", ".json"):
        shutil.copy(judged / "models" / f"tiny{suffix}", judged / "models" / f"twin{suffix}")
    done = run("judges.label_noise", "--least", 0.05)
    assert done.returncode == 0, done.stderr
    result = json.loads((judged / "results" / "label_noise.some.json").read_text())
    assert [row["model"] for row in result["models"]] == ["tiny", "twin"]
    assert result["n"] == 297
    errors = json.loads((judged / "results" / "tiny.json").read_text())["errors"]
    assert [row["all"]["errors"] for row in result["models"]] == [errors, errors]
    # Twins always agree: every mistake is doubted, and none is left.
    assert len(result["doubted"]) == errors
    assert result["models"][0]["without_doubted_by_others"]["accuracy"] == 1.0
    assert Image.open(judged / "results" / "figures" / "label_noise.some.png").width > 300


def test_one_model_cannot_agree_with_itself(judged):
    done = run("judges.label_noise")
    assert done.returncode == 2
    assert "two models with a card or more" in done.stderr
