"""Which digits of a hand are asked for most, and why."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.teach.guided import mixed
from app.teach.needs import NONE, alike, needs, shares

RNG = np.random.default_rng(0)


def learnt(labels, after, frames=None):
    """Return what was learnt of digits with labels that are read so."""
    frames = [RNG.integers(0, 256, (28, 28)).astype(np.uint8) for _ in labels] if frames is None else frames
    samples = [SimpleNamespace(frame=lambda frame=frame: frame) for frame in frames]
    lesson = SimpleNamespace(labels=np.array(labels), after=np.array(after))
    return SimpleNamespace(samples=samples, lesson=lesson)


def test_a_new_hand_is_asked_for_all_alike():
    assert needs(None) == NONE
    assert shares(3, NONE) == [3] * 10


def test_what_is_misread_rare_or_all_alike_is_asked_for_more_often_and_the_reason_is_told():
    labels = [*range(10)] * 4 + [0, 1]
    frames = [RNG.integers(0, 2, (28, 28)).astype(np.uint8) * 255 for _ in labels]
    for i, label in enumerate(labels):
        if label == 5:
            frames[i] = np.eye(28, dtype=np.uint8)
    kept = [i for i, label in enumerate(labels) if label != 3 or i == 3]
    after = [7 if label == 1 else label for label in labels]
    some = learnt(*([array[i] for i in kept] for array in (labels, after, frames)))
    found = needs(some)
    assert found[1].reason == "5 of yours are misread still."
    assert found[3].reason == "There is only 1 of it."
    assert found[5].reason.startswith("Yours are all alike")
    assert [need.weight for need in found] == [0, 3, 0, 2, 0, 1, 0, 0, 0, 0]
    asked = shares(10, found)
    assert sum(asked) in (99, 100)
    assert asked[1] > asked[3] > asked[5] > asked[0] >= 5


@pytest.mark.parametrize(("number", "expected"), [(0, 0), (3, 0), (4, 1)])
def test_few_digits_do_not_tell_whether_all_are_alike(number, expected):
    assert alike([np.eye(28, dtype=np.uint8)] * number) == pytest.approx(expected)


def test_an_uneven_order_is_mixed_too():
    order = mixed([1, 5, 1, 1, 1, 1, 1, 1, 1, 2], np.random.default_rng(0))
    assert np.bincount(order).tolist() == [1, 5, 1, 1, 1, 1, 1, 1, 1, 2]
    assert len(set(order[:10])) == 10
