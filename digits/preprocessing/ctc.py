"""What a line says as a whole: digits from left to right without places (CTC; Graves et al., "Connectionist
Temporal Classification", 2006)."""

from collections.abc import Callable, Sequence

import numpy as np

from digits.config import CLASSES

NONE = CLASSES
"""The class of a column at which no digit comes next."""

Text = tuple[int, ...]
"""Digits from the left."""


def likelihoods(logits: np.ndarray, texts: Sequence[Text]) -> np.ndarray:
    """Return the logarithm of the probability of each text (N,), by the forward recursion.

    Args:
        logits: (columns, 11), the last of them `NONE`.
        texts: N; the empty one too.
    """
    log = _log_softmax(logits)
    longest = max(map(len, texts), default=0)
    labels = np.full((len(texts), 2 * longest + 1), NONE)  # a place between digits before, between and behind
    for row, text in zip(labels, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    skips = np.full(labels.shape, -np.inf)  # from a digit straight to the next, unless it is the same
    skips[:, 3::2] = np.where(labels[:, 3::2] != labels[:, 1:-2:2], 0.0, -np.inf)
    alpha = np.full((len(texts), labels.shape[1] + 2), -np.inf)
    alpha[:, 2] = 0.0
    for column in log:
        before, one, two = alpha[:, 2:], alpha[:, 1:-1], alpha[:, :-2] + skips
        alpha[:, 2:] = np.logaddexp(np.logaddexp(before, one), two) + column[labels]
    ends = 2 + 2 * np.array([len(text) for text in texts])
    rows = np.arange(len(texts))
    last = np.where(ends > 2, alpha[rows, ends - 1], -np.inf)
    return np.logaddexp(alpha[rows, ends], last)


def likeliest(logits: np.ndarray, number: int, begins: Callable[[Text], bool] | None = None) -> list[Text]:
    """Return the likeliest texts, the best first, by a beam over prefixes (Graves and Jaitly, 2014, algorithm
    1).

    Args:
        logits: (columns, 11).
        number: of texts, and of prefixes that are kept.
        begins: tells which prefixes may be, where not all.
    """
    log = _log_softmax(logits)
    beam: dict[Text, np.ndarray] = {(): np.array([0, -np.inf])}  # ending in `NONE`, and in its last digit
    least = LEAST if begins is None else LEAST_EXPECTED
    for column in log:
        grown: dict[Text, np.ndarray] = {}
        likely = np.flatnonzero(column[:NONE] > least).tolist()
        for text, (blank, digit) in beam.items():
            either = np.logaddexp(blank, digit)
            same = digit + column[text[-1]] if text else -np.inf
            more = [
                ((*text, n), -np.inf, (blank if text[-1:] == (n,) else either) + column[n])
                for n in likely
                if begins is None or begins((*text, n))
            ]
            for new, *ends in [(text, either + column[NONE], same), *more]:
                grown[new] = np.logaddexp(grown.get(new, -np.inf), ends)
        beam = dict(sorted(grown.items(), key=lambda item: -np.logaddexp(*item[1]))[:number])
    return list(beam)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


LEAST, LEAST_EXPECTED = np.log(0.01), np.log(1e-6)
"""A digit that is less likely at a column is not tried there; the second where not every text may be."""
