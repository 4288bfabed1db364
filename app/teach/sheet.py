"""Writing on paper: a sheet to print, a photo of it filled in, a look at what is doubtful, and keeping it."""

import hashlib
from contextlib import suppress
from functools import partial

import streamlit as st

from app.shared import correct, hand, icons, models, widgets
from app.shared.sidebar import Choices
from app.shared.widgets import as_text
from digits.config import CLASSES
from digits.data.collection import sheet
from digits.data.collection.sheet import Filled, Written
from digits.forms.sheet import LAYOUTS
from digits.models.checkpoints import Entry
from digits.plots import pixels
from digits.preprocessing.decode import open_picture

HINT = f"{icons.HELLO} Write as many digits as you like: empty boxes do no harm. Then show me the sheet here."
LEFT_OUT = "✕"
THUMBNAIL = 64


def sheet_ui(choices: Choices) -> None:
    """Show the sheet to print, then what was found on a photo of it, until it is kept."""
    st.header("1. Print a sheet and fill it in", anchor=False)
    with st.container(horizontal=True, key="sheet_print"):
        for paper, layout in LAYOUTS.items():
            st.download_button(
                f"Sheet for {paper} paper",
                lambda layout=layout: sheet.sheet_pdf(layout),
                f"digits-{paper}.pdf",
                "application/pdf",
                key=f"sheet_{paper}",
                on_click="ignore",
                icon=icons.PRINT,
            )
    st.header("2. Photograph it", anchor=False)
    file = _photo_ui()
    if file is None:
        st.info(HINT)
        return
    key = hashlib.sha1(file.getvalue()).hexdigest()
    filled = _filled(choices, file, key)
    if filled:
        st.header("3. Look it through, and keep it", anchor=False)
        _review_ui(choices.model, filled, key)


def _photo_ui():
    source = widgets.switch_ui("Where the photo comes from", ("Upload", "Camera"), "sheet_source", keep=False)
    if source == "Camera":
        return st.camera_input("The whole sheet, as large as it goes", resolution="1080p", key="sheet_camera")
    return widgets.picture_ui("A photo of the whole sheet, with all four corner marks", "sheet_file")


def _filled(choices: Choices, file, key: str) -> Filled | None:
    """Return what is on a photo, read once for all reruns; None after showing why that cannot be."""
    reader = models.recognizer(choices.model, choices.thresholds)
    if reader is None:
        return None
    asked = key, reader.name, models.stamp(choices.model.path), repr(choices.thresholds)
    known, filled = st.session_state.get("sheet_read", (None, None))
    if known != asked:
        try:
            with st.spinner("Looking for the sheet …"):
                filled = sheet.read_sheet(open_picture(file), reader)
        except ValueError as error:
            st.error(as_text(error))
            return None
        st.session_state["sheet_read"] = asked, filled
    return filled


def _review_ui(entry: Entry, filled: Filled, key: str) -> None:
    """Show what was found, and keep it when asked to.

    Args:
        entry: the model that read it.
        filled: what was found.
        key: the same for the same photo.
    """
    doubtful = filled.doubtful
    with st.container(key="sheet_found"):
        st.markdown(
            f"**{len(filled.written)} of {filled.boxes}** boxes written, "
            f"**{len(doubtful) or 'none'}** doubtful."
        )
    if filled.written:
        if doubtful:
            st.caption(
                f"Is that what you meant to write? Choose the digit it is, or {LEFT_OUT} to leave it out."
            )
            _cells_ui("sheet_doubtful", doubtful, key)
        kept = {one.cell.place: _label(one, key) for one in filled.written}
        chosen = [one for one in filled.written if kept[one.cell.place] is not None]
        _keep_ui(entry, chosen, key)
        plain = [one for one in filled.written if not one.doubts]
        if plain and st.toggle(f"Show the other {len(plain)} digits too", key="sheet_all"):
            _cells_ui("sheet_plain", plain, key)
    with st.expander("The sheet as I found it"), st.container(key="sheet_straight"):
        st.html(widgets.drawing(_svg(key, filled), "The sheet seen from above"))


@st.cache_data(max_entries=4, show_spinner=False)
def _svg(key: str, _filled: Filled) -> str:
    return sheet.marked_svg(_filled)


def _cells_ui(name: str, cells: list[Written], key: str) -> None:
    with st.container(horizontal=True, gap="small", key=name):
        for one in cells:
            with st.container(width=98, gap="xxsmall"):
                _cell_ui(one, key)


def _cell_ui(one: Written, key: str) -> None:
    """Show what stands in a box, why it is doubtful, and a choice of what becomes of it."""
    label, words = one.cell.label, ", ".join(one.doubts)
    image = widgets.image(pixels.thumbnail_png(one.cell.ink, THUMBNAIL), f"in the row of {label}")
    st.html(f"<figure>{image}<figcaption>{words}</figcaption></figure>")
    options = [label, LEFT_OUT, *(digit for digit in range(CLASSES) if digit != label)]
    chosen = _label(one, key)
    widget = f"sheet-{key}-{one.cell.place}"
    st.selectbox(
        f"Box {one.cell.place + 1}",
        options,
        index=options.index(LEFT_OUT if chosen is None else chosen),
        filter_mode=None,
        key=widget,
        on_change=_choose,
        args=(one.cell.place, key, widget),
        label_visibility="collapsed",
        disabled=key in _kept(),  # it would change nothing in the collection; "Undo" comes first
    )


def _label(one: Written, key: str) -> int | None:
    """Return as what a digit is kept, or None; what is no digit at all only if somebody says so."""
    chosen = st.session_state.get("sheet_chosen", {}).get((key, one.cell.place), "")
    return (one.cell.label if one.is_digit else None) if chosen == "" else chosen


def _choose(place: int, key: str, widget: str) -> None:
    chosen = st.session_state[widget]
    known = st.session_state.setdefault("sheet_chosen", {})
    known[key, place] = None if chosen == LEFT_OUT else chosen


def _keep_ui(entry: Entry, chosen: list[Written], key: str) -> None:
    widgets.say()
    new = _kept().get(key)
    if new is None:
        words = f"Keep {hand.number_of(len(chosen))}"
        keep = partial(_keep, entry, chosen, key)
        widgets.button(words, "sheet_keep", keep, "primary", disabled=not chosen)
        return
    known = len(chosen) - len(new)
    with st.container(horizontal=True, vertical_alignment="center", key="sheet_kept"):
        words = f"{icons.THANKS} Thanks, **{len(new)}** kept, on this computer."
        st.markdown(words + f" {known} were here already." * (known > 0), width="content")
        widgets.button("Undo", "sheet_undo", partial(_take_back, key), "tertiary")


def _kept() -> dict[str, list[int]]:
    """Return the numbers in the store of what this visit kept, by photo."""
    return st.session_state.setdefault("sheets_kept", {})


def _keep(entry: Entry, chosen: list[Written], key: str) -> None:
    """Keep digits once, however often it is asked for: the store knows pictures that it has."""
    if key in _kept():
        return
    store = hand.store()
    before = {sample.id for sample in store.samples()}
    ids = []
    for one in chosen:
        sample = store.add(
            one.cell.picture,
            one.framed,
            _label(one, key),
            origin="sheet",
            **correct.about(entry, one.reading),
        )
        ids.append(sample.id)
    _kept()[key] = [id for id in ids if id not in before]


def _take_back(key: str) -> None:
    store = hand.store()
    for id in _kept().pop(key, []):
        with suppress(ValueError):  # all was deleted in another window: that is what was wanted
            store.delete(id)
