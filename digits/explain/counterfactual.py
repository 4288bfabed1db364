"""What would change its mind: the smallest change of ink that flips an answer.

A counterfactual in the sense of Wachter, Mittelstadt and Russell, "Counterfactual Explanations without
Opening the Black Box", 2018, arXiv:1711.00399, over edits that a hand could make (stroke_edits.py) instead of
single pixels, whose smallest changes look like noise. A beam search, so smaller changes may exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from digits.config import check
from digits.explain.stroke_edits import StrokeEdits, find_edits
from digits.models.alphabet import DIGITS
from digits.models.layer_graph import checked

WAYS = ("erase", "add")

WIDTH = 8
"""Of the beam: sets of edits that are followed from one step to the next."""

TRIED = 60
"""Edits that are tried after the first step: those that did best alone."""

LEAST_LEFT = 0.3
"""Share of the digit's ink that stays: without, some networks would read a digit from empty paper."""

LIMITS = (4, 1.0), (8, 2.0)
"""Most edits in a row, and ink that may change, as a share of the digit's. The second allow rewriting the
whole digit, where the first allow no change: one in fifteen searches towards a digit drawn at random needs
that, as from a 2 to a 5."""

COST = 0.05
"""Ink, as a share of the digit's, that every edit counts as more than it is: few large ones are easier to see
than many small ones."""


@dataclass(frozen=True)
class Change:
    """A changed digit, and how it differs."""

    frame: np.ndarray
    """(28, 28) float32 in [0, 1], changed; where it was, not centred anew."""
    erased: np.ndarray
    """(28, 28) float32 in [0, 1], ink that was taken away."""
    added: np.ndarray
    """(28, 28) float32 in [0, 1], ink that was put on."""
    before: int
    """What was read."""
    after: int
    """What is read now."""
    probability_before: float
    """Of the digit `after`, before the change."""
    probability_after: float
    """Of the digit `after`, after it."""
    amount: float
    """Ink erased and added, as a share of the digit's ink."""


@dataclass(frozen=True)
class Search:
    """What came of looking for a change."""

    change: Change | None
    """The smallest change that was found, or None."""
    reason: str = ""
    """Why there is none, a sentence; empty when there is one."""


def find_change(
    logits: Callable[[np.ndarray], np.ndarray],
    frame: np.ndarray,
    toward: int | None = None,
    *,
    temperature: float = 1.0,
    least_evidence: float = -np.inf,
    ways: tuple[str, ...] = WAYS,
    labels: Sequence[str] = DIGITS,
) -> Search:
    """Look for the smallest erasure and addition of ink that flips an answer, within `LIMITS`.

    Every step tries all edits on the best sets so far; the first step that flips the answer ends the search,
    with the flip of least ink. Then what is not needed is taken back, piece by piece.

    Args:
        logits: frames (N, 28, 28, 1) float32 in [0, 1] -> logits (N, K), such as `Recognizer.logits`. Called
            about once a step, with some hundred frames.
        frame: (28, 28) float32 in [0, 1], bright ink on black.
        toward: the digit, or the place of the label, to be read instead, by a probability of one half or
            more; None: any other.
        temperature: by which logits are divided before they become probabilities.
        least_evidence: of any digit at all, as in `Recognizer.thresholds["not_a_digit_below"]`: what the
            digit becomes must still look like one. None is asked for by default.
        ways: "erase", "add", or both.
        labels: what the K logits are of.

    Raises:
        ValueError: an argument is out of range; the message says which.
    """
    frame = checked(frame)
    words = "a digit, 0 to 9" if tuple(labels) == DIGITS else f"0 to {len(labels) - 1}, the place of a label"
    check("toward", toward, toward is None or toward in range(len(labels)), f"{words}, or None")
    known = bool(ways) and set(ways) <= set(WAYS)
    check("ways", tuple(ways), known, f"one or more of {', '.join(WAYS)}")
    check("temperature", temperature, temperature > 0, "above 0")
    if not frame.any():
        return Search(None, "There is no ink to change.")
    (at_first,) = np.asarray(logits(frame[None, ..., None]), np.float64)
    before = int(at_first.argmax())
    goals = [toward] if toward is not None else [place for place in range(len(labels)) if place != before]
    beam = _BeamSearch(logits, find_edits(frame, ways), goals, temperature, least_evidence)
    if beam.judge([frozenset()])[0] >= 0:
        return Search(None, f"It is read as {labels[before]} already.")
    for steps, most in LIMITS:
        atoms = beam.search(steps, most)
        if atoms is not None:
            changed = beam.edits.apply(beam.prune(atoms))
            (at_last,) = np.asarray(logits(changed[None, ..., None]), np.float64)
            return Search(_difference(frame, changed, at_first / temperature, at_last / temperature))
    limits = f"up to {100 * most:.0f} % of the ink in {steps} moves"
    wanted = "another digit" if toward is None else f"a digit that reads as {labels[toward]}"
    found = f"No change was found of {limits} that makes it {wanted}"
    return Search(None, f"{found}; there may be one all the same.")


def _difference(frame: np.ndarray, changed: np.ndarray, at_first: np.ndarray, at_last: np.ndarray) -> Change:
    """Return how a changed frame differs, given the logits (K,) of both, divided by the temperature."""
    erased, added = np.clip(frame - changed, 0, None), np.clip(changed - frame, 0, None)
    amount = float((erased.sum() + added.sum()) / frame.sum())
    before, after = int(at_first.argmax()), int(at_last.argmax())
    chance, now = (float(softmax(row)[after]) for row in (at_first, at_last))
    return Change(changed, erased, added, before, after, chance, now, amount)


@dataclass(frozen=True)
class _BeamSearch:
    """Sets of edits, by their atoms (see `StrokeEdits`), grown until one flips the answer."""

    logits: Callable[[np.ndarray], np.ndarray]
    edits: StrokeEdits
    goals: list[int]
    """The digits of which any may be read instead."""
    temperature: float
    least_evidence: float

    def search(self, steps: int, most: float) -> frozenset[int] | None:
        """Return the atoms of the first flip with the least ink, or None; see `LIMITS`."""
        beam: list[frozenset[int]] = [frozenset()]
        tried = self.edits.single
        (start,), _ = self.judge(beam)
        for step in range(steps):
            # A dict, not a set: the order, and so the answer, must not depend on chance.
            found = list(dict.fromkeys(atoms | edit for atoms in beam for edit in tried if not edit <= atoms))
            if not found:
                return None
            lack, ink = self.judge(found)
            allowed = ink <= most
            flips = np.flatnonzero(allowed & (lack >= 0))
            if len(flips):
                return found[flips[ink[flips].argmin()]]
            gain = np.where(allowed, (lack - start) / (ink + COST * (step + 1)), -np.inf)
            best = np.argsort(-gain, kind="stable")
            if step == 0:
                tried = [found[i] for i in best[:TRIED] if gain[i] > 0]
            beam = [found[i] for i in best[:WIDTH] if gain[i] > 0]
        return None

    def prune(self, atoms: frozenset[int]) -> frozenset[int]:
        """Take back, one by one, what is not needed, most ink first."""
        while len(atoms) > 1:
            fewer = [atoms - {atom} for atom in sorted(atoms)]
            lack, ink = self.judge(fewer)
            enough = np.flatnonzero((lack >= 0) & np.isfinite(ink))
            if not len(enough):
                break
            atoms = fewer[enough[ink[enough].argmin()]]
        return atoms

    def judge(self, sets: list[frozenset[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Return what sets of atoms lack for a flip, in nats, (N,) up to 0, and the ink they change, (N,).

        Ink is a share of the digit's, infinite where too little ink stays.
        """
        frame = self.edits.frame
        changed = np.stack([self.edits.apply(atoms) for atoms in sets])
        logits = np.asarray(self.logits(changed[..., None]), np.float64)
        cool = logits / self.temperature
        odds = [cool[:, goal] - logsumexp(np.delete(cool, goal, axis=1), axis=1) for goal in self.goals]
        lack = np.minimum(np.max(odds, axis=0), 0)
        lack += np.minimum(logsumexp(logits, axis=1) - self.least_evidence, 0)
        ink = np.abs(changed - frame).sum(axis=(1, 2)) / frame.sum()
        left = np.minimum(changed, frame).sum(axis=(1, 2)) / frame.sum()
        return lack, np.where(left < LEAST_LEFT, np.inf, ink)
