"""Forms of schools: each hand keeps to its own, and all of them stand upright and are about one high."""

import numpy as np

from digits.config import CLASSES
from digits.data.forms import FORMS, School


def test_every_digit_has_forms_and_is_about_one_high():
    rng = np.random.default_rng(1)
    assert sorted(FORMS) == list(range(CLASSES))
    for _ in range(20):
        school = School(rng)
        for label in range(CLASSES):
            strokes = school.write(label, rng)
            high = np.ptp(np.concatenate(strokes)[:, 1])
            assert 0.6 < high < 1.5
            assert all(stroke.dtype == np.float32 and len(stroke) >= 3 for stroke in strokes)


def test_a_hand_writes_a_digit_alike_and_never_the_same():
    rng = np.random.default_rng(2)
    mine, others = School(rng), [School(rng) for _ in range(20)]
    first, second = (np.concatenate(mine.write(5, rng)) for _ in range(2))
    assert first.shape == second.shape
    assert 0 < np.abs(first - second).max() < 0.2
    assert len({np.concatenate(other.write(5, rng)).shape for other in others}) > 1
