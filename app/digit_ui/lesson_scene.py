"""The digit and the model that all lessons are about, and what takes time to find out about them."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from digit_ui import shelf
from digit_ui.digit_source import Digit
from digits import Reading, Recognizer, demonstration
from digits.network.checkpoints import Entry
from digits.tutor import Attacked, Tutor


@dataclass(frozen=True)
class Scene:
    """The digit and the model of the whole walk."""

    digit: Digit
    entry: Entry
    reader: Recognizer

    @property
    def frame(self) -> np.ndarray:
        """(28, 28) float32 in [0, 1]."""
        return self.digit.points

    @property
    def tutor(self) -> Tutor:
        """The model opened up; loaded when first asked for."""
        return _tutor(self.entry.path, shelf.stamp(self.entry.path))

    @property
    def reading(self) -> Reading:
        """The way from the picture to the frame; a test digit has been framed already, and goes it again."""
        return self.digit.reading or self.reader.read_digit(demonstration.as_picture(self.digit.frame))

    @property
    def truth(self) -> int:
        """What the digit is: its label, or what the model reads."""
        return (
            demonstration.scores(self.reader, self.frame).best
            if self.digit.label is None
            else self.digit.label
        )

    @property
    def whose(self) -> str:
        """E.g. "your digit"."""
        return "your digit" if self.digit.label is None else "this digit"

    @property
    def attacked(self) -> Attacked:
        """The digit after an attack that leads away from what it is."""
        return _attack(self.entry.path, shelf.stamp(self.entry.path), self.frame, self.truth)


@st.cache_resource(max_entries=4, show_spinner="Opening the network …")
def _tutor(path, stamp) -> Tutor:
    return Tutor.load(path)


@st.cache_data(max_entries=100, show_spinner="The attacker is at work …")
def _attack(path, stamp, frame, truth) -> Attacked:
    return _tutor(path, stamp).attack(frame, truth)
