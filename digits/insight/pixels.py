"""Pixel maps from a network's answers and gradients, in plain numpy: the network is a function."""

from collections.abc import Callable

import numpy as np

from digits.contract import SIDE

TOLERANCE, PROMISE = 0.005, 0.01
"""Integrated gradients stop when their sum is the first share away from the logit difference; where that
takes more than `MANY` times the gradients asked for, the second will do."""

MANY, MOST = 8, 40
"""At the second of these many times the gradients asked for they stop in any case, unless told otherwise: a
logit that ends where it began has a difference of nearly nothing, of which 1 % is less than can be found."""


def integrated_gradients(
    ask: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    frame: np.ndarray,
    steps: int,
    most: int = MOST,
) -> np.ndarray:
    """Integrate gradients from black to a frame (Sundararajan et al., 2017, arXiv:1703.01365).

    On the straight way, by the trapezoid rule. Gradients of a network of ReLUs jump, most of all near black:
    50 at equal distances leave an error of a tenth. So they begin closer together near black, and more are
    taken where the logits, which come with the gradients, show that the rule is wrong. These logits only
    choose the places and the end: what is summed is gradients alone, and where these are not the slope of
    the logit, no number of places makes the sum complete.
    Weighing the gradients by the logits too, as if there were one jump between two places, would make the
    sum right and the map worse: there are many jumps, and it comes out half as far again from the limit.

    Args:
        ask: frames (N, 28, 28) -> gradients (N, 28, 28) of the logit, and the logits (N,).
        frame: (28, 28) float32 in [0, 1].
        steps: gradients taken at first, 2 or more.
        most: at about so many times as many it ends.

    Returns:
        (28, 28) float32, signed; sums to the frame's logit less that of black, but for `PROMISE` of that
        where so many gradients suffice.
    """
    places = np.linspace(0, 1, steps) ** 2
    gradients, logits = _along(ask, frame, places)
    while True:
        slopes, widths = (gradients * frame).sum(axis=(1, 2)), np.diff(places)
        errors = np.diff(logits) - widths * (slopes[1:] + slopes[:-1]) / 2
        allowed = TOLERANCE if len(places) < MANY * steps else PROMISE
        if abs(errors.sum()) <= allowed * abs(logits[-1] - logits[0]) or len(places) >= most * steps:
            means = (gradients[1:] + gradients[:-1]) / 2
            return (frame * np.tensordot(widths, means, axes=1)).astype(np.float32)
        worst = np.argsort(-np.abs(errors))[: max(1, steps // 2, len(places) // 4)]
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
