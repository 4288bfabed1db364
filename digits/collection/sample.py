"""One collected digit: what it was given as, what was answered, and what it is."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits.contract import CLASSES, SIDE

ORIGINS = ("draw", "upload", "camera", "number", "guided", "sheet", "import")
"""Where a digit may come from."""

STATUSES = ("", "digit", "unsure", "not_a_digit")
"""What was said of it; empty where nobody was asked."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A digit with its right label."""

    id: int
    """Counted from 1, never used twice."""
    label: int
    """The right digit, 0 to 9, as a person says."""
    answer: int | None
    """The digit that was read, or None: no answer, or nobody was asked."""
    status: str
    """One of `STATUSES`."""
    model: str
    """Name of the model that answered, or empty."""
    model_sha256: str
    """Of that model's file, or empty."""
    origin: str
    """One of `ORIGINS`."""
    created: str
    """When it was collected: ISO 8601, UTC, to the second."""
    picture: Path
    """The original, a PNG of at most `originals.LONGER_SIDE` pixels."""
    framed: Path
    """What the model saw, a grey PNG of 28 x 28 pixels."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the model did not simply say what the person says."""
        return self.status in ("unsure", "not_a_digit") or self.answer not in (None, self.label)

    def framed_array(self) -> np.ndarray:
        """Return what the model saw, (28, 28) float32 in [0, 1], bright ink on black.

        Raises:
            ValueError: the file is gone or damaged; one sentence that names it.
        """
        try:
            with Image.open(self.framed) as picture:
                values = np.asarray(picture.convert("L"), np.float32) / 255
        except OSError as error:
            raise ValueError(f"{self.framed} cannot be read: {error}.") from error
        if values.shape != (SIDE, SIDE):
            raise ValueError(f"{self.framed} is {values.shape}; expected ({SIDE}, {SIDE}).")
        return values


def check_digit(value: object, name: str) -> int:
    """Return a digit as int.

    Raises:
        ValueError: anything but 0 to 9; the message names it.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= value < CLASSES:
        return int(value)
    raise ValueError(f"{name} {value!r}; expected a digit from 0 to 9.")


def check_word(value: str, known: tuple[str, ...], name: str) -> str:
    """Return a word that is known.

    Raises:
        ValueError: another; the message names it and what is known.
    """
    if value not in known:
        raise ValueError(
            f"{name} {value!r}; expected one of: {', '.join(word or repr('') for word in known)}."
        )
    return value
