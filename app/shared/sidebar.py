"""The sidebar that all pages share: which model reads, how careful it shall be, and whose hand it knows.

Care is a slider over the card's trade-off, with its price in plain words. All is kept for the next visit.
"""

from dataclasses import dataclass

import streamlit as st

from app.shared import hand, icons, models, preferences
from app.shared.widgets import as_text
from digits.config import DEFAULT_MODEL
from digits.models.card import Card
from digits.models.checkpoints import Entry

ENDS = '<p class="ends"><span>answers more</span><span>asks more</span></p>'
"""What the ends of a slider mean."""

ASKED = "model"
"""The parameter of the address that names a model."""

LONGEST_NAME = 60
"""Letters of what somebody wrote into the address that are repeated."""

ASKED_MODEL = "asked_model"  # in the session: the model that the address named last


def care_ui(entry: Entry | None) -> dict[str, float] | None:
    """Draw the slider of a model; return the chosen thresholds, or None for the model's own."""
    card = entry.card if entry else None
    if card is None:
        return None
    rows = card.trade_off
    if len(rows) < 2:
        st.caption("This model knows one degree of care only: its card holds no others with their price.")
        return None
    key, kept = f"care-{entry.name}", preferences.get("care").get(entry.name)
    place = st.select_slider(
        "How careful?",
        range(len(rows)),
        # Not by way of the session's state: after a change of page the slider would stand at its first end.
        value=kept if kept is not None and kept < len(rows) else own_row(card),
        format_func=lambda place: shares(rows[place]["refused"]),
        key=key,
        on_change=_chose_care,
        args=(entry.name, key),
        help="How much that is good to hold back as doubtful, so that more mistakes and strangers show.",
    )
    st.html(ENDS)
    st.caption(price(rows[place], entry.has_letters))
    return rows[place]


def own_row(card: Card) -> int:
    """Return which row of the trade-off is the card's own: its thresholds, else the share it refuses."""
    own, rows = card.thresholds, card.trade_off
    same = [i for i, row in enumerate(rows) if all(row.get(key) == own.get(key) for key in _limits(row))]
    if same:
        return same[0]
    return min(range(len(rows)), key=lambda i: abs(rows[i]["refused"] - own.get("refused", 0.01)))


def price(row: dict[str, float], has_letters: bool = False) -> str:
    """Say what a row costs and brings, of a model of digits or of letters.

    >>> price({"refused": 0.01, "errors_caught": 0.82, "letters_caught": 0.91})
    'Holds back 1 in 100 good digits. Catches 82 of 100 mistakes and 91 of 100 letters.'
    """
    caught = [
        f"{round(100 * row[key])} of 100 {what}"
        for key, what in (
            ("errors_caught", "mistakes"),
            ("letters_caught", "signs" if has_letters else "letters"),
        )
        if key in row
    ]
    gain = f" Catches {' and '.join(caught)}." if caught else ""
    return f"Holds back {shares(row['refused'])} good {'characters' if has_letters else 'digits'}.{gain}"


def shares(share: float) -> str:
    """Return a share as a person says it.

    >>> shares(0.0), shares(0.002), shares(0.01), shares(0.034), shares(0.1)
    ('no', '2 in 1,000', '1 in 100', '3 in 100', '10 in 100')
    """
    if share >= 0.0095:
        return f"{round(100 * share)} in 100"
    return f"{round(1000 * share)} in 1,000" if share >= 0.0005 else "no"


def _limits(row: dict[str, float]) -> list[str]:
    return [key for key in row if key.endswith("_below")]


@dataclass(frozen=True)
class Choices:
    """What the visitor has chosen."""

    model: Entry | None
    """The chosen model, or None when models/ has no usable one."""
    thresholds: dict[str, float] | None
    """How careful to be, a row of the model's trade-off, or None for the model's own care."""


def show() -> None:
    """Draw the sidebar and remember the choices for the page."""
    with st.sidebar:
        model = _model_ui()
        thresholds = care_ui(model)
        hand.hand_ui(model)
        st.caption("Your digits never leave the computer this app runs on.")
    st.session_state["choices"] = Choices(model, thresholds)
    _asked_ui(model)
    preferences.say()


def is_there() -> bool:
    """Tell whether the sidebar was drawn on this visit."""
    return "choices" in st.session_state


def choices() -> Choices:
    """Return the choices of this run."""
    return st.session_state["choices"]


def digit_choices() -> Choices:
    """Return the choices of this run; for a model of letters, after saying so, those of a model of digits."""
    chosen = choices()
    if chosen.model is None or not chosen.model.has_letters:
        return chosen
    others = {entry.name: entry for entry in models.of_digits()}
    other = others.get(DEFAULT_MODEL) or next(iter(others.values()), None)
    if other:
        st.info(
            f"**{as_text(chosen.model.name)}** reads letters: its last layer has {len(chosen.model.labels)} "
            "outputs, one for each character, and all before it works alike. This page is about digits, so "
            f"**{as_text(other.name)}** answers here."
        )
    return Choices(other, None)


def _model_ui() -> Entry | None:
    usable = {entry.name: entry for entry in models.usable()}
    names = sorted(usable, key=lambda name: (name != DEFAULT_MODEL, name))
    asked, known = st.query_params.get(ASKED), st.session_state.get(ASKED_MODEL)
    if asked in names and asked != known:
        st.session_state[ASKED_MODEL] = st.session_state["model"] = asked
    elif asked is None and known in names:  # a change of page takes the parameters out of the address
        st.query_params[ASKED] = known
    if names and st.session_state.get("model") not in names:  # nothing was chosen yet, or it is gone
        preferred = preferences.get("model")
        st.session_state["model"] = preferred if preferred in names else names[0]
    name = st.selectbox(
        "Model", names, key="model", on_change=_chose_model, help="Every .keras file in the folder models/."
    )
    if before := preferences.get("before"):
        st.button(
            f"Back to {before}", key="take_back", icon=icons.BACK, type="tertiary",
            on_click=preferences.take_back, help=f"{preferences.get('model')} is used at first until then.",
        )  # fmt: skip
    for entry in models.broken():
        st.caption(f"{icons.WARNING} **{as_text(entry.path.name)}** is broken: {as_text(entry.problem)}")
    if name and usable[name].card is None:
        st.caption("This model has no card: its confidence is not calibrated.")
    return usable.get(name)


def _chose_model() -> None:
    """Prefer a model that was chosen by hand, to an adopted one and to what the address names too."""
    preferences.keep(model=st.session_state["model"], before="")
    if ASKED in st.query_params:
        st.session_state[ASKED_MODEL] = st.query_params[ASKED] = st.session_state["model"]


def _chose_care(name: str, key: str) -> None:
    care = {other: row for other, row in preferences.get("care").items() if other != name}
    preferences.keep(care=care | {name: st.session_state[key]})


def _asked_ui(model: Entry | None) -> None:
    """Say so where the address asks for a model that is not there."""
    asked = st.query_params.get(ASKED)
    names = [entry.name for entry in models.usable()]
    if asked is not None and asked not in names and model:
        known = ", ".join(map(as_text, names))
        st.warning(
            f"There is no model “{as_text(asked[:LONGEST_NAME])}”, as the address asks for; expected one of: "
            f"{known}. **{as_text(model.name)}** reads instead."
        )
