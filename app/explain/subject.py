"""What the page that shows why is about: one digit, the model that has read it, and what is found out.

Findings are kept by picture and model; spinners show only when they are slow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np
import streamlit as st

from app.shared import models
from app.shared.widgets import as_text
from digits import Reading, Recognizer
from digits.explain import counterfactual, faithfulness, report
from digits.explain.activations import ActivationReader, Activations
from digits.explain.attribution import Explainer
from digits.explain.counterfactual import Search
from digits.explain.feature_index import Index
from digits.explain.neighbours import Neighbourhood, Surroundings
from digits.files import sha256
from digits.models import leaderboard
from digits.models.checkpoints import Entry
from digits.recognizer import Opinion, opinions

MODELS, PICTURES = 3, 10
"""Explained models, and looks into one, in memory at once."""


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
    def _file(self) -> tuple:
        """What the model is kept by."""
        return self.entry.path, models.stamp(self.entry.path)

    @property
    def _asked(self) -> tuple:
        """What findings are kept by."""
        return *self._file, self.frame

    @property
    def digit(self) -> int:
        """The place of the likeliest label (a digit's is the digit), also where the model does not commit
        itself, or was not even asked."""
        return self.ranking[0]

    @property
    def labels(self) -> tuple[str, ...]:
        """What the model tells apart."""
        return self.reader.labels

    @property
    def suffix(self) -> str:
        """Of the keys of choices among the labels: readers of digits share theirs."""
        return f"_{''.join(self.labels)}" if self.reader.has_letters else ""

    @property
    def runner_up(self) -> int:
        """The second likeliest."""
        return self.ranking[1]

    @cached_property
    def ranking(self) -> list[int]:
        """The places of the labels, most probable first; of a blot the network is asked for that now."""
        answer = self.answer if self.answer.asked else opinions([self.reader], self.frame)[0]
        return answer.ranking

    def explainer(self) -> Explainer:
        """Return what explains the model."""
        with st.spinner("Taking the network apart …"):
            return _explainer(*self._file)

    def heat(self, method: str, target: int, layer: str | None) -> tuple[np.ndarray, dict]:
        """Return a map (28, 28) of `Explainer.explain`, and how it stood its tests.

        Those are what `faithfulness.judge` returns, with `random_deletion_score`.
        """
        with st.spinner("Asking the network …"):
            return _heat(*self._asked, method, target, layer)

    def judged(self) -> dict | None:
        """Return what evaluation/judges/explanations.py has measured on this very model, or None."""
        try:
            found = leaderboard.find(self.entry.name, "explanations", _sha256(*self._file))
        except ValueError:  # what cannot be read is as good as nothing
            return None
        if found is None or found.stale or not found.figures.keys() >= {"n", "methods"}:
            return None
        return found.figures

    def activations(self) -> Activations:
        """Return what all layers make of the digit."""
        with st.spinner("Taking the network apart …"):
            return _activations(*self._asked)

    def surroundings(self, rival: int | None) -> tuple[Surroundings, Index]:
        """Return what lies around the digit, and the index it was looked up in.

        Raises:
            ValueError: the model has no index that fits; says how to make one.
        """
        with st.spinner("Looking for digits like yours …"):
            neighbourhood = Neighbourhood.load(self.entry.path)
            return neighbourhood.look(self.frame, rival=rival), neighbourhood.index

    def change(self, toward: int | None, ways: tuple[str, ...]) -> Search:
        """Return what came of looking for a change of ink that flips the answer."""
        with st.spinner("Trying strokes …"):
            least = self.reader.thresholds.get("not_a_digit_below", -np.inf)
            return _change(*self._asked, toward, ways, float(least), self.reader)


def part(draw: Callable[[Subject], None]) -> Callable[[Subject], None]:
    """Make a part of the page: it alone runs again, and says what cannot be done with this model."""

    @st.fragment
    @wraps(draw)
    def drawn(subject: Subject) -> None:
        try:
            draw(subject)
        except ValueError as error:
            st.error(as_text(error))

    return drawn


@st.cache_resource(max_entries=MODELS, show_spinner=False)
def _explainer(path, stamp) -> Explainer:
    return report.load(path)


@st.cache_data(max_entries=50, show_spinner=False)
def _sha256(path, stamp) -> str:
    return sha256(path)


@st.cache_data(max_entries=500, show_spinner=False)
def _heat(path, stamp, frame, method, target, layer) -> tuple[np.ndarray, dict]:
    explains = _explainer(path, stamp)
    found = explains.explain(method, frame, target, layer)
    tests = faithfulness.judge(explains, method, found, frame, target)
    return found, tests | {"random_deletion_score": _by_chance(path, stamp, frame, target)}


@st.cache_data(max_entries=500, show_spinner=False)
def _by_chance(path, stamp, frame, target) -> float:
    return faithfulness.random_deletion_score(_explainer(path, stamp), frame, target)


@st.cache_resource(max_entries=MODELS, show_spinner=False)
def _activation_reader(path, stamp) -> ActivationReader:
    return ActivationReader(_explainer(path, stamp).graph)


@st.cache_resource(max_entries=PICTURES, show_spinner=False)  # not _data: layers cannot be copied
def _activations(path, stamp, frame) -> Activations:
    return _activation_reader(path, stamp)(frame)


@st.cache_data(max_entries=500, show_spinner=False)
def _change(path, stamp, frame, toward, ways, least_evidence, _reader) -> Search:
    return counterfactual.find_change(
        _reader.logits,
        frame,
        toward,
        temperature=_reader.temperature,
        least_evidence=least_evidence,
        ways=ways,
        labels=_reader.labels,
    )
