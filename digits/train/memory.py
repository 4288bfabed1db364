"""Learning the digits of one hand in a moment: what `digits.models.memory` keeps, and what it is worth.

Votes are a function f(z) = sum over keys k of kernel(z, k) a_k, so that logits + f are right for own digits
and stay right for MNIST's; the ridge keeps f small. Its leave-one-out answers, what would be read of each own
digit had it not been learnt, say what the memory is worth and which labels to doubt.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np

from digits.config import CLASSES, FRAME_VERSION, SIDE, check, now
from digits.models.memory import MOST_KEYS, VERSION, Memory, distances, kernel
from digits.models.representation import unit
from digits.models.sandbox.inputs import known_digits
from digits.preprocessing.frame import to_uint8
from digits.recognizer import Recognizer

DIRECTIONS = 128
"""Of the features, those along which MNIST's digits differ most."""

WIDTH = 1.0
"""Of the kernel, in a space where digits of two classes are about 1 apart."""

RIDGE = 0.02
"""What votes cost: the less, the louder they may be."""

REACH = 0.6
"""As `Memory.votes` has it."""

STEPS = 60
"""Of the search for coefficients."""

KNOWN = 20_000
"""Frames whose features are kept, for a digit more to cost what one digit costs."""

MOST = MOST_KEYS - 1000
"""Own digits that a memory may have."""


@dataclass(frozen=True)
class Doubt:
    """An own digit that its neighbours speak against: is its label right?"""

    index: int
    label: int
    read: int
    """What it reads like."""


@dataclass(frozen=True)
class Lesson:
    """What was learnt, and what it is worth."""

    memory: Memory
    labels: np.ndarray
    """(n,) of own digits."""
    before: np.ndarray
    """(n,) what the network reads."""
    after: np.ndarray
    """(n,) what is read by a memory of all the other own digits."""

    @cached_property
    def doubtful(self) -> list[Doubt]:
        """Own digits that are read otherwise once the others of this hand are known, too."""
        wrong = np.flatnonzero((self.after != self.labels) & (self.before != self.labels))
        return [Doubt(int(i), int(self.labels[i]), int(self.after[i])) for i in wrong]

    @property
    def right(self) -> list[int]:
        """Own digits that the others turned right."""
        return np.flatnonzero((self.before != self.labels) & (self.after == self.labels)).tolist()

    @property
    def wrong(self) -> list[int]:
        """Own digits that the others turned wrong."""
        return np.flatnonzero((self.before == self.labels) & (self.after != self.labels)).tolist()


def learn(reader: Recognizer, frames: np.ndarray, labels: Sequence[int], name: str = "my hand") -> Memory:
    """Return a memory of own digits; see `study`."""
    return study(reader, frames, labels, name).memory


def study(reader: Recognizer, frames: np.ndarray, labels: Sequence[int], name: str = "my hand") -> Lesson:
    """Learn own digits.

    Args:
        reader: the model beside which the memory will be; one that it has is left aside.
        frames: (N, 28, 28) uint8, bright ink on black, as `Recognizer.look` gives them; 0 to 9,000.
        labels: (N,) what they are, 0 to 9.
        name: of the hand.

    Raises:
        ValueError: another shape or range, too many, or the model does not say from which features it
            answers.
    """
    frames, own = np.asarray(frames), np.asarray(labels, np.int64)
    check("The shape of the frames", frames.shape, frames.shape == (len(own), SIDE, SIDE), "(N, 28, 28)")
    check("The number of digits", len(own), len(own) <= MOST, f"{MOST:,} at most")
    top, least = own.max(initial=0), own.min(initial=0)
    check("The labels", f"{least} to {top}", least >= 0 and top < CLASSES, "0 to 9")
    features, logits = represented(reader, frames)
    shown, held = _anchors()
    theirs, they_said = represented(reader, shown)
    mean, axes = _directions(theirs)
    keys = (np.concatenate([unit(features), unit(theirs)]) - mean) @ axes
    offset = np.concatenate([logits, they_said]) / reader.temperature
    targets = np.concatenate([own, held])
    alike = kernel(distances(keys, keys), WIDTH)
    found = _fit(alike, offset, targets, RIDGE) if len(own) else np.zeros((len(keys), CLASSES), np.float32)
    after = _left_out(alike, offset, targets, found, RIDGE, len(own)).argmax(axis=1)
    about = {
        "name": name,
        "model": reader.name,
        "sha256": reader.sha256,
        "frame_version": FRAME_VERSION,
        "version": VERSION,
        "created": now(),
        "counts": np.bincount(own, minlength=CLASSES).tolist(),
        "width": WIDTH,
        "ridge": RIDGE,
        "reach": REACH,
    }
    coefficients = np.float32(reader.temperature) * found
    memory = Memory(about, own.astype(np.uint8), keys, coefficients, mean, axes)
    return Lesson(memory, own, logits.argmax(axis=1), after)


class _Cache:
    """Features and logits of frames, by what they are made of."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, reader: Recognizer, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        whose = reader.sha256 or str(id(reader._runtime))
        marks = [hashlib.sha1(whose.encode() + frame.tobytes()).digest() for frame in frames]
        with self._lock:
            new = [i for i, mark in enumerate(marks) if mark not in self._known]
        found = dict(zip(new, zip(*reader.represent(frames[new]), strict=True), strict=True)) if new else {}
        with self._lock:
            answers = [found[i] if i in found else self._known[mark] for i, mark in enumerate(marks)]
            self._known |= zip(marks, answers, strict=True)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        if not answers:
            return reader.represent(frames)
        features, logits = zip(*answers, strict=True)
        return np.stack(features), np.stack(logits)


represented = _Cache()
"""A reader and frames (N, 28, 28) uint8 -> features (N, D) and logits (N, 10), those known already at once."""


def _anchors() -> tuple[np.ndarray, np.ndarray]:
    """Return what holds a memory back: frames (N, 28, 28) uint8 of MNIST's training digits, labels (N,)."""
    frames, labels = known_digits()
    return to_uint8(frames[..., 0]), labels.astype(np.int64)


def _directions(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle (D,) of features (N, D) as directions, and along which they differ most (D, P)."""
    points = unit(features)
    mean = points.mean(axis=0)
    axes = np.linalg.svd(points - mean, full_matrices=False)[2][:DIRECTIONS].T
    return mean, np.ascontiguousarray(axes, np.float32)


def _fit(alike: np.ndarray, offset: np.ndarray, labels: np.ndarray, ridge: float) -> np.ndarray:
    """Return coefficients (K, 10) float32 of the votes by which labels (K,) are least surprising.

    Args:
        alike: (K, K), the kernel between keys.
        offset: (K, 10), calibrated logits without votes.
        labels: (K,).
        ridge: what the squared length of the function costs.
    """
    from scipy.linalg import solve_triangular  # late: reading must not wait for it
    from scipy.optimize import minimize

    n, right = len(labels), np.arange(len(labels))
    root = np.linalg.cholesky(alike + 1e-4 * np.eye(n, dtype=np.float32))
    wanted = np.eye(CLASSES, dtype=np.float32)[labels]

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(n, CLASSES).astype(np.float32)
        logits = offset + root @ weights
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        sums = shares.sum(axis=1, keepdims=True)
        surprise = np.log(sums[:, 0]).sum() - logits[right, labels].sum()
        slope = root.T @ (shares / sums - wanted) + ridge * weights
        return float(surprise + ridge / 2 * (weights**2).sum()), slope.ravel().astype(np.float64)

    options = {"maxiter": STEPS, "maxcor": 10}
    found = minimize(cost, np.zeros(n * CLASSES), jac=True, method="L-BFGS-B", options=options).x
    weights = found.reshape(n, CLASSES).astype(np.float32)
    return solve_triangular(root, weights, trans="T", lower=True)


def _left_out(
    alike: np.ndarray, offset: np.ndarray, labels: np.ndarray, found: np.ndarray, ridge: float, own: int
) -> np.ndarray:
    """Return the calibrated logits (own, 10) of the first keys, each as if it had not been learnt.

    One Newton step from what all have learnt, with one curvature for all classes; the leave-one-out of
    kernel ridge regression, see Rad & Maleki, "A scalable estimate of the out-of-sample prediction error via
    approximate leave-one-out cross-validation", 2020.
    """
    votes = alike @ found
    shares = np.exp(offset + votes - (offset + votes).max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    stiff = ridge / np.maximum((shares * (1 - shares)).max(axis=1), 1e-4)
    inverse = np.linalg.inv(alike + np.diag(stiff))
    lost = stiff - 1 / np.diag(inverse)
    return (offset + votes + found * lost[:, None])[:own]
