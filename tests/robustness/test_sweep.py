"""Sweeps: one step after the other, and only as far as one asks."""

import numpy as np
import pytest

from digits.robustness import sweep


class Reader:
    """Reads an image by the brightness of its middle: a bright one is a 1."""

    def __init__(self):
        self.asked = 0

    def logits(self, batch):
        self.asked += 1
        bright = batch[:, 14, 14, 0] > 0.5
        return np.eye(10, dtype=np.float32)[bright.astype(int)]


IMAGES = np.zeros((4, 28, 28), np.uint8)
IMAGES[2:, 4:24, 4:24] = 255
LABELS = np.array([0, 0, 1, 1])


def test_a_sweep_goes_through_kinds_and_severities_in_order():
    steps = list(sweep.sweep([Reader()], IMAGES, LABELS, ("contrast", "brightness"), (1, 5)))
    assert [(s.kind, s.severity) for s in steps] == [
        ("contrast", 1), ("contrast", 5), ("brightness", 1), ("brightness", 5),
    ]  # fmt: skip
    assert [hits.tolist() for hits in steps[0].right] == [[True] * 4]
    assert [hits.tolist() for hits in steps[3].right] == [
        [True] * 4
    ]  # half of the range is not above one half
    assert steps[0].images.shape == IMAGES.shape


def test_who_stops_to_iterate_stops_the_sweep():
    reader = Reader()
    steps = sweep.sweep([reader], IMAGES, LABELS, ("noise",), (1, 2, 3))
    next(steps)
    steps.close()
    assert reader.asked == 1


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="'rain' is unknown"):
        list(sweep.sweep([Reader()], IMAGES, LABELS, ("rain",)))


def test_the_summary_is_a_mean_over_kinds_with_its_interval_over_digits():
    hits = {("noise", 1): np.array([1, 1]), ("noise", 2): np.array([1, 0]), ("fog", 1): np.array([1, 0])}
    found = sweep.summary({step: right.astype(bool) for step, right in hits.items()})
    assert found["kinds"] == [{"kind": "noise", "accuracy": 0.75}, {"kind": "fog", "accuracy": 0.5}]
    assert found["mean_accuracy"] == 0.625  # digits: 1.0 and 0.25
    assert found["worst"] == "fog"
    assert found["interval_95"] == [0.0, 1.0]
