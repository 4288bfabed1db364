"""One number: what was read, the picture with its boxes, and every digit with a box to put it right."""

import streamlit as st

from app.read import sources
from app.read.sources import DRAWING, Source
from app.shared import correct, widgets
from app.shared.sidebar import choices
from digits import Reading
from digits.config import is_public
from digits.data.collection.originals import cut_out
from digits.plots import pixels, text
from digits.plots.pixels import Mark, boxed_svg
from digits.preprocessing.decode import to_rgb
from digits.reading import Row

EMPTY = "I see no ink on this picture. Is the writing dark enough?"
CHOOSE = "Each digit as the network saw it. Choose another where it is wrong."
KEPT = "What you put right is kept on this computer, to teach a model your hand."
MOST_SHOWN = 24
SHOWN = "digits_shown"  # in the session: what the choice under each digit is about
THUMBNAIL = 48


def show(source: Source | None, row: Row | None, hint: str) -> None:
    """Show one number with all its digits; without one, the hint.

    The containers are there in every state; see `answer.show`.
    """
    answer, status, boxed, steps = (st.container(key=key) for key in ("answer", "status", "boxed", "steps"))
    if row is None:
        status.write(hint)
    elif row.error:
        status.error(row.error)
    elif row.status == "blank":
        status.write(hint if source.name == DRAWING else EMPTY)
    else:
        answer.html(f"<p>{row.text}</p>")
        status.write(_in_words(row))
        svg = _svg(source.key, [_mark(row, place) for place in range(len(row.digits))], source.open)
        boxed.html(widgets.drawing(svg, f"Every digit in a box: {row.text}"))
        with steps:
            _digits_ui(source, row)


def _in_words(row: Row) -> str:
    doubtful = sum(_is_doubtful(row, place) for place in range(len(row.digits)))
    if doubtful:
        which = "This digit is" if len(row.digits) == 1 else f"{doubtful} of {len(row.digits)} digits are"
        return f"🤔 {which} doubtful, marked orange and dashed. Choose the right one below."
    if row.corrections:
        return (
            "Put right by you." if len(row.corrections) == len(row.digits) else "Sure, or put right by you."
        )
    if len(row.digits) == 1:
        return f"Sure: **{text.percent(row.confidence)}**"
    return f"Sure: of each digit at least **{text.percent(row.confidence)}**"


def _is_doubtful(row: Row, place: int) -> bool:
    return row.status_of(place) in ("unsure", "not_a_digit")


def _mark(row: Row, place: int) -> tuple:
    """Return the arguments of a `Mark`: plain values, which Streamlit's cache can tell apart."""
    digit, status = row.digits[place], row.status_of(place)
    if status == "corrected":
        return digit.box, str(row.corrections[place]) or "✕", "✓", False
    name = {"digit": f"{digit.digit}", "unsure": f"{digit.digit}?"}.get(status, "?")
    note = "" if digit.digit is None else _short(digit.confidence)
    return digit.box, name, note, status != "digit"


@st.cache_data(max_entries=60, show_spinner=False)
def _svg(key: str, marks: list[tuple], _open) -> str:
    return boxed_svg(to_rgb(_open()), [Mark(*mark) for mark in marks])


def _digits_ui(source: Source, row: Row) -> None:
    """Show each digit as the network saw it, with a box to choose another."""
    # All at once, and before anything is drawn: a second choice interrupts the drawing.
    st.session_state[SHOWN] = {_key(source, digit): (source, row, digit) for digit in row.digits}
    places = list(range(len(row.digits)))
    doubtful = [place for place in places if _is_doubtful(row, place)]
    st.caption(CHOOSE if is_public() else f"{CHOOSE} {KEPT}")
    correct.problem_ui()
    if len(places) > MOST_SHOWN and not st.toggle(f"Show all {len(places)} digits", key="all_digits"):
        places = [place for place in places if place in doubtful or place in row.corrections][:MOST_SHOWN]
    with st.container(horizontal=True, gap="small", key="digits"):
        for place in places:
            with st.container(width=98, gap="xxsmall"):
                _digit_ui(source, row, place)


def _digit_ui(source: Source, row: Row, place: int) -> None:
    digit, status = row.digits[place], row.status_of(place)
    image = widgets.image(pixels.thumbnail_png(digit.framed, THUMBNAIL), f"digit {place + 1}")
    st.html(f'<figure class="{status}">{image}<figcaption>{_caption(digit, status)}</figcaption></figure>')
    chosen = row.corrections.get(place, digit.digit if status == "digit" else None)
    options = [*digit.ranking, ""]
    key = _key(source, digit)
    st.selectbox(
        f"Digit {place + 1}",
        options,
        index=None if chosen is None else options.index(chosen),
        format_func=lambda option: str(option) if option != "" else "none",
        placeholder="?" if digit.digit is None else f"{digit.digit} ?",
        filter_mode=None,
        key=key,
        on_change=_put_right,
        args=(key,),  # no more: Streamlit remembers those of every widget that ever was
        label_visibility="collapsed",
    )


def _key(source: Source, digit: Reading) -> str:
    return f"right-{source.key}-{digit.box}-{digit.status}"


def _caption(digit: Reading, status: str) -> str:
    if status == "corrected":
        return "by you"
    if status == "not_a_digit":
        return "no digit"
    if status == "digit":
        return _short(digit.confidence)
    return "<br>".join(f"{guess}: {_short(digit.probabilities[guess])}" for guess in digit.ranking[:2])


def _short(share: float) -> str:
    """Return a share in few letters that never claim certainty: "99%" is "99 % or more"."""
    return f"{min(99, int(100 * share))}%" if share >= 0.01 else "&lt;1%"


def _put_right(key: str) -> None:
    if key not in st.session_state[SHOWN]:  # a late click: other digits are shown by now
        return
    source, row, digit = st.session_state[SHOWN][key]
    right = st.session_state[key]
    right = None if digit.status == "digit" and right == digit.digit else right
    sources.correct(source, digit.box, right)
    others = [other.box for other in row.digits if other.box != digit.box]
    name = f"{source.key} {digit.box}"
    correct.keep_part(name, right, choices().model, lambda: cut_out(source.open(), digit.box, others), digit)
