"""Learning the digits of one hand in a moment: what `digits.models.memory` keeps, and what it is worth.

Votes are linear in the features: so that logits and votes together are right for own digits, and stay right
for MNIST's (logistic regression with the network's logits as offset). Directions in which MNIST's digits
differ little cost less to use: what is done there touches them least. The leave-one-out answers, what would
be read of each own digit had it not been learnt, choose how much an own digit counts, and say what the memory
is worth and which labels to doubt.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np

from digits.config import CLASSES, FRAME_VERSION, SIDE, check, now
from digits.models.alphabet import DIGITS
from digits.models.calibration import negative_log_likelihood, softmax
from digits.models.memory import MOST_KEYS, VERSION, Memory
from digits.models.representation import unit
from digits.models.sandbox.inputs import known_digits
from digits.preprocessing.frame import to_uint8
from digits.recognizer import Recognizer

DIRECTIONS = 128
"""Of the features, those along which MNIST's digits differ most."""

EVEN, LEAST_SPREAD = 0.7, 0.02
"""Directions count by their spread to this power, and are taken to have so much of the widest at least.
Chosen on validation digits, as the next two."""

RIDGE = 0.1
"""What votes cost: the less, the louder they may be."""

WEIGHTS = (100.0, 10.0, 1.0)
"""How many of MNIST's digits an own one may count for: the first that does not harm them is taken."""

HARM = 0.0005
"""So much more surprising MNIST's digits may become on average, in nats."""

REACH = 1.0
"""As `Memory.votes` has it: digits of two classes are about 1 apart."""

STEPS = 40
"""Of the search for weights."""

KNOWN = 20_000
"""Frames whose features are kept, for a digit more to cost what one digit costs."""

MOST = MOST_KEYS
"""Own digits that a memory may have."""


Labels = Sequence[int] | np.ndarray


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


def learn(reader: Recognizer, frames: np.ndarray, labels: Labels, name: str = "my hand") -> Memory:
    """Return a memory of own digits; see `study`."""
    return study(reader, frames, labels, name).memory


def study(reader: Recognizer, frames: np.ndarray, labels: Labels, name: str = "my hand") -> Lesson:
    """Learn own digits.

    Args:
        reader: the model beside which the memory will be; one that it has is left aside.
        frames: (N, 28, 28) uint8, bright ink on black, as `Recognizer.look` gives them; 0 to 10,000.
        labels: (N,) what they are, 0 to 9.
        name: of the hand.

    Raises:
        ValueError: another shape or range, too many, or the model does not say from which features it
            answers.
    """
    if reader.labels != DIGITS:
        raise ValueError(f"{reader.name} answers {''.join(reader.labels)}; a memory is for models of digits.")
    frames, own = np.asarray(frames), np.asarray(labels, np.int64)
    check("The shape of the frames", frames.shape, frames.shape == (len(own), SIDE, SIDE), "(N, 28, 28)")
    check("The number of digits", len(own), len(own) <= MOST, f"{MOST:,} at most")
    wrong = own[(own < 0) | (own >= CLASSES)]
    check("A label", next(iter(wrong), None), not len(wrong), "0 to 9")
    features, logits = represented(reader, frames)
    shown, held = _anchors()
    theirs, they_said = represented(reader, shown)
    mean, axes = _directions(theirs)
    mine, others = ((unit(each) - mean) @ axes for each in (features, theirs))
    problem = _Problem(
        np.concatenate([mine, others]),
        np.concatenate([logits, they_said]) / np.float32(reader.temperature),
        np.concatenate([own, held]),
        len(own),
    )
    weight, weights, after = problem.solve()
    about = {
        "name": name,
        "model": reader.name,
        "sha256": reader.sha256,
        "frame_version": FRAME_VERSION,
        "version": VERSION,
        "created": now(),
        "counts": np.bincount(own, minlength=CLASSES).tolist(),
        "weight": weight,
        "reach": REACH,
    }
    memory = Memory(about, own.astype(np.uint8), mine, np.float32(reader.temperature) * weights, mean, axes)
    return Lesson(memory, own, logits.argmax(axis=1), after)


@dataclass(frozen=True)
class _Problem:
    """What is learnt from: own digits first, then those that hold back."""

    points: np.ndarray
    """(N, P)."""
    offset: np.ndarray
    """(N, 10), calibrated logits without votes."""
    labels: np.ndarray
    """(N,)."""
    own: int
    """How many are own."""

    def solve(self) -> tuple[float, np.ndarray, np.ndarray]:
        """Return how much an own digit counts, the weights (P, 10) of the votes on calibrated logits, and
        what is read (own,) of each own digit by what the others taught."""
        theirs = slice(self.own, None)
        bare = negative_log_likelihood(self.offset[theirs], self.labels[theirs])
        weight, weights, left_out = 0.0, np.zeros((self.points.shape[1], CLASSES), np.float32), self.offset
        for weight in WEIGHTS if self.own else ():
            weights = self._fit(weight)
            left_out = self._left_out(weight, weights)
            if negative_log_likelihood(left_out[theirs], self.labels[theirs]) <= bare + HARM:
                break
        return weight, weights, left_out[: self.own].argmax(axis=1)

    @cached_property
    def _scale(self) -> np.ndarray:
        """(P,), what makes directions more even."""
        spread = self.points[self.own :].std(axis=0)
        even = np.maximum(spread, LEAST_SPREAD * spread.max()) ** -EVEN
        return even * (np.linalg.norm(spread) / np.linalg.norm(spread * even))

    @cached_property
    def _scaled(self) -> np.ndarray:
        return self.points * self._scale

    def _counts(self, weight: float) -> np.ndarray:
        counts = np.ones((len(self.labels), 1), np.float32)
        counts[: self.own] = weight
        return counts

    def _fit(self, weight: float) -> np.ndarray:
        """Return the weights (P, 10) by which labels are least surprising, an own one counting so much."""
        from scipy.optimize import minimize  # late: reading must not wait for it

        points, across = self._scaled, np.ascontiguousarray(self._scaled.T)
        counts, right = self._counts(weight), np.arange(len(self.labels))
        wanted = np.eye(CLASSES, dtype=np.float32)[self.labels]

        def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
            weights = flat.reshape(-1, CLASSES).astype(np.float32)
            logits = self.offset + points @ weights
            logits -= logits.max(axis=1, keepdims=True)
            shares = np.exp(logits)
            sums = shares.sum(axis=1, keepdims=True)
            surprise = counts[:, 0] @ (np.log(sums[:, 0]) - logits[right, self.labels])
            slope = across @ (counts * (shares / sums - wanted)) + RIDGE * weights
            return float(surprise + RIDGE / 2 * (weights**2).sum()), slope.ravel().astype(np.float64)

        begin, options = np.zeros(points.shape[1] * CLASSES), {"maxiter": STEPS}
        found = minimize(cost, begin, jac=True, method="L-BFGS-B", options=options).x
        return self._scale[:, None] * found.reshape(-1, CLASSES).astype(np.float32)

    def _left_out(self, weight: float, weights: np.ndarray) -> np.ndarray:
        """Return calibrated logits with votes (N, 10) of each digit as if it had not been learnt from.

        One Newton step back from what all have taught, class by class: Rad & Maleki, "A scalable estimate of
        the out-of-sample prediction error via approximate leave-one-out cross-validation", 2020.
        """
        counts, points = self._counts(weight), self._scaled
        logits = self.offset + self.points @ weights
        shares = softmax(logits)
        wrong, bend = shares - np.eye(CLASSES, dtype=np.float32)[self.labels], shares * (1 - shares)
        pull = np.empty_like(logits)
        for label in range(CLASSES):
            curve = (points * (counts * bend[:, label, None])).T @ points
            curve[np.diag_indices_from(curve)] += RIDGE
            pull[:, label] = ((points @ np.linalg.inv(curve)) * points).sum(axis=1)
        freed = np.maximum(1 - counts * bend * pull, 0.05)
        return logits + counts * wrong * pull / freed


class _Cache:
    """Features and logits of frames, by what they are made of."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, reader: Recognizer, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        whose = reader.sha256 or str(id(reader._runtime))
        marks = [hashlib.sha1(whose.encode() + frame.tobytes()).digest() for frame in frames]
        with self._lock:  # kept by hand from here on: what others learn meanwhile may drive it out
            found = {mark: self._known[mark] for mark in marks if mark in self._known}
        new = [i for i, mark in enumerate(marks) if mark not in found]
        if new:
            answered = zip(*reader.represent(frames[new]), strict=True)
            found |= zip((marks[i] for i in new), answered, strict=True)
        if not marks:
            features, logits = reader.represent(np.zeros((1, SIDE, SIDE), np.uint8))
            return features[:0], logits[:0]
        answers = [found[mark] for mark in marks]
        with self._lock:
            self._known |= found
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        features, logits = zip(*answers, strict=True)
        return np.stack(features), np.stack(logits)


represented = _Cache()
"""A reader and frames (N, 28, 28) uint8 -> features (N, D) and logits (N, 10)."""


def _anchors() -> tuple[np.ndarray, np.ndarray]:
    """Return what holds a memory back: frames (N, 28, 28) uint8 of MNIST's training digits, labels (N,)."""
    frames, labels = known_digits()
    return to_uint8(frames[..., 0]), labels.astype(np.int64)


def _directions(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle (D,) of features (N, D) made directions, and the axes (D, P) they differ along."""
    points = unit(features)
    mean = points.mean(axis=0)
    axes = np.linalg.svd(points - mean, full_matrices=False)[2][:DIRECTIONS].T
    return mean, np.ascontiguousarray(axes, np.float32)
