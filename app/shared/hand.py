"""Whose digits the app learns from: one hand of several, chosen in the sidebar, where they are made as well.

Where strangers use the app there are none: it keeps nothing of theirs.
"""

import streamlit as st

from app.shared import icons, preferences, widgets
from app.shared.widgets import as_text
from digits.config import is_public
from digits.data.collection.hands import LONGEST, Hands
from digits.data.collection.store import Store
from digits.models.checkpoints import Entry

MOST = 1000
"""The newest digits of a hand that are remembered: learning more takes seconds after each change."""

HELP = (
    "What you put right is remembered at once: digits written much like yours are then read as you said, all "
    "others as before."
)
NOTHING = "Put an answer right, and digits like that are read so from then on."
OF_DIGITS = "Your hand is of digits: it counts where a model of digits reads."
REMOVING = "hand_removing"  # in the session: the hand about which it is asked whether it shall go
WITHOUT = "hand_without"  # in the session: by model why it can remember no hand


def chosen() -> int:
    """Return the number of the hand that is chosen: the preferred one, or the first where that is gone."""
    preferred: int = preferences.get("hand")
    try:
        names = Hands().names()
    except (ValueError, OSError):  # whoever looks for digits says it
        return preferred
    return preferred if preferred in names else next(iter(names))


def store() -> Store:
    """Return the digits of the hand that is chosen."""
    return Store(hand=chosen())


def is_on() -> bool:
    """Tell whether what was learnt of a hand shall count."""
    return not is_public() and preferences.get("my_hand")


def choose(hand: int) -> None:
    """Choose a hand, for the next visit too."""
    preferences.keep(hand=hand)


def hand_ui(model: Entry | None) -> None:
    """Draw the choice of a hand, the switch that lets it count, and how hands are made and removed.

    Args:
        model: which reads.
    """
    if is_public():
        return
    try:
        hands, own = Hands(), store()
        names, number = hands.names(), len(own)
    except (ValueError, OSError) as error:
        st.caption(f"{icons.WARNING} {as_text(error)}")
        return
    if len(names) > 1:
        st.session_state["hand"] = own.hand
        st.selectbox("Whose hand", names, format_func=names.get, key="hand", on_change=_chose)
    has_letters = model is not None and model.has_letters
    problem = OF_DIGITS if has_letters else model and st.session_state.get(WITHOUT, {}).get(model.name)
    if not problem:
        st.session_state["my_hand"] = bool(number) and preferences.get("my_hand")
        st.toggle("My hand", key="my_hand", on_change=_switch, disabled=not number, help=HELP)
    words = f"Your hand: {remembered(number)}" if number else NOTHING
    st.caption(as_text(problem) if problem and (number or has_letters) else words)
    with st.popover("Hands", icon=icons.HAND, width="stretch"):
        _manage_ui(own.hand, names, number)


def _manage_ui(hand: int, names: dict[int, str], number: int) -> None:
    for button in ("hand_add", "hand_rename", "hand_remove"):
        widgets.say(button)
    name = st.text_input("A name", key="hand_name", max_chars=LONGEST, placeholder="left hand, class 4b …")
    with st.container(horizontal=True):
        widgets.button("Add", "hand_add", _add, icon=icons.ADD, disabled=not name.strip())
        widgets.button("Rename", "hand_rename", _rename, icon=icons.RENAME, disabled=not name.strip())
    if len(names) < 2:
        st.caption("Keep hands apart that write differently: your left hand, a pupil, another person.")
    elif st.session_state.get(REMOVING) == hand:
        st.write(f"Remove **{as_text(names[hand])}** with {number_of(number)}? There is no way back.")
        with st.container(horizontal=True):
            widgets.button("Remove for good", "hand_remove", _remove, "primary")
            st.button("Keep it", key="hand_keep", on_click=_ask, args=(None,))
    else:
        st.button("Remove this hand …", key="hand_ask", icon=icons.DELETE, on_click=_ask, args=(hand,))


def _ask(hand: int | None) -> None:
    st.session_state[REMOVING] = hand


def _add() -> None:
    choose(Hands().add(st.session_state["hand_name"]).hand)
    st.session_state["hand_name"] = ""


def _rename() -> None:
    Hands().rename(chosen(), st.session_state["hand_name"])
    st.session_state["hand_name"] = ""


def _remove() -> None:
    hand = st.session_state.pop(REMOVING, None)
    if hand is not None and hand == chosen():
        Hands().remove(hand)
        choose(chosen())


def _chose() -> None:
    choose(st.session_state["hand"])


def _switch() -> None:
    preferences.keep(my_hand=st.session_state["my_hand"])


def remembered(digits: int) -> str:
    """Return "5 digits" where so many are all remembered, else "the newest 1,000 of 2,000 digits"."""
    return number_of(digits) if digits <= MOST else f"the newest {MOST:,} of {number_of(digits)}"


def number_of(digits: int) -> str:
    """Return "1 digit", "2,000 digits" and so on."""
    return f"{digits:,} digit{'' if digits == 1 else 's'}"
