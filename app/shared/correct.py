""" "That was a ...": the answer put right, or confirmed, and kept to teach a model with."""

import hashlib
from collections.abc import Callable

import streamlit as st

from app.shared import hand, icons
from app.shared.widgets import as_text
from digits import Reading
from digits.config import CLASSES, is_public
from digits.data.collection.store import STATUSES, Sample
from digits.files import sha256
from digits.models import alphabet
from digits.models.checkpoints import Entry
from digits.preprocessing.decode import Picture

QUESTION = "Wrong? That was a …"
HELP = (
    "Your choice and the picture are kept on this computer, to teach a model your hand; nothing is sent "
    "anywhere. Was it right? Then choose the digit that was read: it teaches as well. By keyboard: 0 to 9."
)
ASKED = "asked_for_right"  # in the session: what the question is about
CONSENT = "teach_me"  # in the session: whether what is put right on the page Read is kept
AGREE = "Teach a model with what I put right"
NO_DIGIT = "Not a digit"
TYPED = "Not right? Type what it is"
FOR_NOW = "For this visit only: models are taught with digits alone, so it is not kept."
REFUSED = "said_no_digit"  # in the session: names of what a person said of that it is no digit
CHANGED = (
    "hand_changed"  # in the session: the sidebar has not told yet that the hand has more digits, or fewer
)
PROBLEM = "keep_problem"  # in the session: why the last digit could not be kept


def correct_ui(entry: Entry, picture: Picture, reading: Reading, origin: str) -> None:
    """Ask for the right digit of a drawing or picture; after a click say that it is kept, and offer to undo.

    Args:
        entry: the model that answered.
        picture: what it was shown.
        reading: its answer.
        origin: one of `collection.store.ORIGINS`.
    """
    if is_public():
        return
    if alphabet.has_letters(reading.labels):
        _letter_ui(reading)
        return
    tell_sidebar()
    # By what the model saw, which is quick and the same for the same drawing: each is asked about once.
    name = hashlib.sha1(reading.framed.tobytes()).hexdigest()
    kept = _still_kept(name)
    if kept:
        _thanks_ui(f"Thanks, kept as **{kept.label}**, on this computer.", name)
    elif name in st.session_state.get(REFUSED, ()):
        _thanks_ui("Thanks: no digit. It is not kept, for a model is taught with digits alone.", name)
    else:
        # Not in the callback's arguments: Streamlit remembers those of every widget that ever was.
        st.session_state[ASKED] = (name, entry, picture, reading, origin)
        st.caption(QUESTION, help=HELP)
        with st.container(horizontal=True, gap="xsmall", key="choices"):
            for right in (*range(CLASSES), None):
                words = NO_DIGIT if right is None else str(right)
                shortcut = None if right is None else words
                key = f"right-{name}-{words}"
                st.button(words, key=key, shortcut=shortcut, on_click=_choose, args=(name, right))
    problem_ui()


def _letter_ui(reading: Reading) -> None:
    """Ask for the right letter or digit, typed."""
    name = hashlib.sha1(reading.framed.tobytes()).hexdigest()
    typed = st.text_input(TYPED, key=f"letter-{name}", max_chars=1, help=FOR_NOW, width=200)
    if typed and typed not in alphabet.KNOWN:
        st.warning(f"“{as_text(typed)}” is no letter from A to Z and no digit.")
    elif typed:
        st.markdown(f"{icons.THANKS} Put right: **{typed}**. {FOR_NOW}")


def _thanks_ui(words: str, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="kept"):
        st.markdown(f"{icons.THANKS} {words}", width="content")
        st.button("Undo", key=f"undo-{name}", type="tertiary", on_click=_take_back, args=(name,))


def tell_sidebar() -> None:
    """Draw the whole page anew, with what was learnt, if a digit was kept or taken back just now."""
    if st.session_state.pop(CHANGED, False):
        st.rerun()


def consent_ui() -> None:
    """Ask whether the digits of numbers and tables that are put right may be kept; on until it is switched
    off."""
    if not is_public():
        st.session_state.setdefault(CONSENT, True)
        st.toggle(
            AGREE, key=CONSENT, persist_state="session", help="On this computer; nothing is sent anywhere."
        )


def keep_part(
    name: str,
    right: int | str | None,
    entry: Entry,
    cut: Callable[[], Picture],
    digit: Reading,
    asked: bool = False,
) -> None:
    """Keep one digit of a number with the right label, in place of an earlier one, if the person agrees.

    Args:
        name: the same for the same digit of the same picture.
        right: what it is; "" (no digit) or None (the answer was right) keeps nothing.
        entry: the model that answered.
        cut: cuts the digit out of its picture.
        digit: the answer.
        asked: whether the person said so of just this digit.
    """
    if is_public():
        return
    _take_back(name)
    if isinstance(right, int) and (asked or st.session_state.get(CONSENT, True)):
        _keep(name, right, entry, cut(), digit, "number")


def is_kept(name: str) -> bool:
    """Tell whether what `keep_part` kept under a name is still there."""
    return _still_kept(name) is not None


def problem_ui() -> None:
    """Say once why the last digit could not be kept, if so."""
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        st.error(as_text(problem))


def about(entry: Entry, reading: Reading) -> dict:
    """Return what a model said of a digit by itself, as arguments of `Store.add`."""
    return {
        "answer": reading.digit if reading.untaught is None else reading.untaught,
        "status": reading.status if reading.status in STATUSES else "",
        "model": entry.name,
        "model_sha256": entry.card.sha256 if entry.card else sha256(entry.path),
    }


def _kept() -> dict[str, int]:
    """Return what this visit kept: the number in the store, by the name of what was shown."""
    return st.session_state.setdefault("kept_digits", {})


def _still_kept(name: str) -> Sample | None:
    """Return what was kept under a name, unless it was deleted since, perhaps in another window."""
    if name not in _kept():
        return None
    try:
        return hand.store().sample(_kept()[name])
    except ValueError:
        return None


def _choose(name: str, right: int | None) -> None:
    """Take in what a person said: a digit, or None for no digit."""
    asked_name, *asked = st.session_state.get(ASKED) or [None]
    if name != asked_name:
        return
    del st.session_state[ASKED]  # of two quick choices the first counts
    if right is None:
        st.session_state.setdefault(REFUSED, set()).add(name)
    else:
        _keep(name, right, *asked)


def _keep(name: str, right: int, entry: Entry, picture: Picture, reading: Reading, origin: str) -> None:
    try:
        sample = hand.store().add(picture, reading.framed, right, origin=origin, **about(entry, reading))
    except (ValueError, OSError) as error:
        st.session_state[PROBLEM] = f"This digit could not be kept. {error}"
    else:
        _kept()[name] = sample.id
        st.session_state[CHANGED] = True


def _take_back(name: str) -> None:
    st.session_state.get(REFUSED, set()).discard(name)
    kept = _kept().pop(name, None)
    if kept is None:
        return
    st.session_state[CHANGED] = True
    try:
        hand.store().delete(kept)
    except ValueError as error:
        st.session_state[PROBLEM] = f"This digit could not be taken back. {error}"
