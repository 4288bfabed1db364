"""Whose writing this looks like, where several hands are known: told, and changed only by a click."""

from collections.abc import Sequence

import streamlit as st

from app.shared import hand, icons, models
from app.shared.sidebar import choices
from app.shared.widgets import as_text
from digits import Reading
from digits.config import is_public
from digits.data.collection.hands import Hands
from digits.data.collection.store import Sample
from digits.preprocessing.frame import to_uint8

NEWEST = 200
"""Digits of each hand that are compared."""


def guess_ui(digits: Sequence[Reading]) -> None:
    """Say so where digits look as if another hand than the chosen one had written them, with a button."""
    if is_public() or not digits:
        return
    try:
        hands = Hands()
        names, chosen = hands.names(), hand.chosen()
        if len(names) < 2:
            return
        own = {number: hands.store(number).samples()[:NEWEST] for number in names}
        found = _guess(digits, own)
    except (ValueError, OSError):  # a model without features, or a damaged store: the sidebar says that
        return
    if found not in (None, chosen):
        with st.container(horizontal=True, vertical_alignment="center", key="whose"):
            words = f"{icons.HAND} This looks like the writing of **{as_text(names[found])}**."
            st.markdown(words, width="content")
            st.button("Switch to it", key="whose_switch", on_click=_switch, args=(found,))
    if st.session_state.pop("hand_switched", False):
        st.rerun()  # of the whole page, sidebar and all


def _switch(number: int) -> None:
    hand.choose(number)
    st.session_state["hand_switched"] = True


def _guess(digits: Sequence[Reading], own: dict[int, list[Sample]]) -> int | None:
    from digits.train.whose import LEAST, Written, guess  # late: most have one hand

    reader = models.recognizer(choices().model)
    if reader is None or sum(len(samples) >= LEAST for samples in own.values()) < 2:
        return None
    sure = [
        (to_uint8(digit.framed), digit.digit)
        for digit in digits
        if digit.status == "digit" and digit.digit is not None
    ]
    framed = {
        number: [(frame, one.label) for one in samples if (frame := one.frame()) is not None]
        for number, samples in own.items()
    }
    return guess(reader, Written.of(sure), {number: Written.of(some) for number, some in framed.items()})
