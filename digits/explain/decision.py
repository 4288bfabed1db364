"""Why a reading is sure, unsure or no digit, in plain words: which limits it kept or missed, by how much."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from digits.models import calibration
from digits.models.alphabet import DIGITS
from digits.plots.text import percent
from digits.reading import Reading
from digits.recognizer import Opinion, Recognizer

NAMED = 0.05
"""Digits at least this probable are candidates, and the first two always."""

MOST_NAMED = 3

WORDLESS = {
    "blank": "There is no ink on the picture.",
    "several": "More than one digit stands on the picture, where one is expected.",
}

BLOT = "It is a filled patch without the line of a pen: the model was not even asked."

UNTAUGHT = "This model was never shown what is no digit: only the glimpse reader can tell, on paper."

UNSEEN = "Another reader, which looks at the picture itself, sees no digit there."

NO_MORE = "By the limits given it would not be so."

ALONE = "It counts as doubtful, not as no digit, because digits stand beside it."


class _Limit(NamedTuple):
    """What a reading is held to."""

    name: str
    """"sure", the probability of the first digit, or "digit", that of being a digit at all."""
    value: float
    """What it reaches, in [0, 1]."""
    needed: float
    """What it has to reach, in [0, 1]."""


def explain_decision(
    recognizer: Recognizer, reading: Reading | Opinion, frame: np.ndarray | None = None
) -> list[str]:
    """Say in sentences why a reading has the status it has, the weightiest reason first.

    Args:
        recognizer: the one that gave it, with the thresholds it had then.
        reading: what it gave, alone or as a part of a number.
        frame: (28, 28) float32 in [0, 1], what the model saw (None: `reading.framed`).

    Raises:
        ValueError: `frame` is no frame, or is missing beside an opinion.
    """
    if reading.status in WORDLESS:
        return [WORDLESS[reading.status]]
    if not reading.asked:
        return [BLOT]
    if frame is None:
        if isinstance(reading, Opinion):
            raise ValueError("An opinion does not hold its frame; expected the frame beside it.")
        frame = reading.framed
    (energy,) = calibration.energy(recognizer.logits(np.asarray(frame, np.float32)[None, ..., None]))
    against = reading.against if isinstance(reading, Reading) else 0.0
    numbers = reading.status, reading.probabilities, float(energy), recognizer.thresholds, against
    return in_words(*numbers, labels=reading.labels)


def in_words(
    status: str,
    probabilities: np.ndarray,
    energy: float,
    thresholds: dict[str, float],
    against: float = 0.0,
    labels: Sequence[str] = DIGITS,
) -> list[str]:
    """Say why numbers came to a status.

    Args:
        status: "digit", "unsure" or "not_a_digit".
        probabilities: (K,) calibrated.
        energy: of the same logits, from `calibration.energy`.
        thresholds: those used, see `calibration.decide_status`.
        against: what else speaks against any digit, or for one, see `Reading.against`.
        labels: what the K probabilities are of.

    >>> p = np.array([0, 0, 0, 0, 0.712, 0, 0, 0, 0.02, 0.268])
    >>> in_words("unsure", p, 9.0, {"unsure_below": 0.9366, "not_a_digit_below": 0.9})
    ['It would have to be 93.7 % sure and is only 71.2 %: 4 or 9.', 'That is 22.5 percentage points short.']
    """
    candidates = [(labels[place], chance) for place, chance in _candidates(probabilities)]
    limits = [_Limit("sure", float(probabilities.max()), thresholds["unsure_below"])]
    if taught := "not_a_digit_below" in thresholds:
        # For a network taught with outliers the logistic function makes energy a probability.
        needed = thresholds["not_a_digit_below"]
        limits.append(_Limit("digit", *(float(expit(x)) for x in (energy - against, needed))))
    if status == "digit":
        sentences = [_kept(limit, candidates) for limit in limits]
    else:
        missed = [x for x in limits if x.value < x.needed and (status == "unsure" or x.name == "digit")]
        unseen = (
            against > 0 and energy >= thresholds.get("not_a_digit_below", 0.0) and status == "not_a_digit"
        )
        sentences = [UNSEEN] * unseen + [words for limit in missed for words in _short(limit, candidates)]
        sentences = sentences or [NO_MORE]
        if status == "not_a_digit":
            sentences.append(f"If it had to be one: {_listed(candidates, chances=True)}.")
        elif missed and missed[-1].name == "digit":
            sentences.append(ALONE)
    return sentences + [UNTAUGHT] * (not taught)


def _candidates(probabilities: np.ndarray) -> list[tuple[int, float]]:
    first = np.argsort(-probabilities, kind="stable")[:MOST_NAMED]
    named = [digit for rank, digit in enumerate(first) if rank < 2 or probabilities[digit] >= NAMED]
    return [(int(digit), float(probabilities[digit])) for digit in named]


def _short(limit: _Limit, candidates: list[tuple[str, float]]) -> list[str]:
    is_, needed = _percents(limit.value, limit.needed)
    if limit.name == "sure":
        first = f"It would have to be {needed} sure and is only {is_}: {_listed(candidates)}."
    else:
        chance = f"the chance that it is one would have to be {needed} and is only {is_}"
        first = f"Too little speaks for any digit: {chance}."
    return [first, f"That is {_points(limit)} short."]


def _kept(limit: _Limit, candidates: list[tuple[str, float]]) -> str:
    is_, needed = _percents(limit.value, limit.needed)
    if limit.name == "sure":
        return f"It is {is_} sure of {candidates[0][0]}; {needed} would be enough: {_points(limit)} to spare."
    return f"The chance that it is a digit at all is {is_}; {needed} would be enough."


def _listed(candidates: list[tuple[str, float]], chances: bool = False) -> str:
    names = [f"{digit} ({_percents(p)[0]})" if chances else str(digit) for digit, p in candidates]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _percents(*shares: float) -> list[str]:
    """Return shares as words that never claim certainty, precise enough to tell them apart.

    >>> _percents(0.712, 0.9366), _percents(0.93655, 0.9366), _percents(0.99999)
    (['71.2 %', '93.7 %'], ['93.655 %', '93.660 %'], ['over 99.9 %'])
    """
    for decimals in (1, 2, 3):
        words = [f"{100 * share:.{decimals}f} %" for share in shares]
        if len(set(words)) == len(set(shares)):
            break
    exact = zip(shares, words, strict=True)
    return [word if 0.001 <= share <= 0.999 else percent(share) for share, word in exact]


def _points(limit: _Limit) -> str:
    """Say how far a limit is, as who takes one of the two numbers said from the other would have it."""
    said = _percents(limit.value, limit.needed)
    is_, needed = (float(re.search(r"[\d.]+", words)[0]) for words in said)  # type: ignore[index]
    apart = abs(is_ - needed)
    if apart < 0.05:
        return "less than 0.1 percentage points"
    more = "more than " if said[0].startswith("over") else ""
    return f"{more}{apart:.1f} percentage points"
