"""The digits of a hand as a .zip archive, in and out; and how to delete all of them."""

import re
from collections.abc import Callable
from pathlib import PurePath

import streamlit as st

from app.shared import hand, icons, widgets
from app.shared.widgets import as_text
from digits.data.collection.archive import Imported, export_zip, import_hand, import_zip
from digits.data.collection.hands import Hands
from digits.data.collection.store import Store

MOST_REASONS = 5
INTO = ("Into this hand", "As a new hand")
WHAT = (
    "A .zip with the folders 0 to 9 and pictures of one digit each in them: one that was exported here, or "
    "of your own making."
)


def import_ui(store: Store) -> None:
    """Draw where archives are brought in, each once, and say what came of the last."""
    with st.expander("Bring in digits from a .zip", icon=icons.UPLOAD):
        whose = widgets.switch_ui("Whose digits they are", INTO, "import_into", keep=False)
        key = f"import_zip_{st.session_state.get('emptied', 0)}"
        file = st.file_uploader(WHAT, type="zip", key=key)
        if file is None:
            return
        done = st.session_state.setdefault("imported", {})
        if file.file_id not in done:
            bar = st.progress(0.0, "Looking through the archive …")
            try:
                done[file.file_id] = _bring(
                    store, file, whose, lambda share: bar.progress(share, "Reading …")
                )
            except ValueError as error:
                done[file.file_id] = f"Nothing was taken over. {error}"
            bar.empty()
            if whose != INTO[0]:
                st.rerun()  # of the whole page: another hand is chosen
        _outcome_ui(done[file.file_id])


def _bring(store: Store, file, whose: str, progress: Callable[[float], object]) -> Imported:
    if whose == INTO[0]:
        return import_zip(store, file, progress)
    new, outcome = import_hand(Hands(), file, PurePath(file.name).stem, progress)
    hand.choose(new.hand)
    return outcome


def _outcome_ui(outcome: Imported | str) -> None:
    if isinstance(outcome, str):
        st.error(as_text(outcome))
        return
    if outcome.stopped:
        st.error(
            f"It ended early: {as_text(outcome.stopped)} Bring the archive in again for the rest; what is "
            "here already is not added twice."
        )
    known = f" Here already: {outcome.known:,}." if outcome.known else ""
    st.success(f"Added: {hand.number_of(outcome.added)}.{known}")
    for reason in outcome.skipped[:MOST_REASONS]:
        st.caption(as_text(reason))
    if len(outcome.skipped) > MOST_REASONS:
        st.caption(f"And {len(outcome.skipped) - MOST_REASONS:,} more.")


def export_ui(store: Store, number: int) -> None:
    """Draw what can be done with all samples, if there are any."""
    if not number:
        return
    with st.container(horizontal=True, key="all_digits_ui"):
        st.download_button(
            "Export all (.zip)",
            lambda: export_zip(store),
            f"{_name(store)}.zip",
            "application/zip",
            key="export_zip",
            icon=icons.DOWNLOAD,
            on_click="ignore",
        )
        with st.popover("Delete all …", icon=icons.DELETE):
            st.write(
                f"Delete {hand.number_of(number)} with all pictures? There is no way back. "
                "Copies that a fine-tuning learns from go when it is decided on."
            )
            st.button(f"Delete {hand.number_of(number)} for good", key="delete_all", on_click=_delete_all)


def _name(store: Store) -> str:
    """Return the name of a hand as that of a file."""
    return re.sub(r"[^\w-]+", "_", Hands().names().get(store.hand, "")).strip("_").lower() or "digits"


def _delete_all() -> None:
    """Delete all of the hand, and forget what this visit said of it; an archive in the uploader goes too."""
    hand.store().delete_all()
    # Another key is a new, empty uploader: the old one would bring all in again at once.
    st.session_state["emptied"] = st.session_state.get("emptied", 0) + 1
    for name in ("deleted_digits", "imported", "sheets_kept", "guided_round"):
        st.session_state.pop(name, None)
