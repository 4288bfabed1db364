"""What a reader answers: one digit, or a number."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from digits.contract import CLASSES, SIDE


@dataclass(frozen=True)
class Reading:
    """What was read from a picture of one digit."""

    digit: int | None
    """0 to 9, or None when the status is neither "digit" nor "unsure"."""
    probabilities: np.ndarray
    """(10,) float32, calibrated, sums to 1; all equal when there was nothing to read."""
    status: str
    """"digit", "unsure", "blank", "not_a_digit" or "several"."""
    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what the model saw."""
    steps: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    """Pictures (h, w) float32 in [0, 1] of the stages, in order, by a short title."""
    box: tuple[int, int, int, int] | None = None
    """Where the digit stands: x, y, width, height in pixels of the upright picture."""
    asked: bool = True
    """Whether the network was asked. It is not where nothing, several digits or a blot was found: all
    probabilities are equal then, and no digit comes first in `ranking`."""

    @property
    def confidence(self) -> float:
        """The largest probability, in [0, 1]; 0 when there is no digit."""
        return 0.0 if self.digit is None else float(self.probabilities.max())

    @property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")]


@dataclass(frozen=True)
class NumberReading:
    """What was read from a picture of several digits."""

    written: list[list[Reading | str]]
    """Line by line, each from the left: the digits with their boxes, and where they were asked for the marks
    between them: ".", ",", "-" and " "."""
    marks: bool = False
    """Whether marks were asked for."""

    @property
    def digits(self) -> list[Reading]:
        """The digits in reading order, each with its box."""
        return [token for line in self.written for token in line if isinstance(token, Reading)]

    @property
    def lines(self) -> list[str]:
        """The best guess, line by line; "?" stands for what is no digit."""
        return self.spelled({})

    @property
    def text(self) -> str:
        """The best guess, e.g. "3268"; empty for a blank picture. With marks, lines are kept apart."""
        return ("\n" if self.marks else "").join(self.lines)

    def spelled(self, corrections: Mapping[int, int | str]) -> list[str]:
        """Return the lines with some digits put right.

        Args:
            corrections: the right digit, or "" for none, by its place in `digits`, counted from 0.
        """
        place = {id(reading): index for index, reading in enumerate(self.digits)}

        def spell(token: Reading | str) -> str:
            if isinstance(token, str):
                return token
            digit = corrections.get(place[id(token)], token.digit)
            return "?" if digit is None else str(digit)

        return ["".join(map(spell, line)) for line in self.written]


def nothing(status: str, steps: dict[str, np.ndarray]) -> Reading:
    """Return the reading of a picture without a single digit on it."""
    return Reading(None, no_idea(), status, np.zeros((SIDE, SIDE), np.float32), steps, asked=False)


def no_idea() -> np.ndarray:
    """Return ten equal probabilities (10,) float32."""
    return np.full(CLASSES, 1 / CLASSES, np.float32)
