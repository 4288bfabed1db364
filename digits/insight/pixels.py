"""Pixel maps from a network's answers and gradients, in plain numpy: the network is a function."""

from collections.abc import Callable

import numpy as np

from digits.contract import SIDE

TOLERANCE = 0.005
"""Integrated gradients stop when their sum is this share away from the logit difference."""

MOST = 8
"""They also stop at this many times the gradients asked for."""


def integrated_gradients(
    ask: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], frame: np.ndarray, steps: int
) -> np.ndarray:
    """Integrate gradients from black to a frame (Sundararajan et al., 2017, arXiv:1703.01365).

    On the straight way, by the trapezoid rule. Gradients of a network of ReLUs jump, most of all near black:
    50 at equal distances leave an error of a tenth. So they begin closer together near black, and more are
    taken where the logits, which come with the gradients, show that the rule is wrong. These logits only
    choose the places: what is summed is gradients alone, so the completeness of the sum remains a test.

    Args:
        ask: frames (N, 28, 28) -> gradients (N, 28, 28) of the logit, and the logits (N,).
        frame: (28, 28) float32 in [0, 1].
        steps: gradients taken at first, 2 or more; at most `MOST` times as many in the end.

    Returns:
        (28, 28) float32, signed; sums to the frame's logit less that of black, but for `TOLERANCE`.
    """
    places = np.linspace(0, 1, steps) ** 2
    gradients, logits = _along(ask, frame, places)
    while True:
        slopes, widths = (gradients * frame).sum(axis=(1, 2)), np.diff(places)
        errors = np.diff(logits) - widths * (slopes[1:] + slopes[:-1]) / 2
        if abs(errors.sum()) <= TOLERANCE * abs(logits[-1] - logits[0]) or len(places) >= MOST * steps:
            means = (gradients[1:] + gradients[:-1]) / 2
            return (frame * np.tensordot(widths, means, axes=1)).astype(np.float32)
        worst = np.argsort(-np.abs(errors))[: max(1, steps // 2)]
        between = (places[worst] + places[worst + 1]) / 2
        more, theirs = _along(ask, frame, between)
        order = np.argsort(np.concatenate([places, between]))
        places = np.concatenate([places, between])[order]
        gradients = np.concatenate([gradients, more])[order]
        logits = np.concatenate([logits, theirs])[order]


def occlusion(
    ask: Callable[[np.ndarray], np.ndarray], frame: np.ndarray, size: int, stride: int
) -> np.ndarray:
    """Cover a frame with a black square, place by place (Zeiler & Fergus, 2014, arXiv:1311.2901).

    Args:
        ask: frames (N, 28, 28) -> logits (N,).
        frame: (28, 28) float32 in [0, 1].
        size: side of the square, 1 to 28 pixels.
        stride: from place to place, in pixels; the last place in a row touches the edge.

    Returns:
        (28, 28) float32, signed: by how much the logit falls, the mean over the squares that cover a pixel.
    """
    starts = np.unique([*range(0, SIDE - size + 1, stride), SIDE - size])
    squares = [np.s_[top : top + size, left : left + size] for top in starts for left in starts]
    inked = [square for square in squares if frame[square].any()]  # the others change nothing
    covered = np.repeat(frame[None], len(inked) + 1, axis=0)
    for one, square in zip(covered[1:], inked, strict=True):
        one[square] = 0
    logits = np.asarray(ask(covered), np.float64)
    falls, counts = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for square, logit in zip(inked, logits[1:], strict=True):
        falls[square] += logits[0] - logit
    for square in squares:
        counts[square] += 1
    return (falls / np.maximum(1, counts)).astype(np.float32)


def _along(ask: Callable, frame: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gradients, logits = ask(frame * places[:, None, None].astype(np.float32))
    return np.asarray(gradients, np.float64), np.asarray(logits, np.float64)
