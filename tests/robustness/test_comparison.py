"""Several readers, asked about the same digits: known networks give known answers."""

import csv

import numpy as np
import pytest

from digits import Recognizer, recognizer
from digits.metrics import wilson_interval
from digits.models.card import Card
from digits.robustness import sweep


def reader(logits: np.ndarray, name: str = "fixed", card: Card | None = None) -> Recognizer:
    """Return a reader that says the same to every frame."""
    return Recognizer(lambda frames: np.tile(np.float32(logits), (len(frames), 1)), name, card)


def brightness_reader(name: str) -> Recognizer:
    """Return a reader that says 1 to frames that are bright in the mean, and 0 to others."""

    def logits(frames):
        bright = frames.mean(axis=(1, 2, 3)) > 0.5
        return np.eye(10, dtype=np.float32)[bright.astype(int)] * 10

    return Recognizer(logits, name)


def test_opinions_are_calibrated_and_judged_by_each_readers_own_thresholds(tiny_card):
    logits = np.zeros(10)
    logits[3], logits[5] = np.log(9 * 4), np.log(9)
    first, second = recognizer.opinions(
        [reader(logits, "bold"), reader(logits, "tiny", tiny_card)], np.zeros((28, 28), np.uint8)
    )
    assert (first.name, second.name) == ("bold", "tiny")
    assert first.digit == second.digit == 3
    assert first.ranking[:2] == [3, 5]
    assert first.confidence == pytest.approx(36 / 53, abs=1e-5)
    assert second.confidence == pytest.approx(6 / 17, abs=1e-5)  # its temperature is 2: square roots
    assert (first.status, second.status) == ("digit", "unsure")
    assert second.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_what_is_no_digit_has_no_digit_and_no_confidence():
    (opinion,) = recognizer.opinions(
        [reader(np.full(10, -5.0)).with_thresholds({"unsure_below": 0.5, "not_a_digit_below": 0.0})],
        np.zeros((28, 28), np.uint8),
    )
    assert (opinion.digit, opinion.status, opinion.confidence) == (None, "not_a_digit", 0.0)


def test_bytes_and_floats_are_the_same_frame():
    seen = []

    def logits(frames):
        seen.append(frames)
        return np.zeros((len(frames), 10), np.float32)

    frame = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    for same in (frame, frame.astype(np.float32) / 255):
        recognizer.opinions([Recognizer(logits, "any")], same)
    assert seen[0].shape == (1, 28, 28, 1)
    np.testing.assert_array_equal(*seen)
    with pytest.raises(ValueError, match="expected"):
        recognizer.opinions([Recognizer(logits, "any")], np.zeros((20, 20), np.uint8))


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
    readers = [brightness_reader("bright"), reader(np.eye(10)[1], "always one")]
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

    steps = sweep.compare(
        [Recognizer(logits, "any")], np.zeros((4, 28, 28), np.uint8), np.zeros(4, int), ["noise", "blur"]
    )
    assert [next(steps)["severity"] for _ in range(3)] == [0, 1, 2]
    steps.close()
    assert asked == [4, 4, 4]
    with pytest.raises(ValueError, match="unknown"):
        list(
            sweep.compare([reader(np.zeros(10))], np.zeros((1, 28, 28), np.uint8), np.zeros(1, int), ["rain"])
        )


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
