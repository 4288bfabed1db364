"""Writing on paper: a sheet to print, a photo of it filled in, a look at what is doubtful, and keeping it."""

import hashlib

import streamlit as st

from digit_ui import loading, sheet_review, shelf
from digit_ui.sidebar import Choices
from digit_ui.sources import LARGEST_PICTURE
from digits import paper_sheets
from digits.paper_sheets import Filled
from digits.picture.decode import open_picture
from digits.picture.sheet import LAYOUTS

KINDS = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp"]
HINT = "👋 Write as many digits as you like: empty boxes do no harm. Then show me the sheet here."


def sheet_ui(choices: Choices) -> None:
    """Show the sheet to print, then what was found on a photo of it, until it is kept."""
    st.markdown("**1. Print a sheet and fill it in**")
    with st.container(horizontal=True, key="sheet_print"):
        for paper, layout in LAYOUTS.items():
            st.download_button(
                f"Sheet for {paper} paper",
                lambda layout=layout: paper_sheets.sheet_pdf(layout),
                f"digits-{paper}.pdf",
                "application/pdf",
                key=f"sheet_{paper}",
                on_click="ignore",
                icon="🖨️",
            )
    st.markdown("**2. Photograph it**")
    file = _photo_ui()
    if file is None:
        st.info(HINT)
        return
    key = hashlib.sha1(file.getvalue()).hexdigest()
    filled = _filled(choices, file, key)
    if filled:
        st.markdown("**3. Look it through, and keep it**")
        sheet_review.review_ui(choices.model, filled, key)


def _photo_ui():
    source = st.segmented_control(
        "Where the photo comes from",
        ["Upload", "Camera"],
        default="Upload",
        required=True,
        key="sheet_source",
        label_visibility="collapsed",
    )
    if source == "Camera":
        return st.camera_input("The whole sheet, as large as it goes", resolution="1080p", key="sheet_camera")
    return st.file_uploader(
        "A photo of the whole sheet, with all four corner marks",
        KINDS,
        max_upload_size=LARGEST_PICTURE,
        key="sheet_file",
    )


def _filled(choices: Choices, file, key: str) -> Filled | None:
    """Return what is on a photo, read once for all reruns; None after showing why that cannot be."""
    reader = loading.recognizer(choices.model, choices.thresholds)
    if reader is None:
        return None
    asked = key, reader.name, shelf.stamp(choices.model.path), repr(choices.thresholds)
    known, filled = st.session_state.get("sheet_read", (None, None))
    if known != asked:
        try:
            with st.spinner("Looking for the sheet …"):
                filled = paper_sheets.read_sheet(open_picture(file), reader)
        except ValueError as error:
            st.error(str(error))
            return None
        st.session_state["sheet_read"] = asked, filled
    return filled
