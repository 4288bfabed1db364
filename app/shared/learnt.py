"""What the model remembers of the hand that is chosen: learnt once after each change, for all visits."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.shared import hand, models
from app.shared.sidebar import Choices
from digits.data.collection.store import Sample, Store

if TYPE_CHECKING:
    from digits import Recognizer
    from digits.train.memory import Lesson


@dataclass(frozen=True)
class Learnt:
    """The digits of a hand, and what was learnt of them."""

    samples: list[Sample]
    """As the lesson numbers them."""
    lesson: "Lesson"


def reader(choices: Choices) -> "Recognizer | None":
    """Return the loaded model with the memory of the hand that is chosen, if that shall count; None after
    showing why there is no model."""
    bare = models.recognizer(choices.model, choices.thresholds)
    found = learnt(choices) if bare and hand.is_on() else None
    if bare and found:
        with _told(choices):
            return bare.with_memory(found.lesson.memory)
    return bare


def learnt(choices: Choices, store: Store | None = None) -> Learnt | None:
    """Return what was learnt of the digits of a hand, the chosen one unless its `store` is given; None where
    it has none, or where the model cannot remember any: the sidebar says why."""
    bare = models.recognizer(choices.model)
    if bare is None or choices.model.has_letters:
        return None
    with _told(choices):
        samples = (hand.store() if store is None else store).samples()[: hand.MOST]
        content = repr([(sample.id, sample.label, sample.framed) for sample in samples])
        mark = hashlib.sha1(content.encode()).hexdigest()
        return _learn(choices.model.path, models.stamp(choices.model.path), mark, bare, samples)
    return None


@contextmanager
def _told(choices: Choices) -> Iterator[None]:
    """Let the sidebar say why the model cannot remember, where what is done in this block fails."""
    without: dict[str, str] = st.session_state.setdefault(hand.WITHOUT, {})
    try:
        yield
    except (ValueError, OSError) as error:
        without[choices.model.name] = str(error)
    else:
        without.pop(choices.model.name, None)


@st.cache_resource(max_entries=20, show_spinner="Learning your hand …")
def _learn(path, stamp, mark: str, _reader: "Recognizer", _samples: list[Sample]) -> Learnt | None:
    from digits.train import memory  # late: who has no digits never needs it

    framed = [(sample, frame) for sample in _samples if (frame := sample.frame()) is not None]
    if not framed:
        return None
    samples, frames = (list(each) for each in zip(*framed, strict=True))
    return Learnt(samples, memory.study(_reader, np.stack(frames), [sample.label for sample in samples]))
