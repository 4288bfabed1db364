"""Forms of schools: each hand keeps to its own, and all of them stand upright and are about one high."""

import numpy as np
import pytest

from digits.config import CLASSES
from digits.data.forms import COPPERPLATE, FLAGGED, FORMS, School


@pytest.mark.parametrize("forms", [FORMS, COPPERPLATE])
def test_every_digit_has_forms_and_is_about_one_high(forms):
    rng = np.random.default_rng(1)
    assert sorted(forms) == list(range(CLASSES))
    for _ in range(20):
        school = School(rng, forms)
        for label in range(CLASSES):
            strokes = school.write(label, rng)
            high = np.ptp(np.concatenate(strokes)[:, 1])
            assert 0.5 < high < 1.5
            assert all(stroke.dtype == np.float32 and len(stroke) >= 3 for stroke in strokes)


def test_only_who_puts_a_bar_through_sevens_writes_ones_like_them():
    rng = np.random.default_rng(3)
    schools = [School(rng) for _ in range(400)]
    barred = [school for school in schools if len(school.forms[7]) > 1]
    level = [len(school.forms[1]) == 1 and _flag(school.forms[1][0]) < 0.35 for school in barred]
    others = [_flag(school.forms[1][0]) < 0.05 for school in schools if len(school.forms[7]) == 1]
    assert np.mean(level) > FLAGGED / 2
    assert np.mean(others) < 0.2


def _flag(way):
    """Return how far a one's way falls from its top to where it begins."""
    return float(way[0, 1] - way[:, 1].min())


def test_a_hand_writes_a_digit_alike_and_never_the_same():
    rng = np.random.default_rng(2)
    mine, others = School(rng), [School(rng) for _ in range(20)]
    first, second = (np.concatenate(mine.write(5, rng)) for _ in range(2))
    assert first.shape == second.shape
    assert 0 < np.abs(first - second).max() < 0.2
    assert len({np.concatenate(other.write(5, rng)).shape for other in others}) > 1
