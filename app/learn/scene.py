"""The digit and the model that the whole walk is about, and what takes time to find out about them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from app.learn import demonstrations
from app.shared import models
from app.shared.digit_source import Digit
from digits import Reading, Recognizer
from digits.explain.activations import ActivationReader
from digits.explain.trace import POOLS, Convolution, Pooling, pool, trace_frame
from digits.models import calibration, checkpoints
from digits.models.checkpoints import Entry
from digits.models.layer_graph import LayerGraph
from digits.robustness.attacks import Attacker

EPSILONS = (0.05, 0.1, 0.2, 0.3)
"""How far an attack may change a point, tried from the least on."""

ATTACK_STEPS = 20
"""Half as many as elsewhere, since a page waits for them."""


class Attacked(NamedTuple):
    """A digit after an attack."""

    picture: np.ndarray
    """(28, 28) float32 in [0, 1]."""
    epsilon: float
    """Largest change of a point."""
    probabilities: np.ndarray
    """(10,) of the bare network, softmax of its logits."""


class Pooled(NamedTuple):
    """One number of the first pooling layer, and the channel that it belongs to."""

    step: Pooling
    before: np.ndarray
    """(H, W), the channel that went in."""
    after: np.ndarray
    """(H', W'), what came out."""


class OpenNetwork:
    """A network whose insides can be shown. Safe to share between threads.

    Args:
        model: a Keras model (N, 28, 28, 1) -> (N, 10) probabilities; it is not edited.
        name: what to call it.
    """

    def __init__(self, model: Any, name: str):
        self._look = ActivationReader(LayerGraph.of(model))
        self._attacker = Attacker(model, name)

    @classmethod
    def load(cls, path: Path) -> "OpenNetwork":
        """Load a model from its file.

        Raises:
            ValueError: it cannot be loaded; one sentence that says why.
        """
        return cls(checkpoints.shared(path)[0], path.stem)

    def convolution(self, frame: np.ndarray) -> Convolution | None:
        """Return the sum of the first convolution where a kernel fits a frame (28, 28) best.

        None where there is no convolution, or it does not look at a single picture.
        """
        seen = self._look(frame)
        if not seen.graph.convolutions:
            return None
        first = seen.graph.convolutions[0].name
        output = seen.map(first)
        row, column, channel = map(int, np.unravel_index(int(output.argmax()), output.shape))
        walk = trace_frame(seen, first, channel, (row, column))
        found = walk and walk.convolution
        return found if found and found.patch.shape[2] == 1 else None

    def convolution_shape(self) -> tuple[int | None, ...]:
        """Return the shape (H, W, C) of what the first convolution gives out."""
        return self._look.graph.convolutions[0].shape

    def pooling(self, frame: np.ndarray) -> Pooled | None:
        """Return one number of the first pooling layer on a frame (28, 28), or None where nothing is pooled.

        It is where the channel that varies most is brightest.
        """
        seen = self._look(frame)
        for layer in seen.graph.layers:
            if layer.kind not in POOLS:
                continue
            spread = seen.map(layer.name).std(axis=(0, 1))  # not the mean: that of paper may be large
            if step := pool(seen, layer.name, int(spread.argmax())):
                return Pooled(
                    step, *(seen.map(name)[..., step.channel] for name in (layer.sources[0], layer.name))
                )
        return None

    def attack(self, frame: np.ndarray, truth: int) -> Attacked:
        """Return a frame (28, 28) after PGD: changed as little as turns the answer, else as far as allowed.

        Args:
            frame: float32 in [0, 1].
            truth: what it shows, 0 to 9.
        """
        batch, labels = frame[None, ..., None], np.array([truth])
        for epsilon in EPSILONS:
            changed = self._attacker.attack(batch, labels, epsilon, steps=ATTACK_STEPS)
            (answer,) = calibration.softmax(self._attacker.logits(changed))
            if answer.argmax() != truth:
                break
        return Attacked(changed[0, ..., 0], epsilon, answer)


@dataclass(frozen=True)
class Scene:
    """The digit and the model of the whole walk."""

    digit: Digit
    entry: Entry
    reader: Recognizer

    @property
    def frame(self) -> np.ndarray:
        """(28, 28) float32 in [0, 1]."""
        return self.digit.frame

    @property
    def network(self) -> OpenNetwork:
        """The model opened up; loaded when first asked for."""
        return _network(self.entry.path, models.stamp(self.entry.path))

    @property
    def reading(self) -> Reading:
        """The way from the picture to the frame; a test digit has been framed already, and goes it again."""
        return self.digit.reading or self.reader.read_digit(
            demonstrations.as_picture(self.digit.frame), steps=True
        )

    @cached_property
    def scores(self) -> demonstrations.Scores:
        """What the model says to the frame."""
        return demonstrations.scores(self.reader, self.frame)

    @property
    def truth(self) -> int:
        """What the digit is: its label, or what the model reads."""
        return self.scores.best if self.digit.label is None else self.digit.label

    @property
    def whose(self) -> str:
        """E.g. "your digit"."""
        return "your digit" if self.digit.label is None else "this digit"

    @property
    def attacked(self) -> Attacked:
        """The digit after an attack that leads away from what it is."""
        return _attack(self.entry.path, models.stamp(self.entry.path), self.frame, self.truth)


@st.cache_resource(max_entries=4, show_spinner="Opening the network …")
def _network(path, stamp) -> OpenNetwork:
    return OpenNetwork.load(path)


@st.cache_data(max_entries=100, show_spinner="The attacker is at work …")
def _attack(path, stamp, frame, truth) -> Attacked:
    return _network(path, stamp).attack(frame, truth)
