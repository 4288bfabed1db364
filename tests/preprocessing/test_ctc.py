"""What a line reads as on the whole, against all ways to read it."""

import itertools

import numpy as np
import pytest

from digits.preprocessing import ctc


@pytest.fixture(scope="module", params=range(3))
def line(request):
    """Logits (4, 11), and the probability of every text by summing over all paths."""
    logits = 2 * np.random.default_rng(request.param).standard_normal((4, 11))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    texts: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(11), repeat=4):
        text = tuple(label for label, _ in itertools.groupby(path) if label != ctc.NONE)
        texts[text] = texts.get(text, 0.0) + float(np.prod(chances[np.arange(4), path]))
    return logits, texts


def test_the_probability_of_a_text_is_the_sum_over_its_paths(line):
    logits, texts = line
    some = [(), *sorted(texts, key=lambda text: -texts[text])[:200]]
    assert np.exp(ctc.likelihoods(logits, some)) == pytest.approx([texts[text] for text in some])


def test_the_likeliest_texts_are_found(line):
    logits, texts = line
    assert ctc.likeliest(logits, 40)[:3] == sorted(texts, key=lambda text: -texts[text])[:3]


def test_what_does_not_fit_is_impossible():
    logits = np.zeros((3, 11))
    assert np.isfinite(ctc.likelihoods(logits, [(1, 2, 3), (1, 1)])).all()
    assert ctc.likelihoods(logits, [(1, 1, 1)])[0] == -np.inf
