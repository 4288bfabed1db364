"""What the parts of the page that shows why are about: one digit, and the model that has read it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np
import streamlit as st

from digit_ui import shelf
from digits import Reading, Recognizer
from digits.comparison import Opinion, opinions
from digits.network.checkpoints import Entry


@dataclass(frozen=True)
class Subject:
    """One digit, and the model that has read it."""

    entry: Entry
    reader: Recognizer
    name: str
    """Of the digit, for captions."""
    frame: np.ndarray
    """(28, 28) float32 in [0, 1], bright ink on black."""
    answer: Reading | Opinion

    @property
    def file(self) -> tuple:
        """What the model is kept by."""
        return self.entry.path, shelf.stamp(self.entry.path)

    @property
    def asked(self) -> tuple:
        """What findings are kept by."""
        return *self.file, self.frame

    @property
    def digit(self) -> int:
        """The likeliest digit, also where the model does not commit itself, or was not even asked."""
        return self.ranking[0]

    @property
    def runner_up(self) -> int:
        """The second likeliest."""
        return self.ranking[1]

    @cached_property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first; of a blot the network is asked for that now."""
        answer = self.answer if self.answer.asked else opinions([self.reader], self.frame)[0]
        return answer.ranking


def part(draw: Callable[[Subject], None]) -> Callable[[Subject], None]:
    """Make a part of the page: it alone runs again, and says what cannot be done with this model."""

    @st.fragment
    @wraps(draw)
    def drawn(subject: Subject) -> None:
        try:
            draw(subject)
        except ValueError as error:
            st.error(str(error))

    return drawn
