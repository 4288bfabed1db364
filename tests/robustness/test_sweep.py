"""Sweeps over corruptions: known networks give known answers, and only as many as one asks for."""

import csv

import numpy as np
import pytest

from digits import Recognizer
from digits.metrics import wilson_interval
from digits.robustness import sweep


def bright_or_dark(frames):
    """Say 1 to frames that are bright in the mean, and 0 to others."""
    return np.eye(10, dtype=np.float32)[(frames.mean(axis=(1, 2, 3)) > 0.5).astype(int)] * 10


def always_one(frames):
    return np.tile(np.eye(10, dtype=np.float32)[1], (len(frames), 1))


def test_the_summary_is_a_mean_over_kinds_with_its_interval_over_digits():
    hits = {("noise", 1): np.array([1, 1]), ("noise", 2): np.array([1, 0]), ("fog", 1): np.array([1, 0])}
    found = sweep.summary({step: right.astype(bool) for step, right in hits.items()})
    assert found["kinds"] == [{"kind": "noise", "accuracy": 0.75}, {"kind": "fog", "accuracy": 0.5}]
    assert found["mean_accuracy"] == 0.625  # digits: 1.0 and 0.25
    assert found["worst"] == "fog"
    assert found["interval_95"] == [0.0, 1.0]


def test_a_sample_is_the_same_each_time_and_keeps_images_and_labels_together():
    images = np.arange(50, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    some, labels = sweep.sample(images, np.arange(50), 8)
    assert len(set(labels)) == 8
    np.testing.assert_array_equal(some[:, 0, 0], labels)
    np.testing.assert_array_equal(labels, sweep.sample(images, np.arange(50), 8)[1])
    assert len(sweep.sample(images, np.arange(50), 100)[1]) == 50


@pytest.fixture
def swept():
    images = np.full((20, 28, 28), 200, np.uint8)
    images[15:] = 0
    labels = np.repeat([1, 0], [15, 5])
    readers = [Recognizer(bright_or_dark, "bright"), Recognizer(always_one, "always one")]
    return list(sweep.compare(readers, images, labels, ["scale", "occlusion"], (1, 5)))


def test_a_sweep_asks_all_readers_about_each_step_and_begins_without_damage(swept):
    steps = [(row["kind"], row["severity"], row["model"]) for row in swept]
    assert steps == [
        (kind, severity, model)
        for kind in ("scale", "occlusion")
        for severity in (0, 1, 5)
        for model in ("bright", "always one")
    ]
    accuracy = {
        (kind, severity, model): row["accuracy"]
        for (kind, severity, model), row in zip(steps, swept, strict=True)
    }
    assert accuracy["scale", 0, "bright"] == 1
    assert (
        accuracy["scale", 5, "bright"] == 0.25
    )  # half as wide: dark in the mean, so that only the zeros are left
    assert {value for (*_, model), value in accuracy.items() if model == "always one"} == {0.75}
    assert swept[1]["n"] == 20
    assert swept[1]["interval_95"] == [round(bound, 5) for bound in wilson_interval(15, 20)]


def test_a_sweep_stops_when_nobody_asks_on():
    asked = []

    def logits(frames):
        asked.append(len(frames))
        return np.zeros((len(frames), 10), np.float32)

    images, labels = np.zeros((4, 28, 28), np.uint8), np.zeros(4, int)
    steps = sweep.compare([Recognizer(logits, "any")], images, labels, ["noise", "blur"])
    assert [next(steps)["severity"] for _ in range(3)] == [0, 1, 2]
    steps.close()
    assert asked == [4, 4, 4]
    with pytest.raises(ValueError, match="unknown"):
        list(sweep.compare([Recognizer(logits, "any")], images, labels, ["rain"]))


def test_a_sweep_is_a_table_and_a_file(swept):
    table = sweep.table(swept[:10])  # stopped before its end
    assert [(line["Damage"], line["Model"]) for line in table] == [
        (kind, model) for kind in ("scale", "occlusion") for model in ("bright", "always one")
    ]
    assert table[0]["0"] == 1
    assert "5" not in table[2]
    rows = list(csv.DictReader(sweep.to_csv(swept).splitlines()))
    assert len(rows) == 12
    assert rows[1]["model"] == "always one"
    assert float(rows[1]["low"]) < float(rows[1]["accuracy"]) == 0.75 < float(rows[1]["high"])
    assert sweep.to_csv([]) == "kind,severity,model,n,accuracy,low,high\n"
