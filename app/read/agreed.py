"""Writing that vouches for itself: digits whose sum or check digit holds join the hand on a click."""

from collections.abc import Collection

import streamlit as st

from app.read import editor
from app.read.desk import Desk, Item
from app.shared import correct, hand, icons
from digits.config import is_public

LEAST = 4
"""Digits that are worth a question."""


def offer_ui(desk: Desk, keys: Collection[str], why: str) -> None:
    """Offer to keep digits as they were read.

    Args:
        desk: what was read; what a person said of it is kept already.
        keys: of the items that a check confirms, none of them changed to fit it.
        why: which check, e.g. "The sums add up".
    """
    items = [item for item in desk.items if item.key in keys and desk.said(item) is None and item.is_read]
    number = sum(len(item.digits) for item in items)
    if is_public() or not desk.teaches or number < LEAST:
        return
    correct.tell_sidebar()
    with st.container(horizontal=True, vertical_alignment="center", key="agreed"):
        if all(editor.is_kept(desk, item) for item in items):
            st.markdown(f"{icons.THANKS} {hand.number_of(number)} added to your hand.", width="content")
            st.button("Undo", key="agreed_undo", type="tertiary", on_click=_keep, args=(desk, items, False))
        else:
            st.markdown(f"{why}, so these are known:", width="content")
            words = f"Add these {hand.number_of(number)} to your hand"
            st.button(words, key="agreed_add", icon=icons.HAND, on_click=_keep, args=(desk, items, True))


def _keep(desk: Desk, items: list[Item], all_of_them: bool) -> None:
    for item in items:
        read = [digit.digit for digit in item.digits if digit.digit is not None]
        editor.keep(desk, item, read if all_of_them else None, asked=True)
